/*
 * token_file.h: a header whose value stands in a file that somebody else renews: read again at an interval, and when the server
 * refused it. One thread.
 */
#pragma once

#include "lib/tree.h"

/* The options auth.file.*; texts are borrowed from the region they were read with. */
struct token_file_rule {
    struct cxd_bytes path;
    struct cxd_bytes header; /* name; Authorization when not given */
    struct cxd_bytes prefix; /* in front of the file's text */
    int64_t refresh_ms;
    bool is_relaxed; /* others may read the file */
};

struct token_file {
    const struct heap *heap; /* borrowed; NULL: never opened */
    const struct token_file_rule *rule;
    struct text value;     /* secret; empty: not read yet */
    int64_t good_until_ms; /* monotonic */
};

/* CXD_CONFIG names the option. Reads no file. unit: milliseconds of a bare number as time. */
int token_file_rule_read(struct region *r, struct tree *options, int64_t unit,
                         struct token_file_rule *ret, struct cxd_error *err);

void token_file_init(struct token_file *f, const struct heap *h,
                     const struct token_file_rule *rule);
void token_file_done(struct token_file *f); /* accepts a zeroed one */
/*
 * 0: f->value is good. CXD_CONFIG: no such file, none that only its owner reads, none of one line of at most 64 KiB. CXD_NOMEM.
 * After a failure there is no value.
 */
int token_file_step(struct token_file *f, struct cxd_error *err);
/* It may hold another one by now: the next step reads it. */
void token_file_refused(struct token_file *f);
