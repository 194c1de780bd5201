/*
 * pending.h: the objects of a listing that wait for a worker: the oldest ones, bounded in number and bytes.
 *
 * A bucket may list millions of new objects. Kept are those that were created first; the others come with the next listing
 * (`cut`), which shows all of the bucket once more: so there should be many. Oldest first also lets the cursor's mark follow closely.
 * One owner, one thread.
 */
#pragma once

#include "cursor.h"

#define PENDING_MAX 32768u /* of all buckets together, but at least PENDING_LEAST of each */
#define PENDING_LEAST 4096u
#define PENDING_BYTES 256u /* for each of them, on average: names are seldom so long */

struct share_item;

struct job {
    struct object object;     /* texts point into `text` */
    struct share_item *item;  /* what the group knows it by; NULL: none shares */
    struct cursor_open *open; /* where to go on; NULL: new. The cursor's. */
    size_t bytes;             /* that it takes, itself included */
    char text[];
};

struct pending {
    const struct heap *heap; /* borrowed */
    struct job **jobs;
    size_t count;
    size_t next; /* the one that take gives */
    size_t room;
    size_t max;
    size_t bytes; /* of the jobs */
    size_t bytes_max;
    bool cut; /* some did not fit */
    uint32_t cut_s; /* creation of the oldest of those: none younger is kept, though there be room */
};

/* A copy of the object, freed with heap_free; NULL: no memory. */
struct job *pending_job(const struct heap *h, const struct object *object,
                        struct cursor_open *open);
/* At most max objects that take max * PENDING_BYTES together. */
void pending_init(struct pending *p, const struct heap *h, size_t max);
void pending_clear(struct pending *p); /* memory of the array kept */
void pending_done(struct pending *p);
/* Copies the object. 0 or CXD_NOMEM. Not after the first take. */
int pending_offer(struct pending *p, const struct object *object, struct cursor_open *open);
void pending_sort(struct pending *p); /* oldest first; before the first take */
struct job *
pending_take(struct pending *p); /* the caller's, freed with heap_free; NULL: none left */
