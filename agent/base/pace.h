/*
 * pace.h: one pace for all in this process who name the same thing: requests of several streams to one account, which counts them
 * together. Any thread; the lock is private to pace.c. Names are few and live as long as the process.
 */
#pragma once

#include <stdint.h>

#define PACE_NAMES_MAX 256
#define PACE_NAME_MAX 200 /* bytes, terminator included */

/*
 * 0: go, the request is counted. Else: milliseconds to wait before asking again. A request may follow the last one after a second's
 * share (1 / per_second, at least 1), so that no second, wherever it begins, holds more than per_second. now_ms: monotonic.
 * CXD_TOO_LARGE: the name; CXD_FULL: too many names.
 */
int64_t pace_take(const char *name, int64_t per_second, int64_t now_ms);
/* Nobody who gives that name goes before until_ms (monotonic). Nothing happens where pace_take would fail. */
void pace_hold(const char *name, int64_t until_ms);
