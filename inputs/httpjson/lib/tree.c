/*
 * tree.c: nodes from checked text, level by level, and the way to a member. Changing is tree_edit.c, writing tree_write.c.
 *
 * Knows JSON, regions. Thread: the owner's.
 */
#include "lib/tree.h"

#include "lib/utf.h"

struct tree *tree_new(struct region *r, enum tree_kind kind)
{
    struct tree *node = region_alloc(r, sizeof *node);

    if (node != NULL) {
        node->kind = (uint8_t)kind;
        node->flags = TREE_CHANGED | (kind >= TREE_LIST ? TREE_EXPANDED : 0);
    }
    return node;
}

struct tree *tree_new_string(struct region *r, struct cxd_bytes plain)
{
    struct tree *node = tree_new(r, TREE_STRING);

    if (node != NULL) {
        node->text = plain;
        node->flags = TREE_PLAIN;
    }
    return node;
}

struct tree *tree_new_number(struct region *r, struct cxd_bytes text)
{
    struct tree *node = tree_new(r, TREE_NUMBER);

    if (node != NULL) {
        node->text = text;
        node->flags = 0;
    }
    return node;
}

static const char *tree_blank(const char *ptr)
{
    while (*ptr == ' ' || *ptr == '\t' || *ptr == '\n' || *ptr == '\r') {
        ptr++;
    }
    return ptr;
}

/* The closing quote; ptr is behind the opening one. */
static const char *tree_string_end(const char *ptr, const char *end, bool *ret_escaped)
{
    for (;;) {
        ptr = utf_quote_find(ptr, end);
        if (*ptr == '"') {
            return ptr;
        }
        *ret_escaped = true;
        ptr += 2;
    }
}

/* What tells the depth: quotes and brackets. */
static const bool tree_marks[256] = {['"'] = 1, ['{'] = 1, ['['] = 1, ['}'] = 1, [']'] = 1};

/* Past a container whose first byte is ptr. */
static const char *tree_container_end(const char *ptr, const char *end)
{
    size_t depth = 0;
    bool ignored = false;

    for (;; ptr++) {
        while (!tree_marks[(unsigned char)*ptr]) {
            ptr++;
        }
        if (*ptr == '"') {
            ptr = tree_string_end(ptr + 1, end, &ignored);
        } else if (*ptr == '{' || *ptr == '[') {
            depth++;
        } else if (--depth == 0) {
            return ptr + 1;
        }
    }
}

static const char *tree_scalar_end(const char *ptr, const char *end)
{
    while (ptr < end && *ptr != ',' && *ptr != '}' && *ptr != ']' && *ptr != ' ' && *ptr != '\t' &&
           *ptr != '\n' && *ptr != '\r') {
        ptr++;
    }
    return ptr;
}

/* Fills kind and text from checked JSON at ptr; returns what follows. */
static const char *tree_read(struct tree *node, const char *ptr, const char *end)
{
    const char *start = ptr;
    bool escaped = false;

    node->flags = 0;
    switch (*ptr) {
    case '"':
        node->kind = TREE_STRING;
        ptr = tree_string_end(ptr + 1, end, &escaped);
        node->flags = escaped ? TREE_ESCAPED : 0;
        node->text = (struct cxd_bytes){start + 1, (size_t)(ptr - start - 1)};
        return ptr + 1;
    case '{':
    case '[':
        node->kind = *ptr == '{' ? TREE_OBJECT : TREE_LIST;
        ptr = tree_container_end(ptr, end);
        break;
    default:
        node->kind = *ptr == 't'   ? TREE_TRUE
                     : *ptr == 'f' ? TREE_FALSE
                     : *ptr == 'n' ? TREE_NULL
                                   : TREE_NUMBER;
        ptr = tree_scalar_end(ptr, end);
        break;
    }
    node->text = (struct cxd_bytes){start, (size_t)(ptr - start)};
    return ptr;
}

/* Nothing but blanks follows the value, so a container's end is found from behind. */
struct tree *tree_adopt(struct region *r, struct cxd_bytes checked)
{
    struct tree *node = region_alloc(r, sizeof *node);
    const char *ptr = tree_blank(checked.ptr);
    const char *end = checked.ptr + checked.len;

    if (node == NULL) {
        return NULL;
    }
    if (*ptr != '{' && *ptr != '[') {
        (void)tree_read(node, ptr, end);
        return node;
    }
    while (end[-1] != '}' && end[-1] != ']') {
        end--;
    }
    node->kind = *ptr == '{' ? TREE_OBJECT : TREE_LIST;
    node->text = (struct cxd_bytes){ptr, (size_t)(end - ptr)};
    return node;
}

int tree_parse(struct region *r, struct cxd_bytes text, struct tree **ret_tree,
               struct cxd_error *err)
{
    struct tree_fault fault = {0, "", 0};
    struct tree *node;

    if (tree_check(text, NULL, &fault) < 0) {
        return cxd_error_set(err, fault.status, "JSON at byte %zu: %s", fault.at, fault.why);
    }
    node = tree_adopt(r, text);
    if (node == NULL) {
        return cxd_error_set(err, r->status, "JSON: no memory for the tree");
    }
    *ret_tree = node;
    return 0;
}

/* The name at ptr (behind its quote) into node->key; returns the value's first byte. */
static const char *tree_read_key(struct region *r, struct tree *node, const char *ptr,
                                 const char *text_end)
{
    bool escaped = false;
    const char *end = tree_string_end(ptr, text_end, &escaped);
    struct cxd_bytes raw = {ptr, (size_t)(end - ptr)};

    node->key = escaped ? utf_unescape(r, raw) : raw;
    return tree_blank(tree_blank(end + 1) + 1);
}

static void tree_link(struct tree *parent, struct tree *child)
{
    if (parent->last != NULL) {
        parent->last->next = child;
    } else {
        parent->first = child;
    }
    parent->last = child;
    parent->count++;
}

static bool tree_give_up(struct tree *node)
{
    node->first = NULL;
    node->last = NULL;
    node->count = 0;
    return false;
}

bool tree_expand(struct region *r, struct tree *node)
{
    const char *end;
    const char *ptr;

    if (node->kind < TREE_LIST || (node->flags & TREE_EXPANDED) != 0) {
        return true; /* a node that was made here has no text at all */
    }
    end = node->text.ptr + node->text.len;
    ptr = tree_blank(node->text.ptr + 1);
    while (*ptr != '}' && *ptr != ']') {
        struct tree *child = region_alloc(r, sizeof *child);

        if (child == NULL) {
            return tree_give_up(node);
        }
        if (node->kind == TREE_OBJECT) {
            ptr = tree_read_key(r, child, ptr + 1, end);
        }
        ptr = tree_blank(tree_read(child, ptr, end));
        tree_link(node, child);
        ptr = *ptr == ',' ? tree_blank(ptr + 1) : ptr;
    }
    if (r->status != 0) {
        return tree_give_up(node);
    }
    node->flags |= TREE_EXPANDED;
    return true;
}

struct tree *tree_first(struct region *r, struct tree *node)
{
    return node != NULL && tree_expand(r, node) ? node->first : NULL;
}

size_t tree_count(struct region *r, struct tree *node)
{
    return tree_expand(r, node) ? node->count : 0;
}

static bool tree_key_is(const struct tree *node, struct cxd_bytes key)
{
    return node->key.len == key.len &&
           (key.len == 0 || memcmp(node->key.ptr, key.ptr, key.len) == 0);
}

struct tree *tree_find(struct region *r, struct tree *node, struct cxd_bytes key)
{
    struct tree *found = NULL;

    if (node == NULL || node->kind != TREE_OBJECT) {
        return NULL;
    }
    for (struct tree *c = tree_first(r, node); c != NULL; c = c->next) {
        if (tree_key_is(c, key)) {
            found = c;
        }
    }
    return found;
}

struct tree *tree_at(struct region *r, struct tree *node, size_t index)
{
    struct tree *c = node != NULL && node->kind == TREE_LIST ? tree_first(r, node) : NULL;

    while (c != NULL && index-- > 0) {
        c = c->next;
    }
    return c;
}

struct tree *tree_path(struct region *r, struct tree *node, struct cxd_bytes path)
{
    while (node != NULL && path.len > 0) {
        const char *dot = memchr(path.ptr, '.', path.len);
        size_t len = dot != NULL ? (size_t)(dot - path.ptr) : path.len;
        int64_t index;

        if (node->kind == TREE_LIST) {
            node = number_parse(path.ptr, len, &index) && index >= 0
                       ? tree_at(r, node, (size_t)index)
                       : NULL;
        } else {
            node = tree_find(r, node, (struct cxd_bytes){path.ptr, len});
        }
        len += dot != NULL;
        path = (struct cxd_bytes){path.ptr + len, path.len - len};
    }
    return node;
}

struct cxd_bytes tree_string(struct region *r, struct tree *node)
{
    if (node->kind == TREE_STRING && (node->flags & (TREE_PLAIN | TREE_ESCAPED)) == TREE_ESCAPED) {
        struct cxd_bytes plain = utf_unescape(r, node->text);

        if (plain.ptr == NULL) {
            return plain;
        }
        node->text = plain;
        node->flags = TREE_PLAIN; /* the same string, written otherwise */
    }
    return node->text.ptr != NULL ? node->text : (struct cxd_bytes){"", 0};
}
