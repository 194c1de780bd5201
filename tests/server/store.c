/*
 * Documents in files and ids in memory. A line of a file is a hit as _search gives it, less its score. Files are opened on
 * first use and flushed after each bulk request, so that a test may read them at any time.
 */
#include "store.h"

#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "idset.h"

enum { STORE_PATH_MAX = 4096 };

struct store_index {
    char name[STORE_INDEX_NAME_MAX + 1];
    char backing[STORE_INDEX_NAME_MAX + 40];
    FILE *file; /* NULL: ids only */
    uint64_t documents;
    uint64_t conflicts;
    uint64_t updated;
    uint64_t sequence;
};

struct store {
    pthread_mutex_t lock;
    char *folder;
    struct idset ids;
    unsigned count;
    struct store_index *indices[STORE_INDICES_MAX];
};

static void store_path(const struct store *store, const char *name, char path[STORE_PATH_MAX])
{
    snprintf(path, STORE_PATH_MAX, "%s/%s.ndjson", store->folder, name);
}

static struct store_index *store_find(struct store *store, const char *name, size_t len)
{
    for (unsigned i = 0; i < store->count; i++) {
        if (strlen(store->indices[i]->name) == len &&
            memcmp(store->indices[i]->name, name, len) == 0) {
            return store->indices[i];
        }
    }
    return NULL;
}

static struct store_index *store_add(struct store *store, const char *name, size_t len,
                                     bool is_stream)
{
    if (store->count == STORE_INDICES_MAX || !len || len > STORE_INDEX_NAME_MAX ||
        memchr(name, '/', len) || *name == '.') {
        return NULL;
    }
    struct store_index *index = calloc(1, sizeof *index);
    if (!index) {
        return NULL;
    }
    memcpy(index->name, name, len);
    snprintf(index->backing, sizeof index->backing, "%s", index->name);
    if (is_stream) {
        time_t now = time(NULL);
        struct tm parts;
        gmtime_r(&now, &parts);
        snprintf(index->backing, sizeof index->backing, ".ds-%s-%04d.%02d.%02d-000001", index->name,
                 parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday);
    }
    if (store->folder) {
        char path[STORE_PATH_MAX];
        store_path(store, index->name, path);
        index->file = fopen(path, "a+e");
        if (!index->file) {
            free(index);
            return NULL;
        }
        setvbuf(index->file, NULL, _IOFBF, 1 << 20);
    }
    store->indices[store->count++] = index;
    return index;
}

static bool store_write(struct store_index *index, const struct store_put *put)
{
    struct buffer head;
    buffer_init(&head, 8192);
    buffer_text(&head, "{\"_index\":");
    buffer_json(&head, index->backing, strlen(index->backing));
    buffer_text(&head, ",\"_id\":");
    buffer_json(&head, put->id, put->id_len);
    buffer_text(&head, ",\"_source\":");
    bool ok = buffer_ok(&head) && fwrite(head.data, 1, head.len, index->file) == head.len &&
              fwrite(put->doc, 1, put->doc_len, index->file) == put->doc_len &&
              fwrite("}\n", 1, 2, index->file) == 2;
    buffer_done(&head);
    return ok;
}

static enum store_result store_put_locked(struct store *store, struct store_index *index,
                                          const struct store_put *put)
{
    enum idset_result known =
        idset_add(&store->ids, index->name, strlen(index->name), put->id, put->id_len);
    if (known == IDSET_FULL) {
        return STORE_FAILED;
    }
    if (known == IDSET_KNOWN && put->is_create) {
        index->conflicts++;
        return STORE_EXISTS;
    }
    if (index->file && put->doc && !store_write(index, put)) {
        return STORE_FAILED;
    }
    index->sequence++;
    if (known == IDSET_KNOWN) {
        index->updated++;
        return STORE_UPDATED;
    }
    index->documents++;
    return STORE_CREATED;
}

enum store_result store_put(struct store *store, const struct store_put *put,
                            struct store_place *ret_place)
{
    enum store_result result = STORE_FAILED;
    pthread_mutex_lock(&store->lock);
    struct store_index *index = store_find(store, put->index, put->index_len);
    if (!index) {
        index = store_add(store, put->index, put->index_len, put->is_stream);
    }
    if (index) {
        result = store_put_locked(store, index, put);
        memcpy(ret_place->backing, index->backing, sizeof ret_place->backing);
        ret_place->sequence = index->sequence ? index->sequence - 1 : 0;
    }
    pthread_mutex_unlock(&store->lock);
    return result;
}

bool store_flush(struct store *store)
{
    bool ok = true;
    pthread_mutex_lock(&store->lock);
    for (unsigned i = 0; i < store->count; i++) {
        ok = (!store->indices[i]->file || fflush(store->indices[i]->file) == 0) && ok;
    }
    pthread_mutex_unlock(&store->lock);
    return ok;
}

static bool store_fits(const struct store_index *index, const char *patterns)
{
    while (*patterns) {
        size_t len = strcspn(patterns, ",");
        char pattern[STORE_INDEX_NAME_MAX + 1];
        snprintf(pattern, sizeof pattern, "%.*s", (int)len, patterns);
        if (strcmp(pattern, "_all") == 0 || fnmatch(pattern, index->name, 0) == 0 ||
            strcmp(pattern, index->backing) == 0) {
            return true;
        }
        patterns += len + (patterns[len] != 0);
    }
    return false;
}

bool store_count(struct store *store, const char *patterns, uint64_t *ret_count)
{
    bool found = strchr(patterns, '*') || strcmp(patterns, "_all") == 0;
    uint64_t count = 0;
    pthread_mutex_lock(&store->lock);
    for (unsigned i = 0; i < store->count; i++) {
        if (store_fits(store->indices[i], patterns)) {
            found = true;
            count += store->indices[i]->documents;
        }
    }
    pthread_mutex_unlock(&store->lock);
    *ret_count = count;
    return found;
}

/* Copies hits of one file out; both counts are brought forward. */
static bool store_search_file(FILE *file, uint64_t *from, uint64_t *size, struct buffer *out)
{
    char *line = NULL;
    size_t room = 0;
    ssize_t len;
    while (*size && (len = getline(&line, &room, file)) > 2) {
        if (*from) {
            --*from;
            continue;
        }
        buffer_text(out, out->len ? "," : "");
        buffer_text(out, "{\"_score\":1.0,");
        buffer_add(out, line + 1, (size_t)len - 2);
        --*size;
    }
    free(line);
    return buffer_ok(out);
}

bool store_search(struct store *store, const char *patterns, uint64_t from, uint64_t size,
                  struct buffer *out)
{
    bool ok = true;
    pthread_mutex_lock(&store->lock);
    for (unsigned i = 0; ok && size && store->folder && i < store->count; i++) {
        struct store_index *index = store->indices[i];
        if (!store_fits(index, patterns)) {
            continue;
        }
        fflush(index->file);
        char path[STORE_PATH_MAX];
        store_path(store, index->name, path);
        FILE *file = fopen(path, "re");
        ok = file && store_search_file(file, &from, &size, out);
        if (file) {
            fclose(file);
        }
    }
    pthread_mutex_unlock(&store->lock);
    return ok;
}

struct json_object *store_report(struct store *store)
{
    struct json_object *report = json_object_new_object();
    pthread_mutex_lock(&store->lock);
    for (unsigned i = 0; report && i < store->count; i++) {
        const struct store_index *index = store->indices[i];
        struct json_object *item = json_object_new_object();
        json_object_object_add(item, "documents", json_object_new_uint64(index->documents));
        json_object_object_add(item, "conflicts", json_object_new_uint64(index->conflicts));
        json_object_object_add(item, "updated", json_object_new_uint64(index->updated));
        json_object_object_add(report, index->name, item);
    }
    pthread_mutex_unlock(&store->lock);
    return report;
}

uint64_t store_distinct(struct store *store)
{
    pthread_mutex_lock(&store->lock);
    uint64_t count = store->ids.count;
    pthread_mutex_unlock(&store->lock);
    return count;
}

/* The id of a line that store_write wrote; false: it is not one. */
static bool store_read_line(struct store *store, struct store_index *index, const char *line)
{
    static const char KEY[] = ",\"_id\":\"";
    const char *at = strstr(line, KEY);
    if (!at) {
        return false;
    }
    const char *start = at + sizeof KEY - 2, *end = start + 1;
    while (*end && *end != '"') {
        end += *end == '\\' && end[1] ? 2 : 1;
    }
    struct json_tokener *tokener = json_tokener_new();
    struct json_object *id =
        tokener ? json_tokener_parse_ex(tokener, start, (int)(end - start) + 1) : NULL;
    json_tokener_free(tokener);
    enum idset_result known =
        id ? idset_add(&store->ids, index->name, strlen(index->name), json_object_get_string(id),
                       (size_t)json_object_get_string_len(id))
           : IDSET_FULL;
    json_object_put(id);
    index->documents += known == IDSET_NEW;
    index->sequence++;
    return known != IDSET_FULL;
}

static bool store_load_file(struct store *store, const char *file_name)
{
    size_t len = strlen(file_name);
    if (len < 8 || strcmp(file_name + len - 7, ".ndjson") != 0) {
        return true;
    }
    bool is_stream = strncmp(file_name, "logs-", 5) == 0;
    struct store_index *index = store_add(store, file_name, len - 7, is_stream);
    if (!index) {
        return false;
    }
    rewind(index->file);
    char *line = NULL;
    size_t room = 0;
    bool ok = true;
    while (ok && getline(&line, &room, index->file) > 0) {
        ok = store_read_line(store, index, line);
    }
    free(line);
    fseek(index->file, 0, SEEK_END);
    return ok;
}

static bool store_load(struct store *store)
{
    DIR *folder = opendir(store->folder);
    if (!folder) {
        return false;
    }
    bool ok = true;
    const struct dirent *entry;
    while (ok && (entry = readdir(folder))) {
        ok = store_load_file(store, entry->d_name);
    }
    closedir(folder);
    return ok;
}

struct store *store_open(const char *folder, const char **ret_reason)
{
    struct store *store = calloc(1, sizeof *store);
    if (!store) {
        *ret_reason = "no memory";
        return NULL;
    }
    pthread_mutex_init(&store->lock, NULL);
    if (!folder) {
        return store;
    }
    store->folder = strdup(folder);
    if (!store->folder || (mkdir(folder, 0755) != 0 && errno != EEXIST) || !store_load(store)) {
        *ret_reason = "the store folder cannot be made or read";
        store_close(store);
        return NULL;
    }
    return store;
}

static void store_drop_indices(struct store *store, bool remove_files)
{
    for (unsigned i = 0; i < store->count; i++) {
        struct store_index *index = store->indices[i];
        if (index->file) {
            fclose(index->file);
        }
        if (index->file && remove_files) {
            char path[STORE_PATH_MAX];
            store_path(store, index->name, path);
            unlink(path);
        }
        free(index);
    }
    store->count = 0;
    idset_done(&store->ids);
}

void store_wipe(struct store *store)
{
    pthread_mutex_lock(&store->lock);
    store_drop_indices(store, true);
    pthread_mutex_unlock(&store->lock);
}

void store_close(struct store *store)
{
    if (store) {
        store_drop_indices(store, false);
        pthread_mutex_destroy(&store->lock);
        free(store->folder);
        free(store);
    }
}
