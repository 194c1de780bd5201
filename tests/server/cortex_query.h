#pragma once
/*
 * A request_data object: read and checked against what a set can be asked for, then carried out on the rows that are there
 * at one moment. One request, one thread.
 */
#include <json-c/json.h>

#include "cortex_set.h"

enum {
    CORTEX_FILTERS_MAX = 32,
    CORTEX_WORDS_MAX = 1000,   /* of one "in" */
    CORTEX_PAGE_ROWS = 100,    /* the vendor's */
    CORTEX_TOTAL_MAX = 9999,   /* where total_count stops */
    CORTEX_REFUSAL_BYTES = 400 /* JSON text */
};

struct cortex_filter {
    const struct cortex_field *field;
    enum cortex_operator op;
    int64_t number;             /* of gte and lte */
    struct json_object *values; /* of the others: a string, or a list; the request's */
};

struct cortex_query {
    const struct cortex_set *set;
    unsigned filter_count;
    struct cortex_filter filters[CORTEX_FILTERS_MAX];
    const struct cortex_field *sort;
    bool ascending;
    uint64_t from, to;
};

struct cortex_page {
    uint64_t total; /* rows that fit, without paging */
    unsigned count;
    uint64_t numbers[CORTEX_PAGE_ROWS];
};

/* What the vendor answers to a query that it does not understand. */
struct cortex_refusal {
    unsigned status;
    char extra[CORTEX_REFUSAL_BYTES]; /* err_extra, as JSON */
};

/* Borrows data until the query was run. False: refused. */
bool cortex_query_read(struct cortex_query *query, const struct cortex_set *set,
                       struct json_object *data, struct cortex_refusal *ret_refusal);
bool cortex_query_fits(const struct cortex_query *query, const struct cortex_row *row);
/* False without memory. */
bool cortex_query_run(const struct cortex_query *query, const struct cortex_shape *shape,
                      int64_t now_ms, struct cortex_page *ret_page);
/* The whole reply of a page: {"reply":{...}}. Of moment, the number is not looked at. */
void cortex_query_write(const struct cortex_query *query, const struct cortex_page *page,
                        const struct cortex_row *moment, enum cortex_form form, struct buffer *out);
