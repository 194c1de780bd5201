/* crash_open.c: an input that falls over when it is started. */
#include "mole.h"

static int crash_open(const struct cxd_host *host, struct cxd_self *self, struct cxd_bytes options,
                      void **ret_instance, struct cxd_error *err)
{
    (void)mole_open(host, self, options, ret_instance, err);
    abort();
}

MOLE("crash-open", crash_open, mole_poll, mole_close)
