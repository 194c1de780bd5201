/* import.c: see the header. Names of members are found whatever their case: Go's encoder and its readers differ in that. */
#include "import.h"

#include "stamp.h"

#include <json-c/json.h>
#include <string.h>
#include <strings.h>

struct import {
    const struct heap *heap;
    struct json_object *tree;
    struct json_object *failed;  /* borrowed from tree; NULL: none */
    struct json_object *partial; /* the same: objects in whose middle it was */
    char *json;
    size_t json_len;
    const char *last; /* borrowed from tree */
    size_t last_len;
    int64_t latest_ms;
};

static struct json_object *member(struct json_object *object, const char *name)
{
    json_object_object_foreach(object, key, value)
    {
        if (strcasecmp(key, name) == 0) {
            return value;
        }
    }
    return NULL;
}

/*
 * A time as Beats stores it: RFC 3339, or two numbers, nanoseconds in the lowest 32 bits of the first and seconds since 1970 as the
 * second. False: neither, or before 1970.
 */
static bool time_read(struct json_object *value, int64_t *ret_ms)
{
    struct json_object *parts = json_object_is_type(value, json_type_array) ? value : NULL;
    uint64_t nanos;
    uint64_t seconds;

    if (json_object_is_type(value, json_type_string)) {
        struct cxd_bytes text = {json_object_get_string(value),
                                 (size_t)json_object_get_string_len(value)};
        return stamp_parse(text.ptr, text.len, ret_ms);
    }
    if (parts == NULL || json_object_array_length(parts) != 2) {
        return false;
    }
    nanos = json_object_get_uint64(json_object_array_get_idx(parts, 0)) & UINT32_MAX;
    seconds = json_object_get_uint64(json_object_array_get_idx(parts, 1));
    if (seconds > UINT32_MAX || nanos >= 1000000000u) {
        return false;
    }
    *ret_ms = (int64_t)seconds * 1000 + (int64_t)(nanos / 1000000);
    return true;
}

static bool parts_read(struct import *import)
{
    struct json_object *name = member(import->tree, "objectname");

    import->failed = member(import->tree, "failedjobs");
    import->partial = member(import->tree, "lastprocessedoffset");
    if (!json_object_is_type(name, json_type_string) ||
        !time_read(member(import->tree, "latestentrytime"), &import->latest_ms)) {
        return false;
    }
    import->last = json_object_get_string(name);
    import->last_len = (size_t)json_object_get_string_len(name);
    return (import->failed == NULL || json_object_is_type(import->failed, json_type_object)) &&
           (import->partial == NULL || json_object_is_type(import->partial, json_type_object));
}

/* A state from before the first finished object: an empty name, or none. */
static bool is_fresh(struct json_object *tree)
{
    struct json_object *name = member(tree, "objectname");

    return name == NULL ||
           (json_object_is_type(name, json_type_string) && json_object_get_string_len(name) == 0);
}

int import_read(const struct heap *h, struct cxd_bytes json, struct import **ret_import,
                struct cxd_error *err)
{
    struct json_object *tree = json.len <= IMPORT_MAX ? list_tree(json, false) : NULL;
    struct import *import;

    *ret_import = NULL;
    if (!json_object_is_type(tree, json_type_object)) {
        json_object_put(tree);
        return cxd_error_set(err, CXD_UNSUPPORTED, "the imported state is no JSON object");
    }
    if (is_fresh(tree)) {
        json_object_put(tree);
        return 0;
    }
    import = heap_alloc(h, sizeof *import);
    if (import == NULL) {
        json_object_put(tree);
        return cxd_error_set(err, CXD_NOMEM, "imported state: out of memory");
    }
    *import = (struct import){.heap = h, .tree = tree, .json_len = json.len};
    import->json = heap_copy(h, json);
    if (import->json == NULL || !parts_read(import)) {
        int status = import->json == NULL ? CXD_NOMEM : CXD_UNSUPPORTED;
        import_free(import);
        return cxd_error_set(err, status,
                             "the imported state is not one that is known: expected objectname and "
                             "latestentrytime");
    }
    *ret_import = import;
    return 0;
}

static bool is_named(struct json_object *map, struct cxd_bytes name)
{
    if (map == NULL) {
        return false;
    }
    json_object_object_foreach(map, key, value)
    {
        (void)value;
        if (strlen(key) == name.len && memcmp(key, name.ptr, name.len) == 0) {
            return true;
        }
    }
    return false;
}

bool import_has(const struct import *import, const struct object *object)
{
    size_t len = object->name.len < import->last_len ? object->name.len : import->last_len;
    int order = len > 0 ? memcmp(object->name.ptr, import->last, len) : 0;
    bool is_behind = order > 0 || (order == 0 && object->name.len > import->last_len);

    return object->updated_ms >= 0 && object->updated_ms <= import->latest_ms && !is_behind &&
           !is_named(import->failed, object->name) && !is_named(import->partial, object->name);
}

struct cxd_bytes import_json(const struct import *import)
{
    return (struct cxd_bytes){import->json, import->json_len};
}

void import_free(struct import *import)
{
    if (import != NULL) {
        json_object_put(import->tree);
        heap_free(import->heap, import->json);
        heap_free(import->heap, import);
    }
}
