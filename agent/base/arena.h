/*
 * arena.h: memory with one life. Everything allocated is gone at reset or free; nothing is released singly.
 *
 * Bounded at birth: an allocation that would pass the limit gives NULL. Under AddressSanitizer every allocation is a piece of
 * its own, so that an overrun is seen. One thread at a time.
 */
#pragma once

#include <stddef.h>

struct arena;

/* limit: bytes at the most, all blocks together. NULL: no memory. */
struct arena *arena_new(size_t block_size, size_t limit);
/* 16-aligned, not zeroed; NULL when out of memory or over the limit. size 0 gives a valid pointer. */
void *arena_alloc(struct arena *a, size_t size);
/* A copy with a NUL behind it. */
char *arena_copy(struct arena *a, const char *ptr, size_t len);
/* Empty again; the first block is kept. */
void arena_reset(struct arena *a);
/* Bytes handed out since the last reset. */
size_t arena_used(const struct arena *a);
void arena_free(struct arena *a); /* accepts NULL */

static inline void arena_freep(struct arena **a)
{
    arena_free(*a);
}
