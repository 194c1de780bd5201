/* crash_start.c: a processor that falls over when it is started. */
#include "../broken/broken.h"

#include <stdlib.h>

static int crash_open(const struct cxd_host *host, struct cxd_self *self, struct cxd_bytes options,
                      void **ret_instance, struct cxd_error *err)
{
    (void)broken_open(host, self, options, ret_instance, err);
    abort();
}

static const struct cxd_processor_ops ops = {.size = sizeof(struct cxd_processor_ops),
                                             .open = crash_open,
                                             .process = broken_process,
                                             .close = broken_close};
static const struct cxd_module module = {BROKEN_WHOLE("crash-start"), .ops = &ops};
CXD_MODULE_ENTRY(module)
