/*
 * fetch.h: one request under way and its whole reply, gunzipped when it came gzipped. Never waits.
 */
#pragma once

#include "lib/heap.h"

struct fetch {
    const struct heap *heap; /* borrowed */
    struct cxd_transfer *transfer;
    struct cxd_gzip *gzip;
    struct text body;
    int http_status;
    int64_t retry_after_ms; /* -1: not said */
    bool head_seen;
    bool gzip_end;
};

void fetch_init(struct fetch *f, const struct heap *h, size_t body_max);
void fetch_done(struct fetch *f);
static inline bool fetch_is_running(const struct fetch *f)
{
    return f->transfer != NULL;
}
int fetch_start(struct fetch *f, struct cxd_client *client, const struct cxd_request *request,
                struct cxd_error *err);
/*
 * 0: the reply is whole; the transfer stays open for its headers until fetch_close. CXD_AGAIN. Or the failure (closed):
 * CXD_TOO_LARGE beyond body_max.
 */
int fetch_step(struct fetch *f, struct cxd_error *err);
const char *fetch_header(const struct fetch *f, const char *name); /* NULL: absent */
void fetch_close(struct fetch *f);
