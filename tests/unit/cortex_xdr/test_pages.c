/*
 * test_pages.c: pages and windows over rows that grow and change while they are read: every version of every row exactly once.
 */
#include "table.h"

static void test_pages_of_a_closed_window(void **state)
{
    (void)state;
    rows_make(250, fake.wall_ms - DAY / 2, 1000);
    begin(OPTIONS(""));
    assert_int_equal(look(), CXD_POLL_IDLE);
    assert_int_equal(fake.request_count, 3);
    assert_string_equal(fake.requests[0].url,
                        "https://api-tenant.example/public_api/v1/incidents/get_incidents");
    assert_string_equal(fake.requests[1].body,
                        "{\"request_data\":{\"filters\":[{\"field\":\"modification_time\","
                        "\"operator\":\"gte\",\"value\":1699913600123},"
                        "{\"field\":\"modification_time\",\"operator\":\"lte\",\"value\":"
                        "1699999880123}],\"search_from\":100,\"search_to\":200,"
                        "\"sort\":{\"field\":\"modification_time\",\"keyword\":\"asc\"}}}");
    assert_non_null(strstr(fake.requests[0].headers, "*Authorization: the-key\n"));
    assert_non_null(strstr(fake.requests[0].headers, "x-xdr-auth-id: 7\n"));
    expect_each_once(250);
    assert_int_equal(fake.marked_events, 250);
    assert_int_equal(fake.health, CXD_HEALTHY);
    finish();
}

static void test_short_pages_are_not_the_end(void **state)
{
    (void)state;
    page_cap = 7;
    rows_make(40, fake.wall_ms - DAY / 2, 1000);
    begin(OPTIONS(""));
    assert_int_equal(look(), CXD_POLL_IDLE);
    page_cap = 100;
    expect_each_once(40);
    finish();
}

static void test_an_empty_window_moves_on(void **state)
{
    (void)state;
    rows_make(0, 0, 0);
    begin(OPTIONS(""));
    assert_int_equal(look(), CXD_POLL_IDLE);
    assert_int_equal(fake.mark_count, 1);
    later(300000);
    assert_int_equal(look(), CXD_POLL_IDLE);
    assert_int_equal(fake.mark_count, 2);
    assert_int_equal(number_behind(fake.requests[1].body, "\"gte\",\"value\":"),
                     number_behind(fake.requests[0].body, "\"lte\",\"value\":"));
    finish();
}

static void test_a_window_of_too_many_rows_is_split(void **state)
{
    (void)state;
    rows_make(25000, fake.wall_ms - DAY / 2, 1000);
    begin(OPTIONS(""));
    assert_int_equal(look(), CXD_POLL_IDLE);
    expect_each_once(25000);
    for (size_t i = 0; i < fake.request_count; i++) {
        assert_true(number_behind(fake.requests[i].body, "\"search_from\":") < 10000);
    }
    finish();
}

static void test_rows_of_one_millisecond_across_pages_and_windows(void **state)
{
    struct row *edge;

    (void)state;
    rows_make(350, fake.wall_ms - DAY / 2, 0);
    edge = &rows[row_count];
    for (int i = 0; i < 30; i++) {
        edge[i] = (struct row){1000 + i, fake.wall_ms - 120000,
                               1}; /* exactly at the end of the first window */
    }
    row_count += 30;
    begin(OPTIONS(""));
    assert_int_equal(look(), CXD_POLL_IDLE);
    assert_int_equal(fake.event_count, 380);
    finish(); /* and a restart: the edge is in the cursor */
    rows[row_count++] =
        (struct row){2000, fake.wall_ms - 120000, 1}; /* came late, at that very millisecond */
    later(300000);
    begin(OPTIONS(""));
    assert_int_equal(look(), CXD_POLL_IDLE);
    assert_int_equal(fake.event_count, 381);
    assert_int_equal(came(2000, 1), 1);
    finish();
}

static void modify_between(size_t request)
{
    if (request == 2) {
        for (size_t i = 0; i < row_count; i++) {
            if (rows[i].id == 10 || rows[i].id == 20 || rows[i].id == 30) {
                rows[i].time_ms =
                    fake.wall_ms - 1000; /* leaves the window: rows behind it move up */
                rows[i].version = 2;
            }
        }
    }
}

static void test_rows_modified_between_pages_hide_no_others(void **state)
{
    (void)state;
    rows_make(320, fake.wall_ms - DAY / 2, 1000);
    between = modify_between;
    begin(OPTIONS(""));
    assert_int_equal(look(), CXD_POLL_IDLE);
    assert_int_equal(fake.event_count, 320);
    for (int id = 0; id < 320; id++) {
        assert_int_equal(came(id, 1), 1);
    }
    later(300000);
    assert_int_equal(look(), CXD_POLL_IDLE);
    between = NULL;
    assert_int_equal(fake.event_count, 323);
    assert_int_equal(came(10, 2) + came(20, 2) + came(30, 2), 3);
    finish();
}

static void test_days_with_growth_change_and_restarts(void **state)
{
    int next_id = 50;
    uint64_t chance = 12345;

    (void)state;
    rows_make(50, fake.wall_ms - DAY / 2, 60000);
    begin(OPTIONS(""));
    for (int round = 0; round < 400; round++) {
        assert_int_equal(look(), CXD_POLL_IDLE);
        chance = chance * UINT64_C(6364136223846793005) + 1;
        for (uint64_t i = 0; i < chance >> 60; i++) {
            rows[row_count++] =
                (struct row){next_id++, fake.wall_ms - (int64_t)(chance >> 50) % 100000, 1};
        }
        if (round % 7 == 0) {
            struct row *r = &rows[(chance >> 33) % row_count];

            r->time_ms = fake.wall_ms;
            r->version++;
        }
        if (round % 13 == 0) { /* killed: what was handed over is known by the last mark */
            finish();
            begin(OPTIONS(""));
        }
        later(300000);
    }
    later(600000);
    assert_int_equal(look(), CXD_POLL_IDLE);
    for (size_t i = 0; i < row_count; i++) {
        assert_int_equal(came(rows[i].id, rows[i].version), 1);
    }
    finish();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_pages_of_a_closed_window),
        CASE(test_short_pages_are_not_the_end),
        CASE(test_an_empty_window_moves_on),
        CASE(test_a_window_of_too_many_rows_is_split),
        CASE(test_rows_of_one_millisecond_across_pages_and_windows),
        CASE(test_rows_modified_between_pages_hide_no_others),
        CASE(test_days_with_growth_change_and_restarts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
