#pragma once
/* The tenant's clock: the machine's, or one that stands still or runs at another speed. Any thread; the lock is private. */
#include <pthread.h>
#include <stdint.h>

enum { CORTEX_RATE_MAX = 1000000 };

struct cortex_clock {
    pthread_mutex_t lock;
    int64_t base_ms; /* what it showed .. */
    int64_t real_ms; /* .. when the machine's clock showed this */
    unsigned rate;   /* milliseconds for each real one; 0: it stands */
};

/* time_ms 0: the machine's clock; else it stands at this time. */
void cortex_clock_init(struct cortex_clock *clock, int64_t time_ms);
void cortex_clock_done(struct cortex_clock *clock);
int64_t cortex_clock_now(struct cortex_clock *clock);
unsigned cortex_clock_rate(struct cortex_clock *clock);
/* Stands at time_ms. */
void cortex_clock_set(struct cortex_clock *clock, int64_t time_ms);
/* Goes by_ms forward at once, and on as before. */
void cortex_clock_advance(struct cortex_clock *clock, int64_t by_ms);
/* Goes on from here at this rate. */
void cortex_clock_run(struct cortex_clock *clock, unsigned rate);
