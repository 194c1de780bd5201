/* crash_poll.c: an input that hands over ten events, and falls over at its second poll. */
#include "mole.h"

struct crash {
    const struct cxd_host *host;
    struct cxd_self *self;
    int polls;
};

static int crash_open(const struct cxd_host *host, struct cxd_self *self, struct cxd_bytes options,
                      void **ret_instance, struct cxd_error *err)
{
    struct crash *c = host->alloc(self, sizeof *c);

    (void)options;
    if (c == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "crash: out of memory");
    }
    c->host = host;
    c->self = self;
    *ret_instance = c;
    return CXD_OK;
}

static int crash_poll(void *instance, int64_t *wait_ms, struct cxd_error *err)
{
    static const char record[] = "{\"a\":1}";
    struct crash *c = instance;
    int r = CXD_OK;

    if (c->polls++ > 0) {
        abort();
    }
    for (int i = 0; i < 10 && r == CXD_OK; i++) {
        struct cxd_event *event;
        r = c->host->event_new(c->self, &event, err);
        if (r == CXD_OK) {
            c->host->event_set_message(event, (struct cxd_bytes){record, sizeof record - 1});
            r = c->host->emit(c->self, event, err);
        }
    }
    *wait_ms = 300;
    return r == CXD_OK ? CXD_POLL_IDLE : r;
}

static void crash_close(void *instance)
{
    struct crash *c = instance;

    c->host->free(c->self, c);
}

MOLE("crash-poll", crash_open, crash_poll, crash_close)
