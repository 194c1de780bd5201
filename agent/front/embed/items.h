/*
 * items.h: the batches that a host holds: pulled and not settled, each under a number that is good once. Any thread.
 */
#pragma once

#include "pipeline/queue.h"

#include <pthread.h>
#include <stdint.h>

#define ITEMS_MAX 65536u

/* A batch at the host's. */
struct item {
    struct batch *batch;
    unsigned char *rejected; /* one byte for each document, 1: in the dead letters; NULL: none */
    uint32_t rejected_count;
};

struct items_slot {
    struct item item; /* batch NULL: free */
    uint32_t turn;    /* counts uses, so that a number is good once */
    uint32_t documents;
    uint32_t next_free;
};

struct items {
    pthread_mutex_t lock;
    pthread_cond_t is_quiet;
    struct items_slot *slots;
    uint32_t count; /* of slots */
    uint32_t free;  /* the first free one; count: none */
    uint32_t held;
    uint64_t documents; /* of what is held */
    uint32_t busy;      /* taken and not returned */
    int is_closed;
};

void items_init(struct items *items);
void items_done(struct items *items); /* nothing is held any more */
/* The batch is the host's from here on. CXD_NOMEM, CXD_FULL, CXD_STOPPED when closed: it stays the caller's. */
int items_add(struct items *items, struct batch *b, uint64_t *ret_number);
/* Takes an item out: the caller's; items_return must follow when the work on it is done. CXD_NOT_FOUND, CXD_STOPPED. */
int items_take(struct items *items, uint64_t number, struct item *ret_item);
/* The work on what was taken is done. With put_back it lies where it was, under the same number. */
void items_return(struct items *items, uint64_t number, const struct item *put_back);
/* Nobody takes or adds any more; waits for those who have one taken. Then each batch that is held is given to `each`. */
void items_close(struct items *items, void (*each)(void *owner, struct batch *b), void *owner);
uint64_t items_documents(struct items *items);
uint32_t items_held(struct items *items);
