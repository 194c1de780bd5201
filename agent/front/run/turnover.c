/* turnover.c: streams and outputs that leave a running agent, and those that join it. */
#include "front/run/turnover.h"

#include "base/clock.h"
#include "base/log.h"
#include "front/run/agent_inner.h"
#include "front/run/guard.h"
#include "pipeline/track.h"

#include <string.h>
#include <time.h>

#define LOOK_MS 20 /* between two looks at what is on its way */

static int tracks_are_empty(const struct agent *a)
{
    for (const struct agent_stream *s = a->streams; s != NULL; s = s->next) {
        if (s->is_leaving && !track_is_empty(s->track)) {
            return 0;
        }
    }
    return 1;
}

static void inputs_stop(struct agent *a)
{
    for (struct agent_stream *s = a->streams; s != NULL; s = s->next) {
        if (s->is_leaving) {
            stream_stop(s);
        }
    }
    for (struct agent_stream *s = a->streams; s != NULL; s = s->next) {
        if (s->is_leaving) {
            stream_join(s);
        }
    }
}

static void tracks_wait(struct agent *a)
{
    int64_t deadline_ms = clock_mono_ms() + a->plan->settings.shutdown_ms;
    const struct timespec look = {.tv_nsec = LOOK_MS * 1000000l};

    guard_at("queue", "of what leaves", "acknowledgements");
    while (!tracks_are_empty(a) && clock_mono_ms() < deadline_ms && !atomic_load(&a->stopping)) {
        (void)nanosleep(&look, NULL);
    }
}

static void outputs_stop(struct agent *a)
{
    for (struct agent_output *o = a->outputs; o != NULL; o = o->next) {
        if (o->is_leaving) {
            guard_at("output", o->plan->name, o->module->name);
            atomic_store(&o->stopping, 1);
            sender_stop(o->sender);
            o->sender = NULL;
            spooler_stop(o->spooler);
        }
    }
}

void turnover_stop(struct agent *a)
{
    if (a->options.guard_code != 0) {
        guard_on(a->plan->settings.shutdown_ms + GUARD_SPARE_MS, a->options.guard_code);
    }
    inputs_stop(a);
    tracks_wait(a);
    outputs_stop(a);
    if (a->options.guard_code != 0) {
        guard_off();
    }
}

/* What the totals need of an output that is about to go. */
static void past_add(struct agent_tally *past, struct agent_output *o)
{
    past->delivered += spooler_count(o->spooler, "events_delivered_total");
    past->duplicates += spooler_count(o->spooler, "events_duplicate_total");
    past->dead += spooler_count(o->spooler, "events_dead_lettered_total");
    past->bytes += spooler_count(o->spooler, "bytes_delivered_total");
    past->queued += (int64_t)queue_events(o->queue);
    past->found += o->found;
}

static struct agent_stream *streams_unlink(struct agent *a)
{
    struct agent_stream **at = &a->streams;
    struct agent_stream *out = NULL;

    while (*at != NULL) {
        struct agent_stream *s = *at;
        if (s->is_leaving) {
            *at = s->next;
            s->next = out;
            out = s;
        } else {
            at = &s->next;
        }
    }
    return out;
}

static struct agent_output *outputs_unlink(struct agent *a)
{
    struct agent_output **at = &a->outputs;
    struct agent_output *out = NULL;

    while (*at != NULL) {
        struct agent_output *o = *at;
        if (o->is_leaving) {
            past_add(&a->past, o);
            *at = o->next;
            o->next = out;
            out = o;
        } else {
            at = &o->next;
        }
    }
    return out;
}

/* Batches that are still on their way point to it: it stays, and moves no cursor any more. */
static void stream_retire(struct agent *a, struct agent_stream *s)
{
    LOG(CXD_LOG_WARN, "agent",
        "%s: some of its documents are not acknowledged yet; they may come again, to the same ids",
        s->plan->id);
    track_fence(s->track);
    s->next = a->retired;
    a->retired = s;
}

void turnover_retired_free(struct agent *a, int is_end)
{
    struct agent_stream **at = &a->retired;

    while (*at != NULL) {
        struct agent_stream *s = *at;
        if (is_end || track_is_empty(s->track)) {
            *at = s->next;
            stream_free(s);
        } else {
            at = &s->next;
        }
    }
}

static void outputs_free(struct agent_output *list)
{
    while (list != NULL) {
        struct agent_output *o = list;
        list = o->next;
        output_free(o);
    }
}

static void streams_free(struct agent_stream *list)
{
    while (list != NULL) {
        struct agent_stream *s = list;
        list = s->next;
        stream_free(s);
    }
}

void turnover_free(struct agent *a)
{
    struct agent_stream *streams;
    struct agent_output *outputs;

    (void)pthread_rwlock_wrlock(&a->watch);
    streams = streams_unlink(a);
    outputs = outputs_unlink(a);
    (void)pthread_rwlock_unlock(&a->watch);
    while (streams != NULL) {
        struct agent_stream *s = streams;
        streams = s->next;
        if (s->output->is_leaving || track_is_empty(s->track)) {
            stream_free(s);
        } else {
            stream_retire(a, s);
        }
    }
    outputs_free(outputs); /* after the tracks whose batches they hold */
}

/* What the plan has and the agent has not; *ret_list is the caller's, also after an error. */
static int outputs_make(struct agent *a, const struct plan *plan, struct agent_output **ret_list,
                        struct cxd_error *err)
{
    int r = CXD_OK;

    for (const struct plan_output *p = plan->outputs; p != NULL && r == CXD_OK; p = p->next) {
        if (p->is_used && agent_output_named(a, p->name) == NULL) {
            r = output_build(p, &a->catalog, &a->units, ret_list, err);
            r = r != CXD_OK ? r : agent_link_output(a, *ret_list, err);
            ret_list = *ret_list != NULL ? &(*ret_list)->next : ret_list;
        }
    }
    return r;
}

static int streams_make(struct agent *a, const struct plan *plan, struct agent_stream **ret_list,
                        struct cxd_error *err)
{
    int r = CXD_OK;

    for (const struct plan_stream *p = plan->streams; p != NULL && r == CXD_OK; p = p->next) {
        if (agent_stream_named(a, p->id) == NULL) {
            r = stream_build(p, &a->catalog, agent_output_named(a, p->output->name), &a->units,
                             ret_list, err);
            r = r != CXD_OK ? r : agent_link_stream(a, *ret_list, err);
            ret_list = *ret_list != NULL ? &(*ret_list)->next : ret_list;
        }
    }
    return r;
}

/* The one of that name, taken out of the list. NULL: none. */
static struct agent_output *output_take(struct agent_output **at, const char *name)
{
    struct agent_output *o;

    while (*at != NULL && strcmp((*at)->plan->name, name) != 0) {
        at = &(*at)->next;
    }
    o = *at;
    *at = o != NULL ? o->next : NULL;
    return o;
}

static struct agent_stream *stream_take(struct agent_stream **at, const char *id)
{
    struct agent_stream *s;

    while (*at != NULL && strcmp((*at)->plan->id, id) != 0) {
        at = &(*at)->next;
    }
    s = *at;
    *at = s != NULL ? s->next : NULL;
    return s;
}

/* The new ones join the others, in the order of the plan. */
static void outputs_join(struct agent *a, const struct plan *plan, struct agent_output *fresh)
{
    char reason[UNIT_REASON_MAX];
    struct agent_output *all = NULL;
    struct agent_output **end = &all;

    for (struct agent_output *o = fresh; o != NULL; o = o->next) {
        o->turn = a->turn;
        o->had_failed = unit_health_get(o->unit, reason) == CXD_FAILED;
        unit_renew(o->unit); /* nothing may be sent for long, and then nothing is said */
    }
    (void)pthread_rwlock_wrlock(&a->watch);
    for (const struct plan_output *p = plan->outputs; p != NULL; p = p->next) {
        struct agent_output *o = output_take(&a->outputs, p->name);
        *end = o != NULL ? o : output_take(&fresh, p->name);
        end = *end != NULL ? &(*end)->next : end;
    }
    *end = NULL;
    a->outputs = all;
    (void)pthread_rwlock_unlock(&a->watch);
}

static void streams_join(struct agent *a, const struct plan *plan, struct agent_stream *fresh)
{
    char reason[UNIT_REASON_MAX];
    struct agent_stream *all = NULL;
    struct agent_stream **end = &all;

    for (struct agent_stream *s = fresh; s != NULL; s = s->next) {
        s->turn = a->turn;
        s->had_failed = unit_health_get(s->unit, reason) == CXD_FAILED;
        unit_renew(s->unit);
    }
    (void)pthread_rwlock_wrlock(&a->watch);
    for (const struct plan_stream *p = plan->streams; p != NULL; p = p->next) {
        struct agent_stream *s = stream_take(&a->streams, p->id);
        *end = s != NULL ? s : stream_take(&fresh, p->id);
        end = &(*end)->next;
    }
    *end = NULL;
    a->streams = all;
    (void)pthread_rwlock_unlock(&a->watch);
}

int turnover_build(struct agent *a, const struct plan *plan, struct cxd_error *err)
{
    struct agent_output *outputs = NULL;
    struct agent_stream *streams = NULL;
    int r = outputs_make(a, plan, &outputs, err);

    if (r != CXD_OK) {
        outputs_free(outputs);
        return r;
    }
    outputs_join(a, plan, outputs);
    r = streams_make(a, plan, &streams, err);
    if (r != CXD_OK) {
        streams_free(streams);
        return r;
    }
    streams_join(a, plan, streams);
    return CXD_OK;
}
