/* short_next.c: a descriptor as headers of 1.0 made it, with whatever lies behind it. */
#include "broken.h"

static const struct cxd_module module = {
    BROKEN_WHOLE("short-next"),
    .size = offsetof(struct cxd_module, next),
    .next = &module,
};
CXD_MODULE_ENTRY(module)
