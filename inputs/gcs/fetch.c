/*
 * fetch.c: collects one bounded reply. Thread: the instance's.
 */
#include "fetch.h"

void fetch_init(struct fetch *f, const struct heap *h, size_t body_max)
{
    *f = (struct fetch){.heap = h, .retry_after_ms = -1};
    text_init(&f->body, h, body_max);
}

static void fetch_close(struct fetch *f)
{
    if (f->transfer != NULL) {
        f->heap->host->http_close(f->transfer);
        f->transfer = NULL;
    }
}

void fetch_done(struct fetch *f)
{
    if (f->heap != NULL) {
        fetch_close(f);
        text_done(&f->body);
    }
}

int fetch_start(struct fetch *f, struct cxd_client *client, const struct cxd_request *request,
                struct cxd_error *err)
{
    fetch_close(f);
    text_clear(&f->body);
    f->http_status = 0;
    f->retry_after_ms = -1;
    return f->heap->host->http_start(client, request, &f->transfer, err);
}

int64_t fetch_retry_after(const struct heap *h, struct cxd_transfer *t)
{
    const char *value = h->host->http_header(t, "Retry-After");

    return value != NULL ? h->host->http_retry_after(h->self, value) : -1;
}

int fetch_step(struct fetch *f, struct cxd_error *err)
{
    struct cxd_bytes piece = {NULL, 0};
    int status;

    while ((status = f->heap->host->http_read(f->transfer, &piece, err)) == 0) {
        text_add(&f->body, piece.ptr, piece.len);
        if (f->body.status != 0) {
            status =
                cxd_error_set(err, f->body.status, "reply is larger than %zu bytes", f->body.max);
            break;
        }
    }
    if (status == CXD_AGAIN) {
        return status;
    }
    f->http_status = f->heap->host->http_status(f->transfer);
    f->retry_after_ms = fetch_retry_after(f->heap, f->transfer);
    fetch_close(f);
    return status == CXD_END ? 0 : status;
}
