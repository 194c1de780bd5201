/* chain_rig.c: see the header. */
#include "harness/chain_rig.h"

#include "base/arena.h"
#include "base/buf.h"
#include "config/conf.h"
#include "front/run/processors.h"
#include "pipeline/bind.h"
#include "pipeline/event.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define START_MS 1770091506789

struct chain_rig {
    struct arena *arena;
    struct chain chain;
    struct cxd_event *event;
};

static struct cxd_host table;
static struct catalog catalog;
static const atomic_int never_stopping;
static size_t fail_number;
static size_t asked;
static long held;
static int64_t now_ms = START_MS;

static int is_failing(void)
{
    return ++asked == fail_number;
}

static void *rig_alloc(struct cxd_self *self, size_t size)
{
    void *block = is_failing() ? NULL : calloc(1, size > 0 ? size : 1);

    (void)self;
    held += block != NULL;
    return block;
}

static void *rig_realloc(struct cxd_self *self, void *ptr, size_t size)
{
    void *block = is_failing() ? NULL : realloc(ptr, size > 0 ? size : 1);

    (void)self;
    held += block != NULL && ptr == NULL;
    return block;
}

static void rig_free(struct cxd_self *self, void *block)
{
    (void)self;
    held -= block != NULL;
    free(block);
}

static int rig_regex_new(struct cxd_self *self, const char *pattern, struct cxd_regex **ret_regex,
                         struct cxd_error *err)
{
    int r = is_failing() ? cxd_error_set(err, CXD_NOMEM, "out of memory (made so)")
                         : bind_host()->regex_new(self, pattern, ret_regex, err);

    held += r == CXD_OK;
    return r;
}

static void rig_regex_free(struct cxd_regex *regex)
{
    held -= regex != NULL;
    bind_host()->regex_free(regex);
}

static void *rig_event_alloc(struct cxd_event *ev, size_t size)
{
    return is_failing() ? NULL : event_alloc(ev, size);
}

static int rig_node_expand(struct cxd_event *ev, struct cxd_node *node)
{
    int is_idle = (node->value.flags & CXD_VALUE_TREE) != 0 ||
                  (node->value.kind != CXD_KIND_LIST && node->value.kind != CXD_KIND_OBJECT);

    return !is_idle && is_failing() ? CXD_NOMEM : node_expand(ev, node);
}

static int rig_value_text(struct cxd_event *ev, const struct cxd_value *value,
                          struct cxd_bytes *ret_text)
{
    return is_failing() ? CXD_NOMEM : value_text(ev, value, ret_text);
}

static int rig_event_lack(const struct cxd_event *ev)
{
    (void)ev;
    return CXD_NOMEM;
}

static int64_t rig_time_ms(struct cxd_self *self)
{
    (void)self;
    return now_ms;
}

static void table_fill(void)
{
    table = *bind_host();
    table.alloc = rig_alloc;
    table.realloc = rig_realloc;
    table.free = rig_free;
    table.regex_new = rig_regex_new;
    table.regex_free = rig_regex_free;
    table.event_alloc = rig_event_alloc;
    table.node_expand = rig_node_expand;
    table.value_text = rig_value_text;
    table.event_lack = rig_event_lack;
    table.wall_ms = rig_time_ms;
    table.mono_ms = rig_time_ms;
}

void chain_rig_use(const struct cxd_module *const *modules, size_t count)
{
    struct catalog_entry *entries = calloc(count, sizeof *entries);

    if (entries == NULL || table.size != 0) {
        abort();
    }
    table_fill();
    catalog_init(&catalog, &table);
    for (size_t i = 0; i < count; i++) {
        entries[i] = (struct catalog_entry){.next = i + 1 < count ? &entries[i + 1] : NULL,
                                            .module = modules[i]};
    }
    catalog.first = entries;
}

const struct catalog *chain_rig_catalog(void)
{
    struct cxd_error err = CXD_ERROR_INIT;
    char folder[1024];

    if (table.size == 0) {
        table_fill();
        catalog_init(&catalog, &table);
        (void)snprintf(folder, sizeof folder, "%s/%s", getenv("CXD_BUILD_DIR"), RIG_MODULE_DIR);
        if (catalog_scan(&catalog, folder, &err) != CXD_OK || catalog.first == NULL) {
            (void)fprintf(stderr, "no modules: %s\n", err.text);
            abort();
        }
    }
    return &catalog;
}

int chain_rig_open(const char *yaml, struct chain_rig **ret_rig, struct cxd_error *err)
{
    static const struct self_ops ops;
    const struct catalog *modules = chain_rig_catalog();
    struct chain_rig *rig = calloc(1, sizeof *rig);
    struct conf *root = NULL;
    struct processors_spec spec = {.catalog = modules, .ops = &ops};
    int r = CXD_NOMEM;

    if (rig != NULL) {
        rig->arena = arena_new(65536, (size_t)64 << 20);
        chain_init(&rig->chain, &table, &never_stopping);
        r = event_open(&(struct event_limits){0}, &rig->event);
        r = r != CXD_OK ? r : conf_read_text("policy", yaml, strlen(yaml), rig->arena, &root, err);
    }
    if (r == CXD_OK) {
        const struct conf *items = conf_find(root, "processors");
        spec.chain = &rig->chain;
        spec.at = root;
        spec.is_fqdn = strcmp(conf_text(root, "agent.features.fqdn.enabled", ""), "true") == 0;
        r = items != NULL ? processors_read(&spec, items, err)
                          : cxd_error_set(err, CXD_CONFIG, "no processors");
    }
    if (r != CXD_OK) {
        chain_rig_close(rig);
        return r;
    }
    *ret_rig = rig;
    return CXD_OK;
}

static int document_put(struct cxd_event *ev, const char *in)
{
    struct cxd_node holder = {
        .value = {.ptr = in, .len = (uint32_t)strlen(in), .kind = CXD_KIND_OBJECT}};
    int r = node_expand(ev, &holder);

    for (struct cxd_node *at = holder.first; at != NULL && r == CXD_OK; at = at->next) {
        struct cxd_bytes key = {at->key, at->key_len};
        r = node_put(ev, event_root(ev), key, at->value) != NULL ? CXD_OK : CXD_NOMEM;
    }
    return r;
}

/* The document's text, with its id as a member in front. */
static int document_take(struct cxd_event *ev, char **ret_out)
{
    struct cxd_bytes id = event_id(ev);
    struct buf out;
    int r;

    buf_init(&out, (size_t)256 << 20);
    r = event_render(ev, &out);
    r = r != CXD_OK ? r : buf_reserve(&out, 1);
    if (r == CXD_OK) {
        out.ptr[out.len] = '\0';
        *ret_out = NULL;
        if (id.len == 0) {
            *ret_out = strdup(out.ptr);
        } else if (asprintf(ret_out, "{\"@metadata\":{\"_id\":\"%.*s\"}%s%s", (int)id.len, id.ptr,
                            out.len > 2 ? "," : "", out.ptr + 1) < 0) {
            *ret_out = NULL;
        }
        r = *ret_out != NULL ? CXD_OK : CXD_NOMEM;
    }
    buf_done(&out);
    return r;
}

int chain_rig_run(struct chain_rig *rig, const char *in, size_t fail_at, char **ret_out,
                  struct cxd_error *err)
{
    int r;

    event_reset(rig->event);
    r = document_put(rig->event, in);
    if (r != CXD_OK) {
        return cxd_error_set(err, r, "the document is not JSON");
    }
    chain_rig_fail_at(fail_at);
    r = chain_run(&rig->chain, rig->event, err);
    fail_number = 0;
    return r == CXD_KEEP ? document_take(rig->event, ret_out) : r;
}

void chain_rig_close(struct chain_rig *rig)
{
    if (rig != NULL) {
        chain_done(&rig->chain);
        event_close(rig->event);
        arena_free(rig->arena);
        free(rig);
    }
}

void chain_rig_fail_at(size_t n)
{
    fail_number = n;
    asked = 0;
}

size_t chain_rig_asked(void)
{
    return asked;
}

long chain_rig_held(void)
{
    return held;
}

void chain_rig_set_time(int64_t wall_ms)
{
    now_ms = wall_ms;
}
