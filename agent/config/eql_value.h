/* eql_value.h: values of conditions and what can be done with them, for eql.c. Values live in the arena of the test. */
#pragma once

#include "config/conf.h"
#include "cxd/status.h"

#include <stdbool.h>
#include <stddef.h>

enum eql_kind { EQL_NULL, EQL_BOOL, EQL_NUMBER, EQL_TEXT, EQL_LIST, EQL_MAP };

struct eql_value {
    struct eql_value *next;  /* in a list or map, and among arguments */
    struct eql_value *first; /* of a list or map */
    const char *key;         /* in a map */
    const char *text;        /* ends with NUL */
    size_t len;
    double number;
    enum eql_kind kind;
    bool is_true;
};

struct eql {
    const char *start;
    const char *at;
    const char *end;
    struct arena *arena;
    struct cxd_error *err;
    int depth;
    int steps;
};

/* Sets the error with the place in the text; returns status. */
__attribute__((format(printf, 3, 4))) int eql_fail(struct eql *e, int status, const char *format,
                                                   ...);
/* NULL: no memory, or too many values; the error is set. */
struct eql_value *eql_new(struct eql *e, enum eql_kind kind);
struct eql_value *eql_text(struct eql *e, const char *ptr, size_t len);
/* A piece of a policy's tree as a value. Values are counted, depth is the tree's. CXD_NOMEM, CXD_TOO_LARGE. */
int eql_node(struct eql *e, const struct conf *node, struct eql_value **ret_value);
const char *eql_kind_name(enum eql_kind kind);
size_t eql_count(const struct eql_value *first);
const struct eql_value *eql_member(const struct eql_value *map, const char *key); /* or NULL */
bool eql_is_same(const struct eql_value *a, const struct eql_value *b, int depth);
/* op: + - * / % */
int eql_calculate(struct eql *e, char op, const struct eql_value *a, const struct eql_value *b,
                  struct eql_value **ret_value);
int eql_bool(struct eql *e, bool is_true, struct eql_value **ret_value);
/* sign: of == != <= >= < > by number, from 0 */
int eql_compare(struct eql *e, int sign, const struct eql_value *a, const struct eql_value *b,
                struct eql_value **ret_value);
/* A function with its arguments. CXD_CONFIG: there is none of that name, or its arguments are wrong. */
int eql_call(struct eql *e, const char *name, size_t len, const struct eql_value *args,
             struct eql_value **ret_value);
