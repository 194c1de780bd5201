/*
 * read.c: looking into BSON documents. Knows libbson's iterators, which allocate nothing and stay within the bytes.
 */
#include "io/doc.h"

#include <bson/bson.h>
#include <string.h>

static int iter_start(bson_iter_t *iter, struct cxd_bytes doc)
{
    return doc.ptr != NULL && doc.len >= 5 && doc.len <= DOC_SIZE_MAX &&
           bson_iter_init_from_data(iter, (const uint8_t *)doc.ptr, doc.len);
}

static uint32_t members_count(struct cxd_bytes doc)
{
    bson_iter_t iter;
    uint32_t count = 0;

    if (iter_start(&iter, doc)) {
        while (bson_iter_next(&iter)) {
            count++;
        }
    }
    return count;
}

static struct cxd_scalar nested_read(const bson_iter_t *iter, int is_array)
{
    struct cxd_scalar value = {.type = is_array ? CXD_ARRAY : CXD_DOCUMENT};
    const uint8_t *ptr = NULL;
    uint32_t len = 0;

    if (is_array) {
        bson_iter_array(iter, &len, &ptr);
    } else {
        bson_iter_document(iter, &len, &ptr);
    }
    value.bytes = (struct cxd_bytes){.ptr = (const char *)ptr, .len = len};
    value.count = members_count(value.bytes);
    return value;
}

static struct cxd_scalar bytes_read(const bson_iter_t *iter, int is_text)
{
    struct cxd_scalar value = {.type = is_text ? CXD_TEXT : CXD_BINARY};
    const uint8_t *ptr = NULL;
    uint32_t len = 0;

    if (is_text) {
        ptr = (const uint8_t *)bson_iter_utf8(iter, &len);
    } else {
        bson_iter_binary(iter, NULL, &len, &ptr);
    }
    value.bytes = (struct cxd_bytes){.ptr = (const char *)ptr, .len = len};
    return value;
}

static struct cxd_scalar scalar_read(const bson_iter_t *iter)
{
    switch (bson_iter_type(iter)) {
    case BSON_TYPE_UTF8:
        return bytes_read(iter, 1);
    case BSON_TYPE_BINARY:
        return bytes_read(iter, 0);
    case BSON_TYPE_DOCUMENT:
        return nested_read(iter, 0);
    case BSON_TYPE_ARRAY:
        return nested_read(iter, 1);
    case BSON_TYPE_INT32:
        return (struct cxd_scalar){.type = CXD_INT, .number = bson_iter_int32(iter)};
    case BSON_TYPE_INT64:
        return (struct cxd_scalar){.type = CXD_INT, .number = bson_iter_int64(iter)};
    case BSON_TYPE_DATE_TIME:
        return (struct cxd_scalar){.type = CXD_INT, .number = bson_iter_date_time(iter)};
    case BSON_TYPE_DOUBLE:
        return (struct cxd_scalar){.type = CXD_FLOAT, .real = bson_iter_double(iter)};
    case BSON_TYPE_BOOL:
        return (struct cxd_scalar){.type = CXD_BOOL, .number = bson_iter_bool(iter)};
    case BSON_TYPE_NULL:
        return (struct cxd_scalar){.type = CXD_NIL};
    default:
        return (struct cxd_scalar){.type = CXD_NONE};
    }
}

struct cxd_scalar doc_get(struct cxd_bytes doc, const char *path)
{
    bson_iter_t iter;
    bson_iter_t found;

    if (!iter_start(&iter, doc) || path == NULL || path[0] == '\0' ||
        !bson_iter_find_descendant(&iter, path, &found)) {
        return (struct cxd_scalar){.type = CXD_NONE};
    }
    return scalar_read(&found);
}

struct cxd_scalar doc_at(struct cxd_bytes doc, uint32_t index, struct cxd_bytes *ret_name)
{
    bson_iter_t iter;

    if (!iter_start(&iter, doc)) {
        return (struct cxd_scalar){.type = CXD_NONE};
    }
    for (uint32_t i = 0; i <= index; i++) {
        if (!bson_iter_next(&iter)) {
            return (struct cxd_scalar){.type = CXD_NONE};
        }
    }
    if (ret_name != NULL) {
        *ret_name =
            (struct cxd_bytes){.ptr = bson_iter_key(&iter), .len = strlen(bson_iter_key(&iter))};
    }
    return scalar_read(&iter);
}

static int member_check(const bson_iter_t *iter, int depth, struct cxd_error *err);

static int level_check(struct cxd_bytes doc, int depth, struct cxd_error *err)
{
    bson_iter_t iter;
    int r = CXD_OK;

    if (depth > DOC_DEPTH_MAX) {
        return cxd_error_set(err, CXD_TOO_DEEP, "document: nested deeper than %d", DOC_DEPTH_MAX);
    }
    if (!iter_start(&iter, doc)) {
        return cxd_error_set(err, CXD_CORRUPT, "document: bad framing");
    }
    while (r == CXD_OK && bson_iter_next(&iter)) {
        r = member_check(&iter, depth, err);
    }
    if (r == CXD_OK && (iter.err_off != 0 || iter.off != doc.len - 1)) {
        r = cxd_error_set(err, CXD_CORRUPT, "document: a member is damaged or runs over the end");
    }
    return r;
}

static int member_check(const bson_iter_t *iter, int depth, struct cxd_error *err)
{
    struct cxd_scalar value = scalar_read(iter);

    if (strlen(bson_iter_key(iter)) > DOC_NAME_MAX) {
        return cxd_error_set(err, CXD_TOO_LARGE, "document: a name is longer than %d bytes",
                             DOC_NAME_MAX);
    }
    switch (value.type) {
    case CXD_NONE:
        return cxd_error_set(err, CXD_CORRUPT, "document: BSON type 0x%02x is not used here",
                             (unsigned)bson_iter_type(iter));
    case CXD_TEXT:
        if (!bson_utf8_validate(value.bytes.ptr, value.bytes.len, false)) {
            return cxd_error_set(err, CXD_CORRUPT, "document: text is not UTF-8, or has a NUL");
        }
        return CXD_OK;
    case CXD_DOCUMENT:
    case CXD_ARRAY:
        return level_check(value.bytes, depth + 1, err);
    default:
        return CXD_OK;
    }
}

int doc_check_within(struct cxd_bytes doc, int depth, struct cxd_error *err)
{
    if (doc.len > DOC_SIZE_MAX) {
        return cxd_error_set(err, CXD_TOO_LARGE, "document: over %d bytes", DOC_SIZE_MAX);
    }
    return level_check(doc, depth + 1, err);
}

int doc_check(struct cxd_bytes doc, struct cxd_error *err)
{
    return doc_check_within(doc, 0, err);
}
