/*
 * agent.c: builds everything, starts it from the end of the river, stops it from the source.
 */
#include "front/run/agent.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "front/run/guard.h"
#include "front/run/identity.h"
#include "front/run/stream.h"
#include "io/doc.h"
#include "io/file.h"
#include "pipeline/bind.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct agent {
    const struct plan *plan;
    struct catalog catalog;
    struct agent_output *outputs;
    struct agent_stream *streams;
    struct dead *dead;
    struct registry *registry;
    struct file_lock *lock;
    atomic_int stopping;
    int is_once;
    int is_check;
    int has_desk;
    char *data_path;
    struct identity identity;
};

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

    if (a->is_check) {
        return CXD_OK;
    }
    r = file_make_folder(a->data_path, 0750, err);
    (void)snprintf(path, sizeof path, "%s/cortexd.lock", a->data_path);
    r = r != CXD_OK ? r : file_lock_take(path, &a->lock, err);
    r = r != CXD_OK
            ? r
            : dead_open(a->data_path, (uint64_t)a->plan->settings.dead_bytes, &a->dead, err);
    return r != CXD_OK ? r
                       : registry_open(a->data_path, a->plan->settings.registry_flush_ms, a->dead,
                                       &a->registry, err);
}

static int outputs_build(struct agent *a, struct cxd_error *err)
{
    struct agent_output **end = &a->outputs;

    for (const struct plan_output *o = a->plan->outputs; o != NULL; o = o->next) {
        int r = o->is_used ? output_build(o, &a->catalog, end, err) : CXD_OK;
        if (r != CXD_OK) {
            return r;
        }
        end = *end != NULL ? &(*end)->next : end;
    }
    return CXD_OK;
}

/* Strangers' inputs and outputs are opened once in a process of their own. Processors were when their chain was built. */
static int strangers_try(struct agent *a, struct cxd_error *err)
{
    int r = CXD_OK;

    for (struct agent_output *o = a->outputs; o != NULL && r == CXD_OK; o = o->next) {
        r = catalog_try(&a->catalog, o->module, doc_bytes(o->options), err);
    }
    for (struct agent_stream *s = a->streams; s != NULL && r == CXD_OK; s = s->next) {
        r = catalog_try(&a->catalog, s->module, doc_bytes(s->options), err);
    }
    return r;
}

static struct agent_output *output_find(const struct agent *a, const struct plan_output *plan)
{
    struct agent_output *o = a->outputs;

    while (o->plan != plan) {
        o = o->next;
    }
    return o;
}

static int streams_build(struct agent *a, struct cxd_error *err)
{
    struct agent_stream **end = &a->streams;

    for (const struct plan_stream *p = a->plan->streams; p != NULL; p = p->next) {
        int r = stream_build(p, &a->catalog, output_find(a, p->output), &a->stopping, end, err);
        if (r != CXD_OK) {
            return r;
        }
        end = &(*end)->next;
    }
    return CXD_OK;
}

static int streams_link(struct agent *a, struct cxd_error *err)
{
    int r = CXD_OK;

    for (struct agent_stream *s = a->streams; s != NULL && r == CXD_OK; s = s->next) {
        r = stream_link(s, &a->identity, a->dead, a->registry, err);
        if (r == CXD_OK && s->output->spooler != NULL &&
            spooler_stream(s->output->spooler, &s->unit) != CXD_OK) {
            r = cxd_error_set(err, CXD_NOMEM, "%s: out of memory", s->plan->id);
        }
    }
    return r;
}

static int queues_open(struct agent *a, struct cxd_error *err)
{
    int r = CXD_OK;

    for (struct agent_output *o = a->outputs; o != NULL && r == CXD_OK && !a->is_check;
         o = o->next) {
        r = output_queue_open(o, a->data_path, a->dead, err);
    }
    return r;
}

static int outputs_open(struct agent *a, struct cxd_error *err)
{
    for (struct agent_output *o = a->outputs; o != NULL; o = o->next) {
        int r = a->is_check || a->has_desk
                    ? CXD_OK
                    : output_open(o, a->dead, bind_host(), &a->stopping, err);
        if (r != CXD_OK) {
            return r;
        }
    }
    return CXD_OK;
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
    a->is_once = options->is_once;
    a->is_check = options->is_check;
    a->has_desk = options->desk != NULL;
    r = agent_catalog(&plan->settings, options, &a->catalog, err);
    if (r == CXD_OK) {
        refusals_log(a);
    }
    r = r != CXD_OK ? r : outputs_build(a, err);
    r = r != CXD_OK ? r : streams_build(a, err);
    r = r != CXD_OK || a->is_check ? r : strangers_try(a, err);
    r = r != CXD_OK ? r : state_open(a, err); /* from here on something is touched */
    r = r != CXD_OK ? r : identity_read(&a->identity, a->is_check ? NULL : a->data_path, err);
    r = r != CXD_OK ? r : queues_open(a, err);
    r = r != CXD_OK ? r : streams_link(a, err);
    r = r != CXD_OK ? r : outputs_open(a, err);
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
        if (s->plan->index_override != NULL) {
            continue; /* its documents go where no template of ours applies */
        }
        if (output_setup(s->output, s->plan, &err) != CXD_OK) {
            LOG(CXD_LOG_ERROR, s->output->subject, "%s: index template of %s not put in place: %s",
                s->output->plan->name, s->plan->dataset, err.text);
            unit_health(&s->output->unit, CXD_DEGRADED, err.text);
        }
    }
}

void agent_setup_end(struct agent *a)
{
    atomic_store(&a->stopping, 1);
    for (struct agent_output *o = a->outputs; o != NULL; o = o->next) {
        sender_setup_end(o->sender);
    }
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
        r = o->spooler != NULL ? spooler_start(o->spooler, err) : CXD_OK;
        r = r != CXD_OK || o->sender == NULL ? r : sender_start(o->sender, err);
    }
    return r;
}

int agent_start(struct agent *a, void (*wake)(void), struct cxd_error *err)
{
    int r = agent_start_outputs(a, err);

    for (struct agent_stream *s = a->streams; s != NULL && r == CXD_OK; s = s->next) {
        s->wake = wake;
        r = stream_start(s, a->registry, &a->stopping, a->is_once, stream_ended, err);
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

int agent_has_ended(struct agent *a, int *ret_failed)
{
    int has_ended = 1;

    *ret_failed = 0;
    for (struct agent_stream *s = a->streams; s != NULL; s = s->next) {
        int has_failed = 0;
        has_ended &= s->runner == NULL || runner_has_ended(s->runner, &has_failed);
        *ret_failed |= has_failed;
    }
    return has_ended;
}

const char *agent_folder(const struct agent *a)
{
    return a->data_path;
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
    atomic_store(&a->stopping, 1);
    for (struct agent_stream *s = a->streams; s != NULL; s = s->next) {
        if (s->runner != NULL) {
            runner_interrupt(s->runner);
        }
    }
    for (struct agent_stream *s = a->streams; s != NULL; s = s->next) {
        guard_at("input", s->plan->id, s->module->name);
        runner_free(s->runner); /* joins: its last batch is in the queue then */
        s->runner = NULL;
    }
}

int agent_stop(struct agent *a, const atomic_int *hurry, struct cxd_error *err)
{
    int is_clean;
    int r;

    agent_stop_inputs(a);
    guard_at("queue", "of all outputs", "acknowledgements");
    is_clean = queues_wait(a, clock_mono_ms() + a->plan->settings.shutdown_ms, hurry);
    for (struct agent_output *o = a->outputs; o != NULL; o = o->next) {
        guard_at("output", o->plan->name, o->module->name);
        sender_stop(o->sender);
        o->sender = NULL;
        spooler_stop(o->spooler);
    }
    guard_at("registry", "cursors", "write");
    r = a->registry != NULL ? registry_flush(a->registry, err) : CXD_OK;
    if (r == CXD_OK && is_clean && a->is_once && queued_count(a) > 0) {
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
    while (a->outputs != NULL) {
        struct agent_output *o = a->outputs;
        a->outputs = o->next;
        output_free(o);
    }
    registry_close(a->registry);
    dead_close(a->dead);
    file_lock_free(a->lock);
    catalog_done(&a->catalog);
    free(a->data_path);
    free(a);
}
