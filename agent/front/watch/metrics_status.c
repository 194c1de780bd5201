/* metrics_status.c: the status as columns for a terminal. */
#include "front/watch/metrics.h"

#include "base/clock.h"
#include "pipeline/unit.h"

#include <inttypes.h>
#include <string.h>

#define BEHIND_MS 1000 /* less is a batch that is being filled */

static const char *const health_words[] = {"HEALTHY", "DEGRADED", "FAILED"};

struct columns {
    struct buf *out;
    struct metrics_rates *rates;
    const char *kind;   /* only these */
    size_t place;       /* of the stream */
    int64_t elapsed_ms; /* since the rates were taken; 0: they are still good */
    int worst;
    int status;
};

static void worst_find(void *owner, const struct agent_unit *unit)
{
    struct columns *c = owner;
    char reason[UNIT_REASON_MAX];
    int health = unit_health_get(unit->unit, reason);

    c->worst = health > c->worst ? health : c->worst;
}

static double rate_of(struct columns *c, int64_t events)
{
    size_t place = c->place++;

    if (place >= METRICS_RATES_MAX) {
        return 0;
    }
    if (c->elapsed_ms > 0) {
        c->rates->rates[place] =
            (double)(events - c->rates->events[place]) * 1000 / (double)c->elapsed_ms;
        c->rates->events[place] = events;
    }
    return c->rates->rates[place];
}

static int input_put(struct columns *c, const struct agent_unit *unit)
{
    int64_t events = unit_counter_get(unit->unit, "events_collected_total");
    double rate = rate_of(c, events);

    return buf_add_format(c->out, "%12" PRId64 " %10.0f %12" PRId64 "  %-24s", events, rate,
                          unit_counter_get(unit->unit, "events_dead_lettered_total"), unit->type);
}

static int output_put(struct columns *c, const struct agent_unit *unit)
{
    return buf_add_format(c->out, "%12.1f %10.1f %12s  %-24s", (double)unit->queued / 1048576,
                          (double)unit->queue_max / 1048576, "", unit->type);
}

static int unit_put(struct columns *c, const struct agent_unit *unit)
{
    char reason[UNIT_REASON_MAX];
    char since[CLOCK_TEXT_SIZE];
    int health = unit_health_get(unit->unit, reason);
    int r;

    clock_format(unit_since_ms(unit->unit), since);
    r = buf_add_format(c->out, "%-32.60s %-9s %.19sZ ", unit->id, health_words[health], since);
    r = r != CXD_OK ? r : unit->data_stream != NULL ? input_put(c, unit) : output_put(c, unit);
    r = r != CXD_OK ? r : buf_add_text(c->out, "\n");
    if (r == CXD_OK && reason[0] != '\0') {
        r = buf_add_format(c->out, "  %s\n", reason);
    }
    if (r == CXD_OK && unit->lag_ms >= BEHIND_MS) {
        r = buf_add_format(c->out, "  %" PRId64 " s behind\n", unit->lag_ms / 1000);
    }
    return r;
}

static void unit_show(void *owner, const struct agent_unit *unit)
{
    struct columns *c = owner;

    if (c->status == CXD_OK && strcmp(unit->kind, c->kind) == 0) {
        c->status = unit_put(c, unit);
    }
}

static int totals_put(const struct metrics_source *from, int worst, struct buf *out)
{
    struct agent_tally t;
    int r;

    agent_tally(from->agent, &t);
    r = buf_add_format(out,
                       "%s  cortexd %s, running for %.1f s\n"
                       "%" PRId64 " collected, %" PRId64 " delivered (%" PRId64
                       " were there already), %" PRId64 " dead letters, %" PRId64 " dropped\n",
                       health_words[worst], CXD_VERSION,
                       (double)(clock_mono_ms() - from->start_ms) / 1000, t.collected, t.delivered,
                       t.duplicates, t.dead, t.dropped);
    r = r != CXD_OK ? r : metrics_policy_line(agent_standing(from->agent), out);
    return r != CXD_OK ? r : buf_add_text(out, "\n");
}

int metrics_status(const struct metrics_source *from, struct metrics_rates *before, struct buf *out)
{
    struct columns c = {.out = out, .rates = before, .kind = "input"};
    int64_t now_ms = clock_mono_ms();
    int64_t last_ms = before->taken_ms != 0 ? before->taken_ms : from->start_ms;

    if (now_ms - last_ms >= 1000 || before->taken_ms == 0) {
        c.elapsed_ms = now_ms - last_ms > 0 ? now_ms - last_ms : 1;
        before->taken_ms = now_ms;
    }
    agent_units(from->agent, worst_find, &c);
    c.status = totals_put(from, c.worst, out);
    if (c.status == CXD_OK) {
        c.status = buf_add_format(out, "%-32s %-9s %-20s %12s %10s %12s  %s\n", "STREAM", "STATE",
                                  "SINCE", "EVENTS", "A SECOND", "DEAD LETTERS", "TYPE");
    }
    agent_units(from->agent, unit_show, &c);
    if (c.status == CXD_OK) {
        c.status = buf_add_format(out, "\n%-32s %-9s %-20s %12s %10s %12s  %s\n", "OUTPUT", "STATE",
                                  "SINCE", "QUEUED MiB", "OF MiB", "", "TYPE");
    }
    c.kind = "output";
    agent_units(from->agent, unit_show, &c);
    return c.status;
}
