/*
 * fetch.h: a small request whose whole reply is collected: list pages and tokens.
 *
 * Never waits: fetch_step takes what is there. One owner, one thread.
 */
#pragma once

#include "lib/heap.h"

struct fetch {
    const struct heap *heap; /* borrowed */
    struct cxd_transfer *transfer;
    struct text body;
    int http_status;        /* after fetch_step gave 0 */
    int64_t retry_after_ms; /* -1: not said */
};

void fetch_init(struct fetch *f, const struct heap *h, size_t body_max);
void fetch_done(struct fetch *f);
static inline bool fetch_is_running(const struct fetch *f)
{
    return f->transfer != NULL;
}
int fetch_start(struct fetch *f, struct cxd_client *client, const struct cxd_request *request,
                struct cxd_error *err);
/* 0: the reply is whole and the transfer closed; CXD_AGAIN; or the failure (closed as well). */
int fetch_step(struct fetch *f, struct cxd_error *err);

/* What the Retry-After of a reply asks for; -1: nothing. */
int64_t fetch_retry_after(const struct heap *h, struct cxd_transfer *t);
