/*
 * backoff.h: how long to wait before the next try: exponential with full jitter (a random time up to the bound), so that many
 * agents that lost the same destination do not come back together.
 */
#pragma once

#include <stdint.h>

struct backoff {
    int64_t first_ms; /* bound of the first wait; not above max_ms */
    int64_t max_ms;   /* bound of all later ones */
    int64_t bound_ms; /* bound of the next wait; 0 after reset */
    uint64_t seed;    /* state of the generator */
};

void backoff_init(struct backoff *b, int64_t first_ms, int64_t max_ms, uint64_t seed);
/* The next wait, 1 ms at least. asked_ms: what the other side asked for (-1: nothing); never less than that, up to a day. */
int64_t backoff_next(struct backoff *b, int64_t asked_ms);
void backoff_reset(struct backoff *b); /* after a success */
