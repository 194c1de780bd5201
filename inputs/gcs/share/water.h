/*
 * water.h: what was taken of one partition and not committed yet: a window of offsets, and how far the group may be told that all is
 * done. Pure. One owner, one thread.
 *
 * The law: an offset is committed only when it and every one before it is done and the mark that stands for it is true.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WATER_MAX 1024u /* offsets in the window */

struct water_entry {
    int64_t offset;
    int64_t mark; /* -1: under way; else done once so many marks are true */
};

struct water {
    struct water_entry entries[WATER_MAX]; /* a ring, by offset */
    size_t first;
    size_t count;
};

static inline bool water_is_full(const struct water *w)
{
    return w->count == WATER_MAX;
}
/* offset follows the last one taken. False: the window is full, or the offset was taken already. */
bool water_take(struct water *w, int64_t offset);
/* Done when `mark` marks are true (0: now). An offset that is not in the window is none of ours any more. */
void water_done(struct water *w, int64_t offset, int64_t mark);
/* Takes off what is done, marks_true being true: the offset to commit (the next one to read), or -1: nothing new. */
int64_t water_advance(struct water *w, int64_t marks_true);
/* Some are done and wait for a mark beyond marks_true. */
bool water_waits(const struct water *w, int64_t marks_true);
