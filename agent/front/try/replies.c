/* replies.c: see the header. Everything is read at open, into an arena. */
#include "front/try/replies.h"

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/scan.h"
#include "base/text.h"
#include "io/file.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/stat.h>

#define REPLIES_BYTES ((size_t)512 << 20)
#define REPLIES_MAX 100000u

struct replies {
    struct arena *arena;
    struct reply *list;
    size_t count;
    size_t room;
    size_t next;
    struct scan scan; /* of a line */
};

void replies_close(struct replies *r)
{
    if (r != NULL) {
        arena_free(r->arena);
        scan_done(&r->scan);
        free(r->list);
        free(r);
    }
}

const struct reply *replies_take(struct replies *r)
{
    return r != NULL && r->next < r->count ? &r->list[r->next++] : NULL;
}

size_t replies_left(const struct replies *r)
{
    return r != NULL ? r->count - r->next : 0;
}

static struct reply *reply_add(struct replies *r)
{
    if (r->count == r->room) {
        size_t room = r->room > 0 ? r->room * 2 : 16;
        struct reply *list = room <= REPLIES_MAX ? realloc(r->list, room * sizeof *list) : NULL;

        if (list == NULL) {
            return NULL;
        }
        r->list = list;
        r->room = room;
    }
    r->list[r->count] = (struct reply){.status = 200};
    return &r->list[r->count++];
}

/* A string's text, anything else as it is written. {NULL,0}: no memory, or lone surrogates. */
static struct cxd_bytes text_of(struct replies *r, const struct cxd_value *v)
{
    char *out = arena_alloc(r->arena, (size_t)v->len + 1);
    size_t len = v->len;

    if (out == NULL) {
        return (struct cxd_bytes){NULL, 0};
    }
    if (v->kind != CXD_KIND_STRING) {
        memcpy(out, v->ptr, v->len);
    } else if (text_unescape((struct cxd_bytes){v->ptr, v->len}, out, &len) < 0) {
        return (struct cxd_bytes){NULL, 0};
    }
    out[len] = '\0';
    return (struct cxd_bytes){out, len};
}

static int field_add(struct replies *r, struct reply *reply, struct cxd_bytes name,
                     const struct cxd_value *v)
{
    struct cxd_bytes text = text_of(r, v);

    if (text.ptr == NULL || reply->field_count == REPLIES_FIELDS_MAX) {
        return CXD_TOO_LARGE;
    }
    reply->fields[reply->field_count++] = (struct replies_field){name, text};
    return 0;
}

/* {"Name": "text", "Other": ["text", "text"]} */
static int fields_read(struct replies *r, struct reply *reply, const struct cxd_value *headers,
                       struct scan_fault *fault)
{
    struct scan names = {0};
    struct scan texts = {0};
    int status =
        scan_record(&names, (struct cxd_bytes){headers->ptr, headers->len}, r->arena, fault);

    for (uint32_t i = 0; status == 0 && i < names.count; i++) {
        const struct cxd_field *f = &names.fields[i];
        char *name = arena_copy(r->arena, f->key, f->key_len);

        if (name == NULL) {
            status = CXD_NOMEM;
        } else if (f->value.kind != CXD_KIND_LIST) {
            status = field_add(r, reply, (struct cxd_bytes){name, f->key_len}, &f->value);
        } else {
            status = scan_members(&texts, (struct cxd_bytes){f->value.ptr, f->value.len}, r->arena,
                                  fault);
            for (uint32_t j = 0; status == 0 && j < texts.count; j++) {
                status = field_add(r, reply, (struct cxd_bytes){name, f->key_len},
                                   &texts.fields[j].value);
            }
        }
    }
    scan_done(&names);
    scan_done(&texts);
    return status;
}

static const struct cxd_value *member(const struct replies *r, const char *name)
{
    const struct cxd_field *f =
        scan_find(r->scan.fields, r->scan.count, (struct cxd_bytes){name, strlen(name)});

    return f != NULL ? &f->value : NULL;
}

static bool is_text(const struct cxd_value *v, const char *text)
{
    return v != NULL && v->kind == CXD_KIND_STRING && v->len == strlen(text) &&
           memcmp(v->ptr, text, v->len) == 0;
}

static bool has_field(const struct reply *reply, const char *name)
{
    for (uint32_t i = 0; i < reply->field_count; i++) {
        if (reply->fields[i].name.len == strlen(name) &&
            strncasecmp(reply->fields[i].name.ptr, name, strlen(name)) == 0) {
            return true;
        }
    }
    return false;
}

/* A body that is no text is JSON, and says so. */
static void type_default(struct reply *reply, const char *type)
{
    if (!has_field(reply, "Content-Type") && reply->field_count < REPLIES_FIELDS_MAX) {
        reply->fields[reply->field_count++] =
            (struct replies_field){{"Content-Type", strlen("Content-Type")}, {type, strlen(type)}};
    }
}

static int line_read(struct replies *r, struct cxd_bytes line, struct cxd_error *err)
{
    struct scan_fault fault = {0};
    const struct cxd_value *v;
    struct reply *reply;
    int status = scan_record(&r->scan, line, r->arena, &fault);

    if (status < 0) {
        return scan_error(&fault, err);
    }
    if (is_text(member(r, "event"), "request")) {
        return 0;
    }
    reply = reply_add(r);
    if (reply == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "out of memory, or more than %u replies", REPLIES_MAX);
    }
    v = member(r, "status");
    if (v != NULL) {
        reply->status = v->kind == CXD_KIND_NUMBER && v->len == 3 ? atoi(v->ptr) : 0;
        if (reply->status < 100 || reply->status > 599) {
            return cxd_error_set(err, CXD_MALFORMED, "status: expected a number from 100 to 599");
        }
    }
    v = member(r, "error");
    if (v != NULL) {
        reply->failure = text_of(r, v).ptr;
    }
    v = member(r, "headers");
    if (v != NULL && (v->kind != CXD_KIND_OBJECT || fields_read(r, reply, v, &fault) < 0)) {
        return cxd_error_set(err, CXD_MALFORMED,
                             "headers: expected an object of texts or lists of texts");
    }
    v = member(r, "body");
    if (v != NULL) {
        reply->body = text_of(r, v);
        type_default(reply, v->kind == CXD_KIND_STRING ? "text/plain" : "application/json");
        if (reply->body.ptr == NULL) {
            return cxd_error_set(err, CXD_MALFORMED, "body: no text that can be decoded");
        }
    }
    return 0;
}

static int file_load(const char *path, struct buf *content, struct cxd_error *err)
{
    buf_init(content, REPLIES_BYTES);
    return file_read(path, content, NULL, err);
}

static bool is_blank(const char *text, size_t len)
{
    while (len > 0 && (unsigned char)*text <= ' ') {
        text++;
        len--;
    }
    return len == 0;
}

static int lines_read(struct replies *r, const char *path, struct cxd_error *err)
{
    _cleanup_(buf_done) struct buf content = {0};
    int status = file_load(path, &content, err);
    unsigned number = 0;
    size_t at = 0;

    while (status == 0 && at < content.len) {
        const char *end = memchr(content.ptr + at, '\n', content.len - at);
        size_t len = end != NULL ? (size_t)(end - content.ptr) - at : content.len - at;

        number++;
        if (!is_blank(content.ptr + at, len)) {
            status = line_read(r, (struct cxd_bytes){content.ptr + at, len}, err);
        }
        at += len + 1;
    }
    if (status < 0 && number > 0) {
        (void)cxd_error_wrap(err, "%s:%u", path, number);
    }
    return status;
}

/* By the ending of a name. */
static const char *type_of(const char *name)
{
    static const char *const rows[][2] = {
        {".json", "application/json"}, {".ndjson", "application/x-ndjson"},
        {".csv", "text/csv"},          {".xml", "application/xml"},
        {".gz", "application/gzip"},   {".zip", "application/zip"}};
    const char *dot = strrchr(name, '.');

    for (size_t i = 0; dot != NULL && i < sizeof rows / sizeof rows[0]; i++) {
        if (strcmp(dot, rows[i][0]) == 0) {
            return rows[i][1];
        }
    }
    return "text/plain";
}

/* NAME-503.json: 503. */
static int status_of(const char *name)
{
    const char *dot = strrchr(name, '.');
    size_t len = dot != NULL ? (size_t)(dot - name) : strlen(name);
    int status = len > 4 && name[len - 4] == '-' ? atoi(name + len - 3) : 0;

    return status >= 100 && status <= 599 ? status : 200;
}

static int body_read(struct replies *r, const char *folder, const char *name, struct cxd_error *err)
{
    _cleanup_(buf_done) struct buf content = {0};
    char path[4096];
    struct reply *reply = reply_add(r);
    char *own;
    int status;

    if (reply == NULL ||
        (size_t)snprintf(path, sizeof path, "%s/%s", folder, name) >= sizeof path) {
        return cxd_error_set(err, CXD_NOMEM, "%s/%s: too many replies, or too long a name", folder,
                             name);
    }
    status = file_load(path, &content, err);
    own =
        status == 0 ? arena_copy(r->arena, content.len > 0 ? content.ptr : "", content.len) : NULL;
    if (status == 0 && own == NULL) {
        status = cxd_error_set(err, CXD_NOMEM, "%s: out of memory", path);
    }
    reply->body = (struct cxd_bytes){own, own != NULL ? content.len : 0};
    reply->status = status_of(name);
    type_default(reply, type_of(name));
    return status;
}

static int is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static int folder_read(struct replies *r, const char *folder, struct cxd_error *err)
{
    struct dirent **names = NULL;
    int count = scandir(folder, &names, is_visible, alphasort);
    int status = count < 0 ? cxd_error_set(err, CXD_IO, "%s: cannot be read", folder) : 0;

    for (int i = 0; i < count; i++) {
        if (status == 0) {
            status = body_read(r, folder, names[i]->d_name, err);
        }
        free(names[i]);
    }
    free(names);
    return status;
}

int replies_open(const char *path, struct replies **ret_replies, struct cxd_error *err)
{
    struct replies *r = calloc(1, sizeof *r);
    struct stat st;
    int status;

    if (r == NULL || (r->arena = arena_new(65536, 2 * REPLIES_BYTES)) == NULL) {
        free(r);
        return cxd_error_set(err, CXD_NOMEM, "out of memory");
    }
    status = stat(path, &st) != 0  ? cxd_error_set(err, CXD_NOT_FOUND, "%s: cannot be read", path)
             : S_ISDIR(st.st_mode) ? folder_read(r, path, err)
                                   : lines_read(r, path, err);
    if (status < 0) {
        replies_close(r);
        return status;
    }
    *ret_replies = r;
    return 0;
}
