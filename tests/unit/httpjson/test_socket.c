/*
 * test_socket.c: services on this machine: what an address means, and that every request of a stream goes to its socket.
 */
#include "poll_bench.h"

#include "lib/socket_url.h"

static void expect_address(const char *url, const char *socket, const char *want)
{
    const struct heap heap = {&fake_host, NULL};
    struct cxd_error err = CXD_ERROR_INIT;
    struct cxd_bytes path = {NULL, 0};
    struct cxd_bytes rest = {NULL, 0};
    struct region r;
    int status = 1;

    region_init(&r, &heap, 1u << 16);
    assert_true(socket_url_read(&r, bytes_of(url), "request.url", &path, &rest, &status, &err));
    assert_int_equal(status, 0);
    assert_string_equal(path.ptr, socket);
    assert_string_equal(rest.ptr, want);
    region_done(&r);
}

static void test_addresses_name_a_socket_and_what_is_asked_for(void **state)
{
    const struct heap heap = {&fake_host, NULL};
    struct cxd_bytes none = {NULL, 0};
    struct region r;
    int status = 1;

    (void)state;
    expect_address("http+unix:///run/a.sock", "/run/a.sock", "http://unix-socket/run/a.sock");
    expect_address("http+unix:///run/a%20b?x=%2F#f", "/run/a b",
                   "http://unix-socket/run/a%20b?x=%2F");
    expect_address("https+unix://%2Frun%2fa.sock/v1/x?y=1", "/run/a.sock",
                   "https://unix-socket/v1/x?y=1");
    expect_address("http+unix://%2Frun%2Fa.sock", "/run/a.sock", "http://unix-socket/");
    expect_address("http+unix://%2Frun%2Fa.sock?q", "/run/a.sock", "http://unix-socket/?q");
    region_init(&r, &heap, 1u << 16);
    assert_false(socket_url_read(&r, CXD_LIT("http://h+unix/"), "", &none, &none, &status, NULL));
    assert_int_equal(status, 1);
    region_done(&r);
}

static void test_addresses_that_are_none_are_named(void **state)
{
    char url[300] = "{'request': {'url': 'http+unix:///";

    (void)state;
    memset(url + strlen(url), 'a', 107);
    memcpy(url + strlen(url), "'}}", 4);
    expect_open_error(url, "request.url: expected the socket's absolute path");
    expect_open_error("{'request': {'url': 'http+unix://'}}", "absolute path");
    expect_open_error("{'request': {'url': 'http+unix://run/a.sock'}}", "absolute path");
    expect_open_error("{'request': {'url': 'http+unix:///a%00b'}}", "absolute path");
    expect_open_error("{'request': {'url': 'http+npipe:///a'}}",
                      "request.url: named pipes are found on Windows alone");
    expect_open_error("{'request': {'url': 'http+other:///a'}}", "http+unix://");
    expect_open_error("{'request': {'url': 'unix:///a'}}", "http+unix://");
    expect_open_error("{'request': {'url': 'http://h'}, 'chain': [{'step': {'request': {'url': "
                      "'https+npipe:///a'}}}]}",
                      "chain.0.step.request.url: named pipes");
}

/* First and further pages, redirects to wherever; a step has an address of its own. */
static void test_all_of_a_stream_goes_to_its_socket(void **state)
{
    const struct fake_reply replies[] = {
        {.status = 302, .headers = "Location: /b\n"},
        {.status = 307, .headers = "Location: http://elsewhere.example/c\n"},
        {.body = "{\"a\":[7],\"next\":\"http://unix-socket/d\"}"},
        {.body = "[{\"x\":1}]"},
        {.body = "{\"a\":[]}"}};

    (void)state;
    fake_script(replies, 5);
    begin("{'request': {'url': 'http+unix://%2Frun%2Fa.sock/v1'}, 'response': {'pagination': "
          "[{'set': {'target': 'url.value', 'value': '[[.last_response.body.next]]'}}]}, 'chain': "
          "[{'step': {'replace': '$.a[:]', 'request': {'url': 'http://h/$.a[:]'}}}]}");
    assert_int_equal(interval(), CXD_POLL_IDLE);
    assert_int_equal(fake.request_count, 5);
    assert_string_equal(fake.requests[0].url, "http://unix-socket/v1");
    assert_string_equal(fake.requests[1].url, "http://unix-socket/b");
    assert_string_equal(fake.requests[2].url, "http://elsewhere.example/c");
    assert_string_equal(fake.requests[3].url, "http://h/7");
    assert_string_equal(fake.requests[4].url, "http://unix-socket/d");
    for (size_t i = 0; i < 5; i++) {
        assert_string_equal(fake.requests[i].socket, i == 3 ? "" : "/run/a.sock");
    }
    finish();
}

static void test_an_agent_without_sockets_is_told_from_one_with_them(void **state)
{
    struct cxd_host old = fake_host;
    struct cxd_error err = CXD_ERROR_INIT;
    void *none = NULL;

    (void)state;
    old.offers = (CXD_CAN_UNIX - 1);
    assert_int_equal(input_open(&old, NULL,
                                fake_options(config_options, "{'request': {'url': 'http+unix:///"
                                                             "run/a.sock'}}"),
                                &none, &err),
                     CXD_UNSUPPORTED);
    assert_non_null(strstr(err.text, "too old"));
    assert_int_equal(fake.held, 0);
}

static void test_memory_that_runs_out_is_an_error(void **state)
{
    const struct heap heap = {&fake_host, NULL};
    struct cxd_error err = CXD_ERROR_INIT;
    struct cxd_bytes path = {NULL, 0};
    struct cxd_bytes rest = {NULL, 0};
    struct region r;
    int status = 0;

    (void)state;
    for (size_t max = 0; max < 200; max++) {
        region_init(&r, &heap, max);
        assert_true(socket_url_read(&r, CXD_LIT("http+unix://%2Frun%2Fa/b"), "u", &path, &rest,
                                    &status, &err));
        assert_true(status == 0 || err.status == status);
        assert_true(r.status == 0 || status < 0);
        region_done(&r);
    }
    assert_int_equal(status, 0);
    assert_int_equal(fake.held, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_addresses_name_a_socket_and_what_is_asked_for),
        CASE(test_addresses_that_are_none_are_named),
        CASE(test_all_of_a_stream_goes_to_its_socket),
        CASE(test_an_agent_without_sockets_is_told_from_one_with_them),
        CASE(test_memory_that_runs_out_is_an_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
