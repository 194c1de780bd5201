/* guard.c: one thread that waits for the end of a step. Its lock is taken by nobody who holds another. */
#include "front/run/guard.h"

#include "base/clock.h"
#include "base/log.h"
#include "pipeline/wait.h"

#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

static struct {
    pthread_mutex_t lock;
    pthread_cond_t wake;
    pthread_t thread;
    int64_t limit_ms;
    int64_t since_ms;
    int code;
    int is_on;
    char step[200];
} guard = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void *guard_run(void *arg)
{
    (void)pthread_mutex_lock(&guard.lock);
    while (guard.is_on && clock_mono_ms() < guard.since_ms + guard.limit_ms) {
        (void)wait_cond(&guard.wake, &guard.lock, guard.since_ms + guard.limit_ms);
    }
    if (guard.is_on) {
        LOG(CXD_LOG_ERROR, "agent",
            "%s did not come back within %.1f s while stopping: the process ends without it; what "
            "was not acknowledged comes again",
            guard.step, (double)guard.limit_ms / 1000);
        log_flush();
        _exit(guard.code);
    }
    (void)pthread_mutex_unlock(&guard.lock);
    return arg;
}

void guard_on(int64_t limit_ms, int code)
{
    (void)pthread_mutex_lock(&guard.lock);
    wait_cond_init(&guard.wake);
    guard.limit_ms = limit_ms;
    guard.since_ms = clock_mono_ms();
    guard.code = code;
    (void)snprintf(guard.step, sizeof guard.step, "the stop");
    guard.is_on = pthread_create(&guard.thread, NULL, guard_run, NULL) == 0;
    (void)pthread_mutex_unlock(&guard.lock);
}

void guard_at(const char *kind, const char *id, const char *module)
{
    (void)pthread_mutex_lock(&guard.lock);
    if (guard.is_on) {
        guard.since_ms = clock_mono_ms();
        (void)snprintf(guard.step, sizeof guard.step, "%s \"%s\" (%s)", kind, id, module);
    }
    (void)pthread_mutex_unlock(&guard.lock);
}

void guard_off(void)
{
    int was_on;

    (void)pthread_mutex_lock(&guard.lock);
    was_on = guard.is_on;
    guard.is_on = 0;
    if (was_on) {
        (void)pthread_cond_broadcast(&guard.wake);
    }
    (void)pthread_mutex_unlock(&guard.lock);
    if (was_on) {
        (void)pthread_join(guard.thread, NULL);
    }
}
