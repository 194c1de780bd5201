/*
 * fault.c: failures as the document tells them: entries in error.message, and the state that a mapping leaves that stopped
 * half-way.
 */
#include "map.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define MESSAGE_MAX 1024

const char *fault_excerpt(struct map *map, const struct cxd_value *value)
{
    size_t len = (value->flags & CXD_VALUE_TREE) == 0 ? value->len : 0;

    if (len >= MAP_EXCERPT_ROOM) {
        len = MAP_EXCERPT_ROOM - 1;
        while (len > 0 && ((unsigned char)value->ptr[len] & 0xc0) == 0x80) {
            len--; /* not in the middle of a letter */
        }
    }
    memcpy(map->excerpt, len > 0 ? value->ptr : "", len);
    map->excerpt[len] = '\0';
    return map->excerpt;
}

/* A document whose own "error" is no object cannot hold the entry: the entry is worth more. */
static int add_entry(struct map *map, const char *text)
{
    unsigned slot = map->table->known[ECS_KNOWN_ERROR_MESSAGE];
    struct cxd_node *parent = map->slot[map->table->slots[slot].parent];
    struct cxd_value entry = value_copy(map, text, strlen(text), CXD_VALUE_TEXT);

    map->sweeps = true; /* what failed may have left a null behind */
    if (entry.ptr == NULL) {
        return CXD_NOMEM;
    }
    if (parent != NULL && parent->value.kind != CXD_KIND_OBJECT) {
        parent->value = (struct cxd_value){.kind = CXD_KIND_OBJECT, .flags = CXD_VALUE_TREE};
        parent->first = NULL;
        parent->last = NULL;
    }
    return slot_append(map, slot, &entry, false);
}

/* end: one byte or none */
__attribute__((format(printf, 4, 0))) static int
add_message(struct map *map, const char *front, char end, const char *format, va_list args)
{
    char text[MESSAGE_MAX];
    size_t len;

    (void)snprintf(text, sizeof text, "%s", front);
    len = strlen(text);
    (void)vsnprintf(text + len, sizeof text - len - 2, format, args); /* cut on purpose */
    len = strlen(text);
    text[len] = end;
    text[len + 1] = '\0';
    return add_entry(map, text);
}

int fault_add(struct map *map, const char *type, const char *name, const char *format, ...)
{
    char front[MESSAGE_MAX / 2];
    va_list args;
    int status;

    (void)snprintf(front, sizeof front,
                   "Processor %s with tag %s_%s in pipeline %s failed with message: ", type, type,
                   name, map->table->dataset);
    va_start(args, format);
    status = add_message(map, front, '\0', format, args);
    va_end(args);
    return status;
}

int fault_stop(struct map *map, const char *type, const char *name, const char *format, ...)
{
    bool is_bare = (map->table->flags & ECS_TABLE_BARE) != 0;
    char front[MESSAGE_MAX / 2];
    va_list args;
    int status;

    (void)snprintf(front, sizeof front, "Processor '%s' with tag '%s_%s' failed with message '",
                   type, type, name);
    va_start(args, format);
    status = add_message(map, is_bare ? "" : front, is_bare ? '\0' : '\'', format, args);
    va_end(args);
    return status == CXD_OK ? MAP_STOP : status;
}

/* Fields that were put off because they would not have stayed. */
static int write_deferred(struct map *map)
{
    for (unsigned row = 0; row < map->table->row_count; row++) {
        int status = CXD_OK;
        if (map_has(map->deferred, row)) {
            status = slot_put_node(map, map->table->rows[row].slot, &map->custom[row]);
        }
        if (status < 0) {
            return status;
        }
    }
    return slot_unblank(map);
}

/* Whether a key has left the record: moved to its custom field, not converted into it. */
static bool is_moved(const struct map *map, unsigned row)
{
    unsigned as = map->table->rows[row].as;

    return map_has(map->mapped, row) && (as == ECS_AS_KEEP || as == ECS_AS_LONG_LIST ||
                                         as == ECS_AS_IP_LIST || as == ECS_AS_INTERFACE_MAP);
}

/* One member of the record, if it is still there. */
static int add_member(struct map *map, struct cxd_node *scratch, const struct cxd_field *field)
{
    int row = ecs_table_find(map->table, field->key, field->key_len);
    struct cxd_node *member;

    if (row >= 0 && is_moved(map, (unsigned)row)) {
        return CXD_OK;
    }
    member = slot_node(map);
    if (member == NULL) {
        return CXD_NOMEM;
    }
    member->value = field->value;
    if (row >= 0 && map->source[row] == &map->custom[row].value) {
        *member = map->custom[row]; /* an interface map that was rewritten */
    } else if (row >= 0 && map->source[row] != &field->value) {
        return CXD_OK; /* the same name comes again */
    }
    member->next = NULL;
    member->key = field->key;
    member->key_len = field->key_len;
    slot_link(scratch, member);
    return CXD_OK;
}

int fault_scratch(struct map *map)
{
    struct cxd_value value = {.kind = CXD_KIND_OBJECT, .flags = CXD_VALUE_TREE};
    struct cxd_node *scratch;
    int status = write_deferred(map);

    if (status < 0 || (map->record == NULL && map->scratch == NULL)) {
        return status < 0 ? status : CXD_OK;
    }
    scratch = map->host->node_put(map->event, map->root, CXD_LIT("json"),
                                  map->scratch != NULL ? *map->scratch : value);
    if (scratch == NULL) {
        return CXD_NOMEM;
    }
    for (uint32_t i = 0; map->record != NULL && i < map->record->count; i++) {
        status = add_member(map, scratch, &map->record->fields[i]);
        if (status != CXD_OK) {
            return status;
        }
    }
    return CXD_OK;
}

int fault_mark(struct map *map)
{
    const struct cxd_value kind = value_plain("pipeline_error", 14);
    const struct cxd_value tag = value_plain("preserve_original_event", 23);
    int status = slot_put(map, map->table->known[ECS_KNOWN_EVENT_KIND], kind);

    if (status < 0) {
        return status;
    }
    status = slot_append(map, map->table->known[ECS_KNOWN_TAGS], &tag, true);
    return status < 0 ? status : CXD_OK;
}
