/*
 * condition.h: whether an event is of a kind: field tests joined by and, or, not. Made once when a chain is built, tested once an
 * event, on the input's thread. Knows fields and values; no policy text.
 */
#pragma once

#include "cxd/event.h"
#include "cxd/host.h"

#include <stdbool.h>

#define CONDITION_DEPTH_MAX 16
#define CONDITION_PARTS_MAX 32 /* of one field's name */

enum condition_kind {
    CONDITION_AND, /* of nothing: true */
    CONDITION_OR,
    CONDITION_NOT, /* none of its members holds */
    CONDITION_EQUALS,
    CONDITION_CONTAINS,
    CONDITION_REGEXP,
    CONDITION_RANGE,
    CONDITION_NETWORK,
    CONDITION_HAS_FIELD
};

/* A dotted name. "a.b.c" is found as {a: {b: {c: ..}}}, {"a.b.c": ..} and what lies between; the longest key wins. */
struct condition_field {
    uint32_t count;
    struct cxd_bytes parts[CONDITION_PARTS_MAX]; /* each as it stands in JSON */
    struct cxd_bytes rests[CONDITION_PARTS_MAX]; /* from that part to the end */
};

enum condition_bound { BOUND_GTE = 1, BOUND_GT = 2, BOUND_LTE = 4, BOUND_LT = 8 };

/* Addresses of one family (or, bits 0, of both): those that begin as this one does. */
struct condition_net {
    struct condition_net *next;
    unsigned char address[16]; /* IPv4 mapped into IPv6 */
    unsigned bits;             /* of 128 */
    bool is_not;               /* the addresses outside */
};

struct condition {
    struct condition *next;  /* sibling */
    struct condition *first; /* members of AND, OR, NOT */
    enum condition_kind kind;
    struct condition_field *field;
    struct cxd_bytes text;      /* EQUALS, CONTAINS: plain; a number's digits */
    uint8_t value_kind;         /* EQUALS: enum cxd_kind */
    unsigned bounds;            /* RANGE: enum condition_bound */
    double low;                 /* RANGE; EQUALS a number */
    double high;                /* RANGE */
    struct condition_net *nets; /* NETWORK: one of them, and none of those that are not */
    struct cxd_regex *regex;
    struct condition *with_regex; /* the pool's list */
};

/* Where conditions live. */
struct condition_pool;

int condition_pool_new(const struct cxd_host *host, struct condition_pool **ret_pool);
/* Zeroed memory of the pool, or NULL. */
void *condition_alloc(struct condition_pool *pool, size_t size);
/* NULL: no memory. */
struct condition *condition_new(struct condition_pool *pool, enum condition_kind kind);
/* CXD_CONFIG: empty, an empty part, or too many; CXD_NOMEM. */
int condition_field_set(struct condition_pool *pool, struct condition *c, const char *name,
                        struct cxd_error *err);
/* Copies text. CXD_CONFIG for a bad pattern. */
int condition_regex_set(struct condition_pool *pool, struct condition *c, const char *pattern,
                        struct cxd_error *err);
/* Adds a name (private, loopback, ..), an address or ADDRESS/BITS. CXD_CONFIG. */
int condition_net_add(struct condition_pool *pool, struct condition *c, const char *text,
                      struct cxd_error *err);
void condition_pool_free(struct condition_pool *pool); /* accepts NULL */

/* 1, 0, or negative: no memory, or a regular expression's limit. */
int condition_test(const struct condition_pool *pool, const struct condition *c,
                   struct cxd_event *ev);
