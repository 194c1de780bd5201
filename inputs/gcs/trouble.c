/*
 * trouble.c: what becomes of an object whose download failed.
 *
 * A short failure: again after a back-off, from the record where it stopped. max_attempts of them in a row: set aside for
 * longer and longer, noted in the cursor. INPUT_FAILED_ROUNDS of those, or bytes that are whole and wrong: a dead letter names the
 * object and how far it came. Nothing is passed over in silence. Thread: the instance's.
 */
#include "input.h"

#include <inttypes.h>

/* Minutes that an object is set aside, by round. */
static const int64_t trouble_minutes[INPUT_FAILED_ROUNDS] = {1, 5, 30, 120, 360};

/* Waiting for another try at start_at_ms. */
static void trouble_wait(struct worker *w, int64_t wait_ms)
{
    const struct heap *h = &w->bucket->input->heap;

    worker_close(w);
    w->state = WORKER_WAITING;
    w->start_at_ms = wait_ms > 0 ? h->host->mono_ms(h->self) + wait_ms : 0;
}

/* The object ends in the dead letters. What was delivered of it stays delivered. */
static void trouble_bury(struct worker *w, const struct cxd_error *why)
{
    struct bucket *b = w->bucket;
    struct input *in = b->input;
    struct cxd_error err = CXD_ERROR_INIT;
    struct cxd_error told = *why;
    int status;

    (void)cxd_error_wrap(&told, "object given up after %" PRId64 " bytes of records",
                         w->open->offset);
    status = origin_bury(&in->heap, &w->origin, w->open->generation, w->open->offset, &told, &err);
    if (status == 0) {
        status = worker_settle(w);
        if (status < 0) {
            (void)cxd_error_set(&err, status, "%s: could not be noted", w->origin.where.ptr);
        }
    }
    if (status < 0) {
        trouble_wait(w, 1000);
        input_halt(in, &err);
        return;
    }
    in->emitted++;
    in->dirty = true;
    input_log(in, CXD_LOG_ERROR, "%s; a dead letter names it", told.text);
    input_count(in, "gcs_expired_failed_jobs_total", 1);
    worker_release(w);
}

/* Set aside: the cursor keeps it, a later listing takes it up again. */
static void trouble_set_aside(struct worker *w, const struct cxd_error *err)
{
    struct bucket *b = w->bucket;
    struct input *in = b->input;
    int64_t minutes = trouble_minutes[w->open->rounds];
    uint32_t round = w->open->rounds + 1;

    if (in->share != NULL) {
        round = share_set_aside(in->share, w->job->item, minutes * 60000);
        cursor_drop(b->cursor, w->open);
    } else {
        w->open->rounds = round;
        w->open->retry_at_ms = in->heap.host->wall_ms(in->heap.self) + minutes * 60000;
        in->dirty = true;
    }
    input_log(in, CXD_LOG_WARN,
              "%s; %" PRId64 " attempts failed, trying again in %" PRId64 " min (round %u of %u)",
              err->text, in->config.retry.max_attempts, minutes, round, INPUT_FAILED_ROUNDS);
    worker_release(w);
}

/* No more attempts in a row. */
static void trouble_give_up(struct worker *w, enum verdict verdict, const struct cxd_error *err)
{
    struct bucket *b = w->bucket;

    b->troubles += b->input->share == NULL; /* else the reference that is held tells */
    input_count(b->input, "gcs_failed_jobs_total", 1);
    input_degraded(b->input, CXD_DEGRADED, err->text);
    /* a generation never changes: whole and wrong stays wrong */
    if (verdict == VERDICT_CORRUPT || w->open->rounds >= INPUT_FAILED_ROUNDS) {
        trouble_bury(w, err);
    } else {
        trouble_set_aside(w, err);
    }
}

static void trouble_retry(struct worker *w, enum verdict verdict, const struct cxd_error *err)
{
    struct input *in = w->bucket->input;
    int64_t wait_ms;

    w->attempts++;
    if ((int64_t)w->attempts >= in->config.retry.max_attempts) {
        trouble_give_up(w, verdict, err);
        return;
    }
    wait_ms = config_backoff(&in->heap, &in->config.retry, w->attempts);
    wait_ms = err->retry_after_ms > wait_ms ? err->retry_after_ms : wait_ms;
    input_log(in, CXD_LOG_WARN, "%s, retrying in %" PRId64 " ms", err->text, wait_ms);
    trouble_wait(w, wait_ms);
}

static void trouble_gone(struct worker *w)
{
    struct input *in = w->bucket->input;

    input_log(in, CXD_LOG_WARN,
              "%s: deleted or overwritten before it was read to its end (%" PRId64
              " bytes of records were delivered)",
              w->origin.where.ptr, w->open->offset);
    worker_close(w);
    if (in->share != NULL) {
        share_finish(in->share, w->job->item);
    }
    cursor_drop(w->bucket->cursor, w->open);
    in->dirty = true;
    worker_release(w);
}

void worker_trouble(struct worker *w, enum verdict verdict, const struct cxd_error *err)
{
    struct bucket *b = w->bucket;
    struct input *in = b->input;

    worker_close(w);
    switch (verdict) {
    case VERDICT_GONE:
        trouble_gone(w);
        return;
    case VERDICT_STOPPED:
        trouble_wait(w, 0);
        in->halted = true;
        return;
    case VERDICT_NOMEM:
        trouble_wait(w, 0);
        input_halt(in, err);
        return;
    case VERDICT_TOKEN:
        trouble_wait(w, 0);
        if (!auth_refused(&in->auth, w->token_version)) {
            bucket_park(b, verdict, err);
        }
        return;
    case VERDICT_OBJECT:
    case VERDICT_CORRUPT:
        input_count(in, "errors_total", 1);
        trouble_retry(w, verdict, err);
        return;
    case VERDICT_SERVER:
        bucket_park(b, verdict, err);
        trouble_retry(w, verdict, err);
        return;
    default: /* throttled, no connection, no right, settings: not this object's fault */
        trouble_wait(w, 0);
        bucket_park(b, verdict, err);
        return;
    }
}
