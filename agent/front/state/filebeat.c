/* filebeat.c: see the header. Knows JSON by the scanner of records; what a cursor says is its module's business. */
#include "front/state/filebeat.h"

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/log.h"
#include "base/scan.h"
#include "base/split.h"
#include "base/text.h"
#include "io/file.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define FILE_BYTES_MAX (64u << 20)
#define TXID_DIGITS 20

struct reading {
    struct arena *arena;
    filebeat_want_fn want;
    void *owner;
    struct filebeat_entry *first;
    char folder[PATH_MAX];
    char path[PATH_MAX]; /* of the file that is read */
    struct scan outer;
    struct scan inner;
    struct cxd_error *err;
};

static int path_make(struct reading *rd, const char *name)
{
    int len = snprintf(rd->path, sizeof rd->path, "%s/%s", rd->folder, name);

    return len > 0 && (size_t)len < sizeof rd->path
               ? CXD_OK
               : cxd_error_set(rd->err, CXD_TOO_LARGE, "%s: the path is too long", rd->folder);
}

/* A string's text in the arena; NULL: no string, or no memory. */
static const char *own_text(struct reading *rd, const struct cxd_value *value)
{
    char *text;
    size_t len = 0;

    if (value == NULL || value->kind != CXD_KIND_STRING) {
        return NULL;
    }
    text = arena_alloc(rd->arena, (size_t)value->len + 1);
    if (text == NULL || text_unescape((struct cxd_bytes){value->ptr, value->len}, text, &len) < 0 ||
        memchr(text, '\0', len) != NULL) {
        return NULL;
    }
    text[len] = '\0';
    return text;
}

static const struct cxd_value *member(const struct scan *s, const char *name)
{
    const struct cxd_field *f =
        scan_find(s->fields, s->count, (struct cxd_bytes){name, strlen(name)});

    return f != NULL ? &f->value : NULL;
}

/* The value as JSON, a string with its quotes again. */
static const char *own_json(struct reading *rd, const struct cxd_value *value)
{
    size_t quotes = value->kind == CXD_KIND_STRING;

    return arena_copy(rd->arena, value->ptr - quotes, value->len + 2 * quotes);
}

static struct filebeat_entry **entry_place(struct reading *rd, const char *key)
{
    struct filebeat_entry **at = &rd->first;

    while (*at != NULL && strcmp((*at)->key, key) != 0) {
        at = &(*at)->next;
    }
    return at;
}

/* TYPE::ID::SOURCE; an id may have :: in it no more than Filebeat itself can tell. */
static int key_split(struct reading *rd, const char *key, struct filebeat_entry *e)
{
    const char *id = strstr(key, "::");
    const char *source = id != NULL ? strstr(id + 2, "::") : NULL;

    if (source == NULL) {
        return 0;
    }
    e->key = key;
    e->type = arena_copy(rd->arena, key, (size_t)(id - key));
    e->id = arena_copy(rd->arena, id + 2, (size_t)(source - id - 2));
    e->source = source + 2;
    return e->type != NULL && e->id != NULL ? 1 : CXD_NOMEM;
}

static int entry_set(struct reading *rd, const char *key, const struct cxd_value *cursor)
{
    struct filebeat_entry made = {.next = NULL};
    struct filebeat_entry **place;
    const char *text = NULL;
    int r = key_split(rd, key, &made);

    if (r <= 0 || !rd->want(rd->owner, made.type)) {
        return r < 0 ? r : CXD_OK;
    }
    if (cursor != NULL && cursor->kind != CXD_KIND_NULL) {
        text = own_json(rd, cursor);
        if (text == NULL) {
            return CXD_NOMEM;
        }
    }
    place = entry_place(rd, key);
    if (*place == NULL) {
        *place = arena_alloc(rd->arena, sizeof **place);
        if (*place == NULL) {
            return CXD_NOMEM;
        }
        **place = made;
    }
    (*place)->cursor = text;
    return CXD_OK;
}

static void entry_remove(struct reading *rd, const char *key)
{
    struct filebeat_entry **place = entry_place(rd, key);

    if (*place != NULL) {
        *place = (*place)->next;
    }
}

static int broken(struct reading *rd, const char *what)
{
    return cxd_error_set(rd->err, CXD_CORRUPT, "%s: %s", rd->path, what);
}

static int content_read(struct reading *rd, struct buf *content)
{
    struct cxd_error why = CXD_ERROR_INIT;
    int r = file_read(rd->path, content, NULL, &why);

    return r == CXD_OK || r == CXD_NOT_FOUND ? r : cxd_error_set(rd->err, r, "%s", why.text);
}

/* One element of a checkpoint: the entry with its key as a member more. */
static int element_take(struct reading *rd, struct cxd_bytes text)
{
    struct scan_fault fault;
    const struct cxd_value *value;
    const char *key;

    if (scan_record(&rd->outer, text, rd->arena, &fault) < 0) {
        return fault.status == CXD_NOMEM ? CXD_NOMEM : broken(rd, "an entry is no JSON object");
    }
    value = member(&rd->outer, "_key");
    key = own_text(rd, value);
    return key != NULL ? entry_set(rd, key, member(&rd->outer, "cursor")) : CXD_OK;
}

static int checkpoint_take(struct reading *rd, struct cxd_bytes text)
{
    struct split split = {0};

    for (;;) {
        struct cxd_bytes part;
        int r = split_next(&split, &text, &part);
        size_t blanks = 0;
        if (r < 0) {
            return broken(rd, "expected a JSON list");
        }
        if (r != SPLIT_ELEMENT) {
            return split_is_closed(&split) ? CXD_OK : broken(rd, "cut short");
        }
        while (blanks < part.len && strchr(" \t\r\n", part.ptr[blanks]) != NULL) {
            blanks++;
        }
        r = blanks == part.len ? CXD_OK : element_take(rd, part);
        if (r != CXD_OK) {
            return r;
        }
    }
}

static int number_of(const struct cxd_value *value, uint64_t *ret)
{
    uint64_t n = 0;

    if (value == NULL || value->kind != CXD_KIND_NUMBER || value->len > TXID_DIGITS) {
        return 0;
    }
    for (uint32_t i = 0; i < value->len; i++) {
        if (value->ptr[i] < '0' || value->ptr[i] > '9') {
            return 0;
        }
        n = n * 10 + (uint64_t)(value->ptr[i] - '0');
    }
    *ret = n;
    return 1;
}

/* Up to the next newline, empty ones left out; a line without an end counts as empty. */
static struct cxd_bytes line_take(struct cxd_bytes *text)
{
    const char *end;
    struct cxd_bytes line;

    while (text->len > 0 && *text->ptr == '\n') {
        text->ptr++;
        text->len--;
    }
    end = text->len > 0 ? memchr(text->ptr, '\n', text->len) : NULL;
    line = (struct cxd_bytes){text->ptr, end != NULL ? (size_t)(end - text->ptr) : 0};
    text->ptr += end != NULL ? line.len + 1 : text->len;
    text->len -= end != NULL ? line.len + 1 : text->len;
    return line;
}

/* The change that two lines make. 1: done; 0: they are torn. */
static int change_take(struct reading *rd, int is_set, struct cxd_bytes line)
{
    struct scan_fault fault;
    const struct cxd_value *value;
    const char *key;
    int r;

    if (scan_record(&rd->outer, line, rd->arena, &fault) < 0) {
        return fault.status == CXD_NOMEM ? CXD_NOMEM : 0;
    }
    key = own_text(rd, member(&rd->outer, "k"));
    if (key == NULL) {
        return 0;
    }
    if (!is_set) {
        entry_remove(rd, key);
        return 1;
    }
    value = member(&rd->outer, "v");
    if (value == NULL || value->kind != CXD_KIND_OBJECT ||
        scan_record(&rd->inner, (struct cxd_bytes){value->ptr, value->len}, rd->arena, &fault) <
            0) {
        return 0;
    }
    r = entry_set(rd, key, member(&rd->inner, "cursor"));
    return r < 0 ? r : 1;
}

static int torn(const struct reading *rd, uint64_t number)
{
    LOG(CXD_LOG_WARN, "state", "%s: ends in the middle of change %llu: read up to there", rd->path,
        (unsigned long long)number);
    return CXD_OK;
}

/* Changes behind the checkpoint, whose number is `number`. */
static int log_take(struct reading *rd, struct cxd_bytes text, uint64_t number)
{
    while (text.len > 0) {
        struct cxd_bytes head = line_take(&text);
        struct cxd_bytes change = line_take(&text);
        struct scan_fault fault;
        uint64_t id = 0;
        const char *op;
        int r;
        if (head.len == 0 || change.len == 0 ||
            scan_record(&rd->outer, head, rd->arena, &fault) < 0 ||
            !number_of(member(&rd->outer, "id"), &id) ||
            (op = own_text(rd, member(&rd->outer, "op"))) == NULL) {
            return torn(rd, number + 1);
        }
        if (id <= number) {
            continue; /* of before the checkpoint */
        }
        if (id != number + 1) {
            return broken(rd, "a change is missing in it: start Filebeat once and stop it");
        }
        r = strcmp(op, "set") == 0 || strcmp(op, "remove") == 0
                ? change_take(rd, op[0] == 's', change)
                : broken(rd, "a change of a kind that is not known");
        if (r <= 0) {
            return r < 0 ? r : torn(rd, id);
        }
        number = id;
    }
    return CXD_OK;
}

/* The number of the newest checkpoint; 0: none. */
static uint64_t checkpoint_find(const char *folder)
{
    DIR *dir = opendir(folder);
    const struct dirent *entry;
    uint64_t newest = 0;

    while (dir != NULL && (entry = readdir(dir)) != NULL) {
        size_t digits = strspn(entry->d_name, "0123456789");
        struct cxd_value value = {
            .ptr = entry->d_name, .len = (uint32_t)digits, .kind = CXD_KIND_NUMBER};
        uint64_t number = 0;
        if (digits > 0 && strcmp(entry->d_name + digits, ".json") == 0 &&
            number_of(&value, &number) && number > newest) {
            newest = number;
        }
    }
    if (dir != NULL) {
        (void)closedir(dir);
    }
    return newest;
}

static int version_check(struct reading *rd)
{
    _cleanup_(buf_done) struct buf content;
    struct scan_fault fault;
    const char *version;
    int r = path_make(rd, "meta.json");

    buf_init(&content, 4096);
    r = r != CXD_OK ? r : content_read(rd, &content);
    if (r != CXD_OK) {
        return r == CXD_NOT_FOUND ? CXD_OK : r;
    }
    if (scan_record(&rd->outer, (struct cxd_bytes){content.ptr, content.len}, rd->arena, &fault) <
            0 ||
        (version = own_text(rd, member(&rd->outer, "version"))) == NULL) {
        return broken(rd, "expected {\"version\":\"1\"}");
    }
    return strcmp(version, "1") == 0
               ? CXD_OK
               : cxd_error_set(rd->err, CXD_UNSUPPORTED,
                               "%s: version \"%.40s\" of the registry is not known (1 is)",
                               rd->path, version);
}

static int folder_find(struct reading *rd, const char *folder)
{
    static const char *const below[] = {"", "/filebeat", "/registry/filebeat",
                                        "/data/registry/filebeat"};

    for (size_t i = 0; i < sizeof below / sizeof below[0]; i++) {
        int len = snprintf(rd->folder, sizeof rd->folder, "%s%s", folder, below[i]);
        if (len > 0 && (size_t)len < sizeof rd->folder && path_make(rd, "log.json") == CXD_OK &&
            (access(rd->path, F_OK) == 0 || checkpoint_find(rd->folder) > 0)) {
            return CXD_OK;
        }
    }
    return cxd_error_set(rd->err, CXD_NOT_FOUND,
                         "%s: no registry of Filebeat here (expected log.json in it, or in "
                         "data/registry/filebeat)",
                         folder);
}

static int files_take(struct reading *rd)
{
    _cleanup_(buf_done) struct buf content;
    uint64_t number = checkpoint_find(rd->folder);
    char name[40];
    int r = version_check(rd);

    buf_init(&content, FILE_BYTES_MAX);
    if (r == CXD_OK && number > 0) {
        (void)snprintf(name, sizeof name, "%llu.json", (unsigned long long)number);
        r = path_make(rd, name);
        r = r != CXD_OK ? r : content_read(rd, &content);
        r = r != CXD_OK ? r : checkpoint_take(rd, (struct cxd_bytes){content.ptr, content.len});
    }
    buf_clear(&content);
    r = r != CXD_OK ? r : path_make(rd, "log.json");
    r = r != CXD_OK ? r : content_read(rd, &content);
    if (r == CXD_OK) {
        r = log_take(rd, (struct cxd_bytes){content.ptr, content.len}, number);
    }
    return r == CXD_NOT_FOUND ? CXD_OK : r;
}

int filebeat_read(const char *folder, struct arena *arena, filebeat_want_fn want, void *owner,
                  struct filebeat_entry **ret_first, struct cxd_error *err)
{
    struct reading rd = {.arena = arena, .want = want, .owner = owner, .err = err};
    int r = folder_find(&rd, folder);

    r = r != CXD_OK ? r : files_take(&rd);
    scan_done(&rd.outer);
    scan_done(&rd.inner);
    if (r == CXD_NOMEM) {
        return cxd_error_set(err, r, "%s: out of memory", rd.path);
    }
    *ret_first = rd.first;
    return r;
}
