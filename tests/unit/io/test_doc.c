/*
 * test_doc.c: documents written here are read here and by libbson; foreign bytes are refused or harmless.
 */
#include "test.h"

#include "io/doc.h"
#include "starve.h"

#include <bson/bson.h>

static struct cxd_scalar text_of(const char *text)
{
    return doc_text(text);
}

static void put(struct cxd_builder *b, const char *name, struct cxd_scalar value)
{
    assert_int_equal(doc_put(b, name, &value), 0);
}

/* {"s":"text","i":-5,"f":0.5,"t":true,"n":null,"b":<01 00>,"o":{"k":"v","l":[1,[2],{"x":3}]},"e":[]} */
static void sample_write(struct cxd_builder *b)
{
    struct cxd_scalar binary = {.type = CXD_BINARY, .bytes = {.ptr = "\1\0", .len = 2}};
    struct cxd_scalar real = {.type = CXD_FLOAT, .real = 0.5};

    put(b, "s", text_of("text"));
    put(b, "i", doc_int(-5));
    put(b, "f", real);
    put(b, "t", doc_bool(1));
    put(b, "n", text_of(NULL));
    put(b, "b", binary);
    assert_int_equal(doc_push(b, "o", 0), 0);
    put(b, "k", text_of("v"));
    assert_int_equal(doc_push(b, "l", 1), 0);
    put(b, NULL, doc_int(1));
    assert_int_equal(doc_push(b, NULL, 1), 0);
    put(b, "ignored", doc_int(2));
    assert_int_equal(doc_pop(b), 0);
    assert_int_equal(doc_push(b, NULL, 0), 0);
    put(b, "x", doc_int(3));
    assert_int_equal(doc_pop(b), 0);
    assert_int_equal(doc_pop(b), 0);
    assert_int_equal(doc_pop(b), 0);
    assert_int_equal(doc_push(b, "e", 1), 0);
    assert_int_equal(doc_pop(b), 0);
    assert_int_equal(doc_pop(b), CXD_INVALID);
}

static void test_what_is_written_is_read(void **state)
{
    struct cxd_builder *b = doc_new();
    struct cxd_bytes doc;

    (void)state;
    assert_non_null(b);
    for (int round = 0; round < 3; round++) {
        sample_write(b);
        doc = doc_bytes(b);
        assert_int_equal(doc_check(doc, NULL), 0);
        assert_string_equal(doc_get(doc, "s").bytes.ptr, "text");
        assert_int_equal(doc_get(doc, "s").bytes.len, 4);
        assert_int_equal(doc_get(doc, "i").number, -5);
        assert_true(doc_get(doc, "f").real == 0.5);
        assert_int_equal(doc_get(doc, "t").type, CXD_BOOL);
        assert_int_equal(doc_get(doc, "t").number, 1);
        assert_int_equal(doc_get(doc, "n").type, CXD_NIL);
        assert_int_equal(doc_get(doc, "b").bytes.len, 2);
        assert_int_equal(doc_get(doc, "o").count, 2);
        assert_int_equal(doc_get(doc, "o.l").type, CXD_ARRAY);
        assert_int_equal(doc_get(doc, "o.l").count, 3);
        assert_int_equal(doc_get(doc, "o.l.1.0").number, 2);
        assert_int_equal(doc_get(doc, "o.l.2.x").number, 3);
        assert_int_equal(doc_get(doc_get(doc, "o.l").bytes, "2.x").number, 3);
        assert_int_equal(doc_get(doc, "e").count, 0);
        doc_reset(b);
        assert_int_equal(doc_bytes(b).len, 5);
    }
    doc_free(b);
}

static void test_libbson_reads_it_the_same(void **state)
{
    struct cxd_builder *b = doc_new();
    struct cxd_bytes doc;
    bson_t seen;
    char *json;

    (void)state;
    sample_write(b);
    doc = doc_bytes(b);
    assert_true(bson_init_static(&seen, (const uint8_t *)doc.ptr, doc.len));
    assert_true(bson_validate(&seen, BSON_VALIDATE_UTF8 | BSON_VALIDATE_EMPTY_KEYS, NULL));
    json = bson_as_relaxed_extended_json(&seen, NULL);
    assert_string_equal(
        json, "{ \"s\" : \"text\", \"i\" : -5, \"f\" : 0.5, \"t\" : true, \"n\" : null, "
              "\"b\" : { \"$binary\" : { \"base64\" : \"AQA=\", \"subType\" : \"00\" } }, "
              "\"o\" : { \"k\" : \"v\", \"l\" : [ 1, [ 2 ], { \"x\" : 3 } ] }, \"e\" : [  ] }");
    bson_free(json);
    doc_free(b);
}

static void test_absent_is_none(void **state)
{
    static const char *const paths[] = {"",      ".",    "x",  "s.x", "o.x",
                                        "o.l.3", "o..k", "o.", ".o",  "o.l.01"};
    struct cxd_builder *b = doc_new();
    struct cxd_bytes doc;

    (void)state;
    sample_write(b);
    doc = doc_bytes(b);
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        assert_int_equal(doc_get(doc, paths[i]).type, CXD_NONE);
    }
    assert_int_equal(doc_get((struct cxd_bytes){0}, "s").type, CXD_NONE);
    assert_int_equal(doc_get(doc, NULL).type, CXD_NONE);
    doc_free(b);
}

static void test_members_come_in_order_with_their_names(void **state)
{
    static const char names[] = "siftnboe";
    struct cxd_builder *b = doc_new();
    struct cxd_bytes name;
    struct cxd_bytes doc;

    (void)state;
    sample_write(b);
    doc = doc_bytes(b);
    for (uint32_t i = 0; i < 8; i++) {
        struct cxd_scalar by_place = doc_at(doc, i, &name);
        char path[2] = {names[i], '\0'};

        assert_int_equal(name.len, 1);
        assert_int_equal(name.ptr[0], names[i]);
        assert_int_equal(by_place.type, doc_get(doc, path).type);
    }
    assert_int_equal(doc_at(doc, 8, &name).type, CXD_NONE);
    assert_int_equal(doc_at((struct cxd_bytes){0}, 0, NULL).type, CXD_NONE);
    doc_free(b);
}

static void test_other_types_of_bson(void **state)
{
    bson_t *doc = BCON_NEW("date", BCON_DATE_TIME(1732480000123), "small", BCON_INT32(7), "id", "{",
                           "x", BCON_REGEX("a", ""), "}");
    struct cxd_bytes bytes = {.ptr = (const char *)bson_get_data(doc), .len = doc->len};
    struct cxd_error err = CXD_ERROR_INIT;

    (void)state;
    assert_int_equal(doc_get(bytes, "date").type, CXD_INT);
    assert_int_equal(doc_get(bytes, "date").number, 1732480000123);
    assert_int_equal(doc_get(bytes, "small").number, 7);
    assert_int_equal(doc_get(bytes, "id.x").type, CXD_NONE);
    assert_int_equal(doc_check(bytes, &err), CXD_CORRUPT);
    assert_non_null(strstr(err.text, "0x0b"));
    bson_destroy(doc);
}

static void test_a_document_can_be_put_whole(void **state)
{
    struct cxd_builder *inner = doc_new();
    struct cxd_builder *b = doc_new();
    struct cxd_scalar value = {.type = CXD_DOCUMENT};

    (void)state;
    sample_write(inner);
    value.bytes = doc_bytes(inner);
    put(b, "copy", value);
    value.type = CXD_DOCUMENT;
    value.bytes.len--;
    assert_int_equal(doc_put(b, "bad", &value), CXD_INVALID);
    assert_int_equal(doc_get(doc_bytes(b), "copy.o.l.2.x").number, 3);
    assert_int_equal(doc_get(doc_bytes(b), "bad").type, CXD_NONE);
    assert_int_equal(doc_check(doc_bytes(b), NULL), 0);
    doc_free(inner);
    doc_free(b);
}

static void test_what_cannot_be_read_back_is_not_written(void **state)
{
    struct cxd_builder *b = doc_new();
    struct cxd_scalar bad = doc_bytes_text((struct cxd_bytes){.ptr = "a\xff", .len = 2});
    struct cxd_scalar nul = doc_bytes_text((struct cxd_bytes){.ptr = "a\0b", .len = 3});
    struct cxd_scalar none = {.type = CXD_NONE};
    struct cxd_scalar one = doc_int(1);
    char long_name[DOC_NAME_MAX + 2];

    (void)state;
    memset(long_name, 'n', sizeof long_name);
    long_name[sizeof long_name - 1] = '\0';
    assert_int_equal(doc_put(b, "x", &bad), CXD_INVALID);
    assert_int_equal(doc_put(b, "x", &nul), CXD_INVALID);
    assert_int_equal(doc_put(b, "x", &none), CXD_INVALID);
    assert_int_equal(doc_put(b, long_name, &one), CXD_INVALID);
    assert_int_equal(doc_put(b, "\xc3", &one), CXD_INVALID);
    assert_int_equal(doc_put(b, NULL, &one), CXD_INVALID);
    assert_int_equal(doc_push(b, NULL, 0), CXD_INVALID);
    put(b, "", doc_bytes_text((struct cxd_bytes){0}));
    assert_int_equal(doc_check(doc_bytes(b), NULL), 0);
    assert_int_equal(doc_bytes(b).len, 12);
    doc_free(b);
}

static void test_depth_is_limited_on_both_sides(void **state)
{
    struct cxd_builder *b = doc_new();
    struct cxd_builder *outer = doc_new();
    struct cxd_scalar value = {.type = CXD_DOCUMENT};
    int depth = 1;

    (void)state;
    while (doc_push(b, "a", 0) == 0) {
        depth++;
    }
    assert_int_equal(depth, DOC_DEPTH_MAX);
    value.bytes = doc_bytes(b);
    assert_int_equal(doc_check(value.bytes, NULL), 0);
    assert_int_equal(doc_check_within(value.bytes, 1, NULL), CXD_TOO_DEEP);
    assert_int_equal(doc_put(outer, "too deep", &value), CXD_INVALID);
    doc_free(b);
    doc_free(outer);
}

static void test_size_is_limited(void **state)
{
    struct cxd_builder *b = doc_new();
    size_t len = 1024 * 1024;
    char *big = malloc(len);
    struct cxd_scalar value = {.type = CXD_BINARY};
    int count = 0;

    (void)state;
    memset(big, 'x', len);
    value.bytes = (struct cxd_bytes){.ptr = big, .len = len};
    while (doc_put(b, "x", &value) == 0) {
        count++;
    }
    assert_int_equal(count, 15);
    assert_int_equal(doc_put(b, "x", &value), CXD_TOO_LARGE);
    put(b, "y", doc_int(1)); /* small ones still fit */
    assert_int_equal(doc_check(doc_bytes(b), NULL), 0);
    assert_int_equal(doc_get(doc_bytes(b), "y").number, 1);
    free(big);
    doc_free(b);
}

/* Every byte changed in every way that matters, every cut: refused or readable, never a fault (ASan watches). */
static void test_foreign_bytes_do_no_harm(void **state)
{
    struct cxd_builder *b = doc_new();
    struct cxd_bytes doc;
    char *copy;

    (void)state;
    sample_write(b);
    doc = doc_bytes(b);
    copy = malloc(doc.len);
    for (size_t at = 0; at < doc.len; at++) {
        for (int value = 0; value < 256; value++) {
            struct cxd_bytes foreign = {.ptr = copy, .len = doc.len};

            memcpy(copy, doc.ptr, doc.len);
            copy[at] = (char)value;
            (void)doc_check(foreign, NULL);
            (void)doc_get(foreign, "o.l.2.x");
            (void)doc_at(foreign, 7, NULL);
        }
    }
    free(copy);
    for (size_t len = 0; len < doc.len; len++) { /* exact sizes, so that ASan sees the end */
        copy = malloc(len > 0 ? len : 1);
        memcpy(copy, doc.ptr, len);
        assert_int_equal(doc_check((struct cxd_bytes){.ptr = copy, .len = len}, NULL), CXD_CORRUPT);
        (void)doc_get((struct cxd_bytes){.ptr = copy, .len = len}, "o.l.2.x");
        free(copy);
    }
    doc_free(b);
}

static void test_bytes_behind_the_end_are_refused(void **state)
{
    static const char early_end[] = "\x09\0\0\0\0aaa"; /* the end mark, then more */
    static const char inner_end[] =
        "\x11\0\0\0\x03o\0\x09\0\0\0\0xxx\0"; /* the same in a nested one */

    (void)state;
    assert_int_equal(doc_check((struct cxd_bytes){.ptr = early_end, .len = 9}, NULL), CXD_CORRUPT);
    assert_int_equal(doc_check((struct cxd_bytes){.ptr = inner_end, .len = 17}, NULL), CXD_CORRUPT);
}

static void test_no_memory_leaves_the_document_as_it_was(void **state)
{
    struct cxd_scalar value;
    char text[3000];
    int n = 0;

    (void)state;
    memset(text, 'x', sizeof text);
    value = doc_bytes_text((struct cxd_bytes){.ptr = text, .len = sizeof text});
    for (;;) {
        struct cxd_builder *b;

        starve_at(++n);
        b = doc_new();
        if (b != NULL) {
            put(b, "a", doc_int(1));
            if (doc_push(b, "o", 0) == 0 && doc_put(b, "x", &value) == 0 &&
                doc_put(b, "y", &value) == 0 && doc_put(b, "z", &value) == 0) {
                int is_done = !starve_happened();

                doc_free(b);
                if (is_done) {
                    break;
                }
                continue;
            }
            assert_true(starve_happened());
            assert_int_equal(doc_check(doc_bytes(b), NULL), 0);
            assert_int_equal(doc_get(doc_bytes(b), "a").number, 1);
            doc_free(b);
        }
    }
    starve_at(0);
    assert_true(n > 4);
}

static void test_a_document_as_json(void **state)
{
    struct cxd_builder *b = doc_new();
    struct cxd_scalar binary = {.type = CXD_BINARY, .bytes = CXD_LIT("\x01\x02")};
    struct cxd_scalar real = {.type = CXD_FLOAT, .real = 0.5};
    struct cxd_scalar nothing = {.type = CXD_NIL};
    struct buf out;

    (void)state;
    put(b, "text", doc_text("a \"b\"\n"));
    put(b, "number", doc_int(INT64_MIN));
    put(b, "yes", doc_bool(1));
    put(b, "half", real);
    put(b, "nothing", nothing);
    put(b, "bytes", binary);
    assert_int_equal(doc_push(b, "list", 1), 0);
    put(b, NULL, doc_int(1));
    assert_int_equal(doc_push(b, NULL, 0), 0);
    assert_int_equal(doc_pop(b), 0);
    assert_int_equal(doc_pop(b), 0);
    buf_init(&out, 4096);
    assert_int_equal(doc_json(doc_bytes(b), &out), CXD_OK);
    assert_int_equal(buf_add(&out, "", 1), CXD_OK);
    assert_string_equal(out.ptr,
                        "{\"text\":\"a \\\"b\\\"\\n\",\"number\":-9223372036854775808,\"yes\":true,"
                        "\"half\":0.5,\"nothing\":null,\"bytes\":\"AQI=\",\"list\":[1,{}]}");
    buf_done(&out);
    buf_init(&out, 40); /* what does not fit leaves nothing behind */
    assert_int_equal(buf_add_text(&out, "x"), CXD_OK);
    assert_int_equal(doc_json(doc_bytes(b), &out), CXD_TOO_LARGE);
    assert_int_equal(out.len, 1);
    buf_done(&out);
    doc_free(b);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_written_is_read),
        cmocka_unit_test(test_libbson_reads_it_the_same),
        cmocka_unit_test(test_absent_is_none),
        cmocka_unit_test(test_members_come_in_order_with_their_names),
        cmocka_unit_test(test_other_types_of_bson),
        cmocka_unit_test(test_a_document_can_be_put_whole),
        cmocka_unit_test(test_what_cannot_be_read_back_is_not_written),
        cmocka_unit_test(test_depth_is_limited_on_both_sides),
        cmocka_unit_test(test_size_is_limited),
        cmocka_unit_test(test_foreign_bytes_do_no_harm),
        cmocka_unit_test(test_bytes_behind_the_end_are_refused),
        cmocka_unit_test(test_a_document_as_json),
        cmocka_unit_test(test_no_memory_leaves_the_document_as_it_was),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
