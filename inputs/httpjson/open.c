/* open.c: an instance, from its options and its stored cursor; and its end. Thread: the instance's; interrupt: any. */
#include "input.h"

/* What of request is the transport's, as the host's HTTP options. */
static int client_open(struct input *in, struct cxd_error *err)
{
    static const char *const ssl_names[] = {"enabled",
                                            "verification_mode",
                                            "certificate_authorities",
                                            "certificate",
                                            "key",
                                            "key_passphrase",
                                            "key_passphrase_path",
                                            "ca_sha256",
                                            "ca_trusted_fingerprint",
                                            "supported_protocols",
                                            "cipher_suites",
                                            "curve_types",
                                            "renegotiation",
                                            NULL};
    static const char *const names[] = {"ssl", "proxy_url", "proxy_disable", "keep_alive"};
    const struct cxd_host *host = in->heap.host;
    struct region *r = &in->config.region;
    struct tree *request = tree_path(r, in->config.tree, CXD_LIT("request"));
    struct tree *doc = tree_new(r, TREE_OBJECT);
    bool good = doc != NULL && optree_pairs(r, request, "proxy_headers", doc);
    int status =
        optree_check(r, tree_find(r, request, CXD_LIT("ssl")), "request.ssl", ssl_names, err);

    if (status < 0) {
        return status;
    }
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct tree *node = tree_find(r, request, bytes_of(names[i]));

        if (node != NULL && node->kind != TREE_NULL) {
            good = good && tree_put(r, doc, bytes_of(names[i]), tree_copy(r, node));
        }
    }
    if (!good || !optree_write(r, in->builder, doc)) {
        return cxd_error_set(err, CXD_NOMEM, "httpjson: out of memory");
    }
    status = host->http_client(in->heap.self, host->doc_bytes(in->builder), &in->client, err);
    if (status < 0) {
        in->client = NULL;
    }
    host->doc_reset(in->builder);
    return status;
}

static void levels_init(struct input *in)
{
    size_t body_max = (size_t)in->config.max_body;

    for (size_t i = 0; i < in->config.step_count; i++) {
        page_init(&in->levels[i].page, &in->heap, body_max);
        region_init(&in->levels[i].nodes, &in->heap, body_max * 4 + (64u << 20));
        region_init(&in->levels[i].list_region, &in->heap, 256u << 20);
    }
    page_init(&in->first, &in->heap, body_max);
    fetch_init(&in->reply, &in->heap, body_max);
    wire_init(&in->wire, &in->heap);
    text_init(&in->url, &in->heap, 1u << 20);
    text_init(&in->location, &in->heap, 1u << 20);
    text_init(&in->message, &in->heap, 256u << 20);
    context_init(&in->context, &in->heap, &in->config);
    context_enter(&in->context, &in->levels[0].nodes);
}

static int input_parts(struct input *in, struct cxd_bytes options, struct cxd_error *err)
{
    int status = config_read(&in->config, &in->heap, options, err);

    if (status < 0) {
        return status;
    }
    for (size_t i = 0; i < in->config.step_count; i++) {
        if (in->config.steps[i].socket.ptr != NULL && (in->heap.host->offers & CXD_CAN_UNIX) == 0) {
            return cxd_error_set(err, CXD_UNSUPPORTED,
                                 "request.url: this agent is too old for http+unix://");
        }
    }
    levels_init(in);
    in->builder = in->heap.host->doc_new(in->heap.self);
    status = in->builder == NULL ? cxd_error_set(err, CXD_NOMEM, "httpjson: out of memory")
                                 : client_open(in, err);
    if (status < 0) {
        return status;
    }
    auth_init(&in->auth, &in->heap, &in->config.auth, in->client);
    tracer_open(&in->tracer, &in->heap, &in->config);
    return cursor_load(in, err);
}

int input_check(const struct cxd_host *host, struct cxd_self *self, struct cxd_bytes options,
                struct cxd_error *err)
{
    struct input *in = host->alloc(self, sizeof *in);
    int status;

    if (in == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "httpjson: out of memory");
    }
    in->heap = (struct heap){host, self};
    status = config_read(&in->config, &in->heap, options, err);
    input_close(in);
    return status;
}

int input_open(const struct cxd_host *host, struct cxd_self *self, struct cxd_bytes options,
               void **ret_instance, struct cxd_error *err)
{
    struct input *in;
    int status;

    if (!CXD_HAS(host, redact)) {
        return cxd_error_set(err, CXD_MISFIT, "httpjson: this agent is too old for the module");
    }
    in = host->alloc(self, sizeof *in);
    if (in == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "httpjson: out of memory");
    }
    in->heap = (struct heap){host, self};
    in->ill = true; /* until the first interval says otherwise */
    status = input_parts(in, options, err);
    if (status < 0) {
        input_close(in);
        return status;
    }
    *ret_instance = in;
    return 0;
}

void input_interrupt(void *instance)
{
    struct input *in = instance;

    in->heap.host->http_interrupt(in->client);
}

void input_close(void *instance)
{
    struct input *in = instance;
    struct heap heap;

    if (in == NULL) {
        return;
    }
    heap = in->heap;
    fetch_done(&in->reply);
    auth_done(&in->auth);
    tracer_close(&in->tracer);
    wire_done(&in->wire);
    for (size_t i = 0; i < CONFIG_STEPS_MAX; i++) {
        page_done(&in->levels[i].page);
        region_done(&in->levels[i].nodes);
        region_done(&in->levels[i].list_region);
    }
    page_done(&in->first);
    text_done(&in->url);
    text_done(&in->location);
    text_done(&in->message);
    context_done(&in->context);
    config_done(&in->config);
    if (in->builder != NULL) {
        heap.host->doc_free(in->builder);
    }
    if (in->client != NULL) {
        heap.host->http_client_free(in->client);
    }
    heap_free(&heap, in);
}
