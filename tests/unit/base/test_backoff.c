/* test_backoff.c: bounds that double up to a maximum, waits spread over all of the bound, what the other side asks for. */
#include "base/backoff.h"

#include "test.h"

#define DAY_MS 86400000

/* Many agents that make their n-th try: the shortest, the longest and the mean wait. */
static void spread(unsigned tries, int64_t *ret_min, int64_t *ret_max, int64_t *ret_mean)
{
    int64_t sum = 0;

    *ret_min = INT64_MAX;
    *ret_max = 0;
    for (uint64_t seed = 1; seed <= 2000; seed++) {
        struct backoff b;
        int64_t wait_ms = 0;
        backoff_init(&b, 1000, 60000, seed * 2654435761u);
        for (unsigned i = 0; i < tries; i++) {
            wait_ms = backoff_next(&b, -1);
        }
        *ret_min = wait_ms < *ret_min ? wait_ms : *ret_min;
        *ret_max = wait_ms > *ret_max ? wait_ms : *ret_max;
        sum += wait_ms;
    }
    *ret_mean = sum / 2000;
}

static void test_each_bound_is_twice_the_one_before_and_the_wait_lies_anywhere_below(void **state)
{
    static const int64_t bounds[] = {1000, 2000, 4000, 8000, 16000, 32000, 60000, 60000};

    (void)state;
    for (unsigned i = 0; i < COUNT(bounds); i++) {
        int64_t min;
        int64_t max;
        int64_t mean;
        spread(i + 1, &min, &max, &mean);
        assert_in_range(min, 1, bounds[i] / 20);
        assert_in_range(max, bounds[i] - bounds[i] / 20, bounds[i]);
        assert_in_range(mean, bounds[i] * 45 / 100, bounds[i] * 55 / 100);
    }
}

static void test_a_success_starts_over(void **state)
{
    struct backoff b;

    (void)state;
    backoff_init(&b, 10, 100000, 7);
    for (int i = 0; i < 12; i++) {
        (void)backoff_next(&b, -1);
    }
    for (int i = 0; i < 100; i++) {
        backoff_reset(&b);
        assert_in_range(backoff_next(&b, -1), 1, 10);
    }
}

static void test_never_sooner_than_the_other_side_asks_but_a_day_at_most(void **state)
{
    struct backoff b;

    (void)state;
    backoff_init(&b, 1000, 60000, 3);
    assert_in_range(backoff_next(&b, 120000), 120000, 120000);
    assert_in_range(backoff_next(&b, 0), 1, 2000);
    assert_in_range(backoff_next(&b, INT64_MAX), DAY_MS, DAY_MS);
    for (int i = 0; i < 1000; i++) {
        assert_in_range(backoff_next(&b, 5000), 5000, 60000);
    }
}

static void test_the_first_wait_keeps_to_the_maximum_too(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 100; seed++) {
        struct backoff b;
        backoff_init(&b, 60000, 10, seed);
        assert_in_range(backoff_next(&b, -1), 1, 10);
    }
}

static void test_bounds_of_nothing_are_a_millisecond(void **state)
{
    struct backoff b;

    (void)state;
    backoff_init(&b, 0, 0, 0);
    assert_int_equal(backoff_next(&b, -1), 1);
    assert_int_equal(backoff_next(&b, -1), 1);
}

static void test_huge_bounds_do_not_overflow(void **state)
{
    struct backoff b;

    (void)state;
    backoff_init(&b, INT64_MAX / 2 + 1, INT64_MAX, 9);
    for (int i = 0; i < 100; i++) {
        assert_true(backoff_next(&b, -1) > 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_bound_is_twice_the_one_before_and_the_wait_lies_anywhere_below),
        cmocka_unit_test(test_a_success_starts_over),
        cmocka_unit_test(test_never_sooner_than_the_other_side_asks_but_a_day_at_most),
        cmocka_unit_test(test_the_first_wait_keeps_to_the_maximum_too),
        cmocka_unit_test(test_bounds_of_nothing_are_a_millisecond),
        cmocka_unit_test(test_huge_bounds_do_not_overflow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
