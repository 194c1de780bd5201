/* name.c: a name with letters that a policy type has not. */
#include "broken.h"

static const struct cxd_module module = {BROKEN_WHOLE("ok"), .name = "Bad Name"};
CXD_MODULE_ENTRY(module)
