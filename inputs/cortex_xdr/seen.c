/* seen.c: see the header. Thread: the instance's. */
#include "seen.h"

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

void seen_clear(struct seen *s)
{
    if (s->slots != NULL) {
        memset(s->slots, 0, s->room * sizeof *s->slots);
    }
    s->count = 0;
}

static size_t seen_slot(const uint64_t *slots, size_t room, uint64_t mark)
{
    size_t at = (size_t)mark & (room - 1);

    while (slots[at] != 0 && slots[at] != mark) {
        at = (at + 1) & (room - 1);
    }
    return at;
}

bool seen_has(const struct seen *s, uint64_t mark)
{
    return s->slots != NULL && s->slots[seen_slot(s->slots, s->room, mark)] == mark;
}

static int seen_grow(struct seen *s)
{
    size_t room = s->room > 0 ? s->room * 2 : 256;
    uint64_t *slots = heap_alloc(s->heap, room * sizeof *slots);

    if (slots == NULL) {
        return CXD_NOMEM;
    }
    for (size_t i = 0; i < s->room; i++) {
        if (s->slots[i] != 0) {
            slots[seen_slot(slots, room, s->slots[i])] = s->slots[i];
        }
    }
    heap_free(s->heap, s->slots);
    s->slots = slots;
    s->room = room;
    return 0;
}

int seen_reserve(struct seen *s)
{
    return s->count < SEEN_MAX && s->count * 2 >= s->room ? seen_grow(s) : 0;
}

int seen_add(struct seen *s, uint64_t mark)
{
    size_t at;

    if (s->count >= SEEN_MAX) {
        return 0;
    }
    if (seen_reserve(s) < 0) {
        return CXD_NOMEM;
    }
    at = seen_slot(s->slots, s->room, mark);
    s->count += s->slots[at] == 0;
    s->slots[at] = mark;
    return 0;
}

uint64_t seen_mark(const struct heap *h, struct cxd_bytes row)
{
    unsigned char digest[32];
    uint64_t mark = 0;

    h->host->sha256(row.ptr, row.len, digest);
    for (int i = 0; i < 8; i++) {
        mark = mark << 8 | digest[i];
    }
    return mark != 0 ? mark : 1;
}
