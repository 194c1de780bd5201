/*
 * /_sim/stats, fault, stop, down, revoke and wipe. What a path does is one row of a table.
 */
#include "control.h"

#include <stdlib.h>
#include <string.h>

enum { CONTROL_TEXT_MAX = 1 << 20 };

static void control_classify(void *owner, struct request *request)
{
    (void)owner;
    request->kind = "control";
}

static bool control_body(void *owner, struct request *request, const char *data, size_t len,
                         struct reply *reply)
{
    (void)owner;
    struct buffer *text = request->work;
    if (!text) {
        text = calloc(1, sizeof *text);
        request->work = text;
        if (!text) {
            reply->status = 500;
            return false;
        }
        buffer_init(text, CONTROL_TEXT_MAX);
    }
    buffer_add(text, data, len);
    if (!buffer_ok(text)) {
        reply->status = 413;
    }
    return buffer_ok(text);
}

static void control_end(void *owner, struct request *request)
{
    (void)owner;
    struct buffer *text = request->work;
    buffer_done(text);
    free(text);
    request->work = NULL;
}

struct json_object *control_report(struct control *control)
{
    struct json_object *report = json_object_new_object();
    struct json_object *storage = stats_report(control->stats, 0);
    json_object_object_add(storage, "objects",
                           json_object_new_uint64(bucket_count(control->bucket)));
    struct json_object *elastic = stats_report(control->stats, 1);
    json_object_object_add(elastic, "bulk", elastic_report(control->elastic));
    json_object_object_add(report, "storage", storage);
    json_object_object_add(report, "elasticsearch", elastic);
    struct json_object *cortex = stats_report(control->stats, 2);
    json_object_object_add(cortex, "api", cortex_report(control->cortex));
    json_object_object_add(report, "cortex", cortex);
    json_object_object_add(report, "faults", fault_report(control->faults));
    json_object_object_add(report, "up_ms",
                           json_object_new_int64(stats_now_ms() - control->started_ms));
    json_object_object_add(report, "cpu_ms", json_object_new_uint64(stats_cpu_ms()));
    json_object_object_add(report, "peak_kib", json_object_new_uint64(stats_peak_kib()));
    return report;
}

static void control_fine(struct reply *reply)
{
    reply_text(reply, 200, reply->type, "{\"ok\":true}\n");
}

static void control_fail(struct reply *reply, const char *reason)
{
    struct json_object *tree = json_object_new_object();
    json_object_object_add(tree, "ok", json_object_new_boolean(false));
    json_object_object_add(tree, "reason", json_object_new_string(reason));
    reply_json(reply, 400, tree);
}

static void control_stats(struct control *control, struct request *request, struct reply *reply)
{
    (void)request;
    reply_json(reply, 200, control_report(control));
}

/* GET lists, POST adds, PUT replaces, DELETE clears. */
static void control_fault(struct control *control, struct request *request, struct reply *reply)
{
    if (strcmp(request->method, "GET") == 0) {
        reply_json(reply, 200, fault_report(control->faults));
        return;
    }
    if (strcmp(request->method, "DELETE") == 0) {
        fault_clear(control->faults);
        control_fine(reply);
        return;
    }
    const struct buffer *text = request->work;
    struct json_object *tree = text && text->data ? json_tokener_parse(text->data) : NULL;
    char reason[FAULT_REASON_BYTES] = "the body is not JSON";
    struct fault_book *trial = fault_new();
    /* Tried on an empty book first, so that a bad PUT leaves the old rules standing. */
    bool ok = tree && trial && fault_add(trial, tree, reason);
    if (ok && strcmp(request->method, "PUT") == 0) {
        fault_clear(control->faults);
    }
    ok = ok && fault_add(control->faults, tree, reason);
    fault_free(trial);
    json_object_put(tree);
    if (ok) {
        control_fine(reply);
    } else {
        control_fail(reply, reason);
    }
}

static void control_stop(struct control *control, struct request *request, struct reply *reply)
{
    (void)request;
    control_fine(reply);
    control->stop(control->owner);
}

/* Where a server stands in the frame's groups; -1: it is none that can be taken down. */
static int control_group(const char *server)
{
    static const char *const SERVERS[] = {"storage", "elasticsearch", "cortex"};
    for (int i = 0; server && i < 3; i++) {
        if (strcmp(SERVERS[i], server) == 0) {
            return i;
        }
    }
    return -1;
}

/* /_sim/down?server=elasticsearch&ms=500 */
static void control_down(struct control *control, struct request *request, struct reply *reply)
{
    const char *ms = request_query(request, "ms");
    int group = control_group(request_query(request, "server"));
    char *end = NULL;
    unsigned long down_ms = ms ? strtoul(ms, &end, 10) : 0;
    if (group < 0 || !down_ms || *end || down_ms > FAULT_DELAY_MAX_MS) {
        control_fail(reply, "give server=storage, elasticsearch or cortex, and ms");
        return;
    }
    control_fine(reply);
    control->down(control->owner, (unsigned)group, (unsigned)down_ms);
}

static void control_revoke(struct control *control, struct request *request, struct reply *reply)
{
    (void)request;
    if (control->desk) {
        token_desk_revoke(control->desk);
    }
    control_fine(reply);
}

static void control_wipe(struct control *control, struct request *request, struct reply *reply)
{
    (void)request;
    if (control->elastic->store) {
        store_wipe(control->elastic->store);
    }
    control_fine(reply);
}

static void control_handle(void *owner, struct request *request, struct reply *reply)
{
    static const struct {
        const char *path;
        bool changes; /* wants POST, PUT or DELETE */
        void (*fn)(struct control *, struct request *, struct reply *);
    } PATHS[] = {
        {"/_sim/stats", false, control_stats},  {"/_sim/fault", false, control_fault},
        {"/_sim/stop", true, control_stop},     {"/_sim/down", true, control_down},
        {"/_sim/revoke", true, control_revoke}, {"/_sim/wipe", true, control_wipe},
    };
    struct control *control = owner;
    if (cortex_control(control->cortex, request, reply)) {
        return;
    }
    bool reads = strcmp(request->method, "GET") == 0 || strcmp(request->method, "HEAD") == 0;
    for (size_t i = 0; i < sizeof PATHS / sizeof PATHS[0]; i++) {
        if (strcmp(PATHS[i].path, request->path) != 0) {
            continue;
        }
        if (reads && PATHS[i].changes) {
            reply_text(reply, 405, reply->type, "{\"ok\":false,\"reason\":\"use POST\"}\n");
        } else {
            PATHS[i].fn(control, request, reply);
        }
        return;
    }
    reply_text(reply, 404, reply->type, "{\"ok\":false,\"reason\":\"no such path\"}\n");
}

static void control_refuse(void *owner, const struct request *request, unsigned status,
                           struct reply *reply)
{
    (void)owner;
    (void)request;
    reply->status = status;
}

void control_init(struct control *control)
{
    control->started_ms = stats_now_ms();
    control->app = (struct server_app){
        .name = "control",
        .owner = control,
        .classify = control_classify,
        .body = control_body,
        .handle = control_handle,
        .refuse = control_refuse,
        .end = control_end,
    };
}
