/*
 * test_conduct.c: how a stream behaves towards its tenant: errors, pace, keys; its options, and memory that runs out.
 */
#include "table.h"

static void test_errors_wait_and_are_no_records(void **state)
{
    static const struct {
        int status;
        const char *headers;
        const char *body;
        int result;
        const char *text;
        int64_t retry_ms;
    } cases[] = {
        {429, "Retry-After: 9\n", "", CXD_POLL_RETRY, "too many requests", 9000},
        {429, "", "Too many requests", CXD_POLL_RETRY, "too many requests", 1000},
        {401, "",
         "{\"reply\":{\"err_code\":401,\"err_msg\":\"Public API request "
         "unauthorized\",\"err_extra\":null}}",
         CXD_POLL_FAILED, "unauthorized", -1},
        {402, "", "", CXD_POLL_FAILED, "licence", -1},
        {403, "", "", CXD_POLL_FAILED, "role", -1},
        {500, "", "{\"reply\":{\"err_code\":500,\"err_msg\":\"An error\",\"err_extra\":\"x\"}}",
         CXD_POLL_RETRY, "An error", -1},
        {502, "", "<html>", CXD_POLL_RETRY, "502", -1},
        {200, "", "{\"reply\":{\"err_code\":500,\"err_msg\":\"Missing required param\"}}",
         CXD_POLL_RETRY, "Missing required param", -1},
        {200, "", "{\"reply\":{\"total_count\":1}}", CXD_POLL_RETRY, "no list \"incidents\"", -1},
        {200, "", "{\"incidents\":[]}", CXD_POLL_RETRY, "no \"reply\"", -1},
        {200, "", "[]", CXD_POLL_RETRY, "no \"reply\"", -1},
        {200, "", "{\"reply\":{\"incidents\":[", CXD_POLL_RETRY, "JSON", -1},
    };
    struct fake_reply (*api)(const struct fake_request *) = fake.answer;

    (void)state;
    rows_make(5, fake.wall_ms - DAY / 2, 1000);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct fake_reply bad = {
            .status = cases[i].status, .body = cases[i].body, .headers = cases[i].headers};
        struct cxd_error err = CXD_ERROR_INIT;
        int64_t wait_ms = 0;
        int result;

        later(10000);
        free(fake.cursor);
        fake.cursor = NULL;
        fake.cursor_len = 0;
        fake.answer = NULL;
        fake_script(&bad, 1);
        begin(OPTIONS(""));
        result = input_poll(instance, &wait_ms, &err);
        if (result != cases[i].result || strstr(err.text, cases[i].text) == NULL ||
            err.retry_after_ms != cases[i].retry_ms) {
            fail_msg("case %zu: %d \"%s\" %lld", i, result, err.text,
                     (long long)err.retry_after_ms);
        }
        assert_null(strstr(err.text, "the-key"));
        assert_int_equal(fake.event_count, 0);
        assert_int_equal(fake.mark_count, 0);
        later(10000);
        fake.answer = api;
        assert_int_equal(look(), CXD_POLL_IDLE);
        assert_int_equal(fake.event_count, 5);
        finish();
        fake_forget();
        fake.mark_count = 0;
    }
}

static void test_one_pace_for_all_streams_of_a_tenant(void **state)
{
    void *streams[3];
    int64_t times[64];
    size_t count = 0;
    size_t before = 0;

    (void)state;
    rows_make(1000, fake.wall_ms - DAY / 2, 1000);
    later(10000);
    for (int i = 0; i < 3; i++) {
        begin(OPTIONS(", 'requests_per_second': 10"));
        streams[i] = instance;
    }
    while (count < 30) {
        for (int i = 0; i < 3; i++) {
            struct cxd_error err = CXD_ERROR_INIT;
            int64_t wait_ms = 0;

            (void)input_poll(streams[i], &wait_ms, &err);
            if (fake.request_count > before && count < 64) {
                before = fake.request_count;
                times[count++] = fake.mono_ms;
            }
        }
        later(7);
    }
    for (size_t i = 10; i < count; i++) {
        assert_true(times[i] - times[i - 10] >=
                    1000); /* never more than ten in a second, wherever it begins */
    }
    for (int i = 0; i < 3; i++) {
        input_close(streams[i]);
    }
    /* another tenant is not slowed */
    begin("{'type': 'cortex_xdr/incidents', 'domain': 'other.example', 'api_token': 'k', "
          "'token_id': '7'}");
    {
        struct cxd_error err = CXD_ERROR_INIT;
        int64_t wait_ms = 0;

        assert_int_equal(input_poll(instance, &wait_ms, &err), CXD_POLL_MORE);
    }
    finish();
}

static void test_advanced_keys_are_hashed_anew(void **state)
{
    char hash[65];
    struct heap heap = {&fake_host, NULL};

    (void)state;
    rows_make(150, fake.wall_ms - DAY / 2, 1000);
    later(10000);
    begin(OPTIONS(", 'advanced_sec_level': true"));
    assert_int_equal(look(), CXD_POLL_IDLE);
    assert_int_equal(fake.request_count, 2);
    for (size_t i = 0; i < 2; i++) {
        char nonce[65];
        char stamp[20];
        const char *headers = fake.requests[i].headers;

        assert_null(strstr(headers, "the-key"));
        (void)snprintf(nonce, sizeof nonce, "%.64s", strstr(headers, "x-xdr-nonce: ") + 13);
        (void)snprintf(stamp, sizeof stamp, "%.13s", strstr(headers, "x-xdr-timestamp: ") + 17);
        assert_int_equal(
            strspn(nonce, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"), 64);
        assert_int_equal(query_hash(&heap, CXD_LIT("the-key"), nonce, stamp, hash), 0);
        assert_non_null(strstr(headers, hash));
    }
    assert_memory_not_equal(strstr(fake.requests[0].headers, "x-xdr-nonce: "),
                            strstr(fake.requests[1].headers, "x-xdr-nonce: "), 77);
    /* known answer: SHA-256 of "abc" */
    assert_int_equal(query_hash(&heap, CXD_LIT("a"), "b", "c", hash), 0);
    assert_string_equal(hash, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    finish();
}

static void test_alerts_come_once_for_each_event(void **state)
{
    const struct fake_reply replies[] = {
        {.body = "{\"reply\":{\"total_count\":2,\"alerts\":[{\"alert_id\":1,\"local_insert_ts\":"
                 "1699999000000,\"n\":12345678901234567890,\"events\":[{\"a\":1},{\"a\":2}]},"
                 "{\"alert_id\":2,\"local_insert_ts\":1699999000001,\"events\":null}]}}"}};

    (void)state;
    fake.answer = NULL;
    fake_script(replies, 1);
    later(10000);
    begin("{'type': 'cortex_xdr/alerts-v1', 'url': 'http://h:1/', 'api_token': 'k', 'token_id': "
          "'7'}");
    assert_int_equal(look(), CXD_POLL_IDLE);
    assert_string_equal(fake.requests[0].url,
                        "http://h:1/public_api/v1/alerts/get_alerts_multi_events");
    assert_non_null(strstr(fake.requests[0].body,
                           "\"sort\":{\"field\":\"server_creation_time\",\"keyword\":\"asc\"}"));
    assert_int_equal(fake.event_count, 3);
    assert_string_equal(fake.events[1], "{\"alert_id\":1,\"local_insert_ts\":1699999000000,\"n\":"
                                        "12345678901234567890,\"events\":{\"a\":2}}");
    assert_string_equal(fake.events[2],
                        "{\"alert_id\":2,\"local_insert_ts\":1699999000001,\"events\":null}");
    finish();
}

static void test_options_are_checked(void **state)
{
    static const struct {
        const char *json;
        const char *part;
    } cases[] = {
        {"{'type': 'cortex_xdr/cases', 'domain': 'd', 'api_token': 'k', 'token_id': '1'}", "type"},
        {"{'type': 'cortex_xdr', 'domain': 'd', 'api_token': 'k', 'token_id': '1'}", "type"},
        {"{'type': 'cortex_xdr/incidents', 'api_token': 'k', 'token_id': '1'}", "domain"},
        {"{'type': 'cortex_xdr/incidents', 'domain': 'd', 'api_token': 'a b', 'token_id': '1'}",
         "api_token"},
        {"{'type': 'cortex_xdr/incidents', 'domain': 'd', 'api_token': 'k', 'token_id': '1', "
         "'interval': 5}",
         "interval"},
        {"{'type': 'cortex_xdr/incidents', 'domain': 'd', 'api_token': 'k', 'token_id': '1', "
         "'requests_per_second': 0}",
         "requests_per_second"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct cxd_error err = CXD_ERROR_INIT;
        void *none = NULL;

        assert_true(input_open(&fake_host, NULL, fake_options(config_options, cases[i].json), &none,
                               &err) < 0);
        assert_non_null(strstr(err.text, cases[i].part));
        assert_int_equal(fake.held, 0);
    }
}

static void test_every_allocation_may_fail(void **state)
{
    uint64_t total;

    (void)state;
    rows_make(150, fake.wall_ms - DAY / 2, 1000);
    begin(OPTIONS(", 'advanced_sec_level': true"));
    assert_int_equal(look(), CXD_POLL_IDLE);
    finish();
    total = fake.asked;
    for (uint64_t n = 1; n <= total; n++) {
        struct cxd_error err = CXD_ERROR_INIT;
        int64_t mono_ms = fake.mono_ms + 10000;

        fake_reset();
        fake.answer = answer_api;
        fake.fail_at = n;
        fake.mono_ms = mono_ms;
        instance = NULL;
        if (input_open(&fake_host, NULL,
                       fake_options(config_options, OPTIONS(", 'advanced_sec_level': true")),
                       &instance, &err) < 0) {
            assert_int_equal(err.status, CXD_NOMEM);
        } else {
            later(10000);
            assert_int_equal(look(), CXD_POLL_IDLE);
            for (int id = 0; id < 150; id++) {
                assert_int_equal(came(id, 1), 1); /* a failure is retried where it stood */
            }
            input_close(instance);
        }
        assert_int_equal(fake.held, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_errors_wait_and_are_no_records),
        CASE(test_one_pace_for_all_streams_of_a_tenant),
        CASE(test_advanced_keys_are_hashed_anew),
        CASE(test_alerts_come_once_for_each_event),
        CASE(test_options_are_checked),
        CASE(test_every_allocation_may_fail),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
