/* hosted_pull.c: the queue's other end: the host is its worker. */
#include "front/embed/hosted_inner.h"

#include "base/clock.h"
#include "front/embed/layout.h"
#include "pipeline/tally.h"
#include "pipeline/track.h"

#include <stdlib.h>
#include <string.h>

#define SLICE_MS 100 /* how soon the end of the inputs is seen by one who waits */
#define REASON_MAX 4096

static void batch_settle(struct hosted *h, struct batch *b)
{
    struct batch *run = b->track != NULL ? track_settle(b->track, b) : b;

    while (run != NULL) {
        struct batch *next = run->track_next;
        queue_settle(h->queue, run);
        run = next;
    }
}

void hosted_cursors_settle(struct hosted *h)
{
    struct batch *b;

    while ((b = queue_take(h->queue, 0)) != NULL && b->count == 0) {
        batch_settle(h, b);
    }
    if (b != NULL) {
        queue_rewind(h->queue, b);
    }
}

/* The inputs will bring no more: stopped, or drained with `once`. Looked at before the queue. */
static int inputs_have_ended(struct hosted *h)
{
    int has_failed;

    if (atomic_load(&h->have_inputs_ended)) {
        return 1;
    }
    (void)pthread_mutex_lock(&h->lock);
    /* with another state the runners are not there, or not for long */
    if (h->state == HOSTED_RUNNING && h->settings.is_once &&
        agent_has_ended(h->agent, &has_failed)) {
        atomic_store(&h->have_inputs_ended, 1);
    }
    (void)pthread_mutex_unlock(&h->lock);
    return atomic_load(&h->have_inputs_ended);
}

/* With a queue on disk, batches may still be on their way to it or back. */
static int has_more_behind(struct hosted *h)
{
    return h->output->spooler != NULL &&
           !(queue_is_safe(h->queue, 0) && queue_events(h->queue) <= items_documents(&h->items));
}

/* A batch with documents. CXD_AGAIN: none in time. */
static int batch_take(struct hosted *h, uint32_t timeout_ms, struct batch **ret_batch)
{
    int64_t deadline_ms = timeout_ms > 0 ? clock_mono_ms() + timeout_ms : 0;
    unsigned wakes = atomic_load(&h->wakes);
    int64_t left_ms = timeout_ms;

    for (;;) {
        struct batch *b = queue_take(h->queue, 0);
        int is_end = b == NULL && inputs_have_ended(h) && !has_more_behind(h);

        if (b == NULL && (is_end || left_ms > 0)) { /* what came before the end is there now */
            b = queue_take(h->queue, is_end ? 0 : left_ms < SLICE_MS ? left_ms : SLICE_MS);
        }
        if (b != NULL && b->count > 0) {
            *ret_batch = b;
            return CXD_OK;
        }
        if (b != NULL) {
            batch_settle(h, b); /* only a cursor */
            continue;
        }
        if (atomic_load(&h->is_closing)) {
            return CXD_STOPPED;
        }
        if (is_end) {
            return CXD_END;
        }
        left_ms = timeout_ms > 0 ? deadline_ms - clock_mono_ms() : 0;
        if (atomic_load(&h->wakes) != wakes || atomic_exchange(&h->is_woken, 0) || left_ms <= 0) {
            return CXD_AGAIN;
        }
    }
}

static int state_check(struct hosted *h)
{
    enum hosted_state state;

    if (atomic_load(&h->is_closing)) {
        return CXD_STOPPED;
    }
    (void)pthread_mutex_lock(&h->lock);
    state = h->state;
    (void)pthread_mutex_unlock(&h->lock);
    return state == HOSTED_OPEN ? CXD_INVALID : state == HOSTED_STOPPED ? CXD_END : CXD_OK;
}

int hosted_pull(struct hosted *h, uint32_t format, uint32_t timeout_ms, char *out, uint64_t room,
                struct hosted_pulled *ret_pulled)
{
    struct batch *b = NULL;
    int r = state_check(h);

    *ret_pulled = (struct hosted_pulled){0};
    r = r != CXD_OK ? r : batch_take(h, timeout_ms, &b);
    if (r != CXD_OK) {
        return r;
    }
    ret_pulled->len = layout_len(b, format);
    r = ret_pulled->len == 0 ? CXD_INVALID : ret_pulled->len > room ? CXD_TOO_LARGE : CXD_OK;
    if (r == CXD_OK) {
        /* before it is the host's: another thread may settle the number that it guesses */
        layout_put(b, format, out);
        ret_pulled->documents = b->count;
        for (uint32_t i = 0; i < b->count; i++) {
            ret_pulled->bytes += b->docs[i].source.len;
        }
        r = items_add(&h->items, b, &ret_pulled->item);
    }
    if (r != CXD_OK) {
        queue_rewind(h->queue, b);
    }
    return r;
}

/* What was rejected is in the dead letters already, and counted. */
static void delivered_count(struct hosted *h, const struct item *item)
{
    struct tally t = {.delivered = item->batch->count - item->rejected_count};

    for (uint32_t i = 0; i < item->batch->count; i++) {
        if (item->rejected == NULL || !item->rejected[i]) {
            t.bytes += (int64_t)item->batch->docs[i].source.len;
        }
    }
    tally_add(item->batch->stream, &t);
    tally_add(h->output->unit, &t);
}

int hosted_ack(struct hosted *h, uint64_t number, int is_delivered)
{
    struct item item;
    int r = items_take(&h->items, number, &item);

    if (r != CXD_OK) {
        return r;
    }
    if (is_delivered) {
        delivered_count(h, &item);
        batch_settle(h, item.batch);
    } else {
        queue_rewind(h->queue, item.batch);
    }
    free(item.rejected);
    items_return(&h->items, number, NULL);
    return CXD_OK;
}

static int letter_put(struct hosted *h, const struct batch *b, uint32_t number,
                      struct cxd_bytes reason, struct cxd_error *err)
{
    const struct dead_letter letter = {.stage = "output",
                                       .stream = b->stream->id,
                                       .data_stream = b->index,
                                       .id = b->docs[number].id,
                                       .status = CXD_REJECTED,
                                       .reason = reason,
                                       .document = b->docs[number].source};
    const struct tally t = {.dead = 1};
    int r = dead_put(agent_dead(h->agent), &letter, err);

    if (r == CXD_OK) {
        tally_add(b->stream, &t);
        tally_add(h->output->unit, &t);
    }
    return r;
}

static int document_reject(struct hosted *h, struct item *item, uint32_t number,
                           struct cxd_bytes reason, struct cxd_error *err)
{
    int r;

    if (number >= item->batch->count) {
        return cxd_error_set(err, CXD_INVALID, "the batch has %u documents", item->batch->count);
    }
    if (item->rejected == NULL) {
        item->rejected = calloc(item->batch->count, 1);
    }
    if (item->rejected == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "out of memory");
    }
    if (item->rejected[number]) {
        return cxd_error_set(err, CXD_EXISTS, "document %u was rejected already", number);
    }
    r = letter_put(h, item->batch, number, reason, err);
    if (r == CXD_OK) {
        item->rejected[number] = 1;
        item->rejected_count++;
    }
    return r;
}

int hosted_reject(struct hosted *h, uint64_t number, uint32_t document, struct cxd_bytes reason,
                  struct cxd_error *err)
{
    struct item item;
    int r = items_take(&h->items, number, &item);

    if (r != CXD_OK) {
        return r;
    }
    reason.len = reason.len < REASON_MAX ? reason.len : REASON_MAX;
    r = document_reject(h, &item, document, reason, err);
    items_return(&h->items, number, &item);
    return r;
}

void hosted_wake(struct hosted *h)
{
    (void)atomic_fetch_add(&h->wakes, 1);
    atomic_store(&h->is_woken, 1);
    queue_nudge(h->queue);
}
