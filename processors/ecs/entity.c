/*
 * entity.c: works that know their subject: severity, ATT&CK techniques and tactics, user names.
 */
#include "unique.h"
#include "whole.h"

#include <string.h>

/* --- severity ---------------------------------------------------------------------------------------- */

struct level {
    const char *name;
    const char *number;
};

static const struct level levels[] = {
    {"unknown", "0"}, {"informational", "1"}, {"low", "2"}, {"medium", "3"}, {"high", "4"},
};

/* A name that is not in the table, and what is no text, sets nothing. `text` is the name of a fifth level. */
int entity_lookup(struct map *map, const struct ecs_work *work, struct cxd_node *from)
{
    struct cxd_value number = {.len = 1, .kind = CXD_KIND_NUMBER};
    struct cxd_bytes text;

    if (from->value.kind != CXD_KIND_STRING) {
        return CXD_OK;
    }
    if (!value_bytes(map, &from->value, &text)) {
        return CXD_NOMEM;
    }
    for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++) {
        if (text.len == strlen(levels[i].name) && memcmp(text.ptr, levels[i].name, text.len) == 0) {
            number.ptr = levels[i].number;
        }
    }
    if (work->text != NULL && text.len == strlen(work->text) &&
        memcmp(text.ptr, work->text, text.len) == 0) {
        number.ptr = "5";
    }
    return number.ptr != NULL ? slot_put(map, work->to, number) : CXD_OK;
}

/* --- ATT&CK -------------------------------------------------------------------------------------------- */

static const char separator[] = " - ";
#define SEPARATOR_LEN 3

/* "T1059 - Command - rest": the first two parts, each to its own list. */
static int add_pair(struct map *map, const struct ecs_work *work, const struct cxd_value *value,
                    struct unique *ids, struct unique *names)
{
    struct cxd_value part;
    struct cxd_bytes text;
    const char *name;
    const char *end;
    int status;

    if (value->kind != CXD_KIND_STRING) {
        return verb_fail(map, work, "script", "an element of [%s] is no text",
                         verb_name(map, work));
    }
    if (!value_bytes(map, value, &text)) {
        return CXD_NOMEM;
    }
    name = text.len > 0 ? memmem(text.ptr, text.len, separator, SEPARATOR_LEN) : NULL;
    if (name == NULL) {
        return verb_fail(map, work, "script", "[%s] is no id and name with a dash between them",
                         fault_excerpt(map, value));
    }
    part = value_of_text(text.ptr, (size_t)(name - text.ptr));
    status = unique_add(ids, &part);
    name += SEPARATOR_LEN;
    text.len -= (size_t)(name - text.ptr);
    end = memmem(name, text.len, separator, SEPARATOR_LEN);
    part = value_of_text(name, end != NULL ? (size_t)(end - name) : text.len);
    return status == CXD_OK ? unique_add(names, &part) : status;
}

int entity_pairs(struct map *map, const struct ecs_work *work, struct cxd_node *from)
{
    struct unique ids;
    struct unique names;
    int status;

    if (from->value.kind == CXD_KIND_NULL) {
        return CXD_OK;
    }
    if (from->value.kind != CXD_KIND_LIST) {
        return verb_fail(map, work, "script", "field [%s] is no list", verb_name(map, work));
    }
    status = slot_expand(map, from);
    if (status == CXD_OK) {
        status = unique_init(&ids, map, work->to, verb_count(from));
    }
    if (status == CXD_OK) {
        status = unique_init(&names, map, work->other, verb_count(from));
    }
    for (struct cxd_node *at = from->first; status == CXD_OK && at != NULL; at = at->next) {
        status = add_pair(map, work, &at->value, &ids, &names);
    }
    return status;
}

/* --- user names ------------------------------------------------------------------------------------------ */

/* DOMAIN\\NAME, DOMAIN\NAME, NAME@DOMAIN, NAME; the first of these that fits, with the shortest left part. */
static int put_user(struct map *map, const struct ecs_work *work, struct cxd_bytes text)
{
    const char *double_slash = text.len > 0 ? memmem(text.ptr, text.len, "\\\\", 2) : NULL;
    const char *slash = text.len > 0 ? memchr(text.ptr, '\\', text.len) : NULL;
    const char *at = text.len > 0 ? memchr(text.ptr, '@', text.len) : NULL;
    const char *middle = double_slash != NULL ? double_slash : slash != NULL ? slash : at;
    size_t front;
    size_t skip = double_slash != NULL ? 2 : 1;
    struct cxd_value left;
    struct cxd_value right;
    bool is_mail = double_slash == NULL && slash == NULL;
    int status;

    if (middle == NULL) {
        return slot_put(map, work->to, value_of_text(text.ptr, text.len));
    }
    front = (size_t)(middle - text.ptr);
    left = value_of_text(text.ptr, front);
    right = value_of_text(middle + skip, text.len - front - skip);
    status = slot_put(map, work->to, is_mail ? left : right);
    return status == CXD_OK ? slot_put(map, work->other, is_mail ? right : left) : status;
}

/* A text; where a list is asked for, its first element. */
int entity_user(struct map *map, const struct ecs_work *work, struct cxd_node *from)
{
    struct cxd_bytes text;
    int status;

    if (from->value.kind == CXD_KIND_LIST && (work->guard & ECS_GUARD_LIST) != 0) {
        status = slot_expand(map, from);
        if (status != CXD_OK || from->first == NULL) {
            return status;
        }
        from = from->first;
    }
    if (from->value.kind != CXD_KIND_STRING) {
        return verb_fail(map, work, "grok", "field [%s] is no text", verb_name(map, work));
    }
    if (!value_bytes(map, &from->value, &text)) {
        return CXD_NOMEM;
    }
    return put_user(map, work, text);
}
