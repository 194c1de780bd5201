/*
 * test_http_trouble.c: replies that break, silence, limits of time, what cannot be sent, proxies, failing memory.
 */
#include "http_bench.h"

#include "starve.h"

#include <stdatomic.h>

struct failure {
    struct saying saying;
    int status;
    int http_status;
    unsigned body;
    const char *text;
};

static void test_broken_replies_have_names(void **state)
{
    static const struct failure rows[] = {
        {{"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc", 0, 0},
         CXD_TRUNCATED,
         200,
         3,
         "body ended after 3 of 100 bytes"},
        {{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n", 0, 0},
         CXD_TRUNCATED,
         200,
         5,
         "body broke off after 5 bytes"},
        {{"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", 1, 0},
         CXD_IO,
         200,
         3,
         "connection broke while receiving"},
        {{"", 0, 0}, CXD_IO, 0, 0, "connection closed without a reply"},
        {{"", 1, 0}, CXD_IO, 0, 0, "connection broke while receiving"},
        {{"SSH-2.0-OpenSSH_9.2\r\n", 0, 0}, CXD_PROTOCOL, 0, 0, "not HTTP"},
        {{"HTTP/1.1 2x0 OK\r\n\r\n", 0, 0}, CXD_PROTOCOL, 0, 0, "not HTTP"},
        {{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 0, 0}, CXD_IO, 200, 0, ""},
    };
    struct cxd_client *c = client_of(NULL);

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct saying saying = rows[i].saying;
        struct raw *raw = raw_start(say_script, &saying);
        struct cxd_request request = request_of("GET", url_of(raw_port(raw), "/secret"));
        struct cxd_transfer *t = start(c, &request);
        struct outcome o = finish(c, t);
        char peer[32];

        (void)snprintf(peer, sizeof peer, "127.0.0.1:%d: ", raw_port(raw));
        if (o.result != rows[i].status || strstr(o.err.text, rows[i].text) == NULL) {
            fail_msg("row %zu: %d %s", i, o.result, o.err.text);
        }
        assert_int_equal(strncmp(o.err.text, peer, strlen(peer)), 0);
        assert_int_equal(o.err.http_status, rows[i].http_status);
        assert_int_equal(o.err.retry_after_ms, -1);
        if (!rows[i].saying.is_reset) { /* a reset may overtake the bytes before it */
            assert_int_equal(o.len, rows[i].body);
        }
        http_close(t);
        raw_stop(raw);
    }
    http_client_free(c);
}

static void test_silence_is_a_stall(void **state)
{
    static struct saying sayings[] = {{"", 0, 1},
                                      {"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc", 0, 1}};
    struct cxd_client *c = client_of(NULL);

    (void)state;
    for (int i = 0; i < 2; i++) {
        struct raw *raw = raw_start(say_script, &sayings[i]);
        struct cxd_request request = request_of("GET", url_of(raw_port(raw), "/"));
        int64_t start_ms = now_ms();
        struct cxd_transfer *t;
        struct outcome o;

        request.stall_timeout_ms = 150;
        t = start(c, &request);
        o = finish(c, t);
        assert_int_equal(o.result, CXD_TIMEOUT);
        assert_non_null(strstr(o.err.text, "stalled"));
        assert_int_equal(o.len, i * 3);
        assert_true(now_ms() - start_ms >= 150 && now_ms() - start_ms < 3000);
        http_close(t);
        raw_stop(raw);
    }
    http_client_free(c);
}

static void test_time_spent_elsewhere_is_no_stall(void **state)
{
    struct cxd_client *c = client_of(NULL);
    struct cxd_request request = request_of("GET", url_of(web_port(web), "/bytes?n=1000"));
    struct timespec nap = {.tv_nsec = 150 * 1000000};
    struct cxd_transfer *t;

    (void)state;
    request.stall_timeout_ms = 100;
    t = start(c, &request);
    nanosleep(&nap, NULL); /* the caller's own slowness is what is tested */
    assert_int_equal(finish(c, t).result, CXD_END);
    http_close(t);
    http_client_free(c);
}

static void test_the_whole_has_a_time_limit(void **state)
{
    static struct saying saying = {"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc", 0, 1};
    struct raw *raw = raw_start(say_script, &saying);
    struct cxd_client *c = client_of(NULL);
    struct cxd_request request = request_of("GET", url_of(raw_port(raw), "/"));
    struct cxd_transfer *t;
    struct outcome o;

    (void)state;
    request.timeout_ms = 200;
    t = start(c, &request);
    o = finish(c, t);
    assert_int_equal(o.result, CXD_TIMEOUT);
    assert_non_null(strstr(o.err.text, "not done within 200 ms, 3 bytes of body received"));
    http_close(t);
    http_client_free(c);
    raw_stop(raw);
}

static void test_nobody_there_is_no_connection(void **state)
{
    struct raw *raw = raw_start(say_script, NULL);
    int port = raw_port(raw);
    struct cxd_client *c = client_of(NULL);
    struct cxd_request request = request_of("GET", url_of(port, "/secret"));
    struct cxd_transfer *t;
    struct outcome o;

    (void)state;
    raw_stop(raw);
    t = start(c, &request);
    o = finish(c, t);
    assert_int_equal(o.result, CXD_CONNECT);
    assert_non_null(strstr(o.err.text, "127.0.0.1"));
    http_close(t);
    http_client_free(c);
}

static void test_what_cannot_be_sent_is_refused(void **state)
{
    static const char *const urls[] = {"",
                                       "secret",
                                       "ftp://secret/",
                                       "file:///secret",
                                       "http://a b/secret",
                                       "http://127.0.0.1:99999/secret",

                                       "http://h/\r\nX: secret",
                                       "://secret"};
    static const struct cxd_header headers[] = {
        {.name = "X", .value = "a\r\nsecret: 1"}, {.name = "X\nY", .value = "secret"},
        {.name = "", .value = "secret"},          {.name = "X: secret", .value = "a"},
        {.name = "Content-Length", .value = "1"}, {.name = "transfer-encoding", .value = "chunked"},
        {.name = NULL, .value = "secret"},        {.name = "X", .value = NULL}};
    struct cxd_client *c = client_of(NULL);
    struct cxd_error err = CXD_ERROR_INIT;
    struct cxd_transfer *t = NULL;
    struct cxd_request request;

    (void)state;
    for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++) {
        request = request_of("GET", urls[i]);
        assert_int_equal(http_start(c, &request, &t, &err), CXD_CONFIG);
        assert_null(strstr(err.text, "secret"));
    }
    for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++) {
        request = request_of("GET", "http://127.0.0.1/");
        request.headers = &headers[i];
        request.header_count = 1;
        assert_int_equal(http_start(c, &request, &t, &err), CXD_CONFIG);
        assert_null(strstr(err.text, "secret"));
    }
    request = request_of(NULL, "http://127.0.0.1/");
    assert_int_equal(http_start(c, &request, &t, &err), CXD_INVALID);
    request = request_of("GET", "http://127.0.0.1/");
    request.size = 8;
    assert_int_equal(http_start(c, &request, &t, &err), CXD_INVALID);
    assert_null(t);
    http_client_free(c);
}

static void proxy_script(int fd, int number, void *arg)
{
    char head[4096];

    (void)number;
    if (raw_read_head(fd, head, sizeof head) > 0) {
        atomic_store((atomic_int *)arg,
                     strncmp(head, "GET http://cortex.invalid/x HTTP/1.1\r\n", 38) == 0 &&
                         strstr(head, "Proxy-Authorization: Basic dXNlcjpzZWNyZXQ=\r\n") != NULL &&
                         strstr(head, "X-Place: north\r\n") != NULL);
        raw_write(fd, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    }
}

static void test_a_proxy_is_used(void **state)
{
    atomic_int is_right = 0;
    struct raw *raw = raw_start(proxy_script, &is_right);
    struct http_settings settings = {0};
    struct cxd_request request = request_of("GET", "http://cortex.invalid/x");
    struct cxd_client *c = NULL;
    struct cxd_transfer *t;
    struct outcome o;
    char url[64];

    (void)state;
    (void)snprintf(url, sizeof url, "http://user:secret@127.0.0.1:%d", raw_port(raw));
    settings.proxy_url = url;
    settings.proxy_headers[0] = (struct cxd_header){.name = "X-Place", .value = "north"};
    settings.proxy_header_count = 1;
    c = client_of(&settings);
    t = start(c, &request);
    assert_int_equal(finish(c, t).result, CXD_END);
    assert_int_equal(atomic_load(&is_right), 1);
    http_close(t);
    http_client_free(c);
    raw_stop(raw);

    c = client_of(&settings); /* now the proxy is gone */
    t = start(c, &request);
    o = finish(c, t);
    assert_int_equal(o.result, CXD_CONNECT);
    http_client_free(c);

    settings.proxy_url = "gopher://secret";
    assert_int_equal(http_client_new(&settings, &c, &o.err), CXD_CONFIG);
    assert_null(strstr(o.err.text, "secret"));
}

static int starved_get(void)
{
    struct http_settings settings = {.proxy_url = "http://127.0.0.1:1", .user_agent = "a"};
    struct cxd_request request = request_of("GET", url_of(web_port(web), "/bytes?n=50000"));
    struct cxd_header header = {.name = "Authorization", .value = "Bearer x"};
    struct cxd_client *c = NULL;
    struct cxd_transfer *t = NULL;
    struct cxd_error err = CXD_ERROR_INIT;
    struct cxd_bytes piece;
    int r;

    request.headers = &header;
    request.header_count = 1;
    r = http_client_new(&settings, &c, &err);
    http_client_free(c);
    if (r == 0) {
        r = http_client_new(NULL, &c, &err);
    }
    if (r < 0) {
        return r;
    }
    r = http_start(c, &request, &t, &err);
    while (r == 0 || r == CXD_AGAIN) {
        (void)http_wait(c, 1000);
        r = http_read(t, &piece, &err);
    }
    assert_true(r == CXD_END || err.status == r);
    http_client_free(c);
    return r;
}

static void test_no_memory_is_an_error(void **state)
{
    int n = 0;
    int r;

    (void)state;
    do {
        starve_at(++n);
        r = starved_get();
        assert_int_equal(r, starve_happened() ? CXD_NOMEM : CXD_END);
    } while (r != CXD_END && n < 1000);
    starve_at(0);
    assert_true(n > 8 && n < 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_broken_replies_have_names),
        cmocka_unit_test(test_silence_is_a_stall),
        cmocka_unit_test(test_time_spent_elsewhere_is_no_stall),
        cmocka_unit_test(test_the_whole_has_a_time_limit),
        cmocka_unit_test(test_nobody_there_is_no_connection),
        cmocka_unit_test(test_what_cannot_be_sent_is_refused),
        cmocka_unit_test(test_a_proxy_is_used),
        cmocka_unit_test(test_no_memory_is_an_error),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
