/* test_window.c: windows: how they are opened, halved, read again, and given up. */
#include "fake.h"

#include "window.h"

#define HOUR INT64_C(3600000)

/* One page more, that begins with a row of its own. */
static enum window_next turn(struct window *w, int64_t rows, int64_t total)
{
    static uint64_t mark;
    const struct window_page page = {.rows = rows, .total = total, .first_mark = ++mark};

    return window_turn(w, &page);
}

static void test_a_window_needs_time(void **state)
{
    struct window w = {0};

    (void)state;
    assert_false(window_open(&w, 1000, 1000));
    assert_false(window_open(&w, 1000, 999));
    assert_false(w.is_open);
    assert_true(window_open(&w, 1000, 1001));
    assert_true(w.is_open);
}

static void test_a_backlog_is_read_by_days(void **state)
{
    struct window w = {0};

    (void)state;
    assert_true(window_open(&w, 0, 100 * HOUR));
    assert_int_equal(w.to_ms, 24 * HOUR);
    assert_int_equal(turn(&w, 0, 0), WINDOW_DONE); /* empty: on it goes */
    assert_true(window_open(&w, w.to_ms, 100 * HOUR));
    assert_int_equal(w.from_ms, 24 * HOUR);
    assert_int_equal(w.to_ms, 48 * HOUR);
}

static void test_too_many_rows_halve_it_and_the_length_comes_back(void **state)
{
    struct window w = {0};

    (void)state;
    assert_true(window_open(&w, 0, 24 * HOUR));
    assert_false(window_shrink(&w, 9998));
    assert_true(window_shrink(&w, 9999));
    assert_int_equal(w.to_ms, 12 * HOUR);
    assert_true(window_shrink(&w, 123456789012345));
    assert_int_equal(w.to_ms, 6 * HOUR);
    assert_int_equal(turn(&w, 100, 100), WINDOW_DONE);
    assert_true(window_open(&w, w.to_ms, 48 * HOUR));
    assert_int_equal(w.to_ms, 18 * HOUR); /* few rows: twice as long */
    assert_int_equal(turn(&w, 100, 5000), WINDOW_MORE);
    assert_false(window_shrink(&w, 9999)); /* rows of it are taken already */
}

static void test_a_millisecond_is_not_halved(void **state)
{
    struct window w = {0};

    (void)state;
    window_open_at(&w, 5000);
    assert_false(window_shrink(&w, 9999));
    for (int page = 0; page < 120; page++) {
        assert_int_equal(turn(&w, 100, 9999), WINDOW_MORE);
    }
    assert_int_equal(turn(&w, 0, 9999), WINDOW_DONE);
}

static void test_rows_that_left_make_it_read_again_a_few_times(void **state)
{
    struct window w = {0};

    (void)state;
    assert_true(window_open(&w, 0, HOUR));
    for (int pass = 1; pass < WINDOW_PASSES; pass++) {
        assert_int_equal(turn(&w, 100, 250), WINDOW_MORE);
        assert_int_equal(turn(&w, 100, 240), WINDOW_MORE);
        assert_int_equal(turn(&w, 40, 240), WINDOW_AGAIN);
        assert_int_equal(w.offset, 0);
    }
    assert_int_equal(turn(&w, 100, 250), WINDOW_MORE);
    assert_int_equal(turn(&w, 100, 240), WINDOW_MORE);
    assert_int_equal(turn(&w, 40, 240), WINDOW_DONE);
}

static void test_fewer_rows_than_foretold_are_not_the_end(void **state)
{
    struct window w = {0};

    (void)state;
    assert_true(window_open(&w, 0, HOUR));
    assert_int_equal(turn(&w, 100, 250), WINDOW_MORE);
    assert_int_equal(turn(&w, 0, 250), WINDOW_AGAIN);
}

static void test_without_a_total_a_short_page_ends_it(void **state)
{
    struct window w = {0};

    (void)state;
    assert_true(window_open(&w, 0, HOUR));
    assert_int_equal(turn(&w, 100, -1), WINDOW_MORE);
    assert_int_equal(turn(&w, 99, -1), WINDOW_DONE);
}

static void test_without_a_total_ten_thousand_rows_halve_it(void **state)
{
    struct window w = {0};
    enum window_next next = WINDOW_MORE;

    (void)state;
    assert_true(window_open(&w, 0, HOUR));
    for (int page = 0; page < 100 && next == WINDOW_MORE; page++) {
        next = turn(&w, 100, -1);
    }
    assert_int_equal(next, WINDOW_AGAIN);
    assert_int_equal(w.to_ms, HOUR / 2);
    assert_int_equal(w.offset, 0);
}

static void test_the_same_page_again_is_no_paging(void **state)
{
    struct window w = {0};
    const struct window_page page = {.rows = 100, .total = 200, .first_mark = 7};

    (void)state;
    assert_true(window_open(&w, 0, HOUR));
    assert_int_equal(window_turn(&w, &page), WINDOW_MORE);
    assert_int_equal(window_turn(&w, &page), WINDOW_ENDLESS); /* not done, though 200 rows came */
    assert_true(w.is_open);
    assert_int_equal(w.offset, 0);
}

static void test_pages_without_number_end(void **state)
{
    struct window w = {0};
    enum window_next next = WINDOW_MORE;
    unsigned pages = 0;

    (void)state;
    window_open_at(&w, 5000);
    while (next == WINDOW_MORE && pages < 1000000) {
        next = turn(&w, 100, 9999);
        pages++;
    }
    assert_int_equal(next, WINDOW_ENDLESS);
    assert_int_equal(pages, WINDOW_PAGES_MAX);
}

static void test_an_open_window_takes_rows_that_come(void **state)
{
    struct window w = {.has_no_end = true};
    const struct window_page same = {.rows = 100, .total = 900, .first_mark = UINT64_MAX};

    (void)state;
    assert_true(window_open(&w, 0, 1000 * HOUR));
    assert_int_equal(w.to_ms, 1000 * HOUR);
    assert_false(window_shrink(&w, 9999));
    assert_int_equal(turn(&w, 100, 250), WINDOW_MORE);
    assert_int_equal(turn(&w, 100, 300), WINDOW_MORE);
    assert_int_equal(turn(&w, 100, 300), WINDOW_DONE);
    /* a row that was deleted moved others up */
    assert_true(window_open(&w, w.to_ms, 2000 * HOUR));
    assert_int_equal(turn(&w, 100, 200), WINDOW_MORE);
    assert_int_equal(turn(&w, 99, 199), WINDOW_AGAIN);
    /* a hundred that came in push the page before into this one; not time and again */
    assert_int_equal(window_turn(&w, &same), WINDOW_MORE);
    assert_int_equal(window_turn(&w, &same), WINDOW_MORE);
    assert_int_equal(window_turn(&w, &same), WINDOW_MORE);
    assert_int_equal(window_turn(&w, &same), WINDOW_ENDLESS);
}

static void test_a_window_that_goes_too_far_is_cut(void **state)
{
    struct window w = {0};

    (void)state;
    assert_true(window_open(&w, 1000, 9000));
    assert_false(window_cut(&w, 9000));
    assert_true(window_cut(&w, 8000));
    assert_true(w.is_open);
    assert_int_equal(w.to_ms, 8000);
    assert_int_equal(turn(&w, 100, 250), WINDOW_MORE);
    assert_false(window_cut(&w, 7000)); /* too late */
    assert_true(window_open(&w, 1000, 9000));
    assert_true(window_cut(&w, 500));
    assert_false(w.is_open);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_window_needs_time),
        cmocka_unit_test(test_a_backlog_is_read_by_days),
        cmocka_unit_test(test_too_many_rows_halve_it_and_the_length_comes_back),
        cmocka_unit_test(test_a_millisecond_is_not_halved),
        cmocka_unit_test(test_rows_that_left_make_it_read_again_a_few_times),
        cmocka_unit_test(test_fewer_rows_than_foretold_are_not_the_end),
        cmocka_unit_test(test_without_a_total_a_short_page_ends_it),
        cmocka_unit_test(test_without_a_total_ten_thousand_rows_halve_it),
        cmocka_unit_test(test_the_same_page_again_is_no_paging),
        cmocka_unit_test(test_pages_without_number_end),
        cmocka_unit_test(test_an_open_window_takes_rows_that_come),
        cmocka_unit_test(test_a_window_that_goes_too_far_is_cut),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
