/*
 * When rows appear and change. Rows are spread evenly over the span with a jitter below the distance of two; bursts take the
 * time of their first row.
 */
#include "cortex_shape.h"

#include <stdbool.h>

#include "event.h"

enum { SALT_JITTER = 1, SALT_BURST, SALT_LATE, SALT_DELAY, SALT_DELAY_TOO, SALT_VERSIONS };
enum { SALT_CHANGE = 16, SALT_BULK = 32 }; /* and the version */

enum { SHAPE_SECOND_MS = 1000, SHAPE_HOUR_MS = 3600 * SHAPE_SECOND_MS };

uint64_t cortex_draw(const struct cortex_shape *shape, enum cortex_kind kind, uint64_t number,
                     unsigned salt)
{
    uint64_t lane = event_mix(shape->seed * 2 + 1) ^ ((uint64_t)kind << 56) ^ (uint64_t)salt << 48;
    return event_mix(event_mix(lane) ^ number);
}

static uint64_t shape_draw_below(const struct cortex_shape *shape, enum cortex_kind kind,
                                 uint64_t number, unsigned salt, uint64_t below)
{
    return below > 1 ? (cortex_draw(shape, kind, number, salt) >> 11) % below : 0;
}

int64_t cortex_insert_ms(const struct cortex_shape *shape, enum cortex_kind kind, uint64_t number)
{
    uint64_t rows = shape->rows[kind] ? shape->rows[kind] : 1;
    uint64_t span = (uint64_t)shape->span_ms;
    if (shape->burst > 1 && kind != CORTEX_ENDPOINTS &&
        shape_draw_below(shape, kind, number / shape->burst, SALT_BURST, 4) == 0) {
        number -= number % shape->burst;
    }
    return shape->start_ms + (int64_t)(number * span / rows) +
           (int64_t)shape_draw_below(shape, kind, number, SALT_JITTER, span / rows);
}

uint64_t cortex_visible(const struct cortex_shape *shape, enum cortex_kind kind, int64_t now_ms)
{
    uint64_t low = 0, high = shape->rows[kind];
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        if (cortex_insert_ms(shape, kind, middle) + shape->lag_ms <= now_ms) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

int64_t cortex_delay_ms(const struct cortex_shape *shape, enum cortex_kind kind, uint64_t number)
{
    if (shape_draw_below(shape, kind, number, SALT_LATE, 1000) < shape->late) {
        return SHAPE_HOUR_MS +
               (int64_t)shape_draw_below(shape, kind, number, SALT_DELAY, 71ULL * SHAPE_HOUR_MS);
    }
    /* 7 to 627 s with a median near two minutes, as was measured on a tenant. */
    uint64_t one = shape_draw_below(shape, kind, number, SALT_DELAY, 1000);
    uint64_t two = shape_draw_below(shape, kind, number, SALT_DELAY_TOO, 620001);
    return 7LL * SHAPE_SECOND_MS + (int64_t)(one * two / 1000);
}

unsigned cortex_versions(const struct cortex_shape *shape, uint64_t incident)
{
    /* A third is never touched again. */
    uint64_t draw = shape_draw_below(shape, CORTEX_INCIDENTS, incident, SALT_VERSIONS, 3ULL << 20);
    if (!shape->changes || draw % 3 == 0) {
        return 1;
    }
    return 2 + (unsigned)(draw / 3 % shape->changes);
}

/* A quarter of the changes falls on the beats of a slow clock, as when many incidents are closed together. */
static int64_t shape_beat(const struct cortex_shape *shape, uint64_t incident, unsigned version,
                          int64_t last_ms, int64_t time_ms)
{
    int64_t beat = shape->span_ms / 100 + 1;
    int64_t since = time_ms - shape->start_ms;
    int64_t on_beat = shape->start_ms + since - since % beat;
    bool falls = shape_draw_below(shape, CORTEX_INCIDENTS, incident, SALT_BULK + version, 4) == 0;
    return falls && on_beat > last_ms ? on_beat : time_ms;
}

int64_t cortex_version_ms(const struct cortex_shape *shape, uint64_t incident, unsigned version)
{
    int64_t time_ms = cortex_insert_ms(shape, CORTEX_INCIDENTS, incident);
    for (unsigned i = 1; i <= version; i++) {
        int64_t next_ms =
            time_ms + 1 +
            (int64_t)shape_draw_below(shape, CORTEX_INCIDENTS, incident, SALT_CHANGE + i,
                                      (uint64_t)shape->span_ms / 4 + 1);
        time_ms = shape_beat(shape, incident, i, time_ms, next_ms);
    }
    return time_ms;
}

unsigned cortex_version_at(const struct cortex_shape *shape, uint64_t incident, int64_t now_ms)
{
    unsigned version = 0, count = cortex_versions(shape, incident);
    while (version + 1 < count &&
           cortex_version_ms(shape, incident, version + 1) + shape->lag_ms <= now_ms) {
        version++;
    }
    return version;
}

uint64_t cortex_incident_of(const struct cortex_shape *shape, uint64_t alert)
{
    uint64_t alerts = shape->rows[CORTEX_ALERTS], incidents = shape->rows[CORTEX_INCIDENTS];
    return incidents ? alert * incidents / alerts : UINT64_MAX;
}

uint64_t cortex_first_alert(const struct cortex_shape *shape, uint64_t incident)
{
    uint64_t alerts = shape->rows[CORTEX_ALERTS], incidents = shape->rows[CORTEX_INCIDENTS];
    return incidents ? (incident * alerts + incidents - 1) / incidents : UINT64_MAX;
}
