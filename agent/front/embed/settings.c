/* settings.c: a table of members, read with the data plane's scanner. Members that are not in it are left alone. */
#include "front/embed/settings.h"

#include "base/cleanup.h"
#include "base/scan.h"
#include "base/text.h"

#include <string.h>

struct reader {
    struct arena *arena;
    struct cxd_error *err;
};

static int member_fail(const struct reader *rd, const char *name, const char *wanted)
{
    return cxd_error_set(rd->err, CXD_CONFIG, "options: %s: expected %s", name, wanted);
}

/* Decoded into the arena, a NUL behind; *ret_len may be NULL when there must be no NUL inside. */
static int text_read(const struct reader *rd, const char *name, const struct cxd_value *value,
                     const char **ret_text, size_t *ret_len)
{
    const struct cxd_bytes escaped = {value->ptr, value->len};
    size_t len = 0;
    char *text;

    if (value->kind != CXD_KIND_STRING) {
        return member_fail(rd, name, "a text");
    }
    text = arena_alloc(rd->arena, escaped.len + 1);
    if (text == NULL) {
        return cxd_error_set(rd->err, CXD_NOMEM, "options: out of memory");
    }
    if (text_unescape(escaped, text, &len) != CXD_OK ||
        (ret_len == NULL && memchr(text, '\0', len) != NULL)) {
        return member_fail(rd, name, "a text without NUL and lone surrogates");
    }
    text[len] = '\0';
    *ret_text = text;
    if (ret_len != NULL) {
        *ret_len = len;
    }
    return CXD_OK;
}

static int modules_read(const struct reader *rd, const struct cxd_value *value,
                        struct settings *settings)
{
    _cleanup_(scan_done) struct scan scan = {0};
    struct scan_fault fault = {0};
    int r;

    if (value->kind != CXD_KIND_LIST) {
        return member_fail(rd, "modules", "a list of folders");
    }
    r = scan_members(&scan, (struct cxd_bytes){value->ptr, value->len}, rd->arena, &fault);
    if (r != CXD_OK) {
        return scan_error(&fault, rd->err);
    }
    if (scan.count > SETTINGS_MODULES_MAX) {
        return member_fail(rd, "modules", "at most 16 folders");
    }
    for (uint32_t i = 0; i < scan.count && r == CXD_OK; i++) {
        r = text_read(rd, "modules", &scan.fields[i].value, &settings->modules[i], NULL);
    }
    return r;
}

static int variables_read(const struct reader *rd, const struct cxd_value *value,
                          struct settings *settings)
{
    _cleanup_(scan_done) struct scan scan = {0};
    struct scan_fault fault = {0};
    int r;

    if (value->kind != CXD_KIND_OBJECT) {
        return member_fail(rd, "variables", "an object of texts");
    }
    r = scan_members(&scan, (struct cxd_bytes){value->ptr, value->len}, rd->arena, &fault);
    if (r != CXD_OK) {
        return scan_error(&fault, rd->err);
    }
    for (uint32_t i = 0; i < scan.count && r == CXD_OK; i++) {
        const struct cxd_field *f = &scan.fields[i];
        struct settings_variable *v = arena_alloc(rd->arena, sizeof *v);
        if (v == NULL) {
            return cxd_error_set(rd->err, CXD_NOMEM, "options: out of memory");
        }
        *v = (struct settings_variable){.next = settings->variables, .name = {f->key, f->key_len}};
        r = text_read(rd, "variables", &f->value, &v->value.ptr, &v->value.len);
        settings->variables = v;
    }
    return r;
}

static int once_read(const struct reader *rd, const struct cxd_value *value,
                     struct settings *settings)
{
    if (value->kind != CXD_KIND_TRUE && value->kind != CXD_KIND_FALSE) {
        return member_fail(rd, "once", "true or false");
    }
    settings->is_once = value->kind == CXD_KIND_TRUE;
    return CXD_OK;
}

static int members_read(const struct reader *rd, const struct scan *scan, struct settings *settings)
{
    const struct {
        const char *name;
        const char **text; /* or */
        int (*read)(const struct reader *rd, const struct cxd_value *value,
                    struct settings *settings);
    } members[] = {
        {"data_dir", &settings->data_path, NULL},  {"policy_path", &settings->policy_path, NULL},
        {"log_level", &settings->log_level, NULL}, {"modules", NULL, modules_read},
        {"variables", NULL, variables_read},       {"once", NULL, once_read}};
    int r = CXD_OK;

    for (size_t i = 0; i < sizeof members / sizeof members[0] && r == CXD_OK; i++) {
        const struct cxd_bytes name = {members[i].name, strlen(members[i].name)};
        const struct cxd_field *f = scan_find(scan->fields, scan->count, name);
        if (f == NULL || f->value.kind == CXD_KIND_NULL) {
            continue;
        }
        r = members[i].text != NULL ? text_read(rd, name.ptr, &f->value, members[i].text, NULL)
                                    : members[i].read(rd, &f->value, settings);
    }
    return r;
}

int settings_read(struct cxd_bytes text, struct arena *arena, struct settings *ret_settings,
                  struct cxd_error *err)
{
    _cleanup_(scan_done) struct scan scan = {0};
    const struct reader rd = {arena, err};
    struct scan_fault fault = {0};
    struct cxd_bytes copy = {NULL, text.len};

    *ret_settings = (struct settings){.data_path = NULL};
    if (text.len == 0) {
        return CXD_OK;
    }
    if (text.len > SETTINGS_BYTES_MAX) {
        return cxd_error_set(err, CXD_TOO_LARGE, "options: larger than 4 MiB");
    }
    copy.ptr = arena_copy(arena, text.ptr, text.len); /* names of variables point into it */
    if (copy.ptr == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "options: out of memory");
    }
    if (scan_record(&scan, copy, arena, &fault) != CXD_OK) {
        (void)scan_error(&fault, err);
        return fault.status == CXD_NOMEM ? cxd_error_wrap(err, "options")
                                         : cxd_error_set(err, CXD_CONFIG, "options: byte %zu: %s",
                                                         fault.offset, fault.text);
    }
    return members_read(&rd, &scan, ret_settings);
}
