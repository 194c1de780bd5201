/*
 * optree.h: an options document as a tree, so that nested policy is read like any JSON. Pure but for the host's functions.
 */
#pragma once

#include "lib/tree.h"

/* The whole document, copied. NULL: no memory, or deeper than TREE_DEPTH. */
struct tree *optree_read(struct region *r, struct cxd_bytes doc);
/* Writes the members of `object` that a document for the host should hold. False: no memory. */
bool optree_write(struct region *r, struct cxd_builder *b, struct tree *object);

/* The map of texts `name` in options (a text or a list of texts each) as doc's list of names and values by turns; absent: nothing.
 * False: no memory. What is no text is left out. */
bool optree_pairs(struct region *r, struct tree *options, const char *name, struct tree *doc);

/* Every member's name must be one of names (which ends with NULL). CXD_CONFIG names what is not: "<where>.<name>". */
int optree_check(struct region *r, struct tree *object, const char *where, const char *const *names,
                 struct cxd_error *err);
/* The option's text: strings, numbers and words alike; {NULL,0} when absent or null. */
struct cxd_bytes optree_text(struct region *r, struct tree *root, const char *path);
/* otherwise when absent; CXD_CONFIG when it is something else. */
int optree_bool(struct region *r, struct tree *root, const char *path, bool otherwise, bool *ret,
                struct cxd_error *err);
int optree_int(struct region *r, struct tree *root, const char *path, int64_t otherwise,
               int64_t *ret, struct cxd_error *err);
/* Milliseconds: "30s", "1m30s"; a bare number is `unit` milliseconds. */
int optree_duration(struct region *r, struct tree *root, const char *path, int64_t unit,
                    int64_t otherwise, int64_t *ret, struct cxd_error *err);
