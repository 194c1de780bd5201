/*
 * region.c: a chain of blocks, the newest first. Knows the heap alone. Thread: the owner's.
 */
#include "lib/region.h"

#include <string.h>

#define REGION_BLOCK 16384u

struct region_block {
    struct region_block *next;
    size_t room; /* bytes behind this head */
    size_t used;
    size_t reserved; /* keeps what follows aligned to 16 bytes */
};

void region_init(struct region *r, const struct heap *h, size_t max)
{
    *r = (struct region){.heap = h, .max = max};
}

static void region_drop(struct region *r, struct region_block *keep)
{
    while (r->blocks != keep) {
        struct region_block *next = r->blocks->next;

        if (r->secret) {
            heap_wipe(r->blocks + 1, r->blocks->used);
        }
        heap_free(r->heap, r->blocks);
        r->blocks = next;
    }
}

void region_clear(struct region *r)
{
    struct region_block *first = NULL;

#ifndef __SANITIZE_ADDRESS__
    first = r->blocks;
    while (first != NULL && first->next != NULL) {
        first = first->next;
    }
    if (first != NULL && first->room > REGION_BLOCK) {
        first = NULL; /* one large piece is not worth keeping */
    }
#endif
    region_drop(r, first);
    if (first != NULL) {
        memset(first + 1, 0, first->used);
        first->used = 0;
    }
    r->used = 0;
    r->status = 0;
}

void region_done(struct region *r)
{
    region_drop(r, NULL);
    r->used = 0;
}

static struct region_block *region_grow(struct region *r, size_t size)
{
#ifdef __SANITIZE_ADDRESS__
    size_t room = size;
#else
    size_t room = size > REGION_BLOCK / 4 ? size : REGION_BLOCK;
#endif
    struct region_block *block = heap_alloc(r->heap, sizeof *block + room);

    if (block == NULL) {
        r->status = CXD_NOMEM;
        return NULL;
    }
    block->room = room;
    block->next = r->blocks;
    r->blocks = block;
    return block;
}

void *region_alloc(struct region *r, size_t size)
{
    struct region_block *block = r->blocks;
    void *piece;

    if (r->status != 0) {
        return NULL;
    }
    if (size > r->max || r->used > r->max - size) {
        r->status = CXD_TOO_LARGE;
        return NULL;
    }
    size = (size + 15) & ~(size_t)15;
    size = size > 0 ? size : 16;
    if (block == NULL || block->room - block->used < size) {
        block = region_grow(r, size);
    }
    if (block == NULL) {
        return NULL;
    }
    piece = (char *)(block + 1) + block->used;
    block->used += size;
    r->used += size;
    return piece;
}

struct cxd_bytes region_copy(struct region *r, struct cxd_bytes bytes)
{
    char *copy = region_alloc(r, bytes.len + 1);

    if (copy == NULL) {
        return (struct cxd_bytes){NULL, 0};
    }
    if (bytes.len > 0) {
        memcpy(copy, bytes.ptr, bytes.len);
    }
    return (struct cxd_bytes){copy, bytes.len};
}
