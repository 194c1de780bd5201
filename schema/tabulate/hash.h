/*
 * hash.h: a seed that gives every key of a mapping its own bucket.
 */
#pragma once

#include "mapping.h"

#include <stdint.h>

struct hash {
    uint64_t seed;
    unsigned bits;     /* 1 << bits buckets */
    uint16_t *buckets; /* row number + 1 or 0; document.h's memory */
};

/* Always finds one, or fails as document_read does (two keys of one digest). Same rows, same result. */
struct hash hash_find(const struct mapping *mapping);
