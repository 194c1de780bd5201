/* moment.h: points in time: calendar to nanoseconds and back, in UTC. Pure, any thread. */
#pragma once

#include <cxd/abi.h>

#include <stdbool.h>

#define MOMENT_TEXT_MAX 32

struct moment {
    int64_t seconds; /* since 1970 */
    int64_t nanos;   /* 0 to 999,999,999 */
};

struct moment_parts {
    int year;  /* 0 to 9999 */
    int month; /* 1 to 12 */
    int day;   /* 1 to 31 */
    int hour, minute, second;
};

/* False for a day that the month does not have, or a time outside the day. */
bool moment_make(const struct moment_parts *parts, int64_t nanos, struct moment *ret_moment);
void moment_split(int64_t seconds, struct moment_parts *ret_parts);
/* "2026-01-31T12:34:56.789Z"; the length. Years 0 to 9999; others give 0. */
size_t moment_print(const struct moment *moment, char out[MOMENT_TEXT_MAX]);
int moment_days_in(int year, int month);
