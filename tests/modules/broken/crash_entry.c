/* crash_entry.c: falls over when it is asked for its module. */
#include "broken.h"

#include <stdlib.h>

CXD_EXTERN CXD_EXPORT const struct cxd_module *cxd_module_entry(const struct cxd_host *host,
                                                                struct cxd_error *err);

const struct cxd_module *cxd_module_entry(const struct cxd_host *host, struct cxd_error *err)
{
    static const struct cxd_module module = {BROKEN_WHOLE("crash-entry")};

    (void)err;
    if (host != NULL) {
        abort();
    }
    return &module;
}
