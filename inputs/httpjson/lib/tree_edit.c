/*
 * tree_edit.c: changes to a tree. What hangs on two nodes is copied before it changes, one level at a time.
 *
 * Knows regions. Thread: the owner's.
 */
#include "lib/tree.h"

struct tree *tree_copy(struct region *r, struct tree *node)
{
    struct tree *copy = region_alloc(r, sizeof *copy);

    if (copy == NULL) {
        return NULL;
    }
    if (node->first != NULL) {
        node->flags |= TREE_SHARED;
    }
    *copy = *node;
    copy->next = NULL;
    return copy;
}

/* The node's children are its own afterwards, and its text no longer counts. */
static bool tree_own(struct region *r, struct tree *node)
{
    struct tree *old = tree_first(r, node);

    if (r->status != 0) {
        return false;
    }
    if ((node->flags & TREE_SHARED) != 0) {
        node->first = NULL;
        node->last = NULL;
        for (; old != NULL; old = old->next) {
            struct tree *child = tree_copy(r, old);

            if (child == NULL) {
                return false;
            }
            if (node->last != NULL) {
                node->last->next = child;
            } else {
                node->first = child;
            }
            node->last = child;
        }
    }
    node->flags = (uint8_t)((node->flags | TREE_CHANGED | TREE_EXPANDED) & ~TREE_SHARED);
    return true;
}

static struct tree *tree_clone_container(struct region *r, struct tree *node, struct tree *copy)
{
    copy->first = NULL;
    copy->last = NULL;
    copy->flags = TREE_CHANGED | TREE_EXPANDED;
    for (struct tree *c = node->first; c != NULL; c = c->next) {
        struct tree *child = tree_clone(r, c);

        if (child == NULL) {
            return NULL;
        }
        if (copy->last != NULL) {
            copy->last->next = child;
        } else {
            copy->first = child;
        }
        copy->last = child;
    }
    return copy;
}

struct tree *tree_clone(struct region *r, struct tree *node)
{
    struct tree *copy = region_alloc(r, sizeof *copy);

    if (copy == NULL) {
        return NULL;
    }
    *copy = *node;
    copy->next = NULL;
    copy->key = node->key.ptr != NULL ? region_copy(r, node->key) : node->key;
    if (node->kind >= TREE_LIST && (node->flags & TREE_CHANGED) != 0) {
        copy = tree_clone_container(r, node, copy);
    } else {
        copy->flags &= (uint8_t) ~(TREE_EXPANDED | TREE_SHARED);
        copy->first = NULL;
        copy->last = NULL;
        copy->count = 0;
        copy->text = region_copy(r, node->text);
    }
    return r->status == 0 ? copy : NULL;
}

bool tree_push(struct region *r, struct tree *list, struct tree *node)
{
    if (node == NULL || !tree_own(r, list)) {
        return false;
    }
    node->next = NULL;
    if (list->last != NULL) {
        list->last->next = node;
    } else {
        list->first = node;
    }
    list->last = node;
    list->count++;
    return true;
}

/* Puts node in the place of the child `old`. */
static void tree_swap(struct tree *object, struct tree *old, struct tree *node)
{
    struct tree **at = &object->first;

    while (*at != old) {
        at = &(*at)->next;
    }
    node->next = old->next;
    *at = node;
    if (object->last == old) {
        object->last = node;
    }
}

bool tree_put(struct region *r, struct tree *object, struct cxd_bytes key, struct tree *node)
{
    struct tree *old;

    if (node == NULL || object->kind != TREE_OBJECT || !tree_own(r, object)) {
        return false;
    }
    old = tree_find(r, object, key);
    node->key = key;
    if (old == NULL) {
        return tree_push(r, object, node);
    }
    tree_swap(object, old, node);
    return true;
}

/* Splits off the part before the first dot; rest->ptr is NULL behind the last part. */
static struct cxd_bytes tree_part(struct cxd_bytes path, struct cxd_bytes *rest)
{
    const char *dot = memchr(path.ptr, '.', path.len);

    if (dot == NULL) {
        *rest = (struct cxd_bytes){NULL, 0};
        return path;
    }
    *rest = (struct cxd_bytes){dot + 1, path.len - (size_t)(dot - path.ptr) - 1};
    return (struct cxd_bytes){path.ptr, (size_t)(dot - path.ptr)};
}

bool tree_put_path(struct region *r, struct tree *object, struct cxd_bytes path, struct tree *node)
{
    struct cxd_bytes rest;
    struct cxd_bytes part = tree_part(path, &rest);

    for (int depth = 0; rest.ptr != NULL; depth++) {
        struct tree *next;

        if (depth == TREE_DEPTH || !tree_own(r, object)) {
            return false;
        }
        next = tree_find(r, object, part);
        if (next == NULL || next->kind != TREE_OBJECT) {
            next = tree_new(r, TREE_OBJECT);
            if (!tree_put(r, object, part, next)) {
                return false;
            }
        }
        object = next;
        part = tree_part(rest, &rest);
    }
    return tree_put(r, object, part, node);
}

static void tree_unlink(struct tree *object, struct tree *old)
{
    struct tree *before = NULL;

    for (struct tree *c = object->first; c != old; c = c->next) {
        before = c;
    }
    if (before != NULL) {
        before->next = old->next;
    } else {
        object->first = old->next;
    }
    if (object->last == old) {
        object->last = before;
    }
    object->count--;
}

bool tree_remove_path(struct region *r, struct tree *object, struct cxd_bytes path)
{
    struct cxd_bytes rest;
    struct cxd_bytes part = tree_part(path, &rest);
    struct tree *old;

    if (tree_path(r, object, path) == NULL) {
        return false;
    }
    for (; rest.ptr != NULL; part = tree_part(rest, &rest)) {
        if (!tree_own(r, object)) {
            return false;
        }
        object = tree_find(r, object, part);
        if (object == NULL || object->kind != TREE_OBJECT) {
            return false;
        }
    }
    if (!tree_own(r, object)) {
        return false;
    }
    while ((old = tree_find(r, object, part)) != NULL) {
        tree_unlink(object, old);
    }
    return true;
}
