/*
 * convert.c: the conversions of a mapping's rows, by table. Scalars by one function each; lists are done here for all.
 */
#include "map.h"

#include "address.h"
#include "date.h"
#include "number.h"

#include <string.h>
#include <strings.h>

/* What came of one scalar. */
enum outcome { BAD, GOOD, NO_MEMORY };

typedef enum outcome (*scalar_fn)(struct map *map, const struct cxd_value *from,
                                  struct cxd_value *ret_to);

static const struct cxd_value null_value = {.ptr = "null", .len = 4, .kind = CXD_KIND_NULL};

static enum outcome to_boolean(struct map *map, const struct cxd_value *from,
                               struct cxd_value *ret_to)
{
    struct cxd_bytes text;

    if (!value_bytes(map, from, &text)) {
        return NO_MEMORY;
    }
    if (text.len == 4 && strncasecmp(text.ptr, "true", 4) == 0) {
        *ret_to = (struct cxd_value){.ptr = "true", .len = 4, .kind = CXD_KIND_TRUE};
        return GOOD;
    }
    if (text.len == 5 && strncasecmp(text.ptr, "false", 5) == 0) {
        *ret_to = (struct cxd_value){.ptr = "false", .len = 5, .kind = CXD_KIND_FALSE};
        return GOOD;
    }
    return BAD;
}

/* An integer as we would print it, so that its text can stay. */
static bool is_canonical(struct cxd_bytes text)
{
    size_t sign = text.len > 0 && text.ptr[0] == '-';

    if (text.len == sign || text.len > 20) {
        return false;
    }
    for (size_t i = sign; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9') {
            return false;
        }
    }
    return text.ptr[sign] != '0' || text.len == 1;
}

/* The same, and too short to be out of range: most are, and need not be read. */
static bool is_short_long(const struct cxd_value *value)
{
    bool is_text = value->kind == CXD_KIND_STRING && (value->flags & CXD_VALUE_ESCAPED) == 0;

    return (is_text || value->kind == CXD_KIND_NUMBER) && value->len <= 18 &&
           is_canonical((struct cxd_bytes){value->ptr, value->len});
}

static enum outcome to_long(struct map *map, const struct cxd_value *from, struct cxd_value *ret_to)
{
    char out[NUMBER_LONG_ROOM];
    struct cxd_bytes text;
    int64_t number;

    if (is_short_long(from)) {
        *ret_to = value_plain(from->ptr, from->len);
        ret_to->kind = CXD_KIND_NUMBER;
        return GOOD;
    }
    if (!value_bytes(map, from, &text)) {
        return NO_MEMORY;
    }
    if (!number_parse_long(text.ptr, text.len, &number)) {
        return BAD;
    }
    if (is_canonical(text)) {
        *ret_to = value_plain(text.ptr, text.len);
    } else {
        *ret_to = value_copy(map, out, number_print_long(number, out), 0);
    }
    ret_to->kind = CXD_KIND_NUMBER;
    return ret_to->ptr != NULL ? GOOD : NO_MEMORY;
}

static enum outcome to_double(struct map *map, const struct cxd_value *from,
                              struct cxd_value *ret_to)
{
    char out[NUMBER_DOUBLE_ROOM];
    struct cxd_bytes text;
    double number;

    if (!value_bytes(map, from, &text)) {
        return NO_MEMORY;
    }
    if (number_is_printed_double(text.ptr, text.len)) {
        *ret_to = value_plain(text.ptr, text.len);
        ret_to->kind = CXD_KIND_NUMBER;
        return GOOD;
    }
    if (!number_parse_double(text.ptr, text.len, map->plain, &number)) {
        return BAD;
    }
    *ret_to = value_copy(map, out, number_print_double(number, map->plain, out), 0);
    ret_to->kind = CXD_KIND_NUMBER;
    return ret_to->ptr != NULL ? GOOD : NO_MEMORY;
}

static enum outcome to_ip(struct map *map, const struct cxd_value *from, struct cxd_value *ret_to)
{
    struct cxd_bytes text;

    if (from->kind != CXD_KIND_STRING) {
        return BAD;
    }
    if (!value_bytes(map, from, &text)) {
        return NO_MEMORY;
    }
    *ret_to = *from;
    return address_is_valid(text.ptr, text.len) ? GOOD : BAD;
}

static enum outcome to_string(struct map *map, const struct cxd_value *from,
                              struct cxd_value *ret_to)
{
    return value_render(map, from, ret_to) ? GOOD : NO_MEMORY;
}

static enum outcome to_date(struct map *map, const struct cxd_value *from, struct cxd_value *ret_to)
{
    char out[DATE_ROOM];
    struct cxd_bytes text;
    int64_t ms;

    if (from->kind == CXD_KIND_LIST || from->kind == CXD_KIND_OBJECT) {
        return BAD;
    }
    if (!value_bytes(map, from, &text)) {
        return NO_MEMORY;
    }
    if (!date_parse_epoch(text.ptr, text.len, &ms) && !date_parse_iso(text.ptr, text.len, &ms)) {
        return BAD;
    }
    *ret_to = value_copy(map, out, date_print(ms, out), 0);
    return ret_to->ptr != NULL ? GOOD : NO_MEMORY;
}

struct conversion {
    scalar_fn scalar;
    const char *type; /* for messages */
    bool is_date;     /* null and "" are skipped, lists fail */
    bool is_list;     /* elements one by one; anything but a list passes */
};

static const struct conversion conversions[ECS_AS_COUNT] = {
    [ECS_AS_DATE] = {to_date, "date", true, false},
    [ECS_AS_BOOLEAN] = {to_boolean, "convert", false, false},
    [ECS_AS_LONG] = {to_long, "convert", false, false},
    [ECS_AS_DOUBLE] = {to_double, "convert", false, false},
    [ECS_AS_IP] = {to_ip, "convert", false, false},
    [ECS_AS_STRING] = {to_string, "convert", false, false},
    [ECS_AS_LONG_LIST] = {to_long, "convert", false, true},
    [ECS_AS_IP_LIST] = {to_ip, "convert", false, true},
};

static int add_fault(struct map *map, const struct conversion *conversion, const char *name,
                     const struct cxd_value *from)
{
    if (conversion->scalar == to_ip) {
        return fault_add(map, conversion->type, name, "'%s' is not an IP string literal.",
                         fault_excerpt(map, from));
    }
    if (conversion->scalar == to_boolean) {
        return fault_add(map, conversion->type, name, "[%s] is not a boolean value",
                         fault_excerpt(map, from));
    }
    return fault_add(map, conversion->type, name, "For input string: \"%s\"",
                     fault_excerpt(map, from));
}

/* Every element, a bad one becoming null. */
static int convert_elements(struct map *map, const struct conversion *conversion, const char *name,
                            struct cxd_node *list)
{
    int status = slot_expand(map, list);

    for (struct cxd_node *at = list->first; status == CXD_OK && at != NULL; at = at->next) {
        struct cxd_value from = at->value;
        enum outcome outcome;
        if (from.kind == CXD_KIND_NULL) {
            continue;
        }
        outcome = conversion->scalar(map, &from, &at->value);
        if (outcome == NO_MEMORY) {
            return CXD_NOMEM;
        }
        if (outcome == BAD) {
            at->value = null_value;
            at->first = NULL;
            at->last = NULL;
            status = add_fault(map, conversion, name, &from);
        }
    }
    return status;
}

/* Every element, or nothing at all. */
static enum outcome convert_whole(struct map *map, const struct conversion *conversion,
                                  struct cxd_node *list)
{
    int status = slot_expand(map, list);

    if (status != CXD_OK) {
        return status == CXD_NOMEM ? NO_MEMORY : BAD; /* BAD: longer than the host's limit */
    }
    for (struct cxd_node *at = list->first; at != NULL; at = at->next) {
        struct cxd_value from = at->value;
        enum outcome outcome =
            from.kind != CXD_KIND_NULL ? conversion->scalar(map, &from, &at->value) : BAD;
        if (outcome != GOOD) {
            return outcome;
        }
    }
    return GOOD;
}

static int convert_single(struct map *map, unsigned row, const struct conversion *conversion)
{
    const struct cxd_value *from = map->source[row];
    struct cxd_node *custom = &map->custom[row];
    enum outcome outcome;

    if (from->kind == CXD_KIND_LIST && !conversion->is_date) {
        custom->value = *from;
        outcome = convert_whole(map, conversion, custom);
    } else {
        outcome = conversion->scalar(map, from, &custom->value);
    }
    if (outcome == GOOD) {
        map_mark(map->mapped, row);
        return CXD_OK;
    }
    return outcome == BAD ? add_fault(map, conversion, map->table->rows[row].key, from) : CXD_NOMEM;
}

int convert_node(struct map *map, enum ecs_as as, struct cxd_node *node, bool *ret_is_good)
{
    struct cxd_value from = node->value;
    enum outcome outcome = from.kind == CXD_KIND_LIST
                               ? convert_whole(map, &conversions[as], node)
                               : conversions[as].scalar(map, &from, &node->value);

    *ret_is_good = outcome == GOOD;
    return outcome != NO_MEMORY ? CXD_OK : CXD_NOMEM;
}

static int convert_list(struct map *map, unsigned row, const struct conversion *conversion)
{
    struct cxd_node *custom = &map->custom[row];

    map_mark(map->mapped, row);
    if (custom->value.kind != CXD_KIND_LIST && custom->value.kind != CXD_KIND_NULL &&
        (map->table->rows[row].flags & ECS_ROW_WRAP) != 0) {
        struct cxd_node *element = slot_node(map);
        if (element == NULL) {
            return CXD_NOMEM;
        }
        element->value = custom->value;
        custom->value = (struct cxd_value){.kind = CXD_KIND_LIST, .flags = CXD_VALUE_TREE};
        slot_link(custom, element);
    }
    if (custom->value.kind != CXD_KIND_LIST) {
        return CXD_OK;
    }
    return convert_elements(map, conversion, map->table->rows[row].key, custom);
}

int convert_row(struct map *map, unsigned row)
{
    const struct ecs_row *shape = &map->table->rows[row];
    const struct conversion *conversion = &conversions[shape->as];
    const struct cxd_value *from = map->source[row];

    if (shape->as == ECS_AS_INTERFACE_MAP) {
        return interface_map(map, row);
    }
    map->custom[row].first = NULL;
    map->custom[row].last = NULL;
    if (conversion->is_list) {
        map->custom[row].value = *from;
        return convert_list(map, row, conversion);
    }
    if (from->kind == CXD_KIND_NULL ||
        (value_is_blank(from) &&
         (conversion->is_date || (shape->flags & ECS_ROW_SKIP_EMPTY) != 0))) {
        return CXD_OK;
    }
    return convert_single(map, row, conversion);
}

int convert_longs(struct map *map, unsigned slot)
{
    struct cxd_node *node = map->slot[slot];

    if (node == NULL || node->value.kind != CXD_KIND_LIST) {
        return CXD_OK;
    }
    return convert_elements(map, &conversions[ECS_AS_LONG_LIST], map->table->slots[slot].key, node);
}
