/* shape.c: walks over nodes; what is text is expanded only where it has to be. */
#include "pipeline/shape.h"

#include "pipeline/event.h"

#define DEPTH_MAX 64

static int is_object(const struct cxd_node *node)
{
    return node->value.kind == CXD_KIND_OBJECT;
}

/* Puts `from` and what is below it into parent. */
static int node_lay(struct cxd_event *ev, struct cxd_node *parent, struct cxd_node *from, int depth)
{
    struct cxd_bytes key = {from->key, from->key_len};
    struct cxd_node *to = node_find(ev, parent, key);
    int r;

    if (depth > DEPTH_MAX) {
        return CXD_TOO_DEEP;
    }
    r = node_expand(ev, from);
    if (r != CXD_OK) {
        return r;
    }
    if (to == NULL || !is_object(to) || !is_object(from)) {
        to = node_put(ev, parent, key, from->value);
        if (to != NULL) { /* one owner from here on: `from` is not looked at again */
            to->first = from->first;
            to->last = from->last;
        }
        return to != NULL ? CXD_OK : event_lack(ev);
    }
    for (struct cxd_node *m = from->first, *next; m != NULL && r == CXD_OK; m = next) {
        next = m->next;
        r = node_lay(ev, to, m, depth + 1);
    }
    return r;
}

int shape_lay(struct cxd_event *ev, struct cxd_bytes json)
{
    struct cxd_node top = {
        .value = {.ptr = json.ptr, .len = (uint32_t)json.len, .kind = CXD_KIND_OBJECT}};
    int r = node_expand(ev, &top);

    for (struct cxd_node *m = top.first, *next; m != NULL && r == CXD_OK; m = next) {
        next = m->next;
        r = node_lay(ev, event_root(ev), m, 0);
    }
    return r;
}

static int nulls_drop(struct cxd_event *ev, struct cxd_node *node, int is_searched, int depth);

static int members_drop(struct cxd_event *ev, struct cxd_node *parent, const struct cxd_node *known,
                        int depth)
{
    int is_known = known != NULL;
    struct cxd_node *last = NULL;
    int r = CXD_OK;

    for (struct cxd_node *m = parent->first; m != NULL && r == CXD_OK; m = m->next) {
        if (m->value.kind == CXD_KIND_NULL && is_object(parent)) {
            if (last != NULL) {
                last->next = m->next;
            } else {
                parent->first = m->next;
            }
        } else {
            last = m;
            r = nulls_drop(ev, m, !is_known && depth == 0, depth + 1);
        }
        is_known = is_known && m != known;
    }
    if (r == CXD_OK) {
        parent->last = last;
    }
    return r;
}

/* is_searched: nobody has looked into this text yet, so its flags say nothing. */
static int nulls_drop(struct cxd_event *ev, struct cxd_node *node, int is_searched, int depth)
{
    int is_container = node->value.kind == CXD_KIND_LIST || is_object(node);
    int r = CXD_OK;

    if (!is_container) {
        return CXD_OK;
    }
    if (depth > DEPTH_MAX) {
        return CXD_TOO_DEEP;
    }
    if ((node->value.flags & CXD_VALUE_TREE) == 0) {
        if (!is_searched && (node->value.flags & CXD_VALUE_DIRTY) == 0) {
            return CXD_OK;
        }
        r = node_expand(ev, node);
    }
    return r != CXD_OK ? r : members_drop(ev, node, NULL, depth);
}

int shape_drop_nulls(struct cxd_event *ev, const struct cxd_node *known)
{
    return members_drop(ev, event_root(ev), known, 0);
}
