/* twin.c: built twice, under two file names, with one name of its own. */
#include "broken.h"

static const struct cxd_module module = {BROKEN_WHOLE("twin"), .aliases = "twin-alias other-alias"};
CXD_MODULE_ENTRY(module)
