/*
 * tree.h: JSON as a tree of slices. A container stays text until somebody looks inside, then one level becomes nodes;
 * numbers keep the text they came with; what nobody changed is written out as it came in.
 *
 * The text of a parsed tree is borrowed and must live as long as the tree; nodes live in a region. Limits: TREE_DEPTH levels,
 * the region's bytes. One thread.
 */
#pragma once

#include "lib/region.h"

#define TREE_DEPTH 64

enum tree_kind {
    TREE_NULL,
    TREE_FALSE,
    TREE_TRUE,
    TREE_NUMBER,
    TREE_STRING,
    TREE_LIST,
    TREE_OBJECT
};

enum tree_flag {
    TREE_EXPANDED = 1, /* children are nodes */
    TREE_CHANGED = 2,  /* text no longer tells what the node is */
    TREE_PLAIN = 4,    /* string: text is the decoded text itself, not JSON */
    TREE_SHARED = 8,   /* children also hang on another node: copied before they are changed */
    TREE_ESCAPED = 16  /* string: text holds a backslash */
};

struct tree {
    struct tree *next;
    struct tree *first;
    struct tree *last;
    struct cxd_bytes key;  /* decoded; {NULL,0} in lists */
    struct cxd_bytes text; /* JSON as written; strings: between the quotes */
    uint32_t count;        /* children, when expanded */
    uint8_t kind;          /* enum tree_kind */
    uint8_t flags;         /* enum tree_flag */
};

/* Where and why a text is no JSON. */
struct tree_fault {
    size_t at; /* byte */
    const char *why;
    int status; /* CXD_MALFORMED, CXD_TOO_DEEP or CXD_TRUNCATED */
};

/*
 * Checks one value with white space around it, all the way down. 0, or fault->status. *ret_len: bytes of text used up; with
 * ret_len NULL nothing may follow the value.
 */
int tree_check(struct cxd_bytes text, size_t *ret_len, struct tree_fault *fault);
/* Checks and makes the root node. err names the byte; never shows the text. */
int tree_parse(struct region *r, struct cxd_bytes text, struct tree **ret_tree,
               struct cxd_error *err);
/* The root of a text that tree_check has passed. NULL: no memory (r->status). */
struct tree *tree_adopt(struct region *r, struct cxd_bytes checked);

/* Children become nodes. False: no memory. True for scalars as well. */
bool tree_expand(struct region *r, struct tree *node);
/* First child; expands. NULL: none, or r->status. */
struct tree *tree_first(struct region *r, struct tree *node);
/* Member by name (the last of that name), or NULL. */
struct tree *tree_find(struct region *r, struct tree *node, struct cxd_bytes key);
/* Element number `index`, or NULL. */
struct tree *tree_at(struct region *r, struct tree *node, size_t index);
/* By dotted path; a part that is a number also reaches into lists. NULL: absent. */
struct tree *tree_path(struct region *r, struct tree *node, struct cxd_bytes path);
/* Number of children; expands. */
size_t tree_count(struct region *r, struct tree *node);
/* The decoded text of a string, in the node or the region; {NULL,0} only without memory. */
struct cxd_bytes tree_string(struct region *r, struct tree *node);

/* New nodes. NULL: no memory. Texts are borrowed. */
struct tree *tree_new(struct region *r, enum tree_kind kind);
struct tree *tree_new_string(struct region *r, struct cxd_bytes plain);
struct tree *tree_new_number(struct region *r, struct cxd_bytes text);
/* Another node with the same content; neither sees later changes of the other. */
struct tree *tree_copy(struct region *r, struct tree *node);
/* Everything in memory of its own: independent of the text and region of `node`. */
struct tree *tree_clone(struct region *r, struct tree *node);

/* Sets a member (node is moved in, its key is set), in the place of one with that name. False: no memory, or no object. */
bool tree_put(struct region *r, struct tree *object, struct cxd_bytes key, struct tree *node);
bool tree_push(struct region *r, struct tree *list, struct tree *node);
/* By dotted path; objects on the way are made, other values there are replaced. */
bool tree_put_path(struct region *r, struct tree *object, struct cxd_bytes path, struct tree *node);
/* True: it was there and is gone. */
bool tree_remove_path(struct region *r, struct tree *object, struct cxd_bytes path);

enum tree_write_flag {
    TREE_WRITE_PLAIN = 0,
    TREE_WRITE_SORTED = 1,   /* names in byte order, each once, no blanks */
    TREE_WRITE_HTML_SAFE = 2 /* < > & U+2028 U+2029 as \u escapes */
};

/* Appends the node as JSON text. nodes: where the tree's nodes live; scratch: for lists made on the way.
 * Problems stick in out->status. */
void tree_write(struct region *nodes, struct region *scratch, struct tree *node, unsigned flags,
                struct text *out);
/* A JSON string of plain text; not UTF-8 becomes U+FFFD. */
void tree_quote(struct cxd_bytes plain, unsigned flags, struct text *out);

/* The children of an object sorted by name, each name once (the last), as a list in scratch. NULL: no memory. */
struct tree **tree_sorted(struct region *nodes, struct region *scratch, struct tree *object,
                          size_t *ret_count);
