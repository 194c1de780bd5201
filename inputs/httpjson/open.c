/* open.c: an instance, from its options and its stored cursor; and its end. Thread: the instance's; interrupt: any. */
#include "input.h"

#include "lib/instance.h"

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

static int input_parts(void *instance, struct cxd_bytes options, struct cxd_error *err)
{
    struct input *in = instance;
    int status = config_read(&in->config, &in->heap, options, err);

    in->ill = true; /* until the first interval says otherwise */
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
                                 : line_open_all(in, err);
    if (status < 0) {
        return status;
    }
    tracer_open(&in->tracer, &in->heap, &in->config);
    return cursor_load(in, err);
}

static int options_check(void *instance, struct cxd_bytes options, struct cxd_error *err)
{
    struct input *in = instance;

    return config_read(&in->config, &in->heap, options, err);
}

static const struct instance_kind kind = {.name = "httpjson",
                                          .size = sizeof(struct input),
                                          .fill = input_parts,
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
    if (!CXD_HAS(host, redact)) {
        return cxd_error_set(err, CXD_MISFIT, "httpjson: this agent is too old for the module");
    }
    return instance_open(&kind, &(struct heap){host, self}, options, ret_instance, err);
}

void input_interrupt(void *instance)
{
    struct input *in = instance;

    line_interrupt_all(in);
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
    line_close_all(in);
    config_done(&in->config);
    if (in->builder != NULL) {
        heap.host->doc_free(in->builder);
    }
    heap_free(&heap, in);
}
