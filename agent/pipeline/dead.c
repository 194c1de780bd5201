/* dead.c: an append-only file of lines under one lock. */
#include "pipeline/dead_inner.h"

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/redact.h"
#include "base/status.h"
#include "base/text.h"
#include "io/crypto.h"
#include "io/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LINE_MAX_BYTES                                                                             \
    (160u << 20) /* a 16 MiB record, every byte escaped as six, and room around it */

#define REASON_MAX 4096 /* bytes kept of a reason */

static int io_fail(const struct dead *d, const char *what, struct cxd_error *err)
{
    return cxd_error_set(err, errno == ENOSPC || errno == EDQUOT ? CXD_FULL : CXD_IO,
                         "dead-letter store %s: %s: %s", d->path, what, strerror(errno));
}

/* Cuts what stands behind the last newline: the rest of a write that a crash interrupted. */
static int tail_cut(struct dead *d, struct cxd_error *err)
{
    char block[4096];
    uint64_t end = d->size;

    while (end > 0) {
        size_t len = end < sizeof block ? (size_t)end : sizeof block;
        const char *newline;
        if (pread(d->fd, block, len, (off_t)(end - len)) != (ssize_t)len) {
            return io_fail(d, "cannot be read", err);
        }
        newline = memrchr(block, '\n', len);
        if (newline != NULL) {
            end = end - len + (uint64_t)(newline - block) + 1;
            break;
        }
        end -= len;
    }
    if (end < d->size && ftruncate(d->fd, (off_t)end) != 0) {
        return io_fail(d, "its torn end cannot be cut", err);
    }
    d->size = end;
    return CXD_OK;
}

/* The name of a new file is safe only with its folder. */
static int folder_sync(const struct dead *d, const char *folder, struct cxd_error *err)
{
    _cleanup_(closep) int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    return fd >= 0 && fsync(fd) == 0 ? CXD_OK : io_fail(d, "its folder cannot be synced", err);
}

int dead_open(const char *folder, uint64_t max_bytes, struct dead **ret_dead, struct cxd_error *err)
{
    _cleanup_(freep) char *sub = NULL;
    struct dead *d = calloc(1, sizeof *d);
    struct stat st;
    int r;

    if (asprintf(&sub, "%s/dead_letter", folder) < 0) {
        sub = NULL; /* asprintf leaves anything in it */
    }
    if (d == NULL || sub == NULL || asprintf(&d->path, "%s/dead.ndjson", sub) < 0) {
        free(d);
        return cxd_error_set(err, CXD_NOMEM, "dead-letter store: out of memory");
    }
    d->max_bytes = max_bytes;
    d->fd = -1;
    buf_init(&d->line, LINE_MAX_BYTES);
    (void)pthread_mutex_init(&d->lock, NULL);
    (void)pthread_mutex_init(&d->ship_lock, NULL);
    r = file_make_folder(sub, 0700, err);
    if (r == CXD_OK) {
        d->fd = open(d->path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
        r = d->fd < 0 || fstat(d->fd, &st) != 0 ? io_fail(d, "cannot be opened", err) : CXD_OK;
    }
    if (r == CXD_OK) {
        d->size = (uint64_t)st.st_size;
        r = tail_cut(d, err);
    }
    r = r != CXD_OK ? r : folder_sync(d, sub, err);
    if (r != CXD_OK) {
        dead_close(d);
        return r;
    }
    *ret_dead = d;
    return CXD_OK;
}

static int quoted_add(struct buf *line, const char *front, struct cxd_bytes text)
{
    size_t len = text_quote_len(text);
    int r = buf_add_text(line, front);

    r = r != CXD_OK ? r : buf_reserve(line, len);
    if (r == CXD_OK) {
        line->len = (size_t)(text_quote_known(text, line->ptr + line->len) - line->ptr);
    }
    return r;
}

/* Masked before it is escaped, or a secret with a quote in it would pass. */
static int reason_add(struct buf *line, struct cxd_bytes reason)
{
    char text[REASON_MAX];
    size_t len = reason.len < sizeof text ? reason.len : sizeof text;

    if (len > 0) {
        memcpy(text, reason.ptr, len);
        (len < reason.len ? redact_cut : redact_text)(text, len);
    }
    return quoted_add(line, ",\"reason\":", (struct cxd_bytes){text, len});
}

static int message_add(struct buf *line, struct cxd_bytes message)
{
    size_t room = message.len / 3 * 4 + 8;
    int r;

    if (text_is_utf8(message)) {
        return quoted_add(line, ",\"message\":", message);
    }
    r = buf_add_text(line, ",\"message_base64\":\"");
    r = r != CXD_OK ? r : buf_reserve(line, room);
    if (r == CXD_OK) {
        line->len += crypto_base64(message.ptr, message.len, 0, line->ptr + line->len, room);
        r = buf_add_text(line, "\"");
    }
    return r;
}

static int member_add(struct buf *line, const char *front, struct cxd_bytes json)
{
    int r = json.len > 0 ? buf_add_text(line, front) : CXD_OK;

    return r != CXD_OK || json.len == 0 ? r : buf_add(line, json.ptr, json.len);
}

static int line_build(struct buf *line, const struct dead_letter *l)
{
    char stamp[CLOCK_TEXT_SIZE];
    int r;

    clock_format(clock_wall_ms(), stamp);
    buf_clear(line);
    r = buf_add_format(line, "{\"@timestamp\":\"%s\",\"stage\":\"%s\",\"status\":\"%s\"", stamp,
                       l->stage, status_name(l->status));
    r = r != CXD_OK ? r : reason_add(line, l->reason);
    r = r != CXD_OK
            ? r
            : quoted_add(line, ",\"stream\":", (struct cxd_bytes){l->stream, strlen(l->stream)});
    r = r != CXD_OK ? r : quoted_add(line, ",\"data_stream\":", l->data_stream);
    if (r == CXD_OK && l->id.len > 0) {
        r = quoted_add(line, ",\"id\":", l->id);
    }
    r = r != CXD_OK ? r : member_add(line, ",\"document\":", l->document);
    if (r == CXD_OK && l->message.ptr != NULL) {
        r = message_add(line, l->message);
    }
    r = r != CXD_OK ? r : member_add(line, ",\"fields\":", l->fields);
    return r != CXD_OK ? r : buf_add_text(line, "}\n");
}

/* Takes back what stands behind the last whole line. */
static void torn_cut(struct dead *d)
{
    d->is_torn = ftruncate(d->fd, (off_t)d->size) != 0;
}

static int line_write(struct dead *d, struct cxd_error *err)
{
    size_t at = 0;

    if (d->is_torn) {
        torn_cut(d);
        if (d->is_torn) {
            return io_fail(d, "a torn line cannot be cut", err);
        }
    }
    if (d->size + d->line.len > d->max_bytes) {
        return cxd_error_set(
            err, CXD_FULL,
            "dead-letter store %s is full (%llu bytes): move it away or raise its limit", d->path,
            (unsigned long long)d->max_bytes);
    }
    while (at < d->line.len) {
        ssize_t n = write(d->fd, d->line.ptr + at, d->line.len - at);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            int r = io_fail(d, "cannot be written", err);
            torn_cut(d);
            return r;
        }
        at += (size_t)n;
    }
    d->size += d->line.len;
    d->is_dirty = 1;
    return CXD_OK;
}

int dead_put(struct dead *d, const struct dead_letter *letter, struct cxd_error *err)
{
    int r;

    (void)pthread_mutex_lock(&d->lock);
    r = line_build(&d->line, letter);
    if (r ==
        CXD_TOO_LARGE) { /* where it came from is worth less than the record: a caller tries for ever */
        struct dead_letter bare = *letter;
        bare.fields = (struct cxd_bytes){NULL, 0};
        r = line_build(&d->line, &bare);
    }
    r = r == CXD_OK ? line_write(d, err)
                    : cxd_error_set(err, r, "dead-letter store: a record cannot be written: %s",
                                    status_text(r));
    if (d->line.cap > 1u << 20) {
        buf_done(&d->line); /* one huge record must not be paid for ever */
    }
    (void)pthread_mutex_unlock(&d->lock);
    return r;
}

int dead_put_line(struct dead *d, struct cxd_bytes line, struct cxd_error *err)
{
    int r;

    (void)pthread_mutex_lock(&d->lock);
    buf_clear(&d->line);
    r = buf_add(&d->line, line.ptr, line.len);
    r = r == CXD_OK ? line_write(d, err)
                    : cxd_error_set(err, r, "dead-letter store: %s", status_text(r));
    (void)pthread_mutex_unlock(&d->lock);
    return r;
}

/* The file at hand is `to` from here on; a new one in its place. */
static int file_swap(struct dead *d, const char *to, struct cxd_error *err)
{
    char folder[PATH_MAX];
    int fd;

    (void)snprintf(folder, sizeof folder, "%.*s", (int)(strrchr(d->path, '/') - d->path), d->path);
    if (fdatasync(d->fd) != 0 || rename(d->path, to) != 0) {
        return io_fail(d, "cannot be moved", err);
    }
    fd = open(d->path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        int r = io_fail(d, "cannot be opened", err);
        (void)rename(to, d->path); /* as it was */
        return r;
    }
    (void)close(d->fd); /* synced */
    d->fd = fd;
    d->size = 0;
    d->shipped = 0; /* what is taken away is another's business */
    d->is_dirty = 0;
    return folder_sync(d, folder, err);
}

int dead_take(struct dead *d, const char *to, uint64_t *ret_bytes, struct cxd_error *err)
{
    uint64_t bytes;
    int r = CXD_OK;

    (void)pthread_mutex_lock(&d->lock);
    bytes = d->size;
    if (bytes > 0) {
        r = file_swap(d, to, err);
    }
    (void)pthread_mutex_unlock(&d->lock);
    if (r == CXD_OK) {
        *ret_bytes = bytes;
    }
    return r;
}

int dead_sync(struct dead *d, struct cxd_error *err)
{
    int r = CXD_OK;

    (void)pthread_mutex_lock(&d->lock);
    if (d->is_dirty) {
        r = fdatasync(d->fd) == 0 ? CXD_OK : io_fail(d, "cannot be synced", err);
        d->is_dirty = r != CXD_OK;
    }
    (void)pthread_mutex_unlock(&d->lock);
    return r != CXD_OK ? r : dead_ship(d, err);
}

const char *dead_path(const struct dead *d)
{
    return d->path;
}

void dead_close(struct dead *d)
{
    if (d == NULL) {
        return;
    }
    if (d->fd >= 0) {
        (void)close(d->fd); /* synced by the registry's last flush */
    }
    buf_done(&d->line);
    (void)pthread_mutex_destroy(&d->ship_lock);
    (void)pthread_mutex_destroy(&d->lock);
    free(d->path);
    free(d);
}
