/*
 * test_poll_trouble.c: retries, limits, bad replies, hostile templates, large pages, failing memory.
 */
#include "poll_bench.h"

static void test_failures_are_tried_again_and_then_told(void **state)
{
    const struct fake_reply replies[] = {{.status = 503},
                                         {.failure = CXD_CONNECT},
                                         {.status = 429, .headers = "Retry-After: 7\n"},
                                         {.body = page2},
                                         {.body = empty}};
    const struct fake_reply bad[] = {
        {.status = 500}, {.status = 500}, {.status = 500}, {.status = 500}, {.status = 500}};
    const struct fake_reply denied[] = {{.status = 401, .body = "{\"reply\":{\"err_code\":401}}"}};
    int64_t before;

    (void)state;
    fake_script(replies, 5);
    begin(ALERTS("300000"));
    before = fake.mono_ms;
    assert_int_equal(interval(), CXD_POLL_IDLE);
    assert_int_equal(fake.request_count, 5);
    assert_int_equal(fake.event_count, 1);
    assert_true(fake.mono_ms - before >= 7000);
    assert_string_not_equal(strstr(fake.requests[0].headers, "x-xdr-nonce"),
                            strstr(fake.requests[1].headers, "x-xdr-nonce"));
    assert_int_equal(fake.health, CXD_HEALTHY);
    next_interval(300000);
    fake_forget();
    fake_script(bad, 5);
    assert_int_equal(interval(), CXD_POLL_IDLE);
    assert_int_equal(fake.request_count, 5);
    assert_int_equal(fake.event_count, 0);
    assert_int_equal(fake.health, CXD_DEGRADED);
    assert_non_null(strstr(fake.reason, "giving up after 5 attempts"));
    next_interval(300000);
    fake_script(denied, 1);
    assert_int_equal(interval(), CXD_POLL_IDLE);
    assert_int_equal(fake.request_count, 6);
    assert_int_equal(fake.health, CXD_FAILED);
    assert_int_equal(fake.event_count, 0);
    finish();
}

static void test_bad_replies_degrade_and_lose_nothing(void **state)
{
    static const struct {
        const char *body;
        const char *reason;
    } cases[] = {
        {"{\"reply\":", "not JSON"},
        {"{\"reply\":{\"alerts\":[}}", "not JSON"},
        {"<html>no</html>", "not JSON"},
        {"{\"other\":1}", "has no reply.alerts"},
        {"{\"reply\":{\"err_code\":500,\"err_msg\":\"x\"}}", "has no reply.alerts"},
        {"{\"reply\":{\"alerts\":\"many\"}}", "not what the split expects"},
        {"{\"reply\":{\"alerts\":{\"a\":1}}}", "not what the split expects"},
        {"7", "neither an object nor a list"},
        {"[1,{\"reply\":{\"alerts\":[]}}]", "no object"},
        {"{\"reply\":{\"alerts\":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["
         "[[[[[[[[[[",
         "nested too deep"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct fake_reply reply = {.body = cases[i].body};

        fake_script(&reply, 1);
        begin(ALERTS("300000"));
        assert_int_equal(interval(), CXD_POLL_IDLE);
        assert_int_equal(fake.event_count, 0);
        assert_int_equal(fake.mark_count, 0);
        if (fake.health != CXD_DEGRADED || strstr(fake.reason, cases[i].reason) == NULL) {
            fail_msg("%s: %d \"%s\"", cases[i].body, fake.health, fake.reason);
        }
        finish();
        fake_forget();
    }
}

static void test_a_rate_limit_of_the_server_is_waited_for(void **state)
{
    const struct fake_reply replies[] = {
        {.body = page1,
         .headers = "Content-Type: application/json\nX-Rate-Limit-Limit: "
                    "10\nX-Rate-Limit-Remaining: 0\nX-Rate-Limit-Reset: 2023-11-14T22:14:20Z\n"},
        {.status = 429,
         .headers = "X-Rate-Limit-Remaining: 0\nX-Rate-Limit-Reset: 2023-11-14T22:15:20Z\n"},
        {.body = empty}};
    int64_t before;

    (void)state;
    fake_script(replies, 3);
    begin(ALERTS("300000"));
    before = fake.wall_ms;
    assert_int_equal(interval(), CXD_POLL_IDLE);
    assert_int_equal(fake.request_count, 3);
    assert_int_equal(fake.event_count, 3);
    assert_int_equal(fake.wall_ms - before, 119877);
    finish();
}

static void test_hostile_templates_end_the_interval(void **state)
{
    static const char *const templates[] = {
        "[[range 2000000000]][[end]]", "[[range 100000000]]xxxxxxxxxx[[end]]",
        "[[define \\\"a\\\"]][[template \\\"a\\\" .]][[end]][[template \\\"a\\\" .]]"};
    char json[400];

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        (void)snprintf(json, sizeof json,
                       "{'request': {'url': 'http://h/x', 'transforms': [{'set': {'target': "
                       "'header.x', 'value': '%s', 'default': 'd'}}]}}",
                       templates[i]);
        begin(json);
        assert_int_equal(interval(), CXD_POLL_IDLE);
        assert_int_equal(fake.request_count, 0);
        assert_int_equal(fake.health, CXD_DEGRADED);
        finish();
    }
}

static void test_a_large_page_takes_less_than_three_times_itself(void **state)
{
    enum { COUNT = 4000, EACH = 12800 };
    size_t len = 0;
    char *body = malloc((size_t)COUNT * (EACH + 100) + 100);
    struct fake_reply replies[2] = {{.body = body}, {.body = empty}};

    (void)state;
    len += (size_t)sprintf(body, "{\"reply\":{\"alerts\":[");
    for (int i = 0; i < COUNT; i++) {
        len += (size_t)sprintf(body + len, "%s{\"alert_id\":%d,\"detection_timestamp\":%d",
                               i > 0 ? "," : "", i, i);
        for (int k = 0; k < 100; k++) {
            len += (size_t)sprintf(body + len, ",\"field_%d\":\"%0110d\"", k, k);
        }
        body[len++] = '}';
    }
    len += (size_t)sprintf(body + len, "]}}");
    replies[0].body_len = len;
    fake_script(replies, 2);
    begin(ALERTS("300000"));
    assert_int_equal(interval(), CXD_POLL_IDLE);
    assert_int_equal(fake.event_count, COUNT);
    print_message("page of %zu bytes, peak %zu (%.2f times)\n", len, fake.peak,
                  (double)fake.peak / (double)len);
    assert_true(fake.peak < 3 * len);
    finish();
    free(body);
}

static void test_every_allocation_may_fail(void **state)
{
    const struct fake_reply replies[] = {{.body = page1}, {.body = page2}, {.body = empty}};
    uint64_t total;

    (void)state;
    fake_script(replies, 3);
    begin(ALERTS("300000"));
    assert_int_equal(interval(), CXD_POLL_IDLE);
    finish();
    total = fake.asked;
    for (uint64_t n = 1; n <= total; n++) {
        struct cxd_error err = CXD_ERROR_INIT;
        bool opened;

        fake_reset();
        fake_script(replies, 3);
        fake.fail_at = n;
        instance = NULL;
        opened = input_open(&fake_host, NULL, fake_options(config_options, ALERTS("300000")),
                            &instance, &err) == 0;
        if (!opened) {
            assert_int_equal(err.status, CXD_NOMEM);
        } else {
            int result = interval();

            assert_true(result == CXD_POLL_RETRY || result == CXD_POLL_IDLE);
            if (result == CXD_POLL_IDLE) {
                /* it was survived (a header not kept, a log line), or it is told */
                assert_true(fake.event_count == 4 || fake.health != CXD_HEALTHY);
            }
            /* and the next try brings everything */
            fake_forget();
            fake_script(replies, 3);
            next_interval(300000);
            assert_int_equal(interval(), CXD_POLL_IDLE);
            assert_int_equal(fake.event_count, 4);
            assert_int_equal(fake.marked_events, 4);
            input_close(instance);
        }
        assert_int_equal(fake.held, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_failures_are_tried_again_and_then_told),
        CASE(test_bad_replies_degrade_and_lose_nothing),
        CASE(test_a_rate_limit_of_the_server_is_waited_for),
        CASE(test_hostile_templates_end_the_interval),
        CASE(test_a_large_page_takes_less_than_three_times_itself),
        CASE(test_every_allocation_may_fail),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
