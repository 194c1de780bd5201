/*
 * test_number.c: numbers read and written as a Java program does.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka needs the four above first */
#include <cmocka.h>

#include "number.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct whole {
    const char *text;
    int is_good;
    int64_t number;
};

static const struct whole wholes[] = {
    {"0", 1, 0},
    {"-0", 1, 0},
    {"+5", 1, 5},
    {"007", 1, 7},
    {"123456", 1, 123456},
    {"9223372036854775807", 1, INT64_MAX},
    {"-9223372036854775808", 1, INT64_MIN},
    {"9223372036854775808", 0, 0},
    {"-9223372036854775809", 0, 0},
    {"0x10", 1, 16},
    {"-0x10", 1, -16},
    {"0xfF", 1, 255},
    {"0x7fffffffffffffff", 1, INT64_MAX},
    {"-0x8000000000000000", 1, INT64_MIN},
    {"0x8000000000000000", 0, 0},
    {"0X10", 0, 0},
    {"+0x10", 0, 0},
    {"0x", 0, 0},
    {"-0x", 0, 0},
    {"0x-1", 0, 0},
    {"", 0, 0},
    {"-", 0, 0},
    {"+", 0, 0},
    {"--1", 0, 0},
    {"12.0", 0, 0},
    {"1e3", 0, 0},
    {" 1", 0, 0},
    {"1 ", 0, 0},
    {"12a", 0, 0},
};

static void test_long(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof wholes / sizeof wholes[0]; i++) {
        const struct whole *whole = &wholes[i];
        int64_t number = 42;
        int is_good = number_parse_long(whole->text, strlen(whole->text), &number);
        if (is_good != whole->is_good || number != (is_good ? whole->number : 42)) {
            fail_msg("'%s': %d, %lld", whole->text, is_good, (long long)number);
        }
    }
    assert_false(number_parse_decimal("0x10", 4, &(int64_t){0}));
}

static void test_long_printed(void **state)
{
    char out[NUMBER_LONG_ROOM];

    (void)state;
    assert_int_equal(number_print_long(INT64_MIN, out), 20);
    assert_memory_equal(out, "-9223372036854775808", 20);
}

struct broken {
    const char *text;
    const char *printed; /* NULL: no double */
};

static const struct broken brokens[] = {
    {"512", "512.0"},
    {"0", "0.0"},
    {"-0.0", "-0.0"},
    {"1.5", "1.5"},
    {"100", "100.0"},
    {"0.1", "0.1"},
    {"0.001", "0.001"},
    {"0.000999", "9.99E-4"},
    {"9999999", "9999999.0"},
    {"9999999.5", "9999999.5"},
    {"10000000", "1.0E7"},
    {"12345678901", "1.2345678901E10"},
    {"-2.5e-10", "-2.5E-10"},
    {"1e100", "1.0E100"},
    {"4.9E-324", "4.9E-324"},
    {"1.7976931348623157e308", "1.7976931348623157E308"},
    {"0.30000000000000004", "0.30000000000000004"},
    {"123456.789", "123456.789"},
    {".5", "0.5"},
    {"5.", "5.0"},
    {"+7", "7.0"},
    {" 7\t", "7.0"},
    {"7d", "7.0"},
    {"7.5F", "7.5"},
    {"1e400", NULL},
    {"", NULL},
    {" ", NULL},
    {".", NULL},
    {"e5", NULL},
    {"5e", NULL},
    {"5e+", NULL},
    {"1.2.3", NULL},
    {"NaN", NULL},
    {"Infinity", NULL},
    {"0x10", NULL},
    {"1,5", NULL},
    {"7df", NULL},
    {"seven", NULL},
};

static void test_double(void **state)
{
    locale_t plain = newlocale(LC_ALL_MASK, "C", (locale_t)0);

    (void)state;
    assert_true(plain != (locale_t)0);
    for (size_t i = 0; i < sizeof brokens / sizeof brokens[0]; i++) {
        const struct broken *broken = &brokens[i];
        char out[NUMBER_DOUBLE_ROOM + 1] = {0};
        double number;
        int is_good = number_parse_double(broken->text, strlen(broken->text), plain, &number);
        if (is_good != (broken->printed != NULL)) {
            fail_msg("'%s': %d", broken->text, is_good);
        }
        if (is_good) {
            out[number_print_double(number, plain, out)] = '\0';
            assert_string_equal(out, broken->printed);
        }
    }
    freelocale(plain);
}

/* What is printed reads back as the same number, for numbers of all sizes. */
static void test_double_round_trip(void **state)
{
    locale_t plain = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    uint64_t bits = 12345;

    (void)state;
    for (int i = 0; i < 20000; i++) {
        char out[NUMBER_DOUBLE_ROOM];
        double number;
        double again;
        size_t len;
        bits = bits * 6364136223846793005u + 1442695040888963407u;
        memcpy(&number, &bits, sizeof number);
        if (number != number || number - number != 0) {
            continue;
        }
        len = number_print_double(number, plain, out);
        assert_in_range(len, 3, NUMBER_DOUBLE_ROOM);
        assert_true(number_parse_double(out, len, plain, &again));
        assert_memory_equal(&number, &again, sizeof number);
    }
    freelocale(plain);
}

/* Whatever passes as printed is what would be printed, and the usual texts do pass. */
static void test_printed_doubles(void **state)
{
    static const char *const passing[] = {"0.25",  "-0.25",       "1.0",   "0.0",
                                          "0.001", "1234567.125", "0.012", "10.5"};
    static const char *const others[] = {
        "1",    "1.",  ".5",     "0.50",       "00.5",
        "01.5", "1e3", "0.0001", "12345678.5", "1.2345678901234567",
        "",     "-",   "1.5e1",  "0.00"};
    locale_t plain = newlocale(LC_ALL_MASK, "C", (locale_t)0);

    (void)state;
    assert_true(plain != (locale_t)0);
    for (size_t i = 0; i < sizeof passing / sizeof passing[0]; i++) {
        char out[NUMBER_DOUBLE_ROOM + 1];
        double number;
        assert_true(number_is_printed_double(passing[i], strlen(passing[i])));
        assert_true(number_parse_double(passing[i], strlen(passing[i]), plain, &number));
        out[number_print_double(number, plain, out)] = '\0';
        assert_string_equal(out, passing[i]);
    }
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        assert_false(number_is_printed_double(others[i], strlen(others[i])));
    }
    for (int n = 0; n < 200000; n++) { /* any text of that form at all */
        char text[40];
        char out[NUMBER_DOUBLE_ROOM + 1];
        double number;
        int places = n % 8;
        int len =
            snprintf(text, sizeof text, "%s%d.%0*d", n % 2 ? "-" : "",
                     (int)((n * 7919LL) % 10000019), places + 1, (int)((n * 104729LL) % 100000007));
        if (!number_is_printed_double(text, (size_t)len)) {
            continue;
        }
        assert_true(number_parse_double(text, (size_t)len, plain, &number));
        out[number_print_double(number, plain, out)] = '\0';
        assert_string_equal(out, text);
    }
    freelocale(plain);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_long),
        cmocka_unit_test(test_printed_doubles),
        cmocka_unit_test(test_long_printed),
        cmocka_unit_test(test_double),
        cmocka_unit_test(test_double_round_trip),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
