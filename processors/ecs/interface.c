/*
 * interface.c: the network interfaces of an endpoint, which come as lists of objects or as one text.
 */
#include "map.h"

#include "address.h"

#include <string.h>

static const struct cxd_value tree_list = {.kind = CXD_KIND_LIST, .flags = CXD_VALUE_TREE};
static const struct cxd_value null_value = {.ptr = "null", .len = 4, .kind = CXD_KIND_NULL};

/* [{"ipv4":[address]}] below custom, from three nodes. */
static int build_interface(struct map *map, struct cxd_node *custom, const char *key,
                           struct cxd_value address)
{
    struct cxd_node *object = slot_node(map);
    struct cxd_node *list = slot_node(map);
    struct cxd_node *element = slot_node(map);

    if (object == NULL || list == NULL || element == NULL) {
        return CXD_NOMEM;
    }
    custom->value = tree_list;
    object->value = (struct cxd_value){.kind = CXD_KIND_OBJECT, .flags = CXD_VALUE_TREE};
    list->value = tree_list;
    list->key = key;
    list->key_len = 4;
    element->value = address;
    slot_link(custom, object);
    slot_link(object, list);
    slot_link(list, element);
    return CXD_OK;
}

/* "eth0-10.0.0.1": the address is what follows the last dash. */
static int rewrite_text(struct map *map, unsigned row)
{
    struct cxd_node *custom = &map->custom[row];
    uint8_t flags = (map->source[row]->flags & CXD_VALUE_ESCAPED) != 0 ? CXD_VALUE_TEXT : 0;
    struct cxd_value address;
    struct cxd_bytes text;
    const char *dash;

    if (!value_bytes(map, map->source[row], &text)) {
        return CXD_NOMEM;
    }
    dash = text.len > 0 ? memrchr(text.ptr, '-', text.len) : NULL;
    if (dash != NULL) {
        text = (struct cxd_bytes){dash + 1, text.len - (size_t)(dash + 1 - text.ptr)};
    }
    *custom = (struct cxd_node){.value = null_value};
    map->source[row] = &custom->value;
    address = (struct cxd_value){
        .ptr = text.ptr, .len = (uint32_t)text.len, .kind = CXD_KIND_STRING, .flags = flags};
    if (text.len > 0 && memchr(text.ptr, '.', text.len) != NULL) {
        return build_interface(map, custom, "ipv4", address);
    }
    if (text.len > 0 && memchr(text.ptr, ':', text.len) != NULL) {
        return build_interface(map, custom, "ipv6", address);
    }
    return CXD_OK;
}

/* All maps that are text, at the place of the first. */
static int rewrite_all(struct map *map)
{
    int status = CXD_OK;

    map->has_interface_maps = true;
    for (unsigned i = 0; status == CXD_OK && i < map->interface_count; i++) {
        unsigned row = map->interface_rows[i];
        if (map_has(map->present, row) && map->source[row]->kind == CXD_KIND_STRING) {
            status = rewrite_text(map, row);
        }
    }
    return status;
}

static int check_addresses(struct map *map, const char *name, struct cxd_node *list)
{
    int status;

    if (list == NULL || list->value.kind == CXD_KIND_NULL) {
        return CXD_OK;
    }
    if (list->value.kind != CXD_KIND_LIST) {
        return fault_stop(map, "foreach", name, "field [%.4s] is no list, cannot loop over it",
                          list->key);
    }
    status = slot_expand(map, list);
    for (struct cxd_node *at = list->first; status == CXD_OK && at != NULL; at = at->next) {
        struct cxd_value from = at->value;
        struct cxd_bytes text;
        if (from.kind == CXD_KIND_NULL) {
            continue;
        }
        if (!value_bytes(map, &from, &text)) {
            return CXD_NOMEM;
        }
        if (from.kind != CXD_KIND_STRING || !address_is_valid(text.ptr, text.len)) {
            at->value = null_value;
            at->first = NULL;
            at->last = NULL;
            status = fault_add(map, "convert", name, "'%s' is not an IP string literal.",
                               fault_excerpt(map, &from));
        }
    }
    return status;
}

int interface_map(struct map *map, unsigned row)
{
    const char *name = map->table->rows[row].key;
    struct cxd_node *custom = &map->custom[row];
    int status = map->has_interface_maps ? CXD_OK : rewrite_all(map);

    if (status != CXD_OK) {
        return status;
    }
    if (map->source[row] != &custom->value) {
        *custom = (struct cxd_node){.value = *map->source[row]};
    }
    if (custom->value.kind == CXD_KIND_LIST) {
        status = slot_expand(map, custom);
        for (struct cxd_node *at = custom->first; status == CXD_OK && at != NULL; at = at->next) {
            if (at->value.kind != CXD_KIND_OBJECT) {
                continue;
            }
            status = slot_expand(map, at);
            if (status == CXD_OK) {
                status = check_addresses(map, name,
                                         map->host->node_find(map->event, at, CXD_LIT("ipv4")));
            }
            if (status == CXD_OK) {
                status = check_addresses(map, name,
                                         map->host->node_find(map->event, at, CXD_LIT("ipv6")));
            }
        }
    }
    if (status == CXD_OK) {
        map_mark(map->mapped, row);
    }
    return status;
}
