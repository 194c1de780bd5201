/* jsonpath.c: see the header. Recursion is as deep as the path, JSONPATH_DEPTH at most. Thread: the instance's. */
#include "jsonpath.h"

#define JSONPATH_DEPTH 32

struct finding {
    struct region *region;
    struct tree *list;
    size_t max;
    struct cxd_error *err;
};

static int find_rest(struct finding *f, struct tree *node, struct cxd_bytes path, int depth);

static int find_bad(struct finding *f)
{
    return cxd_error_set(f->err, CXD_CONFIG, "JSONPath is not understood");
}

static int find_take(struct finding *f, struct tree *node)
{
    static const char *const words[] = {"", "false", "true"};
    struct cxd_bytes text = node->text;

    if (node->kind >= TREE_LIST || node->kind == TREE_NULL) {
        return 0;
    }
    if (f->list->count == f->max) {
        return cxd_error_set(f->err, CXD_TOO_LARGE, "JSONPath finds more than %zu values", f->max);
    }
    if (node->kind == TREE_STRING) {
        text = tree_string(f->region, node);
    } else if (node->kind != TREE_NUMBER) {
        text = bytes_of(words[node->kind]);
    }
    return tree_push(f->region, f->list, tree_new_string(f->region, text))
               ? 0
               : cxd_error_set(f->err, CXD_NOMEM, "JSONPath: out of memory");
}

/* All children, or those of a range. */
static int find_range(struct finding *f, struct tree *node, int64_t from, int64_t to,
                      struct cxd_bytes rest, int depth)
{
    int64_t index = 0;
    int status = 0;

    if (node->kind < TREE_LIST) {
        return 0;
    }
    for (struct tree *c = tree_first(f->region, node); c != NULL && status == 0; c = c->next) {
        if (index >= from && index < to) {
            status = find_rest(f, c, rest, depth + 1);
        }
        index++;
    }
    return status;
}

/* "[...]" whose inside is `inner`. */
static int find_bracket(struct finding *f, struct tree *node, struct cxd_bytes inner,
                        struct cxd_bytes rest, int depth)
{
    const char *colon = memchr(inner.ptr, ':', inner.len);
    int64_t from = 0;
    int64_t to = INT64_MAX;
    size_t left;

    if (inner.len >= 2 && (inner.ptr[0] == '\'' || inner.ptr[0] == '"')) {
        struct tree *child =
            tree_find(f->region, node, (struct cxd_bytes){inner.ptr + 1, inner.len - 2});

        return child != NULL ? find_rest(f, child, rest, depth + 1) : 0;
    }
    if (inner.len == 1 && inner.ptr[0] == '*') {
        return find_range(f, node, from, to, rest, depth);
    }
    if (colon == NULL) {
        if (!number_parse(inner.ptr, inner.len, &from) || from < 0 || from == INT64_MAX) {
            return find_bad(f);
        }
        return find_range(f, node, from, from + 1, rest, depth);
    }
    left = (size_t)(colon - inner.ptr);
    if ((left > 0 && !number_parse(inner.ptr, left, &from)) ||
        (inner.len > left + 1 && !number_parse(colon + 1, inner.len - left - 1, &to)) || from < 0 ||
        to < 0) {
        return find_bad(f);
    }
    return find_range(f, node, from, to, rest, depth);
}

static int find_rest(struct finding *f, struct tree *node, struct cxd_bytes path, int depth)
{
    const char *close;
    size_t len = 1;

    if (f->region->status != 0) {
        return cxd_error_set(f->err, f->region->status, "JSONPath: out of memory");
    }
    if (path.len == 0) {
        return find_take(f, node);
    }
    if (depth == JSONPATH_DEPTH) {
        return find_bad(f);
    }
    if (path.ptr[0] == '[') {
        close = memchr(path.ptr, ']', path.len);
        if (close == NULL) {
            return find_bad(f);
        }
        len = (size_t)(close - path.ptr);
        return find_bracket(f, node, (struct cxd_bytes){path.ptr + 1, len - 1},
                            (struct cxd_bytes){close + 1, path.len - len - 1}, depth);
    }
    if (path.ptr[0] != '.') {
        return find_bad(f);
    }
    while (len < path.len && path.ptr[len] != '.' && path.ptr[len] != '[') {
        len++;
    }
    if (len == 1) {
        return find_bad(f);
    }
    if (len == 2 && path.ptr[1] == '*') {
        return find_range(f, node, 0, INT64_MAX, (struct cxd_bytes){path.ptr + 2, path.len - 2},
                          depth);
    }
    node = tree_find(f->region, node, (struct cxd_bytes){path.ptr + 1, len - 1});
    return node != NULL
               ? find_rest(f, node, (struct cxd_bytes){path.ptr + len, path.len - len}, depth + 1)
               : 0;
}

int jsonpath_values(struct region *r, struct tree *root, struct cxd_bytes path, size_t max,
                    struct tree **ret_list, struct cxd_error *err)
{
    struct finding f = {r, tree_new(r, TREE_LIST), max, err};
    int status;

    if (f.list == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "JSONPath: out of memory");
    }
    if (path.len == 0 || path.ptr[0] != '$') {
        return find_bad(&f);
    }
    status = find_rest(&f, root, (struct cxd_bytes){path.ptr + 1, path.len - 1}, 0);
    if (status == 0) {
        *ret_list = f.list;
    }
    return status;
}
