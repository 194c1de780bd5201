/* fuzz_gcs_cursor.c: a stored cursor of any bytes that pass as a document: refused, or read and then written and read the same. */
#include "cursor_doc.h"
#include "fake.h"
#include "fuzz.h"
#include "io/doc.h"

static void check_again(const struct cursor *cursors, size_t count)
{
    struct cxd_builder *b = doc_new();
    struct cursor *again;
    size_t again_count;
    struct cxd_bytes doc;

    FUZZ_CHECK(b != NULL);
    FUZZ_CHECK(cursor_doc_write(&fake_heap, b, cursors, count, &doc) == 0);
    FUZZ_CHECK(cursor_doc_read(&fake_heap, doc, &again, &again_count, NULL) == 0);
    FUZZ_CHECK(again_count == count);
    for (size_t i = 0; i < count; i++) {
        FUZZ_CHECK(again[i].done.count == cursors[i].done.count);
        FUZZ_CHECK(again[i].open_count == cursors[i].open_count);
        FUZZ_CHECK(again[i].mark_s == cursors[i].mark_s);
    }
    cursor_doc_free(&fake_heap, again, again_count);
    doc_free(b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cxd_bytes doc = {(const char *)data, size};
    struct cursor *cursors = NULL;
    size_t count = 0;

    if (doc_check(doc, NULL) == 0 &&
        cursor_doc_read(&fake_heap, doc, &cursors, &count, NULL) == 0) {
        check_again(cursors, count);
        cursor_doc_free(&fake_heap, cursors, count);
    }
    FUZZ_CHECK(fake.live == 0);
    return 0;
}
