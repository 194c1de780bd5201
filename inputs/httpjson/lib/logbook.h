/*
 * logbook.h: a file of lines with a bounded size: traces and dumps. A full one gets the time into its name, NAME-TIME.EXT, and
 * may be gzipped; of old ones a number is kept, for a number of days. Failing to write is a warning, never the end of a
 * collection. One thread.
 */
#pragma once

#include "lib/tree.h"

struct logbook_rule {
    struct cxd_bytes file; /* {NULL,0}: none */
    int64_t size;          /* bytes */
    int64_t backups;       /* old files kept; 0: none */
    int64_t age_days;      /* old files go after so many; 0: never */
    bool is_local_time;    /* in names of old files; else UTC */
    bool is_gzipped;
};

/* The options <where>.filename, enabled, maxsize, maxage, maxbackups, localtime, compress. CXD_CONFIG names the option. */
int logbook_rule_read(struct region *r, struct tree *options, const char *where,
                      struct logbook_rule *ret, struct cxd_error *err);

struct logbook {
    const struct heap *heap; /* NULL: never opened */
    const struct logbook_rule *rule;
    const char *label; /* option, for warnings; static */
    char path[512];    /* "": off */
    int fd;            /* -1: not open */
    int64_t size;
    bool warned;
    bool pruned; /* old files of earlier runs were looked at */
};

void logbook_open(struct logbook *book, const struct heap *heap, const struct logbook_rule *rule,
                  const char *label);
void logbook_close(struct logbook *book); /* accepts a zeroed one */
static inline bool logbook_is_on(const struct logbook *book)
{
    return book->heap != NULL && book->path[0] != '\0';
}
/* A tenth of the file's size is the most that a body may take in a line. */
void logbook_body(const struct logbook *book, struct cxd_bytes body, struct text *line);
/* Adds "}\n" and writes the line, if it was put together without a failure. */
void logbook_write(struct logbook *book, struct text *line);

/* logbook_old.c: the full file, closed, gets its time; old ones beyond number and age go. */
void logbook_put_away(struct logbook *book);
void logbook_prune(struct logbook *book);
