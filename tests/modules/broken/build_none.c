/* build_none.c: without the stamp of its build. */
#include "broken.h"

static const struct cxd_module module = {BROKEN_WHOLE("build-none"), .build = NULL};
CXD_MODULE_ENTRY(module)
