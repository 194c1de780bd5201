/*
 * build.c: writing BSON documents. Knows libbson's writers.
 *
 * libbson ends the process when it finds no memory. So it never has to look for any here: it writes into a buffer of ours,
 * which is made large enough before each append by a bound that counts every byte that could be needed. Only the small root
 * object, made once for each builder, is libbson's own.
 */
#include "io/doc.h"

#include <bson/bson.h>
#include <stdlib.h>
#include <string.h>

enum {
    ROOM_START = 512,
    ROOM_PER_MEMBER = 64 /* type, length, ends of open documents, list index as name: at the most */
};

struct level {
    bson_t doc; /* not of the root */
    int is_array;
    uint32_t index; /* next name in a list */
};

struct cxd_builder {
    bson_t *root;
    uint8_t *ptr;
    size_t cap;
    size_t bound; /* at least the bytes used */
    int depth;    /* open nested documents */
    struct level levels[DOC_DEPTH_MAX];
};

/* Not reached, as room is made beforehand; without memory there is nothing right that could be returned from here. */
static void *room_refuse(void *ptr, size_t size, void *arg)
{
    (void)ptr;
    (void)size;
    (void)arg;
    abort();
}

struct cxd_builder *doc_new(void)
{
    struct cxd_builder *b = calloc(1, sizeof *b);

    if (b == NULL) {
        return NULL;
    }
    b->ptr = malloc(ROOM_START);
    if (b->ptr == NULL) {
        free(b);
        return NULL;
    }
    memset(b->ptr, 0, ROOM_START);
    b->ptr[0] = 5; /* an empty document: its length and its end */
    b->cap = ROOM_START;
    b->root = bson_new_from_buffer(&b->ptr, &b->cap, room_refuse, NULL);
    if (b->root == NULL) {
        free(b->ptr);
        free(b);
        return NULL;
    }
    b->bound = 5;
    return b;
}

static int room_make(struct cxd_builder *b, size_t name_len, size_t value_len)
{
    size_t need = name_len + value_len + ROOM_PER_MEMBER;
    size_t want = b->cap;
    uint8_t *ptr;

    if (value_len > DOC_SIZE_MAX || b->bound + need > DOC_SIZE_MAX) {
        return CXD_TOO_LARGE;
    }
    if (b->bound + need > want) {
        while (want < b->bound + need) {
            want *= 2;
        }
        ptr = malloc(want); /* not realloc: what is given back may hold secrets and is wiped */
        if (ptr == NULL) {
            return CXD_NOMEM;
        }
        memcpy(ptr, b->ptr, b->cap);
        explicit_bzero(b->ptr, b->cap);
        free(b->ptr);
        b->ptr = ptr;
        b->cap = want; /* libbson looks at both through pointers */
    }
    b->bound += need;
    return CXD_OK;
}

/* The document that is written to now, and in a list the next name instead of the given one. */
static int target_find(struct cxd_builder *b, const char **name, char index[16], size_t value_len,
                       bson_t **ret_target)
{
    struct level *top = b->depth > 0 ? &b->levels[b->depth - 1] : NULL;
    size_t name_len;

    if (top != NULL && top->is_array) {
        (void)snprintf(index, 16, "%u", top->index); /* 10 digits at the most */
        *name = index;
    }
    if (*name == NULL) {
        return CXD_INVALID;
    }
    name_len = strnlen(*name, DOC_NAME_MAX + 1);
    if (name_len > DOC_NAME_MAX || !bson_utf8_validate(*name, name_len, false)) {
        return CXD_INVALID;
    }
    *ret_target = top != NULL ? &top->doc : b->root;
    return room_make(b, name_len, value_len);
}

static void target_count(struct cxd_builder *b)
{
    if (b->depth > 0) {
        b->levels[b->depth - 1].index++;
    }
}

static int nested_append(bson_t *target, const char *name, const struct cxd_scalar *value)
{
    bson_t nested;

    if (!bson_init_static(&nested, (const uint8_t *)value->bytes.ptr, value->bytes.len)) {
        return 0;
    }
    return value->type == CXD_ARRAY ? bson_append_array(target, name, -1, &nested)
                                    : bson_append_document(target, name, -1, &nested);
}

static int scalar_append(bson_t *target, const char *name, const struct cxd_scalar *value)
{
    switch (value->type) {
    case CXD_TEXT:
        return bson_append_utf8(target, name, -1, value->bytes.len > 0 ? value->bytes.ptr : "",
                                (int)value->bytes.len);
    case CXD_INT:
        return bson_append_int64(target, name, -1, value->number);
    case CXD_FLOAT:
        return bson_append_double(target, name, -1, value->real);
    case CXD_BOOL:
        return bson_append_bool(target, name, -1, value->number != 0);
    case CXD_NIL:
        return bson_append_null(target, name, -1);
    case CXD_BINARY:
        return bson_append_binary(target, name, -1, BSON_SUBTYPE_BINARY,
                                  (const uint8_t *)(value->bytes.len > 0 ? value->bytes.ptr : ""),
                                  (uint32_t)value->bytes.len);
    case CXD_DOCUMENT:
    case CXD_ARRAY:
        return nested_append(target, name, value);
    default:
        return 0;
    }
}

/* Depth is counted from where the value is put: the root and `depth` open documents are around it. */
static int value_check(const struct cxd_scalar *value, int depth)
{
    switch (value->type) {
    case CXD_TEXT:
        return value->bytes.len == 0 ||
                       bson_utf8_validate(value->bytes.ptr, value->bytes.len, false)
                   ? CXD_OK
                   : CXD_INVALID;
    case CXD_DOCUMENT:
    case CXD_ARRAY:
        return doc_check_within(value->bytes, depth + 1, NULL) == CXD_OK ? CXD_OK : CXD_INVALID;
    case CXD_INT:
    case CXD_FLOAT:
    case CXD_BOOL:
    case CXD_NIL:
    case CXD_BINARY:
        return CXD_OK;
    default:
        return CXD_INVALID;
    }
}

int doc_put(struct cxd_builder *b, const char *name, const struct cxd_scalar *value)
{
    char index[16];
    bson_t *target;
    int r;

    if (value->bytes.len > DOC_SIZE_MAX) {
        return CXD_TOO_LARGE;
    }
    r = value_check(value, b->depth);
    if (r == CXD_OK) {
        r = target_find(b, &name, index, value->bytes.len, &target);
    }
    if (r < 0) {
        return r;
    }
    if (!scalar_append(target, name, value)) {
        return CXD_INVALID;
    }
    target_count(b);
    return CXD_OK;
}

int doc_push(struct cxd_builder *b, const char *name, int is_array)
{
    struct level *level;
    char index[16];
    bson_t *target;
    int r;

    if (b->depth >= DOC_DEPTH_MAX - 1) { /* the root counts */
        return CXD_TOO_DEEP;
    }
    r = target_find(b, &name, index, 0, &target);
    if (r < 0) {
        return r;
    }
    level = &b->levels[b->depth];
    if (!(is_array ? bson_append_array_begin(target, name, -1, &level->doc)
                   : bson_append_document_begin(target, name, -1, &level->doc))) {
        return CXD_INVALID;
    }
    target_count(b);
    level->is_array = is_array != 0;
    level->index = 0;
    b->depth++;
    return CXD_OK;
}

int doc_pop(struct cxd_builder *b)
{
    struct level *level;
    bson_t *parent;
    bool is_good;

    if (b->depth == 0) {
        return CXD_INVALID;
    }
    level = &b->levels[b->depth - 1];
    parent = b->depth > 1 ? &b->levels[b->depth - 2].doc : b->root;
    is_good = level->is_array ? bson_append_array_end(parent, &level->doc)
                              : bson_append_document_end(parent, &level->doc);
    b->depth--;
    return is_good ? CXD_OK : CXD_BUG;
}

static void levels_close(struct cxd_builder *b)
{
    while (b->depth > 0) {
        (void)doc_pop(b); /* something is open: it works */
    }
}

struct cxd_bytes doc_bytes(struct cxd_builder *b)
{
    levels_close(b);
    return (struct cxd_bytes){.ptr = (const char *)bson_get_data(b->root), .len = b->root->len};
}

void doc_reset(struct cxd_builder *b)
{
    levels_close(b);
    explicit_bzero(b->ptr, b->cap);
    bson_reinit(b->root);
    b->bound = 5;
}

void doc_free(struct cxd_builder *b)
{
    if (b != NULL) {
        levels_close(b);
        bson_destroy(b->root);
        explicit_bzero(b->ptr, b->cap);
        free(b->ptr);
        free(b);
    }
}

struct cxd_scalar doc_text(const char *text)
{
    if (text == NULL) {
        return (struct cxd_scalar){.type = CXD_NIL};
    }
    return doc_bytes_text((struct cxd_bytes){.ptr = text, .len = strlen(text)});
}

struct cxd_scalar doc_bytes_text(struct cxd_bytes text)
{
    return (struct cxd_scalar){.type = CXD_TEXT, .bytes = text};
}

struct cxd_scalar doc_int(int64_t number)
{
    return (struct cxd_scalar){.type = CXD_INT, .number = number};
}

struct cxd_scalar doc_bool(int is_true)
{
    return (struct cxd_scalar){.type = CXD_BOOL, .number = is_true != 0};
}
