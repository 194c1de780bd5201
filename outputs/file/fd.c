/* fd.c: the loops around read, write and writev, once. */
#include "fd.h"

#include <errno.h>
#include <unistd.h>

int fd_error(struct cxd_error *err, const char *what, const char *name)
{
    int number = errno;
    int status = CXD_IO;
    char reason[128];

    switch (number) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
        status = CXD_FULL;
        break;
    case EACCES:
    case EPERM:
    case EROFS:
    case ELOOP:
    case ENOTDIR:
    case EISDIR:
    case ENAMETOOLONG:
        status = CXD_CONFIG;
        break;
    case ENOMEM:
        status = CXD_NOMEM;
        break;
    default:
        break;
    }
    return cxd_error_set(err, status, "cannot %s %s: %s", what, name,
                         strerror_r(number, reason, sizeof reason));
}

int fd_read(int fd, void *out, size_t len, off_t offset, const char *name, struct cxd_error *err)
{
    size_t done = 0;

    while (done < len) {
        ssize_t n = pread(fd, (char *)out + done, len - done, offset + (off_t)done);

        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return fd_error(err, "read", name);
        }
        if (n == 0) {
            return cxd_error_set(err, CXD_TRUNCATED, "%s became shorter while it was read", name);
        }
        done += (size_t)n;
    }
    return CXD_OK;
}

int fd_write(int fd, const void *ptr, size_t len, off_t offset, const char *name,
             struct cxd_error *err)
{
    size_t done = 0;

    while (done < len) {
        ssize_t n = pwrite(fd, (const char *)ptr + done, len - done, offset + (off_t)done);

        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            errno = n == 0 ? ENOSPC : errno;
            return fd_error(err, "write", name);
        }
        done += (size_t)n;
    }
    return CXD_OK;
}

int fd_append(int fd, struct iovec *parts, int count, const char *name, struct cxd_error *err)
{
    int first = 0;

    while (first < count) {
        ssize_t n = writev(fd, parts + first, count - first);

        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            errno = n == 0 ? ENOSPC : errno;
            return fd_error(err, "write", name);
        }
        while (first < count && (size_t)n >= parts[first].iov_len) {
            n -= (ssize_t)parts[first].iov_len;
            first++;
        }
        if (first < count) {
            parts[first].iov_base = (char *)parts[first].iov_base + n;
            parts[first].iov_len -= (size_t)n;
        }
    }
    return CXD_OK;
}

void fd_close(int *fd)
{
    if (*fd >= 0) {
        (void)close(*fd); /* what must be safe was synced before */
        *fd = -1;
    }
}
