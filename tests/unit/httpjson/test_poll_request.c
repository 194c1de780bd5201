/*
 * test_poll_request.c: what is sent: options, credentials, redirects, chains, forms, and its trace.
 */
#include "poll_bench.h"

#include "io/http.h"

#include <unistd.h>

static void test_options_that_are_not_there_are_named(void **state)
{
    (void)state;
    expect_open_error("{'request': {'url': 'ftp://h'}}", "request.url");
    expect_open_error("{'request': {'url': 'http://h', 'method': 'PUT'}}", "request.method");
    expect_open_error(
        "{'request': {'url': 'http://h', 'transforms': [{'put': {'target': 'body.x'}}]}}",
        "request.transforms.0");
    expect_open_error("{'request': {'url': 'http://h', 'transforms': [{'set': {'target': "
                      "'cookie.x', 'value': 'y'}}]}}",
                      "cookie.x");
    expect_open_error("{'request': {'url': 'http://h', 'transforms': [{'set': {'target': 'body.x', "
                      "'vale': 'y'}}]}}",
                      "request.transforms.0.set.vale");
    expect_open_error("{'request': {'url': 'http://h', 'transforms': [{'set': {'target': 'body.x', "
                      "'value': '[[nosuch]]'}}]}}",
                      "function \"nosuch\" not defined");
    expect_open_error(
        "{'request': {'url': 'http://h'}, 'response': {'split': {'target': 'reply.x'}}}",
        "response.split.target");
    expect_open_error("{'request': {'url': 'http://h'}, 'response': {'split': {'target': 'body.x', "
                      "'type': 'tree'}}}",
                      "response.split.type");
    expect_open_error("{'request': {'url': 'http://h'}, 'response': {'transforms': [{'set': "
                      "{'target': 'header.x', 'value': 'y'}}]}}",
                      "header.x");
    expect_open_error("{'request': {'url': 'http://h', 'ssl': {'renegotation': 'never'}}}",
                      "request.ssl.renegotation");
    expect_open_error("{'request': {'url': 'http://h', 'rate_limit': {'burst': 2}}}",
                      "request.rate_limit.burst");
    expect_open_error("{'request': {'url': 'http://h'}, 'chain': [{'step': {'request': {'url': "
                      "'http://h', 'proxy': 'x'}}}]}",
                      "proxy");
    expect_open_error("{'request': {'url': 'http://h'}, 'cursor': {'a': {'valeu': 'x'}}}",
                      "cursor.a.valeu");
    expect_open_error("{'request': {'url': 'http://h'}, 'auth': {'oauth2': {'provider': 'acme', "
                      "'client': {'id': 'x'}}}}",
                      "auth.oauth2.provider");
    expect_open_error("{'request': {'url': 'http://h'}, 'config_version': 1}", "config_version");
}

static void test_basic_and_client_credentials(void **state)
{
    const struct fake_reply replies[] = {{.body = "[]"}};
    const struct fake_reply tokens[] = {{.status = 401},
                                        {.body = "{\"access_token\":\"T1\",\"expires_in\":3600}"},
                                        {.body = "[{\"a\":1}]"},
                                        {.status = 401},
                                        {.body = "{\"access_token\":\"T2\"}"},
                                        {.body = "[{\"a\":2}]"}};

    (void)state;
    fake_script(replies, 1);
    begin("{'request': {'url': 'http://h/x'}, 'auth': {'basic': {'user': 'Aladdin', 'password': "
          "'open sesame'}}}");
    assert_int_equal(interval(), CXD_POLL_IDLE);
    assert_non_null(
        strstr(fake.requests[0].headers, "*Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="));
    finish();
    fake_forget();
    fake_script(tokens, 6);
    begin("{'request': {'url': 'http://h/x'}, 'auth': {'oauth2': {'client': {'id': 'me', 'secret': "
          "'s&t'}, 'token_url': 'http://h/token',"
          " 'scopes': ['a', 'b'], 'endpoint_params': {'aud': ['x y']}}}}");
    assert_int_equal(interval(), CXD_POLL_IDLE);
    assert_string_equal(fake.requests[0].body, "grant_type=client_credentials&scope=a+b&aud=x+y");
    assert_non_null(strstr(fake.requests[0].headers, "*Authorization: Basic bWU6cyUyNnQ="));
    assert_string_equal(
        fake.requests[1].body,
        "grant_type=client_credentials&scope=a+b&client_id=me&client_secret=s%26t&aud=x+y");
    assert_non_null(strstr(fake.requests[2].headers, "*Authorization: Bearer T1"));
    next_interval(60000);
    assert_int_equal(interval(), CXD_POLL_IDLE);
    assert_int_equal(fake.request_count, 6);
    assert_non_null(strstr(fake.requests[5].headers, "*Authorization: Bearer T2"));
    assert_string_equal(fake.events[1], "{\"a\":2}");
    finish();
}

static void test_redirects_are_followed_without_secrets(void **state)
{
    const struct fake_reply replies[] = {
        {.status = 302, .headers = "Location: /y?z=1\n"},
        {.status = 307, .headers = "Location: https://other.example/w\n"},
        {.body = "[{\"a\":1}]"}};

    (void)state;
    fake_script(replies, 3);
    begin("{'request': {'url': 'http://h/x', 'method': 'POST', 'body': {'q': 1}, 'redirect': "
          "{'headers_ban_list': ['X-Drop']},"
          " 'transforms': [{'set': {'target': 'header.Authorization', 'value': 's'}}, {'set': "
          "{'target': 'header.X-Drop', 'value': 'd'}},"
          " {'set': {'target': 'header.X-Keep', 'value': 'k'}}]}}");
    assert_int_equal(interval(), CXD_POLL_IDLE);
    assert_int_equal(fake.request_count, 3);
    assert_string_equal(fake.requests[1].url, "http://h/y?z=1");
    assert_string_equal(fake.requests[1].method, "GET");
    assert_non_null(strstr(fake.requests[1].headers, "Authorization: s"));
    assert_null(strstr(fake.requests[1].headers, "X-Drop"));
    assert_string_equal(fake.requests[2].url, "https://other.example/w");
    assert_null(strstr(fake.requests[2].headers, "Authorization"));
    assert_non_null(strstr(fake.requests[2].headers, "X-Keep: k"));
    assert_int_equal(fake.event_count, 1);
    finish();
}

static void test_chains_ask_for_each_value(void **state)
{
    const struct fake_reply replies[] = {
        {.body = "{\"export\":\"E\",\"records\":[{\"id\":1},{\"id\":\"b\"}]}"},
        {.body = "{\"ready\":false}"},
        {.body = "{\"ready\":true,\"items\":[{\"v\":1},{\"v\":2}]}"},
        {.body = "{\"ready\":true,\"items\":[]}"}};

    (void)state;
    fake_script(replies, 4);
    begin("{'request': {'url': 'http://h/list'}, 'chain': [{'while': {'request': {'url': "
          "'http://h/$.export/item/$.records[:].id', 'method': 'GET'},"
          " 'replace': '$.records[:].id', 'replace_with': "
          "'$.export,.parent_last_response.body.export',"
          " 'until': '[[.last_response.body.ready]]', 'response': {'split': {'target': "
          "'body.items', 'ignore_empty_value': true}}}}],"
          " 'cursor': {'v': {'value': '[[.last_event.v]]'}}}");
    assert_int_equal(interval(), CXD_POLL_IDLE);
    assert_int_equal(fake.request_count, 4);
    assert_string_equal(fake.requests[1].url, "http://h/E/item/1");
    assert_string_equal(fake.requests[2].url, "http://h/E/item/1");
    assert_string_equal(fake.requests[3].url, "http://h/E/item/b");
    assert_int_equal(fake.event_count, 2);
    assert_string_equal(fake.events[1], "{\"v\":2}");
    assert_int_equal(fake.mark_count, 1);
    assert_int_equal(fake.health, CXD_HEALTHY);
    finish();
}

static void test_form_encoding_and_first_response(void **state)
{
    const struct fake_reply replies[] = {
        {.body = "{\"n\":1}"}, {.body = "{\"n\":2}"}, {.body = "{}"}};

    (void)state;
    fake_script(replies, 3);
    begin("{'request': {'url': 'http://h/x?b=2', 'method': 'POST', 'encode_as': "
          "'application/x-www-form-urlencoded',"
          " 'transforms': [{'set': {'target': 'url.params.a', 'value': 'x y'}}]}, 'response': "
          "{'save_first_response': true,"
          " 'pagination': [{'set': {'target': 'url.params.p', 'fail_on_template_error': true,"
          "  'value': "
          "'[[.first_response.body.n]]-[[.last_response.body.n]]-[[.first_event.n]]'}}]}}");
    assert_int_equal(interval(), CXD_POLL_IDLE);
    assert_int_equal(fake.request_count, 3);
    assert_string_equal(fake.requests[0].url, "http://h/x");
    assert_string_equal(fake.requests[0].body, "a=x+y&b=2");
    assert_string_equal(fake.requests[2].body, "a=x+y&b=2&p=1-2-1");
    assert_non_null(strstr(fake.requests[0].headers, "application/x-www-form-urlencoded"));
    finish();
}

static void test_the_tracer_masks_and_stays_within_its_size(void **state)
{
    char folder[] = "/tmp/cxd-tracer-XXXXXX";
    const struct fake_reply replies[] = {{.body = page1}, {.body = page2}, {.body = empty}};
    char path[200];
    char text[20000];
    FILE *file;
    size_t len;

    (void)state;
    assert_non_null(mkdtemp(folder));
    assert_int_equal(setenv("CORTEXD_LOG_DIR", folder, 1), 0);
    fake_script(replies, 3);
    begin("{'request': {'url': 'http://h/x?api_key=hidden&q=shown', 'tracer': {'filename': "
          "'../../logs/a/trace-*.ndjson'},"
          " 'transforms': [{'set': {'target': 'header.Authorization', 'value': 'hidden'}}]}}");
    assert_int_equal(interval(), CXD_POLL_IDLE);
    finish();
    (void)snprintf(path, sizeof path, "%s/a/trace-1700000000123.ndjson", folder);
    file = fopen(path, "r");
    assert_non_null(file);
    len = fread(text, 1, sizeof text - 1, file);
    text[len] = '\0';
    (void)fclose(file);
    assert_null(strstr(text, "hidden"));
    assert_non_null(strstr(text, "\"Authorization\":\"MASKED\""));
    assert_non_null(strstr(text, "api_key=MASKED&q=shown"));
    assert_non_null(strstr(text, "\"status\":200,\"body\":\"{\\\"reply"));
    (void)unlink(path);
    (void)snprintf(path, sizeof path, "%s/a", folder);
    (void)rmdir(path);
    (void)rmdir(folder);
    (void)unsetenv("CORTEXD_LOG_DIR");
}

/* What the host's HTTP makes of the options that are its own. */
static void test_the_transport_is_told_what_is_its_own(void **state)
{
    struct http_settings s;
    struct cxd_error err = CXD_ERROR_INIT;

    (void)state;
    begin("{'request': {'url': 'http://h', 'proxy_url': 'http://p', 'proxy_disable': true, "
          "'proxy_headers': {'X-A': ['1', 2], 'X-B': 'b'}, 'keep_alive': {'max_idle_connections': "
          "4, 'idle_connection_timeout': 90000}, 'ssl': {'certificate_authorities': '/ca', "
          "'ca_sha256': ['p'], 'cipher_suites': ['s'], 'curve_types': ['c', 'd'], "
          "'key_passphrase_path': '/k', 'renegotiation': 'never', 'supported_protocols': "
          "['TLSv1.2']}}}");
    assert_int_equal(
        http_settings_read((struct cxd_bytes){fake.client_options, fake.client_options_len},
                           fake_host.doc_get, &s, &err),
        0);
    assert_string_equal(s.proxy_url, "http://p");
    assert_int_equal(s.proxy_disable, 1);
    assert_int_equal(s.proxy_header_count, 3);
    assert_string_equal(s.proxy_headers[1].name, "X-A");
    assert_string_equal(s.proxy_headers[1].value, "2");
    assert_string_equal(s.proxy_headers[2].value, "b");
    assert_int_equal(s.max_idle, 4);
    assert_int_equal(s.idle_timeout_ms, 90000);
    assert_string_equal(s.ca[0], "/ca");
    assert_string_equal(s.pins[0], "p");
    assert_string_equal(s.suites[0], "s");
    assert_int_equal(s.curve_count, 2);
    assert_string_equal(s.key_passphrase_path, "/k");
    assert_int_equal(s.protocols, HTTP_TLS_1_2);
    finish();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_options_that_are_not_there_are_named),
        CASE(test_the_transport_is_told_what_is_its_own),
        CASE(test_basic_and_client_credentials),
        CASE(test_redirects_are_followed_without_secrets),
        CASE(test_chains_ask_for_each_value),
        CASE(test_form_encoding_and_first_response),
        CASE(test_the_tracer_masks_and_stays_within_its_size),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
