/* figures.c: what streams and outputs came to, added up and as a report. */
#include "base/buf.h"
#include "base/clock.h"
#include "front/run/agent_inner.h"
#include "front/watch/report.h"

#define REPORT_MAX (16u << 20)

void agent_tally(struct agent *a, struct agent_tally *ret_tally)
{
    struct agent_tally t = a->past;

    t.collected = units_count(&a->units, "input", "events_collected_total");
    t.delivered += units_count(&a->units, "input", "events_delivered_total");
    t.duplicates += units_count(&a->units, "input", "events_duplicate_total");
    t.dead += units_count(&a->units, "input", "events_dead_lettered_total");
    t.dropped = units_count(&a->units, "input", "events_dropped_total");
    t.bytes += units_count(&a->units, "input", "bytes_delivered_total");
    t.lost = units_count(&a->units, "output", "queue_events_lost_total");
    agent_hold(a);
    for (struct agent_output *o = agent_outputs(a); o != NULL; o = o->next) {
        t.delivered += spooler_count(o->spooler, "events_delivered_total");
        t.duplicates += spooler_count(o->spooler, "events_duplicate_total");
        t.dead += spooler_count(o->spooler, "events_dead_lettered_total");
        t.bytes += spooler_count(o->spooler, "bytes_delivered_total");
        t.held += (int64_t)queue_held(o->queue);
        t.queued += (int64_t)queue_events(o->queue);
        t.found += o->found;
    }
    agent_release(a);
    *ret_tally = t;
}

void agent_hold(struct agent *a)
{
    (void)pthread_rwlock_rdlock(&a->watch);
}

void agent_release(struct agent *a)
{
    (void)pthread_rwlock_unlock(&a->watch);
}

char *agent_report(struct agent *a)
{
    struct buf out;
    int r;

    buf_init(&out, REPORT_MAX);
    r = buf_add_text(&out, "[");
    agent_hold(a);
    for (struct agent_stream *s = agent_streams(a); s != NULL && r == CXD_OK; s = s->next) {
        r = report_unit(&out, s->unit, "input");
    }
    for (struct agent_output *o = agent_outputs(a); o != NULL && r == CXD_OK; o = o->next) {
        r = report_unit(&out, o->unit, "output");
    }
    agent_release(a);
    r = r != CXD_OK ? r : buf_add(&out, "]", 2); /* with its NUL */
    if (r != CXD_OK) {
        buf_done(&out);
        return NULL;
    }
    return out.ptr;
}

void agent_units(struct agent *a, void (*each)(void *owner, const struct agent_unit *unit),
                 void *owner)
{
    agent_hold(a);
    for (struct agent_stream *s = agent_streams(a); s != NULL; s = s->next) {
        const struct agent_unit unit = {
            .kind = "input",
            .id = s->plan->id,
            .type = s->module->name,
            .data_stream = s->plan->index,
            .output = s->output->plan->name,
            .lag_ms = s->track != NULL ? track_lag_ms(s->track, clock_mono_ms()) : 0,
            .unit = s->unit};
        each(owner, &unit);
    }
    for (struct agent_output *o = agent_outputs(a); o != NULL; o = o->next) {
        const struct agent_unit unit = {.kind = "output",
                                        .id = o->plan->name,
                                        .type = o->module->name,
                                        .unit = o->unit,
                                        .lag_ms = queue_lag_ms(o->queue, clock_mono_ms()),
                                        .queued = (int64_t)queue_held(o->queue),
                                        .queue_max = o->plan->queue.disk_bytes > 0
                                                         ? o->plan->queue.disk_bytes
                                                         : o->plan->queue.mem_bytes};
        each(owner, &unit);
    }
    agent_release(a);
}
