/* quiet.c: a pair of sockets that keep lines apart: one write is one line. A full one loses the newest; log_lost counts them. */
#include "front/embed/quiet.h"

#include "base/log.h"

#include <errno.h>
#include <pthread.h>
#include <sys/socket.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* of all below */
static int ends[2] = {-1, -1};                           /* of lines: written to, read from */
static int out_fd = -1;                                  /* where lines go */
static int level_max = -1;

void quiet_begin(struct quiet *q)
{
    sigset_t all;

    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &q->before); /* cannot fail with valid arguments */
}

void quiet_end(const struct quiet *q)
{
    (void)pthread_sigmask(SIG_SETMASK, &q->before, NULL);
}

int quiet_open(struct cxd_error *err)
{
    int r = CXD_OK;

    (void)pthread_mutex_lock(&lock);
    if (out_fd < 0) {
        if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) == 0) {
            out_fd = ends[0];
            log_setup(out_fd, level_max >= 0 ? level_max : CXD_LOG_INFO);
        } else {
            r = cxd_error_set(err, CXD_IO, "no socket for log lines (error %d)", errno);
        }
    }
    (void)pthread_mutex_unlock(&lock);
    return r;
}

void quiet_to(int fd)
{
    (void)pthread_mutex_lock(&lock);
    out_fd = fd;
    log_setup(fd, CXD_LOG_INFO);
    (void)pthread_mutex_unlock(&lock);
}

void quiet_level(int level)
{
    (void)pthread_mutex_lock(&lock);
    level_max = level > level_max ? level : level_max;
    if (out_fd >= 0) {
        log_setup(out_fd, level_max);
    }
    (void)pthread_mutex_unlock(&lock);
}

/* Length of the next line; 0: none. */
static size_t line_len(void)
{
    char byte;
    ssize_t len = recv(ends[1], &byte, 1, MSG_PEEK | MSG_TRUNC | MSG_DONTWAIT);

    return len > 0 ? (size_t)len : 0;
}

int quiet_log(char *out, uint64_t room, uint64_t *ret_len)
{
    uint64_t at = 0;
    size_t len = 0;

    (void)pthread_mutex_lock(&lock);
    while (ends[1] >= 0 && (len = line_len()) > 0 && len <= room - at) {
        ssize_t got = recv(ends[1], out + at, len, MSG_DONTWAIT);
        if (got <= 0) {
            break;
        }
        at += (uint64_t)got;
    }
    (void)pthread_mutex_unlock(&lock);
    *ret_len = at > 0 ? at : len;
    return at > 0 ? CXD_OK : len > 0 ? CXD_TOO_LARGE : CXD_AGAIN;
}
