/*
 * pipe.c: asks with poll before it writes, and writes at most PIPE_BUF at once: a pipe that polls as writable takes that much
 * without blocking. SIGPIPE is the program's affair: it is ignored, or blocked in worker threads.
 */
#include "pipe.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <unistd.h>

#define PIPE_WAIT_MS 100

static int write_error(int number, struct cxd_error *err)
{
    char reason[128];
    const char *text = strerror_r(number, reason, sizeof reason);

    if (number == EPIPE) {
        return cxd_error_set(
            err, CXD_CONFIG,
            "standard output has no reader any more: start one, or use another output");
    }
    if (number == EBADF) {
        return cxd_error_set(err, CXD_CONFIG, "standard output is closed: use another output");
    }
    return cxd_error_set(
        err, number == ENOSPC || number == EDQUOT || number == EFBIG ? CXD_FULL : CXD_IO,
        "cannot write to standard output: %s", text);
}

/* 0: writable (or the write will tell why not), CXD_STOPPED. */
static int pipe_wait(const struct pipe_end *p, struct cxd_error *err)
{
    struct pollfd poll_fd = {.fd = p->fd, .events = POLLOUT};
    int ready = poll(&poll_fd, 1, PIPE_WAIT_MS);

    while (ready == 0 || (ready < 0 && errno == EINTR)) {
        if (p->host->is_stopping(p->self)) {
            return cxd_error_set(err, CXD_STOPPED, "stopping, and standard output is not read");
        }
        ready = poll(&poll_fd, 1, PIPE_WAIT_MS);
    }
    return CXD_OK;
}

int pipe_write(const struct pipe_end *p, const char *ptr, size_t len, size_t *ret_done,
               struct cxd_error *err)
{
    size_t done = 0;
    int r = CXD_OK;

    while (done < len && r == CXD_OK) {
        size_t piece = len - done < PIPE_BUF ? len - done : PIPE_BUF;
        ssize_t n;

        r = pipe_wait(p, err);
        if (r != CXD_OK) {
            break;
        }
        n = write(p->fd, ptr + done, piece);
        if (n > 0) {
            done += (size_t)n;
        } else if (n < 0 && errno != EINTR && errno != EAGAIN) {
            r = write_error(errno, err);
        }
    }
    *ret_done = done;
    return r;
}
