/*
 * test_sender.c: one request of a program: tries, redirects, headers, sizes; and where redirects lead.
 */
#include "sender_words.h"

#include "hop.h"
#include "io/gzip.h"

#include <unistd.h>

static void test_tries_follow_each_other_and_the_last_reply_is_the_programs(void **state)
{
    static const struct fake_reply replies[] = {
        {.status = 503},
        {.failure = CXD_CONNECT},
        {.status = 429, .headers = "Retry-After: 7\n"},
        {.body = "good", .headers = "x-got: a\nx-got: b\n"}};
    int64_t before;

    (void)state;
    SCRIPT(replies);
    open_with("{'resource':{" URL
              ",'retry':{'wait_min':1000,'wait_max':1500}}" ASK("get(state.url)") "}");
    before = fake.mono_ms;
    assert_int_equal(rig_period(), CXD_POLL_IDLE);
    assert_int_equal(fake.request_count, 4);
    assert_string_equal(fake.events[0], "200 200 OK|good|a,b");
    assert_true(fake.mono_ms - before >= 7000 + 500 + 750);
    assert_true(fake.mono_ms - before < 7000 + 1000 + 1500 + 2000);
    rig_close();
}

static void test_after_the_last_try_the_program_sees_what_there_is(void **state)
{
    static const struct fake_reply replies[] = {{.status = 500, .body = "a"},
                                                {.status = 502, .body = "b"},
                                                {.failure = CXD_TIMEOUT},
                                                {.failure = CXD_TLS},
                                                {.status = 501}};

    (void)state;
    SCRIPT(replies);
    open_with("{'interval':1000,'resource':{" URL
              ",'retry':{'max_attempts':2,'wait_min':10}}" ASK("get(state.url)") "}");
    assert_int_equal(rig_period(), CXD_POLL_IDLE);
    assert_string_equal(fake.events[0], "502 502 Bad Gateway|b|none");
    rig_close();
    fake.reply_next = 2; /* one that could not be made is made again; a bad certificate is not */
    open_with("{'interval':1000,'resource':{" URL
              ",'retry':{'max_attempts':2,'wait_min':10}}" ASK("get(state.url)") "}");
    assert_int_equal(rig_period(), CXD_POLL_IDLE);
    assert_string_equal(fake.events[1], "E GET \"https://api.example/x\": scripted failure");
    rig_later(1000);
    assert_int_equal(rig_period(), CXD_POLL_IDLE);
    assert_string_equal(fake.events[2], "501 501 Not Implemented||none");
    rig_close();
}

static void test_no_more_tries_than_told(void **state)
{
    static const struct fake_reply replies[] = {{.failure = CXD_CONNECT}, {.body = "no"}};

    (void)state;
    SCRIPT(replies);
    open_with("{'resource':{" URL ",'retry':{'max_attempts':1}}" ASK("get(state.url)") "}");
    assert_int_equal(rig_period(), CXD_POLL_IDLE);
    assert_int_equal(fake.request_count, 1);
    rig_close();
}

static void test_redirects_keep_secrets_from_other_hosts(void **state)
{
    static const struct fake_reply replies[] = {
        {.status = 302, .headers = "Location: /next?a=1#top\n"},
        {.status = 307, .headers = "Location: https://other.example/y\n"},
        {.body = "there"}};

    (void)state;
    SCRIPT(replies);
    open_with("{'auth':{'basic':{'user':'u','password':'pass-word'}},'resource':{" URL
              ",'redirect':{'headers_ban_list':['X-Ban'],'sensitive_headers':['X-Own']},"
              "'headers':{'X-Ban':'1','X-Own':'2','X-All':['3','4']}}" ASK(
                  "post(state.url, 'text/plain', 'body')") "}");
    assert_int_equal(rig_period(), CXD_POLL_IDLE);
    assert_string_equal(fake.events[0], "200 200 OK|there|none");
    assert_string_equal(fake.requests[0].method, "POST");
    assert_string_equal(fake.requests[0].body, "body");
    assert_non_null(strstr(fake.requests[0].headers, "X-Ban: 1\nX-Own: 2\nX-All: 3\nX-All: 4\n"));
    assert_non_null(strstr(fake.requests[0].headers, "*Authorization: Basic dTpwYXNzLXdvcmQ=\n"));
    assert_string_equal(fake.requests[1].method, "GET");
    assert_string_equal(fake.requests[1].url, "https://api.example/next?a=1");
    assert_string_equal(fake.requests[1].body, "");
    assert_null(strstr(fake.requests[1].headers, "X-Ban"));
    assert_non_null(strstr(fake.requests[1].headers, "X-Own"));
    assert_non_null(strstr(fake.requests[1].headers, "Authorization"));
    assert_string_equal(fake.requests[2].url, "https://other.example/y");
    assert_null(strstr(fake.requests[2].headers, "X-Own"));
    assert_null(strstr(fake.requests[2].headers, "Authorization"));
    assert_non_null(strstr(fake.requests[2].headers, "X-All"));
    rig_close();
}

static void test_redirects_without_end(void **state)
{
    static const struct fake_reply replies[] = {{.status = 302, .headers = "Location: x\n"},
                                                {.status = 302, .headers = "Location: x\n"},
                                                {.status = 302, .headers = "Location: x\n"}};

    (void)state;
    SCRIPT(replies);
    open_with("{'resource':{" URL ",'redirect':{'max_redirects':2}}" ASK("get(state.url)") "}");
    assert_int_equal(rig_period(), CXD_POLL_IDLE);
    assert_string_equal(fake.events[0],
                        "E GET \"https://api.example/x\": stopped after 2 redirects");
    rig_close();
}

static void test_the_program_sets_headers_and_a_line_end_is_none(void **state)
{
    static const struct fake_reply replies[] = {{.body = "ok"}, {.body = "ok"}};

    (void)state;
    SCRIPT(replies);
    open_with("{'interval':1000,'resource':{" URL ",'headers':{'x-a':'theirs'}}" ASK(
        "request('PUT', state.url, b'xyz').with({'Header':{'X-A':['mine'],'Accept-Encoding':"
        "['identity']}}).do_request()") "}");
    assert_int_equal(rig_period(), CXD_POLL_IDLE);
    assert_string_equal(fake.requests[0].method, "PUT");
    assert_string_equal(fake.requests[0].headers, "X-A: mine\nAccept-Encoding: identity\n");
    rig_close();
    open_with("{'resource':{" URL "}" ASK("request('GET', state.url).with({'Header':"
                                          "{'X-A':['a\\\\nEvil: b']}}).do_request()") "}");
    assert_int_equal(rig_period(), CXD_POLL_IDLE);
    assert_int_equal(fake.request_count, 1);
    assert_non_null(strstr(fake.events[1], "a header holds a line end"));
    rig_close();
    open_with("{'resource':{" URL "}" ASK("get('file:///etc/passwd')") "}");
    assert_int_equal(rig_period(), CXD_POLL_IDLE);
    assert_int_equal(fake.request_count, 1);
    assert_non_null(strstr(fake.events[2], "unsupported protocol scheme"));
    rig_close();
}

static void test_a_gzipped_reply_is_plain_for_the_program(void **state)
{
    static struct fake_reply replies[1];
    static char packed[256];
    struct cxd_error err = CXD_ERROR_INIT;
    struct cxd_gzip *gzip = NULL;
    struct cxd_bytes in = CXD_LIT("plain words");
    size_t len = 0;

    (void)state;
    assert_int_equal(gzip_new(6, &gzip, &err), 0);
    assert_int_equal(gzip_step(gzip, &in, packed, sizeof packed, &len, 1, &err), CXD_END);
    gzip_free(gzip);
    replies[0] = (struct fake_reply){
        .body = packed, .body_len = len, .headers = "Content-Encoding: gzip\nContent-Length: 31\n"};
    SCRIPT(replies);
    open_with(
        "{'resource':{" URL "},'program':\"get(state.url).as(r, {'events':[{'message':"
        "string(r.Body) + ' ' + string(r.Uncompressed) + ' ' + r.Header.encode_json()}]})\"}");
    assert_int_equal(rig_period(), CXD_POLL_IDLE);
    assert_string_equal(fake.events[0], "plain words true {}");
    rig_close();
}

static void test_a_reply_that_is_too_large(void **state)
{
    static const struct fake_reply replies[] = {{.body = "0123456789"}};

    (void)state;
    SCRIPT(replies);
    open_with("{'resource':{" URL ",'max_body_size':8}" ASK("get(state.url)") "}");
    assert_int_equal(rig_period(), CXD_POLL_IDLE);
    assert_non_null(strstr(fake.events[0], "reply is larger than 8 bytes"));
    rig_close();
}

static void test_where_redirects_lead(void **state)
{
    static const char *const rows[][3] = {
        {"https://h/a/b?c", "d", "https://h/a/d"},
        {"https://h/a/b?c", "/d#e", "https://h/d"},
        {"https://h/a/b?c", "?d", "https://h/a/b?d"},
        {"https://h", "d", "https://h/d"},
        {"https://h?x", "d?e=http://y", "https://h/d?e=http://y"},
        {"https://h/a", "//o/p", "https://o/p"},
        {"https://h/a", "http://o", "http://o"},
    };
    struct pool pool;

    (void)state;
    pool_init(&pool, 1u << 20);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_string_equal(hop_url(&pool, rows[i][0], rows[i][1]), rows[i][2]);
    }
    assert_false(hop_is_away("https://h/a", "https://H/b?c"));
    assert_true(hop_is_away("https://h/a", "https://h:8443/a"));
    assert_true(hop_is_away("https://h/a", "http://h/a"));
    assert_true(hop_is_away("https://h/a", "https://h.o/a"));
    pool_done(&pool);
}

/* Each allocation of the host failing in turn, on the long way: sign in, redirect, another try, a trace. */
static void test_failing_allocations_on_the_way(void **state)
{
    static const struct fake_reply replies[] = {
        {.body = "{\"access_token\":\"first-token\",\"expires_in\":3600}"},
        {.status = 302, .headers = "Location: /next\n"},
        {.status = 503},
        {.body = "good"}};
    char path[] = "/tmp/cel-trace-XXXXXX";
    char options[700];
    int fd = mkstemp(path);
    uint64_t n = 0;

    (void)state;
    assert_true(fd >= 0);
    (void)close(fd);
    (void)snprintf(options, sizeof options,
                   "{'auth':{'oauth2':{'client':{'id':'i','secret':'s'},"
                   "'token_url':'https://id.example/t'}},'resource':{" URL
                   ",'headers':{'A':'b'},'tracer':{'filename':'%s'}}" ASK("get(state.url)") "}",
                   path);
    do {
        struct cxd_error err = CXD_ERROR_INIT;
        int status;

        fake_reset();
        SCRIPT(replies);
        fake.fail_at = ++n;
        status = rig_try_as(settings_options, options, NULL, &err);
        if (status < 0) {
            assert_int_equal(status, CXD_NOMEM);
            assert_int_equal(fake.held, 0);
            continue;
        }
        status = rig_period();
        assert_true(status == CXD_POLL_IDLE || status == CXD_POLL_RETRY);
        if (status == CXD_POLL_IDLE && fake.event_count == 1) {
            assert_true(strcmp(fake.events[0], "200 200 OK|good|none") == 0 ||
                        fake.events[0][0] == '!');
        }
        rig_close();
    } while (fake.asked >= n);
    assert_true(n > 30);
    (void)unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_tries_follow_each_other_and_the_last_reply_is_the_programs),
        TEST(test_after_the_last_try_the_program_sees_what_there_is),
        TEST(test_no_more_tries_than_told),
        TEST(test_redirects_keep_secrets_from_other_hosts),
        TEST(test_redirects_without_end),
        TEST(test_the_program_sets_headers_and_a_line_end_is_none),
        TEST(test_a_gzipped_reply_is_plain_for_the_program),
        TEST(test_a_reply_that_is_too_large),
        TEST(test_where_redirects_lead),
        TEST(test_failing_allocations_on_the_way),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
