/*
 * step.c: one poll: about a mebibyte of decoded records, or one look whether there is something to do.
 *
 * Everything runs in this thread; the only wait is http_wait. The cursor is marked once, at the end. Thread: the instance's.
 */
#include "cursor_doc.h"
#include "input.h"

#include <string.h>

#define STEP_WAIT_MS 1000  /* for something to arrive, when nothing was handed over yet */
#define STEP_LINGER_MS 100 /* and when something was: its mark should not wait long */

/* One round over all parts. True: something changed. */
static bool step_round(struct input *in, int64_t now_ms)
{
    bool was_running = fetch_is_running(&in->auth.fetch);
    bool moved = auth_step(&in->auth, now_ms, &in->config.retry);
    bool is_running = fetch_is_running(&in->auth.fetch);

    in->running += (size_t)(is_running && !was_running);
    in->running -= (size_t)(was_running && !is_running);
    if (moved && in->auth.park.result != 0) {
        input_degraded(in, in->auth.park.result == CXD_POLL_FAILED ? CXD_FAILED : CXD_DEGRADED,
                       in->auth.park.err.text);
    }
    if (in->share != NULL) {
        moved |= share_step(in->share, now_ms);
    }
    for (size_t i = 0; i < in->config.bucket_count && in->budget > 0 && !in->halted; i++) {
        struct bucket *b = &in->buckets[(in->turn + i) % in->config.bucket_count];

        moved |= bucket_step(b, now_ms);
    }
    in->turn = (in->turn + 1) % in->config.bucket_count;
    return moved;
}

static void step_work(struct input *in)
{
    const struct cxd_host *host = in->heap.host;
    bool waited = false;

    while (in->budget > 0 && !in->halted) {
        bool handed_over = in->dirty || in->emitted > 0;

        if (step_round(in, host->mono_ms(in->heap.self))) {
            waited = false;
            in->budget -= 256; /* a round that moves is work too: a poll always ends */
            continue;
        }
        if (in->running == 0 || waited) {
            return;
        }
        if (host->http_wait(in->client, handed_over ? STEP_LINGER_MS : STEP_WAIT_MS) < 0) {
            return; /* stopping, or poked: the host decides */
        }
        waited = true;
    }
}

/* What was handed over and finished becomes the cursor of everything so far. */
static int step_mark(struct input *in, struct cxd_error *err)
{
    struct cxd_bytes doc;
    int status;

    if (in->emitted == 0 && !in->dirty) {
        return 0;
    }
    status = cursor_doc_write(&in->heap, in->builder, in->cursors, in->cursor_count, &doc);
    if (status < 0) {
        return cxd_error_set(err, status, "the cursor could not be written");
    }
    status = in->heap.host->mark(in->heap.self, doc, err);
    if (status < 0) {
        return status;
    }
    input_count(in, "gcs_events_created_total", in->emitted);
    in->emitted = 0;
    in->dirty = false;
    return 0;
}

/* Nothing runs and nothing may start: the reason of a part that is set aside, the soonest first. */
static struct park *step_parked(struct input *in, int64_t now_ms)
{
    struct park *found = park_holds(&in->auth.park, now_ms) ? &in->auth.park : NULL;

    for (size_t i = 0; i < in->config.bucket_count; i++) {
        struct park *park = &in->buckets[i].park;

        if (park_holds(park, now_ms) && (found == NULL || park->until_ms < found->until_ms)) {
            found = park;
        }
    }
    return found;
}

static int step_result(struct input *in, int64_t *wait_ms, struct cxd_error *err)
{
    int64_t now_ms = in->heap.host->mono_ms(in->heap.self);
    int64_t wait = INT64_MAX;
    bool owes = false; /* a known object is still to come */
    struct park *park;
    int result;

    if (in->running > 0 || in->budget <= 0) {
        return CXD_POLL_MORE;
    }
    for (size_t i = 0; i < in->config.bucket_count; i++) {
        int64_t own = bucket_wait(&in->buckets[i], now_ms);

        wait = own < wait ? own : wait;
        owes = owes || bucket_owes(&in->buckets[i]);
    }
    if (in->share != NULL && step_parked(in, now_ms) == NULL) {
        return share_result(in->share, wait, wait_ms, err);
    }
    if (wait == INT64_MAX) {
        return CXD_POLL_FINISHED;
    }
    park = step_parked(in, now_ms);
    if (park != NULL && park->until_ms <= now_ms + wait) {
        *err = park->err;
        result = park->result;
        park->until_ms = now_ms; /* the host waits from here on, by its own clock */
        return result;
    }
    if (wait == 0) {
        return CXD_POLL_MORE;
    }
    *wait_ms = in->share != NULL && wait > SHARE_WAIT_MS ? SHARE_WAIT_MS : wait;
    return owes ? CXD_POLL_WAITING : CXD_POLL_IDLE;
}

int input_poll(void *instance, int64_t *wait_ms, struct cxd_error *err)
{
    struct input *in = instance;
    struct cxd_error mark_err = CXD_ERROR_INIT;

    in->budget = INPUT_BUDGET;
    in->halted = false;
    in->halt_failed = false;
    step_work(in);
    if (step_mark(in, &mark_err) < 0) {
        *err = mark_err;
        return CXD_POLL_RETRY;
    }
    if (in->halt_failed) {
        *err = in->halt;
        return CXD_POLL_RETRY;
    }
    if (in->halted) {
        return CXD_POLL_MORE; /* stopping: the host asks no more */
    }
    return step_result(in, wait_ms, err);
}
