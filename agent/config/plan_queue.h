/* plan_queue.h: where an output's documents wait. */
#pragma once

#include "config/conf.h"

#include <stdint.h>

/* `queue` of the agent or of an output. */
struct plan_queue {
    int64_t mem_bytes; /* documents in memory */
    int64_t batch_bytes;
    int64_t flush_ms; /* how long a part-filled batch may wait */
    /* `queue.disk`, in Beats' names */
    int64_t disk_bytes;    /* max_size; 0: the queue is in memory */
    int64_t segment_bytes; /* segment_size */
    const char
        *path; /* of a folder, one below it for each output; NULL: `queue` in the state folder */
    const char *key_file; /* sealed with this key; NULL: not sealed */
};

/* Reads `queue.disk` of map (front: "" or "agent.") over what *queue holds; absent: nothing changes. CXD_CONFIG. */
int plan_queue_read(const struct conf *map, const char *front, struct plan_queue *queue,
                    struct cxd_error *err);
/* Sizes against the size of a batch; at is for the place. CXD_CONFIG. */
int plan_queue_check(const struct conf *at, const struct plan_queue *queue, struct cxd_error *err);
