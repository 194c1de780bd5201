/* ticker.c: an input as a third party would write it, from the public headers alone: counts to a number and remembers where. */
#include <cxd/module.h>

#define EACH_POLL 100

struct ticker {
    const struct cxd_host *host;
    struct cxd_self *self;
    struct cxd_builder *cursor;
    int64_t next;
    int64_t count;
    int64_t stuck; /* gets this far and asks for a person; 0: never */
};

static void ticker_close(void *instance)
{
    struct ticker *t = instance;
    const struct cxd_host *host = t->host;

    host->doc_free(t->cursor);
    host->free(t->self, t);
}

static int ticker_open(const struct cxd_host *host, struct cxd_self *self, struct cxd_bytes options,
                       void **ret_instance, struct cxd_error *err)
{
    struct cxd_bytes stored = host->cursor(self);
    struct ticker *t = host->alloc(self, sizeof *t);

    if (t == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "ticker: out of memory");
    }
    t->host = host;
    t->self = self;
    t->count = host->doc_get(options, "count").number;
    t->stuck = host->doc_get(options, "stuck").number;
    t->next = stored.len > 0 ? host->doc_get(stored, "next").number : 0;
    t->cursor = host->doc_new(self);
    if (t->cursor == NULL) {
        ticker_close(t);
        return cxd_error_set(err, CXD_NOMEM, "ticker: out of memory");
    }
    *ret_instance = t;
    return CXD_OK;
}

static int tick(struct ticker *t, struct cxd_error *err)
{
    struct cxd_event *event;
    char record[48];
    char id[24];
    int len = snprintf(record, sizeof record, "{\"tick\":%lld}", (long long)t->next);
    int r = t->host->event_new(t->self, &event, err);

    if (r != CXD_OK) {
        return r;
    }
    t->host->event_set_message(event, (struct cxd_bytes){record, (size_t)len});
    len = snprintf(id, sizeof id, "tick-%lld", (long long)t->next);
    t->host->event_set_id(event, (struct cxd_bytes){id, (size_t)len});
    r = t->host->emit(t->self, event, err);
    t->next += r == CXD_OK;
    return r;
}

static int ticker_mark(struct ticker *t, struct cxd_error *err)
{
    const struct cxd_scalar next = {.type = CXD_INT, .number = t->next};
    int r;

    t->host->doc_reset(t->cursor);
    r = t->host->doc_put(t->cursor, "next", &next);
    return r == CXD_OK ? t->host->mark(t->self, t->host->doc_bytes(t->cursor), err)
                       : cxd_error_set(err, r, "ticker: no cursor");
}

static int ticker_poll(void *instance, int64_t *wait_ms, struct cxd_error *err)
{
    struct ticker *t = instance;
    int r = CXD_OK;

    for (int i = 0; i < EACH_POLL && t->next < t->count && r == CXD_OK; i++) {
        r = tick(t, err);
    }
    r = r == CXD_OK ? ticker_mark(t, err) : r;
    if (r == CXD_OK && t->stuck > 0 && t->next >= t->stuck) {
        (void)cxd_error_set(err, CXD_CONFIG, "ticker: stuck at %lld", (long long)t->next);
        return CXD_POLL_FAILED;
    }
    *wait_ms = 1000;
    return r != CXD_OK ? r : t->next < t->count ? CXD_POLL_MORE : CXD_POLL_IDLE;
}

static const struct cxd_option options[] = {{.name = "count",
                                             .type = CXD_OPTION_INT,
                                             .flags = CXD_OPTION_REQUIRED,
                                             .help = "how far to count"},
                                            {.name = "stuck",
                                             .type = CXD_OPTION_INT,
                                             .help = "fails once it has come so far"},
                                            {.name = NULL}};

static const struct cxd_input_ops ops = {.size = sizeof(struct cxd_input_ops),
                                         .open = ticker_open,
                                         .poll = ticker_poll,
                                         .close = ticker_close};

static const struct cxd_module module = {
    CXD_MODULE_HEAD,    .kind = CXD_INPUT, .needs = CXD_CAN_EVENTS | CXD_CAN_CURSOR,
    .name = "ticker",   .version = "1.0",  .summary = "counts",
    .options = options, .ops = &ops};
CXD_MODULE_ENTRY(module)
