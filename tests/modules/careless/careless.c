/*
 * careless.c: an input that fits, loads and opens, and breaks one rule at work: CARELESS says which. For check-module, which must find
 * each.
 */
#include <cxd/module.h>

#include <stdlib.h>

enum {
    NOTHING,
    LEAK,         /* memory is not given back */
    LEAK_BUILDER, /* nor a builder */
    POLL_VALUE,   /* poll gives what is none of its results */
    NO_REASON,    /* fails and does not say why */
    BUSY,         /* is idle and wants to be polled at once */
    CURSOR,       /* marks what is no BSON document */
    FOREIGN,      /* emits an event twice */
    OPTION_TWICE,
    OPTION_BELOW,
    OPTION_DEFAULT,
    EXITS /* ends the process, with success */
};

struct careless {
    const struct cxd_host *host;
    struct cxd_self *self;
    void *more;
    struct cxd_builder *builder;
};

static int careless_open(const struct cxd_host *host, struct cxd_self *self,
                         struct cxd_bytes options, void **ret_instance, struct cxd_error *err)
{
    struct careless *c = host->alloc(self, sizeof *c);

    (void)options;
    if (c == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "out of memory");
    }
    c->host = host;
    c->self = self;
    c->more = host->alloc(self, 10);
    c->builder = host->doc_new(self);
    *ret_instance = c;
    return CXD_OK;
}

static int careless_emit(struct careless *c, struct cxd_error *err)
{
    struct cxd_event *event;
    int r = c->host->event_new(c->self, &event, err);

    if (r == CXD_OK) {
        c->host->event_set_message(event, CXD_LIT("a \"line\""));
        r = c->host->emit(c->self, event, err);
    }
    if (r == CXD_OK && CARELESS == FOREIGN) {
        r = c->host->emit(c->self, (struct cxd_event *)c, err);
    }
    return r;
}

static int careless_poll(void *instance, int64_t *wait_ms, struct cxd_error *err)
{
    struct careless *c = instance;

    *wait_ms = CARELESS == BUSY ? 0 : 1000;
    if (CARELESS == NO_REASON) {
        return CXD_POLL_RETRY;
    }
    if (CARELESS == EXITS) {
        exit(0);
    }
    if (careless_emit(c, err) != CXD_OK) {
        return CXD_POLL_RETRY;
    }
    if (CARELESS == CURSOR) {
        (void)c->host->mark(c->self, CXD_LIT("page 7"), err);
    }
    return CARELESS == POLL_VALUE ? 42 : CXD_POLL_IDLE;
}

static void careless_close(void *instance)
{
    struct careless *c = instance;
    const struct cxd_host *host = c->host;

    if (CARELESS != LEAK_BUILDER) {
        host->doc_free(c->builder);
    }
    if (CARELESS != LEAK) {
        host->free(c->self, c->more);
    }
    host->free(c->self, c);
}

static const struct cxd_option options[] = {
    {.name = "page.size",
     .type = CXD_OPTION_INT,
     .default_value = CARELESS == OPTION_DEFAULT ? "many" : "10",
     .help = "rows of a page"},
    {.name = CARELESS == OPTION_TWICE   ? "page.size"
             : CARELESS == OPTION_BELOW ? "page"
                                        : "other",
     .type = CXD_OPTION_INT,
     .help = "another"},
    {.name = NULL}};
static const struct cxd_input_ops ops = {
    .size = sizeof ops, .open = careless_open, .poll = careless_poll, .close = careless_close};
static const struct cxd_module module = {
    CXD_MODULE_HEAD, .kind = CXD_INPUT,          .needs = CXD_CAN_EVENTS, .name = "careless",
    .version = "1",  .summary = "breaks a rule", .options = options,      .ops = &ops};
CXD_MODULE_ENTRY(module)
