/* seen.c: see the header. Thread: the instance's. */
#include "seen.h"

#define SEEN_ROOM_MIN 256u

void seen_init(struct seen *s, const struct heap *h)
{
    *s = (struct seen){.heap = h};
}

void seen_done(struct seen *s)
{
    if (s->heap != NULL) {
        heap_free(s->heap, s->slots);
        s->slots = NULL;
    }
}

static size_t seen_slot(const struct seen_row *slots, size_t room, uint64_t mark)
{
    size_t at = (size_t)mark & (room - 1);

    while (slots[at].mark != 0 && slots[at].mark != mark) {
        at = (at + 1) & (room - 1);
    }
    return at;
}

bool seen_has(const struct seen *s, uint64_t mark)
{
    return s->slots != NULL && s->slots[seen_slot(s->slots, s->room, mark)].mark == mark;
}

/* Moves the rows from from_ms on into a table of `room` slots. */
static int seen_move(struct seen *s, size_t room, int64_t from_ms)
{
    struct seen_row *slots = heap_alloc(s->heap, room * sizeof *slots);
    size_t count = 0;

    if (slots == NULL) {
        return CXD_NOMEM;
    }
    for (size_t i = 0; i < s->room; i++) {
        if (s->slots[i].mark != 0 && s->slots[i].time_ms >= from_ms) {
            slots[seen_slot(slots, room, s->slots[i].mark)] = s->slots[i];
            count++;
        }
    }
    heap_free(s->heap, s->slots);
    s->slots = slots;
    s->room = room;
    s->count = count;
    return 0;
}

int seen_reserve(struct seen *s)
{
    if (s->count >= SEEN_MAX || s->count * 2 < s->room) {
        return 0;
    }
    return seen_move(s, s->room > 0 ? s->room * 2 : SEEN_ROOM_MIN, INT64_MIN);
}

int seen_add(struct seen *s, uint64_t mark, int64_t time_ms)
{
    size_t at;

    if (s->count >= SEEN_MAX) {
        return 0;
    }
    if (seen_reserve(s) < 0) {
        return CXD_NOMEM;
    }
    at = seen_slot(s->slots, s->room, mark);
    s->count += s->slots[at].mark == 0;
    s->slots[at] = (struct seen_row){mark, time_ms};
    return 0;
}

void seen_forget(struct seen *s, int64_t from_ms)
{
    size_t room = SEEN_ROOM_MIN;
    size_t kept = 0;

    for (size_t i = 0; i < s->room; i++) {
        kept += s->slots[i].mark != 0 && s->slots[i].time_ms >= from_ms;
    }
    if (kept == s->count) {
        return;
    }
    while (room <= kept * 2) {
        room *= 2;
    }
    (void)seen_move(s, room, from_ms);
}

uint64_t seen_mark(const unsigned char digest[32])
{
    uint64_t mark = 0;

    for (int i = 0; i < 8; i++) {
        mark = mark << 8 | digest[i];
    }
    return mark != 0 ? mark : 1;
}
