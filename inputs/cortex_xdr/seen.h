/*
 * seen.h: fingerprints of rows: those of the window being read, and those at the end of the last one. One thread.
 */
#pragma once

#include "lib/heap.h"

#define SEEN_MAX 65536u /* fingerprints; more are not remembered, and ids downstream take care */
#define SEEN_EDGE_MAX 10000u /* of them kept in the cursor */

struct seen {
    const struct heap *heap;
    uint64_t *slots; /* open addressing; 0: free */
    size_t room;     /* a power of two */
    size_t count;
};

void seen_init(struct seen *s, const struct heap *h);
void seen_done(struct seen *s);
void seen_clear(struct seen *s);
bool seen_has(const struct seen *s, uint64_t mark);
/* Makes room, so that the next seen_add cannot fail. CXD_NOMEM, or 0. */
int seen_reserve(struct seen *s);
/* CXD_NOMEM, or 0. */
int seen_add(struct seen *s, uint64_t mark);
/* Never 0. */
uint64_t seen_mark(const struct heap *h, struct cxd_bytes row);
