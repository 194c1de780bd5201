/* meter.c: see the header. */
#include "meter.h"

#include "allocations.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#if defined(__has_include)
#if __has_include(<valgrind/callgrind.h>)
#include <valgrind/callgrind.h>
#define METER_HAS_CALLGRIND
#endif
#endif

struct sums {
    uint64_t wall_ns;
    uint64_t cpu_ns;
    int64_t allocations;
    int is_used;
};

static const char *const names[METER_COUNT] = {
    "other",  "inflate",   "floor-scan", "copy",        "deflate",  "scan", "map",
    "digest", "serialise", "queue",      "bulk-encode", "compress", "ack",  "json-c"};

static struct sums now[METER_COUNT];  /* this round */
static struct sums best[METER_COUNT]; /* of all rounds */
static uint64_t round_events;
static uint64_t round_bytes;
static enum meter_stage current;
static struct sums since; /* the clocks when the current stage was entered */
static enum meter_stage counted; /* below callgrind: the one that is collected; METER_OTHER: clocks run */

static uint64_t clock_ns(clockid_t id)
{
    struct timespec t;

    (void)clock_gettime(id, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static struct sums clocks_read(void)
{
    return (struct sums){.wall_ns = clock_ns(CLOCK_MONOTONIC),
                         .cpu_ns = clock_ns(CLOCK_THREAD_CPUTIME_ID),
                         .allocations = allocations_count()};
}

static void clocks_take(enum meter_stage to)
{
    struct sums at = clocks_read();
    struct sums *row = &now[current];

    row->wall_ns += at.wall_ns - since.wall_ns;
    row->cpu_ns += at.cpu_ns - since.cpu_ns;
    row->allocations += at.allocations - since.allocations;
    now[to].is_used = 1;
    since = at;
}

enum meter_stage meter_enter(enum meter_stage stage)
{
    enum meter_stage before = current;

    if (counted == METER_OTHER) {
        clocks_take(stage);
    }
    current = stage;
#if defined(METER_HAS_CALLGRIND)
    if (counted != METER_OTHER && (before == counted) != (stage == counted)) {
        CALLGRIND_TOGGLE_COLLECT;
    }
#endif
    return before;
}

void meter_round(uint64_t events, uint64_t bytes)
{
    (void)meter_enter(METER_OTHER);
    for (int i = 0; i < METER_COUNT; i++) {
        int64_t allocations = now[i].allocations;
        if (!best[i].is_used || now[i].cpu_ns < best[i].cpu_ns) {
            best[i] = now[i];
        }
        best[i].allocations = allocations;
    }
    memset(now, 0, sizeof now);
    since = clocks_read();
    round_events = events;
    round_bytes = bytes;
}

void meter_print(void)
{
    for (int i = METER_OTHER + 1; i < METER_COUNT; i++) {
        if (best[i].is_used) {
            (void)printf("%s %" PRIu64 " %" PRIu64 " %.9f %.9f %" PRId64 "\n", names[i],
                         round_events, round_bytes, (double)best[i].wall_ns / 1e9,
                         (double)best[i].cpu_ns / 1e9,
                         allocations_count() < 0 ? -1 : best[i].allocations);
        }
    }
}

int meter_count(enum meter_stage first, enum meter_stage last, void (*round)(void *arg), void *arg)
{
#if defined(METER_HAS_CALLGRIND)
    if (RUNNING_ON_VALGRIND == 0) {
        return -1;
    }
    for (int i = (int)first; i <= (int)last; i++) {
        counted = (enum meter_stage)i;
        round(arg);
        (void)meter_enter(METER_OTHER);
        CALLGRIND_DUMP_STATS_AT(names[i]);
    }
    counted = METER_OTHER;
    return 0;
#else
    (void)first;
    (void)last;
    (void)round;
    (void)arg;
    (void)counted;
    return -1;
#endif
}
