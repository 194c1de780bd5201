/*
 * agent.c: builds everything, starts it from the end of the river, stops it from the source.
 */
#include "base/clock.h"
#include "base/log.h"
#include "front/run/agent_inner.h"
#include "front/run/guard.h"
#include "front/run/turnover.h"

#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SAVE_FIRST_MS 200
#define SAVE_MAX_MS 3200

static void refusals_log(const struct agent *a)
{
    for (const struct catalog_entry *e = a->catalog.first; e != NULL; e = e->next) {
        if (e->module == NULL) {
            LOG(CXD_LOG_WARN, "gate", "module refused: %s", e->why.text);
        }
    }
}

static int state_open(struct agent *a, struct cxd_error *err)
{
    char path[PATH_MAX];
    int r;

    if (a->options.is_check) {
        return CXD_OK;
    }
    r = file_make_folder(a->data_path, 0750, err);
    (void)snprintf(path, sizeof path, "%s/cortexd.lock", a->data_path);
    r = r != CXD_OK ? r : file_lock_take(path, &a->lock, err);
    r = r != CXD_OK
            ? r
            : dead_open(a->data_path, (uint64_t)a->plan->settings.dead_bytes, &a->dead, err);
    if (r == CXD_OK && a->keeper != NULL) {
        return keeper_open(a->keeper, a->plan->settings.registry_flush_ms, a->dead, &a->registry,
                           err);
    }
    return r != CXD_OK ? r
                       : registry_open(a->data_path, a->plan->settings.registry_flush_ms, a->dead,
                                       &a->registry, err);
}

int agent_open(const struct plan *plan, const struct agent_options *options,
               struct agent **ret_agent, struct cxd_error *err)
{
    struct agent *a = calloc(1, sizeof *a);
    const char *data_path =
        options->data_path != NULL ? options->data_path : plan->settings.data_path;
    int r;

    if (a == NULL || (a->data_path = strdup(data_path)) == NULL) {
        free(a);
        return cxd_error_set(err, CXD_NOMEM, "out of memory");
    }
    a->plan = plan;
    a->options = *options;
    units_init(&a->units);
    (void)pthread_rwlock_init(&a->watch, NULL); /* never fails for a default lock */
    r = agent_catalog(&plan->settings, options, &a->catalog, err);
    if (r == CXD_OK && !options->is_again) {
        refusals_log(a);
    }
    r = r != CXD_OK ? r : agent_build(a, err);
    r = r != CXD_OK ? r : state_open(a, err); /* from here on something is touched */
    r = r != CXD_OK ? r
                    : identity_read(&a->identity, a->options.is_check ? NULL : a->data_path, err);
    r = r != CXD_OK ? r : agent_link(a, err);
    if (r != CXD_OK) {
        agent_close(a);
        return r;
    }
    *ret_agent = a;
    return CXD_OK;
}

/* A destination that is not there yet is no reason not to start: its templates are asked for again by the next start. */
void agent_setup(struct agent *a)
{
    for (struct agent_stream *s = a->streams; s != NULL && !atomic_load(&a->stopping);
         s = s->next) {
        struct cxd_error err = CXD_ERROR_INIT;
        if (s->runner != NULL || s->plan->index_override != NULL) {
            continue; /* it runs; or its documents go where no template of ours applies */
        }
        if (output_setup(s->output, s->plan, &err) != CXD_OK) {
            LOG(CXD_LOG_ERROR, s->output->subject, "%s: index template of %s not put in place: %s",
                s->output->plan->name, s->plan->dataset, err.text);
            unit_health(s->output->unit, CXD_DEGRADED, err.text);
        }
    }
}

static void stopping_set(struct agent *a)
{
    (void)pthread_rwlock_rdlock(&a->watch);
    atomic_store(&a->stopping, 1);
    for (struct agent_stream *s = a->streams; s != NULL; s = s->next) {
        atomic_store(&s->stopping, 1);
    }
    for (struct agent_output *o = a->outputs; o != NULL; o = o->next) {
        atomic_store(&o->stopping, 1);
    }
    (void)pthread_rwlock_unlock(&a->watch);
}

void agent_setup_end(struct agent *a)
{
    stopping_set(a);
    (void)pthread_rwlock_rdlock(&a->watch);
    for (struct agent_output *o = a->outputs; o != NULL; o = o->next) {
        if (o->sender != NULL) {
            sender_setup_end(o->sender);
        }
    }
    (void)pthread_rwlock_unlock(&a->watch);
}

static void stream_ended(void *owner)
{
    const struct agent_stream *s = owner;

    if (s->wake != NULL) {
        s->wake();
    }
}

int agent_start_outputs(struct agent *a, struct cxd_error *err)
{
    int r = CXD_OK;

    for (struct agent_output *o = a->outputs; o != NULL && r == CXD_OK; o = o->next) {
        if (o->is_started) {
            continue;
        }
        o->is_started = 1;
        r = o->spooler != NULL ? spooler_start(o->spooler, err) : CXD_OK;
        r = r != CXD_OK || o->sender == NULL ? r : sender_start(o->sender, err);
    }
    return r;
}

int agent_start(struct agent *a, void (*wake)(void), struct cxd_error *err)
{
    int r = agent_start_outputs(a, err);

    a->wake = wake;
    for (struct agent_stream *s = a->streams; s != NULL && r == CXD_OK; s = s->next) {
        s->wake = wake;
        r = s->runner != NULL ? r
                              : stream_start(s, a->registry, a->options.is_once, stream_ended, err);
    }
    return r;
}

struct agent_stream *agent_streams(struct agent *a)
{
    return a->streams;
}

struct agent_output *agent_outputs(struct agent *a)
{
    return a->outputs;
}

struct dead *agent_dead(struct agent *a)
{
    return a->dead;
}

struct registry *agent_registry(struct agent *a)
{
    return a->registry;
}

struct courier *agent_reporter(const struct agent *a)
{
    return a->report_courier;
}

const struct identity *agent_identity(const struct agent *a)
{
    return &a->identity;
}

/* Another run moves its cursor: what it collects from here on would be for nothing. */
static void lost_stop(struct agent *a, struct agent_stream *s)
{
    if (a->keeper != NULL && !s->is_lost && registry_is_lost(a->registry, s->plan->id)) {
        s->is_lost = 1;
        unit_health(s->unit, CXD_FAILED, "another run moves this stream's cursor (agent.state)");
        stream_stop(s);
    }
}

int agent_has_ended(struct agent *a, int *ret_failed)
{
    int has_ended = 1;

    *ret_failed = 0;
    for (struct agent_stream *s = a->streams; s != NULL; s = s->next) {
        int has_failed = 0;
        lost_stop(a, s);
        has_ended &= s->runner == NULL || runner_has_ended(s->runner, &has_failed);
        *ret_failed |= has_failed || s->is_lost;
    }
    return has_ended;
}

const char *agent_folder(const struct agent *a)
{
    return a->data_path;
}

struct standing *agent_standing(const struct agent *a)
{
    return a->options.standing;
}

const char *agent_id(const struct agent *a)
{
    return a->identity.id;
}

const char *agent_ephemeral_id(const struct agent *a)
{
    return a->identity.ephemeral_id;
}

int agent_is_settled(struct agent *a, int64_t timeout_ms)
{
    for (struct agent_output *o = a->outputs; o != NULL; o = o->next) {
        if (!queue_is_empty(o->queue, timeout_ms)) {
            return 0;
        }
    }
    return 1;
}

int64_t agent_patience_ms(const struct agent *a)
{
    return a->plan->settings.shutdown_ms;
}

/* 1 when every queue is safe before the deadline: in memory that is empty, on disk all is written. */
static int queues_wait(struct agent *a, int64_t deadline_ms, const atomic_int *hurry)
{
    for (struct agent_output *o = a->outputs; o != NULL; o = o->next) {
        while (!queue_is_safe(o->queue, 100)) {
            if (atomic_load(hurry) || clock_mono_ms() >= deadline_ms) {
                return 0;
            }
        }
    }
    return 1;
}

static int64_t queued_count(struct agent *a)
{
    struct agent_tally t;

    agent_tally(a, &t);
    return t.queued;
}

void agent_stop_inputs(struct agent *a)
{
    stopping_set(a);
    for (struct agent_stream *s = a->streams; s != NULL; s = s->next) {
        stream_stop(s);
    }
    keeper_interrupt(a->keeper); /* a stream that has not begun yet waits for its cursor */
    for (struct agent_stream *s = a->streams; s != NULL; s = s->next) {
        stream_join(s);
    }
}

/* Cursors, and before them the dead letters that they stand on; these also when no cursor is new. */
static int registry_save(struct agent *a, struct cxd_error *err)
{
    int r = a->dead != NULL ? dead_sync(a->dead, err) : CXD_OK;

    return r == CXD_OK && a->registry != NULL ? registry_flush(a->registry, err) : r;
}

/* The last write of a run. A store may be away for a moment: it is asked again until the deadline. */
static int cursors_save(struct agent *a, int64_t deadline_ms, const atomic_int *hurry,
                        struct cxd_error *err)
{
    int64_t wait_ms = SAVE_FIRST_MS;
    int r = registry_save(a, err);

    while (r != CXD_OK && (a->keeper != NULL || a->dead_mail != NULL) && !atomic_load(hurry) &&
           clock_mono_ms() + wait_ms < deadline_ms) {
        LOG(CXD_LOG_WARN, "agent", "cursors are not saved, trying again: %s",
            err != NULL ? err->text : "");
        (void)poll(NULL, 0, (int)wait_ms);
        wait_ms = wait_ms < SAVE_MAX_MS ? 2 * wait_ms : wait_ms;
        r = registry_save(a, err);
    }
    if (r == CXD_OK && dead_mail_has_refused(a->dead_mail)) {
        r = cxd_error_set(err, CXD_REJECTED,
                          "dead letters were refused by their output as well: they lie in %s",
                          a->data_path);
    }
    if (r == CXD_OK && a->registry != NULL && registry_is_lost(a->registry, NULL)) {
        r = cxd_error_set(err, CXD_EXISTS,
                          "agent.state: another run has moved a cursor of this one; see the log");
    }
    return r;
}

int agent_stop(struct agent *a, const atomic_int *hurry, struct cxd_error *err)
{
    int64_t deadline_ms;
    int is_clean;
    int r;

    agent_stop_inputs(a);
    guard_at("queue", "of all outputs", "acknowledgements");
    deadline_ms = clock_mono_ms() + a->plan->settings.shutdown_ms;
    is_clean = queues_wait(a, deadline_ms, hurry);
    for (struct agent_output *o = a->outputs; o != NULL; o = o->next) {
        guard_at("output", o->plan->name, o->module->name);
        sender_stop(o->sender);
        o->sender = NULL;
        spooler_stop(o->spooler);
    }
    guard_at("registry", "cursors", "write");
    r = cursors_save(a, deadline_ms, hurry, err);
    if (r == CXD_OK && is_clean && a->options.is_once && queued_count(a) > 0) {
        r = cxd_error_set(err, CXD_TIMEOUT,
                          "stopped with %lld documents in the queue on disk; the next start sends "
                          "them",
                          (long long)queued_count(a));
    }
    if (r == CXD_OK && !is_clean) {
        r = cxd_error_set(
            err, CXD_TIMEOUT,
            "stopped with documents unacknowledged; they come again at the next start");
    }
    return r;
}

void agent_close(struct agent *a)
{
    if (a == NULL) {
        return;
    }
    while (a->streams != NULL) {
        struct agent_stream *s = a->streams;
        a->streams = s->next;
        guard_at("processors of input", s->plan->id, s->module != NULL ? s->module->name : "none");
        stream_free(s);
    }
    turnover_retired_free(a, 1);
    while (a->outputs != NULL) {
        struct agent_output *o = a->outputs;
        a->outputs = o->next;
        output_free(o);
    }
    registry_close(a->registry);
    keeper_free(a->keeper);
    dead_mail_close(a->dead_mail);
    dead_close(a->dead);
    courier_free(a->dead_courier);
    courier_free(a->report_courier);
    file_lock_free(a->lock);
    catalog_done(&a->catalog);
    units_done(&a->units);
    (void)pthread_rwlock_destroy(&a->watch);
    free(a->data_path);
    free(a);
}
