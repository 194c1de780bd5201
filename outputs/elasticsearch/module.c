/*
 * module.c: the `elasticsearch` output: options, descriptor, open and close. The work is send.c's and setup.c's. Thread: the
 * output worker's; interrupt may come from another and only wakes the client.
 */
#include "cxd/module.h"

#include "output.h"

static const struct cxd_option options[] = {
    {"hosts", CXD_OPTION_STRING_LIST, CXD_OPTION_REQUIRED, NULL,
     "Nodes, as NAME, NAME:PORT (9200) or URL; used in turn; at most 64"},
    {"protocol", CXD_OPTION_STRING, 0, "http", "http or https, for hosts that do not say it"},
    {"path", CXD_OPTION_STRING, 0, NULL, "Path before the API's, for hosts that do not say it"},
    {"api_key", CXD_OPTION_STRING, CXD_OPTION_SECRET, NULL,
     "API key, as id:key or as given out in base64"},
    {"username", CXD_OPTION_STRING, 0, NULL, "User, with password"},
    {"password", CXD_OPTION_STRING, CXD_OPTION_SECRET, NULL, "The user's password"},
    {"token", CXD_OPTION_STRING, CXD_OPTION_SECRET, NULL, "Bearer token, of a service account"},
    {"headers", CXD_OPTION_ANY, 0, NULL,
     "Further headers of each request, NAME: VALUE, at most 32"},
    {"pipeline", CXD_OPTION_STRING, 0, NULL,
     "Ingest pipeline for documents whose stream names none"},
    {"compression_level", CXD_OPTION_INT, 0, "1", "gzip level of requests, 0 (none) to 9"},
    {"bulk_max_bytes", CXD_OPTION_SIZE, 0, "5MiB",
     "Largest request before compression, 64KiB to 100MiB; larger batches are divided"},
    {"timeout", CXD_OPTION_DURATION, 0, "90s", "Time for one request, 1s to 1h"},
    {"worker", CXD_OPTION_INT, 0, "1", "Requests under way at the same time (the agent's)"},
    {"setup.template.enabled", CXD_OPTION_BOOL, 0, "true",
     "Install the index templates when the agent asks for it"},
    {"setup.template.overwrite", CXD_OPTION_BOOL, 0, "false",
     "Replace templates that somebody else made, or that are newer"},
    {"setup.ilm.policy_name", CXD_OPTION_STRING, 0, NULL,
     "ILM policy that the index templates name; none: the cluster's own rules (Elasticsearch)"},
    {"setup.ilm.policy", CXD_OPTION_STRING, 0, NULL,
     "JSON of that policy, put in place when the cluster has none of that name"},
    {"setup.failure_store", CXD_OPTION_BOOL, 0, "false",
     "Switch the failure store on in the index templates (Elasticsearch 8.19 and 9.1 or later)"},
    {"allow_older_versions", CXD_OPTION_BOOL, CXD_OPTION_ADVANCED, "false",
     "Go on with Elasticsearch before 7.9"},
    CXD_HTTP_OPTIONS,
    {NULL}};

static void es_close(void *instance)
{
    struct output *o = instance;

    call_done(&o->call);
    bulk_done(&o->bulk);
    pack_done(&o->pack);
    notes_clear(&o->notes);
    lifecycle_done(&o->lifecycle);
    settings_done(&o->settings);
    o->host->free(o->self, o->said);
    o->host->free(o->self, o->kept);
    o->host->free(o->self, o);
}

static int es_open(const struct cxd_host *host, struct cxd_self *self, struct cxd_bytes doc,
                   void **ret_instance, struct cxd_error *err)
{
    struct output *o = host->alloc(self, sizeof *o);
    int r;

    if (o == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "out of memory opening the elasticsearch output");
    }
    o->host = host;
    o->self = self;
    bulk_init(&o->bulk, host, self);
    notes_init(&o->notes, host, self);
    r = settings_read(&o->settings, host, self, doc, err);
    if (r == CXD_OK) {
        r = call_init(&o->call, &o->settings, doc, err);
    }
    if (r == CXD_OK) {
        r = lifecycle_read(&o->lifecycle, host, self, doc, err);
    }
    if (r == CXD_OK && o->settings.compression_level > 0) {
        r = pack_init(&o->pack, host, self, o->settings.compression_level, err);
    }
    if (r != CXD_OK) {
        es_close(o);
        return r;
    }
    o->limit_bytes = o->settings.bulk_max_bytes;
    *ret_instance = o;
    return CXD_OK;
}

static int es_send(void *instance, const struct cxd_batch *batch, struct cxd_outcome *outcomes,
                   struct cxd_error *err)
{
    return output_send(instance, batch, outcomes, err);
}

static int es_setup(void *instance, const char *name, struct cxd_bytes template_json,
                    struct cxd_error *err)
{
    return output_setup(instance, name, template_json, err);
}

static int es_check(void *instance, struct cxd_bytes *ret_text, struct cxd_error *err)
{
    return output_check(instance, ret_text, err);
}

static int es_kept_get(void *instance, const char *place, const char *name,
                       struct cxd_bytes *ret_content, struct cxd_version *ret_version,
                       struct cxd_error *err)
{
    return output_kept_get(instance, place, name, ret_content, ret_version, err);
}

static int es_kept_put(void *instance, const char *place, const char *name,
                       struct cxd_bytes content, struct cxd_version *version, struct cxd_error *err)
{
    return output_kept_put(instance, place, name, content, version, err);
}

static void es_interrupt(void *instance)
{
    struct output *o = instance;

    o->host->http_interrupt(o->call.client);
}

static const struct cxd_output_ops ops = {.size = sizeof ops,
                                          .open = es_open,
                                          .send = es_send,
                                          .setup = es_setup,
                                          .interrupt = es_interrupt,
                                          .close = es_close,
                                          .carries = CXD_CARRY_PIPELINE,
                                          .check = es_check,
                                          .kept_get = es_kept_get,
                                          .kept_put = es_kept_put};

static const struct cxd_module module = {CXD_MODULE_HEAD,
                                         .kind = CXD_OUTPUT,
                                         .needs = CXD_CAN_HTTP | CXD_CAN_GZIP | CXD_CAN_CRYPTO,
                                         .name = "elasticsearch",
                                         .aliases = "opensearch",
                                         .version = "1.0.0",
                                         .summary =
                                             "Data streams of Elasticsearch or OpenSearch, by bulk "
                                             "create",
                                         .options = options,
                                         .ops = &ops};

CXD_MODULE_ENTRY(module)
