/*
 * sender.c: see the header. Tries follow each other as Filebeat's do: broken connections, 429 and 5xx but 501, with waits that
 * double; after the last one the reply, whatever it is, is the program's.
 */
#include "sender.h"

#include "hop.h"
#include "note.h"

#include <stdio.h>
#include <strings.h>

#define SEND_POLL_MS 1000u
#define SEND_NAMES_MAX (2 * SETTINGS_NAMES_MAX + SENDER_HEADERS_MAX)

/* The request as it goes out; changed by redirects. */
struct attempt {
    const struct services_request *from;
    char *method;
    char *url;
    struct cxd_bytes body;
    struct cxd_header headers[SEND_NAMES_MAX];
    size_t header_count;
    int64_t tries;
    int64_t hops;
    bool is_away;    /* a redirect led to another host */
    bool is_renewed; /* credentials were refused once */
};

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

static int pace(struct sender *s, struct cxd_error *err)
{
    int64_t wait;
    int status = 0;

    while (status == 0 && (wait = rate_take(&s->rate, mono_ms(s))) > 0) {
        status = wait_for(s, wait, err);
    }
    return status;
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

static bool list_has(const struct tree *list, const char *name)
{
    for (const struct tree *c = list != NULL ? list->first : NULL; c != NULL; c = c->next) {
        if (strlen(name) == c->text.len && strncasecmp(name, c->text.ptr, c->text.len) == 0) {
            return true;
        }
    }
    return false;
}

/* May this header go to where redirects led? */
static bool header_may_go(const struct sender *s, const struct attempt *a,
                          const struct cxd_header *header)
{
    if (a->hops == 0) {
        return true;
    }
    if (list_has(s->settings->banned, header->name)) {
        return false;
    }
    return !a->is_away || s->settings->forward_headers ||
           (!header->secret && !list_has(s->settings->sensitive, header->name));
}

static void header_add(struct sender *s, struct attempt *a, const char *name, const char *value)
{
    struct cxd_header header = {.name = name, .value = value};

    header.secret =
        mask_sounds_secret(bytes_of(name)) || mask_has(s->mask, bytes_of(value)) ? 1 : 0;
    if (a->header_count < SEND_NAMES_MAX && header_may_go(s, a, &header)) {
        a->headers[a->header_count++] = header;
    }
}

static bool has_header(const struct attempt *a, const char *name)
{
    for (size_t i = 0; i < a->header_count; i++) {
        if (strcasecmp(a->headers[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

/* A header must not bring another one along. */
static bool is_one_line(struct cxd_bytes text)
{
    return text.len == 0 ||
           (memchr(text.ptr, '\n', text.len) == NULL && memchr(text.ptr, '\r', text.len) == NULL &&
            memchr(text.ptr, '\0', text.len) == NULL);
}

static int headers_make(struct sender *s, struct attempt *a, struct cxd_error *err)
{
    const struct services_request *from = a->from;
    size_t own;

    a->header_count = 0;
    for (size_t i = 0; i < from->header_count; i++) {
        char *name = pool_copy(s->pool, from->headers[i].name.ptr, from->headers[i].name.len);
        char *value = pool_copy(s->pool, from->headers[i].value.ptr, from->headers[i].value.len);

        if (name == NULL || value == NULL) {
            return cxd_error_set(err, CXD_NOMEM, "request: out of memory");
        }
        if (!is_one_line(from->headers[i].name) || !is_one_line(from->headers[i].value)) {
            return cxd_error_set(err, CXD_INVALID, "a header holds a line end");
        }
        header_add(s, a, name, value);
    }
    own = a->header_count;
    for (size_t i = 0; i < s->settings->header_count; i++) {
        bool is_set = false;

        for (size_t j = 0; j < own; j++) {
            is_set |= strcasecmp(a->headers[j].name, s->settings->headers[i].name.ptr) == 0;
        }
        if (!is_set) {
            header_add(s, a, s->settings->headers[i].name.ptr, s->settings->headers[i].value.ptr);
        }
    }
    if (!has_header(a, "Accept-Encoding")) {
        header_add(s, a, "Accept-Encoding", "gzip");
    }
    if (s->settings->no_keep_alive) {
        header_add(s, a, "Connection", "close");
    }
    return 0;
}

static int credentials_add(struct sender *s, struct attempt *a, struct cxd_error *err)
{
    struct cxd_header header;
    int status =
        access_header(&s->access, bytes_of(a->method), a->url, a->from->is_direct, &header, err);

    if (status == 0 && header.name != NULL && !has_header(a, header.name) &&
        a->header_count < SEND_NAMES_MAX && header_may_go(s, a, &header)) {
        a->headers[a->header_count++] = header;
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
                                  .timeout_ms = (uint32_t)s->settings->timeout_ms};
    int status = pace(s, err);

    status = status < 0 ? status : credentials(s, err);
    status = status < 0 ? status : headers_make(s, a, err);
    status = status < 0 ? status : credentials_add(s, a, err);
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

static int begin(struct sender *s, const struct services_request *request, struct attempt *a,
                 struct cxd_error *err)
{
    size_t room = request->method.len < 4 ? 4 : request->method.len + 1;

    *a = (struct attempt){.from = request, .body = request->body};
    a->method = pool_zero(s->pool, room);
    a->url = pool_copy(s->pool, request->url.ptr, request->url.len);
    if (a->method == NULL || a->url == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "request: out of memory");
    }
    memcpy(a->method, request->method.len > 0 ? request->method.ptr : "GET",
           request->method.len > 0 ? request->method.len : 3);
    if (strncasecmp(a->url, "http://", 7) != 0 && strncasecmp(a->url, "https://", 8) != 0) {
        return cxd_error_set(err, CXD_INVALID, "unsupported protocol scheme");
    }
    return 0;
}

int sender_send(void *ctx, const struct services_request *request, struct services_reply *reply,
                struct cxd_error *err)
{
    struct sender *s = ctx;
    struct attempt *a = pool_alloc(s->pool, sizeof *a);
    int status = a == NULL ? cxd_error_set(err, CXD_NOMEM, "request: out of memory")
                           : begin(s, request, a, err);

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
