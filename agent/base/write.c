/* write.c: nodes to JSON text. Knows nodes, buffers and escaping; where the nodes come from is not its business. */
#include "base/write.h"

#include "base/buf.h"
#include "base/scan.h"
#include "base/text.h"

#include <string.h>

#define ROOM_SLACK                                                                                 \
    16 /* comma, quotes, colon and a word: what a child takes besides its name and its text */

/* Where the next byte goes is a pointer that functions take and return; NULL means refused, with the status noted. */
struct place {
    struct buf *out;
    const char *end; /* of the memory that out has */
    int status;
};

static char *refuse(struct place *place, int status)
{
    place->status = status;
    return NULL;
}

static __attribute__((noinline)) char *room_grow(struct place *place, char *at, size_t more)
{
    struct buf *out = place->out;
    int r;

    out->len = (size_t)(at - out->ptr);
    r = buf_reserve(out, more);
    if (r != CXD_OK) {
        return refuse(place, r);
    }
    place->end = out->ptr + out->cap;
    return out->ptr + out->len;
}

static inline char *room_get(struct place *place, char *at, size_t more)
{
    return more <= (size_t)(place->end - at) ? at : room_grow(place, at, more);
}

/* Most names and values are short: two moves that overlap reach both ends of them, and nothing outside is touched. */
static inline char *bytes_put(char *at, const char *ptr, size_t len)
{
    if (len > 64) {
        memcpy(at, ptr, len);
    } else if (len >= 32) {
        memcpy(at, ptr, 32);
        memcpy(at + len - 32, ptr + len - 32, 32);
    } else if (len >= 16) {
        memcpy(at, ptr, 16);
        memcpy(at + len - 16, ptr + len - 16, 16);
    } else if (len >= 8) {
        memcpy(at, ptr, 8);
        memcpy(at + len - 8, ptr + len - 8, 8);
    } else if (len >= 4) {
        memcpy(at, ptr, 4);
        memcpy(at + len - 4, ptr + len - 4, 4);
    } else if (len > 0) { /* an empty slice may be NULL */
        at[0] = ptr[0];
        at[len / 2] = ptr[len / 2];
        at[len - 1] = ptr[len - 1];
    }
    return at + len;
}

/* A valid container's text without the white space between its tokens. */
static char *compact_put(const char *p, const char *end, char *out)
{
    int is_string = 0;

    for (; p < end; p++) {
        if (is_string && *p == '\\') {
            *out++ = *p++; /* what it escapes follows below, whatever it is */
        } else if (*p == '"') {
            is_string = !is_string;
        } else if (!is_string && (*p == ' ' || *p == '\t' || *p == '\n' || *p == '\r')) {
            continue;
        }
        *out++ = *p;
    }
    return out;
}

/* The container as it stands. Room is there. */
static inline char *slice_put(const struct cxd_value *value, char *at)
{
    if (memchr(value->ptr, '\n', value->len) != NULL) {
        return compact_put(value->ptr, value->ptr + value->len, at);
    }
    return bytes_put(at, value->ptr, value->len);
}

/* The usual text fits even when every byte is escaped to six; the exact length is asked for only where memory would grow. */
static char *text_put(struct place *place, struct cxd_bytes text, char *at)
{
    size_t room = (size_t)(place->end - at);

    if (text.len > room / 6 || room - 6 * text.len < 2) {
        at = room_get(place, at, text_quote_len(text));
    }
    return at != NULL ? text_quote_known(text, at) : NULL;
}

/* Words by kind: what their value points to does not matter. */
static const struct cxd_bytes words[] = {
    [CXD_KIND_NULL] = {"null", 4}, [CXD_KIND_FALSE] = {"false", 5}, [CXD_KIND_TRUE] = {"true", 4}};

/* Bytes that value_put writes without asking for room: all but escaped text and trees. A flag that does not belong to the
 * kind must not matter here, as it does not there. */
static inline size_t value_len(const struct cxd_value *value)
{
    switch (value->kind) {
    case CXD_KIND_STRING:
        return (value->flags & CXD_VALUE_TEXT) != 0 ? 0 : (size_t)value->len + 2;
    case CXD_KIND_LIST:
    case CXD_KIND_OBJECT:
        return (value->flags & CXD_VALUE_TREE) != 0 ? 0 : value->len;
    case CXD_KIND_NUMBER:
        return value->len;
    default:
        return value->kind <= CXD_KIND_TRUE ? words[value->kind].len : 0;
    }
}

static __attribute__((noinline)) char *tree_put(struct place *place, const struct cxd_node *node,
                                                char *at, unsigned depth);

static inline __attribute__((always_inline)) char *
value_put(struct place *place, const struct cxd_node *node, char *at, unsigned depth)
{
    const struct cxd_value *value = &node->value;

    switch (__builtin_expect(value->kind, CXD_KIND_STRING)) {
    case CXD_KIND_STRING:
        if ((value->flags & CXD_VALUE_TEXT) != 0) {
            return text_put(place, (struct cxd_bytes){value->ptr, value->len}, at);
        }
        *at++ = '"';
        at = bytes_put(at, value->ptr, value->len);
        *at++ = '"';
        return at;
    case CXD_KIND_NUMBER:
        return bytes_put(at, value->ptr, value->len);
    case CXD_KIND_LIST:
    case CXD_KIND_OBJECT:
        return (value->flags & CXD_VALUE_TREE) != 0 ? tree_put(place, node, at, depth + 1)
                                                    : slice_put(value, at);
    case CXD_KIND_NULL:
    case CXD_KIND_FALSE:
    case CXD_KIND_TRUE:
        return bytes_put(at, words[value->kind].ptr, words[value->kind].len);
    default:
        return refuse(place, CXD_INVALID);
    }
}

static inline char *name_put(const struct cxd_node *child, char *at)
{
    *at++ = '"';
    at = bytes_put(at, child->key, child->key_len);
    *at++ = '"';
    *at++ = ':';
    return at;
}

/* Room for one child, but for what value_put asks for itself. Only near the end of the memory the exact length matters. */
static inline char *child_room(struct place *place, const struct cxd_node *child, int is_object,
                               size_t comma, char *at)
{
    size_t most = (size_t)child->key_len + child->value.len + ROOM_SLACK;
    size_t name = is_object ? (size_t)child->key_len + 3 : 0;

    return most <= (size_t)(place->end - at)
               ? at
               : room_get(place, at, comma + name + value_len(&child->value));
}

static char *tree_put(struct place *place, const struct cxd_node *node, char *at, unsigned depth)
{
    int is_object = node->value.kind == CXD_KIND_OBJECT;
    size_t comma = 0;

    at = depth > SCAN_DEPTH_MAX ? refuse(place, CXD_TOO_DEEP) : room_get(place, at, 1);
    if (at == NULL) {
        return NULL;
    }
    *at++ = is_object ? '{' : '[';
    for (const struct cxd_node *child = node->first; child != NULL; child = child->next) {
        if (is_object && child->key == NULL) {
            return refuse(place, CXD_INVALID);
        }
        at = child_room(place, child, is_object, comma, at);
        if (at == NULL) {
            return NULL;
        }
        if (comma != 0) {
            *at++ = ',';
        }
        at = value_put(place, child, is_object ? name_put(child, at) : at, depth);
        if (at == NULL) {
            return NULL;
        }
        comma = 1;
    }
    at = room_get(place, at, 1);
    if (at != NULL) {
        *at++ = is_object ? '}' : ']';
    }
    return at;
}

int write_node(const struct cxd_node *node, struct buf *out)
{
    struct place place = {.out = out};
    size_t len = out->len;
    int r = buf_reserve(out, 1); /* every value takes a byte: then there is memory to point to */
    char *at;

    if (r != CXD_OK) {
        return r;
    }
    place.end = out->ptr + out->cap;
    at = room_get(&place, out->ptr + len, value_len(&node->value));
    at = at != NULL ? value_put(&place, node, at, 0) : NULL;
    out->len = at != NULL ? (size_t)(at - out->ptr) : len;
    return at != NULL ? CXD_OK : place.status;
}
