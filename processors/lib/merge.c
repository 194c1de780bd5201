/* merge.c: whole values: copied, merged, listed, told. */
#include "lib/edit.h"

#include <string.h>

#define TAG_MAX_LEN 32

int edit_copy(struct edit *e, const struct cxd_node *from, struct cxd_node *ret_content)
{
    *ret_content = (struct cxd_node){.value = from->value};
    if ((from->value.flags & CXD_VALUE_TREE) == 0) {
        return CXD_OK;
    }
    for (const struct cxd_node *at = from->first; at != NULL; at = at->next) {
        struct cxd_node *node = edit_alloc(e, sizeof *node);
        int r = node != NULL ? edit_copy(e, at, node) : edit_lack(e);
        if (r != CXD_OK) {
            return r;
        }
        node->key = at->key;
        node->key_len = at->key_len;
        if (ret_content->last != NULL) {
            ret_content->last->next = node;
        } else {
            ret_content->first = node;
        }
        ret_content->last = node;
    }
    return CXD_OK;
}

static int member_merge(struct edit *e, struct cxd_node *into, const struct cxd_node *member,
                        bool overwrites)
{
    const struct cxd_bytes key = {member->key, member->key_len};
    struct cxd_node content;
    struct edit_spot spot;
    int r = edit_member(e, into, key, &spot);

    if (r < 0) {
        return r;
    }
    if (r > 0 && spot.node->value.kind == CXD_KIND_OBJECT &&
        member->value.kind == CXD_KIND_OBJECT) {
        return edit_merge(e, spot.node, member, overwrites);
    }
    if (r > 0 && !overwrites) {
        return CXD_OK;
    }
    if (r > 0) {
        r = edit_copy(e, member, &content);
        return r == CXD_OK ? edit_set(e, spot.node, &content) : r;
    }
    r = edit_copy(e, member, &content);
    return r == CXD_OK ? edit_append(e, into, key, &content) : r;
}

/* A node whose text has not been looked into is looked into as a copy; those of an instance have their members beside the text. */
int edit_merge(struct edit *e, struct cxd_node *into, const struct cxd_node *from, bool overwrites)
{
    struct cxd_node copy = {.value = from->value, .first = from->first};
    int r = edit_expand(e, into);

    if (r == CXD_OK && copy.first == NULL) {
        r = edit_expand(e, &copy);
    }
    for (const struct cxd_node *at = copy.first; at != NULL && r == CXD_OK; at = at->next) {
        r = member_merge(e, into, at, overwrites);
    }
    return r;
}

int edit_tag(struct edit *e, const struct path *path, const struct cxd_value *texts, size_t count)
{
    struct cxd_node list = {.value = {.kind = CXD_KIND_LIST, .flags = CXD_VALUE_TREE}};
    static const struct cxd_bytes none = {NULL, 0};
    struct edit_spot spot;
    int r = edit_find(e, path, &spot);
    struct cxd_node *node;

    if (r == 0) {
        r = edit_put(e, path, &list);
        r = r != CXD_OK ? r : edit_find(e, path, &spot);
    } else if (r == 1 && spot.node->value.kind != CXD_KIND_LIST) {
        struct cxd_node single = *spot.node;
        r = edit_set(e, spot.node, &list);
        r = r != CXD_OK || single.value.kind == CXD_KIND_NULL
                ? r
                : edit_append(e, spot.node, none, &single);
    } else if (r == 1) {
        r = CXD_OK;
    }
    if (r < 0 || r == EDIT_FAILED) {
        return r;
    }
    node = spot.node;
    r = CXD_OK;
    for (size_t i = 0; i < count && r == CXD_OK; i++) {
        r = edit_append(e, node, none, &(struct cxd_node){.value = texts[i]});
    }
    return r;
}

struct cxd_value edit_text_value(struct cxd_bytes text)
{
    return (struct cxd_value){.ptr = text.len > 0 ? text.ptr : "",
                              .len = (uint32_t)text.len,
                              .kind = CXD_KIND_STRING,
                              .flags = CXD_VALUE_TEXT};
}

struct cxd_bytes edit_keep(struct edit *e, struct cxd_bytes text)
{
    char *copy = edit_alloc(e, text.len + 1);

    if (copy == NULL) {
        return (struct cxd_bytes){NULL, 0};
    }
    if (text.len > 0) {
        memcpy(copy, text.ptr, text.len);
    }
    copy[text.len] = '\0';
    return (struct cxd_bytes){copy, text.len};
}

int edit_path(struct edit *e, struct cxd_bytes name, struct path *ret_path)
{
    struct cxd_bytes rest = edit_keep(e, name);
    size_t dots = 1;

    for (size_t i = 0; i < name.len; i++) {
        dots += name.ptr[i] == '.';
    }
    if (dots > PATH_PARTS_MAX) {
        return edit_fail(e, "field %.*s has too many parts", (int)(name.len < 100 ? name.len : 100),
                         name.ptr);
    }
    *ret_path =
        (struct path){.name = rest, .parts = edit_alloc(e, 2 * dots * sizeof *ret_path->parts)};
    if (rest.ptr == NULL || ret_path->parts == NULL) {
        return edit_lack(e);
    }
    ret_path->rests = ret_path->parts + dots;
    for (; ret_path->count < dots; ret_path->count++) {
        const char *dot = memchr(rest.ptr, '.', rest.len);
        size_t part = dot != NULL ? (size_t)(dot - rest.ptr) : rest.len;
        ret_path->rests[ret_path->count] = rest;
        ret_path->parts[ret_path->count] = (struct cxd_bytes){rest.ptr, part};
        rest = dot != NULL ? (struct cxd_bytes){dot + 1, rest.len - part - 1} : rest;
    }
    return CXD_OK;
}

int edit_out_add(struct edit *e, struct edit_out *out, struct cxd_bytes bytes)
{
    if (bytes.len > out->cap - out->len) {
        size_t cap = 2 * (out->len + bytes.len) + 64;
        char *grown = edit_alloc(e, cap);
        if (grown == NULL) {
            return edit_lack(e);
        }
        if (out->len > 0) {
            memcpy(grown, out->ptr, out->len);
        }
        out->ptr = grown;
        out->cap = cap;
    }
    if (bytes.len > 0) {
        memcpy(out->ptr + out->len, bytes.ptr, bytes.len);
        out->len += bytes.len;
    }
    return CXD_OK;
}

int edit_text(struct edit *e, const struct path *path, const struct cxd_value *value,
              struct cxd_bytes *ret_text)
{
    int r = value->kind == CXD_KIND_STRING ? e->host->value_text(e->event, value, ret_text)
                                           : CXD_MALFORMED;

    return r == CXD_MALFORMED ? edit_fail(e, "field %.200s is no text", path->name.ptr) : r;
}

int edit_print(struct edit *e, const struct path *path, const struct cxd_value *value,
               struct cxd_bytes *ret_text)
{
    static const struct cxd_bytes words[] = {[CXD_KIND_NULL] = {"null", 4},
                                             [CXD_KIND_FALSE] = {"false", 5},
                                             [CXD_KIND_TRUE] = {"true", 4}};

    switch (value->kind) {
    case CXD_KIND_NULL:
    case CXD_KIND_FALSE:
    case CXD_KIND_TRUE:
        *ret_text = words[value->kind];
        return CXD_OK;
    case CXD_KIND_NUMBER:
        *ret_text = (struct cxd_bytes){value->ptr, value->len};
        return CXD_OK;
    case CXD_KIND_STRING:
        return edit_text(e, path, value, ret_text);
    default:
        return edit_fail(e, "field %.200s is a list or an object", path->name.ptr);
    }
}

/* error.message: the first as a text, further ones with it in a list. */
static int why_put(struct edit *e)
{
    static struct cxd_bytes parts[] = {{"error", 5}, {"message", 7}};
    static struct cxd_bytes rests[] = {{"error.message", 13}, {"message", 7}};
    static const struct path path = {
        .name = {"error.message", 13}, .count = 2, .parts = parts, .rests = rests};
    struct base *b = e->base;
    char text[TAG_MAX_LEN + BASE_WHY_MAX];
    struct cxd_bytes kept;
    struct cxd_value value;
    struct edit_spot spot;
    int len = snprintf(text, sizeof text, "%.30s: %s", b->kind->name, b->why);
    int r;

    kept = edit_keep(e, (struct cxd_bytes){text, (size_t)len});
    if (kept.ptr == NULL) {
        return edit_lack(e);
    }
    value = edit_text_value(kept);
    r = edit_find(e, &path, &spot);
    if (r == 1) {
        return edit_tag(e, &path, &value, 1);
    }
    r = r < 0 ? r : edit_put_value(e, &path, value);
    return r == EDIT_FAILED ? CXD_OK : r; /* error is no object: then there is no place for it */
}

int edit_settle(struct edit *e)
{
    int r;

    e->host->count(e->base->self, "processor_failures_total", 1);
    if (e->base->keeps_on) {
        return CXD_KEEP;
    }
    edit_rewind(e);
    e->is_undoable = false;
    r = why_put(e);
    return r == CXD_OK ? CXD_KEEP : r;
}
