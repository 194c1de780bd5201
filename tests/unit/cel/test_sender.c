/*
 * test_sender.c: one request of a program: tries, waits, redirects, credentials, headers; and the pure parts beside it: pace,
 * redirect targets, digest answers, masks.
 */
#include "rig.h"

#include "hop.h"
#include "io/gzip.h"

#include <sys/stat.h>
#include <unistd.h>

static int reset(void **state)
{
    (void)state;
    fake_reset();
    rig_headers = NULL;
    return 0;
}

static void open_with(const char *json)
{
    struct cxd_error err = CXD_ERROR_INIT;

    if (rig_try_as(settings_options, json, NULL, &err) < 0) {
        fail_msg("open: %s", err.text);
    }
}

#define SCRIPT(replies) fake_script(replies, sizeof(replies) / sizeof(replies)[0])
#define URL "'url':'https://api.example/x'"
/* A program that makes one request and tells status, body and a header of it, or the error. */
#define ASK(call)                                                                                  \
    ",'program':\"try(" call ", 'e').as(r, {'events':[{'message': has(r.e) ? 'E ' + r.e : "        \
    "string(r.StatusCode) + ' ' + r.Status + '|' + string(r.Body) + '|' + "                        \
    "r.?Header['X-Got'].orValue(['none']).join(',')}]})\""

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

static void test_basic_and_token_are_for_direct_calls_alone(void **state)
{
    static const struct fake_reply replies[] = {{.body = "ok"}, {.body = "ok"}};

    (void)state;
    SCRIPT(replies);
    open_with("{'auth':{'token':{'type':'Token','value':'some-value'}},'resource':{" URL
              "}" ASK("get(state.url).as(x, get_request(state.url).do_request())") "}");
    assert_int_equal(rig_period(), CXD_POLL_IDLE);
    assert_non_null(strstr(fake.requests[0].headers, "*Authorization: Token some-value\n"));
    assert_null(strstr(fake.requests[1].headers, "Authorization"));
    rig_close();
}

static void test_oauth_signs_in_once_and_again_when_refused(void **state)
{
    static const struct fake_reply replies[] = {
        {.body = "{\"access_token\":\"first-token\",\"expires_in\":3600}"},
        {.body = "one"},
        {.body = "two"},
        {.status = 401},
        {.body = "{\"access_token\":\"second-token\",\"expires_in\":3600}"},
        {.body = "three"}};

    (void)state;
    SCRIPT(replies);
    open_with("{'auth':{'oauth2':{'client':{'id':'i','secret':'s'},"
              "'token_url':'https://id.example/t'}},'resource':{" URL
              "}" ASK("get_request(state.url).as(r, r.do_request().as(a, r.do_request().as(b, "
                      "r.do_request())))") "}");
    assert_int_equal(rig_period(), CXD_POLL_IDLE);
    assert_string_equal(fake.events[0], "200 200 OK|three|none");
    assert_int_equal(fake.request_count, 6);
    assert_string_equal(fake.requests[0].url, "https://id.example/t");
    assert_non_null(strstr(fake.requests[2].headers, "*Authorization: Bearer first-token\n"));
    assert_non_null(strstr(fake.requests[5].headers, "*Authorization: Bearer second-token\n"));
    rig_close();
}

static void test_digest_answers_a_challenge_and_uses_it_again(void **state)
{
    static const struct fake_reply replies[] = {
        {.status = 401,
         .headers = "WWW-Authenticate: Digest realm=\"r\", nonce=\"n1\", qop=\"auth\", "
                    "algorithm=MD5, opaque=\"o\"\n"},
        {.body = "in"},
        {.body = "again"}};

    (void)state;
    SCRIPT(replies);
    open_with("{'auth':{'digest':{'user':'u','password':'pass-word'}},'resource':{" URL
              "}" ASK("get_request(state.url).as(r, r.do_request().as(a, r.do_request()))") "}");
    assert_int_equal(rig_period(), CXD_POLL_IDLE);
    assert_string_equal(fake.events[0], "200 200 OK|again|none");
    assert_int_equal(fake.request_count, 3);
    assert_null(strstr(fake.requests[0].headers, "Authorization"));
    assert_non_null(strstr(fake.requests[1].headers, "*Authorization: Digest username=\"u\""));
    assert_non_null(strstr(fake.requests[1].headers, "nc=00000001"));
    assert_non_null(strstr(fake.requests[1].headers, "uri=\"/x\""));
    assert_non_null(strstr(fake.requests[2].headers, "nc=00000002"));
    rig_close();
}

static void test_a_header_from_a_file_that_nobody_else_reads(void **state)
{
    static const struct fake_reply replies[] = {{.body = "a"}, {.body = "b"}};
    char options[600];
    char path[] = "/tmp/cel-auth-XXXXXX";
    int fd = mkstemp(path);

    (void)state;
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "file-token\n", 11), 11);
    (void)close(fd);
    SCRIPT(replies);
    (void)snprintf(options, sizeof options,
                   "{'auth':{'file':{'path':'%s','prefix':'Bearer ','header':'X-Key'}},"
                   "'resource':{" URL "}" ASK("get_request(state.url).do_request()") "}",
                   path);
    open_with(options);
    assert_int_equal(rig_period(), CXD_POLL_IDLE);
    assert_non_null(strstr(fake.requests[0].headers, "*X-Key: Bearer file-token\n"));
    rig_close();
    assert_int_equal(chmod(path, 0644), 0);
    open_with(options);
    assert_int_equal(rig_period(), CXD_POLL_IDLE);
    assert_non_null(strstr(fake.events[1], "is open to others"));
    rig_close();
    (void)unlink(path);
}

static void test_requests_keep_their_pace(void **state)
{
    static const struct fake_reply replies[] = {
        {.body = "a"}, {.body = "a"}, {.body = "a"}, {.body = "a"}, {.body = "a"}};
    int64_t before;

    (void)state;
    SCRIPT(replies);
    open_with("{'resource':{" URL ",'rate_limit':{'limit':2,'burst':2}},"
              "'program':\"[1,2,3,4].map(x, get(state.url)).as(l, {'events':[]})\"}");
    before = fake.mono_ms;
    assert_int_equal(rig_period(), CXD_POLL_IDLE);
    assert_int_equal(fake.request_count, 4);
    assert_in_range(fake.mono_ms - before, 850, 1500);
    rig_close();
}

static void test_a_rate_that_the_program_tells(void **state)
{
    static const struct fake_reply replies[] = {{.body = "a"}, {.body = "a"}};
    int64_t before;

    (void)state;
    SCRIPT(replies);
    open_with("{'interval':1000,'resource':{" URL "},"
              "'program':\"get(state.url).as(r, {'events':[],'rate_limit':{'rate':0,'burst':1,"
              "'next':5,'reset':now+duration('90s')}})\"}");
    before = fake.mono_ms;
    assert_int_equal(rig_period(), CXD_POLL_IDLE);
    rig_later(1000);
    assert_int_equal(rig_period(), CXD_POLL_IDLE);
    assert_int_equal(fake.request_count, 2);
    assert_in_range(fake.mono_ms - before, 90000, 92000);
    rig_close();
}

static void test_too_many_requests_told_by_status_code_is_waited_for(void **state)
{
    int64_t before;

    (void)state;
    open_with("{'state':{'n':0},'resource':{" URL "},"
              "'program':\"state.with(state.n < 1.0 ? {'events':[{'message':'not yet'}],'n':1,"
              "'status_code':429,'header':{'Retry-After':['30']}} : "
              "{'events':[{'message':'now'}],'status_code':200})\"}");
    before = fake.mono_ms;
    assert_int_equal(rig_period(), CXD_POLL_IDLE);
    assert_int_equal(fake.event_count, 1);
    assert_string_equal(fake.events[0], "now");
    assert_in_range(fake.mono_ms - before, 30000, 30100);
    rig_close();
    open_with("{'resource':{" URL "},'program':\"{'events':[{'message':'x'}],"
              "'status_code':500}\"}");
    assert_int_equal(rig_period(), CXD_POLL_IDLE);
    assert_int_equal(fake.event_count, 1);
    assert_int_equal(fake.health, CXD_DEGRADED);
    assert_string_equal(fake.reason, "failed http request with status 500");
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

/* The example of RFC 7616, section 3.9.1. */
static void test_digest_as_the_standard_has_it(void **state)
{
    struct heap heap = {&rig_host, NULL};
    struct challenge c = {0};
    struct challenge_ask ask = {.user = CXD_LIT("Mufasa"),
                                .password = CXD_LIT("Circle of Life"),
                                .method = CXD_LIT("GET"),
                                .uri = CXD_LIT("/dir/index.html"),
                                .cnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"};
    struct text out;

    (void)state;
    rig_host = fake_host;
    text_init(&out, &heap, 4096);
    assert_true(challenge_read(&c, "Digest realm=\"http-auth@example.org\", qop=\"auth, auth-int\","
                                   " algorithm=MD5, "
                                   "nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", "
                                   "opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\""));
    challenge_answer(&c, &ask, rig_host.sha256, &out);
    assert_non_null(strstr(out.ptr, "response=\"8ca523f5e9506fed4657c9700eebdbec\""));
    text_clear(&out);
    assert_true(challenge_read(&c, "Digest realm=\"http-auth@example.org\", qop=\"auth, auth-int\","
                                   " algorithm=SHA-256, "
                                   "nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", "
                                   "opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\""));
    challenge_answer(&c, &ask, rig_host.sha256, &out);
    assert_non_null(strstr(
        out.ptr, "response=\"753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1\""));
    text_done(&out);
    assert_false(challenge_read(&c, "Basic realm=\"x\""));
    assert_false(challenge_read(&c, "Digest realm=\"x\", nonce=\"y\", qop=\"auth-int\""));
    assert_false(challenge_read(&c, "Digest realm=\"x\", nonce=\"y\", algorithm=SHA-512"));
    assert_false(challenge_read(&c, "Digest realm=\"x"));
    assert_false(challenge_read(&c, NULL));
}

static void test_masks(void **state)
{
    struct mask mask = {.count = 0};
    char text[] = "GET https://h/p?key=abc failed: geheimes, geheimes (https://h/?x=\"y) short";

    (void)state;
    mask_add(&mask, CXD_LIT("geheimes"));
    mask_add(&mask, CXD_LIT("short"));
    mask_apply(&mask, text, strlen(text));
    assert_string_equal(
        text, "GET https://h/p?******* failed: ********, ******** (https://h/?**\"y) short");
    assert_true(mask_sounds_secret(CXD_LIT("X-Api-KEY")));
    assert_true(mask_sounds_secret(CXD_LIT("Proxy-Authorization")));
    assert_false(mask_sounds_secret(CXD_LIT("Content-Type")));
}

static void test_pace(void **state)
{
    struct rate rate;

    (void)state;
    rate_init(&rate, -1, 1, 0);
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(rate_take(&rate, 0), 0);
    }
    rate_init(&rate, 4, 2, 1000);
    assert_int_equal(rate_take(&rate, 1000), 0);
    assert_int_equal(rate_take(&rate, 1000), 0);
    assert_in_range(rate_take(&rate, 1000), 249, 251);
    assert_int_equal(rate_take(&rate, 1251), 0);
    assert_int_equal(rate_take(&rate, 90000), 0);
    assert_int_equal(rate_take(&rate, 90000), 0);
    assert_true(rate_take(&rate, 90000) > 0); /* saved-up time is worth no more than the burst */
    rate_hold(&rate, 5000, 1, 90000);
    assert_int_equal(rate_take(&rate, 92000), 3000);
    assert_true(rate_take(&rate, 96000) >= 0);
    rate_set(&rate, 0, 1, 96000);
    (void)rate_take(&rate, 96000);
    assert_int_equal(rate_take(&rate, 97000), RATE_WAIT_MAX_MS);
}

static void test_a_trace_without_secrets(void **state)
{
    static const struct fake_reply replies[] = {
        {.body = "answer for pass-word", .headers = "Set-Cookie: s=1\nX-Got: 2\n"}};
    char options[600];
    char path[] = "/tmp/cel-trace-XXXXXX";
    char text[2048];
    int fd = mkstemp(path);
    ssize_t len;

    (void)state;
    assert_true(fd >= 0);
    SCRIPT(replies);
    (void)snprintf(options, sizeof options,
                   "{'auth':{'basic':{'user':'u','password':'pass-word'}},'resource':{" URL
                   ",'tracer':{'filename':'%s'}}" ASK("get(state.url+'?k=v')") "}",
                   path);
    open_with(options);
    assert_int_equal(rig_period(), CXD_POLL_IDLE);
    rig_close();
    len = read(fd, text, sizeof text - 1);
    assert_true(len > 0);
    text[len] = '\0';
    assert_string_equal(
        text, "{\"@timestamp_ms\":1700000000123,\"event\":\"request\",\"method\":\"GET\","
              "\"url\":\"https://api.example/x?***\",\"headers\":{\"Accept-Encoding\":\"gzip\","
              "\"Authorization\":\"MASKED\"},\"body\":\"\"}\n"
              "{\"@timestamp_ms\":1700000000173,\"event\":\"response\",\"status\":200,\"headers\":"
              "{\"Set-Cookie\":\"MASKED\",\"X-Got\":\"2\"},\"body\":\"answer for *********\"}\n");
    (void)close(fd);
    (void)unlink(path);
}

static int told;
static void tell(struct cxd_self *self, int health, const char *reason)
{
    (void)self;
    told += health == CXD_DEGRADED && strcmp(reason, "the server answers 503") == 0;
    fake.health = health;
}

static void test_a_long_wait_is_told_and_taken_back(void **state)
{
    static const struct fake_reply replies[] = {{.status = 503, .headers = "Retry-After: 40\n"},
                                                {.body = "good"}};

    (void)state;
    told = 0;
    SCRIPT(replies);
    open_with("{'resource':{" URL "}" ASK("get(state.url)") "}");
    rig_host.health = tell;
    assert_int_equal(rig_period(), CXD_POLL_IDLE);
    assert_int_equal(told, 1);
    assert_int_equal(fake.health, CXD_HEALTHY);
    rig_close();
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

#define TEST(name) cmocka_unit_test_setup_teardown(name, reset, reset)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_tries_follow_each_other_and_the_last_reply_is_the_programs),
        TEST(test_after_the_last_try_the_program_sees_what_there_is),
        TEST(test_no_more_tries_than_told),
        TEST(test_redirects_keep_secrets_from_other_hosts),
        TEST(test_redirects_without_end),
        TEST(test_the_program_sets_headers_and_a_line_end_is_none),
        TEST(test_basic_and_token_are_for_direct_calls_alone),
        TEST(test_oauth_signs_in_once_and_again_when_refused),
        TEST(test_digest_answers_a_challenge_and_uses_it_again),
        TEST(test_a_header_from_a_file_that_nobody_else_reads),
        TEST(test_requests_keep_their_pace),
        TEST(test_a_rate_that_the_program_tells),
        TEST(test_too_many_requests_told_by_status_code_is_waited_for),
        TEST(test_a_gzipped_reply_is_plain_for_the_program),
        TEST(test_a_reply_that_is_too_large),
        TEST(test_where_redirects_lead),
        TEST(test_digest_as_the_standard_has_it),
        TEST(test_masks),
        TEST(test_pace),
        TEST(test_a_trace_without_secrets),
        TEST(test_a_long_wait_is_told_and_taken_back),
        TEST(test_failing_allocations_on_the_way),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
