/*
 * worker.c: one download, from the request to the last record.
 *
 * Knows transfers and the stream. What a failure leads to is trouble.c's. Thread: the instance's.
 */
#include "input.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define WORKER_REFUSAL_MAX 8192u

void worker_init(struct worker *w, struct bucket *b)
{
    const struct heap *h = &b->input->heap;

    *w = (struct worker){.bucket = b};
    stream_init(&w->stream, h, (size_t)b->input->config.max_line);
    text_init(&w->refusal, h, WORKER_REFUSAL_MAX);
}

void worker_close(struct worker *w)
{
    struct input *in = w->bucket->input;

    if (w->transfer != NULL) {
        in->heap.host->http_close(w->transfer);
        w->transfer = NULL;
        in->running--;
        input_count(in, "gcs_objects_inflight_gauge", -1);
    }
    w->piece = (struct cxd_bytes){NULL, 0};
}

void worker_release(struct worker *w)
{
    worker_close(w);
    if (w->state != WORKER_FREE) {
        origin_done(&w->origin);
        heap_free(&w->bucket->input->heap, w->job);
    }
    w->job = NULL;
    w->open = NULL;
    w->state = WORKER_FREE;
}

void worker_done(struct worker *w)
{
    if (w->bucket != NULL) {
        worker_release(w);
        stream_done(&w->stream);
        text_done(&w->refusal);
    }
}

int worker_assign(struct worker *w, struct job *job, struct cxd_error *err)
{
    struct bucket *b = w->bucket;
    const struct heap *h = &b->input->heap;
    struct cxd_bytes type = job->object.content_type;
    struct cursor_open *open = job->open;
    int status = 0;

    if (b->config->content_type != NULL && (type.len == 0 || b->config->override_content_type)) {
        type = bytes_of(b->config->content_type);
    }
    status = origin_init(&w->origin, h, bytes_of(b->config->name), &job->object, type, err);
    if (status == 0 && open == NULL) {
        status = cursor_begin(b->cursor, &job->object, &open);
        if (status < 0) {
            (void)cxd_error_set(err, status, "%s cannot be begun (%zu objects are open)",
                                w->origin.where.ptr, b->cursor->open_count);
            origin_done(&w->origin);
        }
    }
    if (status < 0) {
        heap_free(h, job);
        return status;
    }
    w->job = job;
    w->open = open;
    if (job->item != NULL) {
        open->rounds = share_rounds(job->item);
    }
    w->attempts = 0;
    w->start_at_ms = 0;
    w->state = WORKER_WAITING;
    return 0;
}

int worker_settle(struct worker *w)
{
    struct bucket *b = w->bucket;

    if (b->input->share == NULL) {
        return cursor_finish(b->cursor, w->open);
    }
    share_finish(b->input->share, w->job->item);
    cursor_drop(b->cursor, w->open);
    return 0;
}

static int worker_request(struct worker *w, struct text *url, struct cxd_error *err)
{
    struct bucket *b = w->bucket;
    struct input *in = b->input;
    struct cxd_request request;
    struct cxd_header headers[4];
    char range[48];

    url_media(url, text_bytes(&in->config.base), bytes_of(b->config->name), w->job->object.name,
              w->open->generation);
    if (url->status != 0) {
        return cxd_error_set(err, url->status, "%s: out of memory", w->origin.where.ptr);
    }
    bucket_request(b, &request, headers);
    request.url = url->ptr;
    /* asked for as stored: else an object with Content-Encoding gzip would be inflated on the way, and ranges be ignored */
    headers[request.header_count++] = (struct cxd_header){"Accept-Encoding", "gzip", 0, 0};
    if (w->range_from > 0) {
        (void)snprintf(range, sizeof range, "bytes=%" PRId64 "-", w->range_from);
        headers[request.header_count++] = (struct cxd_header){"Range", range, 0, 0};
    }
    w->token_version = in->auth.version;
    return in->heap.host->http_start(in->client, &request, &w->transfer, err);
}

static bool worker_start(struct worker *w)
{
    struct input *in = w->bucket->input;
    _cleanup_(text_done) struct text url;
    struct cxd_error err = CXD_ERROR_INIT;
    int status;

    text_init(&url, &in->heap, 8192);
    text_clear(&w->refusal);
    w->checked = w->http_end = false;
    w->range_from = w->open->data == CURSOR_DATA_PLAIN ? w->open->offset : 0;
    status = stream_begin(&w->stream, w->open, w->range_from > 0, &err);
    status = status < 0 ? status : worker_request(w, &url, &err);
    if (status < 0) {
        w->transfer = NULL;
        worker_trouble(w, verdict_of_status(status), &err);
        return true;
    }
    in->running++;
    w->state = WORKER_RUNNING;
    input_count(in, "gcs_objects_requested_total", 1);
    input_count(in, "gcs_objects_inflight_gauge", 1);
    return true;
}

/* Everything of the object is handed over. */
static void worker_finish(struct worker *w)
{
    struct input *in = w->bucket->input;
    struct cxd_error err = CXD_ERROR_INIT;
    int status;

    worker_close(w);
    input_log(in, CXD_LOG_DEBUG, "%s: finished, %" PRId64 " bytes of records", w->origin.where.ptr,
              w->open->offset);
    status = worker_settle(w);
    if (status < 0) {
        (void)cxd_error_set(&err, status, "%s: finished but could not be noted, trying again",
                            w->origin.where.ptr);
        worker_trouble(w, VERDICT_NOMEM, &err);
        return;
    }
    worker_release(w);
    in->dirty = true;
    input_count(in, "gcs_objects_published_total", 1);
    park_clear(&w->bucket->park);
    auth_accepted(&in->auth);
    input_recovered(in);
}

/* Hands over what is whole. False: the poll must end (nothing after w->open->offset was handed over). */
static bool worker_records(struct worker *w, bool at_end)
{
    struct input *in = w->bucket->input;
    struct decode_record record;
    enum decode_result result;
    enum decode_form form;

    while ((result = stream_next(&w->stream, at_end, &record)) <= DECODE_TOO_LARGE) {
        struct cxd_error err = CXD_ERROR_INIT;
        int fate = origin_hand_over(&in->heap, &w->origin, &record, result == DECODE_TOO_LARGE,
                                    w->stream.max, &err);

        if (fate < 0) {
            worker_trouble(w, fate == CXD_STOPPED ? VERDICT_STOPPED : VERDICT_NOMEM, &err);
            return false;
        }
        in->emitted++;
        if (fate == ORIGIN_REJECTED) {
            input_count(in, "decode_errors_total", 1);
        }
        /* within an array's element over the limit there is no place to go on from: it stays before it */
        if (decode_place(&w->stream.decode, &form)) {
            w->open->offset = w->stream.decode.offset;
            w->open->line = w->stream.decode.line;
            w->open->form = (uint8_t)form;
            w->attempts = 0;
        }
    }
    return true;
}

/* The reply ended. Is the object whole? */
static void worker_end(struct worker *w)
{
    struct input *in = w->bucket->input;
    const struct object *object = &w->job->object;
    int64_t received = w->range_from + w->stream.received;
    bool transcoded = object->content_encoding.len > 0 && w->stream.data == CURSOR_DATA_PLAIN;
    bool size_known = object->size >= 0 && !transcoded;
    struct cxd_error err = CXD_ERROR_INIT;

    if (size_known && received != object->size) {
        (void)cxd_error_set(&err, CXD_TRUNCATED,
                            "%s: the reply ended after %" PRId64 " of %" PRId64 " bytes",
                            w->origin.where.ptr, received, object->size);
        worker_trouble(w, VERDICT_OBJECT, &err);
        return;
    }
    if (!stream_is_whole(&w->stream)) {
        (void)cxd_error_set(&err, CXD_TRUNCATED, "%s: gzip ends early, after %" PRId64 " bytes",
                            w->origin.where.ptr, received);
        worker_trouble(w, size_known ? VERDICT_CORRUPT : VERDICT_OBJECT, &err);
        return;
    }
    if (worker_records(w, true)) {
        input_count(in, "gcs_bytes_processed_total", w->stream.received);
        worker_finish(w);
    }
}

/* An error reply: its body says why. */
static void worker_refused(struct worker *w, int http_status)
{
    struct bucket *b = w->bucket;
    struct input *in = b->input;
    struct verdict_where where = {in->config.project_id, auth_account(&in->auth), b->config->name};
    struct cxd_error err = CXD_ERROR_INIT;
    char reason[64] = "";
    enum verdict verdict;

    if (w->refusal.len > 0) {
        list_error_reason(text_bytes(&w->refusal), reason, sizeof reason);
    }
    verdict = verdict_of_reply(VERDICT_ASK_MEDIA, http_status, reason);
    verdict_explain(verdict, &where, http_status, fetch_retry_after(&in->heap, w->transfer), &err);
    (void)cxd_error_wrap(&err, "object %.*s",
                         (int)(w->open->name_len < 200 ? w->open->name_len : 200), w->open->name);
    worker_trouble(w, verdict, &err);
}

/* The head of the reply is here: is it the object, and from where on? */
static bool worker_check(struct worker *w, int http_status)
{
    struct input *in = w->bucket->input;
    struct cxd_error err = CXD_ERROR_INIT;

    w->checked = true;
    if (http_status == 200 &&
        w->range_from > 0) { /* a server without ranges: from the start, skipping */
        w->range_from = 0;
        if (stream_begin(&w->stream, w->open, false, &err) < 0) {
            worker_trouble(w, VERDICT_NOMEM, &err);
            return false;
        }
    }
    auth_accepted(&in->auth);
    return true;
}

/* Reads the next piece. True: go on feeding. */
static bool worker_read(struct worker *w)
{
    struct input *in = w->bucket->input;
    struct cxd_error err = CXD_ERROR_INIT;
    int status = in->heap.host->http_read(w->transfer, &w->piece, &err);
    int http_status = in->heap.host->http_status(w->transfer);
    bool good = http_status == 200 || http_status == 206;

    if (status == CXD_AGAIN) {
        return false;
    }
    if (status < 0 && status != CXD_END) {
        (void)cxd_error_wrap(&err, "%s after %" PRId64 " bytes", w->origin.where.ptr,
                             w->range_from + w->stream.received);
        worker_trouble(w, verdict_of_status(status), &err);
        return false;
    }
    w->http_end = status == CXD_END;
    if (w->http_end) {
        w->piece = (struct cxd_bytes){NULL, 0};
    }
    if (!good) {
        text_add(&w->refusal, w->piece.ptr,
                 w->piece.len); /* too long: the reason is lost, no more */
        w->piece = (struct cxd_bytes){NULL, 0};
        if (w->http_end) {
            worker_refused(w, http_status);
        }
        return !w->http_end;
    }
    return w->checked || worker_check(w, http_status);
}

/* True while the worker runs and may be called again at once. */
static bool worker_run(struct worker *w)
{
    struct input *in = w->bucket->input;
    struct cxd_error err = CXD_ERROR_INIT;
    size_t before;
    int status;

    if (w->piece.len == 0 && !stream_is_pending(&w->stream) && !w->http_end && !worker_read(w)) {
        return false;
    }
    if (w->piece.len == 0 && !stream_is_pending(&w->stream) && !w->http_end) {
        return true;
    }
    before = w->stream.len - w->stream.at;
    status = stream_feed(&w->stream, &w->piece, w->http_end, &err);
    if (status < 0) {
        (void)cxd_error_wrap(&err, "%s after %" PRId64 " bytes", w->origin.where.ptr,
                             w->range_from + w->stream.received);
        worker_trouble(w, status == CXD_MALFORMED ? VERDICT_CORRUPT : VERDICT_NOMEM, &err);
        return false;
    }
    in->budget -= (int64_t)(w->stream.len - w->stream.at - before) + 64;
    w->open->data = w->stream.data;
    if (!worker_records(w, false)) {
        return false;
    }
    if (w->http_end && w->piece.len == 0 && !stream_is_pending(&w->stream)) {
        worker_end(w);
        return false;
    }
    return true;
}

bool worker_step(struct worker *w, int64_t now_ms)
{
    struct bucket *b = w->bucket;
    struct input *in = b->input;
    bool moved = false;

    if (w->state == WORKER_WAITING) {
        if (now_ms < w->start_at_ms || park_holds(&b->park, now_ms) ||
            !auth_is_ready(&in->auth, now_ms)) {
            return false;
        }
        return worker_start(w);
    }
    while (w->state == WORKER_RUNNING && in->budget > 0 && !in->halted) {
        struct cxd_bytes had = w->piece;

        if (!worker_run(w)) {
            return moved || w->state != WORKER_RUNNING || had.len > 0;
        }
        moved = true;
    }
    return moved;
}
