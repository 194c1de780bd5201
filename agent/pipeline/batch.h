/*
 * batch.h: documents of one stream on their way from intake to settlement. The unit of queue, delivery and acknowledgement.
 *
 * Owned by exactly one at a time: intake, then queue, then a worker, then the queue's store of empty ones.
 */
#pragma once

#include "base/buf.h"
#include "cxd/event.h"
#include "pipeline/index_name.h"

#include <stdint.h>

struct track;
struct unit;

/* Before which batch of a queue on disk, and how many documents come before that. */
struct batch_place {
    uint64_t seq;
    uint64_t events;
};

struct batch {
    struct batch *next;       /* in the queue, or in the store */
    struct batch *elder;      /* in a queue in memory, waiting or taken, by age */
    struct batch *younger;
    struct batch *track_next; /* in the track, by age */
    struct buf text;          /* documents and ids, back to back */
    struct cxd_doc *docs;     /* offsets until sealed, pointers afterwards */
    uint32_t count;
    uint32_t cap;
    struct buf cursor; /* BSON; empty: this batch moves no cursor */
    int64_t marks;     /* marks of the stream that the cursor stands for */
    struct cxd_bytes index;
    struct cxd_bytes pipeline;      /* for the batch's documents, see cxd_batch */
    char index_own[INDEX_NAME_MAX]; /* what index points to, when it has a date */
    struct track *track;            /* of the stream */
    struct unit *stream;
    int64_t opened_ms; /* monotonic, of the first event */
    int is_settled;    /* the track's */
    /* in a queue on disk, the queue's: */
    struct batch_place after; /* true once this batch and all before it are settled */
    uint64_t offset;          /* where it lies, in which segment */
    uint32_t segment;
    uint64_t order; /* among those given to workers */
};

/* limit: bytes of text at the most. NULL: no memory. */
struct batch *batch_new(size_t limit);
void batch_free(struct batch *b); /* accepts NULL */
/* Empty, memory kept. */
void batch_clear(struct batch *b);
/* The text from `start` to the end of text is a document; id is copied behind it. 0 or CXD_NOMEM, CXD_TOO_LARGE. */
int batch_add(struct batch *b, size_t start, struct cxd_bytes id);
/* Turns offsets into pointers: nothing may be added afterwards. */
void batch_seal(struct batch *b);
