/* glue.c: what Go cannot say: a table of C functions, and calls through the host's. */
#include "glue.h"

#include "_cgo_export.h"

static int open_it(const struct cxd_host *host, struct cxd_self *self, struct cxd_bytes options,
                   void **ret_instance, struct cxd_error *err)
{
    struct countdown *c = host->alloc(self, sizeof *c);

    if (c == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "out of memory");
    }
    c->host = host;
    c->self = self;
    c->from = host->doc_get(options, "from").number;
    *ret_instance = c;
    return CXD_OK;
}

static int poll_it(void *instance, int64_t *wait_ms, struct cxd_error *err)
{
    *wait_ms = 1000;
    return goPoll(instance, err);
}

static void close_it(void *instance)
{
    struct countdown *c = instance;

    c->host->free(c->self, c);
}

int countdown_emit(struct countdown *c, char *message, size_t len, char *id, size_t id_len,
                   struct cxd_error *err)
{
    struct cxd_event *event;
    int r = c->host->event_new(c->self, &event, err);

    if (r != CXD_OK) {
        return r;
    }
    c->host->event_set_message(event, (struct cxd_bytes){message, len});
    c->host->event_set_id(event, (struct cxd_bytes){id, id_len});
    return c->host->emit(c->self, event, err);
}

static const struct cxd_option options[] = {
    {.name = "from", .type = CXD_OPTION_INT, .default_value = "3", .help = "The first number"},
    {.name = NULL}};
static const struct cxd_input_ops ops = {
    .size = sizeof ops, .open = open_it, .poll = poll_it, .close = close_it};
static const struct cxd_module module = {CXD_MODULE_HEAD,
                                         .kind = CXD_INPUT,
                                         .needs = CXD_CAN_EVENTS,
                                         .name = "outside-countdown",
                                         .version = "0.3",
                                         .summary = "Counts down, in Go",
                                         .options = options,
                                         .ops = &ops};
CXD_MODULE_ENTRY(module)
