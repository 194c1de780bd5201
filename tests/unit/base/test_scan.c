/* test_scan.c: what the scanner finds, on every core. */
#include "scan_bench.h"

static void assert_value(const struct cxd_value *value, int kind, int flags, const char *text)
{
    assert_int_equal(value->kind, kind);
    assert_int_equal(value->flags, flags);
    assert_int_equal(value->len, strlen(text));
    assert_memory_equal(value->ptr, text, strlen(text));
}

static void assert_key(const struct cxd_field *field, const char *key)
{
    assert_int_equal(field->key_len, strlen(key));
    assert_memory_equal(field->key, key, strlen(key));
}

static void kinds_run(struct scan_bench *b)
{
    const char *text = " {\"n\":null,\"f\" : false,\"t\":true,\"i\":-0.50e+10, \"s\":\"x y\",\r\n"
                       "\t\"l\":[1 , \"a\"],\"o\":{\"k\":{\"m\":[1]}},\"e\":\"\"} \n";
    const struct cxd_field *f;

    assert_int_equal(bench_scan_text(b, text), CXD_OK);
    assert_int_equal(b->scan.count, 8);
    f = b->scan.fields;
    assert_key(&f[0], "n");
    assert_value(&f[0].value, CXD_KIND_NULL, 0, "null");
    assert_value(&f[1].value, CXD_KIND_FALSE, 0, "false");
    assert_value(&f[2].value, CXD_KIND_TRUE, 0, "true");
    assert_value(&f[3].value, CXD_KIND_NUMBER, 0, "-0.50e+10");
    assert_value(&f[4].value, CXD_KIND_STRING, 0, "x y");
    assert_value(&f[5].value, CXD_KIND_LIST, 0, "[1 , \"a\"]");
    assert_key(&f[6], "o");
    assert_value(&f[6].value, CXD_KIND_OBJECT, 0, "{\"k\":{\"m\":[1]}}");
    assert_value(&f[7].value, CXD_KIND_STRING, 0, "");
    assert_ptr_equal(f[4].value.ptr, strstr(text, "x y") - text + b->text);
}

static void test_every_kind_is_a_slice_of_the_text(void **state)
{
    (void)state;
    on_every_core(kinds_run);
}

static void elements_run(struct scan_bench *b)
{
    assert_int_equal(bench_scan_text(b, "[1,[],{\"a\":2},\"x\\n\"]"), CXD_OK);
    assert_int_equal(b->scan.count, 4);
    assert_null(b->scan.fields[0].key);
    assert_value(&b->scan.fields[1].value, CXD_KIND_LIST, CXD_VALUE_DIRTY, "[]");
    assert_value(&b->scan.fields[3].value, CXD_KIND_STRING, CXD_VALUE_ESCAPED, "x\\n");
    assert_int_equal(bench_scan_text(b, "[]"), CXD_OK);
    assert_int_equal(b->scan.count, 0);
    assert_int_equal(bench_scan_text(b, " { } "), CXD_OK);
    assert_int_equal(b->scan.count, 0);
}

static void test_elements_of_a_list_have_no_name(void **state)
{
    (void)state;
    on_every_core(elements_run);
}

static void dirty_run(struct scan_bench *b)
{
    static const struct {
        const char *text;
        int is_dirty;
    } rows[] = {
        {"{}", 1},
        {"[ ]", 1},
        {"[null]", 1},
        {"[\"\"]", 1},
        {"{\"a\":[{}]}", 1},
        {"{\"a\":{\"b\":\"\"}}", 1},
        {"[[[1,null]],2]", 1},
        {"[1]", 0},
        {"[\" \",0,false]", 0},
        {"{\"\":1}", 0},
        {"{\"null\":\"null\"}", 0},
        {"[[[[\"[]\"]]]]", 0},
    };
    char text[64];

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int len = snprintf(text, sizeof text, "{\"k\":%s,\"j\":[1]}", rows[i].text);
        assert_int_equal(bench_scan(b, text, (size_t)len), CXD_OK);
        assert_value(&b->scan.fields[0].value, b->scan.fields[0].value.kind,
                     rows[i].is_dirty ? CXD_VALUE_DIRTY : 0, rows[i].text);
        assert_int_equal(b->scan.fields[1].value.flags, 0);
    }
}

static void test_dirty_containers_are_marked(void **state)
{
    (void)state;
    on_every_core(dirty_run);
}

static void keys_run(struct scan_bench *b)
{
    static const char *const rows[][2] = {
        {"\\u0061\\u0042", "aB"},
        {"a\\/b", "a/b"},
        {"\\u000a\\u0009\\u0008\\u000c\\u000d", "\\n\\t\\b\\f\\r"},
        {"\\u0022\\u005C\\\"\\\\", "\\\"\\\\\\\"\\\\"},
        {"\\u0000\\u001F", "\\u0000\\u001f"},
        {"\\u00e9\\u20AC\\ud83d\\uDE00", "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"},
        {"\\ud800x\\uDC00", "\\ud800x\\udc00"},
        {"\\uD83D\\uD83D\\uDE00", "\\ud83d\xf0\x9f\x98\x80"},
        {"\\u007f\\u0080", "\x7f\xc2\x80"},
    };
    char text[128];

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int len = snprintf(text, sizeof text, "{\"%s\":{\"\\u0061\":1}}", rows[i][0]);
        assert_int_equal(bench_scan(b, text, (size_t)len), CXD_OK);
        assert_key(&b->scan.fields[0], rows[i][1]);
        assert_value(&b->scan.fields[0].value, CXD_KIND_OBJECT, 0, "{\"\\u0061\":1}");
    }
}

static void test_names_are_brought_to_their_shortest_form(void **state)
{
    (void)state;
    on_every_core(keys_run);
}

/* A stop of every kind at every place of strings of every length round the widths of the cores. */
static void places_run(struct scan_bench *b)
{
    static const char *const stops[] = {"\"", "\\n", "\x01", "\xc3\xa9", "\xff"};
    static const int expected[] = {CXD_MALFORMED, CXD_OK, CXD_MALFORMED, CXD_OK, CXD_MALFORMED};
    char text[160];

    for (size_t len = 0; len < 100; len++) {
        for (size_t at = 0; at <= len; at++) {
            size_t kind = (len + at) % 5;
            size_t stop_len = strlen(stops[kind]);
            memset(text, 'a', sizeof text);
            memcpy(text, "[\"", 2);
            memcpy(text + 2 + at, stops[kind], stop_len);
            memcpy(text + 2 + len + stop_len, "\"]", 2);
            assert_int_equal(bench_scan(b, text, len + stop_len + 4), expected[kind]);
            if (expected[kind] == CXD_OK) {
                assert_int_equal(b->scan.fields[0].value.len, len + stop_len);
                assert_int_equal(b->scan.fields[0].value.flags, kind == 1 ? CXD_VALUE_ESCAPED : 0);
            } else {
                assert_int_equal(b->fault.offset, kind == 0 ? 3 + at : 2 + at);
            }
        }
    }
}

static void test_a_stop_is_seen_at_every_place_of_a_string(void **state)
{
    (void)state;
    on_every_core(places_run);
}

/* Not one byte value is taken for another: each alone in a string, against the rule itself. */
static void bytes_run(struct scan_bench *b)
{
    char text[40];

    for (int c = 0; c < 256; c++) {
        int is_plain = c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
        memset(text, 'x', sizeof text);
        memcpy(text, "[\"", 2);
        text[9] = (char)c;
        memcpy(text + 38, "\"]", 2);
        assert_int_equal(bench_scan(b, text, 40), is_plain ? CXD_OK : CXD_MALFORMED);
    }
}

static void test_every_byte_value_is_judged(void **state)
{
    (void)state;
    on_every_core(bytes_run);
}

static void test_a_record_is_an_object(void **state)
{
    struct scan scan = {0};
    struct scan_fault fault;

    (void)state;
    assert_int_equal(scan_record(&scan, CXD_LIT(" {\"a\":1}"), NULL, &fault), CXD_OK);
    assert_int_equal(scan.count, 1);
    assert_int_equal(scan_record(&scan, CXD_LIT(" [1]"), NULL, &fault), CXD_MALFORMED);
    assert_int_equal(scan.count, 0);
    assert_int_equal(fault.offset, 1);
    assert_string_equal(fault.text, "expected '{'");
    assert_int_equal(scan_record(&scan, (struct cxd_bytes){0}, NULL, &fault), CXD_MALFORMED);
    scan_done(&scan);
    assert_null(scan.fields);
}

static void test_a_single_value(void **state)
{
    struct cxd_value value = {0};
    struct scan_fault fault;
    struct cxd_error err = CXD_ERROR_INIT;

    (void)state;
    assert_int_equal(scan_value(CXD_LIT(" -12 "), &value, &fault), CXD_OK);
    assert_value(&value, CXD_KIND_NUMBER, 0, "-12");
    assert_int_equal(scan_value(CXD_LIT("[[\"\"]]"), &value, &fault), CXD_OK);
    assert_value(&value, CXD_KIND_LIST, CXD_VALUE_DIRTY, "[[\"\"]]");
    assert_int_equal(scan_value(CXD_LIT("\"\\u0041\""), &value, &fault), CXD_OK);
    assert_value(&value, CXD_KIND_STRING, CXD_VALUE_ESCAPED, "\\u0041");
    assert_int_equal(scan_value(CXD_LIT("1 2"), &value, &fault), CXD_MALFORMED);
    assert_int_equal(scan_error(&fault, &err), CXD_MALFORMED);
    assert_string_equal(err.text, "byte 2: expected nothing behind the value");
    assert_int_equal(scan_value((struct cxd_bytes){0}, &value, &fault), CXD_MALFORMED);
}

static void find_run(struct scan_bench *b)
{
    const struct cxd_field *field;

    assert_int_equal(bench_scan_text(b, "{\"a\":1,\"b\":2,\"a\":3,\"\":4}"), CXD_OK);
    assert_int_equal(b->scan.count, 4);
    field = scan_find(b->scan.fields, b->scan.count, CXD_LIT("a"));
    assert_non_null(field);
    assert_value(&field->value, CXD_KIND_NUMBER, 0, "3");
    field = scan_find(b->scan.fields, b->scan.count, CXD_LIT(""));
    assert_non_null(field);
    assert_value(&field->value, CXD_KIND_NUMBER, 0, "4");
    assert_null(scan_find(b->scan.fields, b->scan.count, CXD_LIT("c")));
    assert_int_equal(bench_scan_text(b, "[1]"), CXD_OK);
    assert_null(scan_find(b->scan.fields, b->scan.count, CXD_LIT("")));
}

static void test_of_a_name_that_comes_twice_the_last_counts(void **state)
{
    (void)state;
    on_every_core(find_run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_kind_is_a_slice_of_the_text),
        cmocka_unit_test(test_elements_of_a_list_have_no_name),
        cmocka_unit_test(test_dirty_containers_are_marked),
        cmocka_unit_test(test_names_are_brought_to_their_shortest_form),
        cmocka_unit_test(test_a_stop_is_seen_at_every_place_of_a_string),
        cmocka_unit_test(test_every_byte_value_is_judged),
        cmocka_unit_test(test_a_record_is_an_object),
        cmocka_unit_test(test_a_single_value),
        cmocka_unit_test(test_of_a_name_that_comes_twice_the_last_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
