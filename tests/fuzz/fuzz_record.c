/*
 * fuzz_record.c: foreign bytes as a record file, as a document, and as damage to a good file. What is read must hold together;
 * records that the damage did not touch must all be read.
 */
#include "fuzz.h"

#include "base/buf.h"
#include "io/doc.h"
#include "io/record.h"

#include <string.h>

static void look_into(struct cxd_bytes doc)
{
    struct cxd_bytes name;
    uint32_t count = 0;
    int r = doc_check(doc, NULL);

    while (doc_at(doc, count, &name).type != CXD_NONE && count < 1000) {
        count++;
    }
    (void)doc_get(doc, "a.0.b");
    if (r == CXD_OK && count > 0) { /* a sound document can be put into another */
        struct cxd_builder *b = doc_new();
        struct cxd_scalar value = {.type = CXD_DOCUMENT, .bytes = doc};

        FUZZ_CHECK(b != NULL);
        r = doc_put(b, "in", &value);
        FUZZ_CHECK(r == CXD_OK || r == CXD_INVALID || r == CXD_TOO_LARGE);
        FUZZ_CHECK(r != CXD_OK || (doc_check(doc_bytes(b), NULL) == CXD_OK &&
                                   doc_get(doc_bytes(b), "in").count >= count));
        doc_free(b);
    }
}

static uint64_t read_all(struct cxd_bytes image)
{
    struct record_reader *reader = NULL;
    struct record_tally tally;
    struct cxd_bytes bytes;
    uint64_t good = 0;

    if (record_reader_over(image, &reader, NULL) < 0) {
        return 0;
    }
    while (record_next(reader, &bytes, NULL) == CXD_OK) {
        FUZZ_CHECK(bytes.ptr >= image.ptr && bytes.ptr + bytes.len <= image.ptr + image.len);
        look_into(bytes);
        good++;
    }
    tally = *record_reader_tally(reader);
    FUZZ_CHECK(tally.good == good);
    FUZZ_CHECK(tally.end + tally.tail == image.len);
    record_reader_close(reader);
    return good;
}

/*
 * Three good records with the input between the first two. It costs none of them, unless it holds a record's head itself: a
 * head may claim what follows.
 */
static void disturb(const uint8_t *data, size_t size)
{
    static const char small[] = "\x0c\0\0\0\x10i\0\x07\0\0\0";
    struct cxd_bytes doc = {small, 12};
    struct buf image;
    uint64_t good;

    buf_init(&image, 1 << 22);
    FUZZ_CHECK(record_image_start(&image) == CXD_OK);
    FUZZ_CHECK(record_image_add(&image, doc) == CXD_OK);
    FUZZ_CHECK(buf_add(&image, (const char *)data, size) == CXD_OK);
    FUZZ_CHECK(record_image_add(&image, doc) == CXD_OK);
    FUZZ_CHECK(record_image_add(&image, doc) == CXD_OK);
    good = read_all((struct cxd_bytes){image.ptr, image.len});
    FUZZ_CHECK(memmem(data, size, "\xc5Re\x1a", 4) == NULL ? good == 3 : good >= 1);
    buf_done(&image);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cxd_bytes bytes = {(const char *)data, size};

    if (size > 1 << 20) {
        return 0;
    }
    look_into(bytes);
    (void)read_all(bytes);
    disturb(data, size);
    return 0;
}
