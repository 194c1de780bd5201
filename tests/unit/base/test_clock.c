/* test_clock.c: the calendar against the C library's, at its corners and at random moments. */
#include "base/clock.h"

#include "test.h"

#include <time.h>

#define MIN_MS (-62167219200000) /* 0000-01-01 */
#define MAX_MS 253402300799999   /* 9999-12-31 */

static void check(int64_t wall_ms, const char *wanted)
{
    char text[CLOCK_TEXT_SIZE];

    memset(text, 'x', sizeof text);
    clock_format(wall_ms, text);
    assert_string_equal(text, wanted);
}

static void test_corners(void **state)
{
    (void)state;
    check(0, "1970-01-01T00:00:00.000Z");
    check(-1, "1969-12-31T23:59:59.999Z");
    check(-1000, "1969-12-31T23:59:59.000Z");
    check(-86400000, "1969-12-31T00:00:00.000Z");
    check(-86400001, "1969-12-30T23:59:59.999Z");
    check(951782400000, "2000-02-29T00:00:00.000Z"); /* a fourth century */
    check(951868800000, "2000-03-01T00:00:00.000Z");
    check(4107456000000, "2100-02-28T00:00:00.000Z"); /* a century without */
    check(4107542400000, "2100-03-01T00:00:00.000Z");
    check(1709164800000, "2024-02-29T00:00:00.000Z");
    check(1709251199999, "2024-02-29T23:59:59.999Z");
    check(1735689599999, "2024-12-31T23:59:59.999Z");
    check(-2203891200000, "1900-03-01T00:00:00.000Z");
    check(-2203891200001, "1900-02-28T23:59:59.999Z");
}

static void test_years_beyond_four_digits_are_clamped(void **state)
{
    (void)state;
    check(MIN_MS, "0000-01-01T00:00:00.000Z");
    check(MIN_MS - 1, "0000-01-01T00:00:00.000Z");
    check(INT64_MIN, "0000-01-01T00:00:00.000Z");
    check(MAX_MS, "9999-12-31T23:59:59.999Z");
    check(MAX_MS + 1, "9999-12-31T23:59:59.999Z");
    check(INT64_MAX, "9999-12-31T23:59:59.999Z");
}

static void by_library(int64_t wall_ms, char *out, size_t room)
{
    int64_t ms = wall_ms % 1000;
    time_t seconds = (time_t)(wall_ms / 1000);
    struct tm tm;

    if (ms < 0) {
        ms += 1000;
        seconds--;
    }
    assert_non_null(gmtime_r(&seconds, &tm));
    (void)snprintf(out, room, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", tm.tm_year + 1900,
                   tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, (int)ms);
}

static void test_random_moments_are_the_librarys(void **state)
{
    uint64_t random = (uint64_t)time(NULL);

    (void)state;
    print_message("seed %llu\n", (unsigned long long)random);
    for (int i = 0; i < 300000; i++) {
        char wanted[64];
        int64_t wall_ms;
        random = random * 6364136223846793005ull + 1442695040888963407ull;
        wall_ms = MIN_MS + (int64_t)((random >> 8) % (uint64_t)(MAX_MS - MIN_MS + 1));
        by_library(wall_ms, wanted, sizeof wanted);
        check(wall_ms, wanted);
    }
}

static void test_every_day_of_eight_centuries_is_the_librarys(void **state)
{
    (void)state;
    for (int64_t day = -150000; day < 150000; day++) {
        char wanted[64];
        by_library(day * 86400000 + 86399999, wanted, sizeof wanted);
        check(day * 86400000 + 86399999, wanted);
    }
}

static void test_the_monotonic_clock_does_not_go_back(void **state)
{
    int64_t before = clock_mono_ms();

    (void)state;
    for (int i = 0; i < 10000; i++) {
        int64_t now = clock_mono_ms();
        assert_true(now >= before);
        before = now;
    }
    assert_true(clock_wall_ms() > 1700000000000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_corners),
        cmocka_unit_test(test_years_beyond_four_digits_are_clamped),
        cmocka_unit_test(test_random_moments_are_the_librarys),
        cmocka_unit_test(test_every_day_of_eight_centuries_is_the_librarys),
        cmocka_unit_test(test_the_monotonic_clock_does_not_go_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
