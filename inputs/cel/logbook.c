/* logbook.c: see the header. */
#include "logbook.h"

#include "note.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOGBOOK_FOLDER "/var/log/cortexd"

/* A relative name lies below the log folder, however many steps up it begins with. */
static void path_make(struct logbook *book, struct cxd_bytes name)
{
    const char *folder = getenv("CORTEXD_LOG_DIR");
    const char *star;
    char stamp[24];
    int len;

    while (name.len > 3 && memcmp(name.ptr, "../", 3) == 0) {
        name = (struct cxd_bytes){name.ptr + 3, name.len - 3};
    }
    if (name.len > 5 && memcmp(name.ptr, "logs/", 5) == 0) {
        name = (struct cxd_bytes){name.ptr + 5, name.len - 5};
    }
    if (name.len == 0 || memmem(name.ptr, name.len, "../", 3) != NULL) {
        note_line(book->heap, CXD_LOG_WARN, "%s.filename leaves the log folder: not written",
                  book->label);
        return;
    }
    star = memchr(name.ptr, '*', name.len);
    (void)snprintf(stamp, sizeof stamp, "%lld",
                   (long long)book->heap->host->wall_ms(book->heap->self));
    len = snprintf(book->path, sizeof book->path, "%s%s%.*s%s%s",
                   name.ptr[0] == '/' ? "" : (folder != NULL ? folder : LOGBOOK_FOLDER),
                   name.ptr[0] == '/' ? "" : "/",
                   (int)(star != NULL ? (size_t)(star - name.ptr) : name.len), name.ptr,
                   star != NULL ? stamp : "", star != NULL ? star + 1 : "");
    if (len < 0 || (size_t)len >= sizeof book->path) {
        note_line(book->heap, CXD_LOG_WARN, "%s.filename is too long: not written", book->label);
        book->path[0] = '\0';
    }
}

void logbook_open(struct logbook *book, const struct heap *heap, const struct settings_book *from,
                  const char *label)
{
    *book = (struct logbook){
        .heap = heap, .label = label, .fd = -1, .max = from->size, .backups = from->backups};
    if (from->file.len > 0) {
        path_make(book, from->file);
    }
}

void logbook_close(struct logbook *book)
{
    if (book->heap != NULL && book->fd >= 0) {
        (void)close(book->fd);
        book->fd = -1;
    }
}

static void warn(struct logbook *book)
{
    if (!book->warned) {
        note_line(book->heap, CXD_LOG_WARN, "%s: %.300s can't be written", book->label, book->path);
        book->warned = true;
    }
    logbook_close(book);
}

static void folder_make(const char *path)
{
    char folder[512];

    (void)snprintf(folder, sizeof folder, "%s", path);
    for (char *slash = strchr(folder + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        (void)mkdir(folder, 0750); /* exists, or opening says why not */
        *slash = '/';
    }
}

static void rotate(struct logbook *book)
{
    char from[540];
    char to[540];

    logbook_close(book);
    for (int64_t i = book->backups; i >= 1; i--) {
        (void)snprintf(to, sizeof to, "%s.%d", book->path, (int)i);
        (void)snprintf(from, sizeof from, i > 1 ? "%s.%d" : "%s", book->path, (int)(i - 1));
        (void)rename(from, to); /* there may be none yet */
    }
    if (book->backups == 0) {
        (void)unlink(book->path);
    }
}

static bool is_ready(struct logbook *book, size_t len)
{
    struct stat st;

    if (book->fd >= 0 && book->size + (int64_t)len > book->max) {
        rotate(book);
    }
    if (book->fd < 0) {
        folder_make(book->path);
        book->fd = open(book->path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
        book->size = book->fd >= 0 && fstat(book->fd, &st) == 0 ? st.st_size : 0;
    }
    if (book->fd < 0) {
        warn(book);
    }
    return book->fd >= 0;
}

void logbook_write(struct logbook *book, struct text *line)
{
    text_put(line, "}\n");
    if (line->status != 0 || !is_ready(book, line->len)) {
        return;
    }
    if (write(book->fd, line->ptr, line->len) != (ssize_t)line->len) {
        warn(book);
    }
    book->size += (int64_t)line->len;
}
