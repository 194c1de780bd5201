/*
 * A line: where it was at one moment, and how steep it is.
 */
#include "cortex_clock.h"

#include "stats.h"

void cortex_clock_init(struct cortex_clock *clock, int64_t time_ms)
{
    int64_t real_ms = stats_now_ms();
    pthread_mutex_init(&clock->lock, NULL);
    clock->real_ms = real_ms;
    clock->base_ms = time_ms ? time_ms : real_ms;
    clock->rate = time_ms ? 0 : 1;
}

void cortex_clock_done(struct cortex_clock *clock)
{
    pthread_mutex_destroy(&clock->lock);
}

/* Wants the lock held. */
static int64_t clock_read(const struct cortex_clock *clock, int64_t real_ms)
{
    return clock->base_ms + (real_ms - clock->real_ms) * (int64_t)clock->rate;
}

int64_t cortex_clock_now(struct cortex_clock *clock)
{
    pthread_mutex_lock(&clock->lock);
    int64_t now_ms = clock_read(clock, stats_now_ms());
    pthread_mutex_unlock(&clock->lock);
    return now_ms;
}

unsigned cortex_clock_rate(struct cortex_clock *clock)
{
    pthread_mutex_lock(&clock->lock);
    unsigned rate = clock->rate;
    pthread_mutex_unlock(&clock->lock);
    return rate;
}

void cortex_clock_set(struct cortex_clock *clock, int64_t time_ms)
{
    pthread_mutex_lock(&clock->lock);
    clock->base_ms = time_ms;
    clock->rate = 0;
    pthread_mutex_unlock(&clock->lock);
}

void cortex_clock_advance(struct cortex_clock *clock, int64_t by_ms)
{
    pthread_mutex_lock(&clock->lock);
    clock->base_ms += by_ms;
    pthread_mutex_unlock(&clock->lock);
}

void cortex_clock_run(struct cortex_clock *clock, unsigned rate)
{
    pthread_mutex_lock(&clock->lock);
    int64_t real_ms = stats_now_ms();
    clock->base_ms = clock_read(clock, real_ms);
    clock->real_ms = real_ms;
    clock->rate = rate;
    pthread_mutex_unlock(&clock->lock);
}
