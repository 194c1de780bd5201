/*
 * A bucket's objects in name order, and how a list of them is paged. Knows the resource's JSON shape; not HTTP. The lock is
 * private to this file; nothing is called back under it.
 */
#include "bucket.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "bucket_private.h"

struct bucket *bucket_new(const char *name)
{
    struct bucket *bucket = calloc(1, sizeof *bucket);
    if (!bucket) {
        return NULL;
    }
    pthread_mutex_init(&bucket->lock, NULL);
    bucket->name = strdup(name);
    if (!bucket->name) {
        bucket_free(bucket);
        return NULL;
    }
    return bucket;
}

void bucket_free(struct bucket *bucket)
{
    if (!bucket) {
        return;
    }
    for (size_t i = 0; i < bucket->count; i++) {
        object_done(&bucket->objects[i]);
    }
    pthread_mutex_destroy(&bucket->lock);
    free(bucket->objects);
    free(bucket->folder);
    free(bucket->name);
    free(bucket);
}

const char *bucket_name(const struct bucket *bucket)
{
    return bucket->name;
}

void object_done(struct object *object)
{
    free(object->name);
    free(object->path);
    free(object->content_type);
    free(object->content_encoding);
    *object = (struct object){.name = NULL};
}

static bool object_copy(const struct object *from, struct object *ret_copy)
{
    struct object copy = *from;
    copy.name = strdup(from->name);
    copy.path = strdup(from->path);
    copy.content_type = strdup(from->content_type);
    copy.content_encoding = from->content_encoding ? strdup(from->content_encoding) : NULL;
    if (!copy.name || !copy.path || !copy.content_type ||
        (from->content_encoding && !copy.content_encoding)) {
        object_done(&copy);
        return false;
    }
    *ret_copy = copy;
    return true;
}

size_t bucket_lower(const struct bucket *bucket, const char *name)
{
    size_t low = 0, high = bucket->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(bucket->objects[middle].name, name) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

bool bucket_insert(struct bucket *bucket, struct object *object)
{
    size_t at = bucket_lower(bucket, object->name);
    if (at < bucket->count && strcmp(bucket->objects[at].name, object->name) == 0) {
        object_done(&bucket->objects[at]);
        bucket->objects[at] = *object;
        return true;
    }
    if (bucket->count == BUCKET_OBJECTS_MAX) {
        object_done(object);
        return false;
    }
    if (bucket->count == bucket->room) {
        size_t room = bucket->room ? bucket->room * 2 : 64;
        struct object *objects = realloc(bucket->objects, room * sizeof *objects);
        if (!objects) {
            object_done(object);
            return false;
        }
        bucket->objects = objects;
        bucket->room = room;
    }
    memmove(&bucket->objects[at + 1], &bucket->objects[at],
            (bucket->count - at) * sizeof bucket->objects[0]);
    bucket->objects[at] = *object;
    bucket->count++;
    return true;
}

bool bucket_add(struct bucket *bucket, struct object *object)
{
    if (!object->name || !object->path || !object->content_type) {
        object_done(object);
        return false;
    }
    pthread_mutex_lock(&bucket->lock);
    bool ok = bucket_insert(bucket, object);
    pthread_mutex_unlock(&bucket->lock);
    return ok;
}

uint64_t bucket_count(struct bucket *bucket)
{
    pthread_mutex_lock(&bucket->lock);
    bucket_scan(bucket);
    uint64_t count = bucket->count;
    pthread_mutex_unlock(&bucket->lock);
    return count;
}

bool bucket_find(struct bucket *bucket, const char *name, struct object *ret_object)
{
    pthread_mutex_lock(&bucket->lock);
    bucket_scan(bucket);
    size_t at = bucket_lower(bucket, name);
    bool found = at < bucket->count && strcmp(bucket->objects[at].name, name) == 0 &&
                 object_copy(&bucket->objects[at], ret_object);
    pthread_mutex_unlock(&bucket->lock);
    return found;
}

struct bucket_page {
    struct json_object *items;
    struct json_object *prefixes;
    unsigned count;
    char last[BUCKET_NAME_MAX + 1]; /* name or prefix: the next page begins after it */
};

/* The folder-like prefix that stands for this name, or 0 when the name is listed itself. */
static size_t bucket_folder(const struct bucket_query *query, const char *name)
{
    if (!query->delimiter || !*query->delimiter) {
        return 0;
    }
    size_t skip = query->prefix ? strlen(query->prefix) : 0;
    const char *found = strstr(name + skip, query->delimiter);
    return found ? (size_t)(found - name) + strlen(query->delimiter) : 0;
}

static bool bucket_page_add(struct bucket *bucket, struct bucket_page *page, size_t index,
                            size_t folder, const char *base_url)
{
    const struct object *object = &bucket->objects[index];
    size_t len = folder ? folder : strlen(object->name);
    memcpy(page->last, object->name, len);
    page->last[len] = 0;
    page->count++;
    if (folder) {
        return json_object_array_add(page->prefixes, json_object_new_string(page->last)) == 0;
    }
    struct json_object *item = bucket_resource(bucket, object, base_url);
    return item && json_object_array_add(page->items, item) == 0;
}

/* Past everything that starts with the first len bytes of text. */
static size_t bucket_skip(const struct bucket *bucket, size_t at, const char *text, size_t len)
{
    while (at < bucket->count && strncmp(bucket->objects[at].name, text, len) == 0) {
        at++;
    }
    return at;
}

static size_t bucket_first(struct bucket *bucket, const struct bucket_query *query,
                           const char *after)
{
    size_t at = query->prefix ? bucket_lower(bucket, query->prefix) : 0;
    size_t start = query->start_offset ? bucket_lower(bucket, query->start_offset) : 0;
    at = start > at ? start : at;
    if (!*after) {
        return at;
    }
    size_t next = bucket_lower(bucket, after);
    size_t len = strlen(after);
    size_t folder = bucket_folder(query, after);
    if (folder == len) {
        next = bucket_skip(bucket, next, after, len);
    } else if (next < bucket->count && strcmp(bucket->objects[next].name, after) == 0) {
        next++;
    }
    return next > at ? next : at;
}

/* False without memory. *ret_more: there is a next page. */
static bool bucket_fill_page(struct bucket *bucket, const struct bucket_query *query,
                             struct bucket_page *page, const char *base_url, bool *ret_more)
{
    unsigned limit = query->max_results && query->max_results < BUCKET_PAGE_MAX ? query->max_results
                                                                                : BUCKET_PAGE_MAX;
    size_t prefix_len = query->prefix ? strlen(query->prefix) : 0;
    size_t at = bucket_first(bucket, query, page->last);
    *ret_more = false;
    while (at < bucket->count) {
        const char *name = bucket->objects[at].name;
        if ((prefix_len && strncmp(name, query->prefix, prefix_len) != 0) ||
            (query->end_offset && strcmp(name, query->end_offset) >= 0)) {
            return true;
        }
        if (query->glob && !bucket_glob(query->glob, name)) {
            at++;
            continue;
        }
        if (page->count == limit) {
            *ret_more = true;
            return true;
        }
        size_t folder = bucket_folder(query, name);
        if (!bucket_page_add(bucket, page, at, folder, base_url)) {
            return false;
        }
        at = folder ? bucket_skip(bucket, at, page->last, folder) : at + 1;
    }
    return true;
}

struct json_object *bucket_list(struct bucket *bucket, const struct bucket_query *query,
                                const char *base_url, const char **ret_reason)
{
    struct bucket_page page = {.count = 0};
    *ret_reason = "no memory";
    if (query->page_token && !bucket_token_read(query->page_token, page.last)) {
        *ret_reason = "Invalid page token";
        return NULL;
    }
    struct json_object *reply = json_object_new_object();
    page.items = json_object_new_array();
    page.prefixes = json_object_new_array();
    bool more = false;
    pthread_mutex_lock(&bucket->lock);
    bucket_scan(bucket);
    bool ok = bucket_fill_page(bucket, query, &page, base_url, &more);
    pthread_mutex_unlock(&bucket->lock);
    json_object_object_add(reply, "kind", json_object_new_string("storage#objects"));
    if (more) {
        char token[BUCKET_TOKEN_BYTES];
        bucket_token_write(page.last, token);
        json_object_object_add(reply, "nextPageToken", json_object_new_string(token));
    }
    if (json_object_array_length(page.prefixes)) {
        json_object_object_add(reply, "prefixes", json_object_get(page.prefixes));
    }
    if (json_object_array_length(page.items)) {
        json_object_object_add(reply, "items", json_object_get(page.items));
    }
    json_object_put(page.items);
    json_object_put(page.prefixes);
    if (!ok) {
        json_object_put(reply);
        return NULL;
    }
    return reply;
}
