/*
 * export_merge.h: a data stream's template or page with the fields that modules bring, by the reader that the build uses. What is
 * wrong in a file is told as "file:line: text" and ends the process with exit code 1: for a command that does nothing else.
 */
#pragma once

#include <stddef.h>

#define MERGE_FILES_MAX 256
#define MERGE_PACKAGE "panw_cortex_xdr"

struct merge_files {
    const char *paths[MERGE_FILES_MAX];
    unsigned count;
};

/* The *.fields.yml of a folder whose data set is this one, in the order of names; an absent folder has none. Paths live as long as
 * the reader's memory. 0, CXD_NOMEM, CXD_TOO_LARGE. */
int merge_find(const char *folder, const char *dataset, struct merge_files *files);

enum merge_what { MERGE_TEMPLATE, MERGE_TEMPLATE_OPENSEARCH, MERGE_PAGE, MERGE_LIST, MERGE_CHECK };

/* The file with the fields of the module in path: its name with .fields.yml for .so. 1: it is there. */
int merge_beside(const char *path, char *out, size_t room);
/* "event" for panw_cortex_xdr.event and for event, when that is a data stream of ours; else NULL. Points into name. */
const char *merge_own(const char *name);

/*
 * Prints it (MERGE_CHECK: nothing). name: of a data stream of ours ("event"), whose fields and mapping are read as well, or NULL: the data set is the
 * modules' alone. 0, or CXD_NOT_FOUND: the schema is not installed.
 */
int merge_print(enum merge_what what, const char *name, const char *dataset,
                const struct merge_files *files);
/* All that can be wrong with one file, found as the others find it. */
int merge_check(const char *path);
void merge_done(void);
