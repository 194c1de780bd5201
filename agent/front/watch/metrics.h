/*
 * metrics.h: what the agent has done and how its units are, as texts: for the status page, for Beats' readers, for Prometheus.
 *
 * Any thread between agent_open and agent_close. Each appends a whole body to out; CXD_NOMEM or CXD_TOO_LARGE (out's limit).
 * Names of counters and of the members of /stats are Filebeat's where it has the same thing.
 */
#pragma once

#include "base/buf.h"
#include "front/run/agent.h"

#include <stdint.h>

struct metrics_source {
    struct agent *agent;
    int64_t start_ms; /* monotonic, of the start */
};

/* {"version", "id", "uptime_ms", "policy": {...}, "events": {...}, "units": [...], "recent": [...]}: all that the page, `status` and `top` show. */
int metrics_state(const struct metrics_source *from, struct buf *out);
/* Filebeat's /stats. */
int metrics_stats(const struct metrics_source *from, struct buf *out);
/* Filebeat's /inputs/: one object for each stream. */
int metrics_inputs(const struct metrics_source *from, struct buf *out);
/* For a terminal: the worst state as the first word, totals, then streams and outputs in columns. before: what the same call gave
 * last time, for rates; all zero at first. It is brought up to date at most once a second. */
enum { METRICS_RATES_MAX = 256 };
struct metrics_rates {
    int64_t taken_ms; /* monotonic; 0: never */
    int64_t events[METRICS_RATES_MAX];
    double rates[METRICS_RATES_MAX]; /* of streams in their order, a second */
};
int metrics_status(const struct metrics_source *from, struct metrics_rates *before,
                   struct buf *out);
/* Parts of these: {"state", "reason", "since", "running": {"id", "revision", "hash"}, "wanted": {...}, "server": {"url", "state", "reason",
 * "since"}}; a line or two for a terminal (nothing when there is nothing to tell); samples for Prometheus. standing may be NULL. */
struct standing;
int metrics_policy(struct standing *standing, struct buf *out);
int metrics_policy_line(struct standing *standing, struct buf *out);
int metrics_policy_samples(struct standing *standing, struct buf *out);
/* Prometheus' text format 0.0.4. */
int metrics_prometheus(const struct metrics_source *from, struct buf *out);
