/* metrics.c: JSON bodies. Prometheus' text is in metrics_text.c. */
#include "front/watch/metrics.h"

#include "base/clock.h"
#include "base/log.h"
#include "front/watch/report.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

/* A list being written: the first failure stays. */
struct list {
    struct buf *out;
    int status;
    size_t count;
};

static const char *const health_words[] = {"HEALTHY", "DEGRADED", "FAILED"};

/* Bytes of memory in use now, from the kernel; 0 when it does not say. */
static int64_t memory_now(void)
{
    long long pages = 0;
    FILE *file = fopen("/proc/self/statm", "re");

    if (file == NULL) {
        return 0;
    }
    if (fscanf(file, "%*s %lld", &pages) != 1) {
        pages = 0;
    }
    (void)fclose(file);
    return pages * sysconf(_SC_PAGESIZE);
}

static int64_t cpu_ms(void)
{
    struct rusage usage;

    if (getrusage(RUSAGE_SELF, &usage) != 0) {
        return 0;
    }
    return ((int64_t)usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000 +
           (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1000;
}

static int member_text(struct buf *out, const char *name, const char *text)
{
    int r = text != NULL ? buf_add_format(out, "\"%s\":", name) : CXD_OK;

    if (r == CXD_OK && text != NULL) {
        r = report_text(out, text);
        r = r != CXD_OK ? r : buf_add_text(out, ",");
    }
    return r;
}

static int separate(struct list *list)
{
    return list->count++ > 0 ? buf_add_text(list->out, ",") : CXD_OK;
}

static int unit_put(struct list *list, const struct agent_unit *unit)
{
    char reason[UNIT_REASON_MAX];
    char since[CLOCK_TEXT_SIZE];
    int health = unit_health_get(unit->unit, reason);
    struct buf *out = list->out;
    int r = separate(list);

    clock_format(unit_since_ms(unit->unit), since);
    r = r != CXD_OK ? r : buf_add_text(out, "{");
    r = r != CXD_OK ? r : member_text(out, "kind", unit->kind);
    r = r != CXD_OK ? r : member_text(out, "id", unit->id);
    r = r != CXD_OK ? r : member_text(out, "type", unit->type);
    r = r != CXD_OK ? r : member_text(out, "data_stream", unit->data_stream);
    r = r != CXD_OK ? r : member_text(out, "output", unit->output);
    r = r != CXD_OK ? r : member_text(out, "state", health_words[health]);
    r = r != CXD_OK ? r : member_text(out, "message", reason);
    r = r != CXD_OK ? r : member_text(out, "since", since);
    if (r == CXD_OK && unit->data_stream == NULL) {
        r = buf_add_format(out, "\"queued_bytes\":%" PRId64 ",\"queue_max_bytes\":%" PRId64 ",",
                           unit->queued, unit->queue_max);
    }
    r = r != CXD_OK ? r : buf_add_format(out, "\"lag_ms\":%" PRId64 ",", unit->lag_ms);
    r = r != CXD_OK ? r : buf_add_text(out, "\"metrics\":");
    r = r != CXD_OK ? r : report_counters(out, unit->unit);
    return r != CXD_OK ? r : buf_add_text(out, "}");
}

static void unit_add(void *owner, const struct agent_unit *unit)
{
    struct list *list = owner;

    if (list->status == CXD_OK) {
        list->status = unit_put(list, unit);
    }
}

static int line_put(struct list *list, const struct log_recent *line)
{
    char time[CLOCK_TEXT_SIZE];
    struct buf *out = list->out;
    int r = separate(list);

    clock_format(line->wall_ms, time);
    r = r != CXD_OK ? r : buf_add_text(out, "{");
    r = r != CXD_OK ? r : member_text(out, "time", time);
    r = r != CXD_OK ? r : member_text(out, "level", line->level == CXD_LOG_WARN ? "warn" : "error");
    r = r != CXD_OK ? r : member_text(out, "logger", line->subject);
    r = r != CXD_OK ? r : buf_add_text(out, "\"message\":");
    r = r != CXD_OK ? r : report_text(out, line->text);
    return r != CXD_OK ? r : buf_add_text(out, "}");
}

static void line_add(void *owner, const struct log_recent *line)
{
    struct list *list = owner;

    if (list->status == CXD_OK) {
        list->status = line_put(list, line);
    }
}

int metrics_state(const struct metrics_source *from, struct buf *out)
{
    struct list units = {.out = out};
    struct list lines = {.out = out};
    struct agent_tally t;
    int r;

    agent_tally(from->agent, &t);
    r = buf_add_format(
        out,
        "{\"version\":\"%s\",\"id\":\"%s\",\"uptime_ms\":%" PRId64 ",\"memory_bytes\":%" PRId64
        ",\"cpu_ms\":%" PRId64 ",\"events\":{\"collected\":%" PRId64 ",\"delivered\":%" PRId64
        ",\"duplicates\":%" PRId64 ",\"dead_lettered\":%" PRId64 ",\"dropped\":%" PRId64
        ",\"delivered_bytes\":%" PRId64 ",\"queued_bytes\":%" PRId64 "},\"units\":[",
        CXD_VERSION, agent_id(from->agent), clock_mono_ms() - from->start_ms, memory_now(),
        cpu_ms(), t.collected, t.delivered, t.duplicates, t.dead, t.dropped, t.bytes, t.held);
    if (r == CXD_OK) {
        agent_units(from->agent, unit_add, &units);
        r = units.status;
    }
    r = r != CXD_OK ? r : buf_add_text(out, "],\"policy\":");
    r = r != CXD_OK ? r : metrics_policy(agent_standing(from->agent), out);
    r = r != CXD_OK ? r : buf_add_text(out, ",\"recent\":[");
    if (r == CXD_OK) {
        log_recent_each(line_add, &lines);
        r = lines.status;
    }
    return r != CXD_OK ? r : buf_add_text(out, "]}\n");
}

struct sums {
    const char *output; /* type of the first */
    int64_t streams;
};

static void unit_sum(void *owner, const struct agent_unit *unit)
{
    struct sums *sums = owner;

    if (unit->data_stream != NULL) {
        sums->streams++;
    } else {
        sums->output = sums->output != NULL ? sums->output : unit->type;
    }
}

int metrics_stats(const struct metrics_source *from, struct buf *out)
{
    struct sums sums = {0};
    struct agent_tally t;
    int64_t active;
    int64_t uptime_ms = clock_mono_ms() - from->start_ms;

    agent_tally(from->agent, &t);
    agent_units(from->agent, unit_sum, &sums);
    active = t.collected - t.delivered - t.dead - t.dropped;
    return buf_add_format(
        out,
        "{\"beat\":{\"cpu\":{\"total\":{\"time\":{\"ms\":%" PRId64
        "}}},\"info\":{\"ephemeral_id\":\"%s\","
        "\"name\":\"cortexd\",\"uptime\":{\"ms\":%" PRId64 "},\"version\":\"%s\"},"
        "\"memstats\":{\"rss\":%" PRId64 "}},"
        "\"filebeat\":{\"events\":{\"active\":%" PRId64 ",\"added\":%" PRId64 ",\"done\":%" PRId64
        "}},"
        "\"libbeat\":{\"output\":{\"events\":{\"acked\":%" PRId64 ",\"active\":%" PRId64
        ",\"dropped\":%" PRId64 ",\"duplicates\":%" PRId64 ",\"total\":%" PRId64
        "},\"type\":\"%s\",\"write\":{\"bytes\":%" PRId64 "}},"
        "\"pipeline\":{\"clients\":%" PRId64 ",\"events\":{\"active\":%" PRId64
        ",\"filtered\":%" PRId64 ",\"published\":%" PRId64 ",\"total\":%" PRId64
        "},\"queue\":{\"filled\":{\"bytes\":%" PRId64 "}}}}}\n",
        cpu_ms(), agent_ephemeral_id(from->agent), uptime_ms, CXD_VERSION, memory_now(), active,
        t.collected, t.collected - active, t.delivered, active, t.dead, t.duplicates,
        t.delivered + t.dead + active, sums.output != NULL ? sums.output : "", t.bytes,
        sums.streams, active, t.dropped, t.collected - t.dropped, t.collected, t.held);
}

static int input_put(struct list *list, const struct agent_unit *unit)
{
    struct buf *out = list->out;
    int r = separate(list);
    size_t start;

    r = r != CXD_OK ? r : buf_add_text(out, "{");
    r = r != CXD_OK ? r : member_text(out, "id", unit->id);
    r = r != CXD_OK ? r : member_text(out, "input", unit->type);
    if (r != CXD_OK) {
        return r;
    }
    start = out->len - 1; /* the comma: the counters' brace takes its place */
    r = report_counters(out, unit->unit);
    if (r == CXD_OK && out->len == start + 3) { /* "," "{" "}": no counter yet */
        out->len = start;
        return buf_add_text(out, "}");
    }
    if (r == CXD_OK) {
        out->ptr[start + 1] = ' ';
    }
    return r;
}

static void input_add(void *owner, const struct agent_unit *unit)
{
    struct list *list = owner;

    if (list->status == CXD_OK && unit->data_stream != NULL) {
        list->status = input_put(list, unit);
    }
}

int metrics_inputs(const struct metrics_source *from, struct buf *out)
{
    struct list list = {.out = out};
    int r = buf_add_text(out, "[");

    if (r == CXD_OK) {
        agent_units(from->agent, input_add, &list);
        r = list.status;
    }
    return r != CXD_OK ? r : buf_add_text(out, "]\n");
}
