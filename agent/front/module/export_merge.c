/* export_merge.c: see the header. */
#include "front/module/export_merge.h"

#include "cxd/status.h"
#include "front/place.h"
#include "tabulate/emit.h"

#include <dirent.h>
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ENDING ".fields.yml"
#define MAPPINGS_MAX 4

static struct field_list list;

static int is_fields_file(const struct dirent *d)
{
    size_t len = strlen(d->d_name);

    return len > sizeof ENDING - 1 && d->d_name[0] != '.' &&
           strcmp(d->d_name + len - (sizeof ENDING - 1), ENDING) == 0;
}

static int has_name(const struct merge_files *files, const char *name)
{
    for (unsigned i = 0; i < files->count; i++) {
        if (strcmp(strrchr(files->paths[i], '/') + 1, name) == 0) {
            return 1; /* an earlier folder wins, as with modules */
        }
    }
    return 0;
}

static int file_add(struct merge_files *files, const char *folder, const char *name,
                    const char *dataset)
{
    char path[PATH_MAX];

    if (has_name(files, name) ||
        snprintf(path, sizeof path, "%s/%s", folder, name) >= (int)sizeof path) {
        return CXD_OK;
    }
    if (strcmp(field_dataset(document_copy(path)), dataset) == 0) {
        if (files->count == MERGE_FILES_MAX) {
            return CXD_TOO_LARGE;
        }
        files->paths[files->count++] = document_copy(path);
    }
    return CXD_OK;
}

int merge_beside(const char *path, char *out, size_t room)
{
    size_t len = strlen(path);
    int written;

    if (len < 3 || strcmp(path + len - 3, ".so") != 0) {
        return 0;
    }
    written = snprintf(out, room, "%.*s%s", (int)(len - 3), path, ENDING);
    return written > 0 && (size_t)written < room && access(out, R_OK) == 0;
}

const char *merge_own(const char *name)
{
    static const char front[] = MERGE_PACKAGE ".";
    const char *own = strncmp(name, front, sizeof front - 1) == 0 ? name + sizeof front - 1 : name;
    char page[160];
    char path[PATH_MAX];

    (void)snprintf(page, sizeof page, "fields/%.100s.md", own);
    return strchr(own, '.') == NULL && place_schema(page, path, sizeof path) == CXD_OK ? own : NULL;
}

int merge_find(const char *folder, const char *dataset, struct merge_files *files)
{
    struct dirent **names = NULL;
    int count = scandir(folder, &names, is_fields_file, alphasort);
    int r = CXD_OK;

    for (int i = 0; i < count; i++) {
        r = r != CXD_OK ? r : file_add(files, folder, names[i]->d_name, dataset);
        free(names[i]);
    }
    free(names);
    return r;
}

/* Files of the installed schema by pattern, each given to `read`. How many. */
static size_t schema_each(const char *folder, const char *pattern,
                          void (*read)(const char *path, void *arg), void *arg)
{
    char full[PATH_MAX + 100];
    glob_t found = {0};
    size_t count = 0;

    if (snprintf(full, sizeof full, "%s/%s", folder, pattern) < (int)sizeof full &&
        glob(full, 0, NULL, &found) == 0) {
        for (; count < found.gl_pathc; count++) {
            read(document_copy(found.gl_pathv[count]), arg);
        }
    }
    globfree(&found);
    return count;
}

struct reading {
    struct mapping *mappings[MAPPINGS_MAX];
    size_t count;
    const char *dataset;
    const char *module;
    bool is_exported;
};

static void mapping_take(const char *path, void *arg)
{
    struct reading *r = arg;

    if (r->count < MAPPINGS_MAX) {
        r->mappings[r->count++] = mapping_open(path);
    }
}

static void fields_take(const char *path, void *arg)
{
    const struct reading *r = arg;

    field_read(&list, path, r->is_exported, r->dataset, r->module);
}

/* What the build read for the data stream `name`. */
static void stream_read(const char *folder, const char *name, struct reading *r)
{
    char pattern[128];

    (void)snprintf(pattern, sizeof pattern, "mapping/%s.yml", name);
    (void)schema_each(folder, pattern, mapping_take, r);
    (void)snprintf(pattern, sizeof pattern, "mapping/%s_v[0-9].yml", name);
    (void)schema_each(folder, pattern, mapping_take, r);
    if (r->count > 0) {
        r->module = r->mappings[0]->module;
    }
    (void)snprintf(pattern, sizeof pattern, "fields/%s.yml", name);
    (void)schema_each(folder, pattern, fields_take, r);
    (void)snprintf(pattern, sizeof pattern, "fields/%s_ecs.yml", name);
    (void)schema_each(folder, pattern, fields_take, r);
}

/* A data set without a mapping: its first part names the package. */
static struct mapping *mapping_none(const char *dataset, const char *module)
{
    struct mapping *m = document_alloc(sizeof *m);

    m->path = m->stream = m->dataset = dataset;
    m->module = module;
    m->prefix = "";
    return m;
}

static void print(enum merge_what what, struct reading *r)
{
    if (what == MERGE_CHECK) {
        return;
    }
    if (what == MERGE_PAGE) {
        emit_page(stdout, r->mappings, r->count, &list);
    } else if (what == MERGE_LIST) {
        emit_list(stdout, r->mappings, r->count, &list);
    } else {
        emit_template(stdout, r->mappings[0], &list,
                      what == MERGE_TEMPLATE ? EMIT_ELASTICSEARCH : EMIT_OPENSEARCH);
    }
}

int merge_print(enum merge_what what, const char *name, const char *dataset,
                const struct merge_files *files)
{
    struct reading r = {.dataset = dataset, .is_exported = true};
    char folder[PATH_MAX];
    char *module = document_copy(dataset);

    module[strcspn(module, ".")] = '\0';
    r.module = module;
    if (place_schema("yaml", folder, sizeof folder) != CXD_OK) {
        return CXD_NOT_FOUND;
    }
    if (name != NULL) {
        stream_read(folder, name, &r);
    }
    (void)schema_each(folder, "fields/base.yml", fields_take, &r);
    r.is_exported = false;
    if (schema_each(folder, "ecs/*.yml", fields_take, &r) == 0 || (name != NULL && r.count == 0)) {
        return CXD_NOT_FOUND;
    }
    for (unsigned i = 0; i < files->count; i++) {
        field_merge(&list, files->paths[i], dataset, r.module);
    }
    field_finish(&list);
    for (size_t i = 0; i < r.count; i++) {
        mapping_read(r.mappings[i], &list);
    }
    if (r.count == 0) {
        r.mappings[r.count++] = mapping_none(dataset, r.module);
    }
    print(what, &r);
    return CXD_OK;
}

int merge_check(const char *path)
{
    const struct merge_files files = {.paths = {path}, .count = 1};
    const char *dataset = field_dataset(path);

    return merge_print(MERGE_CHECK, strchr(dataset, '.') != NULL ? merge_own(dataset) : NULL,
                       dataset, &files);
}

void merge_done(void)
{
    document_done();
}
