/* kept.c: three small files, each put in place as a whole. */
#include "front/fleet/kept.h"

#include "base/cleanup.h"
#include "config/number.h"
#include "io/file.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#define HEAD_MAX 64

static int path_make(char *out, const char *folder, const char *name, struct cxd_error *err)
{
    int len = snprintf(out, PATH_MAX, "%s/policy%s%s", folder, name[0] != '\0' ? "/" : "", name);

    return len > 0 && len < PATH_MAX
               ? CXD_OK
               : cxd_error_set(err, CXD_CONFIG, "state folder: path too long");
}

int kept_open(const char *state_folder, struct cxd_error *err)
{
    char path[PATH_MAX];
    int r = path_make(path, state_folder, "", err);

    return r != CXD_OK ? r : file_make_folder(path, 0700, err);
}

/* "cortexd-kept 1 SIGNATURE-LENGTH", a line end, the signature file, the policy. */
int kept_read(const char *state_folder, struct source_item *item, struct cxd_error *err)
{
    static const char front[] = "cortexd-kept 1 ";
    _cleanup_(buf_done) struct buf text;
    char path[PATH_MAX];
    char number[24] = "";
    int64_t len = 0;
    const char *newline;
    int r = path_make(path, state_folder, "good", err);

    buf_init(&text, CONF_MAX_BYTES + ENVELOPE_MAX + HEAD_MAX);
    r = r != CXD_OK ? r : file_read(path, &text, NULL, err);
    if (r != CXD_OK) {
        return r;
    }
    newline = memchr(text.ptr, '\n', text.len < HEAD_MAX ? text.len : HEAD_MAX);
    if (newline != NULL && newline - text.ptr > (ptrdiff_t)sizeof front - 1 &&
        (size_t)(newline - text.ptr) < sizeof front - 1 + sizeof number &&
        memcmp(text.ptr, front, sizeof front - 1) == 0) {
        memcpy(number, text.ptr + sizeof front - 1,
               (size_t)(newline - text.ptr) - (sizeof front - 1));
    }
    if (number_int(number, &len) != CXD_OK || len < 0 ||
        len > text.ptr + text.len - (newline + 1)) {
        return cxd_error_set(err, CXD_CORRUPT, "%s: not a kept policy", path);
    }
    r = buf_add(&item->signature, newline + 1, (size_t)len);
    r = r != CXD_OK ? r
                    : buf_add(&item->policy, newline + 1 + len,
                              (size_t)(text.ptr + text.len - (newline + 1 + len)));
    return r == CXD_OK ? r : cxd_error_set(err, r, "%s: too large, or out of memory", path);
}

int kept_write(const char *state_folder, const struct source_item *item, struct cxd_error *err)
{
    _cleanup_(buf_done) struct buf text;
    char path[PATH_MAX];
    int r = path_make(path, state_folder, "good", err);

    buf_init(&text, CONF_MAX_BYTES + ENVELOPE_MAX + HEAD_MAX);
    if (r != CXD_OK) {
        return r;
    }
    if (buf_add_format(&text, "cortexd-kept 1 %zu\n", item->signature.len) != CXD_OK ||
        (item->signature.len > 0 &&
         buf_add(&text, item->signature.ptr, item->signature.len) != CXD_OK) ||
        (item->policy.len > 0 && buf_add(&text, item->policy.ptr, item->policy.len) != CXD_OK)) {
        return cxd_error_set(err, CXD_NOMEM, "out of memory");
    }
    return file_replace(path, (struct cxd_bytes){text.ptr, text.len}, 0600, err);
}

int kept_lay_out(const char *state_folder, const struct source_item *item, char *path,
                 struct cxd_error *err)
{
    int r = path_make(path, state_folder, "policy.yml", err);

    return r != CXD_OK ? r
                       : file_replace(path, (struct cxd_bytes){item->policy.ptr, item->policy.len},
                                      0600, err);
}

int kept_mark_read(const char *state_folder, struct kept_mark *ret_mark, struct cxd_error *err)
{
    _cleanup_(buf_done) struct buf text;
    struct kept_mark mark = {.revision = 0};
    char path[PATH_MAX];
    int end = 0;
    int r = path_make(path, state_folder, "mark", err);

    buf_init(&text, 1024);
    r = r != CXD_OK ? r : file_read(path, &text, NULL, err);
    if (r == CXD_NOT_FOUND) {
        *ret_mark = mark;
        return CXD_OK;
    }
    r = r != CXD_OK ? r : buf_add(&text, "", 1);
    if (r != CXD_OK) {
        return r;
    }
    if (sscanf(text.ptr, "cortexd-mark 1 %128s %18lu %64s\n%n", mark.policy_id, &mark.revision,
               mark.hash, &end) != 3 ||
        (size_t)end != text.len - 1 || strlen(mark.hash) != 64) {
        return cxd_error_set(err, CXD_CORRUPT,
                             "%s: damaged; which revision is the newest is not known any more "
                             "(remove it to trust the server)",
                             path);
    }
    *ret_mark = mark;
    return CXD_OK;
}

int kept_mark_write(const char *state_folder, const struct source_item *item, struct cxd_error *err)
{
    char path[PATH_MAX];
    char text[512];
    int len = snprintf(text, sizeof text, "cortexd-mark 1 %s %llu %s\n",
                       item->envelope.policy_id[0] != '\0' ? item->envelope.policy_id : "-",
                       (unsigned long long)item->envelope.revision, item->hash);
    int r = path_make(path, state_folder, "mark", err);

    return r != CXD_OK ? r : file_replace(path, (struct cxd_bytes){text, (size_t)len}, 0600, err);
}

int kept_judge(const struct kept_mark *mark, const struct source_item *item, struct cxd_error *err)
{
    const struct envelope *e = &item->envelope;

    if (strcmp(mark->hash, item->hash) == 0 && mark->revision == e->revision) {
        return 1;
    }
    if (e->revision == 0 || mark->revision == 0 || strcmp(mark->policy_id, e->policy_id) != 0) {
        return 0;
    }
    if (e->revision < mark->revision) {
        return cxd_error_set(err, CXD_CONFIG, "revision %llu is older than %llu, taken before",
                             (unsigned long long)e->revision, (unsigned long long)mark->revision);
    }
    if (e->revision == mark->revision) {
        return cxd_error_set(err, CXD_CONFIG, "another policy under the same revision %llu",
                             (unsigned long long)e->revision);
    }
    return 0;
}
