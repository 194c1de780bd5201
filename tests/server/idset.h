#pragma once
/* A set of document ids, each kept as 16 bytes of its SHA-256, in open addressing. The holder locks. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { IDSET_BYTES = 16, IDSET_MAX = 1 << 27 };

struct idset {
    unsigned char (*slots)[IDSET_BYTES];
    size_t size; /* a power of two; 0: nothing yet */
    size_t count;
};

enum idset_result { IDSET_NEW, IDSET_KNOWN, IDSET_FULL };

enum idset_result idset_add(struct idset *set, const char *index, size_t index_len, const char *id,
                            size_t id_len);
void idset_done(struct idset *set);
