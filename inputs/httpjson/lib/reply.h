/*
 * reply.h: one request under way and its whole reply, gunzipped when it came gzipped. Never waits.
 */
#pragma once

#include "lib/heap.h"

struct reply {
    const struct heap *heap; /* borrowed */
    struct cxd_transfer *transfer;
    struct cxd_gzip *gzip;
    struct text body;
    int http_status;
    int64_t retry_after_ms; /* -1: not said */
    bool head_seen;
    bool gzip_end;
};

void reply_init(struct reply *f, const struct heap *h, size_t body_max);
void reply_done(struct reply *f);
static inline bool reply_is_running(const struct reply *f)
{
    return f->transfer != NULL;
}
int reply_start(struct reply *f, struct cxd_client *client, const struct cxd_request *request,
                struct cxd_error *err);
/*
 * 0: the reply is whole; the transfer stays open for its headers until reply_close. CXD_AGAIN. Or the failure (closed):
 * CXD_TOO_LARGE beyond body_max.
 */
int reply_step(struct reply *f, struct cxd_error *err);
const char *reply_header(const struct reply *f, const char *name); /* NULL: absent */
void reply_close(struct reply *f);
