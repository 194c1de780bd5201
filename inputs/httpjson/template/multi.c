/*
 * multi.c: names with several texts, as headers and query parameters have them. Thread: the owner's.
 */
#include "template/value.h"

#include <strings.h>

bool multi_name_is(const struct multi *m, struct cxd_bytes left, struct cxd_bytes right)
{
    if (left.len != right.len) {
        return false;
    }
    if (left.len == 0) {
        return true;
    }
    return m->is_header ? strncasecmp(left.ptr, right.ptr, left.len) == 0
                        : memcmp(left.ptr, right.ptr, left.len) == 0;
}

struct cxd_bytes multi_get(const struct multi *m, struct cxd_bytes name)
{
    for (const struct multi_entry *e = m->first; e != NULL; e = e->next) {
        if (multi_name_is(m, e->name, name)) {
            return e->value;
        }
    }
    return (struct cxd_bytes){NULL, 0};
}

bool multi_all(struct region *r, const struct multi *m, struct cxd_bytes name, struct value *ret)
{
    struct value_list *list;
    size_t count = 0;

    *ret = value_none();
    for (const struct multi_entry *e = m->first; e != NULL; e = e->next) {
        count += multi_name_is(m, e->name, name);
    }
    if (count == 0) {
        return false;
    }
    list = region_alloc(r, sizeof *list + count * sizeof list->items[0]);
    if (list == NULL) {
        return true;
    }
    for (const struct multi_entry *e = m->first; e != NULL; e = e->next) {
        if (multi_name_is(m, e->name, name)) {
            list->items[list->count++] = value_string(e->value);
        }
    }
    *ret = (struct value){.kind = VALUE_LIST, .list = list};
    return true;
}

static int bytes_order(struct cxd_bytes left, struct cxd_bytes right)
{
    size_t len = left.len < right.len ? left.len : right.len;
    int order = len > 0 ? memcmp(left.ptr, right.ptr, len) : 0;

    return order != 0 ? order : left.len < right.len ? -1 : left.len > right.len;
}

/* "content-type" as "Content-Type". */
static struct cxd_bytes multi_canonical(struct region *r, const struct multi *m,
                                        struct cxd_bytes name)
{
    char *out;
    bool upper = true;

    if (!m->is_header || (out = region_alloc(r, name.len + 1)) == NULL) {
        return name;
    }
    for (size_t i = 0; i < name.len; i++) {
        char letter = name.ptr[i];

        if (upper && letter >= 'a' && letter <= 'z') {
            letter = (char)(letter - 32);
        } else if (!upper && letter >= 'A' && letter <= 'Z') {
            letter = (char)(letter + 32);
        }
        upper = letter == '-';
        out[i] = letter;
    }
    return (struct cxd_bytes){out, name.len};
}

/* Puts name into the sorted list unless it is there. */
static void multi_insert(struct value_list *list, struct cxd_bytes name)
{
    size_t at = 0;

    while (at < list->count && bytes_order(list->items[at].bytes, name) < 0) {
        at++;
    }
    if (at < list->count && bytes_order(list->items[at].bytes, name) == 0) {
        return;
    }
    memmove(&list->items[at + 1], &list->items[at], (list->count - at) * sizeof list->items[0]);
    list->items[at] = value_string(name);
    list->count++;
}

struct value multi_names(struct region *r, const struct multi *m)
{
    struct value_list *list;
    size_t count = 0;

    for (const struct multi_entry *e = m->first; e != NULL; e = e->next) {
        count++;
    }
    list = region_alloc(r, sizeof *list + (count + 1) * sizeof list->items[0]);
    if (list == NULL) {
        return value_none();
    }
    for (const struct multi_entry *e = m->first; e != NULL; e = e->next) {
        multi_insert(list, multi_canonical(r, m, e->name));
    }
    return (struct value){.kind = VALUE_LIST, .list = list};
}

bool multi_add(struct region *r, struct multi *m, struct cxd_bytes name, struct cxd_bytes value)
{
    struct multi_entry *entry = region_alloc(r, sizeof *entry);
    struct multi_entry **end = &m->first;

    if (entry == NULL) {
        return false;
    }
    entry->name = name;
    entry->value = value.ptr != NULL ? value : (struct cxd_bytes){"", 0};
    while (*end != NULL) {
        end = &(*end)->next;
    }
    *end = entry;
    return true;
}

void multi_remove(struct multi *m, struct cxd_bytes name)
{
    struct multi_entry **at = &m->first;

    while (*at != NULL) {
        if (multi_name_is(m, (*at)->name, name)) {
            *at = (*at)->next;
        } else {
            at = &(*at)->next;
        }
    }
}
