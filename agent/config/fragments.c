/* fragments.c: a policy as a file, or as a folder of files joined to one tree. Nodes are copied where they join: aliases share children. */
#include "config/conf.h"

#include "base/cleanup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct join {
    struct arena *arena;
    struct cxd_error *err;
};

static bool is_fragment(const char *name)
{
    const char *dot = strrchr(name, '.');

    return name[0] != '.' && dot != NULL && (strcmp(dot, ".yml") == 0 || strcmp(dot, ".yaml") == 0);
}

static bool is_same(const struct conf *a, const struct conf *b)
{
    const struct conf *x = a->first;
    const struct conf *y = b->first;

    if (a->kind != b->kind || a->quoted != b->quoted || a->len != b->len ||
        (a->len > 0 && memcmp(a->text, b->text, a->len) != 0)) {
        return false;
    }
    while (x != NULL && y != NULL &&
           (x->key == NULL || y->key == NULL ? x->key == y->key : strcmp(x->key, y->key) == 0) &&
           is_same(x, y)) {
        x = x->next;
        y = y->next;
    }
    return x == NULL && y == NULL;
}

static int node_add(struct join *j, struct conf ***end, const struct conf *node)
{
    struct conf *copy = arena_alloc(j->arena, sizeof *copy);

    if (copy == NULL) {
        return cxd_error_set(j->err, CXD_NOMEM, "%s: out of memory", node->file);
    }
    *copy = *node;
    copy->next = NULL;
    **end = copy;
    *end = &copy->next;
    return CXD_OK;
}

static int nodes_add(struct join *j, struct conf ***end, const struct conf *first)
{
    int r = CXD_OK;

    for (; first != NULL && r == CXD_OK; first = first->next) {
        r = node_add(j, end, first);
    }
    return r;
}

static struct conf *member_of(struct conf *map, const char *key)
{
    struct conf *c = map->first;

    while (c != NULL && strcmp(c->key, key) != 0) {
        c = c->next;
    }
    return c;
}

static int map_join(struct join *j, struct conf *into, const struct conf *from, int depth);

/* The same key in two files. into is a copy already. */
static int member_join(struct join *j, struct conf *into, const struct conf *from, int depth)
{
    struct conf *first = into->first;

    if (depth == 1 && into->kind == CONF_LIST && from->kind == CONF_LIST &&
        strcmp(into->key, "inputs") == 0) {
        struct conf **end = &into->first;
        int r = nodes_add(j, &end, first);
        return r != CXD_OK ? r : nodes_add(j, &end, from->first);
    }
    if (into->kind == CONF_MAP && from->kind == CONF_MAP) {
        return map_join(j, into, from, depth);
    }
    if (is_same(into, from)) {
        return CXD_OK;
    }
    return cxd_error_set(j->err, CXD_CONFIG,
                         "%s:%d: \"%.100s\" stands in %.200s:%d already, with another value",
                         from->file, from->line, from->key, into->file, into->line);
}

static int map_join(struct join *j, struct conf *into, const struct conf *from, int depth)
{
    struct conf *first = into->first;
    struct conf **end = &into->first;
    size_t count = 0;
    int r = nodes_add(j, &end, first);

    for (const struct conf *c = into->first; c != NULL; c = c->next) {
        count++;
    }
    for (const struct conf *c = from->first; c != NULL && r == CXD_OK; c = c->next) {
        struct conf *mine = member_of(into, c->key);
        if (mine != NULL) {
            r = member_join(j, mine, c, depth + 1);
        } else if (++count > CONF_MAX_KEYS) {
            r = cxd_error_set(j->err, CXD_TOO_LARGE, "%s:%d: more than %d keys in one map", c->file,
                              c->line, CONF_MAX_KEYS);
        } else {
            r = node_add(j, &end, c);
        }
    }
    return r;
}

static int file_slurp(const char *path, struct arena *arena, char **ret_text, size_t *ret_len,
                      struct cxd_error *err)
{
    _cleanup_(closep) int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat st;
    size_t at = 0;

    if (fd < 0 || fstat(fd, &st) != 0) {
        return cxd_error_set(err, CXD_IO, "%s: cannot read: %s", path, strerror(errno));
    }
    if (!S_ISREG(st.st_mode) || st.st_size > (off_t)CONF_MAX_BYTES) {
        return cxd_error_set(err, CXD_TOO_LARGE, "%s: expected a regular file of at most 4 MiB",
                             path);
    }
    *ret_text = arena_alloc(arena, (size_t)st.st_size + 1);
    if (*ret_text == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "%s: out of memory", path);
    }
    while (at < (size_t)st.st_size) {
        ssize_t n = read(fd, *ret_text + at, (size_t)st.st_size - at);
        if (n < 0) {
            return cxd_error_set(err, CXD_IO, "%s: cannot read: %s", path, strerror(errno));
        }
        if (n == 0) {
            break; /* became shorter while being read */
        }
        at += (size_t)n;
    }
    *ret_len = at;
    return CXD_OK;
}

int conf_read_file(const char *path, struct arena *arena, struct conf **ret_root,
                   struct cxd_error *err)
{
    char *text = NULL;
    size_t len = 0;
    int r = file_slurp(path, arena, &text, &len, err);

    return r == CXD_OK ? conf_read_text(path, text, len, arena, ret_root, err) : r;
}

static int fragments_read(const char *folder, struct dirent *const *names, int count,
                          struct join *j, struct conf **ret_root)
{
    char path[PATH_MAX];
    int r = CXD_OK;

    for (int i = 0; i < count && r == CXD_OK; i++) {
        struct conf *root = NULL;
        if (snprintf(path, sizeof path, "%s/%s", folder, names[i]->d_name) >= (int)sizeof path) {
            return cxd_error_set(j->err, CXD_TOO_LARGE, "%s: the path is too long", folder);
        }
        r = conf_read_file(path, j->arena, &root, j->err);
        if (r == CXD_OK && *ret_root == NULL) {
            *ret_root = root;
        } else if (r == CXD_OK) {
            r = map_join(j, *ret_root, root, 0);
        }
    }
    return r;
}

static int wanted(const struct dirent *entry)
{
    return is_fragment(entry->d_name);
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static int folder_read(const char *path, struct arena *arena, struct conf **ret_root,
                       struct cxd_error *err)
{
    struct join j = {.arena = arena, .err = err};
    struct dirent **names = NULL;
    int count = scandir(path, &names, wanted, by_bytes);
    int r;

    *ret_root = NULL;
    if (count < 0) {
        return cxd_error_set(err, CXD_IO, "%s: cannot read: %s", path, strerror(errno));
    }
    if (count == 0) {
        r = cxd_error_set(err, CXD_CONFIG, "%s: expected *.yml files in this folder", path);
    } else if (count > CONF_MAX_FRAGMENTS) {
        r = cxd_error_set(err, CXD_TOO_LARGE, "%s: more than %d *.yml files", path,
                          CONF_MAX_FRAGMENTS);
    } else {
        r = fragments_read(path, names, count, &j, ret_root);
    }
    for (int i = 0; i < count; i++) {
        free(names[i]);
    }
    free((void *)names);
    return r;
}

int conf_read_path(const char *path, struct arena *arena, struct conf **ret_root,
                   struct cxd_error *err)
{
    struct stat st;

    if (stat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
        return folder_read(path, arena, ret_root, err);
    }
    return conf_read_file(path, arena, ret_root, err);
}
