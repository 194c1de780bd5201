/* test_scan_refuse.c: what the scanner refuses, at which byte and with which words; its limits. On every core. */
#include "scan_bench.h"

struct refusal {
    const char *text;
    size_t offset;
    const char *expected;
};

static const struct refusal refusals[] = {
    {"", 0, "expected '{' or '['"},
    {" \t", 2, "expected '{' or '['"},
    {"1", 0, "expected '{' or '['"},
    {"\xef\xbb\xbf{}", 0, "expected '{' or '['"},
    {"\v{}", 0, "expected '{' or '['"},
    {"{", 1, "expected a name in quotes"},
    {"{a:1}", 1, "expected a name in quotes"},
    {"{\"a\":1,}", 7, "expected a name in quotes"},
    {"{,}", 1, "expected a name in quotes"},
    {"{\"a\" 1}", 5, "expected ':' behind a name"},
    {"{\"a\"", 4, "expected ':' behind a name"},
    {"{\"a\":}", 5, "expected a value"},
    {"{\"a\":", 5, "expected a value"},
    {"[1,]", 3, "expected a value"},
    {"[,1]", 1, "expected a value"},
    {"[nul]", 1, "expected a value"},
    {"[True]", 1, "expected a value"},
    {"[NaN]", 1, "expected a value"},
    {"[Infinity]", 1, "expected a value"},
    {"['a']", 1, "expected a value"},
    {"[+1]", 1, "expected a value"},
    {"[.5]", 1, "expected a value"},
    {"[/**/1]", 1, "expected a value"},
    {"[nullx]", 5, "expected ',' or ']'"},
    {"[1 2]", 3, "expected ',' or ']'"},
    {"[1}", 2, "expected ',' or ']'"},
    {"[[1}]", 3, "expected ',' or ']'"},
    {"{\"a\":1]", 6, "expected ',' or '}'"},
    {"{\"a\":[1],\"b\":{\"c\":1]}", 19, "expected ',' or '}'"},
    {"{\"a\":1", 6, "expected ',' or '}'"},
    {"{\"a\":\"b\":1}", 8, "expected ',' or '}'"},
    {"[[1,2", 5, "expected ',' or ']'"},
    {"{} x", 3, "expected nothing behind the value"},
    {"[1]]", 3, "expected nothing behind the value"},
    {"[01]", 2, "expected ',' or ']'"},
    {"[-01]", 3, "expected ',' or ']'"},
    {"[1.]", 3, "expected a digit"},
    {"[-]", 2, "expected a digit"},
    {"[-x]", 2, "expected a digit"},
    {"[1e]", 3, "expected a digit"},
    {"[1e+]", 4, "expected a digit"},
    {"[1.e1]", 3, "expected a digit"},
    {"[1.5e1.5]", 6, "expected ',' or ']'"},
    {"[0x10]", 2, "expected ',' or ']'"},
    {"[1", 2, "expected ',' or ']'"},
    {"[\"a", 3, "expected the closing quote of a string"},
    {"[\"", 2, "expected the closing quote of a string"},
    {"[\"a\\\"]", 6, "expected the closing quote of a string"},
    {"[\"a\tb\"]", 3, "expected no control character in a string"},
    {"[\"a\nb\"]", 3, "expected no control character in a string"},
    {"{\"a\x1f\":1}", 3, "expected no control character in a string"},
    {"[\"\\x\"]", 3, "expected one of \"\\/bfnrtu behind a backslash"},
    {"[\"\\", 3, "expected one of \"\\/bfnrtu behind a backslash"},
    {"[\"\\u12g4\"]", 6, "expected four hex digits behind \\u"},
    {"[\"\\u12\"]", 6, "expected four hex digits behind \\u"},
    {"[\"\\u12", 6, "expected four hex digits behind \\u"},
    {"[\"\x80\"]", 2, "expected UTF-8"},
    {"[\"\xc0\xaf\"]", 2, "expected UTF-8"},
    {"[\"\xc1\xbf\"]", 2, "expected UTF-8"},
    {"[\"\xc3\"]", 2, "expected UTF-8"},
    {"[\"\xe0\x9f\xbf\"]", 2, "expected UTF-8"},
    {"[\"\xed\xa0\x80\"]", 2, "expected UTF-8"},
    {"[\"\xe2\x82\"]", 2, "expected UTF-8"},
    {"[\"\xf0\x8f\xbf\xbf\"]", 2, "expected UTF-8"},
    {"[\"\xf4\x90\x80\x80\"]", 2, "expected UTF-8"},
    {"[\"\xf0\x9f\x98\"]", 2, "expected UTF-8"},
    {"[\"\xf5\x80\x80\x80\"]", 2, "expected UTF-8"},
    {"[\"\xff\"]", 2, "expected UTF-8"},
    {"[\"\xe2\x82", 2, "expected UTF-8"},
    {"[\"\xc3\xa9\xe2\x82\x28\"]", 4, "expected UTF-8"},
};

static void refusals_run(struct scan_bench *b)
{
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        print_message("%s\n", refusals[i].text);
        assert_int_equal(bench_scan_text(b, refusals[i].text), CXD_MALFORMED);
        assert_int_equal(b->fault.status, CXD_MALFORMED);
        assert_string_equal(b->fault.text, refusals[i].expected);
        assert_int_equal(b->fault.offset, refusals[i].offset);
    }
}

static void test_what_is_not_json_is_refused_at_its_byte(void **state)
{
    (void)state;
    on_every_core(refusals_run);
}

static void nul_run(struct scan_bench *b)
{
    assert_int_equal(bench_scan(b, "{}\0", 3), CXD_MALFORMED);
    assert_int_equal(b->fault.offset, 2);
    assert_int_equal(bench_scan(b, "[1\0]", 4), CXD_MALFORMED);
    assert_int_equal(bench_scan(b, "[\"\0\"]", 5), CXD_MALFORMED);
    assert_int_equal(bench_scan(b, "[\"\\\0\"]", 6), CXD_MALFORMED);
    assert_int_equal(bench_scan(b, "{\"a\"\0:1}", 8), CXD_MALFORMED);
}

static void test_a_nul_byte_is_nowhere_welcome(void **state)
{
    (void)state;
    on_every_core(nul_run);
}

static void depth_run(struct scan_bench *b)
{
    char text[256];

    for (unsigned depth = 62; depth <= 66; depth++) {
        size_t at = depth;
        memset(text, '[', at);
        text[at++] = '1';
        memset(text + at, ']', depth);
        at += depth;
        assert_int_equal(bench_scan(b, text, at), depth <= 64 ? CXD_OK : CXD_TOO_DEEP);
        if (depth > 64) {
            assert_int_equal(b->fault.offset, 64);
            assert_string_equal(b->fault.text, "more than 64 containers inside each other");
        }
    }
}

static void test_more_than_64_containers_are_too_deep(void **state)
{
    (void)state;
    on_every_core(depth_run);
}

static void many_run(struct scan_bench *b)
{
    size_t len = 2 * (size_t)(SCAN_MEMBERS_MAX + 1) + 1;
    char *text = malloc(len);

    assert_non_null(text);
    for (size_t i = 0; i < len; i++) {
        text[i] = i % 2 == 0 ? ',' : '7';
    }
    text[0] = '[';
    text[len - 1] = ']';
    assert_int_equal(bench_scan(b, text, len), CXD_TOO_LARGE);
    assert_int_equal(b->fault.offset, len - 2);
    assert_string_equal(b->fault.text, "more than 65536 members");
    text[len - 3] = ']';
    assert_int_equal(bench_scan(b, text, len - 2), CXD_OK);
    assert_int_equal(b->scan.count, SCAN_MEMBERS_MAX);
    free(text);
}

static void test_more_than_65536_members_are_too_many(void **state)
{
    (void)state;
    on_every_core(many_run);
}

static void test_more_than_4_gib_are_refused_unread(void **state)
{
    struct scan scan = {0};
    struct scan_fault fault;
    struct cxd_value value;
    struct cxd_bytes text = {"{}", (size_t)UINT32_MAX + 1};

    (void)state;
    assert_int_equal(scan_members(&scan, text, NULL, &fault), CXD_TOO_LARGE);
    assert_string_equal(fault.text, "more than 4294967295 bytes");
    assert_int_equal(scan_value(text, &value, &fault), CXD_TOO_LARGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_not_json_is_refused_at_its_byte),
        cmocka_unit_test(test_a_nul_byte_is_nowhere_welcome),
        cmocka_unit_test(test_more_than_64_containers_are_too_deep),
        cmocka_unit_test(test_more_than_65536_members_are_too_many),
        cmocka_unit_test(test_more_than_4_gib_are_refused_unread),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
