/* signal.c: sigtimedwait in control, and one helper thread while stopping. */
#include "front/signal.h"

#include "base/log.h"
#include "cxd/status.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define WAKE SIGUSR2
#define WATCH_MS 100

static void set_fill(sigset_t *set)
{
    (void)sigemptyset(set);
    (void)sigaddset(set, SIGINT);
    (void)sigaddset(set, SIGTERM);
    (void)sigaddset(set, SIGHUP);
    (void)sigaddset(set, WAKE);
}

void signal_setup(void)
{
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigset_t set;

    set_fill(&set);
    (void)pthread_sigmask(SIG_BLOCK, &set, NULL); /* these do not fail with valid arguments */
    (void)sigaction(SIGPIPE, &ignore, NULL);
    (void)umask(027);
}

void signal_no_dumps(void)
{
    const struct rlimit none = {0, 0};

    (void)setrlimit(RLIMIT_CORE,
                    &none); /* best effort: a failure only leaves the system's own rule */
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    (void)prctl(PR_SET_DUMPABLE, 0);
#endif
}

/* The system gives the lowest number first: a storm of SIGHUP would hide the stop. */
static int stop_waits(void)
{
    const struct timespec none = {.tv_sec = 0};
    sigset_t set;

    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGINT);
    (void)sigaddset(&set, SIGTERM);
    return sigtimedwait(&set, NULL, &none) > 0;
}

enum signal_what signal_wait(int64_t timeout_ms)
{
    const struct timespec timeout = {.tv_sec = timeout_ms / 1000,
                                     .tv_nsec = timeout_ms % 1000 * 1000000};
    sigset_t set;
    int got;

    set_fill(&set);
    got = sigtimedwait(&set, NULL, &timeout);
    if (got == SIGINT || got == SIGTERM) {
        return SIGNAL_STOP;
    }
    if (got == SIGHUP) {
        return stop_waits() ? SIGNAL_STOP : SIGNAL_REREAD;
    }
    return got > 0 ? SIGNAL_WAKE : SIGNAL_NONE;
}

void signal_wake(void)
{
    (void)kill(getpid(), WAKE); /* our own process is there */
}

static void *watch_run(void *arg)
{
    struct signal_watch *w = arg;

    while (!atomic_load(&w->is_over)) {
        enum signal_what what = signal_wait(WATCH_MS);
        if (what == SIGNAL_STOP) {
            atomic_store(&w->has_stopped, 1);
        }
        w->wants_reread |= what == SIGNAL_REREAD;
        if (atomic_load(&w->has_stopped) && !atomic_load(&w->is_over)) {
            w->on_stop(w->arg);
        }
    }
    return NULL;
}

int signal_watch_start(struct signal_watch *w, void (*on_stop)(void *arg), void *arg)
{
    *w = (struct signal_watch){.on_stop = on_stop, .arg = arg};
    return pthread_create(&w->thread, NULL, watch_run, w) == 0 ? CXD_OK : CXD_NOMEM;
}

int signal_watch_end(struct signal_watch *w)
{
    atomic_store(&w->is_over, 1);
    signal_wake();
    (void)pthread_join(w->thread, NULL);
    if (w->wants_reread) {
        (void)kill(getpid(), SIGHUP); /* our own process is there */
    }
    return atomic_load(&w->has_stopped);
}

static atomic_int *hurry_flag;
static int hurry_code;

static void *hurry_run(void *arg)
{
    while (signal_wait(3600000) != SIGNAL_STOP) {
    }
    LOG(CXD_LOG_WARN, "agent", "second signal: not waiting for acknowledgements any more");
    atomic_store(hurry_flag, 1);
    while (signal_wait(3600000) != SIGNAL_STOP) {
    }
    /* Something does not come out of a call. What was not acknowledged comes again. */
    LOG(CXD_LOG_WARN, "agent", "third signal: ended at once");
    _exit(hurry_code);
    return arg;
}

void signal_hurry_on(atomic_int *hurry, int code)
{
    pthread_t thread;

    hurry_flag = hurry;
    hurry_code = code;
    if (pthread_create(&thread, NULL, hurry_run, NULL) == 0) {
        (void)pthread_detach(thread);
    }
}
