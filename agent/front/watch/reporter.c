/* reporter.c: see the header. One thread; it looks for changes once a second and alone waits for the output. */
#include "front/watch/reporter.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "front/run/courier.h"
#include "front/run/identity.h"
#include "front/run/standing.h"
#include "front/run/templates.h"
#include "front/watch/report.h"
#include "pipeline/unit.h"
#include "pipeline/wait.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SUBJECT "agent.report"
#define DOCUMENT_MAX (1u << 20)
#define LOOK_MS 1000
#define LAST_MS 2000 /* for the report at the end */
#define INTERRUPT_MS 100

struct reporter {
    struct metrics_source from;
    int64_t period_ms;
    struct courier *courier;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    int is_over;
    int has_ended;
    int is_away; /* told */
    int health;  /* of the last report */
    unsigned turn;
    int64_t sent_ms; /* monotonic; 0: never */
};

struct counts {
    int64_t states[3]; /* healthy, degraded, failed */
};

static void unit_count_state(void *owner, const struct agent_unit *unit)
{
    struct counts *c = owner;
    char reason[UNIT_REASON_MAX];
    int health = unit_health_get(unit->unit, reason);

    c->states[health >= 0 && health < 3 ? health : 2]++;
}

static int worst_of(const struct counts *c)
{
    return c->states[2] > 0 ? 2 : c->states[1] > 0;
}

static int head_add(const struct metrics_source *from, int64_t now_ms, struct buf *out)
{
    const struct identity *id = agent_identity(from->agent);
    const char *index = courier_index(agent_reporter(from->agent));
    char stamp[CLOCK_TEXT_SIZE];
    int r;

    clock_format(now_ms, stamp);
    r = buf_add_format(out,
                       "{\"@timestamp\":\"%s\",\"ecs\":{\"version\":\"8.11.0\"},"
                       "\"data_stream\":{\"type\":\"metrics\",\"dataset\":\"cortexd.policy\","
                       "\"namespace\":\"%s\"},\"event\":{\"kind\":\"state\",\"module\":\"cortexd\","
                       "\"dataset\":\"cortexd.policy\"},\"agent\":{\"id\":\"%s\","
                       "\"ephemeral_id\":\"%s\",\"type\":\"cortexd\",\"version\":\"%s\"},"
                       "\"host\":{\"name\":",
                       stamp, strrchr(index, '-') + 1, id->id, id->ephemeral_id, CXD_VERSION);
    r = r != CXD_OK ? r : report_text(out, id->host_name);
    r = r != CXD_OK ? r : buf_add_text(out, ",\"hostname\":");
    r = r != CXD_OK ? r : report_text(out, id->host_name);
    return r != CXD_OK ? r : buf_add_text(out, "}");
}

int reporter_document(const struct metrics_source *from, int64_t now_ms, struct buf *out)
{
    static const char *const words[] = {"HEALTHY", "DEGRADED", "FAILED"};
    struct counts counts = {{0}};
    struct agent_tally t;
    int r = head_add(from, now_ms, out);

    agent_units(from->agent, unit_count_state, &counts);
    agent_tally(from->agent, &t);
    if (r == CXD_OK) {
        r = buf_add_format(out,
                           ",\"cortexd\":{\"health\":\"%s\",\"uptime_ms\":%" PRId64
                           ",\"units\":{\"healthy\":%" PRId64 ",\"degraded\":%" PRId64
                           ",\"failed\":%" PRId64 "},\"events\":{\"collected\":%" PRId64
                           ",\"delivered\":%" PRId64 ",\"duplicates\":%" PRId64
                           ",\"dead_lettered\":%" PRId64 ",\"dropped\":%" PRId64 "},\"policy\":",
                           words[worst_of(&counts)], clock_mono_ms() - from->start_ms,
                           counts.states[0], counts.states[1], counts.states[2], t.collected,
                           t.delivered, t.duplicates, t.dead, t.dropped);
    }
    r = r != CXD_OK ? r : metrics_policy(agent_standing(from->agent), out);
    return r != CXD_OK ? r : buf_add_text(out, "}}");
}

static void outcome_tell(struct reporter *r, int status, const struct cxd_error *err)
{
    if (status != CXD_OK && status != CXD_STOPPED && !r->is_away) {
        LOG(CXD_LOG_WARN, SUBJECT, "not delivered to output %s, the next report follows: %s",
            courier_name(r->courier), err->text);
    } else if (status == CXD_OK && r->is_away) {
        LOG(CXD_LOG_INFO, SUBJECT, "delivered to output %s again", courier_name(r->courier));
    }
    r->is_away = status != CXD_OK;
}

static void report_send(struct reporter *r)
{
    _cleanup_(buf_done) struct buf text;
    struct cxd_error err = CXD_ERROR_INIT;
    struct cxd_outcome outcome = {.result = CXD_RESULT_PENDING};
    struct cxd_doc doc;
    int64_t now_ms = clock_wall_ms();
    char id[100];
    int status;

    buf_init(&text, DOCUMENT_MAX);
    agent_hold(r->from.agent);
    status = reporter_document(&r->from, now_ms, &text);
    agent_release(r->from.agent);
    if (status != CXD_OK) {
        (void)cxd_error_set(&err, status, "out of memory");
    } else {
        (void)snprintf(id, sizeof id, "%s-%" PRId64, agent_id(r->from.agent), now_ms);
        doc = (struct cxd_doc){.source = {text.ptr, text.len}, .id = {id, strlen(id)}};
        status = courier_send(r->courier, template_policy, &doc, 1, &outcome, &err);
    }
    if (status == CXD_OK && outcome.result == CXD_RESULT_REJECTED) {
        status = cxd_error_set(&err, CXD_REJECTED, "%.*s",
                               (int)(outcome.reason.len < 300 ? outcome.reason.len : 300),
                               outcome.reason.ptr);
    }
    outcome_tell(r, status, &err);
}

/* 1: something is other than in the last report, or that is a period old. */
static int is_due(struct reporter *r)
{
    struct standing_view v;
    struct counts counts = {{0}};
    int64_t now_ms = clock_mono_ms();
    int is_due;

    standing_get(agent_standing(r->from.agent), &v);
    agent_hold(r->from.agent);
    agent_units(r->from.agent, unit_count_state, &counts);
    agent_release(r->from.agent);
    is_due = r->sent_ms == 0 || v.turn != r->turn || worst_of(&counts) != r->health ||
             now_ms - r->sent_ms >= r->period_ms;
    if (is_due) {
        r->turn = v.turn;
        r->health = worst_of(&counts);
        r->sent_ms = now_ms;
    }
    return is_due;
}

static void *reporting(void *arg)
{
    struct reporter *r = arg;

    (void)pthread_mutex_lock(&r->lock);
    while (!r->is_over) {
        int64_t until_ms;
        (void)pthread_mutex_unlock(&r->lock);
        if (is_due(r)) {
            report_send(r);
        }
        until_ms = clock_mono_ms() + LOOK_MS;
        (void)pthread_mutex_lock(&r->lock);
        while (!r->is_over && wait_cond(&r->wake, &r->lock, until_ms)) {
        }
    }
    (void)pthread_mutex_unlock(&r->lock);
    if (!r->is_away) { /* what a run came to that is shorter than a period */
        report_send(r);
    }
    (void)pthread_mutex_lock(&r->lock);
    r->has_ended = 1;
    (void)pthread_cond_signal(&r->wake);
    (void)pthread_mutex_unlock(&r->lock);
    return NULL;
}

int reporter_open(const struct metrics_source *from, int64_t period_ms,
                  struct reporter **ret_reporter, struct cxd_error *err)
{
    struct reporter *r;

    *ret_reporter = NULL;
    if (agent_reporter(from->agent) == NULL) {
        return CXD_OK;
    }
    r = calloc(1, sizeof *r);
    if (r == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "agent.report: out of memory");
    }
    r->from = *from;
    r->period_ms = period_ms;
    r->courier = agent_reporter(from->agent);
    (void)pthread_mutex_init(&r->lock, NULL); /* never fails for a default mutex */
    wait_cond_init(&r->wake);
    if (pthread_create(&r->thread, NULL, reporting, r) != 0) {
        (void)pthread_mutex_destroy(&r->lock);
        (void)pthread_cond_destroy(&r->wake);
        free(r);
        return cxd_error_set(err, CXD_NOMEM, "agent.report: no thread");
    }
    *ret_reporter = r;
    return CXD_OK;
}

void reporter_close(struct reporter *r)
{
    int64_t until_ms = clock_mono_ms() + LAST_MS;

    if (r == NULL) {
        return;
    }
    (void)pthread_mutex_lock(&r->lock);
    r->is_over = 1;
    (void)pthread_cond_signal(&r->wake);
    while (!r->has_ended) {
        while (!r->has_ended && wait_cond(&r->wake, &r->lock, until_ms)) {
        }
        courier_interrupt(r->courier);
        until_ms = clock_mono_ms() + INTERRUPT_MS;
    }
    (void)pthread_mutex_unlock(&r->lock);
    (void)pthread_join(r->thread, NULL);
    (void)pthread_mutex_destroy(&r->lock);
    (void)pthread_cond_destroy(&r->wake);
    free(r);
}
