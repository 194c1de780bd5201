/* wall.c: an output that never comes back from its first call, and has no ear for an interrupt. */
#define _POSIX_C_SOURCE 200809L
#include <cxd/module.h>

#include <time.h>

static int wall_open(const struct cxd_host *host, struct cxd_self *self, struct cxd_bytes options,
                     void **ret_instance, struct cxd_error *err)
{
    (void)options;
    (void)err;
    *ret_instance = self;
    host->log(self, CXD_LOG_INFO, "wall: open", 10);
    return CXD_OK;
}

static int wall_send(void *instance, const struct cxd_batch *batch, struct cxd_outcome *outcomes,
                     struct cxd_error *err)
{
    static volatile int forever = 1;

    (void)instance;
    (void)batch;
    (void)outcomes;
    (void)err;
    while (forever) {
        const struct timespec second = {1, 0};
        (void)nanosleep(&second, NULL);
    }
    return CXD_OK;
}

static void wall_close(void *instance)
{
    (void)instance;
}

static const struct cxd_option options[] = {{.name = NULL}};

static const struct cxd_output_ops ops = {.size = sizeof(struct cxd_output_ops),
                                          .open = wall_open,
                                          .send = wall_send,
                                          .close = wall_close};

static const struct cxd_module module = {CXD_MODULE_HEAD,
                                         .kind = CXD_OUTPUT,
                                         .name = "wall",
                                         .version = "1.0",
                                         .summary = "never comes back",
                                         .options = options,
                                         .ops = &ops};
CXD_MODULE_ENTRY(module)
