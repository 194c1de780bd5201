/*
 * seen.c: open addressing with linear steps; the hashes are keyed and thus spread already. Knows numbers, nothing of files.
 */
#include "seen.h"

#include <string.h>

#define SEEN_FIRST_CAP 4096u

/* The slot that holds hash, or the empty one where it would go. cap > 0, and never full. */
static uint64_t *table_slot(const struct seen_table *t, uint64_t hash)
{
    uint32_t mask = t->cap - 1;
    uint32_t i = (uint32_t)hash & mask;

    while (t->slots[i] != 0 && t->slots[i] != hash) {
        i = (i + 1) & mask;
    }
    return &t->slots[i];
}

static int table_has(const struct seen_table *t, uint64_t hash)
{
    return t->cap > 0 && *table_slot(t, hash) == hash;
}

static int table_grow(struct seen *s)
{
    struct seen_table next = {.cap = s->now.cap == 0 ? SEEN_FIRST_CAP : s->now.cap * 2};

    next.slots = s->host->alloc(s->self, (size_t)next.cap * sizeof next.slots[0]);
    if (next.slots == NULL) {
        return CXD_NOMEM;
    }
    for (uint32_t i = 0; i < s->now.cap; i++) {
        if (s->now.slots[i] != 0) {
            *table_slot(&next, s->now.slots[i]) = s->now.slots[i];
        }
    }
    next.count = s->now.count;
    s->host->free(s->self, s->now.slots);
    s->now = next;
    return CXD_OK;
}

static void table_clear(struct seen_table *t)
{
    if (t->count > 0) {
        memset(t->slots, 0, (size_t)t->cap * sizeof t->slots[0]);
        t->count = 0;
    }
}

/* The current half is full: it becomes the previous one, whose memory serves the next half. */
static void seen_turn(struct seen *s)
{
    struct seen_table spare = s->before;

    s->before = s->now;
    s->now = spare;
    table_clear(&s->now);
}

void seen_init(struct seen *s, const struct cxd_host *host, struct cxd_self *self, uint32_t limit)
{
    *s = (struct seen){.host = host, .self = self, .half = limit / 2 + limit % 2};
}

int seen_add(struct seen *s, uint64_t hash)
{
    if (s->half == 0) {
        return 1;
    }
    hash = hash == 0 ? 1 : hash;
    if (table_has(&s->now, hash) || table_has(&s->before, hash)) {
        return 0;
    }
    if (s->now.count >= s->half) {
        seen_turn(s);
    }
    if (s->now.count >= s->now.cap / 2 && table_grow(s) != CXD_OK) {
        return CXD_NOMEM;
    }
    *table_slot(&s->now, hash) = hash;
    s->now.count++;
    return 1;
}

void seen_clear(struct seen *s)
{
    table_clear(&s->now);
    table_clear(&s->before);
}

void seen_done(struct seen *s)
{
    if (s->host != NULL) {
        s->host->free(s->self, s->now.slots);
        s->host->free(s->self, s->before.slots);
    }
    *s = (struct seen){0};
}
