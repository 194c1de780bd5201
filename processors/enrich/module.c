/* module.c: the processors of this file. */
#include "lib/base.h"

#define MODULES(X)                                                                                 \
    X(add_cloud_metadata)                                                                          \
    X(add_host_metadata)                                                                           \
    X(add_id)                                                                                      \
    X(add_locale)                                                                                  \
    X(add_observer_metadata)                                                                       \
    X(cache)                                                                                       \
    X(community_id)                                                                                \
    X(fingerprint)                                                                                 \
    X(now)                                                                                         \
    X(rate_limit)                                                                                  \
    X(registered_domain)

#define DECLARE(id) extern const struct cxd_module module_##id;
MODULES(DECLARE)

#define LIST(id) &module_##id,
static const struct cxd_module *const modules[] = {MODULES(LIST)};

BASE_GROUP_ENTRY(modules)
