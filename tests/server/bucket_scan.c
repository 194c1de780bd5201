/*
 * A watched folder: its files are objects, named by their path below it. Looked at anew for every request, so a test may
 * write, replace and remove files as it likes; a file is known again by time and size, which also give its generation.
 */
#include <fcntl.h>
#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bucket_private.h"

enum { BUCKET_META_MAX = 64 * 1024 };

static const char META_END[] = ".meta.json";

static bool bucket_sum_file(const char *path, struct pack_sum *ret_sum)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct pack_summer *summer = pack_summer_new();
    char *block = malloc(1 << 16);
    bool ok = fd >= 0 && summer && block;
    ssize_t got = 0;
    while (ok && (got = read(fd, block, 1 << 16)) > 0) {
        pack_summer_add(summer, block, (size_t)got);
    }
    ok = ok && got == 0;
    if (ok) {
        pack_summer_get(summer, ret_sum);
    }
    free(block);
    pack_summer_free(summer);
    if (fd >= 0) {
        close(fd);
    }
    return ok;
}

static void bucket_meta_text(struct json_object *meta, const char *key, char **text)
{
    struct json_object *value = NULL;
    if (json_object_object_get_ex(meta, key, &value)) {
        free(*text);
        *text = strdup(json_object_get_string(value));
    }
}

static void bucket_meta_number(struct json_object *meta, const char *key, int64_t *number)
{
    struct json_object *value = NULL;
    if (json_object_object_get_ex(meta, key, &value)) {
        *number = json_object_get_int64(value);
    }
}

/* {"contentType","contentEncoding","generation","updatedMs","createdMs"}, each optional. */
static void bucket_read_meta(struct object *object)
{
    char path[BUCKET_NAME_MAX * 5];
    snprintf(path, sizeof path, "%s%s", object->path, META_END);
    struct stat info;
    if (stat(path, &info) != 0 || info.st_size > BUCKET_META_MAX) {
        return;
    }
    struct json_object *meta = json_object_from_file(path);
    if (json_object_is_type(meta, json_type_object)) {
        bucket_meta_text(meta, "contentType", &object->content_type);
        bucket_meta_text(meta, "contentEncoding", &object->content_encoding);
        bucket_meta_number(meta, "generation", &object->generation);
        bucket_meta_number(meta, "updatedMs", &object->updated_ms);
        bucket_meta_number(meta, "createdMs", &object->created_ms);
    }
    json_object_put(meta);
}

static const char *bucket_guess_type(const char *name)
{
    const char *dot = strrchr(name, '.');
    if (dot && strcmp(dot, ".ndjson") == 0) {
        return "application/x-ndjson";
    }
    return dot && strcmp(dot, ".json") == 0 ? "application/json" : "application/octet-stream";
}

static void bucket_scan_file(struct bucket *bucket, const char *path, const struct stat *info)
{
    const char *name = path + strlen(bucket->folder);
    name += strspn(name, "/");
    size_t len = strlen(name), end_len = sizeof META_END - 1;
    if (!len || len > BUCKET_NAME_MAX ||
        (len > end_len && strcmp(name + len - end_len, META_END) == 0)) {
        return;
    }
    int64_t micros = (int64_t)info->st_mtim.tv_sec * 1000000 + info->st_mtim.tv_nsec / 1000;
    int64_t generation = micros * 1000 + info->st_size % 1000;
    size_t at = bucket_lower(bucket, name);
    const struct object *old = at < bucket->count ? &bucket->objects[at] : NULL;
    bool same = old && strcmp(old->name, name) == 0 && old->watched && old->stamp == generation &&
                old->sum.bytes == (uint64_t)info->st_size;
    struct object object = {
        .name = strdup(name),
        .path = strdup(path),
        .content_type = strdup(bucket_guess_type(name)),
        .generation = generation,
        .created_ms = micros / 1000,
        .updated_ms = micros / 1000,
        .stamp = generation,
        .watched = true,
        .seen = true,
    };
    if (same) {
        object.sum = old->sum;
    }
    if (!object.name || !object.path || !object.content_type ||
        (!same && !bucket_sum_file(path, &object.sum))) {
        object_done(&object);
        return;
    }
    bucket_read_meta(&object);
    bucket_insert(bucket, &object);
}

static void bucket_scan_drop(struct bucket *bucket)
{
    size_t kept = 0;
    for (size_t i = 0; i < bucket->count; i++) {
        struct object *object = &bucket->objects[i];
        if (object->watched && !object->seen) {
            object_done(object);
        } else {
            bucket->objects[kept++] = *object;
        }
    }
    bucket->count = kept;
}

void bucket_scan(struct bucket *bucket)
{
    if (!bucket->folder) {
        return;
    }
    char *const roots[] = {bucket->folder, NULL};
    FTS *walk = fts_open(roots, FTS_LOGICAL | FTS_NOCHDIR, NULL);
    if (!walk) {
        return;
    }
    for (size_t i = 0; i < bucket->count; i++) {
        bucket->objects[i].seen = false;
    }
    FTSENT *entry;
    while ((entry = fts_read(walk))) {
        if (entry->fts_info == FTS_F) {
            bucket_scan_file(bucket, entry->fts_path, entry->fts_statp);
        }
    }
    fts_close(walk);
    bucket_scan_drop(bucket);
}

bool bucket_watch(struct bucket *bucket, const char *folder)
{
    struct stat info;
    if (stat(folder, &info) != 0 || !S_ISDIR(info.st_mode)) {
        return false;
    }
    char *copy = strdup(folder);
    if (!copy) {
        return false;
    }
    pthread_mutex_lock(&bucket->lock);
    free(bucket->folder);
    bucket->folder = copy;
    bucket_scan(bucket);
    pthread_mutex_unlock(&bucket->lock);
    return true;
}
