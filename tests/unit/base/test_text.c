/* test_text.c: escaping, unescaping and UTF-8. */
#include "base/text.h"
#include "cores.h"
#include "cxd/status.h"
#include "utf8_rule.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

struct row {
    const char *in;
    size_t in_len;
    const char *out;
};

#define ROW(in, out)                                                                               \
    {                                                                                              \
        in, sizeof in - 1, out                                                                     \
    }

/* Quotes text exactly into a block of exactly the length, with one byte less refused. */
static void assert_quoted(const char *in, size_t in_len, const char *out)
{
    size_t len = strlen(out);
    char *text = exact_copy(in, in_len);
    char *room = exact_copy(out, len);

    assert_int_equal(text_quote_len((struct cxd_bytes){text, in_len}), len);
    memset(room, '#', len);
    assert_int_equal(text_quote((struct cxd_bytes){text, in_len}, room, len - 1), 0);
    for (size_t i = 0; i < len; i++) {
        assert_int_equal(room[i], '#');
    }
    assert_int_equal(text_quote((struct cxd_bytes){text, in_len}, room, len), len);
    assert_memory_equal(room, out, len);
    free(room);
    free(text);
}

static void test_quote_escapes_what_must_be_escaped_and_no_more(void **state)
{
    static const struct row rows[] = {
        ROW("", "\"\""),
        ROW("a", "\"a\""),
        ROW("a\"b\\c/d", "\"a\\\"b\\\\c/d\""),
        ROW("\b\t\n\f\r", "\"\\b\\t\\n\\f\\r\""),
        ROW("\0\x01\x1f\x7f", "\"\\u0000\\u0001\\u001f\x7f\""),
        ROW("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\""),
        ROW("\xff"
            "a\xc3",
            "\"\xef\xbf\xbd"
            "a\xef\xbf\xbd\""),
        ROW("\xed\xa0\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""),
        ROW("0123456789abcdef\"0123456789abcdef0123456789abcde\"",
            "\"0123456789abcdef\\\"0123456789abcdef0123456789abcde\\\"\""),
        ROW("{\"k\":\"v\",\"l\":[\"\\\\\"],\"m\":\"\",\"n\":\"0123456789\"}",
            "\"{\\\"k\\\":\\\"v\\\",\\\"l\\\":[\\\"\\\\\\\\\\\"],\\\"m\\\":\\\"\\\",\\\"n\\\":"
            "\\\"0123456789\\\"}\""),
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_quoted(rows[i].in, rows[i].in_len, rows[i].out);
    }
}

/* The plainest writing of the rule for ASCII, to compare with. */
static size_t quote_slowly(const char *in, size_t len, char *out)
{
    static const char letters[] = "\"\\btnfr";
    static const char values[] = "\"\\\b\t\n\f\r";
    size_t at = 0;

    out[at++] = '"';
    for (size_t i = 0; i < len; i++) {
        const char *value = in[i] != '\0' ? strchr(values, in[i]) : NULL;
        if (value != NULL) {
            out[at++] = '\\';
            out[at++] = letters[value - values];
        } else if (in[i] < ' ') {
            at += (size_t)snprintf(out + at, 7, "\\u%04x", (unsigned)in[i]);
        } else {
            out[at++] = in[i];
        }
    }
    out[at++] = '"';
    return at;
}

static void test_quote_does_the_same_at_every_length_and_place(void **state)
{
    static const char specials[] = "\"\\\n\x02\"\\\"\"";
    uint32_t seed = 20240611;
    char in[120];
    char want[sizeof in * 6 + 8];

    (void)state;
    for (size_t round = 0; round < 20000; round++) {
        size_t len = round % sizeof in;
        unsigned density = 1 + (unsigned)(round / sizeof in) % 30;
        size_t want_len;
        for (size_t i = 0; i < len; i++) {
            seed = seed * 1664525 + 1013904223;
            in[i] = (seed >> 16) % density == 0 ? specials[(seed >> 24) % 8]
                                                : (char)(' ' + 3 + (seed >> 24) % 50);
        }
        want_len = quote_slowly(in, len, want);
        want[want_len] = '\0';
        assert_quoted(in, len, want);
    }
}

static void assert_unescaped(const char *in, int status, const char *out, size_t out_len)
{
    size_t in_len = strlen(in);
    char *text = exact_copy(in, in_len);
    char *room = exact_copy(in, in_len);
    size_t len = 77;

    assert_int_equal(text_unescape((struct cxd_bytes){text, in_len}, room, &len), status);
    if (status == CXD_OK) {
        assert_int_equal(len, out_len);
        assert_memory_equal(room, out, out_len);
    } else {
        assert_int_equal(len, 77);
    }
    free(room);
    free(text);
}

static void test_unescape_gives_the_plain_text(void **state)
{
    static const struct row rows[] = {
        ROW("", ""),
        ROW("abc", "abc"),
        ROW("\"\\/\b\f\n\r\t", "\\\"\\\\\\/\\b\\f\\n\\r\\t"),
        ROW("A\0z", "\\u0041\\u0000z"),
        ROW("\xc3\xa9\xe2\x82\xac", "\\u00e9\\u20AC"),
        ROW("\xf0\x9f\x98\x80\xf4\x8f\xbf\xbf", "\\ud83d\\ude00\\uDBFF\\uDFFF"),
        ROW("\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf", "\\u007f\\u0080\\u07ff\\u0800\\uffff"),
        ROW("\xf0\x90\x80\x80", "\\ud800\\udc00"),
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_unescaped(rows[i].out, CXD_OK, rows[i].in, rows[i].in_len);
    }
}

static void test_unescape_refuses_lone_surrogates_and_what_is_no_escape(void **state)
{
    static const char *const texts[] = {
        "\\ud800",        "\\udc00", "\\ud83dx",  "\\ud83d\\n", "\\ud83d\\ud83d\\ude00",
        "\\ud83d\\u0041", "\\x",     "a\\",       "\\u12",      "\\u12g4",
        "\\U0041",        "\\'",     "\\udbff\\", "\\u",
    };

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        assert_unescaped(texts[i], CXD_MALFORMED, "", 0);
    }
}

static void test_shorten_refuses_what_is_no_escape(void **state)
{
    char out[16];
    size_t len;

    (void)state;
    assert_int_equal(text_shorten(CXD_LIT("\\x"), out, &len), CXD_MALFORMED);
    assert_int_equal(text_shorten(CXD_LIT("\\u00"), out, &len), CXD_MALFORMED);
    assert_int_equal(text_shorten((struct cxd_bytes){0}, out, &len), CXD_OK);
    assert_int_equal(len, 0);
}

static void test_sequences_are_well_formed_utf8_and_nothing_else(void **state)
{
    static const unsigned char tails[] = {0x00, 0x7f, 0x80, 0x8f, 0x90,
                                          0x9f, 0xa0, 0xbf, 0xc0, 0xff};
    size_t count = sizeof tails;

    (void)state;
    for (unsigned i = 0; i < 256 * count * count * count; i++) {
        unsigned char bytes[4] = {(unsigned char)(i / (count * count * count)),
                                  tails[i / (count * count) % count], tails[i / count % count],
                                  tails[i % count]};
        for (size_t len = 1; len <= 4; len++) {
            assert_int_equal(text_sequence((char *)bytes, (char *)bytes + len),
                             utf8_by_rule(bytes, len));
        }
    }
}

static void test_is_utf8(void **state)
{
    (void)state;
    assert_true(text_is_utf8((struct cxd_bytes){0}));
    assert_true(text_is_utf8(CXD_LIT("a\xc3\xa9\n\xf0\x9f\x98\x80")));
    assert_false(text_is_utf8(CXD_LIT("a\xc3")));
    assert_false(text_is_utf8(CXD_LIT("\xed\xbf\xbf")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_quote_escapes_what_must_be_escaped_and_no_more),
        cmocka_unit_test(test_quote_does_the_same_at_every_length_and_place),
        cmocka_unit_test(test_unescape_gives_the_plain_text),
        cmocka_unit_test(test_unescape_refuses_lone_surrogates_and_what_is_no_escape),
        cmocka_unit_test(test_shorten_refuses_what_is_no_escape),
        cmocka_unit_test(test_sequences_are_well_formed_utf8_and_nothing_else),
        cmocka_unit_test(test_is_utf8),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
