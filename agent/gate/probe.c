/*
 * probe.c: posix_spawn, a file in memory for what goes in and one for what comes out: neither side ever waits for the other.
 */
#include "gate/probe.h"

#include "base/cleanup.h"
#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define WORDS_MAX 16
#define STEP_MAX 100
#define PAUSE_MS 10 /* between looks, where the kernel knows no pidfd */

extern char **environ;

int probe_wait(pid_t pid, int64_t limit_ms, int *ret_status)
{
    int64_t deadline_ms = clock_mono_ms() + limit_ms;
    _cleanup_(closep) int fd = (int)syscall(SYS_pidfd_open, pid, 0);

    for (;;) {
        struct pollfd end = {.fd = fd, .events = POLLIN};
        pid_t got = waitpid(pid, ret_status, WNOHANG);
        int64_t left_ms = deadline_ms - clock_mono_ms();
        if (got == pid || (got < 0 && errno != EINTR)) {
            return got == pid;
        }
        if (left_ms <= 0) {
            (void)kill(pid, SIGKILL);
            (void)waitpid(pid, ret_status, 0);
            return 0;
        }
        (void)poll(&end, 1, fd >= 0 || left_ms < PAUSE_MS ? (int)left_ms : PAUSE_MS);
    }
}

void probe_end_text(int status, char *out, size_t room)
{
    if (WIFSIGNALED(status)) {
        (void)snprintf(out, room, "crashed (%s)", strsignal(WTERMSIG(status)));
    } else {
        (void)snprintf(out, room, "crashed (exit code %d)", WEXITSTATUS(status));
    }
}

/* The last whole line of the file, or "" when there is none. */
static void last_line(int fd, char out[STEP_MAX])
{
    char tail[2 * STEP_MAX];
    off_t end = lseek(fd, 0, SEEK_END);
    off_t from = end > (off_t)sizeof tail ? end - (off_t)sizeof tail : 0;
    ssize_t len = end > 0 ? pread(fd, tail, (size_t)(end - from), from) : 0;
    const char *line;

    out[0] = '\0';
    while (len > 0 && tail[len - 1] == '\n') {
        len--;
    }
    if (len > 0) {
        line = memrchr(tail, '\n', (size_t)len);
        line = line != NULL ? line + 1 : tail;
        (void)snprintf(out, STEP_MAX, "%.*s", (int)(tail + len - line), line);
    }
}

static int child_start(const struct probe *p, const char *const *more, const int fds[2],
                       pid_t *ret_pid)
{
    const char *argv[WORDS_MAX] = {"cortexd"};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none;
    size_t n = 1;
    int r;

    for (const char *const *w = p->words; *w != NULL && n < WORDS_MAX - 1; w++) {
        argv[n++] = *w;
    }
    for (const char *const *w = more; *w != NULL && n < WORDS_MAX - 1; w++) {
        argv[n++] = *w;
    }
    r = posix_spawn_file_actions_init(&actions);
    if (r != 0) {
        return r;
    }
    r = posix_spawnattr_init(&attributes);
    if (r == 0) {
        (void)sigemptyset(&none);
        r = posix_spawnattr_setsigmask(&attributes, &none);
        r = r != 0 ? r : posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
        r = r != 0 ? r : posix_spawn_file_actions_adddup2(&actions, fds[0], STDIN_FILENO);
        r = r != 0 ? r : posix_spawn_file_actions_adddup2(&actions, fds[1], STDOUT_FILENO);
        /* what a crash prints there would stand beside the one line that says so */
        r = r != 0 ? r
                   : posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null",
                                                      O_WRONLY, 0);
        r = r != 0 ? r
                   : posix_spawn(ret_pid, p->program, &actions, &attributes, (char *const *)argv,
                                 environ);
        (void)posix_spawnattr_destroy(&attributes);
    }
    (void)posix_spawn_file_actions_destroy(&actions);
    return r;
}

static int verdict(const struct probe *p, int has_ended, int status, int fd, struct cxd_error *err)
{
    char step[STEP_MAX];
    char end[STEP_MAX];

    last_line(fd, step);
    if (has_ended && WIFEXITED(status) && WEXITSTATUS(status) == 0 && strcmp(step, PROBE_OK) == 0) {
        return CXD_OK;
    }
    if (!has_ended) {
        return cxd_error_set(err, CXD_MISFIT, "did not come back from %s within %.1f s",
                             step[0] != '\0' ? step : "its start", (double)p->limit_ms / 1000);
    }
    probe_end_text(status, end, sizeof end);
    return cxd_error_set(err, CXD_MISFIT, "%s in %s, tried out in a process of its own", end,
                         step[0] != '\0' ? step : "its start");
}

int probe_run(const struct probe *p, const char *const *more, struct cxd_bytes input,
              struct cxd_error *err)
{
    _cleanup_(closep) int in = memfd_create("cortexd-probe-in", MFD_CLOEXEC);
    _cleanup_(closep) int out = memfd_create("cortexd-probe-out", MFD_CLOEXEC);
    int status = 0;
    int has_ended;
    pid_t pid;
    int r;

    if (in < 0 || out < 0 || write(in, input.ptr, input.len) != (ssize_t)input.len ||
        lseek(in, 0, SEEK_SET) != 0) {
        return cxd_error_set(err, CXD_IO, "cannot be tried out: %s", strerror(errno));
    }
    r = child_start(p, more, (const int[]){in, out}, &pid);
    if (r != 0) {
        return cxd_error_set(err, CXD_IO, "cannot be tried out: %s: %s", p->program, strerror(r));
    }
    has_ended = probe_wait(pid, p->limit_ms, &status);
    return verdict(p, has_ended, status, out, err);
}
