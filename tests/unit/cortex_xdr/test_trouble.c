/* test_trouble.c: an API that does not page, and lists that hold what they should not. */
#include "api.h"

static struct fake_reply answer_always_the_same(const struct fake_request *request)
{
    (void)request;
    return (struct fake_reply){
        .body = "{\"reply\":{\"total_count\":390,\"result_count\":1,\"incidents\":[{\"id\":1,"
                "\"modification_time\":1699990000000}]}}"};
}

static void test_the_same_page_for_ever_is_degraded_and_nothing_is_lost(void **state)
{
    struct cxd_error err = CXD_ERROR_INIT;
    int64_t wait_ms = 0;
    int result = 0;

    (void)state;
    for (int id = 1; id <= 250; id++) {
        api_add(id, INT64_C(1699990000000) + id - 1, 0);
    }
    fake.answer = answer_always_the_same;
    api_begin("incidents", "");
    for (int i = 0; i < 100 && result != CXD_POLL_RETRY; i++) {
        result = input_poll(api_instance, &wait_ms, &err);
        api_later(100);
    }
    assert_int_equal(result, CXD_POLL_RETRY);
    assert_non_null(strstr(err.text, "incidents: the API does not page"));
    assert_int_equal(fake.mark_count, 0);
    assert_true(fake.request_count < 10);
    assert_int_equal(fake.event_count, 1);
    fake.answer = api_answer; /* the server was repaired */
    api_later(10 * SECOND);
    assert_int_equal(api_look(), CXD_POLL_IDLE);
    api_expect_each_once();
    assert_int_equal(fake.health, CXD_HEALTHY);
    api_finish();
}

/* Full pages of new rows, without an end and without a total. */
static struct fake_reply answer_without_end(const struct fake_request *request)
{
    static char text[9000];
    int64_t first = api_number(request->body, "\"search_from\":");
    size_t len =
        (size_t)snprintf(text, sizeof text, "{\"reply\":{\"total_count\":\"?\",\"incidents\":[");

    for (int i = 0; i < 100; i++) {
        len += (size_t)snprintf(text + len, sizeof text - len,
                                "%s{\"id\":%lld,\"modification_time\":1699990000000}",
                                i > 0 ? "," : "", (long long)(first + i));
    }
    (void)snprintf(text + len, sizeof text - len, "]}}");
    return (struct fake_reply){.body = text};
}

static void test_pages_without_end_halve_the_window(void **state)
{
    struct cxd_error err = CXD_ERROR_INIT;
    int64_t wait_ms = 0;
    int64_t to_ms[2];

    (void)state;
    fake.answer = answer_without_end;
    api_begin("incidents", ", 'requests_per_second': 1000");
    while (fake.request_count < 102) {
        (void)input_poll(api_instance, &wait_ms, &err);
        api_later(10);
    }
    to_ms[0] = api_number(fake.requests[99].body, "\"lte\",\"value\":");
    to_ms[1] = api_number(fake.requests[101].body, "\"lte\",\"value\":");
    assert_true(to_ms[1] < to_ms[0] - 11 * HOUR);
    assert_true(api_number(fake.requests[101].body, "\"search_from\":") <= 100);
    assert_int_equal(fake.event_count, 10000); /* known rows are not handed over again */
    api_finish();
}

static void test_what_is_no_object_does_not_hold_up_the_rest(void **state)
{
    const struct fake_reply replies[] = {
        {.body =
             "{\"reply\":{\"total_count\":5,\"incidents\":[{\"id\":1},7,\"text\",[],null,{\"id\":2,"
             "\"modification_time\":\"soon\"}]}}"}};

    (void)state;
    fake.answer = NULL;
    fake_script(replies, 1);
    api_begin("incidents", "");
    assert_int_equal(api_look(), CXD_POLL_IDLE);
    assert_int_equal(fake.event_count, 6);
    assert_int_equal(api_came(2), 1);
    assert_string_equal(fake.events[1], "!7"); /* dead letters */
    assert_string_equal(fake.events[2], "!text");
    assert_string_equal(fake.events[3], "![]");
    assert_string_equal(fake.events[4], "!null");
    assert_int_equal(fake.mark_count, 1);
    api_finish();
}

#define BIG_PAGE ((size_t)50 << 20)

static void test_a_page_of_50_mb_takes_less_than_three_times_its_size(void **state)
{
    char *page = malloc(BIG_PAGE + 1000);
    size_t len = (size_t)snprintf(page, 100, "{\"reply\":{\"total_count\":100,\"incidents\":[");
    const struct fake_reply reply = {.body = page};

    (void)state;
    for (int id = 0; id < 100; id++) {
        size_t end = BIG_PAGE / 100 * (size_t)(id + 1);

        len += (size_t)snprintf(page + len, 100,
                                "%s{\"id\":%d,\"modification_time\":1699990000000,"
                                "\"text\":\"",
                                id > 0 ? "," : "", id);
        memset(page + len, 'x', end - len);
        len = end;
        memcpy(page + len, "\"}", 2);
        len += 2;
    }
    (void)snprintf(page + len, 10, "]}}");
    fake.answer = NULL;
    fake_script(&reply, 1);
    api_begin("incidents", "");
    assert_int_equal(api_look(), CXD_POLL_IDLE);
    assert_int_equal(fake.event_count, 100);
    assert_true(fake.peak < 3 * BIG_PAGE);
    assert_true(fake.live < 2u << 20); /* and nothing of it stays until the next look */
    api_finish();
    free(page);
}

static void test_after_a_refusal_all_streams_of_the_tenant_wait(void **state)
{
    const struct fake_reply refused = {.status = 429, .headers = "Retry-After: 9\n"};
    struct cxd_error err = CXD_ERROR_INIT;
    int64_t wait_ms = 0;
    void *first;

    (void)state;
    api_begin("incidents", "");
    first = api_instance;
    fake.answer = NULL;
    fake_script(&refused, 1);
    assert_int_equal(input_poll(first, &wait_ms, &err), CXD_POLL_RETRY);
    assert_int_equal(err.retry_after_ms, 9000);
    fake.answer = api_answer;
    api.list = "data";
    api_begin("audit_management", "");
    api_later(8 * SECOND);
    assert_int_equal(input_poll(api_instance, &wait_ms, &err), CXD_POLL_WAITING);
    assert_in_range(wait_ms, 900, 1000);
    api_later(wait_ms);
    assert_int_equal(input_poll(api_instance, &wait_ms, &err), CXD_POLL_MORE);
    input_close(first);
    api_finish();
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, api_setup, api_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_the_same_page_for_ever_is_degraded_and_nothing_is_lost),
        CASE(test_pages_without_end_halve_the_window),
        CASE(test_what_is_no_object_does_not_hold_up_the_rest),
        CASE(test_a_page_of_50_mb_takes_less_than_three_times_its_size),
        CASE(test_after_a_refusal_all_streams_of_the_tenant_wait),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
