#pragma once
/* A token bucket: so many requests in a time, all at once or spread. Any thread; the lock is private. */
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct cortex_limit {
    pthread_mutex_t lock;
    unsigned count; /* 0: no limit */
    int64_t in_ms;
    int64_t filled_ms;
    double tokens;
};

void cortex_limit_init(struct cortex_limit *limit, unsigned count, int64_t in_ms);
void cortex_limit_done(struct cortex_limit *limit);
/* False: too many. now_ms is of a clock that never goes back. */
bool cortex_limit_take(struct cortex_limit *limit, int64_t now_ms);
