/*
 * sender.c: see the header. Tries follow each other as Filebeat's do: broken connections, 429 and 5xx but 501, with waits that
 * double; after the last one the reply, whatever it is, is the program's.
 */
#include "attempt.h"
#include "hop.h"
#include "note.h"

#include <stdio.h>
#include <strings.h>

#define SEND_POLL_MS 1000u
#define SEND_LONG_MS 10000 /* a wait that a person should hear of */

static int64_t mono_ms(const struct sender *s)
{
    return s->heap->host->mono_ms(s->heap->self);
}

static int stopped(struct sender *s, struct cxd_error *err)
{
    s->is_stopped = true;
    return cxd_error_set(err, CXD_STOPPED, "stopping");
}

/* Lets time pass. */
static int wait_for(struct sender *s, int64_t wait_ms, struct cxd_error *err)
{
    int64_t until = mono_ms(s) + wait_ms;
    int64_t left;

    while ((left = until - mono_ms(s)) > 0) {
        if (s->heap->host->is_stopping(s->heap->self) ||
            s->heap->host->http_wait(s->client,
                                     left < SEND_POLL_MS ? (uint32_t)left : SEND_POLL_MS) < 0) {
            return stopped(s, err);
        }
    }
    return 0;
}

/* 0: this request's turn. Negative: there are more names than the agent can pace. */
static int64_t turn_wait(struct sender *s)
{
    const struct settings *from = s->settings;
    int64_t wait = rate_take(&s->rate, mono_ms(s)); /* a program may slow itself down further */

    if (wait > 0 || from->paced_as.len == 0) {
        return wait;
    }
    return s->heap->host->pace_take(from->paced_as.ptr, from->rate >= 1 ? (int64_t)from->rate : 1,
                                    mono_ms(s));
}

static int pace(struct sender *s, struct cxd_error *err)
{
    int64_t wait;
    int status = 0;

    while (status == 0 && (wait = turn_wait(s)) > 0) {
        status = wait_for(s, wait, err);
    }
    return status < 0 || wait == 0
               ? status
               : cxd_error_set(err, (int)wait, "resource.rate_limit.shared_as: too many names");
}

static int one_wait(struct sender *s, struct cxd_error *err)
{
    return s->heap->host->is_stopping(s->heap->self) ||
                   s->heap->host->http_wait(s->client, SEND_POLL_MS) < 0
               ? stopped(s, err)
               : 0;
}

static int credentials(struct sender *s, struct cxd_error *err)
{
    int status;

    while ((status = access_step(&s->access, err)) == CXD_AGAIN) {
        status = one_wait(s, err);
        if (status < 0) {
            return status;
        }
    }
    return status;
}

/* One request to the end of its reply. The transfer stays open for its headers. */
static int exchange(struct sender *s, struct attempt *a, struct cxd_error *err)
{
    struct cxd_request request = {.size = sizeof request,
                                  .method = a->method,
                                  .url = a->url,
                                  .headers = a->headers,
                                  .parts = &a->body,
                                  .part_count = a->body.len > 0 ? 1 : 0,
                                  .timeout_ms = (uint32_t)s->settings->timeout_ms,
                                  .unix_socket = s->settings->socket.ptr};
    int status = pace(s, err);

    status = status < 0 ? status : credentials(s, err);
    status = status < 0 ? status : attempt_headers(s, a, err);
    if (status < 0) {
        return status;
    }
    request.header_count = a->header_count;
    trace_request(s, &request, a->body);
    s->heap->host->count(s->heap->self, "http_request_total", 1);
    status = fetch_start(&s->fetch, s->client, &request, err);
    while (status == 0 && (status = fetch_step(&s->fetch, err)) == CXD_AGAIN) {
        status = one_wait(s, err);
        if (status < 0) {
            fetch_close(&s->fetch);
        }
    }
    if (status == 0) {
        trace_reply(s);
    } else {
        s->heap->host->count(s->heap->self, "http_request_errors_total", 1);
    }
    return status;
}

/* Waits for another try; CXD_END: there is none. */
static int again(struct sender *s, struct attempt *a, int64_t asked_ms, const char *why,
                 struct cxd_error *err)
{
    int64_t wait = s->settings->wait_min_ms;
    uint32_t chance;

    if (a->tries >= s->settings->max_attempts) {
        return CXD_END;
    }
    for (int64_t i = 1; i < a->tries && wait < s->settings->wait_max_ms; i++) {
        wait *= 2;
    }
    wait = wait < s->settings->wait_max_ms ? wait : s->settings->wait_max_ms;
    s->heap->host->random(s->heap->self, &chance, sizeof chance);
    wait = wait / 2 + (int64_t)(chance % (uint64_t)(wait / 2 + 1)); /* many do not come at once */
    wait = asked_ms > wait ? asked_ms : wait;
    wait = wait < RATE_WAIT_MAX_MS ? wait : RATE_WAIT_MAX_MS;
    note_line(s->heap, CXD_LOG_INFO, "%s; trying again in %.1f s", why, (double)wait / 1000);
    if (wait >= SEND_LONG_MS) {
        s->is_degraded = true;
        s->heap->host->health(s->heap->self, CXD_DEGRADED, why);
    }
    return wait_for(s, wait, err);
}

static bool is_final(int status)
{
    return status != CXD_CONNECT && status != CXD_TIMEOUT && status != CXD_IO &&
           status != CXD_SERVER && status != CXD_THROTTLED && status != CXD_PROTOCOL &&
           status != CXD_TRUNCATED;
}

/* A transfer that broke. 0: try again. */
static int broken(struct sender *s, struct attempt *a, int status, struct cxd_error *err)
{
    struct cxd_error why = *err;
    int next;

    a->tries++;
    if (s->is_stopped || is_final(status)) {
        return status;
    }
    next = again(s, a, err->retry_after_ms, why.text, err);
    if (next == CXD_END) {
        *err = why;
        if (a->tries > 1) {
            (void)cxd_error_wrap(err, "giving up after %lld attempts", (long long)a->tries);
        }
        return status;
    }
    return next;
}

/* True: the reply leads elsewhere, and the attempt is made ready for it. */
static bool follow(struct sender *s, struct attempt *a, struct cxd_error *err)
{
    int code = s->fetch.http_status;
    const char *location = fetch_header(&s->fetch, "Location");
    char *url;

    if ((code != 301 && code != 302 && code != 303 && code != 307 && code != 308) ||
        location == NULL || s->settings->max_redirects == 0) {
        return false;
    }
    if (a->hops >= s->settings->max_redirects) {
        (void)cxd_error_set(err, CXD_INVALID, "stopped after %lld redirects", (long long)a->hops);
        return false;
    }
    url = hop_url(s->pool, a->url, location);
    if (url == NULL) {
        (void)cxd_error_set(err, CXD_NOMEM, "redirect: out of memory");
        return false;
    }
    a->is_away |= hop_is_away(a->url, url);
    if (code < 304 && strcmp(a->method, "HEAD") != 0 && strcmp(a->method, "GET") != 0) {
        memcpy(a->method, "GET", 4); /* there is room for it */
        a->body = (struct cxd_bytes){NULL, 0};
    }
    a->url = url;
    a->hops++;
    return true;
}

/* What a whole reply means: 1 it is the program's, 0 once more, negative the failure. */
static int judge(struct sender *s, struct attempt *a, struct cxd_error *err)
{
    int code = s->fetch.http_status;
    struct cxd_error hop = CXD_ERROR_INIT;
    char why[64];
    int status;

    if (follow(s, a, &hop)) {
        return 0;
    }
    if (hop.status < 0) {
        *err = hop;
        return hop.status;
    }
    if (code == 401 && !a->is_renewed &&
        access_refused(&s->access, fetch_header(&s->fetch, "WWW-Authenticate"))) {
        a->is_renewed = true;
        return 0;
    }
    if (code != 429 && (code < 500 || code == 501)) {
        return 1;
    }
    a->tries++;
    if (code == 429 && s->settings->paced_as.len > 0) {
        s->heap->host->pace_hold(s->settings->paced_as.ptr,
                                 mono_ms(s) + (s->fetch.retry_after_ms > s->settings->wait_min_ms
                                                   ? s->fetch.retry_after_ms
                                                   : s->settings->wait_min_ms));
    }
    (void)snprintf(why, sizeof why, "the server answers %d", code);
    if (a->tries >= s->settings->max_attempts) {
        return 1;
    }
    status = again(s, a, s->fetch.retry_after_ms, why, err);
    return status == CXD_END ? 1 : status;
}

/* What Go leaves out when it has taken gzip off. */
static bool is_hidden(struct cxd_bytes name)
{
    return (name.len == 16 && strncasecmp(name.ptr, "Content-Encoding", 16) == 0) ||
           (name.len == 14 && strncasecmp(name.ptr, "Content-Length", 14) == 0);
}

static int reply_headers(struct sender *s, struct services_reply *reply)
{
    const struct cxd_host *host = s->heap->host;
    struct services_header *out = pool_array(s->pool, SENDER_HEADERS_MAX, sizeof *out);
    struct cxd_bytes name;
    struct cxd_bytes value;

    if (out == NULL) {
        return CXD_NOMEM;
    }
    for (uint32_t i = 0;
         i < SENDER_HEADERS_MAX && host->http_header_at(s->fetch.transfer, i, &name, &value) == 1;
         i++) {
        char *own_name = pool_copy(s->pool, name.ptr, name.len);
        char *own = pool_copy(s->pool, value.ptr, value.len);

        if (own_name == NULL || own == NULL) {
            return CXD_NOMEM;
        }
        if (reply->uncompressed && is_hidden(name)) {
            continue;
        }
        if (name.len == 14 && strncasecmp(name.ptr, "Content-Length", 14) == 0 &&
            !number_parse(own, value.len, &reply->content_length)) {
            reply->content_length = -1;
        }
        out[reply->header_count++] =
            (struct services_header){{own_name, name.len}, {own, value.len}};
    }
    reply->headers = out;
    return 0;
}

static int reply_make(struct sender *s, struct services_reply *reply, struct cxd_error *err)
{
    const char *reason = sender_reason(s->fetch.http_status);
    int status;

    *reply = (struct services_reply){.status = s->fetch.http_status,
                                     .reason = bytes_of(reason),
                                     .major = 1,
                                     .minor = 1,
                                     .content_length = -1,
                                     .uncompressed = s->fetch.gzip != NULL,
                                     .body = text_bytes(&s->fetch.body)};
    if (reply->body.ptr == NULL) {
        reply->body = CXD_LIT("");
    }
    status = reply_headers(s, reply);
    fetch_close(&s->fetch);
    return status < 0 ? cxd_error_set(err, status, "reply: out of memory") : 0;
}

int sender_send(void *ctx, const struct services_request *request, struct services_reply *reply,
                struct cxd_error *err)
{
    struct sender *s = ctx;
    struct attempt *a = pool_alloc(s->pool, sizeof *a);
    int status = a == NULL ? cxd_error_set(err, CXD_NOMEM, "request: out of memory")
                           : attempt_begin(a, s->pool, request, err);

    while (status == 0) {
        status = exchange(s, a, err);
        status = status < 0 ? broken(s, a, status, err) : judge(s, a, err);
    }
    if (status < 0) {
        fetch_close(&s->fetch);
        return status;
    }
    return reply_make(s, reply, err);
}
