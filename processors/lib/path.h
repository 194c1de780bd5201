/*
 * path.h: a field's name, cut once when the processor opens.
 *
 * "a.b.c" is {a: {b: {c: ..}}}, or {"a.b.c": ..}, or what lies between: where a key is there as a whole, it is meant. The one
 * name outside the document is "@metadata._id", the document's id.
 */
#pragma once

#include "lib/base.h"

#define PATH_PARTS_MAX 32

struct path {
    struct cxd_bytes name; /* as the policy has it; ends with NUL */
    uint32_t count;        /* 0: the document itself, or its id */
    bool is_id;
    struct cxd_bytes *parts; /* each as it stands in JSON */
    struct cxd_bytes *rests; /* from that part to the end */
};

struct path_pair {
    struct path from;
    struct path to; /* count 0 when has_to is false */
    bool has_to;
};

/* Copies name. CXD_CONFIG: empty, an empty part, too many parts, other metadata. */
int path_read(struct base *b, struct cxd_bytes name, struct path *ret_path, struct cxd_error *err);
/* An option's name; CXD_CONFIG when it is absent, too. */
int path_option(struct base *b, struct cxd_bytes options, const char *option, struct path *ret_path,
                struct cxd_error *err);
/* A list of names. */
int path_list(struct base *b, struct cxd_bytes options, const char *option, struct path **ret_paths,
              size_t *ret_count, struct cxd_error *err);
/* A list of {from, to}. needs_to: an absent `to` is CXD_CONFIG. */
int path_pairs(struct base *b, struct cxd_bytes options, const char *option, bool needs_to,
               struct path_pair **ret_pairs, size_t *ret_count, struct cxd_error *err);
/* text as it stands in JSON between the quotes, in the instance's memory; ptr NULL: no memory. */
struct cxd_bytes path_quote(struct base *b, struct cxd_bytes text);
