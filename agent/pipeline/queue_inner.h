/*
 * queue_inner.h: the queue's inside and its face to the spooler. Private to queue.c, queue_disk.c, spooler.c.
 *
 * On disk there are two lists: fresh (pushed, not durable yet; the spooler's to write) and ready (durable, in memory, the
 * workers'). Half of the memory is for each.
 */
#pragma once

#include "pipeline/queue.h"
#include "pipeline/queue_age.h"

#include <pthread.h>

#define STORE_MAX 4        /* empty batches kept */
#define BATCH_SLACK 65536u /* the event that fills a batch usually ends within this */
#define QUEUE_WINDOW 4096u /* batches that may be settled before an older one is */

struct queue {
    pthread_mutex_t lock;
    pthread_cond_t has_work;
    pthread_cond_t has_credit;
    pthread_cond_t is_empty;
    struct batch *first;
    struct batch *last;
    struct batch *store;
    size_t limit;
    size_t batch_max;
    size_t held;     /* bytes waiting or taken */
    unsigned inside; /* batches waiting or taken */
    struct batch *oldest; /* of these, in a queue in memory */
    struct batch *youngest;
    unsigned stored;
    unsigned wakes; /* counts queue_wake, so that a wake before the wait is seen */
    unsigned nudges; /* counts queue_nudge */
    int is_closed;

    /* of a queue on disk */
    struct batch_place *ring; /* by order: seq 0 is not settled; NULL: a queue in memory */
    pthread_cond_t has_fresh; /* or room, or the end, for the spooler */
    struct batch *fresh;
    struct batch *fresh_last;
    size_t fresh_bytes;
    uint64_t fresh_cost; /* bytes that the fresh ones will take on the disk, at the most */
    unsigned fresh_count;
    uint64_t disk_bytes;
    uint64_t disk_limit;
    uint64_t next_order;
    uint64_t done_order;      /* all before it are settled */
    struct batch_place place; /* which is here */
    uint64_t end_events;      /* documents written up to the end of the disk */
    struct queue_age age;     /* of what is durable */
    int is_behind;            /* durable batches wait on the disk only */
    int is_ending;
};

/* Under the lock. */
void queue_ready_add(struct queue *q, struct batch *b);
struct batch *queue_store(struct queue *q, struct batch *b);
int queue_disk_credit(const struct queue *q);
void queue_disk_push(struct queue *q, struct batch *b);
void queue_disk_settle(struct queue *q, struct batch *b);

/* The spooler's; they take the lock. Before any thread: disk_limit in bytes; what is settled. CXD_NOMEM. */
int queue_disk_start(struct queue *q, uint64_t disk_limit, struct batch_place settled);
/* All fresh batches, in order, still counted as fresh; waits for them, for room, or the end, up to timeout_ms. */
struct batch *queue_disk_fresh(struct queue *q, int64_t timeout_ms);
/* Waits until then (monotonic), or the end. */
void queue_disk_rest(struct queue *q, int64_t until_ms);
/* 1: the end was asked for. */
int queue_disk_is_ending(struct queue *q);
void queue_disk_end(struct queue *q);
/* A fresh batch is durable (or has no documents) and goes to the workers: 1; or there is no room or no need: 0, and it is gone
 * (its memory is kept for others). */
int queue_disk_durable(struct queue *q, struct batch *b, int may_offer);
/* 1: a batch read from the disk would be taken in. */
int queue_disk_has_room(struct queue *q);
/* A batch from the disk goes to the workers. */
void queue_disk_offer(struct queue *q, struct batch *b);
/* A batch of queue_batch that is not needed. */
void queue_disk_return(struct queue *q, struct batch *b);
/* What lies between cannot be read: settled as far as workers are concerned. */
void queue_disk_pass(struct queue *q, struct batch_place after);
/* How the disk is. */
void queue_disk_state(struct queue *q, uint64_t bytes, uint64_t end_events, int is_behind);
struct batch_place queue_disk_place(struct queue *q);
