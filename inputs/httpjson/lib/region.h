/*
 * region.h: memory that is given back all at once. Under AddressSanitizer every piece is a block of its own.
 *
 * One owner, one thread. The first failure sticks in `status`, so that a builder is checked once, at its end.
 */
#pragma once

#include "lib/heap.h"

struct region_block;

struct region {
    const struct heap *heap; /* borrowed */
    struct region_block *blocks;
    size_t used; /* bytes handed out */
    size_t max;  /* bytes; more is CXD_TOO_LARGE */
    int status;  /* 0, CXD_NOMEM or CXD_TOO_LARGE */
    bool secret; /* wiped before memory is given back */
};

void region_init(struct region *r, const struct heap *h, size_t max);
void region_clear(
    struct region *r); /* all pieces are gone; the first block stays for the next use */
void region_done(struct region *r); /* accepts a zeroed one */
/* Zeroed, aligned to 16 bytes; NULL when memory or the limit is reached. */
void *region_alloc(struct region *r, size_t size);
/* A copy with a NUL behind it; {NULL,0} on failure. */
struct cxd_bytes region_copy(struct region *r, struct cxd_bytes bytes);
