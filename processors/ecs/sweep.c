/*
 * sweep.c: empty values out of a document. The scanner has marked the containers that hold any (CXD_VALUE_DIRTY), so the others
 * are not even opened.
 */
#include "map.h"

/* What stays, at one glance: numbers, booleans, texts with something in them. */
static bool is_plain(const struct cxd_value *value)
{
    return value->kind != CXD_KIND_NULL && value->kind <= CXD_KIND_STRING && value->len > 0;
}

/* Whether the value is gone after its own sweep. */
static int sweep_value(struct map *map, struct cxd_node *node, bool *ret_is_empty)
{
    const struct cxd_value *value = &node->value;
    int status;

    if (value->kind != CXD_KIND_LIST && value->kind != CXD_KIND_OBJECT) {
        *ret_is_empty = value_is_blank(value);
        return CXD_OK;
    }
    if ((value->flags & CXD_VALUE_TREE) == 0 && (value->flags & CXD_VALUE_DIRTY) == 0) {
        *ret_is_empty = value_is_empty(value);
        return CXD_OK;
    }
    status = sweep_node(map, node);
    *ret_is_empty = node->first == NULL;
    return status;
}

/* Depth: that of the record, which the scanner bounds, below that of the document. */
int sweep_node(struct map *map, struct cxd_node *node)
{
    int status = slot_expand(map, node);
    struct cxd_node *before = NULL;
    struct cxd_node *next;

    if (status != CXD_OK) {
        return status;
    }
    for (struct cxd_node *child = node->first; child != NULL; child = next) {
        bool is_empty;
        next = child->next;
        if (is_plain(&child->value)) {
            before = child;
            continue;
        }
        status = sweep_value(map, child, &is_empty);
        if (status != CXD_OK) {
            return status;
        }
        if (!is_empty) {
            before = child;
        } else if (before != NULL) {
            before->next = next;
        } else {
            node->first = next;
        }
    }
    node->last = before;
    return CXD_OK;
}

/* What was noted may have been overwritten or taken out since. A field that is empty then leaves its parents to be looked at. */
static int sweep_noted(struct map *map)
{
    int status = CXD_OK;

    for (unsigned i = 0; status == CXD_OK && !map->sweeps && i < map->dirty_count; i++) {
        struct cxd_node *node = map->slot[map->dirty[i]];
        if (node != NULL && node->value.kind > CXD_KIND_STRING) {
            status = sweep_node(map, node);
            map->sweeps = node->first == NULL;
        }
    }
    return status;
}

int sweep_document(struct map *map)
{
    int status = map->sweeps ? CXD_OK : sweep_noted(map);

    return status == CXD_OK && map->sweeps ? sweep_node(map, map->root) : status;
}
