/*
 * blank.c: the "" that an absent value appends. The sweep takes it out again, so it is only remembered, with its place; a
 * document that stops half-way is not swept and gets it.
 */
#include "map.h"

#define BLANK_PLACE_MAX 250

/*
 * Where an appended "" would stand, when the sweep would take it without a trace; -1 when it matters: the field is a scalar
 * that becomes a list, or something is in the way of making it.
 */
static int blank_place(const struct map *map, unsigned slot)
{
    const struct cxd_node *node = map->slot[slot];
    int place = 0;

    if (node != NULL) {
        if (node->value.kind != CXD_KIND_LIST || (node->value.flags & CXD_VALUE_TREE) == 0) {
            return -1;
        }
        for (node = node->first; node != NULL && place < BLANK_PLACE_MAX; node = node->next) {
            place++;
        }
        return place < BLANK_PLACE_MAX ? place : -1;
    }
    while (map->slot[slot] == NULL) {
        slot = map->table->slots[slot].parent;
    }
    return map->slot[slot]->value.kind == CXD_KIND_OBJECT ? 0 : -1;
}

int slot_append_blank(struct map *map, unsigned slot)
{
    int place;

    if (map->blank[slot] != 0) {
        return CXD_OK; /* one "" is enough */
    }
    place = blank_place(map, slot);
    if (place < 0) {
        return slot_append(map, slot, map->empty, true);
    }
    map->blank[slot] = (uint8_t)(place + 1);
    return CXD_OK;
}

/* Puts a "" into the list before its element number `place`. */
static int blank_insert(struct map *map, struct cxd_node *list, unsigned place)
{
    struct cxd_node **at = &list->first;
    struct cxd_node *node;

    for (const struct cxd_node *element = list->first; element != NULL; element = element->next) {
        if (element->value.kind == CXD_KIND_STRING && element->value.len == 0) {
            return CXD_OK;
        }
    }
    node = slot_node(map);
    if (node == NULL) {
        return CXD_NOMEM;
    }
    for (; place > 0 && *at != NULL; place--) {
        at = &(*at)->next;
    }
    node->value = *map->empty;
    node->next = *at;
    *at = node;
    if (node->next == NULL) {
        list->last = node;
    }
    return CXD_OK;
}

int slot_unblank(struct map *map)
{
    for (unsigned slot = 1; slot < map->table->slot_count; slot++) {
        unsigned place = map->blank[slot];
        int status;
        if (place == 0) {
            continue;
        }
        map->blank[slot] = 0;
        if (map->slot[slot] == NULL) {
            status = slot_append(map, slot, map->empty, true);
        } else {
            status = blank_insert(map, map->slot[slot], place - 1);
        }
        if (status != CXD_OK) {
            return status;
        }
    }
    return CXD_OK;
}
