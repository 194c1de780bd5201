/* needs.c: needs a capability that no host has. */
#include "broken.h"

static const struct cxd_module module = {BROKEN_WHOLE("needs"),
                                         .needs = CXD_CAN_EVENTS | (1ull << 40)};
CXD_MODULE_ENTRY(module)
