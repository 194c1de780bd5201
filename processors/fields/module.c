/* module.c: the processors of this file. */
#include "lib/base.h"

#define MODULES(X)                                                                                 \
    X(add_fields)                                                                                  \
    X(add_labels)                                                                                  \
    X(add_tags)                                                                                    \
    X(append)                                                                                      \
    X(copy_fields)                                                                                 \
    X(drop_event)                                                                                  \
    X(drop_fields)                                                                                 \
    X(extract_array)                                                                               \
    X(include_fields)                                                                              \
    X(lowercase)                                                                                   \
    X(move_fields)                                                                                 \
    X(rename)                                                                                      \
    X(replace)                                                                                     \
    X(truncate_fields)                                                                             \
    X(uppercase)

#define DECLARE(id) extern const struct cxd_module module_##id;
MODULES(DECLARE)

#define LIST(id) &module_##id,
static const struct cxd_module *const modules[] = {MODULES(LIST)};

BASE_GROUP_ENTRY(modules)
