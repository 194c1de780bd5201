/* test_seen.c: rows that are remembered, and forgotten by time. */
#include "fake.h"

#include "seen.h"

static struct heap heap = {&fake_host, NULL};

static void test_rows_are_forgotten_by_time(void **state)
{
    struct seen seen;

    (void)state;
    fake_reset();
    seen_init(&seen, &heap);
    assert_false(seen_has(&seen, 1));
    for (uint64_t mark = 1; mark <= 5000; mark++) {
        assert_int_equal(seen_add(&seen, mark * 256, (int64_t)mark), 0);
        assert_int_equal(seen_add(&seen, mark * 256, (int64_t)mark), 0); /* again: no second */
    }
    assert_int_equal(seen.count, 5000);
    seen_forget(&seen, 4991);
    assert_int_equal(seen.count, 10);
    assert_true(seen.room < 1000);
    for (uint64_t mark = 1; mark <= 5000; mark++) {
        assert_int_equal(seen_has(&seen, mark * 256), mark >= 4991);
    }
    seen_forget(&seen, 9999);
    assert_int_equal(seen.count, 0);
    seen_done(&seen);
    assert_int_equal(fake.held, 0);
}

static void test_memory_has_an_end(void **state)
{
    struct seen seen;

    (void)state;
    fake_reset();
    seen_init(&seen, &heap);
    for (uint64_t mark = 1; mark <= SEEN_MAX + 1000; mark++) {
        assert_int_equal(seen_reserve(&seen), 0);
        assert_int_equal(seen_add(&seen, mark, 5), 0);
    }
    assert_int_equal(seen.count, SEEN_MAX);
    assert_false(seen_has(&seen, SEEN_MAX + 1));
    assert_true(fake.peak < (size_t)8 << 20);
    fake.fail_at = fake.asked + 1;
    seen_forget(&seen, 6); /* no memory for it: all stay known */
    assert_int_equal(seen.count, SEEN_MAX);
    assert_true(seen_has(&seen, 1));
    seen_done(&seen);
    assert_int_equal(fake.held, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows_are_forgotten_by_time),
        cmocka_unit_test(test_memory_has_an_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
