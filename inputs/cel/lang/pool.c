/*
 * pool.c: a bump allocator with a limit. Under AddressSanitizer every piece is a chunk of its own, so that an overrun is
 * seen. Knows nothing of values.
 */
#include "pool.h"

#include <cxd/status.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK_FIRST ((size_t)16 << 10)
#define CHUNK_MAX ((size_t)1 << 20)
#define ALIGN 16u

#if defined(__SANITIZE_ADDRESS__)
#define POOL_PIECES 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define POOL_PIECES 1
#endif
#endif
#ifndef POOL_PIECES
#define POOL_PIECES 0
#endif

struct pool_chunk {
    struct pool_chunk *next;
    size_t size; /* bytes of data */
    _Alignas(ALIGN) char data[];
};

void pool_init(struct pool *pool, size_t limit)
{
    *pool = (struct pool){.limit = limit};
}

static void chunks_free(struct pool_chunk *chunk)
{
    while (chunk != NULL) {
        struct pool_chunk *next = chunk->next;
        free(chunk);
        chunk = next;
    }
}

void pool_done(struct pool *pool)
{
    chunks_free(pool->chunk);
    *pool = (struct pool){.limit = pool->limit};
}

void pool_clear(struct pool *pool)
{
    struct pool_chunk *keep = pool->chunk;

    if (keep == NULL || POOL_PIECES || keep->size > CHUNK_MAX) {
        pool_done(pool);
        return;
    }
    chunks_free(keep->next);
    keep->next = NULL;
    pool->at = keep->data;
    pool->end = keep->data + keep->size;
    pool->used = keep->size;
    pool->status = 0;
}

static bool fits(const struct pool *pool, size_t size)
{
    return pool->used <= pool->limit && size <= pool->limit - pool->used;
}

static size_t chunk_size(const struct pool *pool, size_t size)
{
    size_t want = pool->chunk == NULL ? CHUNK_FIRST : pool->chunk->size * 2;

    want = want > CHUNK_MAX ? CHUNK_MAX : want;
    if (POOL_PIECES || want < size) {
        want = size;
    }
    if (!fits(pool, want)) {
        want = size;
    }
    return want;
}

/* A big piece gets a chunk of its own behind the newest one, whose room stays in use. */
static void *chunk_add(struct pool *pool, size_t size)
{
    size_t want = chunk_size(pool, size);
    struct pool_chunk *chunk;

    if (!fits(pool, want)) {
        pool->status = CXD_TOO_LARGE;
        return NULL;
    }
    chunk = malloc(sizeof *chunk + want);
    if (chunk == NULL) {
        pool->status = CXD_NOMEM;
        return NULL;
    }
    chunk->size = want;
    pool->used += want;
    if (pool->chunk != NULL && want == size) {
        chunk->next = pool->chunk->next;
        pool->chunk->next = chunk;
        return chunk->data;
    }
    chunk->next = pool->chunk;
    pool->chunk = chunk;
    pool->at = chunk->data + size;
    pool->end = chunk->data + want;
    return chunk->data;
}

void *pool_alloc(struct pool *pool, size_t size)
{
    size_t whole = (size + ALIGN - 1) & ~(size_t)(ALIGN - 1);

    whole = whole > 0 ? whole : ALIGN; /* never NULL for nothing */
    if (whole < size) {
        pool->status = CXD_TOO_LARGE;
        return NULL;
    }
    if (!POOL_PIECES && whole <= (size_t)(pool->end - pool->at)) {
        void *piece = pool->at;
        pool->at += whole;
        return piece;
    }
    if (POOL_PIECES) {
        whole = size; /* exact, so that the sanitizer sees the end */
    }
    return chunk_add(pool, whole > 0 ? whole : 1);
}

void *pool_array(struct pool *pool, size_t count, size_t each)
{
    size_t size;

    if (__builtin_mul_overflow(count, each, &size)) {
        pool->status = CXD_TOO_LARGE;
        return NULL;
    }
    return pool_alloc(pool, size);
}

void *pool_zero(struct pool *pool, size_t size)
{
    void *piece = pool_alloc(pool, size);

    return piece != NULL ? memset(piece, 0, size) : NULL;
}

char *pool_copy(struct pool *pool, const void *data, size_t len)
{
    char *copy = len < SIZE_MAX ? pool_alloc(pool, len + 1) : NULL;

    if (copy != NULL) {
        if (len > 0) {
            memcpy(copy, data, len);
        }
        copy[len] = '\0';
    }
    return copy;
}
