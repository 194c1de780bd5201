/* short.c: a descriptor that ends before what ABI 1.0 has. */
#include "broken.h"

static const struct cxd_module module = {BROKEN_WHOLE("short"),
                                         .size = offsetof(struct cxd_module, ops)};
CXD_MODULE_ENTRY(module)
