/* list.h: one page of a listing, read. Pure: bytes in, objects out. */
#pragma once

#include "lib/heap.h"

struct json_object;

#define LIST_NAME_MAX 1024           /* bytes of an object name, Cloud Storage's own limit */
#define LIST_PAGE_MAX (16u << 20)    /* bytes of one reply */
#define LIST_TIME_UNKNOWN UINT32_MAX /* created_s of an object without a time */

/* One object as listed. Texts are borrowed from the page. */
struct object {
    struct cxd_bytes name;
    struct cxd_bytes content_type;     /* empty: none */
    struct cxd_bytes content_encoding; /* empty: none */
    int64_t generation;
    int64_t size;       /* bytes; -1: not said */
    int64_t updated_ms; /* since 1970; -1: not said */
    uint32_t created_s; /* when this generation came to be; LIST_TIME_UNKNOWN: not said */
};

struct list_page {
    struct json_object *tree; /* owned */
    struct json_object *items;
    size_t count;
    struct cxd_bytes next_token; /* empty: this was the last page */
};

/* CXD_PROTOCOL, CXD_TOO_LARGE or CXD_NOMEM. Done with list_page_done, which accepts a zeroed page. */
int list_parse(struct cxd_bytes reply, struct list_page *ret_page, struct cxd_error *err);
int list_object(const struct list_page *page, size_t index, struct object *ret_object,
                struct cxd_error *err);
void list_page_done(struct list_page *page);

/* The `reason` of an error reply ("rateLimitExceeded"), or "" when it has none. */
void list_error_reason(struct cxd_bytes reply, char *out, size_t room);

/* JSON text with limits: NULL when it is not one whole value or nested deeper than 32. secret: the parser's own copies of
 * strings are overwritten; the tree's are the caller's to wipe. */
struct json_object *list_tree(struct cxd_bytes text, bool secret);
