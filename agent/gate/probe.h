/*
 * probe.h: a stranger's code runs first in a process of its own, which may crash or hang as it likes.
 *
 * The process is the program itself, started anew with words that the front gives a meaning to: nothing of this process is
 * in it, neither threads nor locks. It says on its standard output what it is about, a line before each step, and ends with the
 * line "ok". Control's thread.
 */
#pragma once

#include "cxd/abi.h"
#include "cxd/status.h"

#include <stdint.h>
#include <sys/types.h>

#define PROBE_OK "ok"

struct probe {
    const char *program;      /* what is started */
    const char *const *words; /* its first words, behind the program's name; ends with NULL */
    int64_t limit_ms;         /* then it is killed */
};

/*
 * Starts it with `more` behind the words and input as its standard input. 0: it came to its end. CXD_MISFIT: err says at which
 * step it crashed, or that it did not come back. CXD_IO: it could not be started.
 */
int probe_run(const struct probe *p, const char *const *more, struct cxd_bytes input,
              struct cxd_error *err);
/* Waits for a child. 1: *ret_status is waitpid's; 0: killed when the time was over. */
int probe_wait(pid_t pid, int64_t limit_ms, int *ret_status);
/* "crashed (Segmentation fault)", "ended with exit code 3" */
void probe_end_text(int status, char *out, size_t room);
