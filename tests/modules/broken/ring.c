/* ring.c: the last module of the file names the first as its next. */
#include "broken.h"

static const struct cxd_module module = {BROKEN_WHOLE("ring"), .next = &module};
CXD_MODULE_ENTRY(module)
