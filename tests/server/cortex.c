/*
 * The Cortex API's app: which call a path is, who may call how often, and the way of a body to its answer.
 */
#include "cortex.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zlib.h>

#include "stats.h"

enum { CORTEX_BODY_MAX = 1 << 20, CORTEX_DEPTH_MAX = 32 };

/* Vendor texts, which clients compare. */
static const char UNAUTHORIZED[] = "Public API request unauthorized";
static const char INVALID[] = "The request contains invalid or missing parameters";
static const char FAILED[] = "An error occurred while processing XDR public API";

enum cortex_way { WAY_QUERY, WAY_EXTRA, WAY_LIGHT };

struct cortex_call {
    const char *path, *kind;
    enum cortex_way way;
    enum cortex_kind rows;
    enum cortex_form form;
};

static const struct cortex_call CALLS[] = {
    {"/public_api/v1/alerts/get_alerts_multi_events", "alerts_v1", WAY_QUERY, CORTEX_ALERTS,
     CORTEX_FORM_V1},
    {"/public_api/v2/alerts/get_alerts_multi_events", "alerts_v2", WAY_QUERY, CORTEX_ALERTS,
     CORTEX_FORM_V2},
    {"/public_api/v1/incidents/get_incidents", "incidents", WAY_QUERY, CORTEX_INCIDENTS,
     CORTEX_FORM_V1},
    {"/public_api/v1/incidents/get_incident_extra_data", "incident_extra", WAY_EXTRA,
     CORTEX_INCIDENTS, CORTEX_FORM_EXTRA},
    {"/public_api/v1/audits/management_logs", "audit_management", WAY_QUERY, CORTEX_AUDITS,
     CORTEX_FORM_V1},
    {"/public_api/v1/audits/agents_reports", "audit_agent", WAY_QUERY, CORTEX_REPORTS,
     CORTEX_FORM_V1},
    {"/public_api/v1/endpoints/get_endpoint", "endpoints", WAY_QUERY, CORTEX_ENDPOINTS,
     CORTEX_FORM_V1},
    {"/public_api/v1/endpoints/get_endpoints", "endpoints_light", WAY_LIGHT, CORTEX_ENDPOINTS,
     CORTEX_FORM_LIGHT},
};

struct cortex_work {
    const struct cortex_call *call;
    struct buffer text;
};

static const struct cortex_call *cortex_call(const char *path)
{
    size_t len = strlen(path);
    len -= len > 1 && path[len - 1] == '/';
    for (size_t i = 0; i < sizeof CALLS / sizeof CALLS[0]; i++) {
        if (strlen(CALLS[i].path) == len && memcmp(CALLS[i].path, path, len) == 0) {
            return &CALLS[i];
        }
    }
    return NULL;
}

static void cortex_classify(void *owner, struct request *request)
{
    (void)owner;
    const struct cortex_call *call = cortex_call(request->path);
    request->kind = call ? call->kind : "other";
}

void cortex_error(struct reply *reply, unsigned status, const char *message, const char *extra)
{
    reply_text(reply, status, "application/json", "");
    buffer_format(&reply->body,
                  "{\"reply\": {\"err_code\": %u, \"err_msg\": \"%s\", \"err_extra\": %s}}", status,
                  message, extra ? extra : "null");
}

/* Not one's own: a gateway in front of the API says it, without the envelope. */
static void cortex_say_too_many(const struct cortex *cortex, struct reply *reply)
{
    reply_text(reply, 429, "text/plain; charset=utf-8", "Too many requests");
    if (cortex->options.retry_after) {
        reply_header(reply, MHD_HTTP_HEADER_RETRY_AFTER, "%u", cortex->options.retry_after);
    }
}

static int64_t cortex_steady_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000LL + now.tv_nsec / 1000000 + 1;
}

/* The Date that clients learn the tenant's clock from. */
static void cortex_date(struct cortex *cortex, struct reply *reply)
{
    struct tm parts;
    char text[64];
    time_t seconds = (time_t)(cortex_clock_now(&cortex->clock) / 1000);
    if (gmtime_r(&seconds, &parts) &&
        strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts)) {
        reply_header(reply, MHD_HTTP_HEADER_DATE, "%s", text);
    }
}

static bool cortex_may(struct cortex *cortex, const struct request *request, struct reply *reply)
{
    const struct cortex_credentials credentials = {
        .id = request_header(request, "x-xdr-auth-id"),
        .authorization = request_header(request, MHD_HTTP_HEADER_AUTHORIZATION),
        .nonce = request_header(request, "x-xdr-nonce"),
        .timestamp = request_header(request, "x-xdr-timestamp"),
    };
    enum cortex_verdict verdict = cortex_auth_check(cortex->auth, &credentials, stats_now_ms(),
                                                    cortex_clock_now(&cortex->clock));
    atomic_fetch_add(&cortex->verdicts[verdict], 1);
    if (verdict != CORTEX_WELCOME) {
        cortex_error(reply, 401, UNAUTHORIZED, NULL);
    }
    return verdict == CORTEX_WELCOME;
}

static bool cortex_begin(void *owner, struct request *request, struct reply *reply)
{
    struct cortex *cortex = owner;
    const struct cortex_call *call = cortex_call(request->path);
    int64_t now_ms = cortex_steady_ms();
    reply->type = "application/json";
    cortex_date(cortex, reply);
    if (!cortex_limit_take(&cortex->limit, now_ms) ||
        (call && call->way == WAY_EXTRA && !cortex_limit_take(&cortex->extra_limit, now_ms))) {
        atomic_fetch_add(&cortex->limited, 1);
        cortex_say_too_many(cortex, reply);
        return false;
    }
    if (!cortex_may(cortex, request, reply)) {
        return false;
    }
    if (!call || strcmp(request->method, MHD_HTTP_METHOD_POST) != 0) {
        cortex_error(reply, 500, FAILED, "\"Unknown API call\"");
        return false;
    }
    struct cortex_work *work = calloc(1, sizeof *work);
    request->work = work;
    if (!work) {
        cortex_error(reply, 500, FAILED, NULL);
        return false;
    }
    work->call = call;
    buffer_init(&work->text, CORTEX_BODY_MAX);
    return true;
}

static bool cortex_body(void *owner, struct request *request, const char *data, size_t len,
                        struct reply *reply)
{
    (void)owner;
    struct cortex_work *work = request->work;
    buffer_add(&work->text, data, len);
    if (!buffer_ok(&work->text)) {
        cortex_error(reply, 400, INVALID, "\"The body is too large\"");
        return false;
    }
    return true;
}

static void cortex_end(void *owner, struct request *request)
{
    (void)owner;
    struct cortex_work *work = request->work;
    buffer_done(&work->text);
    free(work);
    request->work = NULL;
}

static struct json_object *cortex_parse(const struct buffer *text)
{
    struct json_tokener *tokener = json_tokener_new_ex(CORTEX_DEPTH_MAX);
    if (!tokener) {
        return NULL;
    }
    json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
    /* The final NUL tells the tokener that a number at the end is whole. */
    struct json_object *tree =
        json_tokener_parse_ex(tokener, text->data ? text->data : "", (int)text->len + 1);
    bool whole = json_tokener_get_error(tokener) == json_tokener_success &&
                 json_tokener_get_parse_end(tokener) >= text->len;
    json_tokener_free(tokener);
    if (!whole) {
        json_object_put(tree);
        return NULL;
    }
    return tree;
}

/* A row once was sent; rows that change without an end (endpoints) count once. */
void cortex_note_served(struct cortex *cortex, const struct cortex_row *row, enum cortex_kind kind)
{
    struct cortex_served *served = &cortex->served[kind];
    unsigned version =
        kind == CORTEX_INCIDENTS ? cortex_version_at(row->shape, row->number, row->now_ms) : 0;
    unsigned char bit = (unsigned char)(1U << version);
    atomic_fetch_add(&served->rows, 1);
    if (!(atomic_fetch_or(&served->versions[row->number], bit) & bit)) {
        atomic_fetch_add(&served->distinct, 1);
    }
}

static void cortex_query(struct cortex *cortex, const struct cortex_call *call,
                         struct json_object *data, struct reply *reply)
{
    struct cortex_query query;
    struct cortex_refusal refusal;
    struct cortex_page page;
    struct cortex_row moment = {.shape = &cortex->shape,
                                .now_ms = cortex_clock_now(&cortex->clock)};
    if (!cortex_query_read(&query, cortex_set_of(call->rows), data, &refusal)) {
        cortex_error(reply, refusal.status, refusal.status == 400 ? INVALID : FAILED,
                     refusal.extra);
        return;
    }
    if (!cortex_query_run(&query, &cortex->shape, moment.now_ms, &page)) {
        cortex_error(reply, 500, FAILED, "\"No memory\"");
        return;
    }
    cortex_query_write(&query, &page, &moment, call->form, &reply->body);
    for (unsigned i = 0; i < page.count; i++) {
        moment.number = page.numbers[i];
        cortex_note_served(cortex, &moment, call->rows);
    }
}

/* All endpoints in short, without pages. */
static void cortex_light(struct cortex *cortex, struct reply *reply)
{
    struct cortex_row row = {.shape = &cortex->shape, .now_ms = cortex_clock_now(&cortex->clock)};
    uint64_t count = cortex_visible(row.shape, CORTEX_ENDPOINTS, row.now_ms);
    buffer_text(&reply->body, "{\"reply\":[");
    for (row.number = 0; row.number < count; row.number++) {
        buffer_text(&reply->body, row.number ? "," : "");
        cortex_endpoint_set.write(&row, CORTEX_FORM_LIGHT, &reply->body);
        cortex_note_served(cortex, &row, CORTEX_ENDPOINTS);
    }
    buffer_text(&reply->body, "]}");
}

static void cortex_answer(struct cortex *cortex, const struct cortex_work *work,
                          struct reply *reply)
{
    if (work->call->way == WAY_LIGHT) {
        cortex_light(cortex, reply);
        return;
    }
    struct json_object *tree = cortex_parse(&work->text), *data = NULL;
    if (!json_object_is_type(tree, json_type_object)) {
        cortex_error(reply, 400, INVALID, "\"The body is not a JSON object\"");
    } else if (!json_object_object_get_ex(tree, "request_data", &data)) {
        cortex_error(reply, 500, FAILED, "\"Missing required param: request_data\"");
    } else if (work->call->way == WAY_EXTRA) {
        cortex_extra(cortex, data, reply);
    } else {
        cortex_query(cortex, work->call, data, reply);
    }
    json_object_put(tree);
}

static bool cortex_takes_gzip(const struct request *request)
{
    const char *value = request_header(request, MHD_HTTP_HEADER_ACCEPT_ENCODING);
    const char *found = value ? strstr(value, "gzip") : NULL;
    return found && strncmp(found, "gzip;q=0", 8) != 0;
}

static void cortex_pack(struct reply *reply)
{
    z_stream stream = {.next_in = (unsigned char *)reply->body.data,
                       .avail_in = (unsigned)reply->body.len};
    if (!buffer_ok(&reply->body) || deflateInit2(&stream, 1, Z_DEFLATED, 15 + 16, 8, 0) != Z_OK) {
        return;
    }
    size_t bound = deflateBound(&stream, reply->body.len);
    unsigned char *out = malloc(bound);
    stream.next_out = out;
    stream.avail_out = (unsigned)bound;
    if (out && deflate(&stream, Z_FINISH) == Z_STREAM_END) {
        buffer_clear(&reply->body);
        buffer_add(&reply->body, out, stream.total_out);
        reply_header(reply, MHD_HTTP_HEADER_CONTENT_ENCODING, "gzip");
    }
    deflateEnd(&stream);
    free(out);
}

static void cortex_handle(void *owner, struct request *request, struct reply *reply)
{
    cortex_answer(owner, request->work, reply);
    /* A body that a fault makes bad JSON has to be seen as JSON. */
    if (!request->fault.bad_json && cortex_takes_gzip(request)) {
        cortex_pack(reply);
    }
}

static void cortex_refuse(void *owner, const struct request *request, unsigned status,
                          struct reply *reply)
{
    struct cortex *cortex = owner;
    cortex_date(cortex, reply);
    if (*request->fault.body) {
        bool is_json = *request->fault.body == '{';
        reply_text(reply, status, is_json ? "application/json" : "text/plain", request->fault.body);
    } else if (status == 429) {
        reply_text(reply, 429, "text/plain; charset=utf-8", "Too many requests");
    } else if (status == 502 || status == 503 || status == 504) {
        reply_text(reply, status, "text/html",
                   "<html><body><h1>The server is temporarily unable to answer</h1></body></html>");
    } else {
        cortex_error(reply, status,
                     status == 401   ? UNAUTHORIZED
                     : status == 400 ? INVALID
                     : status == 402 ? "Public API request: license required"
                     : status == 403 ? "Public API request: insufficient permissions"
                                     : FAILED,
                     NULL);
    }
}

static bool cortex_make_served(struct cortex *cortex)
{
    for (unsigned kind = 0; kind < CORTEX_KINDS; kind++) {
        uint64_t rows = cortex->shape.rows[kind];
        cortex->served[kind].versions = calloc(rows ? rows : 1, 1);
        if (!cortex->served[kind].versions) {
            return false;
        }
    }
    return true;
}

bool cortex_init(struct cortex *cortex, const struct cortex_options *options,
                 const char **ret_reason)
{
    *cortex = (struct cortex){.options = *options};
    int64_t start_ms =
        options->start_ms ? (int64_t)options->start_ms : stats_now_ms() - (int64_t)options->span_ms;
    cortex->shape = (struct cortex_shape){
        .seed = options->seed,
        .rows = {options->alerts, options->incidents, options->audits, options->reports,
                 options->endpoints},
        .start_ms = start_ms,
        .span_ms = (int64_t)options->span_ms,
        .lag_ms = (int64_t)options->lag_ms,
        .burst = options->burst,
        .late = options->late,
        .changes = options->changes,
    };
    cortex_clock_init(&cortex->clock, (int64_t)options->clock_ms);
    cortex_limit_init(&cortex->limit, options->rate, 1000);
    cortex_limit_init(&cortex->extra_limit, options->extra_rate, 60000);
    cortex->auth = cortex_auth_new(options->standard, options->advanced, (int64_t)options->skew_ms);
    if (!cortex->auth) {
        *ret_reason = "give each key as ID:KEY, with two different ids";
        return false;
    }
    if (!cortex_make_served(cortex)) {
        *ret_reason = "no memory";
        return false;
    }
    cortex->app = (struct server_app){
        .name = "cortex",
        .owner = cortex,
        .classify = cortex_classify,
        .begin = cortex_begin,
        .body = cortex_body,
        .handle = cortex_handle,
        .refuse = cortex_refuse,
        .end = cortex_end,
    };
    return true;
}

void cortex_done(struct cortex *cortex)
{
    if (!cortex->app.name) {
        return;
    }
    for (unsigned kind = 0; kind < CORTEX_KINDS; kind++) {
        free(cortex->served[kind].versions);
    }
    cortex_auth_free(cortex->auth);
    cortex_clock_done(&cortex->clock);
    cortex_limit_done(&cortex->limit);
    cortex_limit_done(&cortex->extra_limit);
    *cortex = (struct cortex){.auth = NULL};
}
