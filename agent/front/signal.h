/* signal.h: signals and the other process-wide things, touched here and in main.c only. */
#pragma once

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>

/* Blocks the signals that control waits for; call before any thread is made. SIGPIPE is ignored, files are made private. */
void signal_setup(void);
/* Keeps the process' memory out of core dumps and other users' debuggers. */
void signal_no_dumps(void);
enum signal_what { SIGNAL_NONE, SIGNAL_WAKE, SIGNAL_REREAD, SIGNAL_STOP };
/* Waits up to timeout_ms for one. A stop signal comes before all others that are there. */
enum signal_what signal_wait(int64_t timeout_ms);
/* Makes signal_wait return SIGNAL_WAKE; any thread. */
void signal_wake(void);
/* While it lasts, a stop signal calls on_stop(arg), from a thread of its own and again and again until the end. For work of
 * control's that may take long. */
struct signal_watch {
    void (*on_stop)(void *arg);
    void *arg;
    atomic_int is_over;
    atomic_int has_stopped;
    int wants_reread; /* the thread's; SIGHUP comes again at the end */
    pthread_t thread;
};
/* 0, or CXD_NOMEM: no thread; then there is nothing to end. */
int signal_watch_start(struct signal_watch *w, void (*on_stop)(void *arg), void *arg);
/* 1 when a stop signal came. */
int signal_watch_end(struct signal_watch *w);
/* From now on a stop signal sets *hurry, from a thread of its own; one more ends the process at once with `code`. */
void signal_hurry_on(atomic_int *hurry, int code);
