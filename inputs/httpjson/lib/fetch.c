/* fetch.c: see the header. Thread: the instance's. */
#include "lib/fetch.h"

#include <strings.h>

#define FETCH_PIECE 65536u

void fetch_init(struct fetch *f, const struct heap *h, size_t body_max)
{
    *f = (struct fetch){.heap = h, .retry_after_ms = -1};
    text_init(&f->body, h, body_max);
}

void fetch_close(struct fetch *f)
{
    if (f->transfer != NULL) {
        f->heap->host->http_close(f->transfer);
        f->transfer = NULL;
    }
    if (f->gzip != NULL) {
        f->heap->host->gzip_free(f->gzip);
        f->gzip = NULL;
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
    f->head_seen = false;
    f->gzip_end = false;
    return f->heap->host->http_start(client, request, &f->transfer, err);
}

const char *fetch_header(const struct fetch *f, const char *name)
{
    return f->transfer != NULL ? f->heap->host->http_header(f->transfer, name) : NULL;
}

static int fetch_head(struct fetch *f, struct cxd_error *err)
{
    const struct cxd_host *host = f->heap->host;
    const char *encoding;
    const char *after;

    f->http_status = host->http_status(f->transfer);
    if (f->head_seen || f->http_status == 0) {
        return 0;
    }
    f->head_seen = true;
    after = fetch_header(f, "Retry-After");
    f->retry_after_ms = after != NULL ? host->http_retry_after(f->heap->self, after) : -1;
    encoding = fetch_header(f, "Content-Encoding");
    if (encoding == NULL || strcasecmp(encoding, "identity") == 0) {
        return 0;
    }
    if (strcasecmp(encoding, "gzip") != 0 && strcasecmp(encoding, "x-gzip") != 0) {
        return cxd_error_set(err, CXD_PROTOCOL, "reply comes in an encoding we did not ask for");
    }
    return host->gzip_new(f->heap->self, -1, &f->gzip, err);
}

static int fetch_gunzip(struct fetch *f, struct cxd_bytes piece, struct cxd_error *err)
{
    char out[FETCH_PIECE];
    int status = 0;

    while (piece.len > 0 && !f->gzip_end && f->body.status == 0) {
        size_t len = 0;

        status = f->heap->host->gzip_step(f->gzip, &piece, out, sizeof out, &len, 0, err);
        if (status < 0 && status != CXD_END) {
            return status;
        }
        text_add(&f->body, out, len);
        f->gzip_end = status == CXD_END;
    }
    return 0;
}

static int fetch_take(struct fetch *f, struct cxd_bytes piece, struct cxd_error *err)
{
    int status = 0;

    if (f->gzip != NULL) {
        status = fetch_gunzip(f, piece, err);
    } else {
        text_add(&f->body, piece.ptr, piece.len);
    }
    if (status == 0 && f->body.status != 0) {
        status =
            f->body.status == CXD_TOO_LARGE
                ? cxd_error_set(err, CXD_TOO_LARGE, "reply is larger than %zu bytes", f->body.max)
                : cxd_error_set(err, f->body.status, "reply: out of memory");
    }
    return status;
}

int fetch_step(struct fetch *f, struct cxd_error *err)
{
    const struct cxd_host *host = f->heap->host;
    struct cxd_bytes piece = {NULL, 0};
    int status;

    while ((status = host->http_read(f->transfer, &piece, err)) == 0) {
        status = fetch_head(f, err);
        status = status < 0 ? status : fetch_take(f, piece, err);
        if (status < 0) {
            break;
        }
    }
    if (status == CXD_AGAIN) {
        return status;
    }
    if (status == CXD_END) {
        status = fetch_head(f, err);
        if (status == 0 && f->gzip != NULL && !f->gzip_end && f->body.len > 0) {
            status = cxd_error_set(err, CXD_TRUNCATED, "gzipped reply ends early");
        }
    }
    if (status < 0) {
        fetch_close(f);
    }
    return status;
}
