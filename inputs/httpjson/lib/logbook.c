/* logbook.c: see the header. */
#include "lib/logbook.h"

#include "lib/optree.h"
#include "note.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOGBOOK_FOLDER "/var/log/cortexd"
#define LOGBOOK_MB 1000000

static int numbers_read(struct region *r, struct tree *node, const char *where,
                        struct logbook_rule *rule, struct cxd_error *err)
{
    int status = optree_int(r, node, "maxsize", 1, &rule->size, err);

    status = status < 0 ? status : optree_int(r, node, "maxbackups", 1, &rule->backups, err);
    status = status < 0 ? status : optree_int(r, node, "maxage", 0, &rule->age_days, err);
    status =
        status < 0 ? status : optree_bool(r, node, "localtime", false, &rule->is_local_time, err);
    status = status < 0 ? status : optree_bool(r, node, "compress", false, &rule->is_gzipped, err);
    if (status < 0) {
        return cxd_error_wrap(err, "%s", where);
    }
    if (rule->size < 1 || rule->size > 1024 || rule->backups < 0 || rule->backups > 100 ||
        rule->age_days < 0 || rule->age_days > 36500) {
        return cxd_error_set(
            err, CXD_CONFIG,
            "%s: maxsize is 1 to 1024 (MB), maxbackups 0 to 100, maxage 0 to 36500 (days)", where);
    }
    rule->size *= LOGBOOK_MB;
    return 0;
}

int logbook_rule_read(struct region *r, struct tree *options, const char *where,
                      struct logbook_rule *ret, struct cxd_error *err)
{
    struct tree *node = tree_path(r, options, bytes_of(where));
    struct cxd_bytes file = node != NULL ? optree_text(r, node, "filename") : CXD_LIT("");
    bool is_on;
    int status;

    *ret = (struct logbook_rule){.size = LOGBOOK_MB};
    if (node == NULL || node->kind == TREE_NULL) {
        return r->status;
    }
    status = optree_bool(r, node, "enabled", file.len > 0, &is_on, err);

    status = status < 0 ? status : optree_bool(r, node, "enable", is_on, &is_on, err);
    status = status < 0 ? cxd_error_wrap(err, "%s", where) : numbers_read(r, node, where, ret, err);
    if (status == 0 && is_on && file.len == 0) {
        return cxd_error_set(err, CXD_CONFIG, "%s.filename is needed", where);
    }
    ret->file = is_on ? file : (struct cxd_bytes){NULL, 0};
    return status;
}

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

void logbook_open(struct logbook *book, const struct heap *heap, const struct logbook_rule *rule,
                  const char *label)
{
    *book = (struct logbook){.heap = heap, .rule = rule, .label = label, .fd = -1};
    if (rule->file.len > 0) {
        path_make(book, rule->file);
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

static bool is_ready(struct logbook *book, size_t len)
{
    struct stat st;

    if (book->fd >= 0 && book->size > 0 && book->size + (int64_t)len > book->rule->size) {
        logbook_close(book);
        logbook_put_away(book);
    }
    if (book->fd < 0) {
        folder_make(book->path);
        book->fd = open(book->path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
        book->size = book->fd >= 0 && fstat(book->fd, &st) == 0 ? st.st_size : 0;
    }
    if (book->fd < 0) {
        warn(book);
    }
    if (!book->pruned) {
        book->pruned = true;
        logbook_prune(book);
    }
    return book->fd >= 0;
}

void logbook_body(const struct logbook *book, struct cxd_bytes body, struct text *line)
{
    size_t max = (size_t)book->rule->size / 10;

    text_put(line, ",\"body\":");
    tree_quote((struct cxd_bytes){body.len > 0 ? body.ptr : "", body.len < max ? body.len : max},
               TREE_WRITE_PLAIN, line);
    if (body.len > max) {
        text_put(line, ",\"body_bytes\":");
        text_number(line, (int64_t)body.len);
    }
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
