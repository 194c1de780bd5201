/*
 * seen.h: fingerprints of rows that were handed over, with the rows' times, so that they can be forgotten by time. One thread.
 */
#pragma once

#include "lib/heap.h"

#define SEEN_MAX 65536u /* fingerprints; more are not remembered, and ids downstream take care */
#define SEEN_EDGE_MAX 10000u /* of them kept in the cursor */

struct seen_row {
    uint64_t mark; /* 0: free */
    int64_t time_ms;
};

struct seen {
    const struct heap *heap;
    struct seen_row *slots; /* open addressing */
    size_t room;            /* a power of two */
    size_t count;
};

void seen_init(struct seen *s, const struct heap *h);
void seen_done(struct seen *s);
bool seen_has(const struct seen *s, uint64_t mark);
/* Makes room, so that the next seen_add cannot fail. CXD_NOMEM, or 0. */
int seen_reserve(struct seen *s);
/* CXD_NOMEM, or 0. */
int seen_add(struct seen *s, uint64_t mark, int64_t time_ms);
/* Forgets the rows before from_ms. Without memory for it they stay known, which does no harm. */
void seen_forget(struct seen *s, int64_t from_ms);
/* Never 0. */
uint64_t seen_mark(const unsigned char digest[32]);
