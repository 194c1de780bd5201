/* lacks_op.c: without the operation that makes it a processor. */
#include "broken.h"

static const struct cxd_processor_ops ops = {
    .size = sizeof(struct cxd_processor_ops), .open = broken_open, .close = broken_close};
static const struct cxd_module module = {BROKEN_WHOLE("lacks-op"), .ops = &ops};
CXD_MODULE_ENTRY(module)
