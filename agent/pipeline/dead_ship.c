/*
 * dead_ship.c: letters handed over to somebody who keeps them elsewhere. The file is what they wait in: it is cut when all that is in it
 * was taken. After a crash the rest is handed over once more.
 */
#include "pipeline/dead_inner.h"

#include "base/cleanup.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define BLOCK (1u << 20) /* bytes at once, or one line */

void dead_ship_to(struct dead *d, const struct dead_shipper *shipper)
{
    d->shipper = *shipper;
}

/* 1: there are letters from `shipped` on, up to *ret_end; 0: none, and the file is empty again. */
static int letters_wait(struct dead *d, uint64_t *ret_end)
{
    int is_waiting;

    (void)pthread_mutex_lock(&d->lock);
    if (d->shipped > d->size) {
        d->shipped = 0; /* the file was taken away meanwhile */
    }
    *ret_end = d->size;
    is_waiting = d->shipped < d->size;
    if (d->size > 0 && d->shipped == d->size && !d->is_torn && ftruncate(d->fd, 0) == 0) {
        d->size = d->shipped = 0;
        d->is_dirty = 1;
    }
    (void)pthread_mutex_unlock(&d->lock);
    return is_waiting;
}

/* Whole lines from `from` on: as many as fit into a block, or one. */
static int lines_read(struct dead *d, uint64_t from, uint64_t end, struct buf *out,
                      struct cxd_error *err)
{
    const char *newline = NULL;

    buf_clear(out);
    while (newline == NULL && from + out->len < end) {
        uint64_t left = end - from - out->len;
        size_t want = left < BLOCK ? (size_t)left : BLOCK;
        ssize_t n;
        int r = buf_reserve(out, want);
        if (r != CXD_OK) {
            return cxd_error_set(err, r, "dead-letter store %s: a letter is too large", d->path);
        }
        n = pread(d->fd, out->ptr + out->len, want, (off_t)(from + out->len));
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return cxd_error_set(err, CXD_IO, "dead-letter store %s: cannot be read: %s", d->path,
                                 n < 0 ? strerror(errno) : "it is shorter than it was");
        }
        out->len += (size_t)n;
        newline = memrchr(out->ptr, '\n', out->len);
    }
    out->len = newline != NULL ? (size_t)(newline - out->ptr) + 1 : out->len;
    return CXD_OK;
}

int dead_ship(struct dead *d, struct cxd_error *err)
{
    _cleanup_(buf_done) struct buf lines;
    uint64_t end;
    int r = CXD_OK;

    buf_init(&lines, 256u << 20);
    if (d->shipper.take == NULL) {
        return CXD_OK;
    }
    (void)pthread_mutex_lock(&d->ship_lock);
    while (r == CXD_OK && letters_wait(d, &end)) {
        r = lines_read(d, d->shipped, end, &lines, err);
        r = r != CXD_OK
                ? r
                : d->shipper.take(d->shipper.owner, (struct cxd_bytes){lines.ptr, lines.len}, err);
        d->shipped += r == CXD_OK ? lines.len : 0;
    }
    (void)pthread_mutex_unlock(&d->ship_lock);
    return d->shipper.is_bound ? r : CXD_OK;
}
