/* door.c: an output whose setup waits until it is interrupted. */
#define _POSIX_C_SOURCE 200809L
#include <cxd/module.h>

#include <time.h>

struct door {
    const struct cxd_host *host;
    struct cxd_self *self;
    volatile int is_open; /* set by interrupt */
};

static int door_open(const struct cxd_host *host, struct cxd_self *self, struct cxd_bytes options,
                     void **ret_instance, struct cxd_error *err)
{
    struct door *d = host->alloc(self, sizeof *d);

    (void)options;
    if (d == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "door: out of memory");
    }
    d->host = host;
    d->self = self;
    *ret_instance = d;
    return CXD_OK;
}

static int door_send(void *instance, const struct cxd_batch *batch, struct cxd_outcome *outcomes,
                     struct cxd_error *err)
{
    (void)instance;
    (void)batch;
    (void)outcomes;
    return cxd_error_set(err, CXD_IO, "door: nothing goes through");
}

static int door_setup(void *instance, const char *name, struct cxd_bytes template_json,
                      struct cxd_error *err)
{
    struct door *d = instance;

    (void)name;
    (void)template_json;
    d->host->log(d->self, CXD_LOG_INFO, "door: waiting", 13);
    while (!d->is_open) {
        const struct timespec moment = {0, 5000000};
        (void)nanosleep(&moment, NULL);
    }
    return cxd_error_set(err, CXD_STOPPED, "door: interrupted");
}

static void door_interrupt(void *instance)
{
    ((struct door *)instance)->is_open = 1;
}

static void door_close(void *instance)
{
    struct door *d = instance;
    const struct cxd_host *host = d->host;

    host->free(d->self, d);
}

static const struct cxd_option options[] = {{.name = "setup.template.enabled",
                                             .type = CXD_OPTION_BOOL,
                                             .default_value = "true",
                                             .help = "whether setup is asked for"},
                                            {.name = NULL}};

static const struct cxd_output_ops ops = {.size = sizeof(struct cxd_output_ops),
                                          .open = door_open,
                                          .send = door_send,
                                          .setup = door_setup,
                                          .interrupt = door_interrupt,
                                          .close = door_close};

static const struct cxd_module module = {
    CXD_MODULE_HEAD,  .kind = CXD_OUTPUT,           .name = "door",
    .version = "1.0", .summary = "its setup waits", .options = options,
    .ops = &ops};
CXD_MODULE_ENTRY(module)
