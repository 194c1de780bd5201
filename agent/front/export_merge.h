/*
 * export_merge.h: a data stream's template or page with the fields that modules bring, by the reader that the build uses. What is
 * wrong in a file is told as "file:line: text" and ends the process with exit code 1: for a command that does nothing else.
 */
#pragma once

#define MERGE_FILES_MAX 256

struct merge_files {
    const char *paths[MERGE_FILES_MAX];
    unsigned count;
};

/* The *.fields.yml of a folder whose data set is this one, in the order of names; an absent folder has none. Paths live as long as
 * the reader's memory. 0, CXD_NOMEM, CXD_TOO_LARGE. */
int merge_find(const char *folder, const char *dataset, struct merge_files *files);

enum merge_what { MERGE_TEMPLATE, MERGE_TEMPLATE_OPENSEARCH, MERGE_PAGE };

/*
 * Prints it. name: of a data stream of ours ("event"), whose fields and mapping are read as well, or NULL: the data set is the
 * modules' alone. 0, or CXD_NOT_FOUND: the schema is not installed.
 */
int merge_print(enum merge_what what, const char *name, const char *dataset,
                const struct merge_files *files);
void merge_done(void);
