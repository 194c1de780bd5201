/* input.c: see the header. The input is the agent's own with the host's real network; only where its events go is replaced. */
#include "front/try/input.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/redact.h"
#include "base/status.h"
#include "base/text.h"
#include "front/command.h"
#include "front/run/stream.h"
#include "io/doc.h"
#include "pipeline/bind.h"
#include "pipeline/chain.h"
#include "pipeline/event.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define EVENTS_ENOUGH 10
#define PATIENCE_MS 60000
#define POLLS_MAX 10000
#define TEXT_MAX ((size_t)128 << 20)
enum { COUNTERS_MAX = 32, COUNTER_NAME = 64 };

struct asking {
    struct agent_stream *stream;
    const struct input_test *test;
    struct cxd_event *event;
    struct buf out;
    atomic_int stopping; /* set when there is enough: the rest of the page is left */
    unsigned enough;
    unsigned events;
    unsigned failed; /* by the processors, or refused by the input */
    char first_time[64];
    char why[512]; /* of the first that failed, or of bad health */
    struct {
        char name[COUNTER_NAME];
        int64_t value;
    } counters[COUNTERS_MAX];
    size_t counter_count;
};

static int event_take(void *owner, struct cxd_event **ret_event, struct cxd_error *err)
{
    struct asking *a = owner;

    (void)err;
    event_reset(a->event);
    *ret_event = a->event;
    return 0;
}

static void why_keep(struct asking *a, const char *text)
{
    if (a->why[0] == '\0' && text != NULL) {
        (void)snprintf(a->why, sizeof a->why, "%s", text);
    }
}

/* What the agent would have put there before the processors run. */
static int members_put(struct asking *a)
{
    const struct plan_stream *plan = a->stream->plan;
    struct cxd_value tags = {
        .ptr = plan->tags, .len = (uint32_t)strlen(plan->tags), .kind = CXD_KIND_LIST};
    struct cxd_bytes message = event_message(a->event);
    struct cxd_value text = {.ptr = message.ptr,
                             .len = (uint32_t)message.len,
                             .kind = CXD_KIND_STRING,
                             .flags = CXD_VALUE_TEXT};
    struct cxd_node *root = event_root(a->event);

    if (root == NULL || (strcmp(plan->tags, "[]") != 0 &&
                         node_put(a->event, root, CXD_LIT("tags"), tags) == NULL)) {
        return CXD_NOMEM;
    }
    return a->stream->has_mapping || message.len == 0 ||
                   node_put(a->event, root, CXD_LIT("message"), text) != NULL
               ? CXD_OK
               : CXD_NOMEM;
}

static void time_find(struct asking *a)
{
    static const char word[] = "\"@timestamp\":\"";
    const char *at = memmem(a->out.ptr, a->out.len, word, sizeof word - 1);
    const char *end;

    if (at == NULL || a->first_time[0] != '\0') {
        return;
    }
    at += sizeof word - 1;
    end = memchr(at, '"', (size_t)(a->out.ptr + a->out.len - at));
    if (end != NULL && end - at < (ptrdiff_t)sizeof a->first_time) {
        (void)snprintf(a->first_time, sizeof a->first_time, "%.*s", (int)(end - at), at);
    }
}

static int document_make(struct asking *a, struct cxd_error *why)
{
    int r = members_put(a);

    r = r != CXD_OK ? r : chain_run(intake_chain(a->stream->intake), a->event, why);
    if (r != CXD_KEEP) {
        return r;
    }
    buf_clear(&a->out);
    r = event_render(a->event, &a->out);
    if (r == CXD_OK) {
        time_find(a);
    }
    if (r == CXD_OK && a->events <= a->test->show) {
        redact_text(a->out.ptr, a->out.len);
        (void)printf("%.*s\n", (int)a->out.len, a->out.ptr);
    }
    return r;
}

static int event_emit(void *owner, struct cxd_event *ev, struct cxd_error *err)
{
    struct asking *a = owner;
    struct cxd_error why = CXD_ERROR_INIT;

    (void)ev;
    (void)err;
    if (atomic_load(&a->stopping)) {
        return 0; /* what was on its way already */
    }
    a->events++;
    if (document_make(a, &why) < 0) {
        a->failed++;
        why_keep(a, why.text);
    }
    if (a->events >= a->enough) {
        atomic_store(&a->stopping, 1);
    }
    return 0;
}

static int event_refuse(void *owner, struct cxd_event *ev, const struct cxd_error *why)
{
    struct asking *a = owner;

    (void)ev;
    a->failed++;
    why_keep(a, why != NULL ? why->text : NULL);
    return 0;
}

static int cursor_drop(void *owner, struct cxd_bytes cursor, struct cxd_error *err)
{
    (void)owner;
    (void)cursor;
    (void)err;
    return 0;
}

static struct cxd_bytes cursor_none(void *owner)
{
    (void)owner;
    return (struct cxd_bytes){NULL, 0};
}

static void health_note(void *owner, int health, const char *reason)
{
    if (health != CXD_HEALTHY) {
        why_keep(owner, reason);
    }
}

static void count_note(void *owner, const char *name, int64_t delta)
{
    struct asking *a = owner;
    size_t i = 0;

    while (i < a->counter_count && strcmp(a->counters[i].name, name) != 0) {
        i++;
    }
    if (i == COUNTERS_MAX || strlen(name) >= COUNTER_NAME) {
        return;
    }
    if (i == a->counter_count) {
        a->counter_count++;
        (void)snprintf(a->counters[i].name, COUNTER_NAME, "%s", name);
    }
    a->counters[i].value += delta;
}

static const struct self_ops asking_ops = {.event_new = event_take,
                                           .emit = event_emit,
                                           .reject = event_refuse,
                                           .mark = cursor_drop,
                                           .cursor = cursor_none,
                                           .health = health_note,
                                           .count = count_note};

/* Until there is enough, or nothing more at the moment, or a failure. */
static int polls_make(struct asking *a, void *instance, struct cxd_error *err)
{
    const struct cxd_input_ops *ops = a->stream->module->ops;
    int64_t until_ms = clock_mono_ms() + PATIENCE_MS;

    for (int i = 0; i < POLLS_MAX && clock_mono_ms() < until_ms; i++) {
        int64_t wait_ms = 0;
        int r = ops->poll(instance, &wait_ms, err);
        if (atomic_load(&a->stopping)) {
            return CXD_OK;
        }
        if (r == CXD_POLL_RETRY || r == CXD_POLL_FAILED || r < 0) {
            return r < 0 ? r : CXD_IO;
        }
        if (r != CXD_POLL_MORE) {
            return CXD_OK;
        }
    }
    return CXD_OK;
}

static int stream_poll(struct asking *a, struct cxd_error *err)
{
    const struct cxd_input_ops *ops = a->stream->module->ops;
    struct cxd_self self = {
        .subject = a->stream->subject, .stopping = &a->stopping, .ops = &asking_ops, .owner = a};
    void *instance = NULL;
    int r = ops->open(bind_host(), &self, doc_bytes(a->stream->options), &instance, err);

    r = r != CXD_OK ? r : polls_make(a, instance, err);
    if (instance != NULL) {
        ops->close(instance);
    }
    return r;
}

static void json_text_print(const char *name, const char *text)
{
    char quoted[8192];
    size_t len = text_quote((struct cxd_bytes){text, strlen(text)}, quoted, sizeof quoted);

    (void)printf(",\"%s\":%.*s", name, (int)(len > 0 ? len : 2), len > 0 ? quoted : "\"\"");
}

static void json_print(const struct asking *a, const char *problem)
{
    (void)printf("{\"ok\":%s,\"events\":%u,\"failed\":%u", problem == NULL ? "true" : "false",
                 a->events, a->failed);
    json_text_print("stream", a->stream->plan->id);
    json_text_print("input", a->stream->module->name);
    json_text_print("first", a->first_time);
    json_text_print("error", problem != NULL ? problem : "");
    (void)printf(",\"counters\":{");
    for (size_t i = 0; i < a->counter_count; i++) { /* names are identifiers of the module */
        (void)printf("%s\"%s\":%" PRId64, i > 0 ? "," : "", a->counters[i].name,
                     a->counters[i].value);
    }
    (void)printf("}}\n");
}

static void text_print(const struct asking *a)
{
    (void)printf("stream %s (%s): %s\n", a->stream->plan->id, a->stream->module->name,
                 a->events > 0 ? "reached" : "reached, and there is nothing");
    if (a->events > 0) {
        (void)printf("  records seen: %u%s\n", a->events,
                     atomic_load(&a->stopping) ? " (there are more, or may be)" : "");
    }
    if (a->first_time[0] != '\0') {
        (void)printf("  time of the first: %s\n", a->first_time);
    }
    for (size_t i = 0; i < a->counter_count; i++) {
        if (a->counters[i].value != 0) {
            (void)printf("  %s: %" PRId64 "\n", a->counters[i].name, a->counters[i].value);
        }
    }
}

int input_ask(struct agent_stream *s, const struct input_test *test)
{
    struct asking a = {.stream = s, .test = test};
    struct cxd_error err = CXD_ERROR_INIT;
    const char *problem = NULL;
    int r;

    a.enough = test->show > EVENTS_ENOUGH ? test->show : EVENTS_ENOUGH;
    buf_init(&a.out, TEXT_MAX);
    r = event_open(&(struct event_limits){.message_max = (size_t)16 << 20}, &a.event);
    r = r == CXD_OK ? stream_poll(&a, &err) : r;
    status_explain(&err, r);
    if (r != CXD_OK) {
        problem = err.text;
    } else if (a.failed > 0 || (a.events == 0 && a.why[0] != '\0')) {
        problem = a.why;
    }
    redact_text(err.text, strlen(err.text));
    redact_text(a.why, strlen(a.why));
    if (test->is_json) {
        json_print(&a, problem);
    } else if (problem == NULL || a.events > 0) {
        text_print(&a);
    }
    (void)fflush(stdout);
    if (problem != NULL) {
        command_complain("stream %s: %s", s->plan->id, problem);
    }
    event_close(a.event);
    buf_done(&a.out);
    return problem == NULL;
}
