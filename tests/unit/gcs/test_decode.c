/* test_decode.c: records out of bytes, however these are cut. */
#include "decode.h"
#include "test.h"

#include <stdio.h>

/* All records as "offset:line:text\n" (or "!" before one over the limit), the bytes coming in pieces of the sizes given. */
static char *run(const char *data, size_t len, size_t max, const size_t *cuts, size_t cut_count,
                 struct decode *ret_end)
{
    struct decode d;
    char *kept = malloc(len + 1);
    size_t kept_len = 0;
    size_t at = 0;
    size_t turn = 0;
    char *out = NULL;
    size_t out_len;
    FILE *file = open_memstream(&out, &out_len);
    enum decode_result result = DECODE_MORE;

    assert_non_null(kept);
    decode_init(&d, max, 0, 1, DECODE_UNKNOWN);
    while (result != DECODE_END) {
        size_t piece = cut_count > 0 ? cuts[turn++ % cut_count] : len;
        struct decode_record record;
        struct cxd_bytes in;

        piece = piece < len - at ? piece : len - at;
        memcpy(kept + kept_len, data + at, piece);
        kept_len += piece;
        at += piece;
        in = (struct cxd_bytes){kept, kept_len};
        while ((result = decode_next(&d, &in, at == len, &record)) <= DECODE_TOO_LARGE) {
            fprintf(file, "%s%lld:%lld:%.*s\n", result == DECODE_TOO_LARGE ? "!" : "",
                    (long long)record.offset, (long long)record.line, (int)record.text.len,
                    record.text.ptr);
        }
        assert_true(result == DECODE_END || at < len || cut_count == 0 || in.len < len + 1);
        if (result == DECODE_END) {
            assert_int_equal(in.len, 0);
        }
        memmove(kept, in.ptr, in.len);
        kept_len = in.len;
    }
    assert_int_equal(d.offset, len);
    fclose(file);
    free(kept);
    if (ret_end != NULL) {
        *ret_end = d;
    }
    return out;
}

static void check(const char *data, size_t max, const char *wanted)
{
    char *got = run(data, strlen(data), max, NULL, 0, NULL);

    assert_string_equal(got, wanted);
    free(got);
    /* every two places to cut at */
    for (size_t a = 1; a <= strlen(data); a++) {
        for (size_t b = 1; b <= strlen(data) && b < 40; b++) {
            size_t cuts[] = {a, b};

            got = run(data, strlen(data), max, cuts, 2, NULL);
            assert_string_equal(got, wanted);
            free(got);
        }
    }
}

static void test_lines(void **state)
{
    (void)state;
    check("", 100, "");
    check("{\"a\":1}\n{\"b\":2}\n", 100, "0:1:{\"a\":1}\n8:2:{\"b\":2}\n");
    check("{}\r\n\r\n \t\n{}", 100, "0:1:{}\n9:4:{}\n");
    check("\xEF\xBB\xBF{}\n{}", 100, "3:1:{}\n6:2:{}\n");
    check("\n\n\xEF\xBB\xBF{}", 100, "2:3:\xEF\xBB\xBF{}\n"); /* only at the start it is a BOM */
    check("  {}\nx]\n", 100, "2:1:{}\n5:2:x]\n");
    check("\xEF\xBB", 100, "0:1:\xEF\xBB\n");
}

static void test_arrays(void **state)
{
    (void)state;
    check("[]", 100, "");
    check("[{\"a\":\"]},\\\"\"},{\"b\":[{}]}]", 100,
          "1:1:{\"a\":\"]},\\\"\"}\n15:1:{\"b\":[{}]}\n");
    check(" \n[\n {\"a\":1}\n,\n{\n}\n]\n", 100, "5:3:{\"a\":1}\n15:5:{\n}\n");
    check("[1,\"x,]\",null]", 100, "1:1:1\n3:1:\"x,]\"\n9:1:null\n");
    check("[{}][{}]", 100, "1:1:{}\n5:1:{}\n");
    check("[{}]\n{\"l\":1}\n{\"l\":2}\n", 100, "1:1:{}\n5:2:{\"l\":1}\n13:3:{\"l\":2}\n");
    check("[{} {}", 100, "1:1:{}\n4:1:{}\n");
    check("[{\"a\":", 100, "1:1:{\"a\":\n"); /* torn: given as it is, refused by the scanner */
    check("[}x,{}]", 100, "1:1:}x\n4:1:{}\n");
}

static void test_limit(void **state)
{
    (void)state;
    check("1234567\n12345678\n1\n", 7, "0:1:1234567\n!8:2:12345678\n17:3:1\n");
    check("12345678", 7, "!0:1:12345678\n");
    check("1\n        \n2", 7, "0:1:1\n!2:2:        \n11:3:2\n");
    check("[12345678,2]", 7, "!1:1:12345678\n10:1:2\n");
    check("[{\"a\":1},{\"ab\":1},1]", 7, "1:1:{\"a\":1}\n!9:1:{\"ab\":1}\n18:1:1\n");
}

static void test_head_of_a_long_line(void **state)
{
    size_t len = 300000;
    char *data = malloc(len + 8);
    size_t cuts[] = {1000};
    char *got;
    struct decode end;

    (void)state;
    assert_non_null(data);
    memset(data, 'x', len);
    memcpy(data + len, "\n{}\n", 5);
    got = run(data, len + 4, 100000, cuts, 1, &end);
    assert_int_equal(strlen(got), strlen("!0:1:\n") + DECODE_HEAD + strlen("300001:2:{}\n"));
    assert_non_null(strstr(got, "\n300001:2:{}\n"));
    assert_int_equal(end.line, 3);
    free(got);
    free(data);
}

/* From every record's end the rest of the records follows. */
static void test_resume_anywhere(void **state)
{
    static const char *const all[] = {"\xEF\xBB\xBF{\"a\":1}\n\n{\"b\":2}\r\nbad\n{\"c\":3}",
                                      "[{\"a\":1}, {\"b\":2} ,\n{\"c\":3}]\n",
                                      "[{}]{\"x\":1}\n{\"y\":2}\n"};

    (void)state;
    for (size_t n = 0; n < sizeof all / sizeof all[0]; n++) {
        struct cxd_bytes in = bytes_of(all[n]);
        struct decode d;
        struct decode_record record;
        int more = 0;

        decode_init(&d, 100, 0, 1, DECODE_UNKNOWN);
        while (decode_next(&d, &in, true, &record) == DECODE_RECORD) {
            struct cxd_bytes rest = bytes_of(all[n] + d.offset);
            struct cxd_bytes in2 = in;
            struct decode d2 = d;
            struct decode resumed;
            struct decode_record a, b;
            enum decode_form form;

            assert_true(decode_place(&d, &form));
            decode_init(&resumed, 100, d.offset, d.line, form);
            for (;;) {
                enum decode_result one = decode_next(&d2, &in2, true, &a);

                assert_int_equal(one, decode_next(&resumed, &rest, true, &b));
                if (one == DECODE_END) {
                    break;
                }
                assert_int_equal(a.offset, b.offset);
                assert_int_equal(a.line, b.line);
                assert_int_equal(a.text.len, b.text.len);
                assert_memory_equal(a.text.ptr, b.text.ptr, a.text.len);
                more++;
            }
        }
        assert_true(more > 2);
    }
}

static void test_resume_within_a_long_line(void **state)
{
    struct decode d;
    struct decode_record record;
    struct cxd_bytes in = CXD_LIT("xxxxxxxxxxxx");
    enum decode_form form;

    (void)state;
    decode_init(&d, 8, 0, 1, DECODE_LINES);
    assert_int_equal(decode_next(&d, &in, false, &record), DECODE_TOO_LARGE);
    assert_true(decode_place(&d, &form));
    assert_int_equal(form, DECODE_LINE_REST);
    in = CXD_LIT("yyyyyyyyyyyyyyyyyyyyy\n{}\n");
    decode_init(&d, 8, 12, 1, form);
    assert_int_equal(decode_next(&d, &in, false, &record), DECODE_RECORD);
    assert_int_equal(record.offset, 34);
    assert_int_equal(record.line, 2);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines),           cmocka_unit_test(test_arrays),
        cmocka_unit_test(test_limit),           cmocka_unit_test(test_head_of_a_long_line),
        cmocka_unit_test(test_resume_anywhere), cmocka_unit_test(test_resume_within_a_long_line),
    };

    return cmocka_run_group_tests_name("gcs decode", tests, NULL, NULL);
}
