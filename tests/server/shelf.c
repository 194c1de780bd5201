/*
 * The shelf of named documents. Few and small, so a list under one lock does.
 */
#include "shelf.h"

#include <fnmatch.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct shelf_entry {
    char kind[32];
    char name[256];
    struct json_object *tree;
};

struct shelf {
    pthread_mutex_t lock;
    unsigned count;
    struct shelf_entry entries[SHELF_MAX];
};

struct shelf *shelf_new(void)
{
    struct shelf *shelf = calloc(1, sizeof *shelf);
    if (shelf) {
        pthread_mutex_init(&shelf->lock, NULL);
    }
    return shelf;
}

void shelf_free(struct shelf *shelf)
{
    if (!shelf) {
        return;
    }
    for (unsigned i = 0; i < shelf->count; i++) {
        json_object_put(shelf->entries[i].tree);
    }
    pthread_mutex_destroy(&shelf->lock);
    free(shelf);
}

static struct shelf_entry *shelf_find(struct shelf *shelf, const char *kind, const char *name)
{
    for (unsigned i = 0; i < shelf->count; i++) {
        if (strcmp(shelf->entries[i].kind, kind) == 0 &&
            strcmp(shelf->entries[i].name, name) == 0) {
            return &shelf->entries[i];
        }
    }
    return NULL;
}

bool shelf_put(struct shelf *shelf, const char *kind, const char *name, struct json_object *tree)
{
    bool ok = strlen(name) < sizeof shelf->entries[0].name;
    pthread_mutex_lock(&shelf->lock);
    struct shelf_entry *entry = shelf_find(shelf, kind, name);
    if (!entry && ok && shelf->count < SHELF_MAX) {
        entry = &shelf->entries[shelf->count++];
        snprintf(entry->kind, sizeof entry->kind, "%s", kind);
        snprintf(entry->name, sizeof entry->name, "%s", name);
    }
    if (entry) {
        json_object_put(entry->tree);
        entry->tree = tree;
    } else {
        json_object_put(tree);
    }
    pthread_mutex_unlock(&shelf->lock);
    return entry != NULL;
}

bool shelf_drop(struct shelf *shelf, const char *kind, const char *name)
{
    pthread_mutex_lock(&shelf->lock);
    struct shelf_entry *entry = shelf_find(shelf, kind, name);
    if (entry) {
        json_object_put(entry->tree);
        *entry = shelf->entries[--shelf->count];
        shelf->entries[shelf->count].tree = NULL;
    }
    pthread_mutex_unlock(&shelf->lock);
    return entry != NULL;
}

struct json_object *shelf_get(struct shelf *shelf, const char *kind, const char *pattern)
{
    struct json_object *list = json_object_new_array();
    pthread_mutex_lock(&shelf->lock);
    for (unsigned i = 0; list && i < shelf->count; i++) {
        const struct shelf_entry *entry = &shelf->entries[i];
        if (strcmp(entry->kind, kind) != 0 || fnmatch(pattern, entry->name, 0) != 0) {
            continue;
        }
        struct json_object *item = json_object_new_object(), *body = NULL;
        json_object_deep_copy(entry->tree, &body, NULL);
        json_object_object_add(item, "name", json_object_new_string(entry->name));
        json_object_object_add(item, "body", body);
        json_object_array_add(list, item);
    }
    pthread_mutex_unlock(&shelf->lock);
    return list;
}

static bool shelf_template_fits(struct json_object *tree, const char *index)
{
    struct json_object *patterns = NULL, *stream = NULL;
    if (!json_object_object_get_ex(tree, "data_stream", &stream) ||
        !json_object_object_get_ex(tree, "index_patterns", &patterns)) {
        return false;
    }
    if (json_object_is_type(patterns, json_type_string)) {
        return fnmatch(json_object_get_string(patterns), index, 0) == 0;
    }
    size_t count =
        json_object_is_type(patterns, json_type_array) ? json_object_array_length(patterns) : 0;
    for (size_t i = 0; i < count; i++) {
        const char *pattern = json_object_get_string(json_object_array_get_idx(patterns, i));
        if (pattern && fnmatch(pattern, index, 0) == 0) {
            return true;
        }
    }
    return false;
}

bool shelf_is_stream(struct shelf *shelf, const char *index, size_t len)
{
    static const char *const BUILT_IN[] = {"logs-*-*", "metrics-*-*", "traces-*-*"};
    char name[256];
    snprintf(name, sizeof name, "%.*s", (int)len, index);
    for (size_t i = 0; i < sizeof BUILT_IN / sizeof BUILT_IN[0]; i++) {
        if (fnmatch(BUILT_IN[i], name, 0) == 0) {
            return true;
        }
    }
    bool fits = false;
    pthread_mutex_lock(&shelf->lock);
    for (unsigned i = 0; i < shelf->count && !fits; i++) {
        fits = strcmp(shelf->entries[i].kind, "_index_template") == 0 &&
               shelf_template_fits(shelf->entries[i].tree, name);
    }
    pthread_mutex_unlock(&shelf->lock);
    return fits;
}
