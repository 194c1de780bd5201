/* hang_close.c: an input that does not come back from its end, but where it is only tried out. */
#include "mole.h"

static int has_polled;

static int hang_poll(void *instance, int64_t *wait_ms, struct cxd_error *err)
{
    has_polled = 1;
    return mole_poll(instance, wait_ms, err);
}

static void hang_close(void *instance)
{
    (void)instance;
    if (has_polled) {
        mole_forever();
    }
}

MOLE("hang-close", mole_open, hang_poll, hang_close)
