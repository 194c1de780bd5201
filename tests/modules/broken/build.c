/* build.c: built for another machine. */
#include "broken.h"

static const struct cxd_module module = {BROKEN_WHOLE("build"), .build = "cxd1-lp32-me"};
CXD_MODULE_ENTRY(module)
