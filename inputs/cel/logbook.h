/*
 * logbook.h: a file of lines with a bounded size: traces and dumps. A full one is renamed to NAME.1, NAME.1 to NAME.2, and so
 * on. Failing to write is a warning, never the end of a collection. One thread.
 */
#pragma once

#include "settings.h"

struct logbook {
    const struct heap *heap; /* NULL: never opened */
    const char *label;       /* option, for warnings; static */
    char path[512];          /* "": off */
    int fd;                  /* -1: not open */
    int64_t size;
    int64_t max;
    int64_t backups;
    bool warned;
};

void logbook_open(struct logbook *book, const struct heap *heap, const struct settings_book *from,
                  const char *label);
void logbook_close(struct logbook *book); /* accepts a zeroed one */
static inline bool logbook_is_on(const struct logbook *book)
{
    return book->path[0] != '\0';
}
/* Adds "}\n" and writes the line, if it was put together without a failure. */
void logbook_write(struct logbook *book, struct text *line);
