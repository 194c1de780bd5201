/*
 * unique.h: appending many texts to a list, each once, in time that grows with their number and not with its square.
 *
 * Event memory; lives no longer than the event, and only while nothing else writes to the field.
 */
#pragma once

#include "map.h"

struct unique {
    struct map *map;
    unsigned slot;
    struct cxd_bytes *buckets; /* NULL: so few texts that each is looked for one by one */
    uint32_t mask;
    uint64_t seed;
};

/* more: how many texts may come. */
int unique_init(struct unique *unique, struct map *map, unsigned slot, size_t more);
int unique_add(struct unique *unique, const struct cxd_value *text);
/* Of any bytes; the seed keeps those apart who choose them. */
uint64_t unique_hash(const char *ptr, size_t len, uint64_t seed);
