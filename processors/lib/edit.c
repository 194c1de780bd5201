/* edit.c: nodes linked and unlinked here, so that each change can be remembered. Knows the nodes' public layout. */
#include "lib/edit.h"

#include <stdarg.h>
#include <string.h>

struct edit_undo {
    struct edit_undo *next;
    struct cxd_node *node;
    struct cxd_node was;
};

void *edit_alloc(struct edit *e, size_t size)
{
    return e->host->event_alloc(e->event, size);
}

int edit_lack(struct edit *e)
{
    return CXD_HAS(e->host, event_lack) && e->host->event_lack != NULL
               ? e->host->event_lack(e->event)
               : CXD_NOMEM;
}

int edit_fail(struct edit *e, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    (void)vsnprintf(e->base->why, sizeof e->base->why, format, args); /* may be cut */
    va_end(args);
    return EDIT_FAILED;
}

int edit_missing(struct edit *e, const struct path *path)
{
    return e->base->ignores_missing ? CXD_OK
                                    : edit_fail(e, "field %.200s is not there", path->name.ptr);
}

int edit_next(struct edit *e, int result)
{
    if (result == EDIT_FAILED && e->base->keeps_on) {
        e->host->count(e->base->self, "processor_failures_total", 1);
        return CXD_OK;
    }
    return result;
}

/* Before a node changes. */
static int remember(struct edit *e, struct cxd_node *node)
{
    struct edit_undo *undo;

    if (!e->is_undoable) {
        return CXD_OK;
    }
    undo = edit_alloc(e, sizeof *undo);
    if (undo == NULL) {
        return edit_lack(e);
    }
    *undo = (struct edit_undo){.next = e->undo, .node = node, .was = *node};
    e->undo = undo;
    return CXD_OK;
}

void edit_rewind(struct edit *e)
{
    while (e->undo != NULL) {
        *e->undo->node = e->undo->was;
        e->undo = e->undo->next;
    }
}

int edit_expand(struct edit *e, struct cxd_node *node)
{
    return e->host->node_expand(e->event, node);
}

static bool is_key(const struct cxd_node *node, struct cxd_bytes key)
{
    return node->key_len == key.len && memcmp(node->key, key.ptr, key.len) == 0;
}

/* The last member named rest as a whole, or else the last named part. *ret_is_whole tells. */
static int members_look(struct edit *e, struct cxd_node *parent, struct cxd_bytes part,
                        struct cxd_bytes rest, struct edit_spot *ret_spot, bool *ret_is_whole)
{
    struct cxd_node *before = NULL;
    int r = edit_expand(e, parent);

    if (r != CXD_OK) {
        return r;
    }
    *ret_spot = (struct edit_spot){.parent = parent};
    *ret_is_whole = false;
    for (struct cxd_node *node = parent->first; node != NULL; before = node, node = node->next) {
        bool is_whole = is_key(node, rest);
        if (is_whole || (!*ret_is_whole && is_key(node, part))) {
            ret_spot->before = before;
            ret_spot->node = node;
            *ret_is_whole = is_whole;
        }
    }
    return ret_spot->node != NULL;
}

int edit_member(struct edit *e, struct cxd_node *parent, struct cxd_bytes key,
                struct edit_spot *ret_spot)
{
    bool is_whole;

    return members_look(e, parent, key, key, ret_spot, &is_whole);
}

int edit_find_in(struct edit *e, struct cxd_node *node, const struct path *path,
                 struct edit_spot *ret_spot)
{
    struct cxd_node *at = node;

    for (uint32_t i = 0; i < path->count; i++) {
        bool is_whole = false;
        int r = at->value.kind == CXD_KIND_OBJECT
                    ? members_look(e, at, path->parts[i], path->rests[i], ret_spot, &is_whole)
                    : 0;
        if (r <= 0 || is_whole) {
            return r;
        }
        at = ret_spot->node;
    }
    return 0; /* the id, which cannot be asked for */
}

int edit_find(struct edit *e, const struct path *path, struct edit_spot *ret_spot)
{
    return edit_find_in(e, e->root, path, ret_spot);
}

int edit_remove(struct edit *e, const struct edit_spot *spot)
{
    struct cxd_node *parent = spot->parent;
    int r = remember(e, parent);

    if (r == CXD_OK && spot->before != NULL) {
        r = remember(e, spot->before);
    }
    if (r != CXD_OK) {
        return r;
    }
    if (spot->before != NULL) {
        spot->before->next = spot->node->next;
    } else {
        parent->first = spot->node->next;
    }
    if (parent->last == spot->node) {
        parent->last = spot->before;
    }
    return CXD_OK;
}

static void content_take(struct cxd_node *node, const struct cxd_node *content)
{
    bool is_tree = (content->value.flags & CXD_VALUE_TREE) != 0;

    node->value = content->value;
    node->first = is_tree ? content->first : NULL;
    node->last = is_tree ? content->last : NULL;
}

int edit_set(struct edit *e, struct cxd_node *node, const struct cxd_node *content)
{
    int r = remember(e, node);

    if (r == CXD_OK) {
        content_take(node, content);
    }
    return r;
}

int edit_append(struct edit *e, struct cxd_node *parent, struct cxd_bytes key,
                const struct cxd_node *content)
{
    int r = edit_expand(e, parent);
    struct cxd_node *node;

    r = r != CXD_OK ? r : remember(e, parent);
    if (r == CXD_OK && parent->last != NULL) {
        r = remember(e, parent->last);
    }
    if (r != CXD_OK) {
        return r;
    }
    node = edit_alloc(e, sizeof *node);
    if (node == NULL) {
        return edit_lack(e);
    }
    *node = (struct cxd_node){.key = key.ptr, .key_len = (uint32_t)key.len};
    content_take(node, content);
    if (parent->last != NULL) {
        parent->last->next = node;
    } else {
        parent->first = node;
    }
    parent->last = node;
    return CXD_OK;
}

static int id_put(struct edit *e, const struct path *path, const struct cxd_node *content)
{
    struct cxd_bytes text;
    int r = edit_print(e, path, &content->value, &text);

    if (r == CXD_OK) {
        e->host->event_set_id(e->event, text);
    }
    return r;
}

int edit_put_in(struct edit *e, struct cxd_node *node, const struct path *path,
                const struct cxd_node *content)
{
    static const struct cxd_node empty = {
        .value = {.kind = CXD_KIND_OBJECT, .flags = CXD_VALUE_TREE}};
    struct cxd_node *at = node;

    for (uint32_t i = 0; i < path->count; i++) {
        bool is_last = i + 1 == path->count;
        struct edit_spot spot;
        bool is_whole;
        int r = members_look(e, at, path->parts[i], path->rests[i], &spot, &is_whole);
        if (r < 0) {
            return r;
        }
        if (r > 0 && (is_whole || is_last)) {
            return edit_set(e, spot.node, content);
        }
        if (r == 0) {
            r = edit_append(e, at, path->parts[i], is_last ? content : &empty);
            if (r != CXD_OK || is_last) {
                return r;
            }
            spot.node = at->last;
        }
        at = spot.node;
        if (at->value.kind != CXD_KIND_OBJECT) {
            return edit_fail(e, "field %.200s cannot be set: %.*s is no object", path->name.ptr,
                             (int)path->parts[i].len, path->parts[i].ptr);
        }
    }
    return CXD_OK;
}

int edit_put(struct edit *e, const struct path *path, const struct cxd_node *content)
{
    return path->is_id ? id_put(e, path, content) : edit_put_in(e, e->root, path, content);
}

int edit_put_value(struct edit *e, const struct path *path, struct cxd_value value)
{
    return edit_put(e, path, &(struct cxd_node){.value = value});
}

int edit_object(struct edit *e, const struct path *path, struct cxd_node **ret_node)
{
    static const struct cxd_node empty = {
        .value = {.kind = CXD_KIND_OBJECT, .flags = CXD_VALUE_TREE}};
    struct edit_spot spot = {.node = e->root};
    int r = path->count > 0 ? edit_find(e, path, &spot) : 1;

    if (r == 0) {
        r = edit_put(e, path, &empty);
        r = r != CXD_OK ? r : edit_find(e, path, &spot);
    }
    if (r == 1 && spot.node->value.kind != CXD_KIND_OBJECT) {
        return edit_fail(e, "field %.200s is no object", path->name.ptr);
    }
    if (r != 1) {
        return r;
    }
    *ret_node = spot.node;
    return edit_expand(e, spot.node);
}
