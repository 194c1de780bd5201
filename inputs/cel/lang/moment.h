/*
 * moment.h: instants and spans of time: the calendar, RFC 3339, and durations as text. Pure.
 *
 * An instant is seconds since 1970 and nanoseconds (0 to 999,999,999). A span is nanoseconds in 64 bits, about 292 years.
 */
#pragma once

#include "sink.h"
#include "value.h"

#define MOMENT_MIN (-62135596800) /* 0001-01-01T00:00:00Z */
#define MOMENT_MAX 253402300799   /* 9999-12-31T23:59:59Z */
#define MOMENT_SECOND 1000000000  /* nanoseconds */

struct moment_civil {
    int64_t year;
    int month; /* 1 to 12 */
    int day;   /* 1 to 31 */
    int hour;
    int minute;
    int second;
    int weekday; /* 0: Sunday */
    int yearday; /* 0 to 365 */
};

static inline bool moment_is_valid(int64_t seconds)
{
    return seconds >= MOMENT_MIN && seconds <= MOMENT_MAX;
}

int64_t moment_days(int64_t year, int month, int day); /* since 1970-01-01 */
int moment_month_days(int64_t year, int month);
struct moment_civil moment_split(int64_t seconds);
int64_t moment_join(const struct moment_civil *civil);

/* RFC 3339, all of the text; any year 0000 to 9999. */
bool moment_read(struct cxd_bytes text, int64_t *ret_seconds, uint32_t *ret_ns);
/* RFC 3339 in UTC without trailing zeros of the fraction. */
void moment_put(struct sink *sink, int64_t seconds, uint32_t ns);

/* "1h30m", "-1.5s", "20ms", "0". False: no duration, or beyond the range. */
bool moment_read_span(struct cxd_bytes text, int64_t *ret_ns);
/* Seconds with decimals and an s: "-1.5s". */
void moment_put_span(struct sink *sink, int64_t ns);

/* instant + span; false: leaves the range of 64 bits */
bool moment_add(struct value at, int64_t ns, struct value *ret);
/* a - b in nanoseconds; false: does not fit */
bool moment_between(struct value a, struct value b, int64_t *ret_ns);
