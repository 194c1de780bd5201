/*
 * test_poll.c: the input as a whole against a scripted server: the public integration's alert and incident streams as a user
 * brings them, paging and its stops, retries, limits, tokens, chains, bad replies, failing memory.
 */
#include "fake.h"

#include "input.h"

#include <unistd.h>

/* As the integration describes its v1 alerts stream (Advanced key). */
#define ALERTS(interval)                                                                           \
    "{'config_version': 2, 'interval': " interval ","                                              \
    " 'request': {'method': 'POST',"                                                               \
    "  'url': 'https://api-t.example/public_api/v1/alerts/get_alerts_multi_events', 'timeout': "   \
    "30000,"                                                                                       \
    "  'tracer': {'enabled': false, 'filename': "                                                  \
    "'../../logs/httpjson/http-request-trace-*.ndjson', 'maxbackups': 5},"                         \
    "  'rate_limit': {'limit': '[[.last_response.header.Get \\\"X-Rate-Limit-Limit\\\"]]',"        \
    "   'remaining': '[[.last_response.header.Get \\\"X-Rate-Limit-Remaining\\\"]]',"              \
    "   'reset': '[[(parseDate (.last_response.header.Get \\\"X-Rate-Limit-Reset\\\")).Unix]]'},"  \
    "  'transforms': ["                                                                            \
    "   {'set': {'target': 'header.x-xdr-timestamp', 'value': '[[mul (now).Unix 1000]]'}},"        \
    "   {'set': {'target': 'header.x-xdr-nonce', 'value': '[[hash \\\"sha256\\\" (uuid)]]'}},"     \
    "   {'set': {'target': 'header.Authorization', 'value':"                                       \
    "     '[[hash \\\"sha256\\\" (print \\\"the-token\\\" (.header.Get \\\"x-xdr-nonce\\\") "      \
    "(.header.Get \\\"x-xdr-timestamp\\\"))]]'}},"                                                 \
    "   {'set': {'target': 'header.x-xdr-auth-id', 'value': '7'}},"                                \
    "   {'set': {'target': 'body.request_data.sort.field', 'value': 'creation_time'}},"            \
    "   {'set': {'target': 'body.request_data.sort.keyword', 'value': 'asc'}},"                    \
    "   {'append': {'target': 'body.request_data.filters', 'value_type': 'json',"                  \
    "     'value': "                                                                               \
    "'{\\\"field\\\":\\\"creation_time\\\",\\\"operator\\\":\\\"gte\\\",\\\"value\\\":[[.cursor."  \
    "next_ts]]}',"                                                                                 \
    "     'default': "                                                                             \
    "'{\\\"field\\\":\\\"creation_time\\\",\\\"operator\\\":\\\"gte\\\",\\\"value\\\":[[mul (add " \
    "(now (parseDuration \\\"-24h\\\")).Unix) 1000]]}'}}]},"                                       \
    " 'response': {'split': {'target': 'body.reply.alerts', 'ignore_empty_value': true,"           \
    "   'split': {'target': 'body.events', 'keep_parent': true}},"                                 \
    "  'pagination': ["                                                                            \
    "   {'set': {'target': 'body.request_data.search_from', 'value_type': 'int', "                 \
    "'fail_on_template_error': true,"                                                              \
    "     'value': '[[if (ne (len .last_response.body.reply.alerts) 0)]][[mul "                    \
    ".last_response.page 100]][[end]]'}},"                                                         \
    "   {'set': {'target': 'body.request_data.search_to', 'value_type': 'int', "                   \
    "'fail_on_template_error': true,"                                                              \
    "     'value': '[[if (ne (len .last_response.body.reply.alerts) 0)]][[add (mul "               \
    ".last_response.page 100) 100]][[end]]'}}]},"                                                  \
    " 'cursor': {'next_ts': {'value': '[[.last_event.detection_timestamp]]'}}}"

static const char page1[] =
    "{\"reply\":{\"total_count\":3,\"result_count\":2,\"alerts\":["
    "{\"alert_id\":\"1\",\"big\":12345678901234567890123,\"cost\":1.10,\"events\":[{\"e\":1},{"
    "\"e\":2}],\"detection_timestamp\":1700000000001},"
    "{\"alert_id\":\"2\",\"events\":[],\"detection_timestamp\":1700000000002}]}}";
static const char page2[] =
    "{\"reply\":{\"total_count\":3,\"result_count\":1,\"alerts\":["
    "{\"alert_id\":\"3\",\"events\":null,\"detection_timestamp\":1700000000003}]}}";
static const char empty[] = "{\"reply\":{\"total_count\":0,\"result_count\":0,\"alerts\":[]}}";

static void *instance;

static void begin(const char *json)
{
    struct cxd_error err = CXD_ERROR_INIT;

    instance = NULL;
    if (input_open(&fake_host, NULL, fake_options(config_options, json), &instance, &err) < 0) {
        fail_msg("open: %s", err.text);
    }
}

static void finish(void)
{
    input_close(instance);
    assert_int_equal(fake.held, 0);
}

/* Polls until the interval is over, moving the clock over every wait. */
static int interval(void)
{
    struct cxd_error err = CXD_ERROR_INIT;
    int64_t wait_ms = 0;
    int result;

    for (int i = 0; i < 5000; i++) {
        result = input_poll(instance, &wait_ms, &err);
        if (result == CXD_POLL_WAITING) {
            assert_true(wait_ms > 0);
            fake.mono_ms += wait_ms;
            fake.wall_ms += wait_ms;
        } else if (result != CXD_POLL_MORE) {
            return result;
        }
    }
    fail_msg("no end");
    return -1;
}

static void next_interval(int64_t ms)
{
    fake.mono_ms += ms;
    fake.wall_ms += ms;
}

static void expect_open_error(const char *json, const char *part)
{
    struct cxd_error err = CXD_ERROR_INIT;
    void *none = NULL;

    if (input_open(&fake_host, NULL, fake_options(config_options, json), &none, &err) == 0) {
        input_close(none);
        fail_msg("opens: %s", json);
    }
    if (strstr(err.text, part) == NULL) {
        fail_msg("\"%s\" has no \"%s\"", err.text, part);
    }
    assert_int_equal(fake.held, 0);
}

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
         .headers = "Content-Type: application/json\nLink: <http://h/x?p=2>; rel=\"next\"\n"},
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
    expect_open_error("{'request': {'url': 'http://h', 'ssl': {'renegotiation': 'never'}}}",
                      "request.ssl.renegotiation");
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

static int setup(void **state)
{
    (void)state;
    fake_reset();
    return 0;
}

#define CASE(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_alerts_stream_runs_unchanged),
        CASE(test_the_cursor_goes_on_after_a_restart),
        CASE(test_an_empty_reply_gives_nothing_and_ends_paging),
        CASE(test_an_interval_is_kept),
        CASE(test_endless_pagination_is_stopped_and_told),
        CASE(test_links_page_until_there_is_none),
        CASE(test_failures_are_tried_again_and_then_told),
        CASE(test_bad_replies_degrade_and_lose_nothing),
        CASE(test_a_rate_limit_of_the_server_is_waited_for),
        CASE(test_incidents_stream_with_a_standard_key),
        CASE(test_options_that_are_not_there_are_named),
        CASE(test_basic_and_client_credentials),
        CASE(test_redirects_are_followed_without_secrets),
        CASE(test_chains_ask_for_each_value),
        CASE(test_form_encoding_and_first_response),
        CASE(test_the_tracer_masks_and_stays_within_its_size),
        CASE(test_hostile_templates_end_the_interval),
        CASE(test_a_large_page_takes_less_than_three_times_itself),
        CASE(test_every_allocation_may_fail),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
