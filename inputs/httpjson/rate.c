/*
 * rate.c: limits that a server tells in its headers. Without a remaining count there is no limit; at the last one we wait for
 * the reset. Thread: the instance's.
 */
#include "answer.h"

#include "note.h"

#include <stdlib.h>

#define RATE_WAIT_MAX_MS INT64_C(86400000)

/* A template's number; false: it gives none. */
static bool rate_number(struct input *in, const struct config_value *value, double *ret)
{
    struct cxd_error err = CXD_ERROR_INIT;
    struct cxd_bytes text = {NULL, 0};
    char room[64];
    char *end;

    if (context_value(&in->context, NULL, value, &text, &err) != 0 || text.len >= sizeof room) {
        return false;
    }
    memcpy(room, text.ptr, text.len);
    room[text.len] = '\0';
    *ret = strtod(room, &end);
    return end != room;
}

static double rate_floor(struct input *in, const struct config_rate *rate)
{
    double limit = 0;

    if (rate->early_limit >= 1) {
        return rate->early_limit;
    }
    return rate->early_limit > 0 && rate_number(in, &rate->limit, &limit)
               ? rate->early_limit * limit
               : 0;
}

/* Milliseconds to wait; 0: none. */
static int64_t rate_read(struct input *in, const struct config_rate *rate)
{
    int64_t now = in->heap.host->wall_ms(in->heap.self);
    double remaining = 0;
    double reset = 0;
    double wait;

    if (!rate_number(in, &rate->remaining, &remaining) || remaining > rate_floor(in, rate)) {
        return 0;
    }
    if (rate->reset.value == NULL || !rate_number(in, &rate->reset, &reset)) {
        return 0;
    }
    wait = reset * 1000 - (double)now;
    return wait <= 0 ? 0 : wait < (double)RATE_WAIT_MAX_MS ? (int64_t)wait : RATE_WAIT_MAX_MS;
}

bool rate_wait(struct input *in, int http_status)
{
    const struct config_rate *rate = &in->config.steps[in->depth].rate;
    struct view last = in->context.last;
    struct page probe;
    int64_t wait;
    char why[120];

    if (!rate->enabled) {
        return false;
    }
    page_init(&probe, &in->heap, 16);
    probe.is_set = true;
    probe.url = CXD_LIT("");
    answer_headers(in, &probe);
    in->context.last = (struct view){.page = &probe};
    wait = rate_read(in, rate);
    in->context.last = last;
    page_done(&probe);
    if (wait == 0) {
        in->rate_waits = 0;
        return false;
    }
    in->ready_ms = in->heap.host->mono_ms(in->heap.self) + wait;
    (void)snprintf(why, sizeof why, "rate limit of the server reached: waiting %lld s",
                   (long long)(wait / 1000));
    note_line(&in->heap, CXD_LOG_INFO, "%s", why);
    if (rate->max_non_degraded > 0 && ++in->rate_waits > rate->max_non_degraded) {
        input_degraded(in, why);
    }
    return http_status != 200;
}
