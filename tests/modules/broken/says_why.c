/* says_why.c: an entry that gives no module, and says why. */
#include "broken.h"

CXD_EXTERN CXD_EXPORT const struct cxd_module *cxd_module_entry(const struct cxd_host *host,
                                                                struct cxd_error *err);

const struct cxd_module *cxd_module_entry(const struct cxd_host *host, struct cxd_error *err)
{
    static const struct cxd_module module = {BROKEN_WHOLE("says-why")};

    if (host != NULL) {
        (void)cxd_error_set(err, CXD_UNSUPPORTED, "this kernel has no such device");
        return NULL;
    }
    return &module;
}
