/*
 * rate.h: how often requests may be made: a token bucket that can be told anew. Pure; times are monotonic milliseconds.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define RATE_WAIT_MAX_MS INT64_C(86400000)

struct rate {
    double per_second; /* negative: no limit; 0: none at all until hold_ms */
    double burst;
    double tokens;
    double after;    /* per_second from hold_ms on */
    int64_t at_ms;   /* tokens as of then */
    int64_t hold_ms; /* no request before; 0: none */
};

void rate_init(struct rate *rate, double per_second, int64_t burst, int64_t now_ms);
/* 0: go; else the time to wait before asking again. */
int64_t rate_take(struct rate *rate, int64_t now_ms);
/* Another limit from now on. burst 0: as before. */
void rate_set(struct rate *rate, double per_second, int64_t burst, int64_t now_ms);
/* No request for wait_ms, then `after` a second. */
void rate_hold(struct rate *rate, int64_t wait_ms, double after, int64_t now_ms);
