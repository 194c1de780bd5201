/*
 * slot.c: document fields by number. A field's node is found once, when the event comes in, and then known by its slot.
 *
 * All nodes come from one block, sized for the usual record when the event begins; an unusual one gets further blocks.
 */
#include "map.h"

#include <string.h>

#define SPARE_MORE 64

int slot_refill(struct map *map)
{
    map->spare = map->host->event_alloc(map->event, SPARE_MORE * sizeof *map->spare);
    map->spare_count = map->spare != NULL ? SPARE_MORE : 0;
    return map->spare != NULL ? CXD_OK : CXD_NOMEM;
}

/* A list of exactly one string without escapes, which is what most lists of endpoint events are: "[" quote text quote "]". */
static bool is_single_text(const struct cxd_value *value)
{
    return value->kind == CXD_KIND_LIST && value->len > 4 && value->ptr[1] == '"' &&
           (value->flags & CXD_VALUE_DIRTY) == 0 &&
           memchr(value->ptr + 2, '"', value->len - 2) == value->ptr + value->len - 2 &&
           memchr(value->ptr + 2, '\\', value->len - 4) == NULL;
}

int slot_expand(struct map *map, struct cxd_node *node)
{
    struct cxd_node *element;

    if ((node->value.flags & CXD_VALUE_TREE) != 0) {
        return CXD_OK;
    }
    if (!is_single_text(&node->value)) {
        uint8_t dirty = node->value.flags & CXD_VALUE_DIRTY;
        int status = map->host->node_expand(map->event, node);
        node->value.flags |= dirty;
        return status;
    }
    element = slot_node(map);
    if (element == NULL) {
        return CXD_NOMEM;
    }
    element->value = value_plain(node->value.ptr + 2, node->value.len - 4);
    node->value = (struct cxd_value){.kind = CXD_KIND_LIST, .flags = CXD_VALUE_TREE};
    node->first = NULL;
    node->last = NULL;
    slot_link(node, element);
    return CXD_OK;
}

static bool is_named(const struct ecs_slot *slot, const struct cxd_node *node)
{
    return slot->key_len == node->key_len && memcmp(slot->key, node->key, slot->key_len) == 0;
}

static int bind_child(struct map *map, struct cxd_node *node, unsigned first);

/* Below a field that has slots of its own; a name that is there twice counts as its last. */
static int bind_children(struct map *map, struct cxd_node *parent, unsigned first)
{
    int status;

    if (parent->value.kind != CXD_KIND_OBJECT) {
        return CXD_OK;
    }
    status = slot_expand(map, parent);
    for (struct cxd_node *node = parent->first; status == CXD_OK && node != NULL;
         node = node->next) {
        status = bind_child(map, node, first);
    }
    return status;
}

static int bind_child(struct map *map, struct cxd_node *node, unsigned first)
{
    for (unsigned slot = first; slot != 0; slot = map->table->slots[slot].next) {
        if (is_named(&map->table->slots[slot], node)) {
            unsigned below = slot != map->table->record_slot ? map->table->slots[slot].first : 0;
            map->slot[slot] = node;
            return below != 0 ? bind_children(map, node, below) : CXD_OK;
        }
    }
    return CXD_OK;
}

int slot_bind(struct map *map)
{
    memset(map->slot, 0, map->table->slot_count * sizeof(struct cxd_node *));
    memset(map->blank, 0, map->table->slot_count);
    map->slot[0] = map->root;
    for (struct cxd_node *node = map->root->first; node != NULL; node = node->next) {
        unsigned first = node->key_len > 0 ? map->root_slots[(unsigned char)node->key[0]] : 0;
        int status = first != 0 ? bind_child(map, node, first) : CXD_OK;
        if (status != CXD_OK) {
            return status;
        }
    }
    return CXD_OK;
}

static inline bool is_open_object(const struct cxd_node *node)
{
    return node != NULL && node->value.kind == CXD_KIND_OBJECT &&
           (node->value.flags & CXD_VALUE_TREE) != 0;
}

/* The parent as an object in tree form, made when it is absent. Depth is that of the table's names. */
static int enter_parent(struct map *map, unsigned slot)
{
    unsigned parent = map->table->slots[slot].parent;
    const struct ecs_slot *shape = &map->table->slots[parent];
    struct cxd_node *node = map->slot[parent];
    int status;

    if (node != NULL) {
        if (node->value.kind != CXD_KIND_OBJECT) {
            return fault_stop(map, "set", map->table->slots[slot].key,
                              "cannot set a field below [%s], which is no object",
                              map->table->slots[parent].key);
        }
        return (node->value.flags & CXD_VALUE_TREE) != 0 ? CXD_OK : slot_expand(map, node);
    }
    status = is_open_object(map->slot[shape->parent]) ? CXD_OK : enter_parent(map, parent);
    if (status != CXD_OK) {
        return status;
    }
    node = slot_node(map);
    if (node == NULL) {
        return CXD_NOMEM;
    }
    node->key = shape->key;
    node->key_len = shape->key_len;
    node->value = (struct cxd_value){.kind = CXD_KIND_OBJECT, .flags = CXD_VALUE_TREE};
    slot_link(map->slot[shape->parent], node);
    map->slot[parent] = node;
    return CXD_OK;
}

/* A field that is absent. */
static int put_first(struct map *map, unsigned slot, const struct cxd_value *value)
{
    const struct ecs_slot *shape = &map->table->slots[slot];
    int status = is_open_object(map->slot[shape->parent]) ? CXD_OK : enter_parent(map, slot);
    struct cxd_node *node = status == CXD_OK ? slot_node(map) : NULL;

    if (node == NULL) {
        return status == CXD_OK ? CXD_NOMEM : status;
    }
    node->key = shape->key;
    node->key_len = shape->key_len;
    node->value = *value;
    slot_link(map->slot[shape->parent], node);
    map->slot[slot] = node;
    return CXD_OK;
}

int slot_put(struct map *map, unsigned slot, struct cxd_value value)
{
    struct cxd_node *node = map->slot[slot];

    map->blank[slot] = 0;
    slot_note(map, slot, &value);
    if (node == NULL) {
        return put_first(map, slot, &value);
    }
    node->first = NULL;
    node->last = NULL;
    node->value = value;
    return CXD_OK;
}

int slot_put_node(struct map *map, unsigned slot, const struct cxd_node *node)
{
    int status = slot_put_new(map, slot, &node->value);

    if (status == CXD_OK && (node->value.flags & CXD_VALUE_TREE) != 0) {
        map->slot[slot]->first = node->first;
        map->slot[slot]->last = node->last;
    }
    return status;
}

/* Copies children and theirs; the depth is that of the record, which the scanner bounds. */
static int copy_children(struct map *map, struct cxd_node *to, const struct cxd_node *from)
{
    for (const struct cxd_node *child = from->first; child != NULL; child = child->next) {
        struct cxd_node *copy = slot_node(map);
        int status;
        if (copy == NULL) {
            return CXD_NOMEM;
        }
        copy->key = child->key;
        copy->key_len = child->key_len;
        copy->value = child->value;
        slot_link(to, copy);
        status = (child->value.flags & CXD_VALUE_TREE) != 0 && child->first != NULL
                     ? copy_children(map, copy, child)
                     : CXD_OK;
        if (status != CXD_OK) {
            return status;
        }
    }
    return CXD_OK;
}

int slot_copy_node(struct map *map, unsigned slot, const struct cxd_node *node)
{
    int status = slot_put(map, slot, node->value);

    if (status == CXD_OK && (node->value.flags & CXD_VALUE_TREE) != 0) {
        status = copy_children(map, map->slot[slot], node);
    }
    return status;
}

void slot_remove(struct map *map, unsigned slot)
{
    struct cxd_node *parent = map->slot[map->table->slots[slot].parent];
    struct cxd_node *node = map->slot[slot];
    struct cxd_node *before = NULL;

    if (node == NULL || parent == NULL) {
        return;
    }
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
    map->slot[slot] = NULL;
}

static inline int add_element(struct map *map, struct cxd_node *list, const struct cxd_value *value)
{
    struct cxd_node *element = slot_node(map);

    if (element == NULL) {
        return CXD_NOMEM;
    }
    element->value = *value;
    slot_link(list, element);
    return CXD_OK;
}

static bool is_equal(struct map *map, const struct cxd_value *a, const struct cxd_value *text)
{
    bool is_escaped = ((a->flags | text->flags) & CXD_VALUE_ESCAPED) != 0;

    return a->kind == CXD_KIND_STRING && (is_escaped || a->len == text->len) &&
           value_is_same_text(map, a, text);
}

static bool has_element(struct map *map, const struct cxd_node *list, const struct cxd_value *text)
{
    for (const struct cxd_node *element = list->first; element != NULL; element = element->next) {
        if (is_equal(map, &element->value, text)) {
            return true;
        }
    }
    return false;
}

/* A field that is no list becomes one, with itself as the first element. */
static int make_list(struct map *map, struct cxd_node *node)
{
    struct cxd_node *element = slot_node(map);

    if (element == NULL) {
        return CXD_NOMEM;
    }
    element->value = node->value;
    element->first = node->first;
    element->last = node->last;
    node->first = NULL;
    node->last = NULL;
    node->value = (struct cxd_value){.kind = CXD_KIND_LIST, .flags = CXD_VALUE_TREE};
    slot_link(node, element);
    return CXD_OK;
}

int slot_append(struct map *map, unsigned slot, const struct cxd_value *text, bool is_unique)
{
    static const struct cxd_value list = {.kind = CXD_KIND_LIST, .flags = CXD_VALUE_TREE};
    struct cxd_node *node = map->slot[slot];
    int status;

    if (text->len == 0 && is_unique && map->blank[slot] != 0) {
        return CXD_OK; /* it is there already, so to speak */
    }
    map->sweeps |= text->len == 0;
    if (node == NULL) {
        status = put_first(map, slot, &list);
        return status == CXD_OK ? add_element(map, map->slot[slot], text) : status;
    }
    if (node->value.kind == CXD_KIND_LIST) {
        status = slot_expand(map, node);
        if (status == CXD_OK && is_unique && has_element(map, node, text)) {
            return CXD_OK;
        }
    } else {
        if (is_unique && is_equal(map, &node->value, text)) {
            return CXD_OK;
        }
        status = make_list(map, node);
    }
    return status == CXD_OK ? add_element(map, node, text) : status;
}

bool slot_contains(struct map *map, unsigned slot, struct cxd_bytes text)
{
    struct cxd_value value = value_of_text(text.ptr, text.len);
    struct cxd_node *node = map->slot[slot];

    if (node == NULL || node->value.kind != CXD_KIND_LIST) {
        return node != NULL && is_equal(map, &node->value, &value);
    }
    if (slot_expand(map, node) != CXD_OK) {
        map->lacks_memory = true;
        return false;
    }
    return has_element(map, node, &value);
}
