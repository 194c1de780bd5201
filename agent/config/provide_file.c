/*
 * provide_file.c: ${filesource.NAME}: files read when the policy is, and looked at afterwards. A path is followed each time, so a link that is
 * turned to another folder (as Kubernetes does for all files of a secret at once) is another file; no watch on folders is needed.
 */
#include "config/provide_inner.h"

#include "base/cleanup.h"
#include "config/number.h"
#include "config/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

static void mark_set(struct provide_mark *mark, const struct stat *st)
{
    *mark = (struct provide_mark){.device = st->st_dev,
                                  .node = st->st_ino,
                                  .size = st->st_size,
                                  .changed = st->st_mtim,
                                  .moved = st->st_ctim};
}

static bool mark_is(const struct provide_mark *a, const struct provide_mark *b)
{
    return a->device == b->device && a->node == b->node && a->size == b->size &&
           a->changed.tv_sec == b->changed.tv_sec && a->changed.tv_nsec == b->changed.tv_nsec &&
           a->moved.tv_sec == b->moved.tv_sec && a->moved.tv_nsec == b->moved.tv_nsec;
}

__attribute__((format(printf, 3, 4))) static int
no_value(struct provide_file *f, struct arena *arena, const char *format, ...)
{
    char text[360];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    f->why = arena_copy(arena, text, strlen(text));
    return f->why != NULL ? CXD_OK : CXD_NOMEM;
}

/* All of it, or a reason. One byte more than may be there is asked for: files of /proc have no size. */
static int file_read(struct provide_file *f, size_t max, struct arena *arena)
{
    _cleanup_(closep) int fd = open(f->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    struct stat st;
    char *text;
    size_t len = 0;

    if (fd < 0 || fstat(fd, &st) != 0) {
        return no_value(f, arena, "%.250s: cannot read: %s", f->path, strerror(errno));
    }
    mark_set(&f->mark, &st);
    f->seen = f->mark;
    if (!S_ISREG(st.st_mode)) {
        return no_value(f, arena, "%.250s: expected a regular file", f->path);
    }
    text = arena_alloc(arena, max + 2);
    if (text == NULL) {
        return CXD_NOMEM;
    }
    while (len <= max) {
        ssize_t n = read(fd, text + len, max + 1 - len);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return no_value(f, arena, "%.250s: cannot read: %s", f->path, strerror(errno));
        }
        if (n == 0) {
            break;
        }
        len += (size_t)n;
    }
    f->text = text;
    f->len = len;
    return CXD_OK;
}

static void text_drop(struct provide_file *f)
{
    explicit_bzero((char *)(uintptr_t)f->text, f->len); /* the arena's, not constant */
    f->text = NULL;
    f->len = 0;
}

static int file_take(struct provide_file *f, size_t max, struct arena *arena)
{
    int r = file_read(f, max, arena);

    if (r != CXD_OK || f->text == NULL) {
        return r;
    }
    if (f->len > max) {
        text_drop(f);
        return no_value(f, arena, "%.250s: larger than %zu bytes (providers.filesource.max_size)",
                        f->path, max);
    }
    if (memchr(f->text, '\0', f->len) != NULL) {
        text_drop(f);
        return no_value(f, arena, "%.250s: has a NUL byte", f->path);
    }
    while (f->len > 0 && (f->text[f->len - 1] == '\n' || f->text[f->len - 1] == '\r')) {
        f->len--;
    }
    ((char *)(uintptr_t)f->text)[f->len] = '\0';
    return f->len > 0 ? secret_learn_text(f->text, f->len)
                      : no_value(f, arena, "%.250s: is empty", f->path);
}

static int source_read(const struct conf *node, size_t max, struct arena *arena,
                       struct provide_file **ret_file, struct cxd_error *err)
{
    struct provide_file *f = arena_alloc(arena, sizeof *f);
    const char *type = conf_text(node, "type", "raw");
    const char *path = conf_text(node, "path", NULL);

    if (f == NULL) {
        return conf_error(err, node, "out of memory");
    }
    if (strcmp(type, "raw") != 0) {
        return conf_error(err, node, "providers.filesource.sources.%.80s.type: expected raw",
                          node->key);
    }
    if (path == NULL) {
        return conf_error(err, node, "providers.filesource.sources.%.80s: expected {path: FILE}",
                          node->key);
    }
    *f = (struct provide_file){.name = node->key, .path = path};
    *ret_file = f;
    return file_take(f, max, arena) == CXD_OK ? CXD_OK : conf_error(err, node, "out of memory");
}

int provide_files_read(const struct conf *node, struct arena *arena, struct providers *p,
                       struct cxd_error *err)
{
    const struct conf *sources = conf_find(node, "sources");
    const struct conf *max_node = conf_find(node, "max_size");
    struct provide_file **end = &p->files;
    int64_t max = PROVIDE_FILE_USUAL;
    int count = 0;

    if (!conf_is_null(max_node) &&
        (max_node->kind != CONF_SCALAR || number_size(max_node->text, &max) != CXD_OK || max < 1 ||
         max > (int64_t)PROVIDE_FILE_MAX)) {
        return conf_error(err, max_node, "providers.filesource.max_size: expected 1 to 1MiB");
    }
    if (!conf_is_null(sources) && sources->kind != CONF_MAP) {
        return conf_error(err, sources,
                          "providers.filesource.sources: expected names ({es_key: {path: FILE}})");
    }
    for (const struct conf *c = sources != NULL ? sources->first : NULL; c != NULL; c = c->next) {
        int r;
        if (++count > PROVIDE_FILES_MAX) {
            return conf_error(err, c, "providers.filesource.sources: more than %d",
                              PROVIDE_FILES_MAX);
        }
        r = source_read(c, (size_t)max, arena, end, err);
        if (r != CXD_OK) {
            return r;
        }
        end = &(*end)->next;
    }
    return CXD_OK;
}

/* 1: it is another than was read, and was so at the last look: nobody is writing it now. */
static int file_look(struct provide_file *f, const char **ret_gone)
{
    struct provide_mark now = {.size = 0};
    struct stat st;
    bool is_there = stat(f->path, &st) == 0;
    bool is_still;

    if (!is_there) {
        *ret_gone = f->is_gone_told || f->text == NULL ? *ret_gone : f->path;
        f->is_gone_told = true;
        f->seen = now;
        return 0;
    }
    f->is_gone_told = false;
    mark_set(&now, &st);
    is_still = mark_is(&now, &f->seen);
    f->seen = now;
    if (!is_still || mark_is(&now, &f->mark)) {
        return 0;
    }
    f->mark = now; /* told once */
    return 1;
}

int providers_look(struct providers *p, const char **ret_gone)
{
    int is_other = 0;

    *ret_gone = NULL;
    for (struct provide_file *f = p != NULL ? p->files : NULL; f != NULL; f = f->next) {
        is_other |= file_look(f, ret_gone);
    }
    return is_other;
}

void providers_wipe(struct providers *p)
{
    if (p == NULL) {
        return;
    }
    for (struct provide_file *f = p->files; f != NULL; f = f->next) {
        if (f->text != NULL) {
            text_drop(f);
        }
    }
    conf_wipe(p->root);
    p->root = NULL;
    p->local = NULL;
}
