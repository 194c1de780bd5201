/*
 * tree_write.c: a tree as JSON text. What nobody changed goes out as it came in, unless another form is asked for.
 *
 * Recursion is bounded: parsed text by TREE_DEPTH, built trees by WRITE_DEPTH. Thread: the owner's.
 */
#include "lib/tree.h"

#include "lib/utf.h"

#include <stdlib.h>

#define WRITE_DEPTH (2 * TREE_DEPTH)

static void quote_control(unsigned char letter, struct text *out)
{
    static const char hex[] = "0123456789abcdef";
    char escape[6] = {'\\', 'u', '0', '0', hex[letter >> 4], hex[letter & 15]};

    switch (letter) {
    case '\n':
        text_add(out, "\\n", 2);
        break;
    case '\r':
        text_add(out, "\\r", 2);
        break;
    case '\t':
        text_add(out, "\\t", 2);
        break;
    case '\b':
        text_add(out, "\\b", 2);
        break;
    case '\f':
        text_add(out, "\\f", 2);
        break;
    default:
        text_add(out, escape, sizeof escape);
        break;
    }
}

/* One code point at ptr that does not stand for itself; its length in bytes, or 0 when it does. */
static size_t quote_special(const char *ptr, size_t len, unsigned flags, struct text *out)
{
    unsigned char letter = (unsigned char)*ptr;
    size_t step;

    if (letter == '"' || letter == '\\') {
        text_add(out, "\\", 1);
        text_add(out, ptr, 1);
        return 1;
    }
    if (letter < ' ' || ((flags & TREE_WRITE_HTML_SAFE) != 0 &&
                         (letter == '<' || letter == '>' || letter == '&'))) {
        quote_control(letter, out);
        return 1;
    }
    if (letter < 0x80) {
        return 0;
    }
    step = utf_len(ptr, len);
    if (step == 0) {
        text_add(out, "\xef\xbf\xbd", 3);
        return 1;
    }
    if ((flags & TREE_WRITE_HTML_SAFE) != 0 && step == 3 && memcmp(ptr, "\xe2\x80", 2) == 0 &&
        ((unsigned char)ptr[2] & ~1u) == 0xa8) {
        text_add(out, ptr[2] == '\xa8' ? "\\u2028" : "\\u2029", 6);
        return 3;
    }
    return 0;
}

void tree_quote(struct cxd_bytes plain, unsigned flags, struct text *out)
{
    size_t from = 0;
    size_t at = 0;

    text_add(out, "\"", 1);
    while (at < plain.len && out->status == 0) {
        unsigned char letter = (unsigned char)plain.ptr[at];
        size_t step;

        if (letter >= ' ' && letter < 0x80 && letter != '"' && letter != '\\' && letter != '<' &&
            letter != '>' && letter != '&') {
            at++;
            continue;
        }
        text_add(out, plain.ptr + from, at - from);
        from = at;
        step = quote_special(plain.ptr + at, plain.len - at, flags, out);
        from += step;
        at += step > 0 ? step : letter < 0x80 ? 1 : utf_len(plain.ptr + at, plain.len - at);
    }
    if (at > from) {
        text_add(out, plain.ptr + from, at - from);
    }
    text_add(out, "\"", 1);
}

static int sorted_compare(const void *left, const void *right)
{
    const struct tree *a = *(struct tree *const *)left;
    const struct tree *b = *(struct tree *const *)right;
    size_t len = a->key.len < b->key.len ? a->key.len : b->key.len;
    int order = len > 0 ? memcmp(a->key.ptr, b->key.ptr, len) : 0;

    if (order != 0) {
        return order;
    }
    return a->key.len != b->key.len ? (a->key.len < b->key.len ? -1 : 1) : 0;
}

/* A stable sort, so that of equal names the last stays last. */
static void sorted_merge(struct tree **list, struct tree **spare, size_t count)
{
    size_t half = count / 2;
    size_t a = 0;
    size_t b = half;

    if (count < 2) {
        return;
    }
    sorted_merge(list, spare, half);
    sorted_merge(list + half, spare, count - half);
    for (size_t i = 0; i < count; i++) {
        bool left = b >= count || (a < half && sorted_compare(&list[a], &list[b]) <= 0);

        spare[i] = left ? list[a++] : list[b++];
    }
    memcpy(list, spare, count * sizeof *list);
}

struct tree **tree_sorted(struct region *nodes, struct region *scratch, struct tree *object,
                          size_t *ret_count)
{
    size_t count = tree_count(nodes, object);
    struct tree **list = region_alloc(scratch, (count + 1) * sizeof *list);
    struct tree **spare = region_alloc(scratch, (count + 1) * sizeof *spare);
    size_t kept = 0;
    size_t at = 0;

    if (list == NULL || spare == NULL || nodes->status != 0) {
        return NULL;
    }
    for (struct tree *c = object->first; c != NULL; c = c->next) {
        list[at++] = c;
    }
    sorted_merge(list, spare, count);
    for (size_t i = 0; i < count; i++) {
        if (i + 1 < count && sorted_compare(&list[i], &list[i + 1]) == 0) {
            continue;
        }
        list[kept++] = list[i];
    }
    *ret_count = kept;
    return list;
}

/* What a write needs on its way down. */
struct writing {
    struct region *nodes;
    struct region *scratch;
    unsigned flags; /* enum tree_write_flag */
    struct text *out;
};

static void write_node(const struct writing *w, struct tree *node, int depth);

static void write_sorted(const struct writing *w, struct tree *node, int depth)
{
    struct text *out = w->out;
    size_t count = 0;
    struct tree **list = tree_sorted(w->nodes, w->scratch, node, &count);

    if (list == NULL) {
        out->status = w->nodes->status != 0 ? w->nodes->status : w->scratch->status;
        return;
    }
    for (size_t i = 0; i < count; i++) {
        text_add(out, ",", i > 0);
        tree_quote(list[i]->key, w->flags, out);
        text_add(out, ":", 1);
        write_node(w, list[i], depth + 1);
    }
}

static void write_children(const struct writing *w, struct tree *node, int depth)
{
    struct text *out = w->out;

    for (struct tree *c = node->first; c != NULL; c = c->next) {
        if (node->kind == TREE_OBJECT) {
            tree_quote(c->key, w->flags, out);
            text_add(out, ":", 1);
        }
        write_node(w, c, depth + 1);
        text_add(out, ",", c->next != NULL);
    }
}

static void write_container(const struct writing *w, struct tree *node, int depth)
{
    struct text *out = w->out;
    bool is_object = node->kind == TREE_OBJECT;

    if (depth > WRITE_DEPTH) {
        out->status = CXD_TOO_DEEP;
        return;
    }
    if ((node->flags & TREE_CHANGED) == 0 && (w->flags & TREE_WRITE_SORTED) == 0) {
        text_add(out, node->text.ptr, node->text.len);
        return;
    }
    if (!tree_expand(w->nodes, node)) {
        out->status = w->nodes->status;
        return;
    }
    text_add(out, is_object ? "{" : "[", 1);
    if (is_object && (w->flags & TREE_WRITE_SORTED) != 0) {
        write_sorted(w, node, depth);
    } else {
        write_children(w, node, depth);
    }
    text_add(out, is_object ? "}" : "]", 1);
}

static void write_string(const struct writing *w, struct tree *node)
{
    struct text *out = w->out;

    if ((node->flags & TREE_PLAIN) == 0 && w->flags == TREE_WRITE_PLAIN) {
        text_add(out, "\"", 1);
        text_add(out, node->text.ptr, node->text.len);
        text_add(out, "\"", 1);
        return;
    }
    tree_quote(tree_string(w->nodes, node), w->flags, out);
}

static void write_node(const struct writing *w, struct tree *node, int depth)
{
    struct text *out = w->out;
    static const char *const words[] = {"null", "false", "true"};

    if (out->status != 0) {
        return;
    }
    switch (node->kind) {
    case TREE_NUMBER:
        text_add(out, node->text.ptr, node->text.len);
        break;
    case TREE_STRING:
        write_string(w, node);
        break;
    case TREE_LIST:
    case TREE_OBJECT:
        write_container(w, node, depth);
        break;
    default:
        text_put(out, words[node->kind]);
        break;
    }
    if (w->nodes->status != 0 && out->status == 0) {
        out->status = w->nodes->status;
    }
}

void tree_write(struct region *nodes, struct region *scratch, struct tree *node, unsigned flags,
                struct text *out)
{
    const struct writing w = {nodes, scratch, flags, out};

    write_node(&w, node, 0);
}
