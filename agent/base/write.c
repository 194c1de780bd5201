/* write.c: nodes to JSON text. Knows nodes, buffers and escaping; where the nodes come from is not its business. */
#include "base/write.h"

#include "base/buf.h"
#include "base/scan.h"
#include "base/text.h"

#include <string.h>

static inline int out_reserve(struct buf *out, size_t more)
{
    return more <= out->cap - out->len ? CXD_OK : buf_reserve(out, more);
}

static inline void out_put(struct buf *out, const char *ptr, size_t len)
{
    if (len > 0) { /* an empty slice may be NULL */
        memcpy(out->ptr + out->len, ptr, len);
        out->len += len;
    }
}

static inline void out_char(struct buf *out, char c)
{
    out->ptr[out->len++] = c;
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

/* The container or number as it stands. Room is there. */
static void slice_put(const struct cxd_value *value, struct buf *out)
{
    if (value->kind != CXD_KIND_NUMBER && memchr(value->ptr, '\n', value->len) != NULL) {
        char *end = compact_put(value->ptr, value->ptr + value->len, out->ptr + out->len);
        out->len = (size_t)(end - out->ptr);
    } else {
        out_put(out, value->ptr, value->len);
    }
}

/* The usual text fits even when every byte is escaped to six; the exact length is asked for only where memory would grow. */
static int text_write(struct cxd_bytes text, struct buf *out)
{
    int r = CXD_OK;

    if (text.len > (out->cap - out->len) / 6 || out->cap - out->len - 6 * text.len < 2) {
        r = out_reserve(out, text_quote_len(text));
    }
    if (r == CXD_OK) {
        out->len = (size_t)(text_quote_known(text, out->ptr + out->len) - out->ptr);
    }
    return r;
}

/* Words by kind: what their value points to does not matter. */
static const struct cxd_bytes words[] = {
    [CXD_KIND_NULL] = {"null", 4}, [CXD_KIND_FALSE] = {"false", 5}, [CXD_KIND_TRUE] = {"true", 4}};

/* Bytes that value_write writes without asking for room: all but escaped text and trees. A flag that does not belong to the
 * kind must not matter here, as it does not there. */
static size_t value_len(const struct cxd_value *value)
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

static int tree_write(const struct cxd_node *node, struct buf *out, unsigned depth);

static int value_write(const struct cxd_node *node, struct buf *out, unsigned depth)
{
    const struct cxd_value *value = &node->value;

    switch (value->kind) {
    case CXD_KIND_NULL:
    case CXD_KIND_FALSE:
    case CXD_KIND_TRUE:
        out_put(out, words[value->kind].ptr, words[value->kind].len);
        return CXD_OK;
    case CXD_KIND_STRING:
        if ((value->flags & CXD_VALUE_TEXT) != 0) {
            return text_write((struct cxd_bytes){value->ptr, value->len}, out);
        }
        out_char(out, '"');
        out_put(out, value->ptr, value->len);
        out_char(out, '"');
        return CXD_OK;
    case CXD_KIND_NUMBER:
        slice_put(value, out);
        return CXD_OK;
    case CXD_KIND_LIST:
    case CXD_KIND_OBJECT:
        if ((value->flags & CXD_VALUE_TREE) != 0) {
            return tree_write(node, out, depth + 1);
        }
        slice_put(value, out);
        return CXD_OK;
    default:
        return CXD_INVALID;
    }
}

static int member_write(const struct cxd_node *child, int is_first, struct buf *out, unsigned depth)
{
    int r = child->key == NULL ? CXD_INVALID
                               : out_reserve(out, (size_t)child->key_len + 4 - (is_first != 0) +
                                                      value_len(&child->value));

    if (r != CXD_OK) {
        return r;
    }
    if (!is_first) {
        out_char(out, ',');
    }
    out_char(out, '"');
    out_put(out, child->key, child->key_len);
    out_char(out, '"');
    out_char(out, ':');
    return value_write(child, out, depth);
}

static int element_write(const struct cxd_node *child, int is_first, struct buf *out,
                         unsigned depth)
{
    int r = out_reserve(out, 1 - (is_first != 0) + value_len(&child->value));

    if (r != CXD_OK) {
        return r;
    }
    if (!is_first) {
        out_char(out, ',');
    }
    return value_write(child, out, depth);
}

static int tree_write(const struct cxd_node *node, struct buf *out, unsigned depth)
{
    int is_object = node->value.kind == CXD_KIND_OBJECT;
    int r = depth > SCAN_DEPTH_MAX ? CXD_TOO_DEEP : out_reserve(out, 1);

    if (r != CXD_OK) {
        return r;
    }
    out_char(out, is_object ? '{' : '[');
    for (const struct cxd_node *child = node->first; child != NULL; child = child->next) {
        int is_first = child == node->first;
        r = is_object ? member_write(child, is_first, out, depth)
                      : element_write(child, is_first, out, depth);
        if (r != CXD_OK) {
            return r;
        }
    }
    r = out_reserve(out, 1);
    if (r == CXD_OK) {
        out_char(out, is_object ? '}' : ']');
    }
    return r;
}

int write_node(const struct cxd_node *node, struct buf *out)
{
    size_t len = out->len;
    int r = element_write(node, 1, out, 0);

    if (r != CXD_OK) {
        out->len = len;
    }
    return r;
}
