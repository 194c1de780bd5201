/* cache.c: cache: values that one event leaves for others, in a store that processors share by its name. */
#include "lib/edit.h"
#include "store.h"

enum operation { OPERATION_GET, OPERATION_PUT, OPERATION_DELETE };

struct cache {
    struct base base;
    struct store *store;
    enum operation operation;
    struct path key;
    struct path value; /* value_field, target_field */
    int64_t ttl_ms;
};

static const char *const operations[] = {"get", "put", "delete"};

/* Exactly one of get, put, delete is there, known by its key_field. */
static int operation_find(struct cache *p, struct cxd_bytes options, struct cxd_error *err)
{
    struct base *b = &p->base;
    int count = 0;

    for (int i = 0; i < 3; i++) {
        char name[32];
        (void)snprintf(name, sizeof name, "%s.key_field", operations[i]);
        if (base_text(b, options, name).len > 0) {
            p->operation = (enum operation)i;
            count++;
        }
    }
    return count == 1 ? CXD_OK
                      : cxd_error_set(err, CXD_CONFIG,
                                      "expected one of get, put and delete, with its key_field");
}

static int operation_open(struct cache *p, struct cxd_bytes options, struct cxd_error *err)
{
    struct base *b = &p->base;
    char name[32];
    int r = operation_find(p, options, err);

    if (r != CXD_OK) {
        return r;
    }
    (void)snprintf(name, sizeof name, "%s.key_field", operations[p->operation]);
    r = path_option(b, options, name, &p->key, err);
    if (r == CXD_OK && p->operation == OPERATION_GET) {
        r = path_option(b, options, "get.target_field", &p->value, err);
    } else if (r == CXD_OK && p->operation == OPERATION_PUT) {
        r = path_option(b, options, "put.value_field", &p->value, err);
        p->ttl_ms = base_int(b, options, "put.ttl");
        if (r == CXD_OK && p->ttl_ms <= 0) {
            return cxd_error_set(err, CXD_CONFIG, "put.ttl: expected a duration");
        }
    }
    return r;
}

static int cache_open(struct base *b, struct cxd_bytes options, struct cxd_error *err)
{
    struct cache *p = (struct cache *)b;
    struct cxd_bytes id = base_text(b, options, "backend.memory.id");
    int64_t capacity = base_int(b, options, "backend.capacity");
    int r = operation_open(p, options, err);

    if (r != CXD_OK) {
        return r;
    }
    if (id.len == 0) {
        return cxd_error_set(err, CXD_CONFIG, "backend.memory.id: the store needs a name");
    }
    capacity = capacity < 0 || capacity > UINT32_MAX ? 0 : capacity;
    p->store = store_open(id, (uint32_t)capacity);
    return p->store != NULL ? CXD_OK : base_lack(err);
}

static void cache_close(struct base *b)
{
    store_close(((struct cache *)b)->store);
}

/* What was kept is JSON: read back as a list of one. */
static int text_take(struct edit *e, struct cache *p, struct cxd_bytes key, int64_t now_ms,
                     struct edit_out *out)
{
    struct cxd_bytes value;
    const struct store_item *item = store_take(p->store, key, now_ms, &value);
    int r;

    if (item == NULL) {
        return p->base.ignores_missing ? CXD_OK
                                       : edit_fail(e, "the store has no value for the key");
    }
    r = edit_out_add(e, out, CXD_LIT("["));
    r = r != CXD_OK ? r : edit_out_add(e, out, value);
    r = r != CXD_OK ? r : edit_out_add(e, out, CXD_LIT("]"));
    store_give(p->store, item);
    return r;
}

static int value_get(struct edit *e, struct cache *p, struct cxd_bytes key, int64_t now_ms)
{
    struct cxd_node list = {.value = {.kind = CXD_KIND_LIST}};
    struct edit_out out = {0};
    struct edit_spot there;
    int r = text_take(e, p, key, now_ms, &out);

    if (r != CXD_OK || out.len == 0) {
        return r;
    }
    r = p->base.overwrites ? 0 : edit_find(e, &p->value, &there);
    if (r == 1) {
        return edit_fail(e, "field %.200s is there already", p->value.name.ptr);
    }
    list.value.ptr = out.ptr;
    list.value.len = (uint32_t)out.len;
    r = r < 0 ? r : edit_expand(e, &list);
    return r != CXD_OK ? r : edit_put(e, &p->value, list.first);
}

static int value_put(struct edit *e, struct cache *p, struct cxd_bytes key, int64_t now_ms)
{
    struct edit_out out = {0};
    struct edit_spot spot;
    int r = edit_find(e, &p->value, &spot);

    if (r <= 0) {
        return r < 0 ? r : edit_missing(e, &p->value);
    }
    r = edit_json(e, spot.node, &out);
    if (r != CXD_OK) {
        return r;
    }
    if (!store_put(p->store, key, (struct cxd_bytes){out.ptr, out.len}, now_ms + p->ttl_ms,
                   now_ms)) {
        return edit_fail(e, "the store has no room for the value");
    }
    return CXD_OK;
}

static int cache_run(struct edit *e)
{
    struct cache *p = (struct cache *)e->base;
    int64_t now_ms = e->host->mono_ms(p->base.self);
    struct edit_spot spot;
    struct cxd_bytes key;
    int r = edit_find(e, &p->key, &spot);

    if (r <= 0) {
        return r < 0 ? r : edit_missing(e, &p->key);
    }
    r = edit_print(e, &p->key, &spot.node->value, &key);
    if (r != CXD_OK) {
        return r;
    }
    if (p->operation == OPERATION_DELETE) {
        store_remove(p->store, key);
        return CXD_KEEP;
    }
    return p->operation == OPERATION_GET ? value_get(e, p, key, now_ms)
                                         : value_put(e, p, key, now_ms);
}

static const struct cxd_option cache_options[] = {
    {.name = "backend.memory.id",
     .type = CXD_OPTION_STRING,
     .flags = CXD_OPTION_REQUIRED,
     .help = "Name of the store; processors with the same name share it."},
    {.name = "backend.capacity",
     .type = CXD_OPTION_INT,
     .default_value = "0",
     .help = "Values that are kept, the newest; 0: a million, and 64 MiB in any case."},
    {.name = "put.key_field", .type = CXD_OPTION_STRING, .help = "Field whose value is the key."},
    {.name = "put.value_field", .type = CXD_OPTION_STRING, .help = "Field that is kept."},
    {.name = "put.ttl", .type = CXD_OPTION_DURATION, .help = "How long it is kept."},
    {.name = "get.key_field", .type = CXD_OPTION_STRING, .help = "Field whose value is the key."},
    {.name = "get.target_field", .type = CXD_OPTION_STRING, .help = "Where what was kept goes."},
    {.name = "delete.key_field",
     .type = CXD_OPTION_STRING,
     .help = "Field whose value is the key."},
    {.name = "ignore_missing",
     .type = CXD_OPTION_BOOL,
     .default_value = "true",
     .help = "true: an absent field or value is no failure."},
    OPTION_OVERWRITE_KEYS,
    {.name = NULL},
};

BASE_MODULE(cache, NULL, "keeps values of events for other events", cache_close)
