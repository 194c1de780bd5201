/* replay_file.c: dead letters put aside, line by line, and the place in them. */
#include "front/state/replay_file.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "front/run/agent.h"
#include "io/doc.h"
#include "io/file.h"
#include "pipeline/dead.h"
#include "pipeline/registry.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define CURSOR_ID "dead letters, replayed" /* in the registry, beside the streams */

static void folder_closep(DIR **folder)
{
    if (*folder != NULL) {
        (void)closedir(*folder); /* only read */
    }
}

/* A replay that was cut short: the name of its file, or NULL. */
static char *name_find(const char *folder)
{
    _cleanup_(folder_closep) DIR *dir = opendir(folder);
    const struct dirent *entry;

    while (dir != NULL && (entry = readdir(dir)) != NULL) {
        size_t len = strlen(entry->d_name);
        if (strncmp(entry->d_name, "replay-", 7) == 0 && len > 14 &&
            strcmp(entry->d_name + len - 7, ".ndjson") == 0) {
            return strdup(entry->d_name);
        }
    }
    return NULL;
}

/* The file to work on, put aside now when there is none from before. */
static int file_take(struct replay_file *r, struct agent *a, struct cxd_error *err)
{
    _cleanup_(freep) char *folder = NULL;
    uint64_t bytes = 1;
    int is_new;
    int s = CXD_OK;

    if (asprintf(&folder, "%s/dead_letter", agent_folder(a)) < 0) {
        folder = NULL;
        return cxd_error_set(err, CXD_NOMEM, "out of memory");
    }
    r->name = name_find(folder);
    is_new = r->name == NULL;
    r->is_resumed = !is_new;
    if (is_new && asprintf(&r->name, "replay-%lld.ndjson", (long long)clock_wall_ms()) < 0) {
        r->name = NULL;
    }
    if (r->name == NULL || asprintf(&r->path, "%s/%s", folder, r->name) < 0) {
        r->path = NULL;
        return cxd_error_set(err, CXD_NOMEM, "out of memory");
    }
    if (is_new) {
        s = dead_take(agent_dead(a), r->path, &bytes, err);
    }
    if (s == CXD_OK && bytes == 0) {
        return cxd_error_set(err, CXD_NOT_FOUND, "there are no dead letters");
    }
    r->file = s == CXD_OK ? fopen(r->path, "rbe") : NULL;
    return s != CXD_OK || r->file != NULL
               ? s
               : cxd_error_set(err, CXD_IO, "%s: %s", r->path, strerror(errno));
}

/* Where it was left; the letters before that are counted as done. */
static int place_find(struct replay_file *r, struct registry *registry, struct cxd_error *err)
{
    struct cxd_bytes cursor = {NULL, 0};
    struct cxd_scalar name;
    int64_t wanted = 0;
    int64_t at = 0;
    ssize_t len;
    int s = registry_get(registry, CURSOR_ID, &cursor, err);

    if (s == CXD_OK && cursor.len > 0) {
        name = doc_get(cursor, "file");
        if (name.type == CXD_TEXT && strcmp(name.bytes.ptr, r->name) == 0) {
            wanted = doc_get(cursor, "offset").number;
        }
    }
    free((void *)(uintptr_t)cursor.ptr);
    while (s == CXD_OK && (len = getline(&r->line, &r->line_cap, r->file)) > 0) {
        at += len;
        r->letters++;
        r->done += at <= wanted;
        r->offset = at <= wanted ? at : r->offset;
    }
    if (s == CXD_OK && fseeko(r->file, r->offset, SEEK_SET) != 0) {
        s = cxd_error_set(err, CXD_IO, "%s: %s", r->path, strerror(errno));
    }
    return s;
}

int replay_file_keep(struct replay_file *r, struct registry *registry, struct cxd_error *err)
{
    struct cxd_builder *b = doc_new();
    const struct cxd_scalar file = doc_text(r->name);
    const struct cxd_scalar offset = doc_int(r->offset);
    int s = b == NULL ? CXD_NOMEM : doc_put(b, "file", &file);

    s = s != CXD_OK ? s : doc_put(b, "offset", &offset);
    s = s != CXD_OK ? s : registry_put(registry, CURSOR_ID, doc_bytes(b));
    doc_free(b);
    return s == CXD_OK ? registry_flush(registry, err)
                       : cxd_error_set(err, s, "the place in %s cannot be kept", r->name);
}

int replay_file_open(struct replay_file *r, struct agent *a, struct cxd_error *err)
{
    int s = file_take(r, a, err);

    return s != CXD_OK ? s : place_find(r, agent_registry(a), err);
}

int replay_file_next(struct replay_file *r, struct cxd_bytes *ret_line, struct cxd_error *err)
{
    ssize_t len = getline(&r->line, &r->line_cap, r->file);

    if (len <= 0) {
        return ferror(r->file) ? cxd_error_set(err, CXD_IO, "%s: cannot be read", r->path)
                               : CXD_END;
    }
    r->offset += len;
    r->done++;
    *ret_line = (struct cxd_bytes){r->line, (size_t)len};
    return CXD_OK;
}

int replay_file_remove(struct replay_file *r, struct registry *registry, struct cxd_error *err)
{
    (void)registry_drop(registry,
                        CURSOR_ID); /* written with the next flush; names are never used again */
    return file_remove(r->path, err);
}

int replay_file_has(const char *path, const char *line, size_t len)
{
    FILE *file = fopen(path, "rbe");
    char *other = NULL;
    size_t cap = 0;
    ssize_t n;
    int has = 0;

    while (file != NULL && !has && (n = getline(&other, &cap, file)) > 0) {
        has = (size_t)n == len && memcmp(other, line, len) == 0;
    }
    free(other);
    if (file != NULL) {
        (void)fclose(file); /* only read */
    }
    return has;
}

void replay_file_done(struct replay_file *r)
{
    if (r->file != NULL) {
        (void)fclose(r->file); /* only read */
    }
    free(r->name);
    free(r->path);
    free(r->line);
}
