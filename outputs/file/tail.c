/* tail.c: looks backwards from the end in blocks. */
#include "tail.h"

#include "fd.h"

#include <unistd.h>

#define TAIL_BLOCK 16384
#define TAIL_MAX (UINT64_C(64) << 20) /* four times the longest record that the agent takes */

/* The place behind the last newline of the file's first len bytes; 0 when there is none. */
static int last_line_end(int fd, uint64_t len, const char *name, uint64_t *ret_end,
                         struct cxd_error *err)
{
    char block[TAIL_BLOCK];
    uint64_t at = len;

    while (at > 0 && len - at <= TAIL_MAX) {
        size_t n = at < sizeof block ? (size_t)at : sizeof block;
        const char *newline;
        int r = fd_read(fd, block, n, (off_t)(at - n), name, err);

        if (r != CXD_OK) {
            return r;
        }
        newline = memrchr(block, '\n', n);
        if (newline != NULL) {
            *ret_end = at - n + (size_t)(newline - block) + 1;
            return CXD_OK;
        }
        at -= n;
    }
    *ret_end = 0;
    return CXD_OK;
}

int tail_cut(int fd, uint64_t len, const char *name, uint64_t *ret_cut, struct cxd_error *err)
{
    uint64_t end = 0;
    int r = last_line_end(fd, len, name, &end, err);

    if (r != CXD_OK) {
        return r;
    }
    if (len - end > TAIL_MAX) {
        return cxd_error_set(err, CXD_CONFIG,
                             "%s does not end with lines: move it away, or name another folder",
                             name);
    }
    if (end < len && ftruncate(fd, (off_t)end) != 0) {
        return fd_error(err, "cut the torn line of", name);
    }
    *ret_cut = len - end;
    return CXD_OK;
}
