/*
 * test_poll.c: the public integration's alert and incident streams as a user brings them, against a scripted server; paging and
 * its stops.
 */
#include "poll_bench.h"

static void test_alerts_stream_runs_unchanged(void **state)
{
    const struct fake_reply replies[] = {{.body = page1}, {.body = page2}, {.body = empty}};
    char want[65];
    char text[300];
    unsigned char digest[32];
    const char *nonce;

    (void)state;
    fake_script(replies, 3);
    begin(ALERTS("300000"));
    assert_int_equal(interval(), CXD_POLL_IDLE);
    assert_int_equal(fake.request_count, 3);
    assert_string_equal(fake.requests[0].method, "POST");
    assert_string_equal(
        fake.requests[0].body,
        "{\"request_data\":{\"sort\":{\"field\":\"creation_time\",\"keyword\":\"asc\"},\"filters\":"
        "["
        "{\"field\":\"creation_time\",\"operator\":\"gte\",\"value\":1699913600000}]}}");
    assert_string_equal(fake.requests[1].body, "{\"request_data\":{\"sort\":{\"field\":\"creation_"
                                               "time\",\"keyword\":\"asc\"},\"filters\":["
                                               "{\"field\":\"creation_time\",\"operator\":\"gte\","
                                               "\"value\":1700000000002}],\"search_from\":0,"
                                               "\"search_to\":100}}");
    assert_non_null(strstr(fake.requests[2].body, "\"search_from\":100,\"search_to\":200"));
    /* the Advanced key: hash of token, nonce and timestamp, as sent */
    nonce = strstr(fake.requests[0].headers, "x-xdr-nonce: ");
    assert_non_null(nonce);
    assert_non_null(strstr(fake.requests[0].headers, "x-xdr-timestamp: 1700000000000"));
    assert_non_null(strstr(fake.requests[0].headers, "x-xdr-auth-id: 7"));
    (void)snprintf(text, sizeof text, "the-token%.64s1700000000000",
                   nonce + strlen("x-xdr-nonce: "));
    fake_host.sha256(text, strlen(text), digest);
    for (int i = 0; i < 32; i++) {
        (void)snprintf(want + i * 2, 3, "%02x", digest[i]);
    }
    assert_non_null(strstr(fake.requests[0].headers, want));
    assert_non_null(strstr(fake.requests[0].headers, "*Authorization"));
    /* events: the alert again for each event, the one without as it is; numbers to the digit */
    assert_int_equal(fake.event_count, 4);
    assert_string_equal(fake.events[0],
                        "{\"alert_id\":\"1\",\"big\":12345678901234567890123,\"cost\":1.10,"
                        "\"events\":{\"e\":1},\"detection_timestamp\":1700000000001}");
    assert_string_equal(fake.events[1],
                        "{\"alert_id\":\"1\",\"big\":12345678901234567890123,\"cost\":1.10,"
                        "\"events\":{\"e\":2},\"detection_timestamp\":1700000000001}");
    assert_string_equal(fake.events[2],
                        "{\"alert_id\":\"2\",\"events\":[],\"detection_timestamp\":1700000000002}");
    assert_string_equal(
        fake.events[3],
        "{\"alert_id\":\"3\",\"events\":null,\"detection_timestamp\":1700000000003}");
    assert_int_equal(fake.mark_count, 2);
    assert_int_equal(fake.health, CXD_HEALTHY);
    finish();
}

static void test_the_cursor_goes_on_after_a_restart(void **state)
{
    const struct fake_reply replies[] = {{.body = page1}, {.body = empty}, {.body = empty}};

    (void)state;
    fake_script(replies, 3);
    begin(ALERTS("300000"));
    assert_int_equal(interval(), CXD_POLL_IDLE);
    finish();
    begin(ALERTS("300000"));
    assert_int_equal(interval(), CXD_POLL_IDLE);
    assert_non_null(strstr(fake.requests[2].body, "\"value\":1700000000002}"));
    finish();
}

static void test_an_empty_reply_gives_nothing_and_ends_paging(void **state)
{
    const struct fake_reply replies[] = {{.body = empty}};

    (void)state;
    fake_script(replies, 1);
    begin(ALERTS("300000"));
    assert_int_equal(interval(), CXD_POLL_IDLE);
    assert_int_equal(fake.request_count, 1);
    assert_int_equal(fake.event_count, 0);
    assert_int_equal(fake.mark_count, 0);
    assert_int_equal(fake.health, CXD_HEALTHY);
    finish();
}

static void test_an_interval_is_kept(void **state)
{
    const struct fake_reply replies[] = {{.body = empty}, {.body = empty}};
    struct cxd_error err = CXD_ERROR_INIT;
    int64_t wait_ms = 0;

    (void)state;
    fake_script(replies, 2);
    begin(ALERTS("300000"));
    assert_int_equal(interval(), CXD_POLL_IDLE);
    next_interval(299000);
    assert_int_equal(input_poll(instance, &wait_ms, &err), CXD_POLL_IDLE);
    assert_int_equal(wait_ms, 1000);
    assert_int_equal(fake.request_count, 1);
    next_interval(1000);
    assert_int_equal(interval(), CXD_POLL_IDLE);
    assert_int_equal(fake.request_count, 2);
    finish();
}

static struct fake_reply answer_always(const struct fake_request *request)
{
    (void)request;
    return (struct fake_reply){.body = page1};
}

static struct fake_reply answer_counting(const struct fake_request *request)
{
    static char body[200];

    (void)request;
    (void)snprintf(body, sizeof body,
                   "{\"reply\":{\"alerts\":[{\"alert_id\":%zu,\"detection_timestamp\":1}]}}",
                   fake.request_count);
    return (struct fake_reply){.body = body};
}

static void test_endless_pagination_is_stopped_and_told(void **state)
{
    (void)state;
    fake.answer = answer_always;
    begin(ALERTS("300000"));
    assert_int_equal(interval(), CXD_POLL_IDLE);
    assert_int_equal(fake.request_count, 3);
    assert_int_equal(fake.health, CXD_DEGRADED);
    assert_non_null(strstr(fake.reason, "endless pagination"));
    finish();
    fake_forget();
    fake.answer = answer_counting;
    begin("{'request': {'url': 'http://h/x'}, 'response': {'pagination_max_pages': 25, 'split': "
          "{'target': 'body.reply.alerts'},"
          " 'pagination': [{'set': {'target': 'url.params.page', 'value': '[[add "
          ".last_response.page 1]]'}}]}}");
    assert_int_equal(interval(), CXD_POLL_IDLE);
    assert_int_equal(fake.request_count, 25);
    assert_string_equal(fake.requests[24].url, "http://h/x?page=24");
    assert_int_equal(fake.health, CXD_DEGRADED);
    assert_non_null(strstr(fake.reason, "25 pages"));
    finish();
}

static void test_links_page_until_there_is_none(void **state)
{
    const struct fake_reply replies[] = {
        {.body = "[{\"a\":1},{\"a\":2}]",
         .headers = "Content-Type: application/json\nLink: <http://h/x>; rel=\"prev\"\n"
                    "link: <http://h/x?p=2>; rel=\"next\"\n"},
        {.body = "[{\"a\":3}]",
         .headers = "Content-Type: application/json\nLink: <http://h/x>; rel=\"prev\"\n"}};

    (void)state;
    fake_script(replies, 2);
    begin("{'request': {'url': 'http://h/x'}, 'response': {'pagination': [{'set': {'target': "
          "'url.value',"
          " 'value': '[[getRFC5988Link \\\"next\\\" .last_response.header.Link]]'}}]}}");
    assert_int_equal(interval(), CXD_POLL_IDLE);
    assert_int_equal(fake.request_count, 2);
    assert_string_equal(fake.requests[1].url, "http://h/x?p=2");
    assert_int_equal(fake.event_count, 3);
    assert_string_equal(fake.events[2], "{\"a\":3}");
    finish();
}

static void test_a_header_whose_name_is_computed(void **state)
{
    const struct fake_reply replies[] = {
        {.body = "[{\"a\":1}]", .headers = "Content-Type: application/json\nX-Page-Next: seven\n"},
        {.body = "[{\"a\":2}]"}};

    (void)state;
    fake_script(replies, 2);
    begin("{'request': {'url': 'http://h/x'}, 'response': {'pagination': [{'set': {'target': "
          "'url.params.page', 'fail_on_template_error': true,"
          " 'value': '[[.last_response.header.Get (print \\\"x-page\\\" \\\"-next\\\")]]'}}]}}");
    assert_int_equal(interval(), CXD_POLL_IDLE);
    assert_int_equal(fake.request_count, 2);
    assert_string_equal(fake.requests[1].url, "http://h/x?page=seven");
    finish();
}

static void test_incidents_stream_with_a_standard_key(void **state)
{
    const struct fake_reply replies[] = {
        {.body = "{\"reply\":{\"total_count\":1,\"result_count\":1,\"incidents\":[{\"incident_id\":"
                 "\"9\",\"modification_time\":1700000000009}],\"restricted_incident_ids\":[]}}"},
        {.body = "{\"reply\":{\"total_count\":0,\"result_count\":0,\"incidents\":[]}}"}};

    (void)state;
    fake_script(replies, 2);
    begin("{'interval': 300000, 'request': {'method': 'POST', 'url': "
          "'https://h/public_api/v1/incidents/get_incidents',"
          " 'transforms': [{'set': {'target': 'header.Authorization', 'value': 'plain-key'}},"
          " {'set': {'target': 'header.x-xdr-auth-id', 'value': '1'}},"
          " {'set': {'target': 'body.request_data.sort', 'value': '{\\\"field\\\": "
          "\\\"modification_time\\\", \\\"keyword\\\": \\\"asc\\\"}', 'value_type': 'json'}},"
          " {'append': {'target': 'body.request_data.filters', 'value_type': 'json',"
          "  'value': "
          "'{\\\"field\\\":\\\"modification_time\\\",\\\"operator\\\":\\\"gte\\\",\\\"value\\\":[[."
          "cursor.next_ts]]}',"
          "  'default': "
          "'{\\\"field\\\":\\\"modification_time\\\",\\\"operator\\\":\\\"gte\\\",\\\"value\\\":[["
          "mul (now (parseDuration \\\"-24h\\\")).Unix 1000]]}'}}]},"
          " 'response': {'split': {'target': 'body.reply.incidents', 'ignore_empty_value': true, "
          "'split': {'target': 'body.events', 'keep_parent': true}},"
          "  'pagination': [{'set': {'target': 'body.request_data.search_from', 'value': '[[if (ne "
          "(len .last_response.body.reply.incidents) 0)]][[mul .last_response.page 100]][[end]]', "
          "'value_type': 'int', 'fail_on_template_error': true, 'do_not_log_failure': true}}]},"
          " 'cursor': {'next_ts': {'value': '[[.last_event.modification_time]]'}}}");
    assert_int_equal(interval(), CXD_POLL_IDLE);
    assert_int_equal(fake.request_count, 2);
    assert_int_equal(fake.event_count, 1);
    assert_string_equal(fake.events[0],
                        "{\"incident_id\":\"9\",\"modification_time\":1700000000009}");
    assert_non_null(strstr(fake.requests[0].headers, "*Authorization: plain-key"));
    assert_string_equal(fake.requests[1].body,
                        "{\"request_data\":{\"sort\":{\"field\": \"modification_time\", "
                        "\"keyword\": \"asc\"},\"filters\":[{\"field\":\"modification_time\","
                        "\"operator\":\"gte\",\"value\":1700000000009}],\"search_from\":0}}");
    finish();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_alerts_stream_runs_unchanged),
        CASE(test_the_cursor_goes_on_after_a_restart),
        CASE(test_an_empty_reply_gives_nothing_and_ends_paging),
        CASE(test_an_interval_is_kept),
        CASE(test_endless_pagination_is_stopped_and_told),
        CASE(test_links_page_until_there_is_none),
        CASE(test_a_header_whose_name_is_computed),
        CASE(test_incidents_stream_with_a_standard_key),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
