/* hang_poll.c: an input that does not come back from a poll, and has no ear for an interrupt. */
#include "mole.h"

static int hang_poll(void *instance, int64_t *wait_ms, struct cxd_error *err)
{
    mole_forever();
    return mole_poll(instance, wait_ms, err);
}

MOLE("hang-poll", mole_open, hang_poll, mole_close)
