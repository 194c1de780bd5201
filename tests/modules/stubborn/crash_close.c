/* crash_close.c: an input that falls over when it is ended. */
#include "mole.h"

static void crash_close(void *instance)
{
    (void)instance;
    abort();
}

MOLE("crash-close", mole_open, mole_poll, crash_close)
