/*
 * arena.c: bump allocation over a list of blocks. Knows malloc and nothing else.
 */
#include "base/arena.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#if defined(__SANITIZE_ADDRESS__)
#define ARENA_PIECEWISE 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_PIECEWISE 1
#endif
#endif
#ifndef ARENA_PIECEWISE
#define ARENA_PIECEWISE 0
#endif

struct block {
    struct block *next;
    size_t size; /* of data */
    _Alignas(16) char data[];
};

struct arena {
    struct block *first; /* newest; the oldest is last and is kept at reset */
    char *at;
    size_t room;
    size_t block_size;
    size_t limit;
    size_t held; /* bytes of all blocks */
    size_t used;
};

struct arena *arena_new(size_t block_size, size_t limit)
{
    struct arena *a = calloc(1, sizeof *a);

    if (a != NULL) {
        a->block_size = block_size;
        a->limit = limit;
    }
    return a;
}

static void *block_add(struct arena *a, size_t size)
{
    size_t want = size > a->block_size || ARENA_PIECEWISE ? size : a->block_size;
    struct block *b;

    if (want > a->limit || a->held > a->limit - want) {
        return NULL;
    }
    b = malloc(sizeof *b + want);
    if (b == NULL) {
        return NULL;
    }
    b->next = a->first;
    b->size = want;
    a->first = b;
    a->held += want;
    a->at = b->data + size;
    a->room = want - size;
    return b->data;
}

void *arena_alloc(struct arena *a, size_t size)
{
    void *ptr;

    if (size > SIZE_MAX - 15) {
        return NULL;
    }
    size = size > 0 ? size : 1; /* also before the first block there is a pointer to give */
    if (!ARENA_PIECEWISE) {
        size = (size + 15) & ~(size_t)15;
    }
    if (ARENA_PIECEWISE || size > a->room) {
        ptr = block_add(a, size);
        if (ptr != NULL) {
            a->used += size;
        }
        return ptr;
    }
    ptr = a->at;
    a->at += size;
    a->room -= size;
    a->used += size;
    return ptr;
}

char *arena_copy(struct arena *a, const char *ptr, size_t len)
{
    char *copy = len < SIZE_MAX ? arena_alloc(a, len + 1) : NULL;

    if (copy != NULL) {
        if (len > 0) {
            memcpy(copy, ptr, len);
        }
        copy[len] = '\0';
    }
    return copy;
}

void arena_reset(struct arena *a)
{
    while (a->first != NULL && (a->first->next != NULL || ARENA_PIECEWISE)) {
        struct block *b = a->first;
        a->first = b->next;
        a->held -= b->size;
        free(b);
    }
    a->used = 0;
    a->at = a->first != NULL ? a->first->data : NULL;
    a->room = a->first != NULL ? a->first->size : 0;
}

size_t arena_used(const struct arena *a)
{
    return a->used;
}

void arena_free(struct arena *a)
{
    if (a == NULL) {
        return;
    }
    while (a->first != NULL) {
        struct block *b = a->first;
        a->first = b->next;
        free(b);
    }
    free(a);
}
