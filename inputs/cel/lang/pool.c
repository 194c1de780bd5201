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
    chunks_free(pool->spare);
    *pool = (struct pool){.limit = pool->limit};
}

void pool_clear(struct pool *pool)
{
    struct pool_chunk *chunk = pool->chunk;
    struct pool_chunk *next;
    size_t kept = 0;

    if (!POOL_PIECES && chunk != NULL && chunk->next == NULL && chunk->size <= CHUNK_MAX) {
        pool->at = chunk->data; /* the usual case: one chunk, used again where it is */
        pool->end = chunk->data + chunk->size;
        pool->used = chunk->size;
        pool->status = 0;
        return;
    }
    for (struct pool_chunk *c = pool->spare; c != NULL; c = c->next) {
        kept += c->size;
    }
    for (; chunk != NULL; chunk = next) {
        next = chunk->next;
        if (POOL_PIECES || chunk->size > POOL_SPARE_MAX - kept) {
            free(chunk);
            continue;
        }
        kept += chunk->size;
        chunk->next = pool->spare;
        pool->spare = chunk;
    }
    *pool = (struct pool){.limit = pool->limit, .spare = pool->spare};
}

/* A spare chunk of at least that size, but not one that is far too large. NULL: none. */
static struct pool_chunk *spare_take(struct pool *pool, size_t size)
{
    for (struct pool_chunk **at = &pool->spare; *at != NULL; at = &(*at)->next) {
        struct pool_chunk *chunk = *at;
        if (chunk->size >= size && chunk->size / 4 <= size) {
            *at = chunk->next;
            return chunk;
        }
    }
    return NULL;
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
    chunk = spare_take(pool, want);
    if (chunk == NULL) {
        chunk = malloc(sizeof *chunk + want);
        if (chunk == NULL) {
            pool->status = CXD_NOMEM;
            return NULL;
        }
        chunk->size = want;
    }
    pool->used += chunk->size;
    if (pool->chunk != NULL && want == size) {
        chunk->next = pool->chunk->next;
        pool->chunk->next = chunk;
        return chunk->data;
    }
    chunk->next = pool->chunk;
    pool->chunk = chunk;
    pool->at = chunk->data + size;
    pool->end = chunk->data + chunk->size;
    return chunk->data;
}

bool pool_stretch(struct pool *pool, const void *piece, size_t size, size_t wanted)
{
    size_t whole = (size + ALIGN - 1) & ~(size_t)(ALIGN - 1);
    size_t rest = (wanted + ALIGN - 1) & ~(size_t)(ALIGN - 1);

    if (POOL_PIECES || pool->at != (const char *)piece + whole || rest < wanted ||
        rest - whole > (size_t)(pool->end - pool->at)) {
        return false;
    }
    pool->at += rest - whole;
    return true;
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
