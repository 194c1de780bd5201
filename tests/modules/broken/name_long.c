/* name_long.c: a name of more than 64 letters. */
#include "broken.h"

static const struct cxd_module module = {
    BROKEN_WHOLE("ok"),
    .name = "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn"};
CXD_MODULE_ENTRY(module)
