/*
 * test_chain.c: steps with connections, credentials and redirects of their own, and those of the first request otherwise.
 */
#include "poll_bench.h"

#include "io/http.h"

#define FIRST                                                                                      \
    "'request': {'url': 'http://h/', 'redirect': {'headers_ban_list': ['X-Drop']}, "               \
    "'transforms': [{'set': {'target': 'header.X-Drop', 'value': 'd'}}]}, 'auth': {'basic': "      \
    "{'user': 'first', 'password': 'p'}}"
#define STEP(request, more)                                                                        \
    "{" FIRST                                                                                      \
    ", 'chain': [{'step': {'replace': '$.a[:]', 'request': {'url': 'http://s/$.a[:]'" request      \
    "}" more "}}]}"

static void expect_header(size_t request, const char *line)
{
    if (strstr(fake.requests[request].headers, line) == NULL) {
        fail_msg("request %zu has no \"%s\":\n%s", request, line, fake.requests[request].headers);
    }
}

static void test_a_step_has_what_the_first_request_has(void **state)
{
    const struct fake_reply replies[] = {{.body = "{\"a\":[1]}"},
                                         {.status = 302, .headers = "Location: /r\n"},
                                         {.body = "[{\"x\":1}]"}};

    (void)state;
    fake_script(replies, 3);
    begin(STEP(", 'transforms': [{'set': {'target': 'header.X-Drop', 'value': 'd'}}]", ""));
    assert_int_equal(interval(), CXD_POLL_IDLE);
    assert_int_equal(fake.clients, 1);
    assert_int_equal(fake.request_count, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(fake.requests[i].client, 0);
        expect_header(i, "*Authorization: Basic Zmlyc3Q6cA==\n");
    }
    expect_header(1, "X-Drop: d\n");
    assert_null(strstr(fake.requests[2].headers, "X-Drop"));
    assert_string_equal(fake.events[0], "{\"x\":1}");
    finish();
}

static void test_a_step_has_connections_of_its_own(void **state)
{
    const struct fake_reply replies[] = {{.body = "{\"a\":[1,2]}"},
                                         {.body = "[{\"x\":1}]"},
                                         {.status = 302, .headers = "Location: /r\n"}};
    struct http_settings s;
    struct cxd_error err = CXD_ERROR_INIT;

    (void)state;
    fake_script(replies, 3);
    begin(STEP(", 'ssl': {'certificate_authorities': ['/ca']}, 'keep_alive': {'disable': true, "
               "'idle_connection_timeout': '2m'}, 'redirect': {'max_redirects': 0}",
               ""));
    assert_int_equal(fake.clients, 2);
    assert_int_equal(
        http_settings_read((struct cxd_bytes){fake.client_options, fake.client_options_len},
                           fake_host.doc_get, &s, &err),
        0);
    assert_string_equal(s.ca[0], "/ca");
    assert_int_equal(s.idle_timeout_ms, 120000);
    assert_int_equal(interval(), CXD_POLL_IDLE);
    assert_int_equal(fake.requests[0].client, 0);
    assert_int_equal(fake.requests[1].client, 1);
    assert_null(strstr(fake.requests[0].headers, "Connection: close"));
    expect_header(1, "Connection: close\n");
    assert_int_equal(fake.request_count, 3);
    assert_non_null(strstr(fake.reason, "more than 0 redirects"));
    input_interrupt(instance); /* looks at both */
    finish();
}

static void test_a_step_is_somebody_else(void **state)
{
    const struct fake_reply replies[] = {{.body = "{\"a\":[1]}"},
                                         {.body = "{\"access_token\":\"T1\",\"expires_in\":3600}"},
                                         {.status = 401},
                                         {.body = "{\"access_token\":\"T2\",\"expires_in\":3600}"},
                                         {.body = "[{\"x\":1}]"}};

    (void)state;
    fake_script(replies, 5);
    begin(STEP(", 'proxy_url': 'http://p'",
               ", 'auth': {'oauth2': {'client': {'id': 'me', 'secret': 's'}, 'token_url': "
               "'http://t/'}}"));
    assert_int_equal(interval(), CXD_POLL_IDLE);
    assert_int_equal(fake.request_count, 5);
    assert_string_equal(fake.requests[1].url, "http://t/");
    assert_int_equal(fake.requests[1].client, 1); /* the token comes the step's way */
    expect_header(2, "*Authorization: Bearer T1\n");
    expect_header(4, "*Authorization: Bearer T2\n");
    assert_int_equal(fake.event_count, 1);
    finish();
}

static void test_what_a_step_does_not_know_is_named(void **state)
{
    static const char *const rows[][2] = {
        {STEP(", 'proxy': 'x'", ""), "chain.0.step: unknown option \"request.proxy\""},
        {STEP(", 'retry': {'max': 1}", ""), "unknown option \"request.retry.max\""},
        {STEP(", 'tracer': {'filename': 'x'}", ""), "unknown option \"request.tracer."},
        {STEP(", 'ssl': {'ca': 'x'}", ""), "chain.0.step.request.ssl.ca"},
        {STEP("", ", 'auth': {'basic': {'name': 'x'}}"), "unknown option \"auth.basic.name\""},
        {STEP("", ", 'auth': {'basic': {'user': 'x'}}"),
         "chain.0.step: auth.basic: user and password are needed"},
        {STEP("", ", 'auth': {'file': {'path': '/x', 'refresh_interval': 'often'}}"),
         "auth.file.refresh_interval"},
        {STEP(", 'redirect': {'max_redirects': 'x'}", ""), "request.redirect"},
        {STEP(", 'keep_alive': {'max_idle_connections': 'x'}", ""),
         "keep_alive.max_idle_connections"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        expect_open_error(rows[i][0], rows[i][1]);
    }
}

static void test_memory_that_runs_out_leaves_nothing(void **state)
{
    uint64_t fail_at = 1;
    int status;

    (void)state;
    do {
        struct cxd_error err = CXD_ERROR_INIT;

        fake_reset();
        fake.fail_at = fail_at++;
        instance = NULL;
        status = input_open(
            &fake_host, NULL,
            fake_options(config_options, STEP(", 'proxy_headers': {'A': 'b'}",
                                              ", 'auth': {'oauth2': {'client': {'id': 'me', "
                                              "'secret': 's'}, 'token_url': 'http://t/'}}")),
            &instance, &err);
        assert_true(status == 0 || err.status == CXD_NOMEM);
        input_close(instance);
        assert_int_equal(fake.held, 0);
    } while (status < 0);
    assert_in_range(fail_at, 5, 10000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_a_step_has_what_the_first_request_has),
        CASE(test_a_step_has_connections_of_its_own),
        CASE(test_a_step_is_somebody_else),
        CASE(test_what_a_step_does_not_know_is_named),
        CASE(test_memory_that_runs_out_leaves_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
