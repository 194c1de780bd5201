/* kind.c: none of input, processor, output. */
#include "broken.h"

static const struct cxd_module module = {BROKEN_WHOLE("kind"), .kind = 9};
CXD_MODULE_ENTRY(module)
