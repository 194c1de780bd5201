/*
 * write.c: records into a log or an image. Knows that a crash or a full disk can stop a write anywhere.
 */
#include "frame.h"

#include "base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

struct record_log {
    int fd;
    uint64_t size;
};

static int fail(struct cxd_error *err, const char *what, int code)
{
    int status = code == ENOSPC || code == EDQUOT  ? CXD_FULL
                 : code == EACCES || code == EROFS ? CXD_FORBIDDEN
                                                   : CXD_IO;

    return cxd_error_set(err, status, "records: cannot %s: %s", what, strerror(code));
}

/* A new file's name is safe only when its folder is synced. */
static int folder_sync(const char *path)
{
    char folder[PATH_MAX];
    const char *slash = strrchr(path, '/');
    size_t len = slash != NULL ? (size_t)(slash - path) : 0;
    _cleanup_(closep) int fd = -1;

    if (len >= sizeof folder) {
        return ENAMETOOLONG;
    }
    memcpy(folder, path, len);
    folder[len] = '\0';
    fd = open(slash == NULL ? "." : len == 0 ? "/" : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        return errno;
    }
    return fsync(fd) == 0 || errno == EINVAL ? 0 : errno;
}

static int log_cut(struct record_log *log, uint64_t size, struct cxd_error *err)
{
    if (ftruncate(log->fd, (off_t)size) != 0) {
        return fail(err, "cut the file", errno);
    }
    log->size = size;
    return CXD_OK;
}

/* All of it, or the file is as before. */
static int log_write(struct record_log *log, struct iovec *parts, int count, struct cxd_error *err)
{
    uint64_t size = log->size;
    int code = 0;

    while (count > 0) {
        ssize_t n = writev(log->fd, parts, count);

        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            code = n < 0 ? errno : EIO;
            break;
        }
        size += (uint64_t)n;
        while (count > 0 && (size_t)n >= parts->iov_len) {
            n -= (ssize_t)parts->iov_len;
            parts++;
            count--;
        }
        if (count > 0) {
            parts->iov_base = (char *)parts->iov_base + n;
            parts->iov_len -= (size_t)n;
        }
    }
    if (code == 0) {
        log->size = size;
        return CXD_OK;
    }
    if (log_cut(log, log->size, NULL) < 0) {
        log->size = size; /* half a record stays in the file; readers skip it */
    }
    return fail(err, "write", code);
}

static int log_start(struct record_log *log, const char *path, struct cxd_error *err)
{
    char head[RECORD_FILE_HEAD];
    struct iovec part = {.iov_base = head, .iov_len = sizeof head};
    int r = log_cut(log, 0, err);
    int code;

    frame_put_file_head(head);
    if (r == CXD_OK) {
        r = log_write(log, &part, 1, err);
    }
    if (r == CXD_OK) {
        r = record_log_sync(log, err);
    }
    if (r < 0) {
        return r;
    }
    code = folder_sync(path);
    return code == 0 ? CXD_OK : fail(err, "sync the folder", code);
}

/* Looks through what is there and cuts the torn tail. */
static int log_mend(struct record_log *log, const char *path, struct record_tally *ret_tally,
                    struct cxd_error *err)
{
    struct record_reader *reader = NULL;
    struct cxd_bytes bytes;
    int r = record_reader_open(path, &reader, err);

    if (r < 0) {
        return r;
    }
    do {
        r = record_next(reader, &bytes, err);
    } while (r == CXD_OK);
    *ret_tally = *record_reader_tally(reader);
    record_reader_close(reader);
    if (r != CXD_END) {
        return r;
    }
    return ret_tally->tail > 0 ? log_cut(log, ret_tally->end, err) : CXD_OK;
}

static int log_fill(struct record_log *log, const char *path, struct record_tally *tally,
                    struct cxd_error *err)
{
    char head[RECORD_FILE_HEAD];
    struct stat st;
    ssize_t n;

    if (fstat(log->fd, &st) != 0) {
        return fail(err, "look at the file", errno);
    }
    if (!S_ISREG(st.st_mode)) {
        return cxd_error_set(err, CXD_INVALID, "records: not a regular file");
    }
    log->size = (uint64_t)st.st_size;
    n = pread(log->fd, head, sizeof head, 0);
    if (n < 0) {
        return fail(err, "read", errno);
    }
    if (frame_check_file_head(head, (size_t)n) == CXD_TRUNCATED) {
        *tally = (struct record_tally){.end = RECORD_FILE_HEAD, .tail = (uint64_t)n};
        return log_start(log, path, err); /* new, or a crash came while it was */
    }
    return log_mend(log, path, tally, err);
}

int record_log_open(const char *path, struct record_log **ret_log, struct record_tally *ret_tally,
                    struct cxd_error *err)
{
    _cleanup_(freep) struct record_log *log = calloc(1, sizeof *log);
    struct record_tally tally = {0};
    int r;

    if (log == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "%s: out of memory", path);
    }
    log->fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (log->fd < 0) {
        r = fail(err, "open", errno);
    } else {
        r = log_fill(log, path, &tally, err);
    }
    if (r < 0) {
        if (log->fd >= 0) {
            (void)close(log->fd); /* nothing of worth was written */
        }
        (void)cxd_error_wrap(err, "%s", path);
        return r;
    }
    if (ret_tally != NULL) {
        *ret_tally = tally;
    }
    *ret_log = TAKE_PTR(log);
    return CXD_OK;
}

static int bson_check(struct cxd_bytes bson, struct cxd_error *err)
{
    int r = frame_check_bson(bson);

    if (r == CXD_TOO_LARGE) {
        return cxd_error_set(err, r, "record: over %d bytes", RECORD_SIZE_MAX);
    }
    return r == CXD_OK ? r : cxd_error_set(err, r, "record: not a BSON document");
}

int record_log_append(struct record_log *log, struct cxd_bytes bson, struct cxd_error *err)
{
    char head[RECORD_HEAD];
    struct iovec parts[2];
    int r = bson_check(bson, err);

    if (r < 0) {
        return r;
    }
    frame_put_head(bson, head);
    parts[0] = (struct iovec){.iov_base = head, .iov_len = sizeof head};
    parts[1] = (struct iovec){.iov_base = (void *)(uintptr_t)bson.ptr, .iov_len = bson.len};
    return log_write(log, parts, 2, err);
}

int record_log_sync(struct record_log *log, struct cxd_error *err)
{
    return fdatasync(log->fd) == 0 ? CXD_OK : fail(err, "sync", errno);
}

uint64_t record_log_size(const struct record_log *log)
{
    return log->size;
}

void record_log_close(struct record_log *log)
{
    if (log != NULL) {
        (void)close(log->fd); /* what had to be safe was synced */
        free(log);
    }
}

int record_image_start(struct buf *image)
{
    char head[RECORD_FILE_HEAD];

    frame_put_file_head(head);
    buf_clear(image);
    return buf_add(image, head, sizeof head);
}

int record_image_add(struct buf *image, struct cxd_bytes bson)
{
    char head[RECORD_HEAD];
    int r = frame_check_bson(bson);

    if (r == CXD_OK) {
        r = buf_reserve(image, RECORD_HEAD + bson.len); /* both or none */
    }
    if (r < 0) {
        return r;
    }
    frame_put_head(bson, head);
    (void)buf_add(image, head, sizeof head); /* there is room */
    return buf_add(image, bson.ptr, bson.len);
}
