/* source_fetch.c: one HTTPS GET with If-None-Match, and the signature beside it. Limits: 4 MiB, 30 s, no redirect. */
#include "front/fleet/source_inner.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/redact.h"
#include "io/crypto.h"
#include "io/file.h"

#include <stdio.h>
#include <string.h>

#define FETCH_MS 30000
#define TOKEN_MAX 8192

static int authorize(const struct source *s, char out[TOKEN_MAX], struct cxd_error *err)
{
    const char *token = source_text(s, "token");
    const char *path = source_text(s, "token_file");
    _cleanup_(buf_done) struct buf text;
    int r = CXD_OK;

    buf_init(&text, TOKEN_MAX - 16);
    out[0] = '\0';
    if (path != NULL) {
        r = file_read(path, &text, NULL, err);
        while (r == CXD_OK && text.len > 0 && strchr("\r\n ", text.ptr[text.len - 1]) != NULL) {
            text.len--;
        }
        r = r != CXD_OK ? r : redact_add(text.ptr, text.len);
        if (r == CXD_OK) {
            (void)snprintf(out, TOKEN_MAX, "Bearer %.*s", (int)text.len, text.ptr);
        }
        crypto_wipe(text.ptr, text.cap);
    } else if (token != NULL) {
        (void)snprintf(out, TOKEN_MAX, "Bearer %s", token);
    }
    return r;
}

/* Everything that comes, up to out's limit. */
static int body_read(struct cxd_client *client, struct cxd_transfer *t, struct buf *out,
                     struct cxd_error *err)
{
    for (;;) {
        struct cxd_bytes piece = {NULL, 0};
        int r = http_read(t, &piece, err);
        if (r == CXD_END) {
            return CXD_OK;
        }
        if (r == CXD_AGAIN) {
            r = http_wait(client, 1000);
            if (r == CXD_STOPPED) {
                return cxd_error_set(err, r, "stopping");
            }
        } else if (r != CXD_OK) {
            return r;
        } else if (buf_add(out, piece.ptr, piece.len) != CXD_OK) {
            return cxd_error_set(err, CXD_TOO_LARGE, "larger than %zu bytes", out->limit);
        }
    }
}

static int status_judge(struct cxd_transfer *t, struct cxd_error *err)
{
    int status = http_status(t);
    const char *after = http_header(t, "Retry-After");

    if (status == 200 || status == 304) {
        return CXD_OK;
    }
    (void)cxd_error_set(err,
                        status == 401 || status == 403 ? CXD_AUTH
                        : status == 429                ? CXD_THROTTLED
                        : status >= 500 || status == 0 ? CXD_SERVER
                                                       : CXD_NOT_FOUND,
                        "the server answers %d", status);
    err->http_status = status;
    err->retry_after_ms = after != NULL ? http_retry_after(after, clock_wall_ms()) : -1;
    return err->status;
}

static int get(struct source *s, const char *url, const char *etag, struct buf *out,
               struct cxd_transfer **ret_transfer, struct cxd_error *err)
{
    char token[TOKEN_MAX];
    struct cxd_header headers[2];
    struct cxd_request request = {.size = sizeof request,
                                  .method = "GET",
                                  .url = url,
                                  .headers = headers,
                                  .timeout_ms = FETCH_MS};
    int r = authorize(s, token, err);

    if (token[0] != '\0') {
        headers[request.header_count++] =
            (struct cxd_header){.name = "Authorization", .value = token, .secret = 1};
    }
    if (etag[0] != '\0') {
        headers[request.header_count++] =
            (struct cxd_header){.name = "If-None-Match", .value = etag};
    }
    r = r != CXD_OK ? r : http_start(s->client, &request, ret_transfer, err);
    crypto_wipe(token, sizeof token);
    r = r != CXD_OK ? r : body_read(s->client, *ret_transfer, out, err);
    return r != CXD_OK ? r : status_judge(*ret_transfer, err);
}

/* One file; CXD_END: it has the tag that is known. */
static int tagged_get(struct source *s, const char *url, const char *known, struct buf *out,
                      char tag[TAG_MAX], struct cxd_error *err)
{
    struct cxd_transfer *t = NULL;
    int r = get(s, url, known, out, &t, err);
    const char *given = r == CXD_OK ? http_header(t, "ETag") : NULL;

    tag[0] = '\0';
    if (given != NULL && strlen(given) < TAG_MAX) {
        (void)snprintf(tag, TAG_MAX, "%s", given);
    }
    if (r == CXD_OK && http_status(t) == 304) {
        r = CXD_END;
    }
    http_close(t);
    return r;
}

static int signature_get(struct source *s, const char *known, struct source_item *item,
                         char tag[TAG_MAX], struct cxd_error *err)
{
    int r = tagged_get(s, s->sig_url, known, &item->signature, tag, err);

    return r == CXD_OK || r == CXD_END ? r : cxd_error_wrap(err, "its signature (.sig)");
}

/* Both files, once. CXD_END: neither has changed; the same policy may have been signed anew. */
static int pair_get(struct source *s, struct source_item *item, struct tags *tags,
                    struct cxd_error *err)
{
    int r = tagged_get(s, s->url, s->tags.policy, &item->policy, tags->policy, err);

    if (s->key_count == 0 || (r != CXD_OK && r != CXD_END)) {
        return r;
    }
    if (r == CXD_END) {
        r = signature_get(s, s->tags.signature, item, tags->signature, err);
        return r != CXD_OK ? r : tagged_get(s, s->url, "", &item->policy, tags->policy, err);
    }
    return signature_get(s, "", item, tags->signature, err);
}

int source_fetch(struct source *s, struct source_item *item, struct cxd_error *err)
{
    struct tags tags;
    int r = CXD_OK;

    /* the pair may change between the two requests: once more before that is called a forgery */
    for (int try = 0; try < 2; try++) {
        buf_clear(&item->policy);
        buf_clear(&item->signature);
        r = pair_get(s, item, &tags, err);
        if (r != CXD_OK) {
            return r;
        }
        r = source_check(s, item, err);
        if (r != CXD_FORBIDDEN) {
            break;
        }
    }
    if (r == CXD_OK) {
        s->tags = tags;
    }
    return r;
}
