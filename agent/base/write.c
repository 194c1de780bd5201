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
    memcpy(out->ptr + out->len, ptr, len);
    out->len += len;
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

static int slice_write(const struct cxd_value *value, struct buf *out)
{
    int r = out_reserve(out, value->len);
    int is_container = value->kind == CXD_KIND_LIST || value->kind == CXD_KIND_OBJECT;

    if (r != CXD_OK) {
        return r;
    }
    if (is_container && memchr(value->ptr, '\n', value->len) != NULL) {
        char *end = compact_put(value->ptr, value->ptr + value->len, out->ptr + out->len);
        out->len = (size_t)(end - out->ptr);
    } else {
        out_put(out, value->ptr, value->len);
    }
    return CXD_OK;
}

static int string_write(const struct cxd_value *value, struct buf *out)
{
    struct cxd_bytes text = {value->ptr, value->len};
    int is_text = (value->flags & CXD_VALUE_TEXT) != 0;
    int r = out_reserve(out, is_text ? text_quote_len(text) : text.len + 2);

    if (r != CXD_OK) {
        return r;
    }
    if (is_text) {
        out->len = (size_t)(text_quote_known(text, out->ptr + out->len) - out->ptr);
        return CXD_OK;
    }
    out_char(out, '"');
    if (text.len > 0) {
        out_put(out, text.ptr, text.len);
    }
    out_char(out, '"');
    return CXD_OK;
}

static int word_write(const char *word, size_t len, struct buf *out)
{
    int r = out_reserve(out, len);

    if (r == CXD_OK) {
        out_put(out, word, len);
    }
    return r;
}

static int tree_write(const struct cxd_node *node, struct buf *out, unsigned depth);

static int value_write(const struct cxd_node *node, struct buf *out, unsigned depth)
{
    const struct cxd_value *value = &node->value;

    switch (value->kind) {
    case CXD_KIND_NULL:
        return word_write("null", 4, out);
    case CXD_KIND_FALSE:
        return word_write("false", 5, out);
    case CXD_KIND_TRUE:
        return word_write("true", 4, out);
    case CXD_KIND_NUMBER:
        return slice_write(value, out);
    case CXD_KIND_STRING:
        return string_write(value, out);
    case CXD_KIND_LIST:
    case CXD_KIND_OBJECT:
        return (value->flags & CXD_VALUE_TREE) != 0 ? tree_write(node, out, depth + 1)
                                                    : slice_write(value, out);
    default:
        return CXD_INVALID;
    }
}

/* What stands before a member's value: comma, name, colon. */
static int key_write(const struct cxd_node *child, int is_object, int is_first, struct buf *out)
{
    int r;

    if (is_object && child->key == NULL) {
        return CXD_INVALID;
    }
    r = out_reserve(out, (size_t)child->key_len + 4);
    if (r != CXD_OK) {
        return r;
    }
    if (!is_first) {
        out_char(out, ',');
    }
    if (is_object) {
        out_char(out, '"');
        out_put(out, child->key, child->key_len);
        out_char(out, '"');
        out_char(out, ':');
    }
    return CXD_OK;
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
        r = key_write(child, is_object, child == node->first, out);
        if (r == CXD_OK) {
            r = value_write(child, out, depth);
        }
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
    int r = value_write(node, out, 0);

    if (r != CXD_OK) {
        out->len = len;
    }
    return r;
}
