/* rate.c: see the header. */
#include "rate.h"

void rate_init(struct rate *rate, double per_second, int64_t burst, int64_t now_ms)
{
    *rate = (struct rate){.per_second = per_second,
                          .burst = (double)burst,
                          .tokens = (double)burst,
                          .after = per_second,
                          .at_ms = now_ms};
}

static void refill(struct rate *rate, int64_t now_ms)
{
    double more = (double)(now_ms - rate->at_ms) / 1000 * rate->per_second;

    if (now_ms > rate->at_ms) {
        rate->tokens = rate->tokens + more < rate->burst ? rate->tokens + more : rate->burst;
    }
    rate->at_ms = now_ms;
}

int64_t rate_take(struct rate *rate, int64_t now_ms)
{
    double wait;

    if (rate->hold_ms > now_ms) {
        return rate->hold_ms - now_ms;
    }
    if (rate->hold_ms > 0) {
        rate->hold_ms = 0;
        rate_set(rate, rate->after, 0, now_ms);
    }
    if (rate->per_second < 0) {
        return 0;
    }
    refill(rate, now_ms);
    if (rate->tokens >= 1) {
        rate->tokens -= 1;
        return 0;
    }
    if (rate->per_second == 0) {
        return RATE_WAIT_MAX_MS;
    }
    wait = (1 - rate->tokens) / rate->per_second * 1000;
    return wait < (double)RATE_WAIT_MAX_MS ? (int64_t)wait + 1 : RATE_WAIT_MAX_MS;
}

void rate_set(struct rate *rate, double per_second, int64_t burst, int64_t now_ms)
{
    if (rate->per_second < 0) {
        rate->tokens = rate->burst; /* nothing was counted so far */
        rate->at_ms = now_ms;
    } else {
        refill(rate, now_ms);
    }
    rate->per_second = per_second;
    if (burst > 0) {
        rate->burst = (double)burst;
    }
    if (rate->tokens > rate->burst) {
        rate->tokens = rate->burst;
    }
}

void rate_hold(struct rate *rate, int64_t wait_ms, double after, int64_t now_ms)
{
    wait_ms = wait_ms < RATE_WAIT_MAX_MS ? wait_ms : RATE_WAIT_MAX_MS;
    rate->hold_ms = now_ms + (wait_ms > 0 ? wait_ms : 1);
    rate->after = after;
}
