/*
 * test_record.c: record files cut anywhere, damaged anywhere, refilled: no good record is lost, none is invented.
 */
#include "test.h"

#include "base/buf.h"
#include "base/crc.h"
#include "io/doc.h"
#include "io/record.h"
#include "starve.h"

#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/cxd-record-XXXXXX";
static char path[64];

enum { COUNT = 12 };

static struct cxd_builder *builder;

/* Document number i: {"i": i, "pad": i * 7 bytes}. */
static struct cxd_bytes doc_of(int i)
{
    struct cxd_scalar number = doc_int(i);
    char pad[7 * COUNT + 1];
    struct cxd_scalar text;

    doc_reset(builder);
    memset(pad, 'p', sizeof pad);
    text = doc_bytes_text((struct cxd_bytes){pad, (size_t)i * 7});
    assert_int_equal(doc_put(builder, "i", &number), 0);
    assert_int_equal(doc_put(builder, "pad", &text), 0);
    return doc_bytes(builder);
}

static size_t starts[COUNT + 1]; /* where each record begins in the image */

static void image_make(struct buf *image)
{
    buf_init(image, 1 << 20);
    assert_int_equal(record_image_start(image), 0);
    for (int i = 0; i < COUNT; i++) {
        starts[i] = image->len;
        assert_int_equal(record_image_add(image, doc_of(i)), 0);
    }
    starts[COUNT] = image->len;
}

/* Which records are read, as bits. */
static unsigned seen_in(struct record_reader *reader, struct record_tally *ret_tally)
{
    struct cxd_bytes bytes;
    unsigned seen = 0;
    int last = -1;
    int r;

    while ((r = record_next(reader, &bytes, NULL)) == 0) {
        int i = (int)doc_get(bytes, "i").number;

        assert_int_equal(doc_check(bytes, NULL), 0);
        assert_int_equal(doc_get(bytes, "pad").bytes.len, i * 7);
        assert_true(i > last);
        last = i;
        seen |= 1u << i;
    }
    assert_int_equal(r, CXD_END);
    assert_int_equal(record_next(reader, &bytes, NULL), CXD_END);
    *ret_tally = *record_reader_tally(reader);
    record_reader_close(reader);
    return seen;
}

static void file_put(const char *ptr, size_t len)
{
    FILE *out = fopen(path, "w");

    assert_int_equal(fwrite(ptr, 1, len, out), len);
    assert_int_equal(fclose(out), 0);
}

static size_t file_size(void)
{
    struct stat st;

    assert_int_equal(stat(path, &st), 0);
    return (size_t)st.st_size;
}

static const unsigned all = (1u << COUNT) - 1;

static void test_a_log_is_read_back(void **state)
{
    struct record_log *log = NULL;
    struct record_reader *reader = NULL;
    struct record_tally tally;

    (void)state;
    unlink(path);
    assert_int_equal(record_reader_open(path, &reader, NULL), CXD_NOT_FOUND);
    for (int i = 0; i < COUNT; i++) { /* opened anew each time: what is there stays */
        assert_int_equal(record_log_open(path, &log, &tally, NULL), 0);
        assert_int_equal(tally.good, i);
        assert_int_equal(tally.tail, 0);
        assert_int_equal(record_log_append(log, doc_of(i), NULL), 0);
        assert_int_equal(record_log_sync(log, NULL), 0);
        assert_int_equal(record_log_size(log), file_size());
        record_log_close(log);
    }
    assert_int_equal(record_reader_open(path, &reader, NULL), 0);
    assert_int_equal(seen_in(reader, &tally), all);
    assert_int_equal(tally.good, COUNT);
    assert_int_equal(tally.damaged + tally.skipped + tally.tail, 0);
    assert_int_equal(tally.end, file_size());
}

static void test_log_and_image_are_the_same(void **state)
{
    struct buf image;
    struct buf content;
    FILE *in;

    (void)state;
    image_make(&image);
    buf_init(&content, 1 << 20);
    assert_int_equal(buf_reserve(&content, image.len), 0);
    in = fopen(path, "r"); /* as the test before left it */
    assert_int_equal(fread(content.ptr, 1, image.len, in), image.len);
    assert_int_equal(fgetc(in), EOF);
    fclose(in);
    assert_memory_equal(content.ptr, image.ptr, image.len);
    buf_done(&content);
    buf_done(&image);
}

static void test_a_torn_tail_is_cut_wherever_it_tore(void **state)
{
    struct record_reader *reader = NULL;
    struct record_log *log = NULL;
    struct record_tally tally;
    struct buf image;

    (void)state;
    image_make(&image);
    for (size_t cut = 0; cut <= image.len; cut += cut > 300 && cut + 40 < image.len ? 7 : 1) {
        int whole = 0;

        while (whole < COUNT && starts[whole + 1] <= cut) {
            whole++;
        }
        file_put(image.ptr, cut);
        assert_int_equal(record_log_open(path, &log, &tally, NULL), 0);
        assert_int_equal(tally.good, whole);
        assert_int_equal(tally.tail, cut < RECORD_FILE_HEAD ? cut : cut - starts[whole]);
        assert_int_equal(record_log_size(log), starts[whole]);
        assert_int_equal(record_log_append(log, doc_of(COUNT - 1), NULL), 0);
        record_log_close(log);
        assert_int_equal(record_reader_open(path, &reader, NULL), 0);
        if (whole < COUNT) {
            assert_int_equal(seen_in(reader, &tally), ((1u << whole) - 1) | 1u << (COUNT - 1));
        } else {
            record_reader_close(reader);
        }
    }
    buf_done(&image);
}

static void test_damage_takes_one_record_only(void **state)
{
    struct record_reader *reader = NULL;
    struct record_tally tally;
    struct buf image;

    (void)state;
    image_make(&image);
    for (size_t at = RECORD_FILE_HEAD; at < image.len; at++) {
        char before = image.ptr[at];
        int hit = 0;

        while (starts[hit + 1] <= at) {
            hit++;
        }
        for (int bit = 0; bit < 8; bit++) {
            image.ptr[at] = (char)(before ^ (1 << bit));
            assert_int_equal(
                record_reader_over((struct cxd_bytes){image.ptr, image.len}, &reader, NULL), 0);
            assert_int_equal(seen_in(reader, &tally), all & ~(1u << hit));
            assert_int_equal(tally.damaged, hit < COUNT - 1);
            assert_int_equal(tally.skipped + tally.tail, starts[hit + 1] - starts[hit]);
        }
        image.ptr[at] = before;
    }
    buf_done(&image);
}

static void test_a_hole_or_garbage_between_is_skipped(void **state)
{
    struct record_reader *reader = NULL;
    struct record_tally tally;
    struct buf image;
    struct buf torn;

    (void)state;
    image_make(&image);
    buf_init(&torn, 1 << 20);
    for (size_t gone = 1; gone < 60; gone++) { /* bytes missing within record 3 */
        buf_clear(&torn);
        assert_int_equal(buf_add(&torn, image.ptr, starts[3] + 5), 0);
        assert_int_equal(buf_add(&torn, image.ptr + starts[3] + 5 + gone, 60 - gone), 0);
        assert_int_equal(buf_add(&torn, image.ptr + starts[4], image.len - starts[4]), 0);
        assert_int_equal(record_reader_over((struct cxd_bytes){torn.ptr, torn.len}, &reader, NULL),
                         0);
        assert_int_equal(seen_in(reader, &tally), all & ~8u);
        assert_int_equal(tally.damaged, 1);
    }
    for (size_t gone = 1; gone < 40; gone++) { /* missing behind its head, which stays sound */
        buf_clear(&torn);
        assert_int_equal(buf_add(&torn, image.ptr, starts[4] - gone), 0);
        assert_int_equal(buf_add(&torn, image.ptr + starts[4], image.len - starts[4]), 0);
        assert_int_equal(record_reader_over((struct cxd_bytes){torn.ptr, torn.len}, &reader, NULL),
                         0);
        assert_int_equal(seen_in(reader, &tally), all & ~8u);
        assert_int_equal(tally.damaged, 1);
    }
    buf_clear(&torn);
    assert_int_equal(buf_add(&torn, image.ptr, starts[3]), 0);
    for (int i = 0; i < 300000; i++) { /* more than a window, full of half magics */
        assert_int_equal(buf_add(&torn, i % 3 == 0 ? "\xc5" : "R", 1), 0);
    }
    assert_int_equal(buf_add(&torn, image.ptr + starts[3], image.len - starts[3]), 0);
    file_put(torn.ptr, torn.len);
    assert_int_equal(record_reader_open(path, &reader, NULL), 0);
    assert_int_equal(seen_in(reader, &tally), all);
    assert_int_equal(tally.skipped, 300000);
    buf_done(&torn);
    buf_done(&image);
}

static void test_a_record_within_a_record_is_not_read(void **state)
{
    struct cxd_scalar inner = {.type = CXD_BINARY};
    struct record_reader *reader = NULL;
    struct record_tally tally;
    struct buf outer;
    struct buf image;

    (void)state;
    image_make(&image);
    buf_init(&outer, 1 << 20);
    inner.bytes = (struct cxd_bytes){image.ptr, image.len};
    doc_reset(builder);
    assert_int_equal(doc_put(builder, "file", &inner), 0);
    assert_int_equal(record_image_start(&outer), 0);
    assert_int_equal(record_image_add(&outer, doc_bytes(builder)), 0);
    assert_int_equal(record_image_add(&outer, doc_of(3)), 0);
    outer.ptr[RECORD_FILE_HEAD + RECORD_HEAD + 2] ^=
        1; /* the outer one is damaged, its head is not */
    assert_int_equal(record_reader_over((struct cxd_bytes){outer.ptr, outer.len}, &reader, NULL),
                     0);
    assert_int_equal(seen_in(reader, &tally), 1u << 3);
    buf_done(&outer);
    buf_done(&image);
}

static void test_other_files_are_left_alone(void **state)
{
    static const char newer[] = "CXDREC\r\n\x02\0\0\0";
    struct record_reader *reader = NULL;
    struct record_log *log = NULL;
    struct cxd_error err = CXD_ERROR_INIT;
    struct buf image;
    uint32_t crc;

    (void)state;
    file_put("some text that somebody wrote", 29);
    assert_int_equal(record_log_open(path, &log, NULL, &err), CXD_CORRUPT);
    assert_int_equal(file_size(), 29);
    assert_non_null(strstr(err.text, path));
    image_make(&image);
    memcpy(image.ptr, newer, 12);
    file_put(image.ptr, image.len); /* version 2 by a wrong checksum: damaged */
    assert_int_equal(record_log_open(path, &log, NULL, &err), CXD_CORRUPT);
    crc = crc32c(0, image.ptr, 12);
    memcpy(image.ptr + 12, &crc, 4);
    file_put(image.ptr, image.len);
    assert_int_equal(record_log_open(path, &log, NULL, &err), CXD_UNSUPPORTED);
    assert_non_null(strstr(err.text, "newer"));
    assert_int_equal(record_reader_open(path, &reader, NULL), CXD_UNSUPPORTED);
    assert_int_equal(file_size(), image.len);
    assert_int_equal(record_log_open(folder, &log, NULL, &err), CXD_IO);
    assert_null(log);
    assert_null(reader);
    buf_done(&image);
}

static void test_only_documents_are_taken(void **state)
{
    struct record_log *log = NULL;
    size_t size;

    (void)state;
    unlink(path);
    assert_int_equal(record_log_open(path, &log, NULL, NULL), 0);
    size = file_size();
    assert_int_equal(record_log_append(log, CXD_LIT("text"), NULL), CXD_INVALID);
    assert_int_equal(record_log_append(log, CXD_LIT("\x06\0\0\0\0"), NULL), CXD_INVALID);
    assert_int_equal(record_log_append(log, (struct cxd_bytes){0}, NULL), CXD_INVALID);
    assert_int_equal(file_size(), size);
    record_log_close(log);
    record_log_close(NULL);
    record_reader_close(NULL);
}

static void test_no_memory_is_an_error(void **state)
{
    struct record_tally tally;
    struct buf image;
    int n = 0;
    int r;

    (void)state;
    image_make(&image);
    file_put(image.ptr, image.len - 1);
    do {
        struct record_log *log = NULL;

        starve_at(++n);
        r = record_log_open(path, &log, &tally, NULL);
        assert_int_equal(r, starve_happened() ? CXD_NOMEM : 0);
        assert_true(r == 0 || file_size() == image.len - 1);
        record_log_close(log);
    } while (r != 0);
    starve_at(0);
    assert_true(n > 3);
    assert_int_equal(tally.good, COUNT - 1);
    buf_done(&image);
}

static int setup(void **state)
{
    (void)state;
    builder = doc_new();
    (void)snprintf(path, sizeof path, "%s/log", mkdtemp(folder));
    return builder == NULL;
}

static int teardown(void **state)
{
    (void)state;
    doc_free(builder);
    unlink(path);
    return rmdir(folder);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_log_is_read_back),
        cmocka_unit_test(test_log_and_image_are_the_same),
        cmocka_unit_test(test_a_torn_tail_is_cut_wherever_it_tore),
        cmocka_unit_test(test_damage_takes_one_record_only),
        cmocka_unit_test(test_a_hole_or_garbage_between_is_skipped),
        cmocka_unit_test(test_a_record_within_a_record_is_not_read),
        cmocka_unit_test(test_other_files_are_left_alone),
        cmocka_unit_test(test_only_documents_are_taken),
        cmocka_unit_test(test_no_memory_is_an_error),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
