/* wait.c: see the header. */
#include "pipeline/wait.h"

#include <time.h>

void wait_cond_init(pthread_cond_t *cond)
{
    pthread_condattr_t attr;

    (void)pthread_condattr_init(&attr); /* these three cannot fail with valid arguments */
    (void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    (void)pthread_cond_init(cond, &attr);
    (void)pthread_condattr_destroy(&attr);
}

int wait_cond(pthread_cond_t *cond, pthread_mutex_t *lock, int64_t deadline_ms)
{
    struct timespec at = {.tv_sec = deadline_ms / 1000, .tv_nsec = deadline_ms % 1000 * 1000000};

    if (deadline_ms < 0) {
        (void)pthread_cond_wait(cond, lock);
        return 1;
    }
    return pthread_cond_timedwait(cond, lock, &at) == 0;
}
