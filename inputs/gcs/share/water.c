/* water.c: the ring. Thread: the instance's. */
#include "share/water.h"

static struct water_entry *water_at(struct water *w, size_t index)
{
    return &w->entries[(w->first + index) % WATER_MAX];
}

bool water_take(struct water *w, int64_t offset)
{
    if (water_is_full(w) || (w->count > 0 && water_at(w, w->count - 1)->offset >= offset)) {
        return false;
    }
    *water_at(w, w->count) = (struct water_entry){.offset = offset, .mark = -1};
    w->count++;
    return true;
}

void water_done(struct water *w, int64_t offset, int64_t mark)
{
    size_t low = 0;
    size_t high = w->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (water_at(w, middle)->offset < offset) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (low < w->count && water_at(w, low)->offset == offset) {
        water_at(w, low)->mark = mark;
    }
}

int64_t water_advance(struct water *w, int64_t marks_true)
{
    int64_t next = -1;

    while (w->count > 0 && water_at(w, 0)->mark >= 0 && water_at(w, 0)->mark <= marks_true) {
        next = water_at(w, 0)->offset + 1;
        w->first = (w->first + 1) % WATER_MAX;
        w->count--;
    }
    return next;
}

bool water_waits(const struct water *w, int64_t marks_true)
{
    for (size_t i = 0; i < w->count; i++) {
        if (w->entries[(w->first + i) % WATER_MAX].mark > marks_true) {
            return true;
        }
    }
    return false;
}
