/*
 * read.c: records out of a file or an image, good ones only. Holds one record and at least 64 KiB at a time.
 */
#include "frame.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

enum { WINDOW = 64 * 1024 };

struct record_reader {
    int fd;            /* -1 over an image */
    struct buf window; /* of a file */
    const char *ptr;   /* bytes that are there, from offset base of the file */
    size_t len;
    size_t at;
    uint64_t base;
    int is_salvage; /* a damaged head is damage like other */
    int is_at_end;  /* of the file: no more than len will be there */
    int is_damaged; /* in a stretch that is skipped, which began at damage_start */
    uint64_t damage_start;
    struct record_tally tally;
};

/* Lets `want` bytes be there from `at` on, if the file has so many. */
static int window_fill(struct record_reader *r, size_t want, struct cxd_error *err)
{
    int status;

    if (r->is_at_end || r->len - r->at >= want) {
        return CXD_OK;
    }
    if (r->at > 0) {
        memmove(r->window.ptr, r->window.ptr + r->at, r->len - r->at);
        r->window.len -= r->at;
        r->base += r->at;
        r->at = 0;
    }
    status = buf_reserve(&r->window, want - r->window.len + WINDOW);
    if (status < 0) {
        return cxd_error_set(err, CXD_NOMEM, "records: out of memory");
    }
    while (r->window.len < want && !r->is_at_end) {
        ssize_t n = pread(r->fd, r->window.ptr + r->window.len, r->window.cap - r->window.len,
                          (off_t)(r->base + r->window.len));

        if (n < 0 && errno != EINTR) {
            return cxd_error_set(err, CXD_IO, "records: cannot read: %s", strerror(errno));
        }
        r->window.len += n > 0 ? (size_t)n : 0;
        r->is_at_end = n == 0;
    }
    r->ptr = r->window.ptr;
    r->len = r->window.len;
    return CXD_OK;
}

static void damage_note(struct record_reader *r)
{
    if (!r->is_damaged) {
        r->is_damaged = 1;
        r->damage_start = r->base + r->at;
    }
}

static void damage_end(struct record_reader *r)
{
    if (r->is_damaged) {
        r->is_damaged = 0;
        r->tally.damaged++;
        r->tally.skipped += r->base + r->at - r->damage_start;
    }
}

/*
 * Where to go on behind a sound head whose bytes are not: over them, if a sound head (or the end) is there. If not, bytes are
 * missing, and the next record has to be looked for. behind is over the end when there is no sound head.
 */
static size_t landing_find(const struct record_reader *r, size_t behind)
{
    uint32_t next_len;

    if (behind == r->len || (behind < r->len && r->len - behind >= RECORD_HEAD &&
                             frame_get_head(r->ptr + behind, &next_len))) {
        return behind;
    }
    return (size_t)(frame_scan(r->ptr + r->at + 1, r->ptr + r->len) - r->ptr);
}

/* One look at `at`: 1 a good record of *ret_len bytes; 0 moved on over damage; CXD_END; or a failure. */
static int look(struct record_reader *r, uint32_t *ret_len, struct cxd_error *err)
{
    int status = window_fill(r, RECORD_HEAD, err);
    uint32_t len = 0;
    int has_head;

    if (status < 0) {
        return status;
    }
    if (r->at == r->len) {
        return CXD_END;
    }
    has_head = r->len - r->at >= RECORD_HEAD && frame_get_head(r->ptr + r->at, &len);
    if (has_head) {
        status = window_fill(r, 2 * RECORD_HEAD + (size_t)len, err); /* and the next head */
        if (status < 0) {
            return status;
        }
        has_head = r->len - r->at >= RECORD_HEAD + (size_t)len; /* else torn: scan */
    }
    if (has_head && frame_is_good(r->ptr + r->at, r->ptr + r->at + RECORD_HEAD, len)) {
        *ret_len = len;
        return 1;
    }
    damage_note(r);
    r->at = landing_find(r, has_head ? r->at + RECORD_HEAD + (size_t)len : r->len + 1);
    return 0;
}

int record_next(struct record_reader *r, struct cxd_bytes *ret_bytes, struct cxd_error *err)
{
    uint32_t len = 0;
    int status;

    do {
        status = look(r, &len, err);
    } while (status == 0);
    if (status == CXD_END) {
        r->tally.tail = r->base + r->len - r->tally.end;
        return CXD_END;
    }
    if (status < 0) {
        return status;
    }
    damage_end(r);
    *ret_bytes = (struct cxd_bytes){.ptr = r->ptr + r->at + RECORD_HEAD, .len = len};
    r->at += RECORD_HEAD + (size_t)len;
    r->tally.good++;
    r->tally.end = r->base + r->at;
    return CXD_OK;
}

static int head_read(struct record_reader *r, struct cxd_error *err)
{
    int status = window_fill(r, RECORD_FILE_HEAD, err);

    if (status < 0) {
        return status;
    }
    status = frame_check_file_head(r->ptr, r->len);
    if (r->is_salvage && status != CXD_OK && status != CXD_UNSUPPORTED) {
        return CXD_OK; /* from the first byte on, as over any damage */
    }
    if (status == CXD_UNSUPPORTED) {
        return cxd_error_set(err, status, "records: written by a newer version; it is left alone");
    }
    if (status < 0) {
        return cxd_error_set(err, CXD_CORRUPT,
                             "records: not a record file, or its head is damaged");
    }
    r->at = RECORD_FILE_HEAD;
    r->tally.end = RECORD_FILE_HEAD;
    return CXD_OK;
}

static int reader_new(int fd, int is_salvage, struct cxd_bytes image,
                      struct record_reader **ret_reader, struct cxd_error *err)
{
    struct record_reader *r = calloc(1, sizeof *r);
    int status;

    if (r == NULL) {
        if (fd >= 0) {
            (void)close(fd); /* only read */
        }
        return cxd_error_set(err, CXD_NOMEM, "records: out of memory");
    }
    r->fd = fd;
    r->is_salvage = is_salvage;
    r->ptr = image.ptr != NULL ? image.ptr : "";
    r->len = image.len;
    r->is_at_end = fd < 0;
    buf_init(&r->window, RECORD_SIZE_MAX + 2 * RECORD_HEAD + 2 * WINDOW);
    status = head_read(r, err);
    if (status < 0) {
        record_reader_close(r);
        return status;
    }
    *ret_reader = r;
    return CXD_OK;
}

static int file_open(const char *path, int is_salvage, struct record_reader **ret_reader,
                     struct cxd_error *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    int status;

    if (fd < 0) {
        status = errno == ENOENT ? CXD_NOT_FOUND : errno == EACCES ? CXD_FORBIDDEN : CXD_IO;
        return cxd_error_set(err, status, "%s: cannot open: %s", path, strerror(errno));
    }
    status = reader_new(fd, is_salvage, (struct cxd_bytes){0}, ret_reader, err);
    if (status < 0) {
        (void)cxd_error_wrap(err, "%s", path);
    }
    return status;
}

int record_reader_open(const char *path, struct record_reader **ret_reader, struct cxd_error *err)
{
    return file_open(path, 0, ret_reader, err);
}

int record_reader_salvage(const char *path, struct record_reader **ret_reader,
                          struct cxd_error *err)
{
    return file_open(path, 1, ret_reader, err);
}

void record_reader_skip(struct record_reader *r, uint64_t offset)
{
    r->base = offset;
    r->window.len = 0;
    r->len = 0;
    r->at = 0;
    r->is_at_end = 0;
    r->tally.end = offset;
}

int record_reader_over(struct cxd_bytes image, struct record_reader **ret_reader,
                       struct cxd_error *err)
{
    return reader_new(-1, 0, image, ret_reader, err);
}

const struct record_tally *record_reader_tally(const struct record_reader *r)
{
    return &r->tally;
}

void record_reader_close(struct record_reader *r)
{
    if (r != NULL) {
        if (r->fd >= 0) {
            (void)close(r->fd); /* only read */
        }
        buf_done(&r->window);
        free(r);
    }
}
