/* token_file.c: see the header. */
#include "lib/token_file.h"

#include "lib/optree.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define TOKEN_FILE_MAX 65536u

int token_file_rule_read(struct region *r, struct tree *options, int64_t unit,
                         struct token_file_rule *ret, struct cxd_error *err)
{
    int status;

    ret->path = optree_text(r, options, "auth.file.path");
    ret->header = optree_text(r, options, "auth.file.header");
    ret->prefix = optree_text(r, options, "auth.file.prefix");
    if (ret->header.len == 0) {
        ret->header = CXD_LIT("Authorization");
    }
    if (ret->path.len == 0) {
        return cxd_error_set(err, CXD_CONFIG, "auth.file.path is needed");
    }
    status = optree_duration(r, options, "auth.file.refresh_interval", unit, 60000,
                             &ret->refresh_ms, err);
    if (status == 0 && ret->refresh_ms < 0) {
        return cxd_error_set(err, CXD_CONFIG, "auth.file.refresh_interval: expected a time");
    }
    return status < 0 ? status
                      : optree_bool(r, options, "auth.file.relaxed_permissions", false,
                                    &ret->is_relaxed, err);
}

void token_file_init(struct token_file *f, const struct heap *h, const struct token_file_rule *rule)
{
    *f = (struct token_file){.heap = h, .rule = rule};
    text_init(&f->value, h, 3 * TOKEN_FILE_MAX);
    f->value.secret = true;
}

void token_file_done(struct token_file *f)
{
    if (f->heap != NULL) {
        text_done(&f->value);
        f->heap = NULL;
    }
}

void token_file_refused(struct token_file *f)
{
    text_clear(&f->value);
}

/* A descriptor, or CXD_CONFIG. What is no file is not waited for. */
static int file_open(const struct token_file_rule *rule, struct cxd_error *err)
{
    int fd = open(rule->path.ptr, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat st;

    if (fd < 0) {
        return cxd_error_set(err, CXD_CONFIG, "auth.file.path: %.200s can't be opened",
                             rule->path.ptr);
    }
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        (void)close(fd);
        return cxd_error_set(err, CXD_CONFIG, "auth.file.path: %.200s is not a file",
                             rule->path.ptr);
    }
    if (!rule->is_relaxed && (st.st_mode & 077) != 0) {
        (void)close(fd);
        return cxd_error_set(err, CXD_CONFIG,
                             "auth.file.path: %.200s is open to others (mode 0600 is expected)",
                             rule->path.ptr);
    }
    return fd;
}

/* The file's text without blanks and line ends around it; what is left must be able to stand in a header. */
static int text_check(struct cxd_bytes *text, struct cxd_error *err)
{
    while (text->len > 0 && (unsigned char)text->ptr[text->len - 1] <= ' ') {
        text->len--;
    }
    while (text->len > 0 && (unsigned char)text->ptr[0] <= ' ') {
        *text = (struct cxd_bytes){text->ptr + 1, text->len - 1};
    }
    if (text->len == 0) {
        return cxd_error_set(err, CXD_CONFIG, "auth.file.path: the file holds nothing");
    }
    for (size_t i = 0; i < text->len; i++) {
        if ((unsigned char)text->ptr[i] < ' ' || text->ptr[i] == 127) {
            return cxd_error_set(err, CXD_CONFIG,
                                 "auth.file.path: the file holds more than one line of text");
        }
    }
    return 0;
}

static int file_take(struct token_file *f, int fd, struct cxd_error *err)
{
    char room[TOKEN_FILE_MAX + 1];
    ssize_t len = read(fd, room, sizeof room);
    struct cxd_bytes text = {room, len > 0 ? (size_t)len : 0};
    int status = text.len > TOKEN_FILE_MAX
                     ? cxd_error_set(err, CXD_CONFIG, "auth.file.path: the file is over %u bytes",
                                     TOKEN_FILE_MAX)
                     : text_check(&text, err);

    if (status == 0) {
        text_add(&f->value, f->rule->prefix.ptr, f->rule->prefix.len);
        text_add(&f->value, text.ptr, text.len);
        status = f->value.status;
        if (status < 0) {
            (void)cxd_error_set(err, status, "auth.file: out of memory");
        }
    }
    heap_wipe(room, sizeof room);
    return status;
}

int token_file_step(struct token_file *f, struct cxd_error *err)
{
    int64_t now = f->heap->host->mono_ms(f->heap->self);
    int status;
    int fd;

    if (f->value.len > 0 && now < f->good_until_ms) {
        return 0;
    }
    text_clear(&f->value);
    fd = file_open(f->rule, err);
    if (fd < 0) {
        return fd;
    }
    status = file_take(f, fd, err);
    (void)close(fd);
    if (status < 0) {
        text_clear(&f->value);
        return status;
    }
    f->good_until_ms = now + f->rule->refresh_ms;
    return 0;
}
