/*
 * queue.c: one lock, three conditions: work for workers, credit for inputs, emptiness for control. No callback under the lock.
 */
#include "pipeline/queue_inner.h"

#include "base/clock.h"
#include "cxd/status.h"
#include "pipeline/wait.h"

#include <stdlib.h>

struct queue *queue_new(size_t limit, size_t batch_max)
{
    struct queue *q = calloc(1, sizeof *q);

    if (q != NULL) {
        q->limit = limit;
        q->batch_max = batch_max;
        (void)pthread_mutex_init(&q->lock, NULL);
        wait_cond_init(&q->has_work);
        wait_cond_init(&q->has_credit);
        wait_cond_init(&q->is_empty);
        wait_cond_init(&q->has_fresh);
    }
    return q;
}

static void list_free(struct batch *b)
{
    while (b != NULL) {
        struct batch *next = b->next;
        batch_free(b);
        b = next;
    }
}

void queue_free(struct queue *q)
{
    if (q == NULL) {
        return;
    }
    list_free(q->first);
    list_free(q->fresh);
    free(q->ring);
    list_free(q->store);
    (void)pthread_cond_destroy(&q->has_work);
    (void)pthread_cond_destroy(&q->has_credit);
    (void)pthread_cond_destroy(&q->is_empty);
    (void)pthread_cond_destroy(&q->has_fresh);
    (void)pthread_mutex_destroy(&q->lock);
    free(q);
}

size_t queue_batch_max(const struct queue *q)
{
    return q->batch_max;
}

struct batch *queue_batch(struct queue *q)
{
    struct batch *b;

    (void)pthread_mutex_lock(&q->lock);
    b = q->store;
    if (b != NULL) {
        q->store = b->next;
        q->stored--;
    }
    (void)pthread_mutex_unlock(&q->lock);
    if (b != NULL) {
        batch_clear(b);
        return b;
    }
    b = batch_new(SIZE_MAX / 2); /* one huge event is bounded by the event's own limit */
    if (b != NULL && buf_reserve(&b->text, q->batch_max + BATCH_SLACK) != CXD_OK) {
        batch_free(b);
        return NULL;
    }
    return b;
}

/* A single batch larger than the whole limit may still pass an empty queue. */
static int credit_is_there(const struct queue *q)
{
    if (q->ring != NULL) {
        return queue_disk_credit(q);
    }
    return q->inside == 0 || q->held + q->batch_max <= q->limit;
}

int queue_credit(struct queue *q, int64_t timeout_ms)
{
    int64_t deadline_ms = clock_mono_ms() + timeout_ms;
    unsigned wakes;
    int r;

    (void)pthread_mutex_lock(&q->lock);
    wakes = q->wakes;
    while (!credit_is_there(q) && q->wakes == wakes && timeout_ms > 0) {
        if (!wait_cond(&q->has_credit, &q->lock, deadline_ms)) {
            break;
        }
    }
    r = credit_is_there(q);
    (void)pthread_mutex_unlock(&q->lock);
    return r;
}

void queue_pause(struct queue *q, int64_t timeout_ms)
{
    int64_t deadline_ms = clock_mono_ms() + timeout_ms;
    unsigned wakes;

    (void)pthread_mutex_lock(&q->lock);
    wakes = q->wakes;
    while (q->wakes == wakes && wait_cond(&q->has_credit, &q->lock, deadline_ms)) {
    }
    (void)pthread_mutex_unlock(&q->lock);
}

void queue_ready_add(struct queue *q, struct batch *b)
{
    b->next = NULL;
    if (q->last != NULL) {
        q->last->next = b;
    } else {
        q->first = b;
    }
    q->last = b;
    (void)pthread_cond_signal(&q->has_work);
}

static void age_add(struct queue *q, struct batch *b)
{
    b->elder = q->youngest;
    b->younger = NULL;
    if (q->youngest != NULL) {
        q->youngest->younger = b;
    } else {
        q->oldest = b;
    }
    q->youngest = b;
}

static void age_remove(struct queue *q, struct batch *b)
{
    *(b->elder != NULL ? &b->elder->younger : &q->oldest) = b->younger;
    *(b->younger != NULL ? &b->younger->elder : &q->youngest) = b->elder;
}

void queue_push(struct queue *q, struct batch *b)
{
    (void)pthread_mutex_lock(&q->lock);
    if (q->ring != NULL) {
        queue_disk_push(q, b);
    } else {
        q->held += b->text.len;
        q->inside++;
        age_add(q, b);
        queue_ready_add(q, b);
    }
    (void)pthread_mutex_unlock(&q->lock);
}

struct batch *queue_take(struct queue *q, int64_t timeout_ms)
{
    int64_t deadline_ms = timeout_ms < 0 ? -1 : clock_mono_ms() + timeout_ms;
    struct batch *b = NULL;
    unsigned nudges;

    (void)pthread_mutex_lock(&q->lock);
    nudges = q->nudges;
    while (q->first == NULL && !q->is_closed && q->nudges == nudges && timeout_ms != 0) {
        if (!wait_cond(&q->has_work, &q->lock, deadline_ms)) {
            break;
        }
    }
    if (!q->is_closed && q->first != NULL) {
        b = q->first;
        q->first = b->next;
        if (q->first == NULL) {
            q->last = NULL;
        }
        b->next = NULL;
    }
    if (q->ring != NULL) {
        (void)pthread_cond_signal(&q->has_fresh); /* there may be room for what is on the disk */
    }
    (void)pthread_mutex_unlock(&q->lock);
    return b;
}

/* The batch leaves; its memory is kept when that is worth it. Gives what the caller has to free outside of the lock. */
struct batch *queue_store(struct queue *q, struct batch *b)
{
    q->held -= b->text.len;
    q->inside--;
    if (q->stored < STORE_MAX && b->text.cap <= 2 * (q->batch_max + BATCH_SLACK)) {
        b->next = q->store;
        q->store = b;
        q->stored++;
        b = NULL;
    }
    if (q->inside == 0) {
        (void)pthread_cond_broadcast(&q->is_empty);
    }
    (void)pthread_cond_broadcast(&q->has_credit);
    return b;
}

void queue_settle(struct queue *q, struct batch *b)
{
    (void)pthread_mutex_lock(&q->lock);
    if (q->ring != NULL) {
        queue_disk_settle(q, b);
    } else {
        age_remove(q, b);
    }
    b = queue_store(q, b);
    (void)pthread_mutex_unlock(&q->lock);
    batch_free(b);
}

void queue_rewind(struct queue *q, struct batch *b)
{
    (void)pthread_mutex_lock(&q->lock);
    b->next = q->first;
    q->first = b;
    if (q->last == NULL) {
        q->last = b;
    }
    (void)pthread_cond_signal(&q->has_work);
    (void)pthread_mutex_unlock(&q->lock);
}

void queue_close(struct queue *q)
{
    (void)pthread_mutex_lock(&q->lock);
    q->is_closed = 1;
    (void)pthread_cond_broadcast(&q->has_work);
    (void)pthread_mutex_unlock(&q->lock);
}

void queue_nudge(struct queue *q)
{
    (void)pthread_mutex_lock(&q->lock);
    q->nudges++;
    (void)pthread_cond_broadcast(&q->has_work);
    (void)pthread_mutex_unlock(&q->lock);
}

void queue_wake(struct queue *q)
{
    (void)pthread_mutex_lock(&q->lock);
    q->wakes++;
    (void)pthread_cond_broadcast(&q->has_credit);
    (void)pthread_mutex_unlock(&q->lock);
}

int queue_is_empty(struct queue *q, int64_t timeout_ms)
{
    int64_t deadline_ms = clock_mono_ms() + timeout_ms;
    int r;

    (void)pthread_mutex_lock(&q->lock);
    while ((q->inside > 0 || q->is_behind) && timeout_ms > 0 &&
           wait_cond(&q->is_empty, &q->lock, deadline_ms)) {
    }
    r = q->inside == 0 && !q->is_behind;
    (void)pthread_mutex_unlock(&q->lock);
    return r;
}

int queue_is_safe(struct queue *q, int64_t timeout_ms)
{
    int64_t deadline_ms = clock_mono_ms() + timeout_ms;
    int r;

    if (q->ring == NULL) {
        return queue_is_empty(q, timeout_ms);
    }
    (void)pthread_mutex_lock(&q->lock);
    while (q->fresh_count > 0 && timeout_ms > 0 && wait_cond(&q->is_empty, &q->lock, deadline_ms)) {
    }
    r = q->fresh_count == 0;
    (void)pthread_mutex_unlock(&q->lock);
    return r;
}

size_t queue_held(struct queue *q)
{
    size_t held;

    (void)pthread_mutex_lock(&q->lock);
    held = q->ring != NULL ? (size_t)q->disk_bytes + q->fresh_bytes : q->held;
    (void)pthread_mutex_unlock(&q->lock);
    return held;
}

int64_t queue_lag_ms(struct queue *q, int64_t now_ms)
{
    int64_t opened_ms;

    (void)pthread_mutex_lock(&q->lock);
    opened_ms = q->ring != NULL     ? queue_age_oldest(&q->age, q->place.events)
                : q->oldest != NULL ? q->oldest->opened_ms
                                    : -1;
    (void)pthread_mutex_unlock(&q->lock);
    return opened_ms >= 0 && now_ms > opened_ms ? now_ms - opened_ms : 0;
}
