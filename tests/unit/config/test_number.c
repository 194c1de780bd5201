/* test_number.c: durations, sizes and numbers as people write them. */
#include "config/number.h"
#include "cxd/status.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void test_durations(void **state)
{
    static const struct {
        const char *text;
        int64_t ms;
    } good[] = {{"10s", 10000}, {"1m30s", 90000}, {"250ms", 250}, {"2h", 7200000},  {"1.5s", 1500},
                {"15", 15000},  {"0", 0},         {"0.25", 250},  {"1d", 86400000}, {"500us", 1}};
    static const char *const bad[] = {
        "", "s", "10x", "-1s", "1m ", "1e3s", "9999999999999999999s", "10s5"};
    int64_t ms = 7;

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_int_equal(number_duration_ms(good[i].text, &ms), CXD_OK);
        assert_int_equal(ms, good[i].ms);
    }
    ms = 7;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(number_duration_ms(bad[i], &ms), CXD_CONFIG);
        assert_int_equal(ms, 7);
    }
}

static void test_sizes(void **state)
{
    static const struct {
        const char *text;
        int64_t bytes;
    } good[] = {{"4096", 4096},   {"16MiB", 16 << 20}, {"10MB", 10000000}, {"1.5GiB", 1610612736},
                {"512k", 524288}, {"2 KiB", 2048},     {"7B", 7}};
    static const char *const bad[] = {"", "MiB", "-1", "10Mi", "1TiBx", "99999999999999GB"};
    int64_t bytes = 7;

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_int_equal(number_size(good[i].text, &bytes), CXD_OK);
        assert_int_equal(bytes, good[i].bytes);
    }
    bytes = 7;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(number_size(bad[i], &bytes), CXD_CONFIG);
        assert_int_equal(bytes, 7);
    }
}

static void test_whole_numbers_to_the_edge(void **state)
{
    int64_t value = 0;

    (void)state;
    assert_int_equal(number_int("9223372036854775807", &value), CXD_OK);
    assert_true(value == INT64_MAX);
    assert_int_equal(number_int("-9223372036854775808", &value), CXD_OK);
    assert_true(value == INT64_MIN);
    assert_int_equal(number_int("9223372036854775808", &value), CXD_CONFIG);
    assert_int_equal(number_int("-9223372036854775809", &value), CXD_CONFIG);
    assert_int_equal(number_int("-", &value), CXD_CONFIG);
    assert_int_equal(number_int("1_000", &value), CXD_CONFIG);
    assert_int_equal(number_int("0x10", &value), CXD_CONFIG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_durations),
                                       cmocka_unit_test(test_sizes),
                                       cmocka_unit_test(test_whole_numbers_to_the_edge)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
