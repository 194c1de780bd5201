/* abi_minor.c: made for a newer minor version, which is no reason to refuse it; its descriptor is longer than we know. */
#include "broken.h"

struct newer {
    struct cxd_module module;
    const char *more;
};

static const struct newer newer = {
    .module = {BROKEN_WHOLE("abi-minor"), .size = sizeof(struct newer), .abi = CXD_ABI + 7},
    .more = "not for this host"};

CXD_MODULE_ENTRY(newer.module)
