#pragma once
/*
 * What there is to ask for: one set of rows for each kind of the tenant's data, with the fields that the vendor lets clients
 * filter and sort by, and how a row is written. Constant tables; any thread.
 */
#include <stdbool.h>

#include "buffer.h"
#include "cortex_shape.h"

enum { CORTEX_TEXTS_MAX = 4, CORTEX_TEXT_MAX = 256, CORTEX_ID_BYTES = 64 };

enum cortex_operator {
    CORTEX_GTE = 1,
    CORTEX_LTE = 2,
    CORTEX_IN = 4,
    CORTEX_EQ = 8,
    CORTEX_NEQ = 16,
    CORTEX_CONTAINS = 32,
    CORTEX_BOUNDS = CORTEX_GTE | CORTEX_LTE,
};

/* One row at one time. */
struct cortex_row {
    const struct cortex_shape *shape;
    uint64_t number;
    int64_t now_ms;
};

struct cortex_value {
    int64_t rank; /* the number, or where a text sorts */
    unsigned count;
    char texts[CORTEX_TEXTS_MAX][CORTEX_TEXT_MAX];
};

struct cortex_field {
    const char *name;
    unsigned operators; /* 0: only for sorting */
    bool sorts;
    bool is_number;
    void (*get)(const struct cortex_row *row, struct cortex_value *ret_value);
};

/* How a row is written: not every set has more than one form. */
enum cortex_form { CORTEX_FORM_V1, CORTEX_FORM_V2, CORTEX_FORM_EXTRA, CORTEX_FORM_LIGHT };

struct cortex_set {
    const char *name;
    const char *list; /* the member of the reply that holds the rows */
    enum cortex_kind kind;
    const char *sort; /* a field; descending when the client says nothing */
    const struct cortex_field *fields;
    unsigned field_count;
    void (*write)(const struct cortex_row *row, enum cortex_form form, struct buffer *out);
    void (*id)(const struct cortex_row *row, char out[CORTEX_ID_BYTES]);
};

extern const struct cortex_set cortex_alert_set;
extern const struct cortex_set cortex_incident_set;
extern const struct cortex_set cortex_audit_set;
extern const struct cortex_set cortex_report_set;
extern const struct cortex_set cortex_endpoint_set;

/* By kind. */
const struct cortex_set *cortex_set_of(enum cortex_kind kind);
/* For a field's get: a value of one number, or of one text that sorts by its beginning. */
void cortex_value_number(struct cortex_value *value, int64_t number);
void cortex_value_text(struct cortex_value *value, const char *text);
