/*
 * spooler.h: the thread that keeps an output's queue on disk: writes what inputs push, says to the streams that it is durable,
 * reads back what memory had no room for, removes what is settled. See decision 0013.
 *
 * It alone touches the files. Trouble with the disk shows as the output's health; it is tried again every second, and inputs
 * wait meanwhile. Counters: queue_events_lost_total, queue_damaged_total, queue_written_bytes_total.
 */
#pragma once

#include "pipeline/queue.h"
#include "pipeline/spool.h"
#include "pipeline/unit.h"

struct dead;
struct spooler;

struct spooler_spec {
    struct spool_spec spool;
    uint64_t max_bytes; /* of all segments; inputs wait above it */
    struct queue *queue;
    struct unit *unit; /* the output's */
    struct dead *dead; /* synced before what is settled is forgotten */
    int64_t flush_ms;  /* how long the place of what is settled may wait to be saved */
};

/* Opens the folder: CXD_FORBIDDEN, CXD_EXISTS (another process has it), CXD_CONFIG (key) and what spool_open says. From here on the
 * queue is one on disk. */
int spooler_open(const struct spooler_spec *spec, struct spooler **ret_spooler,
                 struct cxd_error *err);
/* Batches of this stream read from the disk count for its unit (borrowed; it outlives the spooler). Any thread. CXD_NOMEM. */
int spooler_stream(struct spooler *sp, struct unit *stream);
/* What the counter of that name came to for streams that the policy has no longer. Any thread; sp may be NULL: 0. */
int64_t spooler_count(struct spooler *sp, const char *name);
int spooler_start(struct spooler *sp, struct cxd_error *err);
/* Writes what is fresh (once), saves the place, ends the thread. Workers are gone by then. */
void spooler_stop(struct spooler *sp);
void spooler_free(
    struct spooler *sp); /* stops it; the queue may be freed afterwards; accepts NULL */
