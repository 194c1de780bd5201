/*
 * context.h: what templates see: the message being made, replies, events, cursor. Trees of all of them are made anew, lazily,
 * in the region of the reply that is being worked on, so that they end together.
 */
#pragma once

#include "config.h"
#include "template/query.h"

#define CONTEXT_USER_AGENT "cortexd"

/* A reply, decoded to JSON. Owner: its level. */
struct page {
    struct text body; /* JSON text, ends with NUL; empty: no body */
    struct region region;
    struct multi headers;
    struct cxd_bytes url;
    int64_t number; /* of the page, from 0 */
    bool is_set;
};

/* A page and its tree in the context's region. */
struct view {
    const struct page *page; /* NULL: there is none */
    struct tree *tree;       /* NULL: not made yet, or no body */
};

/* A request or an element of a reply under transforms. In the context's region. */
struct message {
    struct tree *body; /* NULL: none yet */
    struct multi headers;
    struct cxd_bytes url; /* without its query */
    struct multi params;
    bool url_missing; /* a transform wanted to set the URL and had no value: pagination ends */
};

struct context {
    const struct heap *heap;
    const struct config *config;
    struct region *nodes; /* of the reply being worked on */
    struct region scratch;
    struct text value; /* the last template's result */
    struct view last, first, parent;
    struct text first_event, last_event, cursor; /* JSON; empty: none */
    struct tree *first_event_tree, *last_event_tree, *cursor_tree;
};

void context_init(struct context *c, const struct heap *h, const struct config *config);
void context_done(struct context *c);
/* From now on trees are made in `nodes`; all earlier ones are forgotten. */
void context_enter(struct context *c, struct region *nodes);
/* The body of a view as a tree; NULL: none, or no memory. */
struct tree *context_body(struct context *c, struct view *view);

/*
 * Evaluates value, then otherwise (which sees no state). message may be NULL. *ret is valid until the next call.
 * 0: *ret is not empty. CXD_END: terminated, or no template at all. CXD_NOT_FOUND: empty or "<no value>". CXD_MALFORMED: failed.
 * CXD_TOO_LARGE, CXD_TOO_DEEP, CXD_TIMEOUT: a limit. CXD_NOMEM.
 */
int context_value(struct context *c, const struct message *message,
                  const struct config_value *value, struct cxd_bytes *ret, struct cxd_error *err);
/* True for a failure that no default and no leniency covers. */
bool context_is_fatal(int status);

/* transform.c. 0; or the first failure that must not be: CXD_NOT_FOUND, CXD_MALFORMED, or a fatal one. */
int transform_run(struct context *c, const struct transform *first, struct message *message,
                  struct cxd_error *err);

void page_init(struct page *p, const struct heap *h, size_t body_max);
void page_clear(struct page *p);
void page_done(struct page *p);
