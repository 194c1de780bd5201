/* template.c: BSON to nodes, nodes to JSON text. */
#include "lib/template.h"

#include "lib/number.h"
#include "lib/path.h"

#include <string.h>

#define NAME_MAX_LEN 1024

static struct cxd_node *node_add(struct base *b, struct cxd_node *parent, struct cxd_bytes key)
{
    struct cxd_node *node;

    for (node = parent->first; node != NULL; node = node->next) {
        if (key.ptr != NULL && node->key_len == key.len &&
            memcmp(node->key, key.ptr, key.len) == 0) {
            return node;
        }
    }
    node = base_alloc(b, sizeof *node);
    if (node == NULL) {
        return NULL;
    }
    node->key = key.ptr;
    node->key_len = (uint32_t)key.len;
    if (parent->last != NULL) {
        parent->last->next = node;
    } else {
        parent->first = node;
    }
    parent->last = node;
    return node;
}

/* The node of a key below parent; with splits an object for each part before the last. */
static struct cxd_node *key_add(struct base *b, struct cxd_node *parent, struct cxd_bytes name,
                                bool splits)
{
    struct cxd_bytes key = path_quote(b, name);

    for (;;) {
        const char *dot = splits && key.ptr != NULL ? memchr(key.ptr, '.', key.len) : NULL;
        struct cxd_bytes part = {key.ptr, dot != NULL ? (size_t)(dot - key.ptr) : key.len};
        struct cxd_node *node = key.ptr != NULL ? node_add(b, parent, part) : NULL;
        if (node == NULL || dot == NULL) {
            return node;
        }
        if (node->value.kind != CXD_KIND_OBJECT) {
            *node = (struct cxd_node){.next = node->next,
                                      .key = node->key,
                                      .key_len = node->key_len,
                                      .value = {.kind = CXD_KIND_OBJECT}};
        }
        parent = node;
        key = (struct cxd_bytes){dot + 1, key.len - part.len - 1};
    }
}

static int string_read(struct base *b, struct cxd_bytes text, struct cxd_value *ret_value)
{
    struct cxd_bytes quoted = path_quote(b, text);

    *ret_value =
        (struct cxd_value){.ptr = quoted.ptr, .len = (uint32_t)quoted.len, .kind = CXD_KIND_STRING};
    if (quoted.ptr != NULL && memchr(quoted.ptr, '\\', quoted.len) != NULL) {
        ret_value->flags = CXD_VALUE_ESCAPED;
    }
    return quoted.ptr != NULL ? CXD_OK : CXD_NOMEM;
}

static int scalar_read(struct base *b, const struct cxd_scalar *value, struct cxd_value *ret_value)
{
    char text[NUMBER_TEXT_MAX];
    size_t len;

    switch (value->type) {
    case CXD_TEXT:
        return string_read(b, value->bytes, ret_value);
    case CXD_NIL:
        *ret_value = (struct cxd_value){.kind = CXD_KIND_NULL};
        return CXD_OK;
    case CXD_BOOL:
        *ret_value = (struct cxd_value){.kind = value->number ? CXD_KIND_TRUE : CXD_KIND_FALSE};
        return CXD_OK;
    default:
        len = value->type == CXD_INT ? number_print_int(value->number, text)
                                     : number_print_double(value->real, text);
        *ret_value = (struct cxd_value){.ptr = base_copy(b, (struct cxd_bytes){text, len}),
                                        .len = (uint32_t)len,
                                        .kind = CXD_KIND_NUMBER};
        return ret_value->ptr == NULL ? CXD_NOMEM : len > 0 ? CXD_OK : CXD_CONFIG;
    }
}

static int value_read(struct base *b, const struct cxd_scalar *value, bool splits, int depth,
                      struct cxd_node *node)
{
    bool is_list = value->type == CXD_ARRAY;
    int r = CXD_OK;

    if (value->type != CXD_DOCUMENT && !is_list) {
        return scalar_read(b, value, &node->value);
    }
    if (depth >= TEMPLATE_DEPTH_MAX) {
        return CXD_TOO_DEEP;
    }
    node->value.kind = is_list ? CXD_KIND_LIST : CXD_KIND_OBJECT;
    for (uint32_t i = 0; i < value->count && r == CXD_OK; i++) {
        struct cxd_bytes name;
        struct cxd_scalar member = b->host->doc_at(value->bytes, i, &name);
        struct cxd_node *child = is_list ? node_add(b, node, (struct cxd_bytes){NULL, 0})
                                         : key_add(b, node, name, splits);
        r = child != NULL ? value_read(b, &member, splits, depth + 1, child) : CXD_NOMEM;
    }
    return r;
}

static size_t text_len(const struct cxd_node *node)
{
    static const size_t lens[] = {[CXD_KIND_NULL] = 4, [CXD_KIND_FALSE] = 5, [CXD_KIND_TRUE] = 4};
    size_t len = 2;

    switch (node->value.kind) {
    case CXD_KIND_NUMBER:
        return node->value.len;
    case CXD_KIND_STRING:
        return node->value.len + 2;
    case CXD_KIND_LIST:
    case CXD_KIND_OBJECT:
        for (const struct cxd_node *at = node->first; at != NULL; at = at->next) {
            len += text_len(at) + (at->key != NULL ? at->key_len + 3 : 0) + (at->next != NULL);
        }
        return len;
    default:
        return lens[node->value.kind];
    }
}

static char *bytes_write(char *out, const char *ptr, size_t len)
{
    memcpy(out, ptr, len);
    return out + len;
}

static char *quoted_write(char *out, const char *ptr, size_t len)
{
    *out++ = '"';
    out = bytes_write(out, ptr, len);
    *out++ = '"';
    return out;
}

static bool is_dirty(const struct cxd_value *value)
{
    return value->kind == CXD_KIND_NULL || (value->kind == CXD_KIND_STRING && value->len == 0) ||
           (value->flags & CXD_VALUE_DIRTY) != 0;
}

/* Writes the text and makes each container a slice of it. */
static char *text_write(struct cxd_node *node, char *out)
{
    static const char *const words[] = {
        [CXD_KIND_NULL] = "null", [CXD_KIND_FALSE] = "false", [CXD_KIND_TRUE] = "true"};
    bool is_list = node->value.kind == CXD_KIND_LIST;
    char *start = out;

    if (node->value.kind == CXD_KIND_STRING) {
        return quoted_write(out, node->value.ptr, node->value.len);
    }
    if (node->value.kind == CXD_KIND_NUMBER) {
        return bytes_write(out, node->value.ptr, node->value.len);
    }
    if (!is_list && node->value.kind != CXD_KIND_OBJECT) {
        return bytes_write(out, words[node->value.kind], text_len(node));
    }
    node->value.flags = node->first == NULL ? CXD_VALUE_DIRTY : 0;
    *out++ = is_list ? '[' : '{';
    for (struct cxd_node *at = node->first; at != NULL; at = at->next) {
        if (at->key != NULL) {
            out = quoted_write(out, at->key, at->key_len);
            *out++ = ':';
        }
        out = text_write(at, out);
        node->value.flags |= is_dirty(&at->value) ? CXD_VALUE_DIRTY : 0;
        if (at->next != NULL) {
            *out++ = ',';
        }
    }
    *out++ = is_list ? ']' : '}';
    node->value.ptr = start;
    node->value.len = (uint32_t)(out - start);
    return out;
}

static int text_make(struct base *b, struct cxd_node *node)
{
    char *text = base_alloc(b, text_len(node));

    if (text == NULL) {
        return CXD_NOMEM;
    }
    (void)text_write(node, text);
    return CXD_OK;
}

static int read_end(int r, struct cxd_error *err)
{
    switch (r) {
    case CXD_OK:
        return r;
    case CXD_NOMEM:
        return base_lack(err);
    case CXD_TOO_DEEP:
        return cxd_error_set(err, CXD_CONFIG, "values nested deeper than %d", TEMPLATE_DEPTH_MAX);
    default:
        return cxd_error_set(err, CXD_CONFIG, "a value is no JSON (nan, inf)");
    }
}

int template_read(struct base *b, const struct cxd_scalar *value, bool splits,
                  struct cxd_node *ret_content, struct cxd_error *err)
{
    int r;

    *ret_content = (struct cxd_node){0};
    r = value_read(b, value, splits, 0, ret_content);
    return read_end(r != CXD_OK ? r : text_make(b, ret_content), err);
}

static int leaves_read(struct base *b, struct cxd_bytes doc, const char *front, int depth,
                       struct cxd_node *into)
{
    for (uint32_t i = 0;; i++) {
        struct cxd_bytes name;
        struct cxd_scalar member = b->host->doc_at(doc, i, &name);
        char full[NAME_MAX_LEN];
        int len;
        int r;
        if (member.type == CXD_NONE) {
            return CXD_OK;
        }
        len = snprintf(full, sizeof full, "%s%s%.*s", front, *front != '\0' ? "." : "",
                       (int)name.len, name.ptr);
        if (len < 0 || (size_t)len >= sizeof full || depth >= TEMPLATE_DEPTH_MAX) {
            return CXD_TOO_DEEP;
        }
        if (member.type == CXD_DOCUMENT || member.type == CXD_ARRAY) {
            r = leaves_read(b, member.bytes, full, depth + 1, into);
        } else {
            struct cxd_node *node = key_add(b, into, (struct cxd_bytes){full, (size_t)len}, false);
            r = node != NULL ? scalar_read(b, &member, &node->value) : CXD_NOMEM;
        }
        if (r != CXD_OK) {
            return r;
        }
    }
}

int template_flatten(struct base *b, struct cxd_bytes doc, struct cxd_node *ret_content,
                     struct cxd_error *err)
{
    int r;

    *ret_content = (struct cxd_node){.value = {.kind = CXD_KIND_OBJECT}};
    r = leaves_read(b, doc, "", 0, ret_content);
    return read_end(r != CXD_OK ? r : text_make(b, ret_content), err);
}
