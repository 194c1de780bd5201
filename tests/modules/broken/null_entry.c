/* null_entry.c: an entry that gives no module and no reason. */
#include "broken.h"

CXD_EXTERN CXD_EXPORT const struct cxd_module *cxd_module_entry(const struct cxd_host *host,
                                                                struct cxd_error *err);

const struct cxd_module *cxd_module_entry(const struct cxd_host *host, struct cxd_error *err)
{
    static const struct cxd_module module = {BROKEN_WHOLE("null-entry")};

    (void)err;
    return host == NULL ? &module : NULL;
}
