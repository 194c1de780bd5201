/* test_look.c: whose clock tells what is read: the tenant's, as soon as a reply has told it. */
#include "api.h"

/* Rows of the tenant's last hours, one a minute. */
static void rows_make(int count)
{
    for (int i = 0; i < count; i++) {
        int64_t time_ms = api_now() - (int64_t)(count - i) * 60 * SECOND;

        api_add(i, time_ms, time_ms);
    }
}

static void test_a_clock_that_is_ahead_reads_no_further_than_the_tenant(void **state)
{
    (void)state;
    api.skew_ms = -HOUR;
    rows_make(250);
    api_add(900, api_now() + 10 * SECOND, api_now() + 70 * SECOND); /* to come, and late at that */
    api_begin("incidents", "");
    assert_int_equal(api_look(), CXD_POLL_IDLE);
    assert_int_equal(fake.event_count, 248); /* the last two minutes have not settled */
    for (size_t i = 1; i < fake.request_count; i++) {
        assert_true(api_number(fake.requests[i].body, "\"lte\",\"value\":") <=
                    api_now() - 119 * SECOND);
    }
    /* the initial interval counts back from the tenant's time */
    assert_true(api_number(fake.requests[1].body, "\"gte\",\"value\":") <= api_now() - DAY);
    for (int i = 0; i < 3; i++) {
        api_later(300 * SECOND);
        assert_int_equal(api_look(), CXD_POLL_IDLE);
    }
    api_expect_each_once();
    api_finish();
}

static void test_a_clock_that_is_behind_reads_what_has_settled(void **state)
{
    (void)state;
    api.skew_ms = 5 * DAY;
    rows_make(300);
    api_begin("incidents", "");
    assert_int_equal(api_look(), CXD_POLL_IDLE);
    assert_int_equal(fake.event_count, 298); /* a Date is rounded down */
    api_finish();
    /* and after a start, when the cursor lies in this clock's future: one small request asks for the time */
    api_later(300 * SECOND);
    fake_forget();
    api_new_tenant();
    api_begin("incidents", "");
    assert_int_equal(api_look(), CXD_POLL_IDLE);
    assert_int_equal(fake.event_count, 2);
    assert_int_equal(fake.request_count, 2);
    api_finish();
}

static void test_without_a_date_this_clock_counts(void **state)
{
    int64_t began_ms = fake.wall_ms;

    (void)state;
    api.has_no_date = true;
    rows_make(250);
    api_begin("incidents", "");
    assert_int_equal(api_look(), CXD_POLL_IDLE);
    assert_int_equal(fake.event_count, 249);
    assert_int_equal(api_number(fake.requests[0].body, "\"lte\",\"value\":"),
                     began_ms - 120 * SECOND);
    api_finish();
}

static void test_keys_are_stamped_with_the_tenants_time(void **state)
{
    const struct fake_reply refused = {
        .status = 401, .body = "{}", .headers = "Date: Tue, 14 Nov 2023 23:13:20 GMT\n"};
    struct cxd_error err = CXD_ERROR_INIT;
    int64_t wait_ms = 0;

    (void)state;
    fake.answer = NULL;
    fake_script(&refused, 1);
    api_begin("incidents", ", 'advanced_sec_level': true");
    assert_int_equal(input_poll(api_instance, &wait_ms, &err), CXD_POLL_RETRY); /* an hour off */
    assert_non_null(strstr(err.text, "3599 s ahead"));
    fake.answer = api_answer;
    api.skew_ms = 3599 * SECOND;
    api_later(10 * SECOND);
    assert_int_equal(api_look(), CXD_POLL_IDLE);
    assert_in_range(api_number(fake.requests[1].headers, "x-xdr-timestamp: "),
                    api_now() - 2 * SECOND, api_now() + SECOND);
    api_finish();
}

/* A request that a broken connection made the HTTP library repeat has a nonce that was used. */
static void test_a_good_key_that_is_refused_is_tried_once_more(void **state)
{
    static const struct fake_reply refused[] = {{.status = 401, .body = "{}"},
                                                {.status = 401, .body = "{}"}};
    struct cxd_error err = CXD_ERROR_INIT;
    int64_t wait_ms = 0;

    (void)state;
    api_begin("incidents", ", 'advanced_sec_level': true");
    assert_int_equal(api_look(), CXD_POLL_IDLE);
    fake.answer = NULL;
    fake_script(refused, 2);
    api_later(300 * SECOND);
    assert_int_equal(input_poll(api_instance, &wait_ms, &err), CXD_POLL_RETRY);
    api_later(SECOND);
    assert_int_equal(input_poll(api_instance, &wait_ms, &err), CXD_POLL_FAILED);
    api_finish();
}

static void test_a_standard_key_is_not_tried_again(void **state)
{
    const struct fake_reply refused = {
        .status = 401, .body = "{}", .headers = "Date: Tue, 14 Nov 2023 23:13:20 GMT\n"};
    struct cxd_error err = CXD_ERROR_INIT;
    int64_t wait_ms = 0;

    (void)state;
    fake.answer = NULL;
    fake_script(&refused, 1);
    api_begin("incidents", "");
    assert_int_equal(input_poll(api_instance, &wait_ms, &err), CXD_POLL_FAILED);
    api_finish();
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, api_setup, api_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_a_clock_that_is_ahead_reads_no_further_than_the_tenant),
        CASE(test_a_clock_that_is_behind_reads_what_has_settled),
        CASE(test_without_a_date_this_clock_counts),
        CASE(test_keys_are_stamped_with_the_tenants_time),
        CASE(test_a_good_key_that_is_refused_is_tried_once_more),
        CASE(test_a_standard_key_is_not_tried_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
