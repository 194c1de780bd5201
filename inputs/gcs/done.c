/*
 * done.c: the set of finished objects.
 *
 * Knows fingerprints and creation times. Does not know when something may be forgotten (cursor.c). Removal is in bulk only, so
 * the table needs no tombstones. Thread: the instance's.
 */
#include "done.h"

#include <stdlib.h>
#include <string.h>

void done_init(struct done_set *set, const struct heap *h)
{
    *set = (struct done_set){.heap = h};
}

void done_free(struct done_set *set)
{
    if (set->heap != NULL) {
        heap_free(set->heap, set->entries);
        heap_free(set->heap, set->seen);
        heap_free(set->heap, set->slots);
    }
    *set = (struct done_set){.heap = set->heap};
}

struct done_entry done_entry(const struct heap *h, struct cxd_bytes name, int64_t generation,
                             uint32_t created_s)
{
    struct done_entry entry;
    unsigned char digest[32];
    unsigned char text[LIST_NAME_MAX + 8];
    size_t len = name.len < LIST_NAME_MAX ? name.len : LIST_NAME_MAX;

    /* the generation first, at fixed width: no name can imitate another pair */
    for (int i = 0; i < 8; i++) {
        text[i] = (unsigned char)((uint64_t)generation >> (8 * i));
    }
    memcpy(text + 8, name.ptr, len);
    h->host->sha256(text, len + 8, digest);
    memcpy(entry.id, digest, sizeof entry.id);
    for (int i = 0; i < 4; i++) {
        entry.created[i] = (unsigned char)(created_s >> (8 * i));
    }
    return entry;
}

uint32_t done_created(const struct done_entry *entry)
{
    return (uint32_t)entry->created[0] | (uint32_t)entry->created[1] << 8 |
           (uint32_t)entry->created[2] << 16 | (uint32_t)entry->created[3] << 24;
}

/* Where an entry is or would be. The fingerprint is a digest, so its first bytes spread well. */
static size_t done_slot(const struct done_set *set, const struct done_entry *entry)
{
    uint64_t hash;
    size_t slot;

    memcpy(&hash, entry->id, sizeof hash);
    slot = (size_t)hash & (set->slot_count - 1);
    while (set->slots[slot] != 0 &&
           memcmp(set->entries[set->slots[slot] - 1].id, entry->id, sizeof entry->id) != 0) {
        slot = (slot + 1) & (set->slot_count - 1);
    }
    return slot;
}

size_t done_find(const struct done_set *set, const struct done_entry *entry)
{
    size_t slot;

    if (set->count == 0) {
        return DONE_NONE;
    }
    slot = done_slot(set, entry);
    return set->slots[slot] != 0 ? set->slots[slot] - 1 : DONE_NONE;
}

static void done_rehash(struct done_set *set)
{
    memset(set->slots, 0, set->slot_count * sizeof *set->slots);
    for (size_t i = 0; i < set->count; i++) {
        set->slots[done_slot(set, &set->entries[i])] = (uint32_t)(i + 1);
    }
}

static int done_reserve(struct done_set *set)
{
    size_t room = set->room > 0 ? set->room * 2 : 64;
    struct done_entry *entries;
    unsigned char *seen;
    uint32_t *slots;

    if (set->count < set->room) {
        return 0;
    }
    if (room > 2 * (size_t)DONE_MAX) {
        return CXD_FULL;
    }
    entries = heap_grow(set->heap, set->entries, room, sizeof *entries);
    if (entries == NULL) {
        return CXD_NOMEM;
    }
    set->entries = entries;
    seen = heap_grow(set->heap, set->seen, room, 1);
    if (seen == NULL) {
        return CXD_NOMEM;
    }
    set->seen = seen;
    slots = heap_alloc(set->heap, room * 2 * sizeof *slots);
    if (slots == NULL) {
        return CXD_NOMEM;
    }
    heap_free(set->heap, set->slots);
    set->slots = slots;
    set->room = room;
    set->slot_count = room * 2;
    done_rehash(set);
    return 0;
}

int done_add(struct done_set *set, const struct done_entry *entry)
{
    size_t index = done_find(set, entry);
    int status;

    if (index != DONE_NONE) {
        set->seen[index] = 1;
        return 0;
    }
    status = done_reserve(set);
    if (status < 0) {
        return status;
    }
    set->slots[done_slot(set, entry)] = (uint32_t)(set->count + 1);
    set->entries[set->count] = *entry;
    set->seen[set->count] = 1;
    set->count++;
    return 0;
}

void done_unsee(struct done_set *set)
{
    if (set->count > 0) {
        memset(set->seen, 0, set->count);
    }
}

/* Keeps the entries whose `seen` is set. */
static size_t done_keep(struct done_set *set)
{
    size_t kept = 0;
    size_t dropped;

    for (size_t i = 0; i < set->count; i++) {
        if (set->seen[i]) {
            set->entries[kept] = set->entries[i];
            set->seen[kept++] = 1;
        }
    }
    dropped = set->count - kept;
    set->count = kept;
    if (dropped > 0) {
        done_rehash(set);
    }
    return dropped;
}

size_t done_prune(struct done_set *set)
{
    return done_keep(set);
}

size_t done_compress(struct done_set *set, int64_t mark_s)
{
    for (size_t i = 0; i < set->count; i++) {
        set->seen[i] = (int64_t)done_created(&set->entries[i]) > mark_s;
    }
    return done_keep(set);
}

static int done_order(const void *a, const void *b)
{
    const uint32_t *left = a;
    const uint32_t *right = b;

    return (*left > *right) - (*left < *right);
}

int64_t done_age(const struct done_set *set, size_t keep)
{
    uint32_t *times;
    int64_t age;

    if (set->count <= keep) {
        return -1;
    }
    times = heap_alloc(set->heap, set->count * sizeof *times);
    if (times == NULL) {
        return -1;
    }
    for (size_t i = 0; i < set->count; i++) {
        times[i] = done_created(&set->entries[i]);
    }
    qsort(times, set->count, sizeof *times, done_order);
    age = times[set->count - keep - 1];
    heap_free(set->heap, times);
    return age;
}
