/*
 * value.h: what a template computes with. Values are small and copied; what they point to is borrowed, from the page, the
 * compiled template or the run's scratch region.
 */
#pragma once

#include "lib/tree.h"
#include "template/gotime.h"

enum value_kind {
    VALUE_NONE, /* nothing: null, or not there */
    VALUE_BOOL,
    VALUE_INT,
    VALUE_FLOAT,
    VALUE_NUMBER, /* JSON's, by its text */
    VALUE_STRING,
    VALUE_TREE,   /* a JSON list or object */
    VALUE_LIST,   /* values side by side */
    VALUE_RECORD, /* names and values, fixed by the program */
    VALUE_MULTI,  /* a name may have several texts: headers, query parameters */
    VALUE_URL,
    VALUE_TIME,
    VALUE_DURATION,
    VALUE_MONTH,
    VALUE_WEEKDAY
};

/* How an integer is called where Go shows types. */
enum value_int_type { VALUE_INT_PLAIN, VALUE_INT_64, VALUE_INT_32, VALUE_INT_8 };

struct value_list;
struct value_record;
struct multi;

struct value {
    uint8_t kind; /* enum value_kind */
    uint8_t type; /* enum value_int_type */
    union {
        bool flag;
        int64_t number; /* INT, DURATION (ns), MONTH, WEEKDAY */
        double real;
        struct cxd_bytes bytes; /* NUMBER, STRING, URL */
        struct tree *tree;
        const struct value_list *list;
        const struct value_record *record;
        const struct multi *multi;
        struct gotime time;
    };
};

struct value_list {
    size_t count;
    struct value items[];
};

struct value_field {
    struct cxd_bytes name;
    struct value value;
};
struct value_record {
    size_t count;
    struct value_field fields[];
};

/* One text of a name, in the order of arrival. */
struct multi_entry {
    struct multi_entry *next;
    struct cxd_bytes name;
    struct cxd_bytes value;
};
struct multi {
    struct multi_entry *first;
    bool is_header; /* names without regard to letter case, shown as Canonical-Case */
};

static inline struct value value_none(void)
{
    return (struct value){.kind = VALUE_NONE};
}
static inline struct value value_bool(bool flag)
{
    return (struct value){.kind = VALUE_BOOL, .flag = flag};
}
static inline struct value value_int(int64_t number)
{
    return (struct value){.kind = VALUE_INT, .number = number};
}
static inline struct value value_int64(int64_t number)
{
    return (struct value){.kind = VALUE_INT, .type = VALUE_INT_64, .number = number};
}
static inline struct value value_string(struct cxd_bytes bytes)
{
    return (struct value){.kind = VALUE_STRING, .bytes = bytes};
}
/* A node's value; scalars are taken out of the tree, strings decoded. */
struct value value_of_tree(struct region *r, struct tree *node);

bool value_is_true(struct region *r, const struct value *v);
/* Go's name of the type: "int", "map[string]interface {}". Static. */
const char *value_type(const struct value *v);
/* An integer: INT and its like, and a NUMBER that is whole. */
bool value_as_int(const struct value *v, int64_t *ret);
/* INT, FLOAT or NUMBER as a double. */
bool value_as_real(const struct value *v, double *ret);
/* True: no fraction and within int64. */
bool value_is_whole(const struct value *v);

/* Members. *ret is NONE and the result false when there is none of that name. */
bool value_member(struct region *r, const struct value *v, struct cxd_bytes name,
                  struct value *ret);
/* Of strings bytes, of containers members; -1: has no length. */
int64_t value_len(struct region *r, const struct value *v);
/* All texts of a name as a list value, in region r. NONE without memory; false when there are none. */
bool multi_all(struct region *r, const struct multi *m, struct cxd_bytes name, struct value *ret);
/* First text of a name; {NULL,0}: none. */
struct cxd_bytes multi_get(const struct multi *m, struct cxd_bytes name);
/* Names in byte order, each once, as a list of strings. */
struct value multi_names(struct region *r, const struct multi *m);
/* Appends one text. False: no memory. Texts are borrowed. */
bool multi_add(struct region *r, struct multi *m, struct cxd_bytes name, struct cxd_bytes value);
void multi_remove(struct multi *m, struct cxd_bytes name);
bool multi_name_is(const struct multi *m, struct cxd_bytes left, struct cxd_bytes right);
