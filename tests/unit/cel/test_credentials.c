/*
 * test_credentials.c: what a request proves itself with, and that no trace tells it: basic, token, OAuth, digest, a file; masks.
 */
#include "sender_words.h"

#include <sys/stat.h>
#include <unistd.h>

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_basic_and_token_are_for_direct_calls_alone),
        TEST(test_oauth_signs_in_once_and_again_when_refused),
        TEST(test_digest_answers_a_challenge_and_uses_it_again),
        TEST(test_a_header_from_a_file_that_nobody_else_reads),
        TEST(test_digest_as_the_standard_has_it),
        TEST(test_masks),
        TEST(test_a_trace_without_secrets),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
