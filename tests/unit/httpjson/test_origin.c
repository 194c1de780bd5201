/*
 * test_origin.c: where pages may come from: what is the same place, and what is refused.
 */
#include "poll_bench.h"

#define STREAM(hosts)                                                                              \
    "{'request': {'url': 'https://api.example/x', 'transforms': [{'set': {'target': "              \
    "'header.Authorization', 'value': 'k'}}]}, 'response': {'pagination_allowed_hosts': " hosts    \
    ", 'split': {'target': 'body.a'}, 'pagination': [{'set': {'target': 'url.value', 'value': "    \
    "'[[.last_response.body.next]]'}}]}}"

static bool same(const char *a, const char *b)
{
    struct origin one;
    struct origin two;

    assert_true(origin_read(bytes_of(a), &one) && origin_read(bytes_of(b), &two));
    return origin_is_same(&one, &two);
}

static void test_the_same_place_is_scheme_host_and_port(void **state)
{
    (void)state;
    assert_true(same("https://h", "HTTPS://H:443/a?b#c"));
    assert_true(same("http://h:80/", "http://user:pass@h"));
    assert_true(same("https://[2001:db8::1]/", "https://[2001:DB8::1]:443/x"));
    assert_false(same("https://h", "http://h"));
    assert_false(same("https://h", "https://h:8443"));
    assert_false(same("https://h", "https://h.example"));
    assert_false(same("http://h:443", "https://h:443"));
}

static void test_what_readers_may_understand_differently_is_no_place(void **state)
{
    static const char *const bad[] = {"",
                                      "h",
                                      "//h",
                                      "ftp://h",
                                      "https://",
                                      "https:///x",
                                      "https://:443",
                                      "https://good.example\\.evil.example/",
                                      "https://evil.example\\@good.example\\",
                                      "https://good.example%2f@evil example",
                                      "https://h:0",
                                      "https://h:65536",
                                      "https://h:-1",
                                      "https://h:80:90",
                                      "https://h\n",
                                      "https://h:4 4"};
    struct origin origin;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (origin_read(bytes_of(bad[i]), &origin)) {
            fail_msg("%s is taken", bad[i]);
        }
    }
    assert_false(origin_read((struct cxd_bytes){"http://h\0i", 10}, &origin));
}

static void test_pages_come_from_listed_places(void **state)
{
    const struct fake_reply replies[] = {
        {.body = "{\"a\":[1],\"next\":\"https://api.example:443/y\"}"},
        {.body = "{\"a\":[2],\"next\":\"https://CDN.example/z\"}"},
        {.body = "{\"a\":[3]}"}};

    (void)state;
    fake_script(replies, 3);
    begin(STREAM("['https://cdn.example']"));
    assert_int_equal(interval(), CXD_POLL_IDLE);
    assert_int_equal(fake.event_count, 3);
    assert_int_equal(fake.health, CXD_HEALTHY);
    finish();
}

static void expect_refused(const char *next, const char *part)
{
    char body[300];
    struct fake_reply reply = {.body = body};

    (void)snprintf(body, sizeof body, "{\"a\":[1],\"next\":\"%s\"}", next);
    fake_script(&reply, 1);
    begin(STREAM("['https://cdn.example']"));
    assert_int_equal(interval(), CXD_POLL_IDLE);
    assert_int_equal(fake.request_count, 1);
    assert_int_equal(fake.event_count, 1); /* what had come stays */
    assert_int_equal(fake.health, CXD_FAILED);
    if (strstr(fake.reason, part) == NULL) {
        fail_msg("\"%s\" has no \"%s\"", fake.reason, part);
    }
    finish();
    fake_forget();
}

static void test_pages_from_elsewhere_are_refused(void **state)
{
    (void)state;
    expect_refused("https://evil.example/?k", "https://evil.example:443, which is not among");
    expect_refused("http://api.example/y", "http://api.example:80");
    expect_refused("https://cdn.example:8443/", "cdn.example:8443");
    expect_refused("https://api.example@evil.example/", "evil.example:443");
    expect_refused("https://evil.example\\\\@api.example\\\\/", "an address that is none");
    expect_refused("file:///etc/passwd", "an address that is none");
}

static void test_a_page_may_redirect_to_a_listed_place(void **state)
{
    const struct fake_reply replies[] = {
        {.body = "{\"a\":[1],\"next\":\"https://api.example/y\"}"},
        {.status = 307, .headers = "Location: https://cdn.example/z?q=1\n"},
        {.body = "{\"a\":[2]}"}};

    (void)state;
    fake_script(replies, 3);
    begin(STREAM("['https://cdn.example']"));
    assert_int_equal(interval(), CXD_POLL_IDLE);
    assert_string_equal(fake.requests[2].url, "https://cdn.example/z?q=1");
    assert_null(strstr(fake.requests[2].headers, "Authorization"));
    assert_int_equal(fake.event_count, 2);
    finish();
}

static void test_a_page_that_redirects_elsewhere_is_refused(void **state)
{
    const struct fake_reply replies[] = {
        {.body = "{\"a\":[1],\"next\":\"https://cdn.example/y\"}"},
        {.status = 307, .headers = "Location: https://evil.example/\n"}};

    (void)state;
    fake_script(replies, 2);
    begin(STREAM("['https://cdn.example']"));
    assert_int_equal(interval(), CXD_POLL_IDLE);
    assert_int_equal(fake.request_count, 2);
    assert_non_null(strstr(fake.reason, "evil.example"));
    finish();
}

static void test_entries_that_are_no_places_are_named(void **state)
{
    (void)state;
    expect_open_error(STREAM("['https://cdn.example', 'api.example']"),
                      "response.pagination_allowed_hosts: api.example: expected a scheme");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_the_same_place_is_scheme_host_and_port),
        CASE(test_what_readers_may_understand_differently_is_no_place),
        CASE(test_pages_come_from_listed_places),
        CASE(test_pages_from_elsewhere_are_refused),
        CASE(test_a_page_may_redirect_to_a_listed_place),
        CASE(test_a_page_that_redirects_elsewhere_is_refused),
        CASE(test_entries_that_are_no_places_are_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
