/*
 * clock.h: the only place that asks the system for the time. Monotonic for waiting, wall for data. Any thread.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

int64_t clock_mono_ms(void);
int64_t clock_wall_ms(void); /* since 1970, UTC */

/* Room for "2026-01-31T12:34:56.789Z" and its NUL. */
#define CLOCK_TEXT_SIZE 25

/* wall_ms as ISO 8601 with milliseconds in UTC; years 0 to 9999 (others are clamped). */
void clock_format(int64_t wall_ms, char out[CLOCK_TEXT_SIZE]);
