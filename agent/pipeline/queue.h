/*
 * queue.h: between inputs and an output's workers: bounded in bytes, never in counts.
 *
 * Pushing never waits: an input asks for credit before it polls. Taken batches stay counted (the backlog) until settled.
 * Empty batches are kept and given out again, so that the steady state allocates nothing. With a spooler (spooler.h) the same
 * face stands before a queue on disk.
 */
#pragma once

#include "pipeline/batch.h"

#include <stdint.h>

struct queue;

/* limit: bytes of documents waiting or being sent; batch_max: bytes of one batch. NULL: no memory. */
struct queue *queue_new(size_t limit, size_t batch_max);
void queue_free(
    struct queue *q); /* with all that is in it; no thread may use it any more; accepts NULL */

/* An empty batch to fill; NULL: no memory. */
struct batch *queue_batch(struct queue *q);
size_t queue_batch_max(const struct queue *q);
/* 1 when a further batch fits; else waits up to timeout_ms, or until queue_wake. */
int queue_credit(struct queue *q, int64_t timeout_ms);
/* Waits for the time or queue_wake. */
void queue_pause(struct queue *q, int64_t timeout_ms);
void queue_push(struct queue *q, struct batch *b);
/* The oldest batch, which then is the worker's; NULL after timeout_ms, or at once when closed. */
struct batch *queue_take(struct queue *q, int64_t timeout_ms);
/* The batch is done with: its bytes are free again. */
void queue_settle(struct queue *q, struct batch *b);
/* Gives a taken batch back to the front, undelivered. */
void queue_rewind(struct queue *q, struct batch *b);
/* No further takes: workers come out at once. */
void queue_close(struct queue *q);
/* Everybody who waits in queue_take comes out, with a batch or without. */
void queue_nudge(struct queue *q);
/* Wakes everybody who waits in queue_credit. */
void queue_wake(struct queue *q);
/* 1 when nothing waits and nothing is being sent; else waits up to timeout_ms for it. */
int queue_is_empty(struct queue *q, int64_t timeout_ms);
/* 1 when what is in the queue would outlive the process: all of it is durable, or there is nothing; else waits up to
 * timeout_ms for it. In memory that is queue_is_empty. */
int queue_is_safe(struct queue *q, int64_t timeout_ms);
/* Bytes held now, waiting and backlog; of a queue on disk those on the disk. */
size_t queue_held(struct queue *q);
/* How long ago the oldest document that is not delivered was collected, in ms, or a little more; of a queue on disk what is durable, of a
 * backlog from before the start since then. 0: there is none. now_ms: monotonic. */
int64_t queue_lag_ms(struct queue *q, int64_t now_ms);
/* Documents that are durable and not settled: what a next start will send; 0 for a queue in memory. */
uint64_t queue_events(struct queue *q);
