/* disk_fault.c: see the header. */
#include "disk_fault.h"

#include <errno.h>
#include <sys/types.h>
#include <sys/uio.h>

atomic_int disk_write_errno;
atomic_int disk_write_good;
atomic_int disk_sync_errno;
atomic_int disk_syncs;

ssize_t __real_writev(int fd, const struct iovec *parts, int count);
ssize_t __wrap_writev(int fd, const struct iovec *parts, int count);
int __real_fdatasync(int fd);
int __wrap_fdatasync(int fd);

ssize_t __wrap_writev(int fd, const struct iovec *parts, int count)
{
    int code = atomic_load(&disk_write_errno);

    if (code != 0 && atomic_fetch_sub(&disk_write_good, 1) <= 0) {
        struct iovec half = {parts[0].iov_base, parts[0].iov_len / 2};
        if (half.iov_len > 0) {
            (void)!__real_writev(fd, &half, 1); /* a part of it still comes through */
        }
        errno = code;
        return -1;
    }
    return __real_writev(fd, parts, count);
}

int __wrap_fdatasync(int fd)
{
    int code = atomic_load(&disk_sync_errno);

    atomic_fetch_add(&disk_syncs, 1);
    if (code != 0) {
        errno = code;
        return -1;
    }
    return __real_fdatasync(fd);
}
