/* open.c: an instance, from its options and its stored cursor; and its end. Thread: the instance's; interrupt: any. */
#include "input.h"

#define REPLY_MAX (128u << 20)

static int parts_open(struct input *in, struct cxd_bytes options, struct cxd_error *err)
{
    const struct cxd_host *host = in->heap.host;
    int status = config_read(&in->config, &in->heap, options, err);

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

int input_check(const struct cxd_host *host, struct cxd_self *self, struct cxd_bytes options,
                struct cxd_error *err)
{
    struct input *in = host->alloc(self, sizeof *in);
    int status;

    if (in == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "cortex_xdr: out of memory");
    }
    in->heap = (struct heap){host, self};
    status = config_read(&in->config, &in->heap, options, err);
    input_close(in);
    return status;
}

int input_open(const struct cxd_host *host, struct cxd_self *self, struct cxd_bytes options,
               void **ret_instance, struct cxd_error *err)
{
    struct input *in = host->alloc(self, sizeof *in);
    int status;

    if (in == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "cortex_xdr: out of memory");
    }
    in->heap = (struct heap){host, self};
    in->ill = true; /* until the first page says otherwise */
    status = parts_open(in, options, err);
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
