/*
 * unique.c: see unique.h. An open table of texts, at most half full.
 */
#include "unique.h"

#include <string.h>

#define FEW 64

uint64_t unique_hash(const char *ptr, size_t len, uint64_t seed)
{
    uint64_t hash = 0xcbf29ce484222325u ^ seed * 0x9e3779b97f4a7c15u;

    for (size_t i = 0; i < len; i++) {
        hash = (hash ^ (unsigned char)ptr[i]) * 0x100000001b3u;
    }
    return hash ^ hash >> 32;
}

/* The bucket that holds the text, or that it belongs in. */
static struct cxd_bytes *find_bucket(const struct unique *unique, struct cxd_bytes text)
{
    uint32_t at = (uint32_t)unique_hash(text.ptr, text.len, unique->seed) & unique->mask;

    while (unique->buckets[at].ptr != NULL &&
           (unique->buckets[at].len != text.len ||
            memcmp(unique->buckets[at].ptr, text.ptr, text.len) != 0)) {
        at = (at + 1) & unique->mask;
    }
    return &unique->buckets[at];
}

/* *ret_is_new: it was not there. */
static int take_text(struct unique *unique, const struct cxd_value *value, bool *ret_is_new)
{
    struct cxd_bytes *bucket;
    struct cxd_bytes text;

    if (!value_bytes(unique->map, value, &text)) {
        return CXD_NOMEM;
    }
    if (text.ptr == NULL || text.len == 0) {
        text = (struct cxd_bytes){"", 0};
    }
    bucket = find_bucket(unique, text);
    *ret_is_new = bucket->ptr == NULL;
    *bucket = text;
    return CXD_OK;
}

static int take_present(struct unique *unique, const struct cxd_node *node)
{
    bool is_list = node->value.kind == CXD_KIND_LIST;
    int status = CXD_OK;

    for (const struct cxd_node *at = is_list ? node->first : node; status == CXD_OK && at != NULL;
         at = is_list ? at->next : NULL) {
        bool is_new;
        if (at->value.kind == CXD_KIND_STRING) {
            status = take_text(unique, &at->value, &is_new);
        }
    }
    return status;
}

int unique_init(struct unique *unique, struct map *map, unsigned slot, size_t more)
{
    struct cxd_node *node = map->slot[slot];
    size_t count = more + 1;
    size_t room = 2 * (size_t)FEW;
    int status = CXD_OK;

    *unique = (struct unique){.map = map, .slot = slot};
    if (more <= FEW) {
        return CXD_OK;
    }
    if (node != NULL && node->value.kind == CXD_KIND_LIST) {
        status = slot_expand(map, node);
        for (const struct cxd_node *at = node->first; at != NULL; at = at->next) {
            count++;
        }
    }
    while (room < 2 * count) {
        room *= 2;
    }
    if (status == CXD_OK) {
        unique->buckets = map->host->event_alloc(map->event, room * sizeof *unique->buckets);
        status = unique->buckets != NULL ? CXD_OK : CXD_NOMEM;
    }
    if (status != CXD_OK) {
        return status;
    }
    memset(unique->buckets, 0, room * sizeof *unique->buckets);
    unique->mask = (uint32_t)room - 1;
    unique->seed = (uintptr_t)unique->buckets;
    return node != NULL ? take_present(unique, node) : CXD_OK;
}

int unique_add(struct unique *unique, const struct cxd_value *text)
{
    bool is_new = true;
    int status;

    if (unique->buckets == NULL) {
        return slot_append(unique->map, unique->slot, text, true);
    }
    status = take_text(unique, text, &is_new);
    return status == CXD_OK && is_new ? slot_append(unique->map, unique->slot, text, false)
                                      : status;
}
