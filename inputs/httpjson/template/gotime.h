/*
 * gotime.h: points in time and lengths of time as Go writes and reads them. Pure.
 *
 * A layout is the reference time Mon Jan 2 15:04:05 MST 2006 written the way wanted, or the name of one of Go's own layouts.
 */
#pragma once

#include "lib/heap.h"

struct gotime {
    int64_t sec;    /* since 1970, UTC */
    int32_t nsec;   /* 0 to 999,999,999 */
    int32_t offset; /* seconds east of UTC */
    char zone[8];   /* "UTC", "CET"; "": shown by its offset */
};

#define GOTIME_ZERO_SEC (-INT64_C(62135596800)) /* Go's zero time: year 1 */

struct gotime gotime_utc(int64_t sec, int64_t nsec); /* nsec of any size */
/* "RFC3339" and the like become their layout; other text stays. */
struct cxd_bytes gotime_layout(struct cxd_bytes name);
void gotime_format(const struct gotime *t, struct cxd_bytes layout, struct text *out);
/* False: the text is not of that layout, or no such time. offset/zone: what holds when the text names none. */
bool gotime_parse(struct cxd_bytes layout, struct cxd_bytes text, int32_t offset, const char *zone,
                  struct gotime *ret);
bool gotime_is_zero(const struct gotime *t);
int gotime_compare(const struct gotime *a, const struct gotime *b);
/* t + ns */
struct gotime gotime_add(const struct gotime *t, int64_t ns);
/* a - b in nanoseconds, at the ends of int64 when it is out of range */
int64_t gotime_sub(const struct gotime *a, const struct gotime *b);

/* The parts of a time, in its own zone. */
struct gotime_parts {
    int64_t year;
    int month, day, hour, minute, second; /* month and day from 1 */
    int weekday;                          /* 0: Sunday */
    int yearday;                          /* from 1 */
};
struct gotime_parts gotime_parts(const struct gotime *t);
/* Days since 1970 of a date; month and day may lie outside their range. */
int64_t gotime_days(int64_t year, int64_t month, int64_t day);
extern const char *const gotime_months[12];
extern const char *const gotime_weekdays[7];

/* "1h15m30.918s" */
void duration_format(int64_t ns, struct text *out);
bool duration_parse(struct cxd_bytes text, int64_t *ret_ns);

/* zone.c: a zone by its IANA name or "+02:00"; what it says at sec. False: no such zone. */
bool zone_find(struct cxd_bytes name, int64_t sec, int32_t *ret_offset, char ret_zone[8]);
