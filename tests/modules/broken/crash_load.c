/* crash_load.c: falls over before anybody has asked it anything. */
#include "broken.h"

#include <stdlib.h>

static __attribute__((constructor)) void crash(void)
{
    abort();
}

static const struct cxd_module module = {BROKEN_WHOLE("crash-load")};
CXD_MODULE_ENTRY(module)
