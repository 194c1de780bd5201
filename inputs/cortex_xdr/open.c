/* open.c: an instance, from its options and its stored cursor; and its end. Thread: the instance's; interrupt: any. */
#include "input.h"

#include "lib/instance.h"

#define REPLY_MAX (128u << 20)

static int parts_open(void *instance, struct cxd_bytes options, struct cxd_error *err)
{
    struct input *in = instance;
    const struct cxd_host *host = in->heap.host;
    int status = config_read(&in->config, &in->heap, options, err);

    in->ill = true; /* until the first page says otherwise */
    if (status < 0) {
        return status;
    }
    status = tenant_get(in->config.address.ptr, &in->tenant);
    if (status < 0) {
        return cxd_error_set(err, status, "domain: too many tenants");
    }
    fetch_init(&in->fetch, &in->heap, REPLY_MAX);
    text_init(&in->body, &in->heap, 65536);
    text_init(&in->message, &in->heap, REPLY_MAX);
    region_init(&in->nodes, &in->heap, (size_t)REPLY_MAX * 4);
    seen_init(&in->seen, &in->heap);
    in->window.has_no_end = in->config.profile->is_open;
    in->builder = host->doc_new(in->heap.self);
    if (in->builder == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "cortex_xdr: out of memory");
    }
    status = host->http_client(in->heap.self, options, &in->client, err);
    if (status < 0) {
        in->client = NULL;
        return status;
    }
    return cursor_load(in, err);
}

static int options_check(void *instance, struct cxd_bytes options, struct cxd_error *err)
{
    struct input *in = instance;

    return config_read(&in->config, &in->heap, options, err);
}

static const struct instance_kind kind = {.name = "cortex_xdr",
                                          .size = sizeof(struct input),
                                          .fill = parts_open,
                                          .check = options_check,
                                          .close = input_close};

int input_check(const struct cxd_host *host, struct cxd_self *self, struct cxd_bytes options,
                struct cxd_error *err)
{
    return instance_check(&kind, &(struct heap){host, self}, options, err);
}

int input_open(const struct cxd_host *host, struct cxd_self *self, struct cxd_bytes options,
               void **ret_instance, struct cxd_error *err)
{
    return instance_open(&kind, &(struct heap){host, self}, options, ret_instance, err);
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
    fetch_done(&in->fetch);
    text_done(&in->body);
    text_done(&in->message);
    if (in->nodes.heap != NULL) {
        region_done(&in->nodes);
    }
    seen_done(&in->seen);
    config_done(&in->config);
    if (in->builder != NULL) {
        heap.host->doc_free(in->builder);
    }
    if (in->client != NULL) {
        heap.host->http_client_free(in->client);
    }
    heap_free(&heap, in);
}
