/*
 * bind.c: the record's members as nodes of the document, and which of them the table knows.
 *
 * A name that comes twice would be refused by the index, so the last value stands in the first one's place.
 */
#include "unique.h"
#include "whole.h"

#include <string.h>

void bind_remove(struct cxd_node *parent, const struct cxd_node *node)
{
    struct cxd_node *before = NULL;

    for (struct cxd_node *at = parent->first; at != NULL && at != node; at = at->next) {
        before = at;
    }
    if (before == NULL) {
        parent->first = node->next;
    } else {
        before->next = node->next;
    }
    if (parent->last == node) {
        parent->last = before;
    }
}

int bind_find(struct map *map, struct cxd_node *parent, const char *name,
              struct cxd_node **ret_node)
{
    size_t len = strlen(name);
    int status;

    *ret_node = NULL;
    if (parent->value.kind != CXD_KIND_OBJECT) {
        return CXD_OK;
    }
    status = slot_expand(map, parent);
    for (struct cxd_node *at = parent->first; status == CXD_OK && at != NULL; at = at->next) {
        if (at->key_len == len && memcmp(at->key, name, len) == 0) {
            *ret_node = at;
        }
    }
    return status;
}

/* --- names that come twice ----------------------------------------------------------------------- */

struct names {
    struct cxd_node **buckets;
    uint32_t mask;
};

/* At least twice as many buckets as names; all empty. */
static int make_names(struct map *map, uint32_t count, struct names *ret_names)
{
    uint32_t room = 8;

    while (room < 2 * count) {
        room *= 2;
    }
    ret_names->mask = room - 1;
    ret_names->buckets = map->host->event_alloc(map->event, room * sizeof *ret_names->buckets);
    if (ret_names->buckets == NULL) {
        return CXD_NOMEM;
    }
    memset(ret_names->buckets, 0, room * sizeof *ret_names->buckets);
    return CXD_OK;
}

/* Where a name stands, or the empty bucket where it will. */
static struct cxd_node **find_name(const struct names *names, const char *key, uint32_t len)
{
    uint64_t seed = (uintptr_t)names->buckets;
    uint32_t at = (uint32_t)unique_hash(key, len, seed) & names->mask;

    while (names->buckets[at] != NULL &&
           (names->buckets[at]->key_len != len || memcmp(names->buckets[at]->key, key, len) != 0)) {
        at = (at + 1) & names->mask;
    }
    return &names->buckets[at];
}

/* The members of an object in tree form, each name once. */
static int unite_members(struct map *map, struct cxd_node *object)
{
    struct cxd_node *before = NULL;
    struct names names;
    uint32_t count = 0;
    int status;

    for (struct cxd_node *at = object->first; at != NULL; at = at->next) {
        count++;
    }
    status = make_names(map, count, &names);
    for (struct cxd_node *at = object->first; status == CXD_OK && at != NULL; at = at->next) {
        struct cxd_node **bucket = find_name(&names, at->key, at->key_len);
        if (*bucket == NULL) {
            *bucket = at;
            before = at;
            continue;
        }
        (*bucket)->value = at->value;
        (*bucket)->first = at->first;
        (*bucket)->last = at->last;
        before->next = at->next; /* the first of the list is never a repeat */
        object->last = at->next == NULL ? before : object->last;
    }
    return status;
}

/* --- the record ---------------------------------------------------------------------------------- */

int bind_put(struct map *map)
{
    const struct cxd_value object = {.kind = CXD_KIND_OBJECT, .flags = CXD_VALUE_TREE};
    const struct cxd_record *record = map->record;
    unsigned slot = map->table->record_slot;
    struct cxd_node *nodes =
        map->host->event_alloc(map->event, (record->count + 1) * sizeof *nodes);
    int status;

    if (nodes == NULL) {
        return CXD_NOMEM;
    }
    status = slot_put(map, slot, object);
    if (status != CXD_OK) {
        return status;
    }
    for (uint32_t i = 0; i < record->count; i++) {
        nodes[i] = (struct cxd_node){.key = record->fields[i].key,
                                     .key_len = record->fields[i].key_len,
                                     .value = record->fields[i].value};
        slot_link(map->slot[slot], &nodes[i]);
    }
    return unite_members(map, map->slot[slot]);
}

/* Members that the table knows; below those that have known members themselves, too. Depth is that of the table's names. */
static int bind_members(struct map *map, struct cxd_node *object, unsigned slot)
{
    int status = CXD_OK;

    for (struct cxd_node *at = object->first; status == CXD_OK && at != NULL; at = at->next) {
        int row = ecs_table_find(map->table, at->key, at->key_len);
        unsigned own = row >= 0 ? map->table->rows[row].slot : 0;
        if (own == 0 || map->table->slots[own].parent != slot) {
            continue;
        }
        map->slot[own] = at;
        if (map->table->slots[own].first == 0 || at->value.kind != CXD_KIND_OBJECT) {
            continue;
        }
        if ((at->value.flags & CXD_VALUE_TREE) == 0) {
            status = slot_expand(map, at);
            status = status == CXD_OK ? unite_members(map, at) : status;
        }
        status = status == CXD_OK ? bind_members(map, at, own) : status;
    }
    return status;
}

int bind_all(struct map *map)
{
    struct cxd_node *record;
    int status = slot_bind(map);

    record = map->slot[map->table->record_slot];
    if (status != CXD_OK || record == NULL) {
        return status;
    }
    return bind_members(map, record, map->table->record_slot);
}
