/* backoff.c: see the header. */
#include "base/backoff.h"

#define DAY_MS 86400000

void backoff_init(struct backoff *b, int64_t first_ms, int64_t max_ms, uint64_t seed)
{
    max_ms = max_ms < 1 ? 1 : max_ms;
    first_ms = first_ms < 1 ? 1 : first_ms;
    *b = (struct backoff){
        .first_ms = first_ms < max_ms ? first_ms : max_ms, .max_ms = max_ms, .seed = seed | 1};
}

/* xorshift64: spread is all that is asked of it, not secrecy */
static uint64_t random_next(uint64_t *state)
{
    uint64_t x = *state;

    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    *state = x;
    return x;
}

int64_t backoff_next(struct backoff *b, int64_t asked_ms)
{
    int64_t wait_ms;

    if (b->bound_ms == 0) {
        b->bound_ms = b->first_ms;
    } else {
        b->bound_ms = b->bound_ms > b->max_ms / 2 ? b->max_ms : b->bound_ms * 2;
    }
    wait_ms = 1 + (int64_t)(random_next(&b->seed) % (uint64_t)b->bound_ms);
    if (asked_ms > DAY_MS) {
        asked_ms = DAY_MS;
    }
    return wait_ms < asked_ms ? asked_ms : wait_ms;
}

void backoff_reset(struct backoff *b)
{
    b->bound_ms = 0;
}
