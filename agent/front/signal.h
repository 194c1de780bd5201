/* signal.h: signals and the other process-wide things, touched here and in main.c only. */
#pragma once

#include <stdatomic.h>
#include <stdint.h>

/* Blocks the signals that control waits for; call before any thread is made. SIGPIPE is ignored, files are made private. */
void signal_setup(void);
/* Keeps the process' memory out of core dumps and other users' debuggers. */
void signal_no_dumps(void);
enum signal_what { SIGNAL_NONE, SIGNAL_WAKE, SIGNAL_STOP };
/* Waits up to timeout_ms for one. */
enum signal_what signal_wait(int64_t timeout_ms);
/* Makes signal_wait return SIGNAL_WAKE; any thread. */
void signal_wake(void);
/* From now on a stop signal sets *hurry, from a thread of its own; one more ends the process at once with `code`. */
void signal_hurry_on(atomic_int *hurry, int code);
