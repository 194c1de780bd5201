/*
 * file.c: POSIX files. Knows open, fsync and rename, and what a crash between them leaves behind.
 */
#include "io/file.h"

#include "base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static int status_of(int code)
{
    switch (code) {
    case ENOENT:
    case ENOTDIR:
        return CXD_NOT_FOUND;
    case EACCES:
    case EPERM:
    case EROFS:
        return CXD_FORBIDDEN;
    case ENOSPC:
    case EDQUOT:
        return CXD_FULL;
    case ENOMEM:
        return CXD_NOMEM;
    case EEXIST:
        return CXD_EXISTS;
    default:
        return CXD_IO;
    }
}

static int fail(struct cxd_error *err, const char *path, const char *what, int code)
{
    return cxd_error_set(err, status_of(code), "%s: cannot %s: %s", path, what, strerror(code));
}

static void access_fill(struct file_access *access, const struct stat *st)
{
    int is_own_group = st->st_gid == 0 || st->st_gid == getegid();

    *access = (struct file_access){
        .mode = st->st_mode & 07777,
        .uid = st->st_uid,
        .gid = st->st_gid,
        .modified_ms = (int64_t)st->st_mtim.tv_sec * 1000 + st->st_mtim.tv_nsec / 1000000,
        .is_own = st->st_uid == 0 || st->st_uid == geteuid(),
        .is_group_readable = (st->st_mode & S_IRGRP) != 0,
        .is_world_readable = (st->st_mode & S_IROTH) != 0,
        .is_foreign_writable =
            (st->st_mode & S_IWOTH) != 0 || ((st->st_mode & S_IWGRP) != 0 && !is_own_group),
    };
}

/* To the end, which may be elsewhere than stat said. */
static int content_read(int fd, const char *path, struct buf *content, struct cxd_error *err)
{
    for (;;) {
        size_t room = content->limit - content->len;
        int is_full = room == 0;
        char extra;
        ssize_t n;

        if (!is_full) {
            int r = buf_reserve(content, room < 64 * 1024 ? room : 64 * 1024);

            if (r < 0) {
                return cxd_error_set(err, r, "%s: out of memory", path);
            }
        }
        n = is_full ? read(fd, &extra, 1)
                    : read(fd, content->ptr + content->len, content->cap - content->len);
        if (n < 0 && errno != EINTR) {
            return fail(err, path, "read", errno);
        }
        if (n == 0) {
            return CXD_OK;
        }
        if (n > 0 && is_full) {
            return cxd_error_set(err, CXD_TOO_LARGE, "%s: over %zu bytes", path, content->limit);
        }
        content->len += n > 0 ? (size_t)n : 0;
    }
}

int file_read(const char *path, struct buf *content, struct file_access *ret_access,
              struct cxd_error *err)
{
    /* not blocking: a FIFO must not hold us */
    _cleanup_(closep) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    size_t before = content->len;
    struct stat st;
    int r;

    if (fd < 0) {
        return fail(err, path, "open", errno);
    }
    if (fstat(fd, &st) != 0) {
        return fail(err, path, "look at", errno);
    }
    if (!S_ISREG(st.st_mode)) {
        return cxd_error_set(err, CXD_INVALID, "%s: not a regular file", path);
    }
    r = content_read(fd, path, content, err);
    if (r < 0) {
        content->len = before;
        return r;
    }
    if (ret_access != NULL) {
        access_fill(ret_access, &st);
    }
    return CXD_OK;
}

static int write_whole(int fd, const char *ptr, size_t len)
{
    while (len > 0) {
        ssize_t n = write(fd, ptr, len);

        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return n < 0 ? errno : EIO;
        }
        ptr += n;
        len -= (size_t)n;
    }
    return 0;
}

/* The folder's entry is safe only when the folder itself is synced. Works on a copy of the path's front. */
static int folder_sync(const char *path)
{
    char folder[PATH_MAX];
    const char *slash = strrchr(path, '/');
    size_t len = slash != NULL ? (size_t)(slash - path) : 0;
    int code = 0;
    int fd;

    if (len >= sizeof folder) {
        return ENAMETOOLONG;
    }
    memcpy(folder, path, len);
    folder[len] = '\0';
    fd = open(slash == NULL ? "." : len == 0 ? "/" : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        return errno;
    }
    if (fsync(fd) != 0 && errno != EINVAL) { /* some file systems cannot, and need not */
        code = errno;
    }
    (void)close(fd); /* only looked at */
    return code;
}

static int temporary_write(const char *path, struct cxd_bytes content, mode_t mode,
                           const char **ret_what)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, mode);
    int code;

    *ret_what = "write";
    if (fd < 0) {
        *ret_what = "create";
        return errno;
    }
    code = fchmod(fd, mode) == 0 ? 0 : errno; /* as asked, whatever the umask */
    if (code == 0) {
        code = write_whole(fd, content.ptr, content.len);
    }
    if (code == 0 && fsync(fd) != 0) {
        *ret_what = "sync";
        code = errno;
    }
    if (close(fd) != 0 && code == 0) {
        code = errno;
    }
    return code;
}

int file_replace(const char *path, struct cxd_bytes content, mode_t mode, struct cxd_error *err)
{
    char temporary[PATH_MAX];
    const char *what;
    int code;

    if (snprintf(temporary, sizeof temporary, "%s.new", path) >= (int)sizeof temporary) {
        return cxd_error_set(err, CXD_INVALID, "file name is too long");
    }
    code = temporary_write(temporary, content, mode, &what);
    if (code != 0) {
        (void)unlink(temporary); /* may not be there */
        return fail(err, temporary, what, code);
    }
    if (rename(temporary, path) != 0) {
        code = errno;
        (void)unlink(temporary); /* the old file stays */
        return fail(err, path, "replace", code);
    }
    code = folder_sync(path);
    return code == 0 ? CXD_OK : fail(err, path, "sync the folder of", code);
}

static int folder_make_one(const char *path, mode_t mode, struct cxd_error *err)
{
    struct stat st;

    if (mkdir(path, mode) == 0) {
        /* as asked, whatever the umask; not fatal: it is there */
        return chmod(path, mode) == 0 ? CXD_OK : fail(err, path, "set the mode of", errno);
    }
    if (errno != EEXIST && errno != EISDIR && errno != EROFS) {
        return fail(err, path, "make folder", errno);
    }
    if (stat(path, &st) != 0) {
        return fail(err, path, "look at", errno);
    }
    return S_ISDIR(st.st_mode) ? CXD_OK
                               : cxd_error_set(err, CXD_EXISTS, "%s: is not a folder", path);
}

int file_make_folder(const char *path, mode_t mode, struct cxd_error *err)
{
    char part[PATH_MAX];
    size_t len = strlen(path);

    if (len == 0 || len >= sizeof part) {
        return cxd_error_set(err, CXD_INVALID, "folder name is empty or too long");
    }
    memcpy(part, path, len + 1);
    for (size_t i = 1; i < len; i++) {
        if (part[i] == '/' && part[i - 1] != '/') {
            int r;

            part[i] = '\0';
            r = folder_make_one(part, mode, err);
            if (r < 0) {
                return r;
            }
            part[i] = '/';
        }
    }
    return folder_make_one(path, mode, err);
}

int file_remove(const char *path, struct cxd_error *err)
{
    return unlink(path) == 0 || errno == ENOENT ? CXD_OK : fail(err, path, "remove", errno);
}

struct file_lock {
    int fd;
};

/* The pid in the file, as text without line end; "another process" when there is none. */
static void owner_read(int fd, char *out, size_t room)
{
    char text[24];
    ssize_t n = pread(fd, text, sizeof text - 1, 0);
    size_t digits;

    text[n > 0 ? n : 0] = '\0';
    digits = strspn(text, "0123456789");
    text[digits] = '\0';
    (void)snprintf(out, room, digits > 0 ? "process %s" : "another process", text);
}

static int lock_fill(int fd, const char *path, struct cxd_error *err)
{
    char text[24];
    int len = snprintf(text, sizeof text, "%ld\n", (long)getpid());

    if (ftruncate(fd, 0) != 0 || pwrite(fd, text, (size_t)len, 0) != len) {
        return fail(err, path, "write", errno);
    }
    return CXD_OK;
}

int file_lock_take(const char *path, struct file_lock **ret_lock, struct cxd_error *err)
{
    _cleanup_(freep) struct file_lock *lock = malloc(sizeof *lock);
    _cleanup_(closep) int fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    char owner[48];
    int r;

    if (lock == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "%s: out of memory", path);
    }
    if (fd < 0) {
        return fail(err, path, "open", errno);
    }
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK) {
            return fail(err, path, "lock", errno);
        }
        owner_read(fd, owner, sizeof owner);
        return cxd_error_set(err, CXD_EXISTS, "%s: in use by %s; stop it, or use another folder",
                             path, owner);
    }
    r = lock_fill(fd, path, err);
    if (r < 0) {
        return r;
    }
    lock->fd = fd;
    fd = -1;
    *ret_lock = TAKE_PTR(lock);
    return CXD_OK;
}

void file_lock_free(struct file_lock *lock)
{
    if (lock != NULL) {
        int is_cut = ftruncate(lock->fd, 0);

        (void)is_cut;          /* the lock counts, not the text in the file */
        (void)close(lock->fd); /* and goes with this */
        free(lock);
    }
}
