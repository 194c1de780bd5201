/*
 * logbook_old.c: full files: named by the time, gzipped, and removed when they are too many or too old. Whatever fails here leaves
 * a file more or less; the lines go on. Thread: the instance's.
 */
#include "lib/logbook.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define PIECE 65536u
#define STAMP_LEN 23 /* 2006-01-02T15-04-05.000 */
#define DAY_S 86400
#define LOOKS_MAX 10000 /* at the folder, in one go */
#define OLD_PATH_MAX 600u

/* Where NAME ends and .EXT begins. */
static size_t stem_len(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *dot = strrchr(path, '.');

    return dot != NULL && (slash == NULL || dot > slash + 1) ? (size_t)(dot - path) : strlen(path);
}

static void stamp_make(const struct logbook *book, int64_t wall_ms, char stamp[STAMP_LEN + 1])
{
    time_t seconds = (time_t)(wall_ms / 1000);
    struct tm tm = {.tm_mday = 1};
    char text[64];

    if (book->rule->is_local_time) {
        (void)localtime_r(&seconds, &tm);
    } else {
        (void)gmtime_r(&seconds, &tm);
    }
    (void)snprintf(text, sizeof text, "%04u-%02u-%02uT%02u-%02u-%02u.%03u",
                   (unsigned)tm.tm_year + 1900, (unsigned)tm.tm_mon + 1, (unsigned)tm.tm_mday,
                   (unsigned)tm.tm_hour, (unsigned)tm.tm_min, (unsigned)tm.tm_sec,
                   (unsigned)(wall_ms % 1000));
    memcpy(stamp, text, STAMP_LEN);
    stamp[STAMP_LEN] = '\0';
}

/* Is it what stamp_make makes, digit by digit? */
static bool is_stamp(const char *text)
{
    static const char form[] = "0000-00-00T00-00-00.000";

    for (size_t i = 0; i < STAMP_LEN; i++) {
        bool is_digit = text[i] >= '0' && text[i] <= '9';

        if (form[i] == '0' ? !is_digit : text[i] != form[i]) {
            return false;
        }
    }
    return true;
}

/* The stamp in a file's name when it is an old one of this book, else NULL. */
static const char *old_stamp(const struct logbook *book, const char *name)
{
    const char *slash = strrchr(book->path, '/');
    const char *base = slash != NULL ? slash + 1 : book->path;
    size_t len = stem_len(book->path) - (size_t)(base - book->path);
    const char *ext = base + len;
    const char *end = name + len + 1 + STAMP_LEN;

    if (strlen(name) < len + 1 + STAMP_LEN || strncmp(name, base, len) != 0 || name[len] != '-' ||
        !is_stamp(name + len + 1) || strncmp(end, ext, strlen(ext)) != 0) {
        return NULL;
    }
    end += strlen(ext);
    return *end == '\0' || strcmp(end, ".gz") == 0 ? name + len + 1 : NULL;
}

/* One piece into the archive. */
static int piece_write(struct cxd_gzip *z, const struct heap *h, struct cxd_bytes in, bool is_last,
                       int fd)
{
    char out[PIECE];
    int status = 0;
    size_t len;

    do {
        status = h->host->gzip_step(z, &in, out, sizeof out, &len, is_last, NULL);
        if ((status < 0 && status != CXD_END) || write(fd, out, len) != (ssize_t)len) {
            return status < 0 && status != CXD_END ? status : CXD_IO;
        }
    } while (status == 0 && (in.len > 0 || is_last || len == sizeof out));
    return 0;
}

static int file_gzip(const struct heap *h, int from, int to)
{
    char in[PIECE];
    struct cxd_gzip *z = NULL;
    ssize_t got = 1;
    int status = h->host->gzip_new(h->self, 6, &z, NULL);

    while (status == 0 && got > 0) {
        got = read(from, in, sizeof in);
        status =
            got < 0 ? CXD_IO : piece_write(z, h, (struct cxd_bytes){in, (size_t)got}, got == 0, to);
    }
    h->host->gzip_free(z);
    return status;
}

/* path gives way to path.gz, or stays. */
static void file_pack(const struct heap *h, const char *path)
{
    char packed[OLD_PATH_MAX + 4];
    int from = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    int to;
    int status;

    (void)snprintf(packed, sizeof packed, "%s.gz", path);
    to = from < 0 ? -1 : open(packed, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    status = to < 0 ? CXD_IO : file_gzip(h, from, to);
    if (to >= 0 && close(to) != 0) {
        status = CXD_IO;
    }
    if (from >= 0) {
        (void)close(from);
    }
    if (to >= 0) {
        (void)unlink(status == 0 ? path : packed);
    }
}

/* Full path of a name beside the book. */
static void beside(const struct logbook *book, const char *name, char *out, size_t room)
{
    const char *slash = strrchr(book->path, '/');

    (void)snprintf(out, room, "%.*s%s", slash != NULL ? (int)(slash + 1 - book->path) : 0,
                   book->path, name);
}

/* Looks once at the folder: removes what is too old, counts the others. *oldest: the name with the least time. */
static int64_t folder_look(const struct logbook *book, const char *folder, char oldest[256])
{
    int64_t now_s = book->heap->host->wall_ms(book->heap->self) / 1000;
    DIR *dir = opendir(folder);
    const struct dirent *entry;
    int64_t count = 0;

    while (dir != NULL && (entry = readdir(dir)) != NULL) {
        const char *stamp = old_stamp(book, entry->d_name);
        char path[OLD_PATH_MAX + 300];
        struct stat st;

        if (stamp == NULL) {
            continue;
        }
        beside(book, entry->d_name, path, sizeof path);
        if (book->rule->age_days > 0 && lstat(path, &st) == 0 &&
            st.st_mtime < now_s - book->rule->age_days * DAY_S) {
            (void)unlink(path);
            continue;
        }
        if (count++ == 0 || strncmp(stamp, old_stamp(book, oldest), STAMP_LEN) < 0) {
            (void)snprintf(oldest, 256, "%s", entry->d_name);
        }
    }
    if (dir != NULL) {
        (void)closedir(dir);
    }
    return count;
}

void logbook_prune(struct logbook *book)
{
    char folder[sizeof book->path + 2];
    char path[OLD_PATH_MAX + 300];
    char oldest[256];

    beside(book, "", folder, sizeof folder);
    for (int i = 0; i < LOOKS_MAX; i++) {
        if (folder_look(book, folder[0] != '\0' ? folder : ".", oldest) <= book->rule->backups) {
            return;
        }
        beside(book, oldest, path, sizeof path);
        if (unlink(path) != 0) {
            return;
        }
    }
}

void logbook_put_away(struct logbook *book)
{
    int64_t wall_ms = book->heap->host->wall_ms(book->heap->self);
    size_t len = stem_len(book->path);
    char old[OLD_PATH_MAX];
    char stamp[STAMP_LEN + 1];
    struct stat st;

    if (book->rule->backups == 0) {
        (void)unlink(book->path);
        return;
    }
    for (int i = 0; i < 1000; i++) { /* two within a millisecond */
        char packed[OLD_PATH_MAX + 4];

        stamp_make(book, wall_ms + i, stamp);
        (void)snprintf(old, sizeof old, "%.*s-%s%s", (int)len, book->path, stamp, book->path + len);
        (void)snprintf(packed, sizeof packed, "%s.gz", old);
        if (lstat(old, &st) != 0 && lstat(packed, &st) != 0) {
            break;
        }
    }
    if (rename(book->path, old) != 0) {
        (void)unlink(book->path); /* its size is a promise */
    } else if (book->rule->is_gzipped) {
        file_pack(book->heap, old);
    }
    logbook_prune(book);
}
