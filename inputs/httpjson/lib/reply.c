/* reply.c: see the header. Thread: the instance's. */
#include "lib/reply.h"

#include <strings.h>

#define REPLY_PIECE 65536u

void reply_init(struct reply *f, const struct heap *h, size_t body_max)
{
    *f = (struct reply){.heap = h, .retry_after_ms = -1};
    text_init(&f->body, h, body_max);
}

void reply_close(struct reply *f)
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

void reply_done(struct reply *f)
{
    if (f->heap != NULL) {
        reply_close(f);
        text_done(&f->body);
    }
}

int reply_start(struct reply *f, struct cxd_client *client, const struct cxd_request *request,
                struct cxd_error *err)
{
    reply_close(f);
    text_clear(&f->body);
    f->http_status = 0;
    f->retry_after_ms = -1;
    f->head_seen = false;
    f->gzip_end = false;
    return f->heap->host->http_start(client, request, &f->transfer, err);
}

const char *reply_header(const struct reply *f, const char *name)
{
    return f->transfer != NULL ? f->heap->host->http_header(f->transfer, name) : NULL;
}

static int reply_head(struct reply *f, struct cxd_error *err)
{
    const struct cxd_host *host = f->heap->host;
    const char *encoding;
    const char *after;

    f->http_status = host->http_status(f->transfer);
    if (f->head_seen || f->http_status == 0) {
        return 0;
    }
    f->head_seen = true;
    after = reply_header(f, "Retry-After");
    f->retry_after_ms = after != NULL ? host->http_retry_after(f->heap->self, after) : -1;
    encoding = reply_header(f, "Content-Encoding");
    if (encoding == NULL || strcasecmp(encoding, "identity") == 0) {
        return 0;
    }
    if (strcasecmp(encoding, "gzip") != 0 && strcasecmp(encoding, "x-gzip") != 0) {
        return cxd_error_set(err, CXD_PROTOCOL, "reply comes in an encoding we did not ask for");
    }
    return host->gzip_new(f->heap->self, -1, &f->gzip, err);
}

static int reply_gunzip(struct reply *f, struct cxd_bytes piece, struct cxd_error *err)
{
    char out[REPLY_PIECE];
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

static int reply_take(struct reply *f, struct cxd_bytes piece, struct cxd_error *err)
{
    int status = 0;

    if (f->gzip != NULL) {
        status = reply_gunzip(f, piece, err);
    } else {
        text_add(&f->body, piece.ptr, piece.len);
    }
    if (status == 0 && f->body.status != 0) {
        status = f->body.status == CXD_TOO_LARGE
                     ? cxd_error_set(err, CXD_TOO_LARGE, "reply is larger than %zu bytes",
                                     f->body.max)
                     : cxd_error_set(err, f->body.status, "reply: out of memory");
    }
    return status;
}

int reply_step(struct reply *f, struct cxd_error *err)
{
    const struct cxd_host *host = f->heap->host;
    struct cxd_bytes piece = {NULL, 0};
    int status;

    while ((status = host->http_read(f->transfer, &piece, err)) == 0) {
        status = reply_head(f, err);
        status = status < 0 ? status : reply_take(f, piece, err);
        if (status < 0) {
            break;
        }
    }
    if (status == CXD_AGAIN) {
        return status;
    }
    if (status == CXD_END) {
        status = reply_head(f, err);
        if (status == 0 && f->gzip != NULL && !f->gzip_end && f->body.len > 0) {
            status = cxd_error_set(err, CXD_TRUNCATED, "gzipped reply ends early");
        }
    }
    if (status < 0) {
        reply_close(f);
    }
    return status;
}
