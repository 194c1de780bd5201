/* json.c: a BSON document as JSON text, for people. */
#include "io/doc.h"

#include "base/text.h"
#include "io/crypto.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

static int text_add(struct buf *out, struct cxd_bytes text)
{
    int r = buf_reserve(out, text_quote_len(text));

    if (r == CXD_OK) {
        out->len = (size_t)(text_quote_known(text, out->ptr + out->len) - out->ptr);
    }
    return r;
}

static int binary_add(struct buf *out, struct cxd_bytes bytes)
{
    size_t room = (bytes.len + 2) / 3 * 4;
    int r = buf_reserve(out, room + 2);

    if (r == CXD_OK) {
        out->ptr[out->len++] = '"';
        out->len += crypto_base64(bytes.ptr, bytes.len, 0, out->ptr + out->len, room);
        out->ptr[out->len++] = '"';
    }
    return r;
}

static int members_add(struct buf *out, struct cxd_bytes doc, int is_list, int depth);

static int value_add(struct buf *out, const struct cxd_scalar *value, int depth)
{
    switch (value->type) {
    case CXD_TEXT:
        return text_add(out, value->bytes);
    case CXD_INT:
        return buf_add_format(out, "%" PRId64, value->number);
    case CXD_FLOAT:
        return isfinite(value->real) ? buf_add_format(out, "%.17g", value->real)
                                     : buf_add_text(out, "null");
    case CXD_BOOL:
        return buf_add_text(out, value->number != 0 ? "true" : "false");
    case CXD_DOCUMENT:
    case CXD_ARRAY:
        return members_add(out, value->bytes, value->type == CXD_ARRAY, depth + 1);
    case CXD_BINARY:
        return binary_add(out, value->bytes);
    default:
        return buf_add_text(out, "null");
    }
}

static int members_add(struct buf *out, struct cxd_bytes doc, int is_list, int depth)
{
    struct cxd_bytes name;
    struct cxd_scalar value;
    int r = depth > DOC_DEPTH_MAX ? CXD_TOO_DEEP : buf_add_text(out, is_list ? "[" : "{");

    for (uint32_t i = 0; r == CXD_OK && (value = doc_at(doc, i, &name)).type != CXD_NONE; i++) {
        r = i > 0 ? buf_add_text(out, ",") : CXD_OK;
        if (r == CXD_OK && !is_list) {
            r = text_add(out, name);
            r = r != CXD_OK ? r : buf_add_text(out, ":");
        }
        r = r != CXD_OK ? r : value_add(out, &value, depth);
    }
    return r != CXD_OK ? r : buf_add_text(out, is_list ? "]" : "}");
}

int doc_json(struct cxd_bytes doc, struct buf *out)
{
    size_t len = out->len;
    int r = members_add(out, doc, 0, 0);

    if (r != CXD_OK) {
        out->len = len;
    }
    return r;
}
