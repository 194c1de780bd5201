/*
 * transfer.c: one transfer and its body's window. Knows the two sides of the window: curl fills the back one while the reader
 * looks at the front one, so bytes are copied once and a lent range is never written to. Nothing of polling or TLS.
 */
#include "inner.h"

#include <stdlib.h>
#include <string.h>

void transfer_restart_stall(struct cxd_transfer *t, int64_t now_ms)
{
    t->since_ms = now_ms;
    t->since_moved = t->moved;
}

static int side_reserve(struct side *s, size_t more, size_t max)
{
    size_t want = s->cap != 0 ? s->cap : HTTP_PIECE;
    char *ptr;

    if (s->cap - s->len >= more) {
        return CXD_OK;
    }
    while (want < s->len + more) {
        want *= 2;
    }
    want = want > max && s->len + more <= max ? max : want;
    ptr = realloc(s->ptr, want);
    if (ptr == NULL) {
        return CXD_NOMEM;
    }
    s->ptr = ptr;
    s->cap = want;
    return CXD_OK;
}

size_t transfer_take(char *ptr, size_t size, size_t count, void *arg)
{
    struct cxd_transfer *t = arg;
    size_t len = size * count; /* size is always 1 */

    if (t->back.len > 0 && len > t->side_max - t->back.len) {
        t->is_paused = 1;
        return CURL_WRITEFUNC_PAUSE;
    }
    if (len == 0) {
        return 0;
    }
    if (side_reserve(&t->back, len, t->side_max) < 0) {
        t->own_fault = CXD_NOMEM;
        return 0; /* not len: curl ends the transfer */
    }
    memcpy(t->back.ptr + t->back.len, ptr, len);
    t->back.len += len;
    t->received += len;
    t->moved += len;
    t->client->news = 1;
    return len;
}

static void transfer_settle(struct cxd_transfer *t, int result)
{
    t->result = result;
    t->is_resumable = 0;
    t->client->news = 1;
    (void)curl_multi_remove_handle(t->client->multi, t->easy); /* it is in there */
}

void transfer_finish(struct cxd_transfer *t, CURLcode code)
{
    if (t->result != CXD_AGAIN) {
        return;
    }
    if (code == CURLE_OK) {
        transfer_settle(t, CXD_END);
        return;
    }
    fault_describe(t, code, &t->err);
    transfer_settle(t, t->err.status);
}

void transfer_fail(struct cxd_transfer *t, int status, const char *what)
{
    if (status == CXD_TIMEOUT) {
        (void)cxd_error_set(&t->err, status, "%s: %s: less than %llu bytes moved within %u ms",
                            t->peer, what, (unsigned long long)t->stall_need, t->stall_ms);
    } else {
        (void)cxd_error_set(&t->err, status, "%s: %s", t->peer, what);
    }
    t->err.http_status = t->status;
    transfer_settle(t, status);
}

static void transfer_set_limits(struct cxd_transfer *t, const struct cxd_request *request)
{
    size_t window = request->window != 0 ? request->window : HTTP_WINDOW;
    uint64_t need = request->stall_bytes != 0 ? request->stall_bytes : 1;

    window = window < 2 * HTTP_PIECE ? 2 * HTTP_PIECE : window;
    window = window > HTTP_WINDOW_MAX ? HTTP_WINDOW_MAX : window;
    t->side_max = window / 2;
    t->timeout_ms = request->timeout_ms;
    t->stall_ms = request->stall_timeout_ms != 0 ? request->stall_timeout_ms : HTTP_STALL_MS;
    need = need * t->stall_ms / 1000;
    t->stall_need = need > 0 ? need : 1;
}

static int request_check(const struct cxd_request *request, struct cxd_error *err)
{
    if (request->size < CXD_REQUEST_SIZE_MIN) {
        return cxd_error_set(err, CXD_INVALID, "HTTP request: struct is shorter than this host's");
    }
    if (request->method == NULL || request->url == NULL) {
        return cxd_error_set(err, CXD_INVALID, "HTTP request: no method or no URL");
    }
    return CXD_OK;
}

int http_start(struct cxd_client *client, const struct cxd_request *request,
               struct cxd_transfer **ret_transfer, struct cxd_error *err)
{
    struct cxd_transfer *t;
    int r = request_check(request, err);

    if (r < 0) {
        return r;
    }
    t = calloc(1, sizeof *t);
    if (t == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "out of memory for an HTTP request");
    }
    t->client = client;
    t->result = CXD_AGAIN;
    t->next = client->first;
    client->first = t;
    transfer_set_limits(t, request);
    transfer_restart_stall(t, client_now_ms());
    t->easy = curl_easy_init();
    r = t->easy != NULL ? request_apply(t, request, err)
                        : cxd_error_set(err, CXD_NOMEM, "out of memory for an HTTP request");
    if (r == CXD_OK && curl_multi_add_handle(client->multi, t->easy) != CURLM_OK) {
        r = cxd_error_set(err, CXD_NOMEM, "out of memory for an HTTP request");
    }
    if (r < 0) {
        t->result = r; /* not in the multi handle */
        http_close(t);
        return r;
    }
    *ret_transfer = t;
    return CXD_OK;
}

int http_read(struct cxd_transfer *t, struct cxd_bytes *ret_bytes, struct cxd_error *err)
{
    if (t->back.len > 0) {
        struct side lent = t->back;

        t->back = t->front;
        t->back.len = 0;
        t->front = lent;
        t->is_resumable = t->is_paused && t->result == CXD_AGAIN;
        if (t->result != CXD_AGAIN) {
            t->client->news = 1; /* the end is still to be told */
        }
        *ret_bytes = (struct cxd_bytes){.ptr = lent.ptr, .len = lent.len};
        return CXD_OK;
    }
    if (t->result == CXD_AGAIN || t->result == CXD_END) {
        return t->result;
    }
    if (err != NULL) {
        *err = t->err;
    }
    return t->result;
}

static void transfer_unlink(struct cxd_transfer *t)
{
    struct cxd_transfer **at = &t->client->first;

    while (*at != NULL && *at != t) {
        at = &(*at)->next;
    }
    if (*at == t) {
        *at = t->next;
    }
}

void http_close(struct cxd_transfer *t)
{
    if (t == NULL) {
        return;
    }
    transfer_unlink(t);
    if (t->result == CXD_AGAIN) {
        (void)curl_multi_remove_handle(t->client->multi, t->easy); /* it is in there */
    }
    if (t->easy != NULL) {
        curl_easy_cleanup(t->easy);
    }
    request_done(t);
    reply_done(t);
    free(t->front.ptr);
    free(t->back.ptr);
    free(t);
}
