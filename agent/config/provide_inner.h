/* provide_inner.h: the inside of providers, for provide.c (what has a value) and provide_file.c (what files hold) alone. */
#pragma once

#include "config/provide.h"

#include <sys/stat.h>

/* What tells one content of a path from another without reading it; all zero: there is no file. */
struct provide_mark {
    dev_t device;
    ino_t node;
    off_t size;
    struct timespec changed;
    struct timespec moved;
};

struct provide_file {
    struct provide_file *next;
    const char *name;
    const char *path;
    const char *text; /* NULL: no value, and why says so */
    size_t len;
    const char *why;
    struct provide_mark mark; /* of what was read */
    struct provide_mark seen; /* at the last look */
    bool is_gone_told;
};

struct providers {
    struct conf *root;        /* the tree that local points into */
    const struct conf *local; /* vars; NULL: none */
    struct provide_file *files;
    const char *home;
    const char *data;
    const char *config;
    const char *logs;
};

/* `sources` and `max_size` below node, and what the files hold. */
int provide_files_read(const struct conf *node, struct arena *arena, struct providers *p,
                       struct cxd_error *err);
