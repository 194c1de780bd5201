/*
 * metrics_text.c: Prometheus' text format: every name once, with all its units behind it.
 */
#include "front/watch/metrics.h"

#include "base/clock.h"
#include "pipeline/unit.h"

#include <inttypes.h>
#include <string.h>

#define UNITS_MAX 1024

struct table {
    struct agent_unit units[UNITS_MAX];
    size_t count;
    int64_t left_out;
};

static void unit_take(void *owner, const struct agent_unit *unit)
{
    struct table *table = owner;

    if (table->count < UNITS_MAX) {
        table->units[table->count++] = *unit;
    } else {
        table->left_out++;
    }
}

/* A label's value between its quotes. */
static int label_add(struct buf *out, const char *name, const char *value)
{
    int r = buf_add_format(out, "%s=\"", name);

    for (; r == CXD_OK && *value != '\0'; value++) {
        r = *value == '\n'                    ? buf_add_text(out, "\\n")
            : *value == '"' || *value == '\\' ? buf_add_format(out, "\\%c", *value)
                                              : buf_add(out, value, 1);
    }
    return r != CXD_OK ? r : buf_add_text(out, "\"");
}

static int sample_add(struct buf *out, const char *name, const struct agent_unit *unit,
                      int64_t value)
{
    int r = buf_add_format(out, "cortexd_%s_%s{", unit->kind, name);

    r = r != CXD_OK ? r : label_add(out, "id", unit->id);
    r = r != CXD_OK ? r : buf_add_text(out, ",");
    r = r != CXD_OK ? r : label_add(out, "type", unit->type);
    if (r == CXD_OK && unit->data_stream != NULL) {
        r = buf_add_text(out, ",");
        r = r != CXD_OK ? r : label_add(out, "data_stream", unit->data_stream);
    }
    return r != CXD_OK ? r : buf_add_format(out, "} %" PRId64 "\n", value);
}

static int is_name(const char *name)
{
    return *name != '\0' && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") == strlen(name);
}

/* The place of a counter in a unit; -1: it has none of that name. */
static int counter_place(const struct unit *u, const char *name)
{
    for (int i = 0; i < UNIT_COUNTERS; i++) {
        const char *there = atomic_load(&u->counters[i].name);
        if (there != NULL && strcmp(there, name) == 0) {
            return i;
        }
    }
    return -1;
}

/* The counter for all units of the kind, when this unit is the first that has it. */
static int counter_put(const struct table *table, size_t first, const char *name, struct buf *out)
{
    const char *kind = table->units[first].kind;
    int is_counter = strlen(name) > 6 && strcmp(name + strlen(name) - 6, "_total") == 0;
    int r;

    for (size_t i = 0; i < first; i++) {
        if (strcmp(table->units[i].kind, kind) == 0 &&
            counter_place(table->units[i].unit, name) >= 0) {
            return CXD_OK;
        }
    }
    r = buf_add_format(out, "# TYPE cortexd_%s_%s %s\n", kind, name,
                       is_counter ? "counter" : "gauge");
    for (size_t i = first; i < table->count && r == CXD_OK; i++) {
        const struct agent_unit *unit = &table->units[i];
        int place = strcmp(unit->kind, kind) == 0 ? counter_place(unit->unit, name) : -1;
        if (place >= 0) {
            r = sample_add(out, name, unit, atomic_load(&unit->unit->counters[place].value));
        }
    }
    return r;
}

static int counters_put(const struct table *table, struct buf *out)
{
    int r = CXD_OK;

    for (size_t i = 0; i < table->count && r == CXD_OK; i++) {
        for (int k = 0; k < UNIT_COUNTERS && r == CXD_OK; k++) {
            const char *name = atomic_load(&table->units[i].unit->counters[k].name);
            r = name != NULL && is_name(name) ? counter_put(table, i, name, out) : CXD_OK;
        }
    }
    return r;
}

/* 0 healthy, 1 degraded, 2 failed. */
static int states_put(const struct table *table, struct buf *out)
{
    static const char *const kinds[] = {"input", "output"};
    char reason[UNIT_REASON_MAX];
    int r = CXD_OK;

    for (int k = 0; k < 2 && r == CXD_OK; k++) {
        r = buf_add_format(out,
                           "# HELP cortexd_%s_state 0 healthy, 1 degraded, 2 failed\n"
                           "# TYPE cortexd_%s_state gauge\n",
                           kinds[k], kinds[k]);
        for (size_t i = 0; i < table->count && r == CXD_OK; i++) {
            if (strcmp(table->units[i].kind, kinds[k]) == 0) {
                r = sample_add(out, "state", &table->units[i],
                               unit_health_get(table->units[i].unit, reason));
            }
        }
    }
    return r;
}

static int lags_put(const struct table *table, const char *kind, const char *what, struct buf *out)
{
    int r = buf_add_format(out, "# HELP cortexd_%s_lag_ms age of the oldest document that is %s\n"
                                "# TYPE cortexd_%s_lag_ms gauge\n",
                           kind, what, kind);

    for (size_t i = 0; i < table->count && r == CXD_OK; i++) {
        if (strcmp(table->units[i].kind, kind) == 0) {
            r = sample_add(out, "lag_ms", &table->units[i], table->units[i].lag_ms);
        }
    }
    return r;
}

int metrics_prometheus(const struct metrics_source *from, struct buf *out)
{
    struct table table = {.count = 0};
    struct agent_tally t;
    int r;

    agent_tally(from->agent, &t);
    agent_units(from->agent, unit_take, &table);
    r = buf_add_format(out,
                       "# TYPE cortexd_info gauge\ncortexd_info{version=\"%s\"} 1\n"
                       "# TYPE cortexd_uptime_seconds gauge\ncortexd_uptime_seconds %.3f\n"
                       "# TYPE cortexd_queued_bytes gauge\ncortexd_queued_bytes %" PRId64 "\n",
                       CXD_VERSION, (double)(clock_mono_ms() - from->start_ms) / 1000, t.held);
    r = r != CXD_OK ? r : metrics_policy_samples(agent_standing(from->agent), out);
    r = r != CXD_OK ? r : states_put(&table, out);
    r = r != CXD_OK ? r
                    : lags_put(&table, "input", "neither acknowledged nor in a queue on disk", out);
    r = r != CXD_OK ? r : lags_put(&table, "output", "not delivered", out);
    return r != CXD_OK ? r : counters_put(&table, out);
}
