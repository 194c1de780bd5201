/* batch.c: a text that grows and a table of places in it. */
#include "pipeline/batch.h"

#include "cxd/status.h"

#include <stdlib.h>

#define CURSOR_MAX (16u << 20)

struct batch *batch_new(size_t limit)
{
    struct batch *b = calloc(1, sizeof *b);

    if (b != NULL) {
        buf_init(&b->text, limit);
        buf_init(&b->cursor, CURSOR_MAX);
    }
    return b;
}

void batch_free(struct batch *b)
{
    if (b != NULL) {
        buf_done(&b->text);
        buf_done(&b->cursor);
        free(b->docs);
        free(b);
    }
}

void batch_clear(struct batch *b)
{
    buf_clear(&b->text);
    buf_clear(&b->cursor);
    b->count = 0;
    b->next = NULL;
    b->track_next = NULL;
    b->is_settled = 0;
}

static int docs_grow(struct batch *b)
{
    uint32_t cap = b->cap == 0 ? 256 : b->cap * 2;
    struct cxd_doc *docs = realloc(b->docs, cap * sizeof *docs);

    if (docs == NULL) {
        return CXD_NOMEM;
    }
    b->docs = docs;
    b->cap = cap;
    return CXD_OK;
}

int batch_add(struct batch *b, size_t start, struct cxd_bytes id)
{
    size_t source_len = b->text.len - start;
    int r = b->count == b->cap ? docs_grow(b) : CXD_OK;

    r = r != CXD_OK ? r : buf_add(&b->text, id.ptr, id.len);
    if (r == CXD_OK) {
        b->docs[b->count++] =
            (struct cxd_doc){.source = {.len = source_len}, .id = {.len = id.len}};
    }
    return r;
}

void batch_seal(struct batch *b)
{
    const char *at = b->text.ptr;

    for (uint32_t i = 0; i < b->count; i++) {
        struct cxd_doc *doc = &b->docs[i];
        doc->source.ptr = at;
        at += doc->source.len;
        doc->id.ptr = doc->id.len > 0 ? at : NULL;
        at += doc->id.len;
        doc->index = b->index;
    }
}
