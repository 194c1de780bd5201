/* module.c: the processors of this file. */
#include "lib/base.h"

#define MODULES(X)                                                                                 \
    X(convert)                                                                                     \
    X(decode_base64_field)                                                                         \
    X(decode_csv_fields) X(decode_duration) X(decode_json_fields) X(decode_xml)                    \
        X(detect_mime_type) X(dissect) X(timestamp) X(urldecode)

#define DECLARE(id) extern const struct cxd_module module_##id;
MODULES(DECLARE)

#define LIST(id) &module_##id,
static const struct cxd_module *const modules[] = {MODULES(LIST)};

BASE_GROUP_ENTRY(modules)
