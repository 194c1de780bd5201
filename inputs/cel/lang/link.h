/*
 * link.h: settles the names of a tree: variables get numbers, calls their candidates, nodes the function that evaluates them.
 */
#pragma once

#include "env.h"
#include "fault.h"
#include "node.h"

struct link_result {
    uint32_t locals; /* how many a run must have room for */
    uint32_t nodes;
    struct fault problem; /* text NULL: none */
};

/* Changes the tree in place; what it adds lives in pool. False: result->problem is set. */
bool link_tree(struct pool *pool, const struct env *env, struct node *tree,
               struct link_result *result);
