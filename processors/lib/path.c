/* path.c: names to parts. */
#include "lib/path.h"

#include <string.h>

#define NAME_MAX_LEN 4096

struct cxd_bytes path_quote(struct base *b, struct cxd_bytes text)
{
    size_t room = 6 * text.len + 2; /* \u00xx for every byte */
    char *out = base_alloc(b, room);
    size_t len = out != NULL ? b->host->json_quote(text, out, room) : 0;

    return len > 0 ? (struct cxd_bytes){out + 1, len - 2} : (struct cxd_bytes){NULL, 0};
}

static uint32_t dots_count(struct cxd_bytes text)
{
    uint32_t count = 0;

    for (size_t i = 0; i < text.len; i++) {
        count += text.ptr[i] == '.';
    }
    return count;
}

static int parts_cut(struct path *path, struct cxd_bytes rest, struct cxd_error *err)
{
    for (uint32_t i = 0; i < path->count; i++) {
        const char *dot = memchr(rest.ptr, '.', rest.len);
        size_t len = dot != NULL ? (size_t)(dot - rest.ptr) : rest.len;
        if (len == 0) {
            return cxd_error_set(err, CXD_CONFIG,
                                 "\"%.100s\" is no field's name: nothing before or behind a dot",
                                 path->name.ptr);
        }
        path->rests[i] = rest;
        path->parts[i] = (struct cxd_bytes){rest.ptr, len};
        rest = dot != NULL ? (struct cxd_bytes){dot + 1, rest.len - len - 1} : rest;
    }
    return CXD_OK;
}

int path_read(struct base *b, struct cxd_bytes name, struct path *ret_path, struct cxd_error *err)
{
    static const char metadata[] = "@metadata";
    struct path path = {.count = dots_count(name) + 1};
    struct cxd_bytes quoted;

    if (name.len == 0 || name.len > NAME_MAX_LEN || path.count > PATH_PARTS_MAX) {
        return cxd_error_set(err, CXD_CONFIG, "a field's name has 1 to %d bytes and %d parts",
                             NAME_MAX_LEN, PATH_PARTS_MAX);
    }
    path.name = (struct cxd_bytes){base_copy(b, name), name.len};
    quoted = path_quote(b, name);
    path.parts = base_alloc(b, path.count * sizeof *path.parts);
    path.rests = base_alloc(b, path.count * sizeof *path.rests);
    if (path.name.ptr == NULL || quoted.ptr == NULL || path.parts == NULL || path.rests == NULL) {
        return base_lack(err);
    }
    if (strncmp(path.name.ptr, metadata, sizeof metadata - 1) == 0 &&
        (name.len == sizeof metadata - 1 || path.name.ptr[sizeof metadata - 1] == '.')) {
        path.is_id = strcmp(path.name.ptr, "@metadata._id") == 0;
        path.count = 0;
        *ret_path = path;
        return path.is_id ? CXD_OK
                          : cxd_error_set(err, CXD_CONFIG,
                                          "\"%.100s\": of the metadata only @metadata._id is here",
                                          path.name.ptr);
    }
    *ret_path = path;
    return parts_cut(ret_path, quoted, err);
}

int path_option(struct base *b, struct cxd_bytes options, const char *option, struct path *ret_path,
                struct cxd_error *err)
{
    int r = path_read(b, base_text(b, options, option), ret_path, err);

    if (r != CXD_OK) {
        (void)cxd_error_wrap(err, "%s", option);
    }
    return r;
}

int path_list(struct base *b, struct cxd_bytes options, const char *option, struct path **ret_paths,
              size_t *ret_count, struct cxd_error *err)
{
    struct cxd_scalar list = b->host->doc_get(options, option);
    uint32_t count = list.type == CXD_ARRAY ? list.count : 0;
    struct path *paths = base_alloc(b, count * sizeof *paths);

    if (paths == NULL) {
        return base_lack(err);
    }
    for (uint32_t i = 0; i < count; i++) {
        struct cxd_bytes ignored;
        int r = path_read(b, b->host->doc_at(list.bytes, i, &ignored).bytes, &paths[i], err);
        if (r != CXD_OK) {
            (void)cxd_error_wrap(err, "%s", option);
            return r;
        }
    }
    *ret_paths = paths;
    *ret_count = count;
    return CXD_OK;
}

static int pair_read(struct base *b, struct cxd_bytes group, bool needs_to, struct path_pair *pair,
                     struct cxd_error *err)
{
    struct cxd_bytes to = base_text(b, group, "to");
    int r = path_option(b, group, "from", &pair->from, err);

    pair->has_to = to.len > 0;
    if (r == CXD_OK && (pair->has_to || needs_to)) {
        r = path_option(b, group, "to", &pair->to, err);
    }
    return r;
}

int path_pairs(struct base *b, struct cxd_bytes options, const char *option, bool needs_to,
               struct path_pair **ret_pairs, size_t *ret_count, struct cxd_error *err)
{
    struct cxd_scalar list = b->host->doc_get(options, option);
    uint32_t count = list.type == CXD_ARRAY ? list.count : 0;
    struct path_pair *pairs = base_alloc(b, count * sizeof *pairs);

    if (pairs == NULL) {
        return base_lack(err);
    }
    for (uint32_t i = 0; i < count; i++) {
        struct cxd_bytes ignored;
        struct cxd_scalar group = b->host->doc_at(list.bytes, i, &ignored);
        int r = pair_read(b, group.bytes, needs_to, &pairs[i], err);
        if (r != CXD_OK) {
            (void)cxd_error_wrap(err, "%s", option);
            return r;
        }
    }
    *ret_pairs = pairs;
    *ret_count = count;
    return CXD_OK;
}
