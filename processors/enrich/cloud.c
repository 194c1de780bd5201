/*
 * cloud.c: add_cloud_metadata: the machine in the cloud that this agent runs on. Asked once, when the first event comes, for a bounded time; a
 * machine that is in no cloud is asked no more.
 */
#include "lib/edit.h"
#include "probe.h"

#include <string.h>

struct add_cloud_metadata {
    struct base base;
    struct cxd_client *client;
    const char *metadata_host;
    unsigned mask;
    int64_t timeout_ms;
    struct path target;
    struct cxd_node content; /* kind 0: none */
    bool is_asked;
};

static int providers_open(struct add_cloud_metadata *p, struct cxd_bytes options,
                          struct cxd_error *err)
{
    struct cxd_bytes *names = NULL;
    size_t count = 0;
    int r = base_texts(&p->base, options, "providers", &names, &count, err);

    for (size_t i = 0; i < count && r == CXD_OK; i++) {
        size_t at = 0;
        const char *name = strcmp(names[i].ptr, "ec2") == 0 ? "aws" : names[i].ptr;
        while (at < probe_cloud_count && strcmp(probe_clouds[at].name, name) != 0) {
            at++;
        }
        if (at == probe_cloud_count) {
            return cxd_error_set(err, CXD_CONFIG,
                                 "providers: \"%.40s\": expected aws, azure, gcp or digitalocean",
                                 names[i].ptr);
        }
        p->mask |= 1u << at;
    }
    p->mask = count == 0 ? (1u << probe_cloud_count) - 1 : p->mask;
    return r;
}

/* Never through a proxy: it would ask for the proxy's own machine. */
static int client_open(struct add_cloud_metadata *p, struct cxd_error *err)
{
    const struct cxd_host *host = p->base.host;
    struct cxd_builder *doc = host->doc_new(p->base.self);
    struct cxd_scalar yes = {.type = CXD_BOOL, .number = 1};
    struct cxd_scalar wait = {.type = CXD_INT, .number = p->timeout_ms};
    int r;

    if (doc == NULL) {
        return base_lack(err);
    }
    r = host->doc_put(doc, "proxy_disable", &yes);
    r = r != CXD_OK ? r : host->doc_put(doc, "connect_timeout", &wait);
    r = r != CXD_OK ? base_lack(err)
                    : host->http_client(p->base.self, host->doc_bytes(doc), &p->client, err);
    host->doc_free(doc);
    return r;
}

static int add_cloud_metadata_open(struct base *b, struct cxd_bytes options, struct cxd_error *err)
{
    struct add_cloud_metadata *p = (struct add_cloud_metadata *)b;
    int r = path_read(b, CXD_LIT("cloud"), &p->target, err);

    p->timeout_ms = base_int(b, options, "timeout");
    p->base.overwrites = base_bool(b, options, "overwrite");
    p->metadata_host = base_copy(b, base_text(b, options, "host"));
    if (r == CXD_OK && p->metadata_host == NULL) {
        return base_lack(err);
    }
    if (r == CXD_OK && (p->timeout_ms < 1 || p->timeout_ms > 60000)) {
        return cxd_error_set(err, CXD_CONFIG, "timeout: expected up to 1m");
    }
    r = r != CXD_OK ? r : providers_open(p, options, err);
    return r != CXD_OK ? r : client_open(p, err);
}

static void add_cloud_metadata_close(struct base *b)
{
    struct add_cloud_metadata *p = (struct add_cloud_metadata *)b;

    if (p->client != NULL) {
        b->host->http_client_free(p->client);
    }
}

/* The answer as text of the instance, for all events to come. */
static int cloud_ask(struct edit *e, struct add_cloud_metadata *p)
{
    struct cxd_node cloud;
    struct edit_out out = {0};
    const char *copy;
    bool is_undoable = e->is_undoable;
    int r;

    e->is_undoable = false; /* nothing of the event is changed */
    r = probe_run(e, p->client, p->metadata_host, p->mask, p->timeout_ms, &cloud);
    if (r == CXD_OK && cloud.first != NULL) {
        r = edit_json(e, &cloud, &out);
        copy = r == CXD_OK ? base_copy(&p->base, (struct cxd_bytes){out.ptr, out.len}) : NULL;
        r = r != CXD_OK ? r : copy == NULL ? CXD_NOMEM : CXD_OK;
        p->content.value =
            (struct cxd_value){.ptr = copy, .len = (uint32_t)out.len, .kind = CXD_KIND_OBJECT};
    }
    e->is_undoable = is_undoable;
    p->is_asked = r == CXD_OK && !e->host->is_stopping(p->base.self);
    return r;
}

static int add_cloud_metadata_run(struct edit *e)
{
    struct add_cloud_metadata *p = (struct add_cloud_metadata *)e->base;
    struct edit_spot spot;
    int r = p->is_asked ? CXD_OK : cloud_ask(e, p);

    if (r != CXD_OK || !p->is_asked || p->content.value.len == 0) {
        return r;
    }
    r = edit_find(e, &p->target, &spot);
    if (r < 0 || (r == 1 && !p->base.overwrites)) {
        return r < 0 ? r : CXD_KEEP;
    }
    return edit_put(e, &p->target, &p->content);
}

static const struct cxd_option add_cloud_metadata_options[] = {
    {.name = "timeout",
     .type = CXD_OPTION_DURATION,
     .default_value = "3s",
     .help = "How long the first event waits for an answer, up to 1m."},
    {.name = "providers",
     .type = CXD_OPTION_STRING_LIST,
     .help = "Whom to ask: aws, azure, gcp, digitalocean; absent: all of them at once."},
    {.name = "overwrite",
     .type = CXD_OPTION_BOOL,
     .default_value = "false",
     .help = "true: an event that says something of its cloud gets this one's."},
    {.name = "host",
     .type = CXD_OPTION_STRING,
     .flags = CXD_OPTION_ADVANCED,
     .default_value = "169.254.169.254",
     .help = "Where the metadata service is."},
    {.name = NULL},
};

BASE_MODULE(add_cloud_metadata, NULL, "the machine in the cloud that the agent runs on",
            add_cloud_metadata_close)
