/*
 * test_text.c: addresses and lower case.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka needs the four above first */
#include <cmocka.h>

#include "address.h"
#include "lower.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

static const char *const good[] = {
    "0.0.0.0",
    "1.2.3.4",
    "255.255.255.255",
    "::",
    "::1",
    "1::",
    "fe80::1",
    "1:2:3:4:5:6:7:8",
    "1:2:3::6:7:8",
    "::2:3:4:5:6:7:8",
    "1:2:3:4:5:6:7::",
    "::ffff:1.2.3.4",
    "1:2:3:4:5:6:1.2.3.4",
    "64:ff9b::1.2.3.4",
    "ABCD:ef01::FFFF",
    "2001:0db8:0000:0000:0000:0000:0000:0001",
};

static const char *const bad[] = {
    "",
    "1.2.3",
    "1.2.3.4.5",
    "256.1.1.1",
    "01.2.3.4",
    "1.2.3.04",
    "1..3.4",
    ".1.2.3",
    "1.2.3.",
    "1.2.3.4 ",
    " 1.2.3.4",
    "1.2.3.4/24",
    "[::1]",
    "fe80::1%eth0",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "1::2::3",
    ":::",
    ":1",
    "1:",
    "12345::",
    "g::",
    "1:2:3:4:5:6:7:8::",
    "::1.2.3",
    "1.2.3.4::",
    "::1.2.3.4:5",
    "1:2:3:4:5:6:7:1.2.3.4",
    "host",
    "0x1.2.3.4",
    "1.2.3.a",
    "-1.2.3.4",
    "::1.2.3.256",
    ":",
};

static void test_addresses(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        if (!address_is_valid(good[i], strlen(good[i]))) {
            fail_msg("'%s' is refused", good[i]);
        }
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (address_is_valid(bad[i], strlen(bad[i]))) {
            fail_msg("'%s' is taken", bad[i]);
        }
    }
    assert_false(address_is_v4("::1", 3));
    assert_false(address_is_v6("1.2.3.4", 7));
}

/* Random texts of the letters that addresses are made of: the same verdict as the C library's. */
static void test_addresses_against_inet_pton(void **state)
{
    static const char letters[] = "0012349af:::..";
    unsigned seed = 7;

    (void)state;
    for (int i = 0; i < 300000; i++) {
        unsigned char out[16];
        char text[24];
        size_t len = 1 + (seed = seed * 1103515245u + 12345) / 65536 % 18;
        int expected;
        for (size_t at = 0; at < len; at++) {
            seed = seed * 1103515245u + 12345;
            text[at] = letters[seed / 65536 % (sizeof letters - 1)];
        }
        text[len] = '\0';
        expected = inet_pton(strchr(text, ':') != NULL ? AF_INET6 : AF_INET, text, out) == 1;
        if (address_is_valid(text, len) != expected) {
            fail_msg("'%s': the C library says %d", text, expected);
        }
    }
}

struct pair {
    const char *from;
    const char *to;
};

static const struct pair pairs[] = {
    {"", ""},
    {"Hello World 123", "hello world 123"},
    {"@AMZ[`az{\x7f\x01GHIJKLMN", "@amz[`az{\x7f\x01ghijklmn"},
    {"HOST-0001.EXAMPLE.ÄB.NETWORKS", "host-0001.example.äb.networks"},
    {"ÀÉÎÖØÞß", "àéîöøþß"},
    {"×÷", "×÷"},
    {"ŁÓDŹ Žižek Ÿ", "łódź žižek ÿ"},
    {"İSTANBUL", "i̇stanbul"},
    {"ΑΒΓ ΆΈΏ", "αβγ άέώ"},
    {"ЖЁЇ ӀӁ", "жёї ӏӂ"},
    {"ԱՖ", "աֆ"},
    {"ẞ Ệ", "ß ệ"},
    {"ＡＺ", "ａｚ"},
    {"日本 😀", "日本 😀"},
    {"\xff\xc3", "\xff\xc3"},
    {"\xc3\x28", "\xc3\x28"},
};

static void test_lower(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        size_t len = strlen(pairs[i].from);
        char *out = malloc(2 * len + 1);
        assert_non_null(out);
        out[lower_print(pairs[i].from, len, out)] = '\0';
        assert_string_equal(out, pairs[i].to);
        free(out);
    }
    assert_true(lower_is_done("abc-1", 5));
    assert_true(lower_is_done("@[`{ 0123abcdefghijklmz", 23));
    assert_false(lower_is_done("abC", 3));
    assert_false(lower_is_done("abcdefgZ01234567", 16));
    assert_false(lower_is_done("abcdefgh0123456\xc3", 16));
    assert_false(lower_is_done("\xc3\xa9", 2));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_addresses),
        cmocka_unit_test(test_addresses_against_inet_pton),
        cmocka_unit_test(test_lower),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
