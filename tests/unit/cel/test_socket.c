/*
 * test_socket.c: a service on this machine: every request of a program goes to its socket, whatever URL the program makes.
 */
#include "rig.h"

#define STREAM(url, call)                                                                          \
    "{'resource':{'url':'" url "'},'program':\"" call                                              \
    ".as(r, {'events':[{'message': string(r.Body) + ' ' + state.url}]})\"}"

static int reset(void **state)
{
    (void)state;
    fake_reset();
    rig_headers = NULL;
    return 0;
}

static void expect_requests(const char *json, const char *socket, const char *first,
                            const char *second)
{
    static const struct fake_reply replies[] = {
        {.status = 302, .headers = "Location: http://elsewhere.example/y\n"}, {.body = "good"}};
    struct cxd_error err = CXD_ERROR_INIT;

    fake_script(replies, 2);
    assert_int_equal(rig_try_as(settings_options, json, NULL, &err), 0);
    assert_int_equal(rig_period(), CXD_POLL_IDLE);
    assert_int_equal(fake.request_count, 2);
    assert_string_equal(fake.requests[0].url, first);
    assert_string_equal(fake.requests[1].url, "http://elsewhere.example/y");
    assert_string_equal(fake.requests[0].socket, socket);
    assert_string_equal(fake.requests[1].socket, socket);
    assert_string_equal(fake.events[0], second);
    rig_close();
    fake_forget();
}

static void test_every_request_goes_to_the_socket(void **state)
{
    (void)state;
    expect_requests(STREAM("http+unix://%2Frun%2Fa.sock/v1", "get(state.url + '/x')"),
                    "/run/a.sock", "http://unix-socket/v1/x", "good http://unix-socket/v1");
    expect_requests(STREAM("http+unix:///run/a.sock", "get('https://h/x')"), "/run/a.sock",
                    "https://h/x", "good http://unix-socket/run/a.sock");
    expect_requests(STREAM("http://h", "get(state.url)"), "", "http://h", "good http://h");
}

static void test_addresses_that_are_none_are_named(void **state)
{
    struct cxd_error err = CXD_ERROR_INIT;

    (void)state;
    assert_int_equal(
        rig_try_as(settings_options, STREAM("http+npipe:///p", "get(state.url)"), NULL, &err),
        CXD_UNSUPPORTED);
    assert_non_null(strstr(err.text, "resource.url: named pipes"));
    assert_int_equal(
        rig_try_as(settings_options, STREAM("http+unix://p", "get(state.url)"), NULL, &err),
        CXD_CONFIG);
    assert_non_null(strstr(err.text, "resource.url"));
    assert_int_equal(fake.held, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_every_request_goes_to_the_socket, reset),
        cmocka_unit_test_setup(test_addresses_that_are_none_are_named, reset),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
