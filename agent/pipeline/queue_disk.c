/* queue_disk.c: the queue's lists when the disk stands between inputs and workers. The queue's lock; no files. */
#include "pipeline/queue_inner.h"

#include "base/clock.h"
#include "cxd/status.h"
#include "pipeline/wait.h"

#include <stdlib.h>

int queue_disk_start(struct queue *q, uint64_t disk_limit, struct batch_place settled)
{
    q->ring = calloc(QUEUE_WINDOW, sizeof *q->ring);
    q->disk_limit = disk_limit;
    q->place = settled;
    q->end_events = settled.events;
    return q->ring != NULL ? CXD_OK : CXD_NOMEM;
}

/* Records add their heads and the lengths of documents; sealing adds little to that. */
static uint64_t batch_cost(const struct batch *b)
{
    return b->text.len + 512 + (uint64_t)b->count * 8;
}

int queue_disk_credit(const struct queue *q)
{
    return (q->fresh_count == 0 || q->fresh_bytes + q->batch_max <= q->limit / 2) &&
           q->disk_bytes + q->fresh_cost + q->batch_max <= q->disk_limit;
}

void queue_disk_push(struct queue *q, struct batch *b)
{
    b->next = NULL;
    if (q->fresh_last != NULL) {
        q->fresh_last->next = b;
    } else {
        q->fresh = b;
    }
    q->fresh_last = b;
    q->held += b->text.len;
    q->inside++;
    q->fresh_bytes += b->text.len;
    q->fresh_cost += batch_cost(b);
    q->fresh_count++;
    (void)pthread_cond_signal(&q->has_fresh);
}

/* Moves the place over all that is settled without a gap. */
static void ring_put(struct queue *q, uint64_t order, struct batch_place after)
{
    struct batch_place *at;

    q->ring[order % QUEUE_WINDOW] = after;
    while (q->done_order < q->next_order &&
           (at = &q->ring[q->done_order % QUEUE_WINDOW])->seq != 0) {
        q->place = *at;
        *at = (struct batch_place){0};
        q->done_order++;
    }
}

void queue_disk_settle(struct queue *q, struct batch *b)
{
    ring_put(q, b->order, b->after);
    (void)pthread_cond_signal(&q->has_fresh);
}

/* Room for one more in the workers' half; one batch always has some. */
static int ready_has_room(const struct queue *q)
{
    size_t ready = q->held - q->fresh_bytes;

    return q->next_order - q->done_order < QUEUE_WINDOW &&
           (q->inside == q->fresh_count || ready + q->batch_max <= q->limit / 2);
}

struct batch *queue_disk_fresh(struct queue *q, int64_t timeout_ms)
{
    int64_t deadline_ms = clock_mono_ms() + timeout_ms;
    struct batch *list;

    (void)pthread_mutex_lock(&q->lock);
    while (q->fresh == NULL && !q->is_ending && !(q->is_behind && ready_has_room(q)) &&
           timeout_ms > 0 && wait_cond(&q->has_fresh, &q->lock, deadline_ms)) {
    }
    list = q->fresh;
    q->fresh = NULL;
    q->fresh_last = NULL;
    (void)pthread_mutex_unlock(&q->lock);
    return list;
}

void queue_disk_rest(struct queue *q, int64_t until_ms)
{
    (void)pthread_mutex_lock(&q->lock);
    while (!q->is_ending && wait_cond(&q->has_fresh, &q->lock, until_ms)) {
    }
    (void)pthread_mutex_unlock(&q->lock);
}

int queue_disk_is_ending(struct queue *q)
{
    int is_ending;

    (void)pthread_mutex_lock(&q->lock);
    is_ending = q->is_ending;
    (void)pthread_mutex_unlock(&q->lock);
    return is_ending;
}

void queue_disk_end(struct queue *q)
{
    (void)pthread_mutex_lock(&q->lock);
    q->is_ending = 1;
    (void)pthread_cond_broadcast(&q->has_fresh);
    (void)pthread_mutex_unlock(&q->lock);
}

static void ready_put(struct queue *q, struct batch *b)
{
    b->order = q->next_order++;
    queue_ready_add(q, b);
}

int queue_disk_durable(struct queue *q, struct batch *b, int may_offer)
{
    struct batch *left = NULL;
    int is_offered;

    (void)pthread_mutex_lock(&q->lock);
    q->fresh_bytes -= b->text.len;
    q->fresh_cost -= batch_cost(b);
    q->disk_bytes += batch_cost(b); /* until the spooler says how it is */
    q->fresh_count--;
    /* counted as the workers' from here on, as if it were there already */
    is_offered =
        may_offer && b->count > 0 &&
        (q->inside == q->fresh_count + 1 || (q->held - q->fresh_bytes <= q->limit / 2 &&
                                             q->next_order - q->done_order < QUEUE_WINDOW));
    if (b->count > 0) {
        q->end_events = b->after.events;
        queue_age_note(&q->age, b->after.events, b->opened_ms);
        q->is_behind |= !is_offered;
    }
    if (is_offered) {
        ready_put(q, b);
    } else {
        left = queue_store(q, b);
    }
    (void)pthread_cond_broadcast(&q->has_credit);
    (void)pthread_cond_broadcast(&q->is_empty);
    (void)pthread_mutex_unlock(&q->lock);
    batch_free(left);
    return is_offered;
}

int queue_disk_has_room(struct queue *q)
{
    int has_room;

    (void)pthread_mutex_lock(&q->lock);
    has_room = ready_has_room(q);
    (void)pthread_mutex_unlock(&q->lock);
    return has_room;
}

void queue_disk_offer(struct queue *q, struct batch *b)
{
    (void)pthread_mutex_lock(&q->lock);
    q->held += b->text.len;
    q->inside++;
    ready_put(q, b);
    (void)pthread_mutex_unlock(&q->lock);
}

void queue_disk_return(struct queue *q, struct batch *b)
{
    (void)pthread_mutex_lock(&q->lock);
    q->held += b->text.len;
    q->inside++;
    b = queue_store(q, b);
    (void)pthread_mutex_unlock(&q->lock);
    batch_free(b);
}

void queue_disk_pass(struct queue *q, struct batch_place after)
{
    (void)pthread_mutex_lock(&q->lock);
    if (q->next_order - q->done_order < QUEUE_WINDOW) { /* else the next batch's place tells */
        ring_put(q, q->next_order++, after);
    }
    (void)pthread_mutex_unlock(&q->lock);
}

void queue_disk_state(struct queue *q, uint64_t bytes, uint64_t end_events, int is_behind)
{
    (void)pthread_mutex_lock(&q->lock);
    q->disk_bytes = bytes;
    if (q->age.count == 0 && end_events > q->end_events) { /* from before the start */
        queue_age_note(&q->age, end_events, clock_mono_ms());
    }
    q->end_events = end_events;
    q->is_behind = is_behind;
    (void)pthread_cond_broadcast(&q->has_credit);
    (void)pthread_cond_broadcast(&q->is_empty);
    (void)pthread_mutex_unlock(&q->lock);
}

struct batch_place queue_disk_place(struct queue *q)
{
    struct batch_place place;

    (void)pthread_mutex_lock(&q->lock);
    place = q->place;
    (void)pthread_mutex_unlock(&q->lock);
    return place;
}

uint64_t queue_events(struct queue *q)
{
    uint64_t events;

    (void)pthread_mutex_lock(&q->lock);
    events = q->ring != NULL ? q->end_events - q->place.events : 0;
    (void)pthread_mutex_unlock(&q->lock);
    return events;
}
