/* dead_inner.h: the inside of the dead-letter store, for dead.c (the file) and dead_ship.c (what is taken from it) alone. */
#pragma once

#include "base/buf.h"
#include "pipeline/dead.h"

#include <pthread.h>

struct dead {
    pthread_mutex_t lock;
    char *path;
    struct buf line;
    int fd;
    uint64_t size;
    uint64_t max_bytes;
    int is_dirty;
    int is_torn; /* half a line stands behind size and could not be cut yet */
    struct dead_shipper shipper;
    pthread_mutex_t ship_lock; /* before lock */
    uint64_t shipped; /* bytes at the head of the file that were handed over; under ship_lock */
};

/* After the file is synced. */
int dead_ship(struct dead *d, struct cxd_error *err);
