/* host.c: add_host_metadata, add_observer_metadata: what this machine says of itself, asked again when the answer has become old. */
#include "lib/edit.h"
#include "machine.h"

#include <string.h>

struct add_host_metadata {
    struct base base;
    struct machine_wants wants;
    struct path target;
    struct cxd_bytes name_key; /* alone below the target it is no metadata yet */
    int64_t ttl_ms;
    int64_t made_ms;
    bool is_made;
    bool replaces;
    struct machine_text text;
};

static int describe_open(struct add_host_metadata *p, const char *target, struct cxd_bytes options,
                         struct cxd_error *err)
{
    struct base *b = &p->base;
    struct cxd_bytes name = base_text(b, options, "name");
    struct cxd_bytes full = base_text(b, options, "fqdn");
    struct cxd_bytes word = {target, 0};
    int r = machine_geo(b, options, &p->wants.front, err);

    while (target[word.len] != '\0') {
        word.len++;
    }
    r = r != CXD_OK ? r : path_read(b, word, &p->target, err);
    name = name.len > 0 ? name : full;
    if (r == CXD_OK && name.len > 0) {
        p->wants.name = (struct cxd_bytes){base_copy(b, name), name.len};
        r = p->wants.name.ptr != NULL ? r : base_lack(err);
    }
    p->wants.has_net = base_bool(b, options, "netinfo.enabled");
    p->ttl_ms = base_int(b, options, "cache.ttl");
    p->name_key = (struct cxd_bytes){"name", 4};
    return r;
}

static int add_host_metadata_open(struct base *b, struct cxd_bytes options, struct cxd_error *err)
{
    struct add_host_metadata *p = (struct add_host_metadata *)b;

    p->wants.has_system = true;
    p->replaces = base_bool(b, options, "replace_fields");
    return describe_open(p, "host", options, err);
}

static void text_renew(struct add_host_metadata *p)
{
    int64_t now_ms = p->base.host->mono_ms(p->base.self);

    if (!p->is_made || now_ms - p->made_ms >= p->ttl_ms) {
        machine_describe(p->base.host, &p->wants, &p->text);
        p->made_ms = now_ms;
        p->is_made = true;
    }
}

/* 1 when the event has more of the target than a name. */
static int is_there(struct edit *e, const struct add_host_metadata *p)
{
    struct edit_spot spot;
    int r = edit_find(e, &p->target, &spot);

    if (r != 1 || spot.node->value.kind != CXD_KIND_OBJECT) {
        return r;
    }
    r = edit_expand(e, spot.node);
    if (r != CXD_OK) {
        return r;
    }
    for (const struct cxd_node *at = spot.node->first; at != NULL; at = at->next) {
        if (at->key_len != p->name_key.len || memcmp(at->key, p->name_key.ptr, at->key_len) != 0) {
            return 1;
        }
    }
    return 0;
}

static int add_host_metadata_run(struct edit *e)
{
    struct add_host_metadata *p = (struct add_host_metadata *)e->base;
    struct cxd_node content;
    struct edit_spot spot;
    int r = p->replaces ? 0 : is_there(e, p);

    if (r != 0) {
        return r < 0 ? r : CXD_KEEP;
    }
    text_renew(p);
    content = (struct cxd_node){.value = {.ptr = p->text.text,
                                          .len = (uint32_t)p->text.len,
                                          .kind = CXD_KIND_OBJECT,
                                          .flags = CXD_VALUE_DIRTY}};
    r = edit_find(e, &p->target, &spot);
    if (r < 0) {
        return r;
    }
    return r == 1 && spot.node->value.kind == CXD_KIND_OBJECT
               ? edit_merge(e, spot.node, &content, true)
               : edit_put(e, &p->target, &content);
}

static const struct cxd_option add_host_metadata_options[] = {
    {.name = "netinfo.enabled",
     .type = CXD_OPTION_BOOL,
     .default_value = "true",
     .help = "Addresses of the machine: host.ip, host.mac."},
    {.name = "cache.ttl",
     .type = CXD_OPTION_DURATION,
     .default_value = "5m",
     .help = "How long an answer is good."},
    {.name = "name", .type = CXD_OPTION_STRING, .help = "host.name instead of the machine's own."},
    {.name = "fqdn",
     .type = CXD_OPTION_STRING,
     .help = "host.name without `name`; given by agent.features.fqdn.enabled."},
    {.name = "replace_fields",
     .type = CXD_OPTION_BOOL,
     .default_value = "true",
     .help = "false: an event that says more of its host than a name is left alone."},
    MACHINE_GEO_OPTIONS,
    {.name = NULL},
};

BASE_MODULE(add_host_metadata, NULL, "what this machine says of itself", NULL)

struct add_observer_metadata {
    struct add_host_metadata shared;
};

static int add_observer_metadata_open(struct base *b, struct cxd_bytes options,
                                      struct cxd_error *err)
{
    struct add_host_metadata *p = (struct add_host_metadata *)b;

    p->replaces = base_bool(b, options, "overwrite");
    return describe_open(p, "observer", options, err);
}

static int add_observer_metadata_run(struct edit *e)
{
    return add_host_metadata_run(e);
}

static const struct cxd_option add_observer_metadata_options[] = {
    {.name = "netinfo.enabled",
     .type = CXD_OPTION_BOOL,
     .default_value = "false",
     .help = "Addresses of the machine: observer.ip, observer.mac."},
    {.name = "cache.ttl",
     .type = CXD_OPTION_DURATION,
     .default_value = "5m",
     .help = "How long an answer is good."},
    {.name = "name",
     .type = CXD_OPTION_STRING,
     .help = "observer.name instead of the machine's own."},
    {.name = "overwrite",
     .type = CXD_OPTION_BOOL,
     .default_value = "false",
     .help = "true: an event that says something of its observer gets this one's."},
    MACHINE_GEO_OPTIONS,
    {.name = NULL},
};

BASE_MODULE(add_observer_metadata, NULL, "this machine as the observer", NULL)
