/*
 * write.h: a tree of nodes as one line of compact JSON. Slices are copied as they stand, CXD_VALUE_TEXT strings are escaped; a
 * container slice that holds line breaks is compacted, so that the result is always one line. Any thread; the tree is only read.
 */
#pragma once

#include "cxd/event.h"

struct buf;

/* The value of node (its key is the parent's business) appended to out. 0; CXD_NOMEM; CXD_TOO_LARGE: out's limit; CXD_TOO_DEEP:
 * more than 64 trees inside each other; CXD_INVALID: a member of an object without a key, or an unknown kind. After a failure
 * out holds what it held before. */
int write_node(const struct cxd_node *node, struct buf *out);
