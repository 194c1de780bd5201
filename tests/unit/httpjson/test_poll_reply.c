/*
 * test_poll_reply.c: options that change what becomes of a reply: its form, its size, the body of further pages, and which headers
 * a redirect may carry.
 */
#include "poll_bench.h"

static void test_a_form_that_is_told_comes_before_the_replys_own(void **state)
{
    const struct fake_reply replies[] = {
        {.body = "a,b\n1,2\n3,4\n", .headers = "Content-Type: application/json\n"},
        {.body = "{\"a\":1}\n{\"a\":2}\n", .headers = "Content-Type: text/plain\n"},
        {.body = "{\"a\":1}\n{\"a\":2}\n", .headers = "Content-Type: application/x-ndjson\n"}};

    (void)state;
    fake_script(replies, 3);
    begin("{'request': {'url': 'http://h/'}, 'response': {'decode_as': 'text/csv'}}");
    assert_int_equal(interval(), CXD_POLL_IDLE);
    finish();
    assert_int_equal(fake.event_count, 2);
    assert_string_equal(fake.events[1], "{\"a\":\"3\",\"b\":\"4\"}");
    begin("{'request': {'url': 'http://h/'}}");
    assert_int_equal(interval(), CXD_POLL_IDLE);
    assert_int_equal(fake.health, CXD_DEGRADED); /* two values are no JSON */
    next_interval(60000);
    assert_int_equal(interval(), CXD_POLL_IDLE);
    assert_int_equal(fake.event_count, 4);
    finish();
    expect_open_error("{'request': {'url': 'http://h/'}, 'response': {'decode_as': 'text/yaml'}}",
                      "response.decode_as: text/yaml");
}

static void test_a_reply_that_is_too_large_is_said(void **state)
{
    static char large[3000];
    struct fake_reply replies[] = {{.body = large}, {.body = "[{\"a\":1}]"}};

    (void)state;
    memset(large, ' ', sizeof large - 1);
    memcpy(large, "[1]", 3);
    fake_script(replies, 2);
    begin("{'request': {'url': 'http://h/'}, 'response': {'max_body_size': 2048}}");
    assert_int_equal(interval(), CXD_POLL_IDLE);
    assert_int_equal(fake.health, CXD_DEGRADED);
    assert_non_null(strstr(fake.reason, "larger than 2048 bytes"));
    next_interval(60000);
    assert_int_equal(interval(), CXD_POLL_IDLE);
    assert_int_equal(fake.health, CXD_HEALTHY);
    assert_int_equal(fake.event_count, 1);
    finish();
}

#define PAGES(more)                                                                                \
    "{'request': {'url': 'http://h/', 'method': 'POST', 'body': {'q': 1}}, 'response': {" more     \
    "'pagination': [{'set': {'target': 'body.page', 'value': '[[.last_response.body.next]]', "     \
    "'fail_on_template_error': true}}]}}"

static void test_further_pages_carry_the_body_when_told(void **state)
{
    const struct fake_reply replies[] = {{.body = "{\"next\":\"n\"}"}, {.body = "{\"a\":1}"}};

    (void)state;
    fake_script(replies, 2);
    begin(PAGES(""));
    assert_int_equal(interval(), CXD_POLL_IDLE);
    finish();
    assert_string_equal(fake.requests[0].body, "{\"q\":1}");
    assert_string_equal(fake.requests[1].body, "{\"page\":\"n\"}");
    fake_forget();
    fake_script(replies, 2);
    begin(PAGES("'request_body_on_pagination': true, "));
    assert_int_equal(interval(), CXD_POLL_IDLE);
    finish();
    assert_string_equal(fake.requests[1].body, "{\"q\":1,\"page\":\"n\"}");
}

static void test_secrets_go_to_another_host_when_told(void **state)
{
    const struct fake_reply replies[] = {
        {.status = 302, .headers = "Location: http://other.example/\n"}, {.body = "[]"}};

    (void)state;
    fake_script(replies, 2);
    begin("{'request': {'url': 'http://h/', 'redirect': {'forward_headers': true, "
          "'headers_ban_list': ['X-Drop']}, 'transforms': [{'set': {'target': "
          "'header.Authorization', 'value': 's'}}, {'set': {'target': 'header.X-Drop', 'value': "
          "'d'}}]}}");
    assert_int_equal(interval(), CXD_POLL_IDLE);
    assert_non_null(strstr(fake.requests[1].headers, "*Authorization: s\n"));
    assert_null(strstr(fake.requests[1].headers, "X-Drop"));
    finish();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_a_form_that_is_told_comes_before_the_replys_own),
        CASE(test_a_reply_that_is_too_large_is_said),
        CASE(test_further_pages_carry_the_body_when_told),
        CASE(test_secrets_go_to_another_host_when_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
