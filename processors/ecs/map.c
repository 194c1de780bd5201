/*
 * map.c: one event from record to document, in the order of the table: constants, rows with their steps, final conversions,
 * duplicates out, sweep, marks.
 */
#include "map.h"

#include <stdlib.h>
#include <string.h>

static const char tag_original[] = "preserve_original_event";
static const char tag_duplicates[] = "preserve_duplicate_custom_fields";

bool map_init(struct map *map, const struct cxd_host *host, struct cxd_self *self,
              const struct ecs_table *table)
{
    static const struct cxd_value empty = {.ptr = "", .kind = CXD_KIND_STRING};

    memset(map, 0, sizeof *map);
    map->host = host;
    map->self = self;
    map->table = table;
    map->empty = &empty;
    if (table->row_count > MAP_ROWS_MAX || table->slot_count > MAP_SLOTS_MAX) {
        return false;
    }
    for (unsigned slot = table->slots[0].first; slot != 0; slot = table->slots[slot].next) {
        uint16_t *first = &map->root_slots[(unsigned char)table->slots[slot].key[0]];
        *first = *first != 0 ? *first : (uint16_t)slot;
    }
    for (unsigned row = 0; row < table->row_count; row++) {
        if (table->rows[row].as == ECS_AS_INTERFACE_MAP) {
            if (map->interface_count == MAP_INTERFACES_MAX) {
                return false;
            }
            map->interface_rows[map->interface_count++] = (uint16_t)row;
        }
    }
    map->plain = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    return map->plain != (locale_t)0;
}

void map_done(struct map *map)
{
    if (map->plain != (locale_t)0) {
        freelocale(map->plain);
        map->plain = (locale_t)0;
    }
}

static int put_text(struct map *map, enum ecs_known known, const char *text)
{
    return slot_put(map, map->table->known[known], value_plain(text, strlen(text)));
}

static int add_tag(struct map *map, const char *tag)
{
    struct cxd_value value = value_plain(tag, strlen(tag));

    return slot_append(map, map->table->known[ECS_KNOWN_TAGS], &value, true);
}

static bool has_tag(struct map *map, const char *tag)
{
    return slot_contains(map, map->table->known[ECS_KNOWN_TAGS],
                         (struct cxd_bytes){tag, strlen(tag)});
}

/* --- rows ------------------------------------------------------------------------------------ */

/* A converted field is set, all others are moved, which must not hit a field that is there. */
static bool is_converted(unsigned as)
{
    return as != ECS_AS_KEEP && as != ECS_AS_LONG_LIST && as != ECS_AS_IP_LIST &&
           as != ECS_AS_INTERFACE_MAP;
}

/* In the document only when it stays there: an empty one would be swept, a duplicate taken out again. */
static bool is_put_off(const struct map *map, const struct ecs_row *shape,
                       const struct cxd_value *value)
{
    return map->defers && (((shape->flags & ECS_ROW_DUPLICATE) != 0 && !map->keeps_duplicates) ||
                           value_is_empty(value));
}

static int put_custom(struct map *map, unsigned row)
{
    const struct ecs_row *shape = &map->table->rows[row];
    const struct cxd_node *custom = &map->custom[row];

    if (map->slot[shape->slot] != NULL && !is_converted(shape->as)) {
        map->mapped[row / 64] &= ~((uint64_t)1 << (row % 64));
        return fault_stop(map, "rename", shape->key, "the target field is there already");
    }
    if (is_put_off(map, shape, &custom->value)) {
        map_mark(map->deferred, row);
        return CXD_OK;
    }
    return slot_put_node(map, shape->slot, custom);
}

/* Three of four rows: the value as it stands. */
static int keep_row(struct map *map, unsigned row, const struct ecs_row *shape)
{
    const struct cxd_value *value = map->source[row];
    bool is_there = map->slot[shape->slot] != NULL;
    bool is_late = is_put_off(map, shape, value);

    map_mark(map->mapped, row);
    if (shape->step_count > 0 || is_late || is_there) {
        map->custom[row].first = NULL;
        map->custom[row].last = NULL;
        map->custom[row].value = *value;
    }
    if (is_there) {
        return put_custom(map, row);
    }
    if (is_late) {
        map_mark(map->deferred, row);
        return CXD_OK;
    }
    return slot_put_new(map, shape->slot, value);
}

static int run_row(struct map *map, unsigned row)
{
    const struct ecs_row *shape = &map->table->rows[row];
    int status = CXD_OK;

    if (map_has(map->present, row)) {
        if (shape->as == ECS_AS_KEEP) {
            status = keep_row(map, row, shape);
        } else {
            status = convert_row(map, row);
            if (status == CXD_OK && map_has(map->mapped, row)) {
                status = put_custom(map, row);
            }
        }
    }
    for (unsigned i = 0; status == CXD_OK && i < shape->step_count; i++) {
        status = step_run(map, row, &map->table->steps[shape->step + i]);
    }
    return status;
}

static int run_rows(struct map *map)
{
    unsigned words = (map->table->row_count + 63u) / 64;
    int status = CXD_OK;

    for (unsigned word = 0; word < words; word++) {
        unsigned left = map->table->row_count - word * 64;
        uint64_t all = left < 64 ? ((uint64_t)1 << left) - 1 : ~(uint64_t)0;
        uint64_t bits = map->defers ? map->present[word] | map->table->always[word] : all;
        while (status == CXD_OK && bits != 0) {
            status = run_row(map, word * 64 + (unsigned)__builtin_ctzll(bits));
            bits &= bits - 1;
        }
    }
    for (unsigned i = 0; status == CXD_OK && i < map->table->final_count; i++) {
        status = convert_longs(map, map->table->finals[i].slot);
    }
    return status;
}

/* Everything that can stop half-way. */
static int run_steps(struct map *map, const struct map_options *options, struct cxd_bytes text,
                     struct cxd_error *err)
{
    int status = CXD_OK;

    for (unsigned i = 0; status == CXD_OK && i < map->table->constant_count; i++) {
        const struct ecs_constant *constant = &map->table->constants[i];
        status = slot_put(map, constant->slot, value_plain(constant->text, constant->text_len));
    }
    if (status == CXD_OK) {
        status = record_read(map, options, text, err);
    }
    return status == CXD_OK ? run_rows(map) : status;
}

/* --- afterwards -------------------------------------------------------------------------------- */

static void remove_duplicates(struct map *map)
{
    for (unsigned row = 0; row < map->table->row_count; row++) {
        if ((map->table->rows[row].flags & ECS_ROW_DUPLICATE) != 0) {
            slot_remove(map, map->table->rows[row].slot);
        }
    }
}

/* The end of a document that came through: duplicates, sweep, and the marks of one with entries. */
static int finish(struct map *map)
{
    unsigned message = map->table->known[ECS_KNOWN_ERROR_MESSAGE];
    bool may_have_error = map->slot[message] != NULL;
    int status;

    map->sweeps |= !map->defers;
    if (!map->defers && !map->keeps_duplicates) {
        remove_duplicates(map);
    }
    status = sweep_document(map);
    if (status != CXD_OK || !may_have_error) {
        return status;
    }
    status = slot_bind(map); /* the sweep may have taken it, or tags, or their parents */
    return status == CXD_OK && map->slot[message] != NULL ? fault_mark(map) : status;
}

static void drop_original(struct map *map)
{
    struct cxd_node *event = map->host->node_find(map->event, map->root, CXD_LIT("event"));
    struct cxd_node *original =
        event != NULL ? map->host->node_find(map->event, event, CXD_LIT("original")) : NULL;
    unsigned slot = map->table->known[ECS_KNOWN_EVENT_ORIGINAL];

    if (original != NULL && !has_tag(map, tag_original)) {
        map->slot[map->table->slots[slot].parent] = event;
        map->slot[slot] = original;
        slot_remove(map, slot);
    }
}

/* Nothing empty in what the collector gave, as far as it is known without opening it. */
static bool is_clean(const struct cxd_node *parent)
{
    for (const struct cxd_node *node = parent->first; node != NULL; node = node->next) {
        bool is_tree = (node->value.flags & CXD_VALUE_TREE) != 0;
        if (value_is_blank(&node->value) || (!is_tree && value_is_empty(&node->value)) ||
            (node->value.flags & CXD_VALUE_DIRTY) != 0 ||
            (is_tree && (node->first == NULL || !is_clean(node)))) {
            return false;
        }
    }
    return true;
}

static int begin(struct map *map, const struct map_options *options, struct cxd_event *event)
{
    int status;

    map->event = event;
    map->root = map->host->event_root(event);
    map->spare_count = 0;
    map->record = NULL;
    map->scratch = NULL;
    map->sweeps = !is_clean(map->root);
    map->dirty_count = 0;
    map->has_interface_maps = false;
    map->lacks_memory = false;
    memset(map->present, 0, sizeof map->present);
    memset(map->mapped, 0, sizeof map->mapped);
    memset(map->deferred, 0, sizeof map->deferred);
    status = slot_bind(map);
    if (status == CXD_OK && options->keeps_original) {
        status = add_tag(map, tag_original);
    }
    if (status == CXD_OK && options->keeps_duplicates) {
        status = add_tag(map, tag_duplicates);
    }
    map->keeps_duplicates = has_tag(map, tag_duplicates);
    /* A custom field that came with the document could be in the way of a move: then nothing is put off. */
    map->defers = true;
    for (unsigned slot = map->table->rows[0].slot; slot != 0;
         slot = map->table->slots[slot].parent) {
        map->defers = map->defers && map->slot[slot] == NULL;
    }
    return status;
}

int map_run(struct map *map, const struct map_options *options, struct cxd_event *event,
            struct cxd_error *err)
{
    struct cxd_bytes text = {NULL, 0};
    int status = begin(map, options, event);

    if (status == CXD_OK) {
        status = put_text(map, ECS_KNOWN_ECS_VERSION, map->table->ecs_version);
    }
    if (status == CXD_OK && slot_is_set(map, map->table->known[ECS_KNOWN_ERROR_MESSAGE]) &&
        !slot_is_set(map, map->table->known[ECS_KNOWN_EVENT_ORIGINAL]) &&
        !slot_is_set(map, map->table->known[ECS_KNOWN_MESSAGE]) &&
        map->host->event_message(event).ptr == NULL) {
        return CXD_OK; /* a collector's report of its own failure */
    }
    if (status == CXD_OK) {
        status = record_take(map, &text);
    }
    if (text.ptr != NULL) {
        record_set_id(map, text);
    }
    if (status == CXD_OK) {
        status = run_steps(map, options, text, err);
    }
    if (status == CXD_OK) {
        status = finish(map);
    } else if (status == MAP_STOP) {
        status = fault_scratch(map);
        status = status == CXD_OK ? fault_mark(map) : status;
    }
    if (status == CXD_OK && options->drops_original) {
        drop_original(map);
    }
    return status == CXD_OK && map->lacks_memory ? CXD_NOMEM : status;
}
