/*
 * The bucket is full at first and fills evenly.
 */
#include "cortex_limit.h"

void cortex_limit_init(struct cortex_limit *limit, unsigned count, int64_t in_ms)
{
    *limit = (struct cortex_limit){.count = count, .in_ms = in_ms, .tokens = count};
    pthread_mutex_init(&limit->lock, NULL);
}

void cortex_limit_done(struct cortex_limit *limit)
{
    pthread_mutex_destroy(&limit->lock);
}

bool cortex_limit_take(struct cortex_limit *limit, int64_t now_ms)
{
    if (!limit->count) {
        return true;
    }
    pthread_mutex_lock(&limit->lock);
    if (limit->filled_ms) {
        limit->tokens += (double)(now_ms - limit->filled_ms) * limit->count / (double)limit->in_ms;
    }
    limit->tokens = limit->tokens > limit->count ? limit->count : limit->tokens;
    limit->filled_ms = now_ms;
    bool is_free = limit->tokens >= 1;
    limit->tokens -= is_free ? 1 : 0;
    pthread_mutex_unlock(&limit->lock);
    return is_free;
}
