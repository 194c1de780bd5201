/* media.c: mime(), file() and dir(). */
#include "media.h"

#include "../lang/dict.h"
#include "../lang/services.h"
#include "catalog.h"
#include "json_text.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MAX ((size_t)64 << 20)
#define PATH_LEN_MAX 4096
#define ENTRIES_MAX 65536u

/* Malloc'ed bytes as a value; they are freed. */
static struct value take_bytes(struct run *run, char *data, size_t len)
{
    char *copy = run_spend(run, 1 + len / 64) ? pool_copy(run->pool, data, len) : NULL;

    free(data);
    if (copy == NULL) {
        return run->fatal != NULL ? run_fatal(run) : run_out_of_memory(run);
    }
    return value_bytes(copy, len);
}

struct value media_gunzip(struct run *run, struct cxd_bytes data)
{
    const struct services *s = run->services;
    struct cxd_error err = CXD_ERROR_INIT;
    size_t limit = run->pool->limit < MEDIA_INFLATED_MAX ? run->pool->limit : MEDIA_INFLATED_MAX;
    char *plain = NULL;
    size_t len = 0;

    if (s == NULL || s->gunzip == NULL) {
        return run_fail(run, "gzip is not available here");
    }
    if (s->gunzip(s->ctx, data, limit, &plain, &len, &err) < 0) {
        return run_fail(run, "%s", err.text);
    }
    return take_bytes(run, plain, len);
}

/* The type without parameters, and whether a CSV has a header line. */
static struct cxd_bytes type_split(struct cxd_bytes type, bool *ret_header)
{
    const char *semicolon = memchr(type.ptr, ';', type.len);
    size_t len = semicolon != NULL ? (size_t)(semicolon - type.ptr) : type.len;

    *ret_header =
        semicolon == NULL || memmem(semicolon, type.len - len, "header=absent", 13) == NULL;
    while (len > 0 && type.ptr[len - 1] == ' ') {
        len--;
    }
    return (struct cxd_bytes){type.ptr, len};
}

static bool type_is(struct cxd_bytes type, const char *name)
{
    return type.len == strlen(name) && memcmp(type.ptr, name, type.len) == 0;
}

struct value media_decode(struct run *run, struct cxd_bytes data, struct cxd_bytes type)
{
    bool with_header = true;
    struct cxd_bytes base = type_split(type, &with_header);
    struct value text = value_bytes(data.ptr, data.len);
    char *other = NULL;
    size_t other_len = 0;

    if (type_is(base, "application/gzip")) {
        return media_gunzip(run, data);
    }
    if (type_is(base, "application/x-ndjson") || type_is(base, "application/ndjson")) {
        for (const struct function *f = json_text_functions; f->name != NULL; f++) {
            if (strcmp(f->name, "decode_json_stream") == 0) {
                return f->call(run, &text, 1);
            }
        }
    }
    if (type_is(base, "application/zip")) {
        return media_zip(run, data);
    }
    if (type_is(base, "text/csv")) {
        return media_csv(run, data, with_header);
    }
    if (run->services != NULL && run->services->transform != NULL &&
        run->services->transform(run->services->ctx, type, data, &other, &other_len) == 1) {
        return take_bytes(run, other, other_len);
    }
    return run_fail(run, "unknown transform: \"%.*s\"", (int)type.len, type.ptr);
}

static struct value mime(struct run *run, const struct value *args, uint32_t count)
{
    (void)count;
    if (args[1].kind != VALUE_STRING) {
        return run_no_overload(run);
    }
    return media_decode(run, value_range(args[0]), value_range(args[1]));
}

/* The path, in the services' folder when it is relative. False: too long, or files may not be read. */
static bool path_make(struct run *run, struct value path, char *out, struct value *ret_problem)
{
    const struct services *s = run->services;
    bool relative = path.len == 0 || path.text[0] != '/';
    int len;

    if (s == NULL || !s->may_read_files) {
        *ret_problem = run_fail(run, "files may not be read here");
        return false;
    }
    len = snprintf(out, PATH_LEN_MAX, "%s%s%.*s", relative && s->folder != NULL ? s->folder : "",
                   relative && s->folder != NULL ? "/" : "", (int)path.len, path.text);
    if (len < 0 || len >= PATH_LEN_MAX || memchr(path.text, '\0', path.len) != NULL) {
        *ret_problem = run_fail(run, "the path is too long");
        return false;
    }
    return true;
}

static struct value fail_path(struct run *run, const char *what, struct value path, int error)
{
    return run_fail(run, "%s: open %.*s: %s", what, (int)path.len, path.text,
                    error == ENOENT ? "no such file or directory" : strerror(error));
}

/* All of a regular file, in the pool. */
static struct value read_all(struct run *run, int fd, size_t size)
{
    char *data = run_spend(run, 10 + size / 64) ? pool_alloc(run->pool, size) : NULL;
    size_t len = 0;

    if (data == NULL) {
        return run->fatal != NULL ? run_fatal(run) : run_out_of_memory(run);
    }
    while (len < size) {
        ssize_t step = read(fd, data + len, size - len);
        if (step < 0 && errno == EINTR) {
            continue;
        }
        if (step < 0) {
            return run_fail(run, "file: %s", strerror(errno));
        }
        if (step == 0) {
            break;
        }
        len += (size_t)step;
    }
    return value_bytes(data, len);
}

static struct value file(struct run *run, const struct value *args, uint32_t count)
{
    char path[PATH_LEN_MAX];
    struct value v = value_null();
    struct stat st;
    int fd;

    if (count == 2 && args[1].kind != VALUE_STRING) {
        return run_no_overload(run);
    }
    if (!path_make(run, args[0], path, &v)) {
        return v;
    }
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 || fstat(fd, &st) != 0) {
        return fail_path(run, "file", args[0], errno);
    }
    v = !S_ISREG(st.st_mode)            ? run_fail(run, "file: not a regular file")
        : (size_t)st.st_size > FILE_MAX ? run_fail(run, "file: larger than %zu bytes", FILE_MAX)
                                        : read_all(run, fd, (size_t)st.st_size);
    (void)close(fd); /* only read */
    return value_is_error(v) || count == 1
               ? v
               : media_decode(run, value_range(v), value_range(args[1]));
}

/* One entry of a folder as a map, or an error. */
static struct value entry_map(struct run *run, const char *folder, const char *name)
{
    char path[PATH_LEN_MAX + 256];
    char *copy = pool_copy(run->pool, name, strlen(name));
    struct dict *dict = dict_new(run->pool, 4);
    struct stat st;

    (void)snprintf(path, sizeof path, "%s/%s", folder, name); /* cut: lstat fails */
    if (copy == NULL || dict == NULL) {
        return run_out_of_memory(run);
    }
    if (lstat(path, &st) != 0) {
        return run_fail(run, "dir: %s", strerror(errno));
    }
    DICT_SET(dict, "name", value_string(copy, strlen(name)));
    DICT_SET(dict, "is_dir", value_bool(S_ISDIR(st.st_mode)));
    DICT_SET(dict, "size", value_int((int64_t)st.st_size));
    DICT_SET(dict, "mod_time",
             value_timestamp((int64_t)st.st_mtim.tv_sec, (uint32_t)st.st_mtim.tv_nsec));
    return value_map(dict);
}

static int visible(const struct dirent *entry)
{
    return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static struct value dir(struct run *run, const struct value *args, uint32_t count)
{
    char path[PATH_LEN_MAX];
    struct dirent **entries = NULL;
    struct value v = value_null();
    struct value *items = NULL;
    int found;

    (void)count;
    if (!path_make(run, args[0], path, &v)) {
        return v;
    }
    found = scandir(path, &entries, visible, by_name);
    if (found < 0) {
        return fail_path(run, "dir", args[0], errno);
    }
    if ((uint32_t)found <= ENTRIES_MAX) {
        items = run_items(run, (size_t)found);
    }
    for (int i = 0; i < found; i++) {
        if (items != NULL && !value_is_error(v)) {
            items[i] = v = entry_map(run, path, entries[i]->d_name);
        }
        free(entries[i]);
    }
    free(entries);
    if (value_is_error(v)) {
        return v;
    }
    if (items == NULL) {
        return run->fatal != NULL ? run_fatal(run) : run_fail(run, "dir: too many entries");
    }
    return value_list(items, (size_t)found);
}

const struct function media_functions[] = {
    {"mime", FUNCTION_METHOD, 2, 2, VALUE_MASK(VALUE_BYTES), mime},
    {"file", FUNCTION_FREE, 1, 2, VALUE_MASK(VALUE_STRING), file},
    {"dir", FUNCTION_FREE, 1, 1, VALUE_MASK(VALUE_STRING), dir},
    {NULL}};
