/* test_pace.c: requests to one account by several, spaced together. */
#include "base/pace.h"
#include "cxd/status.h"
#include "test.h"

#include <stdio.h>
#include <string.h>

static void test_all_of_one_name_share_a_second(void **state)
{
    int64_t now = 1000;
    int went = 0;

    (void)state;
    for (; now < 3000; now++) { /* two who ask all the time, with limits of their own */
        went += pace_take("tenant a", 10, now) == 0;
        went += pace_take("tenant a", 4, now) == 0;
    }
    assert_in_range(went, 18, 21);
    assert_int_equal(pace_take("tenant b", 10, now), 0);
}

static void test_saved_time_is_no_burst(void **state)
{
    (void)state;
    assert_int_equal(pace_take("c", 10, 1000), 0);
    assert_int_equal(pace_take("c", 10, 1000), 100);
    assert_int_equal(pace_take("c", 10, 90000), 0);
    assert_int_equal(pace_take("c", 10, 90001), 99);
}

static void test_a_hold_is_for_all(void **state)
{
    (void)state;
    assert_int_equal(pace_take("d", 10, 1000), 0);
    pace_hold("d", 8000);
    pace_hold("d", 5000);
    assert_int_equal(pace_take("d", 1, 2000), 6000);
    assert_int_equal(pace_take("d", 1, 8000), 0);
}

static void test_names_have_limits(void **state)
{
    char name[PACE_NAME_MAX + 1];

    (void)state;
    memset(name, 'n', PACE_NAME_MAX);
    name[PACE_NAME_MAX] = '\0';
    assert_int_equal(pace_take(name, 1, 0), CXD_TOO_LARGE);
    pace_hold(name, 1);
    for (int i = 0; i < PACE_NAMES_MAX; i++) {
        (void)snprintf(name, sizeof name, "one of many %d", i);
        (void)pace_take(name, 1, 0);
    }
    assert_int_equal(pace_take("one too many", 1, 0), CXD_FULL);
    assert_int_equal(pace_take("c", 1, 1000000), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_of_one_name_share_a_second),
        cmocka_unit_test(test_saved_time_is_no_burst),
        cmocka_unit_test(test_a_hold_is_for_all),
        cmocka_unit_test(test_names_have_limits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
