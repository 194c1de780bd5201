/* replay_file.h: the file that a replay works through: dead letters put aside under a name of their own. For replay.c. */
#pragma once

#include "cxd/abi.h"
#include "cxd/status.h"

#include <stdint.h>
#include <stdio.h>

struct agent;
struct registry;

/* Zeroed is closed. */
struct replay_file {
    FILE *file;
    char *name; /* without folder */
    char *path;
    char *line;
    size_t line_cap;
    int64_t offset;   /* behind the last line given */
    uint64_t letters; /* in all */
    uint64_t done;    /* given, in earlier tries too */
    int is_resumed;   /* an earlier try was cut short: its last step comes again */
};

/* That of a replay that was cut short, at its place; else the store's, taken now. CXD_NOT_FOUND: there are no letters. */
int replay_file_open(struct replay_file *r, struct agent *a, struct cxd_error *err);
/* The next line with its newline, borrowed until the next call; CXD_END. */
int replay_file_next(struct replay_file *r, struct cxd_bytes *ret_line, struct cxd_error *err);
/* Keeps the place durably, dead letters before it. */
int replay_file_keep(struct replay_file *r, struct registry *registry, struct cxd_error *err);
/* All is done. */
int replay_file_remove(struct replay_file *r, struct registry *registry, struct cxd_error *err);
/* 1: the file at path has this very line. */
int replay_file_has(const char *path, const char *line, size_t len);
void replay_file_done(struct replay_file *r);
