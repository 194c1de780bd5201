/*
 * pool.h: memory that is given back all at once. Values of one evaluation and nodes of one program live in a pool.
 *
 * Owner: whoever called pool_init; pool_done frees everything. Not thread safe. Nothing in a pool is ever freed alone.
 * Limits: `limit` bytes over the pool's life until pool_clear. A refusal is remembered in `status` (CXD_NOMEM or
 * CXD_TOO_LARGE), so that a caller deep in an expression may simply give up.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pool_chunk;

struct pool {
    char *at;                 /* free room of the newest chunk */
    char *end;                /* where that room ends */
    struct pool_chunk *chunk; /* newest first */
    struct pool_chunk *spare; /* empty ones that pool_clear kept */
    size_t limit;             /* bytes */
    size_t used;              /* bytes taken from the system */
    int status;               /* 0, or why the last pool_alloc gave NULL */
};

void pool_init(struct pool *pool, size_t limit);
void pool_done(struct pool *pool); /* accepts a zeroed or finished pool */
/* Empty again; up to POOL_SPARE_MAX bytes of chunks are kept for reuse. */
#define POOL_SPARE_MAX ((size_t)16 << 20)
void pool_clear(struct pool *pool);
/* 16-aligned, not zeroed. NULL: no memory, or the limit; see status. size may be 0. */
void *pool_alloc(struct pool *pool, size_t size);
/* The piece that was given out last, of `size` bytes, has `wanted` from here on, where it lies; wanted >= size. false: there is no
 * room behind it, or another piece. */
bool pool_stretch(struct pool *pool, const void *piece, size_t size, size_t wanted);
/* Room for count things of `each` bytes; NULL also when the product overflows. */
void *pool_array(struct pool *pool, size_t count, size_t each);
void *pool_zero(struct pool *pool, size_t size);
/* A copy with a NUL behind it. */
char *pool_copy(struct pool *pool, const void *data, size_t len);
