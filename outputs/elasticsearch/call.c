/* call.c: HTTP through the host's table. Knows nodes and replies, not what the requests mean. */
#include "call.h"

#include "notes.h"
#include "verdict.h"

#include <json-c/json.h>

#define CALL_WAIT_MS 1000
#define CALL_ERROR_DEPTH 16
#define CALL_ERROR_BODY_MAX 65536 /* longer error pages are not read for a reason */

int call_init(struct call *c, struct settings *settings, struct cxd_bytes options,
              struct cxd_error *err)
{
    *c = (struct call){.host = settings->host, .self = settings->self, .settings = settings};
    return c->host->http_client(c->self, options, &c->client, err);
}

static int reply_room(struct call *c, size_t want, struct cxd_error *err)
{
    size_t cap = c->reply_cap == 0 ? 65536 : c->reply_cap;
    char *next;

    if (want > CALL_REPLY_MAX) {
        return cxd_error_set(err, CXD_PROTOCOL, "reply larger than %u bytes", CALL_REPLY_MAX);
    }
    if (want <= c->reply_cap) {
        return CXD_OK;
    }
    while (cap < want) {
        cap *= 2;
    }
    next = c->host->realloc(c->self, c->reply, cap);
    if (next == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "out of memory for a reply of %zu bytes", want);
    }
    c->reply = next;
    c->reply_cap = cap;
    return CXD_OK;
}

/* Reads to the end of the body. */
static int transfer_read(struct call *c, struct cxd_transfer *transfer, size_t *ret_len,
                         struct cxd_error *err)
{
    size_t len = 0;

    for (;;) {
        struct cxd_bytes piece = {NULL, 0};
        int r = c->host->http_read(transfer, &piece, err);

        if (r == CXD_END) {
            *ret_len = len;
            return CXD_OK;
        }
        if (r == CXD_AGAIN) {
            r = c->host->http_wait(c->client, CALL_WAIT_MS);
            if (r != CXD_OK) {
                return cxd_error_set(err, r, "stopped while waiting for a reply");
            }
            continue;
        }
        if (r == CXD_OK) {
            r = reply_room(c, len + piece.len, err);
        }
        if (r != CXD_OK) {
            return r;
        }
        memcpy(c->reply + len, piece.ptr, piece.len);
        len += piece.len;
    }
}

static size_t headers_make(const struct call *c, const struct call_request *request,
                           struct cxd_header out[SETTINGS_HEADERS_MAX + 3])
{
    size_t count = 0;

    for (; count < c->settings->header_count; count++) {
        out[count] = c->settings->headers[count];
    }
    out[count++] = (struct cxd_header){.name = "Accept", .value = "application/json"};
    if (request->content_type != NULL) {
        out[count++] = (struct cxd_header){.name = "Content-Type", .value = request->content_type};
    }
    if (request->is_gzip) {
        out[count++] = (struct cxd_header){.name = "Content-Encoding", .value = "gzip"};
    }
    return count;
}

/* The request at one node. */
static int call_at(struct call *c, const char *node, const struct call_request *request,
                   struct call_reply *ret_reply, struct cxd_error *err)
{
    struct cxd_header headers[SETTINGS_HEADERS_MAX + 3];
    char url[HOSTS_URL_MAX + 1536];
    struct cxd_transfer *transfer = NULL;
    struct cxd_request wire = {.size = sizeof wire,
                               .method = request->method,
                               .url = url,
                               .headers = headers,
                               .header_count = headers_make(c, request, headers),
                               .parts = request->parts,
                               .part_count = request->part_count,
                               .timeout_ms = c->settings->timeout_ms,
                               .stall_timeout_ms = c->settings->timeout_ms};
    const char *after;
    size_t len = 0;
    int r;

    if (snprintf(url, sizeof url, "%s%s", node, request->path) >= (int)sizeof url) {
        return cxd_error_set(err, CXD_CONFIG, "the address of a request is too long");
    }
    r = c->host->http_start(c->client, &wire, &transfer, err);
    if (r == CXD_OK) {
        r = transfer_read(c, transfer, &len, err);
    }
    if (r == CXD_OK) {
        after = c->host->http_header(transfer, "Retry-After");
        *ret_reply = (struct call_reply){
            .http_status = c->host->http_status(transfer),
            .retry_after_ms = after != NULL ? c->host->http_retry_after(c->self, after) : -1,
            .body = {c->reply, len},
            .url = node};
    }
    c->host->http_close(transfer);
    return r;
}

int call_run(struct call *c, const struct call_request *request, struct call_reply *ret_reply,
             struct cxd_error *err)
{
    struct hosts *hosts = &c->settings->hosts;
    uint64_t tried = 0;
    int number = hosts_take(hosts, tried, c->host->mono_ms(c->self));
    int r = CXD_CONNECT;

    while (number >= 0) {
        const char *url = hosts->rows[number].url;

        r = call_at(c, url, request, ret_reply, err);
        if (r == CXD_OK && ret_reply->http_status < 502) {
            hosts_good(hosts, number);
            return CXD_OK;
        }
        if (r == CXD_STOPPED || r == CXD_NOMEM) {
            return r;
        }
        hosts_failed(hosts, number, c->host->mono_ms(c->self));
        if (r == CXD_OK) {
            return CXD_OK; /* a gateway without node behind it: the caller judges, the next turn is another's */
        }
        if (err != NULL) {
            (void)cxd_error_wrap(err, "%s", url);
        }
        if (r != CXD_CONNECT && r != CXD_TLS) {
            return r;
        }
        tried |= UINT64_C(1) << number;
        number = hosts_take(hosts, tried, c->host->mono_ms(c->self));
    }
    return r;
}

int call_node(struct call *c, uint32_t number, const struct call_request *request,
              struct call_reply *ret_reply, struct cxd_error *err)
{
    const char *url = c->settings->hosts.rows[number].url;
    int r = call_at(c, url, request, ret_reply, err);

    return r == CXD_OK || err == NULL ? r : cxd_error_wrap(err, "%s", url);
}

static struct cxd_bytes member_text(struct json_object *object, const char *name)
{
    struct json_object *member = NULL;

    if (json_object_is_type(object, json_type_object)) {
        (void)json_object_object_get_ex(object, name, &member);
    }
    return json_object_is_type(member, json_type_string)
               ? (struct cxd_bytes){json_object_get_string(member),
                                    (size_t)json_object_get_string_len(member)}
               : (struct cxd_bytes){NULL, 0};
}

/* "type: reason" of an error reply, as far as it is one; the text is on one line and short. */
static void reason_read(struct cxd_bytes body, char *out, size_t room)
{
    struct json_tokener *tokener = body.len > 0 && body.len <= CALL_ERROR_BODY_MAX
                                       ? json_tokener_new_ex(CALL_ERROR_DEPTH)
                                       : NULL;
    struct json_object *tree =
        tokener != NULL ? json_tokener_parse_ex(tokener, body.ptr, (int)body.len) : NULL;
    struct json_object *error = NULL;
    struct cxd_bytes type;
    struct cxd_bytes reason;

    if (json_object_is_type(tree, json_type_object)) {
        (void)json_object_object_get_ex(tree, "error", &error);
    }
    type = member_text(error, "type");
    reason = member_text(error, "reason");
    (void)snprintf(out, room, "%s%.*s%s%.*s", type.len > 0 ? ", " : "", (int)type.len,
                   type.len > 0 ? type.ptr : "", reason.len > 0 ? ": " : "",
                   (int)(reason.len < 200 ? reason.len : 200), reason.len > 0 ? reason.ptr : "");
    for (char *c = out; *c != '\0'; c++) {
        *c = (unsigned char)*c < ' ' || *c == 127 ? ' ' : *c;
    }
    json_object_put(tree);
    if (tokener != NULL) {
        json_tokener_free(tokener);
    }
}

int call_refused(const struct call_reply *reply, const char *what, struct cxd_error *err)
{
    char reason[280];
    const char *advice = NULL;
    int status = verdict_request(reply->http_status, &advice);

    if (err == NULL) {
        return status;
    }
    reason_read(reply->body, reason, sizeof reason);
    (void)cxd_error_set(err, status, "%s at %s: HTTP %d%s%s%s", what, reply->url,
                        reply->http_status, reason, advice != NULL ? "; " : "",
                        advice != NULL ? advice : "");
    err->http_status = reply->http_status;
    err->retry_after_ms = reply->retry_after_ms;
    return status;
}

void call_done(struct call *c)
{
    if (c->host != NULL) {
        if (c->client != NULL) {
            c->host->http_client_free(c->client);
        }
        c->host->free(c->self, c->reply);
    }
    *c = (struct call){0};
}
