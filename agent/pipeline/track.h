/*
 * track.h: which batches of a stream are still on their way, by age, and so which cursor is true.
 *
 * The cursor saved is that of the longest unbroken run of settled batches from the oldest. Batches are pushed by the input's
 * thread and settled by workers, in any order.
 */
#pragma once

#include "pipeline/batch.h"

struct registry;
struct track;

/* id is borrowed and outlives the track. NULL: no memory. */
struct track *track_new(const char *id, struct registry *registry);
/* Before the queue: with settled batches that wait for an older one; the others are the queue's. None may settle any more.
 * Accepts NULL. */
void track_free(struct track *t);
/* 1: nothing is on its way, so nobody holds a batch that points here. Any thread. */
int track_is_empty(struct track *t);
/* How long ago the oldest batch that is not settled was begun, at now_ms (mono); 0: none waits. Any thread. */
int64_t track_lag_ms(struct track *t, int64_t now_ms);
/* As many marks of the stream are true (batch.marks of the newest settled run); 0: none yet. Any thread. */
int64_t track_marks(struct track *t);
/* Cursors of it are saved no more: another track has begun from the one that is. Any thread. */
void track_fence(struct track *t);
/* The batch goes on its way; before queue_push. */
void track_add(struct track *t, struct batch *b);
/*
 * The batch is settled: every document delivered or dead-lettered. Advances the cursor when the run from the oldest grew.
 * Settled batches that are no longer needed come back as a list by track_next, the caller's to give to the queue.
 */
struct batch *track_settle(struct track *t, struct batch *b);
