/*
 * What tests ask of the tenant: its clock, and the rows that a collector must have by now.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cortex.h"

/* A query parameter of decimal digits. False: there, but not that. */
static bool control_number(const struct request *request, const char *name, int64_t *number)
{
    const char *text = request_query(request, name);
    if (!text) {
        return true;
    }
    char *end = NULL;
    errno = 0;
    long long value = strtoll(text, &end, 10);
    if (errno || end == text || *end) {
        return false;
    }
    *number = value;
    return true;
}

static void control_refuse(struct reply *reply, const char *reason)
{
    reply_text(reply, 400, reply->type, "");
    buffer_format(&reply->body, "{\"ok\":false,\"reason\":\"%s\"}\n", reason);
}

static void control_show_clock(struct cortex *cortex, struct reply *reply)
{
    reply_text(reply, 200, reply->type, "");
    buffer_format(&reply->body, "{\"ok\":true,\"ms\":%lld,\"rate\":%u}\n",
                  (long long)cortex_clock_now(&cortex->clock), cortex_clock_rate(&cortex->clock));
}

/* ms= stands there, advance= goes on by so much, rate= runs from here. */
static void control_clock(struct cortex *cortex, const struct request *request, struct reply *reply)
{
    int64_t set_ms = -1, advance_ms = 0, rate = -1;
    bool changes = request_query(request, "ms") || request_query(request, "advance") ||
                   request_query(request, "rate");
    if (changes && strcmp(request->method, "POST") != 0) {
        reply_text(reply, 405, reply->type, "{\"ok\":false,\"reason\":\"use POST\"}\n");
        return;
    }
    if (!control_number(request, "ms", &set_ms) ||
        !control_number(request, "advance", &advance_ms) ||
        !control_number(request, "rate", &rate) || advance_ms < 0 || rate > CORTEX_RATE_MAX) {
        control_refuse(reply, "ms, advance and rate are numbers from 0 up");
        return;
    }
    if (set_ms >= 0) {
        cortex_clock_set(&cortex->clock, set_ms);
    }
    cortex_clock_advance(&cortex->clock, advance_ms);
    if (rate >= 0) {
        cortex_clock_run(&cortex->clock, (unsigned)rate);
    }
    control_show_clock(cortex, reply);
}

enum control_what { WHAT_CURRENT, WHAT_ALL, WHAT_SERVED };

struct control_list {
    struct cortex *cortex;
    const struct cortex_set *set;
    enum control_what what;
    int64_t since_ms, until_ms;
    bool as_lines;
    uint64_t count;
    struct buffer rows;
};

/* Is a version of a row what was asked for? Its time is when it came to be. */
static bool control_wants(const struct control_list *list, const struct cortex_row *row,
                          unsigned version, unsigned current, int64_t time_ms)
{
    unsigned sent = atomic_load(&list->cortex->served[list->set->kind].versions[row->number]);
    if (time_ms < list->since_ms || time_ms > list->until_ms) {
        return false;
    }
    switch (list->what) {
    case WHAT_CURRENT:
        return version == current;
    case WHAT_SERVED:
        return sent >> version & 1;
    default:
        return true;
    }
}

static void control_add(struct control_list *list, const struct cortex_row *row, int64_t time_ms)
{
    char id[CORTEX_ID_BYTES];
    list->set->id(row, id);
    if (list->as_lines) {
        buffer_format(&list->rows, "%s %lld\n", id, (long long)time_ms);
    } else {
        buffer_format(&list->rows, "%s{\"id\":\"%s\",\"ms\":%lld}", list->count ? "," : "", id,
                      (long long)time_ms);
    }
    list->count++;
}

static void control_add_row(struct control_list *list, const struct cortex_row *row)
{
    enum cortex_kind kind = list->set->kind;
    bool changes = kind == CORTEX_INCIDENTS;
    unsigned current = changes ? cortex_version_at(row->shape, row->number, row->now_ms) : 0;
    for (unsigned version = 0; version <= current; version++) {
        int64_t time_ms = changes ? cortex_version_ms(row->shape, row->number, version)
                                  : cortex_insert_ms(row->shape, kind, row->number);
        if (control_wants(list, row, version, current, time_ms)) {
            control_add(list, row, time_ms);
        }
    }
}

static const struct cortex_set *control_set(const char *name)
{
    for (unsigned kind = 0; name && kind < CORTEX_KINDS; kind++) {
        const struct cortex_set *set = cortex_set_of((enum cortex_kind)kind);
        if (strcmp(set->name, name) == 0) {
            return set;
        }
    }
    return NULL;
}

static bool control_read_list(struct control_list *list, const struct request *request)
{
    static const char *const WHATS[] = {"current", "all", "served"};
    const char *what = request_query(request, "what"), *form = request_query(request, "format");
    unsigned at = 0;
    while (what && at < 3 && strcmp(WHATS[at], what) != 0) {
        at++;
    }
    list->what = (enum control_what)at;
    list->set = control_set(request_query(request, "kind"));
    list->as_lines = form && strcmp(form, "lines") == 0;
    list->since_ms = INT64_MIN;
    list->until_ms = INT64_MAX;
    return at < 3 && list->set && control_number(request, "since", &list->since_ms) &&
           control_number(request, "until", &list->until_ms);
}

/* kind=, what=current|all|served, since=, until=, format=lines */
static void control_expected(struct cortex *cortex, const struct request *request,
                             struct reply *reply)
{
    struct control_list list = {.cortex = cortex};
    struct cortex_row row = {.shape = &cortex->shape, .now_ms = cortex_clock_now(&cortex->clock)};
    if (!control_read_list(&list, request)) {
        control_refuse(reply, "kind is alerts, incidents, audit_management, audit_agent or "
                              "endpoints; what is current, all or served; since and until are "
                              "numbers");
        return;
    }
    buffer_init(&list.rows, REPLY_BODY_MAX / 2);
    uint64_t count = cortex_visible(row.shape, list.set->kind, row.now_ms);
    for (row.number = 0; row.number < count; row.number++) {
        control_add_row(&list, &row);
    }
    reply_text(reply, 200, list.as_lines ? "text/plain" : reply->type, "");
    if (!list.as_lines) {
        buffer_format(&reply->body, "{\"clock\":%lld,\"count\":%llu,\"rows\":[",
                      (long long)row.now_ms, (unsigned long long)list.count);
    }
    buffer_add(&reply->body, list.rows.data ? list.rows.data : "", list.rows.len);
    buffer_text(&reply->body, list.as_lines ? "" : "]}\n");
    reply->body.failed |= !buffer_ok(&list.rows);
    buffer_done(&list.rows);
}

bool cortex_control(struct cortex *cortex, const struct request *request, struct reply *reply)
{
    if (strcmp(request->path, "/_sim/cortex/clock") == 0) {
        control_clock(cortex, request, reply);
    } else if (strcmp(request->path, "/_sim/cortex/expected") == 0) {
        control_expected(cortex, request, reply);
    } else {
        return false;
    }
    return true;
}

struct json_object *cortex_report(struct cortex *cortex)
{
    struct json_object *report = json_object_new_object(), *refused = json_object_new_object();
    struct json_object *rows = json_object_new_object();
    int64_t now_ms = cortex_clock_now(&cortex->clock);
    for (unsigned i = CORTEX_WELCOME + 1; i < CORTEX_VERDICTS; i++) {
        json_object_object_add(refused, cortex_verdict_name((enum cortex_verdict)i),
                               json_object_new_uint64(atomic_load(&cortex->verdicts[i])));
    }
    for (unsigned i = 0; i < CORTEX_KINDS; i++) {
        const struct cortex_served *served = &cortex->served[i];
        struct json_object *kind = json_object_new_object();
        json_object_object_add(
            kind, "visible",
            json_object_new_uint64(cortex_visible(&cortex->shape, (enum cortex_kind)i, now_ms)));
        json_object_object_add(kind, "served", json_object_new_uint64(atomic_load(&served->rows)));
        json_object_object_add(kind, "distinct",
                               json_object_new_uint64(atomic_load(&served->distinct)));
        json_object_object_add(rows, cortex_set_of((enum cortex_kind)i)->name, kind);
    }
    json_object_object_add(report, "clock_ms", json_object_new_int64(now_ms));
    json_object_object_add(report, "start_ms", json_object_new_int64(cortex->shape.start_ms));
    json_object_object_add(report, "unauthorized", refused);
    json_object_object_add(report, "too_many",
                           json_object_new_uint64(atomic_load(&cortex->limited)));
    json_object_object_add(report, "rows", rows);
    return report;
}
