/* spool_item.c: see the header. Every length from a record is checked against what is there before it is used. */
#include "pipeline/spool_item.h"

#include "base/little.h"
#include "pipeline/unit.h"

#include <string.h>

enum { BOUND_LEN = 8 + 8 + 4 + 4 + 1 };

static int text_put(struct buf *out, struct cxd_bytes text)
{
    char len[4];
    int r;

    little_put(len, text.len, 4);
    r = buf_add(out, len, sizeof len);
    return r != CXD_OK ? r : buf_add(out, text.ptr, text.len);
}

int spool_item_pack(const struct batch *b, struct buf *out)
{
    char lens[8];
    int r = text_put(out, (struct cxd_bytes){b->stream->id, strlen(b->stream->id)});

    r = r != CXD_OK ? r : text_put(out, b->index);
    r = r != CXD_OK ? r : text_put(out, b->pipeline);
    r = r != CXD_OK ? r : buf_reserve(out, (size_t)b->count * sizeof lens + b->text.len);
    for (uint32_t i = 0; i < b->count && r == CXD_OK; i++) {
        little_put(lens, b->docs[i].source.len, 4);
        little_put(lens + 4, b->docs[i].id.len, 4);
        r = buf_add(out, lens, sizeof lens);
    }
    for (uint32_t i = 0; i < b->count && r == CXD_OK; i++) {
        r = buf_add(out, b->docs[i].source.ptr, b->docs[i].source.len);
        r = r != CXD_OK ? r : buf_add(out, b->docs[i].id.ptr, b->docs[i].id.len);
    }
    return r;
}

static int text_get(struct cxd_bytes *left, struct cxd_bytes *ret_text)
{
    uint32_t len;

    if (left->len < 4) {
        return CXD_CORRUPT;
    }
    len = little_get32(left->ptr);
    if (left->len - 4 < len) {
        return CXD_CORRUPT;
    }
    *ret_text = (struct cxd_bytes){left->ptr + 4, len};
    left->ptr += 4 + len;
    left->len -= 4 + (size_t)len;
    return CXD_OK;
}

static int docs_get(struct cxd_bytes left, uint32_t count, struct batch *b)
{
    const char *lens = left.ptr;
    int r = left.len / 8 < count ? CXD_CORRUPT : CXD_OK;

    if (r == CXD_OK) {
        left.ptr += (size_t)count * 8;
        left.len -= (size_t)count * 8;
    }
    for (uint32_t i = 0; i < count && r == CXD_OK; i++) {
        uint64_t source_len = little_get32(lens + (size_t)i * 8);
        uint64_t id_len = little_get32(lens + (size_t)i * 8 + 4);
        size_t start = b->text.len;

        if (left.len < source_len + id_len) {
            return CXD_CORRUPT;
        }
        r = buf_add(&b->text, left.ptr, source_len);
        r = r != CXD_OK ? r
                        : batch_add(b, start, (struct cxd_bytes){left.ptr + source_len, id_len});
        left.ptr += source_len + id_len;
        left.len -= source_len + id_len;
    }
    return r == CXD_OK && left.len > 0 ? CXD_CORRUPT : r;
}

int spool_item_unpack(struct cxd_bytes packed, uint32_t count, struct batch *b,
                      struct cxd_bytes *ret_stream)
{
    struct cxd_bytes stream;
    struct cxd_bytes index;
    struct cxd_bytes pipeline;
    size_t at;
    int r = text_get(&packed, &stream);

    r = r != CXD_OK ? r : text_get(&packed, &index);
    r = r != CXD_OK ? r : text_get(&packed, &pipeline);
    r = r != CXD_OK ? r
                    : buf_reserve(&b->text, packed.len + stream.len + index.len + pipeline.len + 1);
    r = r != CXD_OK ? r : docs_get(packed, count, b);
    at = b->text.len;
    r = r != CXD_OK ? r : buf_add(&b->text, index.ptr, index.len);
    r = r != CXD_OK ? r : buf_add(&b->text, pipeline.ptr, pipeline.len);
    r = r != CXD_OK ? r : buf_add(&b->text, stream.ptr, stream.len);
    r = r != CXD_OK ? r : buf_add(&b->text, "", 1);
    if (r != CXD_OK) {
        batch_clear(b);
        return r;
    }
    b->index = (struct cxd_bytes){b->text.ptr + at, index.len};
    at += index.len;
    b->pipeline = (struct cxd_bytes){pipeline.len > 0 ? b->text.ptr + at : NULL, pipeline.len};
    *ret_stream = (struct cxd_bytes){b->text.ptr + at + pipeline.len, stream.len};
    batch_seal(b);
    return CXD_OK;
}

/* What the sealed bytes are bound to: a record cannot stand for another. */
static struct cxd_bytes bound_make(const struct spool_head *h, char out[BOUND_LEN])
{
    little_put(out, h->seq, 8);
    little_put(out + 8, h->before, 8);
    little_put(out + 16, h->count, 4);
    little_put(out + 20, h->part, 4);
    out[24] = (char)h->is_last;
    return (struct cxd_bytes){out, BOUND_LEN};
}

static int binary_put(struct cxd_builder *b, const char *name, struct cxd_bytes bytes)
{
    const struct cxd_scalar value = {.type = CXD_BINARY, .bytes = bytes};

    return doc_put(b, name, &value);
}

static int number_add(struct cxd_builder *b, const char *name, uint64_t number)
{
    const struct cxd_scalar value = doc_int((int64_t)number);

    return doc_put(b, name, &value);
}

int spool_item_write(struct cxd_builder *b, const struct spool_head *head,
                     const struct seal_key *key, struct buf *scratch, struct cxd_bytes *ret_record)
{
    const struct cxd_scalar last = doc_bool(head->is_last);
    char bound[BOUND_LEN];
    int r;

    doc_reset(b);
    buf_clear(scratch);
    r = number_add(b, "s", head->seq);
    r = r != CXD_OK ? r : number_add(b, "p", head->part);
    r = r != CXD_OK ? r : doc_put(b, "l", &last);
    r = r != CXD_OK ? r : number_add(b, "b", head->before);
    r = r != CXD_OK ? r : number_add(b, "n", head->count);
    if (r == CXD_OK && key == NULL) {
        r = binary_put(b, "d", head->bytes);
    } else if (r == CXD_OK) {
        r = binary_put(b, "k", (struct cxd_bytes){(const char *)key->mark, SEAL_MARK_LEN});
        r = r != CXD_OK ? r : seal_put(key, bound_make(head, bound), head->bytes, scratch);
        r = r != CXD_OK ? r : binary_put(b, "e", (struct cxd_bytes){scratch->ptr, scratch->len});
    }
    if (r == CXD_OK) {
        *ret_record = doc_bytes(b);
    }
    return r;
}

static int number_find(struct cxd_bytes record, const char *name, uint64_t max, uint64_t *ret)
{
    struct cxd_scalar value = doc_get(record, name);

    if (value.type != CXD_INT || value.number < 0 || (uint64_t)value.number > max) {
        return 0;
    }
    *ret = (uint64_t)value.number;
    return 1;
}

int spool_item_read(struct cxd_bytes record, struct spool_head *ret_head)
{
    struct spool_head h = {0};
    struct cxd_scalar last;
    struct cxd_scalar bytes;
    struct cxd_scalar mark;
    uint64_t count = 0;
    uint64_t part = 0;

    if (doc_check(record, NULL) != CXD_OK || !number_find(record, "s", INT64_MAX, &h.seq) ||
        !number_find(record, "b", INT64_MAX, &h.before) ||
        !number_find(record, "n", UINT32_MAX, &count) ||
        !number_find(record, "p", UINT32_MAX, &part)) {
        return CXD_CORRUPT;
    }
    last = doc_get(record, "l");
    mark = doc_get(record, "k");
    h.is_sealed = mark.type == CXD_BINARY && mark.bytes.len == SEAL_MARK_LEN;
    bytes = doc_get(record, h.is_sealed ? "e" : "d");
    if (last.type != CXD_BOOL || bytes.type != CXD_BINARY) {
        return CXD_CORRUPT;
    }
    if (h.is_sealed) {
        memcpy(h.mark, mark.bytes.ptr, SEAL_MARK_LEN);
    }
    h.count = (uint32_t)count;
    h.part = (uint32_t)part;
    h.is_last = last.number != 0;
    h.bytes = bytes.bytes;
    *ret_head = h;
    return CXD_OK;
}

int spool_item_open(const struct spool_head *head, const struct seal_key *key, struct buf *out)
{
    char bound[BOUND_LEN];

    if (!head->is_sealed) {
        return buf_add(out, head->bytes.ptr, head->bytes.len);
    }
    if (key == NULL || memcmp(key->mark, head->mark, SEAL_MARK_LEN) != 0) {
        return CXD_CONFIG;
    }
    return seal_get(key, bound_make(head, bound), head->bytes, out);
}
