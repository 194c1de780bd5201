/* optree.c: see the header. Thread: the instance's. */
#include "lib/optree.h"

#include <inttypes.h>
#include <stdio.h>

static struct tree *optree_value(struct region *r, const struct cxd_scalar *value, int depth);

static struct tree *optree_number(struct region *r, const struct cxd_scalar *value)
{
    char digits[40];

    if (value->type == CXD_FLOAT) {
        (void)snprintf(digits, sizeof digits, "%.17g", value->real);
        for (int precision = 1; precision < 17; precision++) {
            char shorter[40];
            double back;

            (void)snprintf(shorter, sizeof shorter, "%.*g", precision, value->real);
            if (sscanf(shorter, "%lf", &back) == 1 && back == value->real) {
                memcpy(digits, shorter, sizeof digits);
                break;
            }
        }
    } else {
        (void)snprintf(digits, sizeof digits, "%" PRId64, value->number);
    }
    return tree_new_number(r, region_copy(r, bytes_of(digits)));
}

static struct tree *optree_container(struct region *r, const struct cxd_scalar *value, int depth)
{
    bool is_object = value->type == CXD_DOCUMENT;
    struct tree *node = tree_new(r, is_object ? TREE_OBJECT : TREE_LIST);
    struct cxd_bytes name = {NULL, 0};

    if (depth > TREE_DEPTH) {
        return NULL;
    }
    for (uint32_t i = 0; node != NULL; i++) {
        struct cxd_scalar member = r->heap->host->doc_at(value->bytes, i, &name);
        struct tree *child;

        if (member.type == CXD_NONE) {
            break;
        }
        child = optree_value(r, &member, depth + 1);
        if (child == NULL || (is_object ? !tree_put(r, node, region_copy(r, name), child)
                                        : !tree_push(r, node, child))) {
            return NULL;
        }
    }
    return node;
}

static struct tree *optree_value(struct region *r, const struct cxd_scalar *value, int depth)
{
    switch (value->type) {
    case CXD_TEXT:
        return tree_new_string(r, region_copy(r, value->bytes));
    case CXD_INT:
    case CXD_FLOAT:
        return optree_number(r, value);
    case CXD_BOOL:
        return tree_new(r, value->number != 0 ? TREE_TRUE : TREE_FALSE);
    case CXD_DOCUMENT:
    case CXD_ARRAY:
        return optree_container(r, value, depth);
    default:
        return tree_new(r, TREE_NULL);
    }
}

struct tree *optree_read(struct region *r, struct cxd_bytes doc)
{
    const struct cxd_scalar root = {.type = CXD_DOCUMENT, .bytes = doc};
    struct tree *tree = optree_value(r, &root, 0);

    return r->status == 0 ? tree : NULL;
}

static bool optree_put(struct region *r, struct cxd_builder *b, struct tree *node)
{
    const struct cxd_host *host = r->heap->host;
    struct cxd_bytes key = node->key.ptr != NULL ? region_copy(r, node->key) : CXD_LIT("");
    struct cxd_scalar value = {.type = CXD_NIL};

    if (key.ptr == NULL) {
        return false;
    }
    if (node->kind >= TREE_LIST) {
        return host->doc_push(b, key.ptr, node->kind == TREE_LIST) == 0 &&
               optree_write(r, b, node) && host->doc_pop(b) == 0;
    }
    if (node->kind == TREE_STRING) {
        value.type = CXD_TEXT;
        value.bytes = tree_string(r, node);
    } else if (node->kind == TREE_TRUE || node->kind == TREE_FALSE) {
        value.type = CXD_BOOL;
        value.number = node->kind == TREE_TRUE;
    } else if (node->kind == TREE_NUMBER &&
               number_parse(node->text.ptr, node->text.len, &value.number)) {
        value.type = CXD_INT;
    }
    return host->doc_put(b, key.ptr, &value) == 0;
}

bool optree_write(struct region *r, struct cxd_builder *b, struct tree *object)
{
    for (struct tree *c = tree_first(r, object); c != NULL; c = c->next) {
        if (!optree_put(r, b, c)) {
            return false;
        }
    }
    return r->status == 0;
}

static bool pair_push(struct region *r, struct tree *list, struct tree *name, struct tree *value)
{
    bool is_text = value->kind == TREE_STRING || value->kind == TREE_NUMBER;
    struct cxd_bytes text = value->kind == TREE_STRING ? tree_string(r, value) : value->text;

    return !is_text || (tree_push(r, list, tree_new_string(r, name->key)) &&
                        tree_push(r, list, tree_new_string(r, text)));
}

bool optree_pairs(struct region *r, struct tree *options, const char *name, struct tree *doc)
{
    struct tree *map = tree_find(r, options, bytes_of(name));
    struct tree *list = map != NULL && map->kind == TREE_OBJECT ? tree_new(r, TREE_LIST) : NULL;
    bool good = list != NULL;

    if (map == NULL || map->kind != TREE_OBJECT) {
        return r->status == 0;
    }
    for (struct tree *c = tree_first(r, map); c != NULL && good; c = c->next) {
        struct tree *one = c->kind == TREE_LIST ? tree_first(r, c) : c;

        for (; one != NULL && good; one = c->kind == TREE_LIST ? one->next : NULL) {
            good = pair_push(r, list, c, one);
        }
    }
    return good && tree_put(r, doc, bytes_of(name), list);
}

int optree_check(struct region *r, struct tree *object, const char *where, const char *const *names,
                 struct cxd_error *err)
{
    if (object == NULL || object->kind == TREE_NULL) {
        return 0;
    }
    if (object->kind != TREE_OBJECT) {
        return cxd_error_set(err, CXD_CONFIG, "%s: expected named options", where);
    }
    for (struct tree *c = tree_first(r, object); c != NULL; c = c->next) {
        const char *const *name = names;

        while (*name != NULL &&
               (strlen(*name) != c->key.len || memcmp(*name, c->key.ptr, c->key.len) != 0)) {
            name++;
        }
        if (*name == NULL) {
            return cxd_error_set(err, CXD_CONFIG, "%s.%.*s: no such option is supported", where,
                                 (int)(c->key.len < 60 ? c->key.len : 60), c->key.ptr);
        }
    }
    return 0;
}

struct cxd_bytes optree_text(struct region *r, struct tree *root, const char *path)
{
    struct tree *node = tree_path(r, root, bytes_of(path));

    if (node == NULL || node->kind == TREE_NULL) {
        return (struct cxd_bytes){NULL, 0};
    }
    switch (node->kind) {
    case TREE_TRUE:
        return CXD_LIT("true");
    case TREE_FALSE:
        return CXD_LIT("false");
    case TREE_STRING:
        return tree_string(r, node);
    case TREE_NUMBER:
        return node->text;
    default:
        return (struct cxd_bytes){NULL, 0};
    }
}

static bool optree_is(struct cxd_bytes text, const char *word)
{
    return text.len == strlen(word) && memcmp(text.ptr, word, text.len) == 0;
}

int optree_bool(struct region *r, struct tree *root, const char *path, bool otherwise, bool *ret,
                struct cxd_error *err)
{
    struct cxd_bytes text = optree_text(r, root, path);

    *ret = otherwise;
    if (text.ptr == NULL) {
        return 0;
    }
    if (!optree_is(text, "true") && !optree_is(text, "false")) {
        return cxd_error_set(err, CXD_CONFIG, "%s: expected true or false", path);
    }
    *ret = text.ptr[0] == 't';
    return 0;
}

int optree_int(struct region *r, struct tree *root, const char *path, int64_t otherwise,
               int64_t *ret, struct cxd_error *err)
{
    struct cxd_bytes text = optree_text(r, root, path);

    *ret = otherwise;
    if (text.ptr == NULL) {
        return 0;
    }
    return number_parse(text.ptr, text.len, ret)
               ? 0
               : cxd_error_set(err, CXD_CONFIG, "%s: expected a whole number", path);
}

/* "1m30s": numbers, each with ms, s, m or h. */
static bool duration_ms(struct cxd_bytes text, int64_t *ret)
{
    int64_t sum = 0;

    while (text.len > 0) {
        size_t digits = 0;
        size_t unit;
        int64_t number;
        int64_t scale;

        while (digits < text.len && text.ptr[digits] >= '0' && text.ptr[digits] <= '9') {
            digits++;
        }
        unit = digits;
        while (unit < text.len && text.ptr[unit] >= 'a' && text.ptr[unit] <= 'z') {
            unit++;
        }
        scale = optree_is((struct cxd_bytes){text.ptr + digits, unit - digits}, "ms") ? 1
                : unit - digits != 1                                                  ? 0
                : text.ptr[digits] == 's'                                             ? 1000
                : text.ptr[digits] == 'm'                                             ? 60000
                : text.ptr[digits] == 'h'                                             ? 3600000
                                                                                      : 0;
        if (scale == 0 || !number_parse(text.ptr, digits, &number) ||
            __builtin_mul_overflow(number, scale, &number) ||
            __builtin_add_overflow(sum, number, &sum)) {
            return false;
        }
        text = (struct cxd_bytes){text.ptr + unit, text.len - unit};
    }
    *ret = sum;
    return true;
}

int optree_duration(struct region *r, struct tree *root, const char *path, int64_t unit,
                    int64_t otherwise, int64_t *ret, struct cxd_error *err)
{
    struct cxd_bytes text = optree_text(r, root, path);
    int64_t number;

    *ret = otherwise;
    if (text.ptr == NULL || text.len == 0) {
        return 0;
    }
    if (number_parse(text.ptr, text.len, &number)) {
        if (number < 0 || __builtin_mul_overflow(number, unit, &number)) {
            return cxd_error_set(err, CXD_CONFIG, "%s: not a length of time", path);
        }
        *ret = number;
        return 0;
    }
    return duration_ms(text, ret)
               ? 0
               : cxd_error_set(err, CXD_CONFIG, "%s: expected a length of time such as 30s or 5m",
                               path);
}
