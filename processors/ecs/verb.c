/*
 * verb.c: works that any stream of whole records uses: moves, copies, conversions, appends.
 */
#include "whole.h"

#include "date.h"
#include "unique.h"

#include <stdarg.h>
#include <stdio.h>

#define CAUSE_MAX 512

const char *verb_name(const struct map *map, const struct ecs_work *work)
{
    return map->table->slots[work->from != 0 ? work->from : work->to].key;
}

int verb_fail(struct map *map, const struct ecs_work *work, const char *type, const char *format,
              ...)
{
    char cause[CAUSE_MAX];
    va_list args;
    int status;

    if (work->fail == ECS_FAIL_IGNORE) {
        return CXD_OK;
    }
    va_start(args, format);
    (void)vsnprintf(cause, sizeof cause, format, args); /* cut on purpose */
    va_end(args);
    if (work->fail == ECS_FAIL_STOP) {
        return fault_stop(map, type, verb_name(map, work), "%s", cause);
    }
    status = fault_add(map, type, verb_name(map, work), "%s", cause);
    if (status == CXD_OK && work->fail == ECS_FAIL_REMOVE) {
        slot_remove(map, work->from);
    }
    return status;
}

const char *verb_excerpt(struct map *map, struct cxd_node *node)
{
    struct cxd_value text;

    if (!print_value(map, node, &text)) {
        map->lacks_memory = true;
        return "";
    }
    return fault_excerpt(map, &text);
}

/* --- moves and copies ------------------------------------------------------------------------------ */

int verb_move(struct map *map, const struct ecs_work *work, struct cxd_node *from)
{
    int status;

    if (map->slot[work->to] != NULL && (map->table->flags & ECS_TABLE_NO_OVERWRITE) != 0) {
        return verb_fail(map, work, "rename", "field [%s] is there already",
                         map->table->slots[work->to].key);
    }
    status = slot_put_node(map, work->to, from);
    if (status == CXD_OK) {
        slot_remove(map, work->from);
    }
    return status;
}

int verb_copy(struct map *map, const struct ecs_work *work, struct cxd_node *from)
{
    return slot_copy_node(map, work->to, from);
}

int verb_remove(struct map *map, const struct ecs_work *work, struct cxd_node *from)
{
    (void)from;
    slot_remove(map, work->from);
    return CXD_OK;
}

/* --- conversions ------------------------------------------------------------------------------------ */

/* Epoch milliseconds, as a number or as text. */
static int put_date(struct map *map, const struct ecs_work *work, struct cxd_node *node)
{
    const struct cxd_value *value = &node->value;
    bool is_container = value->kind == CXD_KIND_LIST || value->kind == CXD_KIND_OBJECT;
    char out[DATE_ROOM];
    struct cxd_bytes text;
    struct cxd_value date;
    int64_t ms;

    if (!value_bytes(map, value, &text)) {
        return CXD_NOMEM;
    }
    if (is_container || !date_parse_epoch(text.ptr, text.len, &ms)) {
        return verb_fail(map, work, "date", "unable to parse date [%s]", verb_excerpt(map, node));
    }
    date = value_copy(map, out, date_print(ms, out), 0);
    return date.ptr != NULL ? slot_put(map, work->to, date) : CXD_NOMEM;
}

int verb_date(struct map *map, const struct ecs_work *work, struct cxd_node *from)
{
    return put_date(map, work, from);
}

int verb_date_first(struct map *map, const struct ecs_work *work, struct cxd_node *from)
{
    int status;

    if (from->value.kind != CXD_KIND_LIST) {
        return CXD_OK;
    }
    status = slot_expand(map, from);
    if (status != CXD_OK || from->first == NULL) {
        return status;
    }
    return put_date(map, work, from->first);
}

static enum ecs_as convert_as(unsigned verb)
{
    return verb == ECS_VERB_IP        ? ECS_AS_IP
           : verb == ECS_VERB_BOOLEAN ? ECS_AS_BOOLEAN
                                      : ECS_AS_LONG;
}

int verb_share(struct map *map, const struct cxd_node *from, struct cxd_node *ret_copy)
{
    *ret_copy = (struct cxd_node){.value = from->value};
    if ((from->value.flags & CXD_VALUE_TREE) == 0) {
        return CXD_OK;
    }
    for (const struct cxd_node *at = from->first; at != NULL; at = at->next) {
        struct cxd_node *element = slot_node(map);
        if (element == NULL) {
            return CXD_NOMEM;
        }
        *element = *at;
        slot_link(ret_copy, element);
    }
    return CXD_OK;
}

/* Containers have a text, too; of a list each element becomes one. */
static int make_text(struct map *map, struct cxd_node *copy)
{
    bool is_list = copy->value.kind == CXD_KIND_LIST;
    int status = is_list ? slot_expand(map, copy) : CXD_OK;

    for (struct cxd_node *at = is_list ? copy->first : copy; status == CXD_OK && at != NULL;
         at = is_list ? at->next : NULL) {
        struct cxd_value text;
        if (!print_value(map, at, &text)) {
            return CXD_NOMEM;
        }
        at->value = text;
        at->first = NULL;
        at->last = NULL;
    }
    return status;
}

/* A copy of the source is converted, so that a list with a bad element stays as it was. */
int verb_convert(struct map *map, const struct ecs_work *work, struct cxd_node *from)
{
    struct cxd_node copy;
    bool is_good = true;
    int status = verb_share(map, from, &copy);

    if (status == CXD_OK) {
        status = work->verb == ECS_VERB_STRING
                     ? make_text(map, &copy)
                     : convert_node(map, convert_as(work->verb), &copy, &is_good);
    }
    if (status != CXD_OK || is_good) {
        return status == CXD_OK ? slot_put_node(map, work->to, &copy) : status;
    }
    switch (work->verb) {
    case ECS_VERB_IP:
        return verb_fail(map, work, "convert", "'%s' is not an IP string literal.",
                         verb_excerpt(map, from));
    case ECS_VERB_BOOLEAN:
        return verb_fail(map, work, "convert", "[%s] is not a boolean value",
                         verb_excerpt(map, from));
    default:
        return verb_fail(map, work, "convert", "unable to convert [%s]", verb_excerpt(map, from));
    }
}

/* --- appends ----------------------------------------------------------------------------------------- */

/* The whole value as one text. */
int verb_append(struct map *map, const struct ecs_work *work, struct cxd_node *from)
{
    struct cxd_value text;

    if (!print_value(map, from, &text)) {
        return CXD_NOMEM;
    }
    return slot_append(map, work->to, &text, work->verb != ECS_VERB_APPEND);
}

size_t verb_count(const struct cxd_node *list)
{
    size_t count = 0;

    for (const struct cxd_node *at = list->first; at != NULL; at = at->next) {
        count++;
    }
    return count;
}

static int append_elements(struct map *map, const struct ecs_work *work, struct cxd_node *list)
{
    struct unique unique;
    int status = slot_expand(map, list);

    if (status == CXD_OK) {
        status = unique_init(&unique, map, work->to, verb_count(list));
    }
    for (struct cxd_node *at = list->first; status == CXD_OK && at != NULL; at = at->next) {
        struct cxd_value text;
        status = print_value(map, at, &text) ? unique_add(&unique, &text) : CXD_NOMEM;
    }
    return status;
}

int verb_append_list(struct map *map, const struct ecs_work *work, struct cxd_node *from)
{
    if (from->value.kind == CXD_KIND_LIST) {
        return append_elements(map, work, from);
    }
    if (work->verb == ECS_VERB_APPEND_ALL) {
        return verb_fail(map, work, "foreach", "field [%s] is no list, cannot loop over it",
                         verb_name(map, work));
    }
    return work->verb == ECS_VERB_APPEND_ANY && from->value.kind == CXD_KIND_STRING
               ? verb_append(map, work, from)
               : CXD_OK;
}
