/*
 * value.c: values of the document: copies, comparison, text.
 */
#include "map.h"

#include "number.h"

#include <string.h>

struct cxd_value value_copy(struct map *map, const char *ptr, size_t len, uint8_t flags)
{
    char *copy = map->host->event_alloc(map->event, len + 1);

    if (copy != NULL) {
        memcpy(copy, ptr, len);
    }
    return (struct cxd_value){
        .ptr = copy, .len = (uint32_t)len, .kind = CXD_KIND_STRING, .flags = flags};
}

bool value_is_hollow(const struct cxd_value *value)
{
    uint32_t at = 1;

    if ((value->flags & CXD_VALUE_TREE) != 0) {
        return false;
    }
    while (at + 1 < value->len && (value->ptr[at] == ' ' || value->ptr[at] == '\t' ||
                                   value->ptr[at] == '\n' || value->ptr[at] == '\r')) {
        at++;
    }
    return at + 1 >= value->len;
}

static struct cxd_bytes value_slice(const struct cxd_value *value)
{
    return (struct cxd_bytes){value->ptr, value->len};
}

/* Decoded text of a string; what cannot be decoded stays as written. */
static bool decode(struct map *map, const struct cxd_value *value, struct cxd_bytes *ret_text)
{
    int status;

    if ((value->flags & CXD_VALUE_ESCAPED) == 0) {
        *ret_text = value_slice(value);
        return true;
    }
    status = map->host->value_text(map->event, value, ret_text);
    if (status == CXD_MALFORMED) {
        *ret_text = value_slice(value);
        return true;
    }
    return status == CXD_OK;
}

/* Texts that differ before any escape, or right where neither has one, differ whatever their escapes stand for. */
static bool differ_plainly(const struct cxd_value *a, const struct cxd_value *b)
{
    uint32_t len = a->len < b->len ? a->len : b->len;
    uint32_t at = 0;

    while (at < len && a->ptr[at] == b->ptr[at] && a->ptr[at] != '\\') {
        at++;
    }
    return at < len ? a->ptr[at] != b->ptr[at] && a->ptr[at] != '\\' && b->ptr[at] != '\\'
                    : a->len != b->len;
}

bool value_is_same_text(struct map *map, const struct cxd_value *a, const struct cxd_value *b)
{
    struct cxd_bytes left;
    struct cxd_bytes right;

    if (((a->flags | b->flags) & CXD_VALUE_ESCAPED) == 0) {
        return a->len == b->len && memcmp(a->ptr, b->ptr, a->len) == 0;
    }
    if (a->flags == b->flags && a->len == b->len && memcmp(a->ptr, b->ptr, a->len) == 0) {
        return true;
    }
    if (differ_plainly(a, b)) {
        return false;
    }
    if (!decode(map, a, &left) || !decode(map, b, &right)) {
        map->lacks_memory = true;
        return false;
    }
    return left.len == right.len && memcmp(left.ptr, right.ptr, left.len) == 0;
}

/* Whole numbers as they stand (but -0), others as doubles. */
static bool render_number(struct map *map, const struct cxd_value *value,
                          struct cxd_value *ret_text)
{
    char out[NUMBER_DOUBLE_ROOM];
    double number;

    if (value->len == 2 && memcmp(value->ptr, "-0", 2) == 0) {
        *ret_text = value_plain("0", 1);
        return true;
    }
    if (memchr(value->ptr, '.', value->len) == NULL &&
        memchr(value->ptr, 'e', value->len) == NULL &&
        memchr(value->ptr, 'E', value->len) == NULL) {
        *ret_text = value_plain(value->ptr, value->len);
        return true;
    }
    if (!number_parse_double(value->ptr, value->len, map->plain, &number)) {
        *ret_text = value_plain(value->ptr, value->len);
        return true;
    }
    *ret_text = value_copy(map, out, number_print_double(number, map->plain, out), 0);
    return ret_text->ptr != NULL;
}

bool value_render(struct map *map, const struct cxd_value *value, struct cxd_value *ret_text)
{
    switch (value->kind) {
    case CXD_KIND_STRING:
        *ret_text = *value;
        return true;
    case CXD_KIND_NUMBER:
        return render_number(map, value, ret_text);
    case CXD_KIND_TRUE:
        *ret_text = value_plain("true", 4);
        return true;
    case CXD_KIND_FALSE:
        *ret_text = value_plain("false", 5);
        return true;
    case CXD_KIND_NULL:
        *ret_text = value_plain("", 0);
        return true;
    default:
        *ret_text = value_of_text((value->flags & CXD_VALUE_TREE) != 0 ? "" : value->ptr,
                                  (value->flags & CXD_VALUE_TREE) != 0 ? 0 : value->len);
        return true;
    }
}

bool value_decode(struct map *map, const struct cxd_value *value, struct cxd_bytes *ret_text)
{
    struct cxd_value text;

    return value_render(map, value, &text) && decode(map, &text, ret_text);
}
