#pragma once
/*
 * Generated objects on disk: made once for each set of parameters, by as many threads as asked for, then served from there.
 */
#include <stdbool.h>
#include <stdint.h>

#include "bucket.h"

struct cache_spec {
    uint64_t seed;
    uint64_t first_event; /* number of the first event */
    uint64_t events;      /* 0 with big_bytes: as many as fill it */
    uint64_t big_bytes;   /* not 0: one object of at least so many plain bytes */
    unsigned objects;
    unsigned average_bytes;
    unsigned member_events; /* events in one gzip member; 0: one member for each object */
    unsigned threads;
};

struct cache_result {
    uint64_t objects;
    uint64_t events;
    uint64_t plain_bytes;
    uint64_t stored_bytes;
    bool reused; /* found complete on disk */
};

/* Makes the objects in a folder of their own below dir and adds them to bucket. False with a text in ret_reason. */
bool cache_fill(const char *dir, const struct cache_spec *spec, struct bucket *bucket,
                struct cache_result *ret_result, const char **ret_reason);
