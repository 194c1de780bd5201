/* stamp.c: the beginning that all events of a stream share, as one block of nodes. Knows the nodes' layout and nothing else. */
#include "pipeline/event.h"

#include <stdlib.h>
#include <string.h>

struct event_stamp {
    size_t count;
    struct cxd_node *first; /* within nodes, or NULL */
    struct cxd_node *last;
    struct cxd_node nodes[];
};

static size_t nodes_count(const struct cxd_node *parent)
{
    size_t count = 0;

    for (const struct cxd_node *node = parent->first; node != NULL; node = node->next) {
        count += 1 + nodes_count(node);
    }
    return count;
}

/* Copies the members of from below to; their nodes follow one another in the stamp. */
static void nodes_copy(struct event_stamp *stamp, struct cxd_node *to, const struct cxd_node *from)
{
    to->first = NULL;
    to->last = NULL;
    for (const struct cxd_node *node = from->first; node != NULL; node = node->next) {
        struct cxd_node *copy = &stamp->nodes[stamp->count++];
        *copy = *node;
        copy->next = NULL;
        if (to->last != NULL) {
            to->last->next = copy;
        } else {
            to->first = copy;
        }
        to->last = copy;
        nodes_copy(stamp, copy, node);
    }
}

int event_stamp_make(struct cxd_event *ev, struct event_stamp **ret_stamp)
{
    const struct cxd_node *root = event_root(ev);
    struct event_stamp *stamp = malloc(sizeof *stamp + nodes_count(root) * sizeof stamp->nodes[0]);
    struct cxd_node top;

    if (stamp == NULL) {
        return CXD_NOMEM;
    }
    stamp->count = 0;
    nodes_copy(stamp, &top, root);
    stamp->first = top.first;
    stamp->last = top.last;
    *ret_stamp = stamp;
    return CXD_OK;
}

/* The node that corresponds to one of the stamp's. */
static struct cxd_node *moved(const struct event_stamp *stamp, struct cxd_node *block,
                              const struct cxd_node *node)
{
    return node != NULL ? block + (node - stamp->nodes) : NULL;
}

int event_stamp_put(struct cxd_event *ev, const struct event_stamp *stamp,
                    struct cxd_node **ret_first)
{
    struct cxd_node *block = event_alloc(ev, stamp->count * sizeof *block);
    struct cxd_node *root = event_root(ev);

    if (block == NULL || root == NULL) {
        return event_lack(ev);
    }
    memcpy(block, stamp->nodes, stamp->count * sizeof *block);
    for (size_t i = 0; i < stamp->count; i++) {
        block[i].next = moved(stamp, block, block[i].next);
        block[i].first = moved(stamp, block, block[i].first);
        block[i].last = moved(stamp, block, block[i].last);
    }
    root->first = moved(stamp, block, stamp->first);
    root->last = moved(stamp, block, stamp->last);
    *ret_first = root->first;
    return CXD_OK;
}

void event_stamp_free(struct event_stamp *stamp)
{
    free(stamp);
}
