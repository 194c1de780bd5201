/* short_ops.c: a table of operations that ends too early. */
#include "broken.h"

static const struct cxd_processor_ops ops = {.size = offsetof(struct cxd_processor_ops, close),
                                             .open = broken_open,
                                             .process = broken_process};
static const struct cxd_module module = {BROKEN_WHOLE("short-ops"), .ops = &ops};
CXD_MODULE_ENTRY(module)
