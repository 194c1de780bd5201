/*
 * bucket.c: a bucket between two listings: its workers, its rest, and when it is set aside.
 *
 * Thread: the instance's.
 */
#include "input.h"

void bucket_request(const struct bucket *b, struct cxd_request *request,
                    struct cxd_header headers[4])
{
    *request = (struct cxd_request){.size = sizeof *request,
                                    .method = "GET",
                                    .headers = headers,
                                    .header_count = auth_headers(&b->input->auth, headers),
                                    .stall_timeout_ms = (uint32_t)b->input->config.stall_ms};
}

void bucket_park(struct bucket *b, enum verdict verdict, const struct cxd_error *err)
{
    struct input *in = b->input;
    bool final = verdict_is_final(verdict);

    if (verdict == VERDICT_STOPPED) {
        in->halted = true;
        return;
    }
    if (verdict == VERDICT_NOMEM) {
        input_halt(in, err);
        return;
    }
    input_count(in, "errors_total", 1);
    park_set(&b->park, &in->heap, &in->config.retry, final, err);
    input_degraded(in, final ? CXD_FAILED : CXD_DEGRADED, err->text);
}

static struct job *bucket_take(struct bucket *b)
{
    struct input *in = b->input;
    struct job *job;

    if (in->share != NULL) {
        return share_take(in->share, b);
    }
    job = pending_take(&b->pending);
    while (job != NULL && job->open == NULL && cursor_is_known(b->cursor, &job->object)) {
        heap_free(&in->heap,
                  job); /* a listing may show an object twice when it changes on the way */
        job = pending_take(&b->pending);
    }
    return job;
}

/* The next job that is still to be done, given to a worker. */
static bool bucket_assign(struct bucket *b, struct worker *w)
{
    struct input *in = b->input;
    struct cxd_error err = CXD_ERROR_INIT;
    struct job *job = bucket_take(b);
    struct share_item *item = job != NULL ? job->item : NULL;
    int status;

    if (job == NULL) {
        return false;
    }
    status = worker_assign(w, job, &err);
    if (status < 0 && item != NULL) {
        share_put_back(in->share, item);
    }
    if (status < 0) {
        b->pending.cut = true; /* the object comes again with another listing */
        bucket_park(b, status == CXD_FULL ? VERDICT_OBJECT : VERDICT_NOMEM, &err);
        return false;
    }
    return true;
}

/* Nothing left to do of the last listing. */
static void bucket_rest(struct bucket *b, int64_t now_ms)
{
    struct input *in = b->input;

    if (b->pending.cut) {
        pass_begin(b);
    } else if (b->config->poll) {
        pending_clear(&b->pending);
        b->next_list_ms = now_ms + b->config->poll_interval_ms;
        b->phase = BUCKET_RESTING;
    } else {
        b->phase = BUCKET_FINISHED;
        input_log(in, CXD_LOG_INFO, "bucket %s: all is collected, %zu objects set aside",
                  b->config->name, cursor_failed(b->cursor));
    }
}

static bool bucket_work(struct bucket *b, int64_t now_ms)
{
    struct input *in = b->input;
    size_t count = (size_t)b->config->max_workers;
    bool moved = false;
    bool busy = false;

    for (size_t i = 0; i < count; i++) {
        struct worker *w = &b->workers[(b->turn + i) % count];

        if (w->state == WORKER_FREE && !in->halted && in->budget > 0 &&
            !park_holds(&b->park, now_ms)) {
            moved |= bucket_assign(b, w);
        }
        if (w->state != WORKER_FREE && !in->halted && in->budget > 0) {
            moved |= worker_step(w, now_ms);
        }
        busy |= w->state != WORKER_FREE;
    }
    b->turn = (b->turn + 1) % count; /* whoever came first now comes last next time */
    if (in->share != NULL) {
        return moved; /* who lists is decided there */
    }
    if (!busy && b->pending.next >= b->pending.count && !in->halted) {
        bucket_rest(b, now_ms);
        return true;
    }
    return moved;
}

bool bucket_step(struct bucket *b, int64_t now_ms)
{
    switch ((enum bucket_phase)b->phase) {
    case BUCKET_RESTING:
        if (now_ms < b->next_list_ms || park_holds(&b->park, now_ms)) {
            return false;
        }
        pass_begin(b);
        return true;
    case BUCKET_LISTING:
        return pass_step(b, now_ms);
    case BUCKET_WORKING:
        return bucket_work(b, now_ms);
    case BUCKET_FINISHED:
        break;
    }
    return false;
}

bool bucket_owes(const struct bucket *b)
{
    return b->phase != BUCKET_FINISHED && b->phase != BUCKET_RESTING;
}

int64_t bucket_wait(const struct bucket *b, int64_t now_ms)
{
    int64_t at = INT64_MAX;

    if (b->phase == BUCKET_FINISHED) {
        return INT64_MAX;
    }
    if (b->phase == BUCKET_RESTING) {
        at = b->next_list_ms;
    } else if (b->phase == BUCKET_LISTING) {
        at = now_ms;
    } else {
        for (int64_t i = 0; b->workers != NULL && i < b->config->max_workers; i++) {
            const struct worker *w = &b->workers[i];

            if (w->state == WORKER_WAITING && w->start_at_ms < at) {
                at = w->start_at_ms;
            } else if (w->state == WORKER_FREE && b->pending.next < b->pending.count) {
                at = now_ms;
            }
        }
    }
    if (park_holds(&b->park, now_ms) && b->park.until_ms > at) {
        at = b->park.until_ms;
    }
    if (!auth_is_ready(&b->input->auth, now_ms) && park_holds(&b->input->auth.park, now_ms) &&
        b->input->auth.park.until_ms > at) {
        at = b->input->auth.park.until_ms;
    }
    return at == INT64_MAX ? INT64_MAX : at > now_ms ? at - now_ms : 0;
}
