/* abi_major.c: made for another major version of the ABI. */
#include "broken.h"

static const struct cxd_module module = {BROKEN_WHOLE("abi-major"), .abi = (CXD_ABI_MAJOR + 1)
                                                                           << 16};
CXD_MODULE_ENTRY(module)
