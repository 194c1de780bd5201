/*
 * test_http.c: HTTP against real servers on loopback: heads and bodies both ways, redirects. TLS is in test_http_tls.c.
 */
#include "http_bench.h"

#include <strings.h>

/* Each field once, the twin of x-twice too, in the order sent. */
static void assert_fields_in_order(struct cxd_transfer *t)
{
    struct cxd_bytes name;
    struct cxd_bytes value;
    uint32_t at = 0;
    uint32_t twice = 0;

    for (; http_header_at(t, at, &name, &value) == 1; at++) {
        if (name.len == 7 && strncasecmp(name.ptr, "x-twice", 7) == 0) {
            assert_memory_equal(value.ptr, twice == 0 ? "first" : "second", value.len);
            twice++;
        }
    }
    assert_int_equal(twice, 2);
    assert_int_equal(http_header_at(t, at + 1, &name, &value), 0);
}

static void test_get_brings_head_and_body(void **state)
{
    static const int sizes[] = {0, 1, 1000, 16384, 131072, 262144, 262145, 3000000};
    struct cxd_client *c = client_of(NULL);

    (void)state;
    for (size_t i = 0; i < 2 * sizeof sizes / sizeof sizes[0]; i++) {
        int size = sizes[i / 2];
        struct cxd_request request;
        struct cxd_transfer *t;
        struct outcome o;
        char path[64];

        (void)snprintf(path, sizeof path, "/bytes?n=%d&chunked=%zu", size, i % 2);
        request = request_of("GET", url_of(web_port(web), path));
        t = start(c, &request);
        assert_int_equal(http_status(t), 0);
        assert_null(http_header(t, "x-twice"));
        o = finish(c, t);
        assert_int_equal(o.result, CXD_END);
        assert_int_equal(o.len, size);
        assert_int_equal(o.wrong, 0);
        assert_int_equal(http_status(t), 200);
        assert_string_equal(http_header(t, "x-TWICE"), "first");
        assert_null(http_header(t, "x-twic"));
        assert_fields_in_order(t);
        http_close(t);
    }
    assert_int_equal(web_connections(web) > 0, 1);
    http_client_free(c);
}

static void test_transfers_run_side_by_side(void **state)
{
    enum { COUNT = 12, SIZE = 700000 };
    struct cxd_client *c = client_of(NULL);
    struct cxd_request request = request_of("GET", url_of(web_port(web), "/bytes?n=700000"));
    struct cxd_transfer *all[COUNT];
    uint64_t len[COUNT] = {0};
    int open = COUNT;

    (void)state;
    for (int i = 0; i < COUNT; i++) {
        all[i] = start(c, &request);
    }
    while (open > 0) {
        assert_int_equal(http_wait(c, 5000), 0);
        for (int i = 0; i < COUNT; i++) {
            struct cxd_bytes piece;
            int r = all[i] != NULL ? http_read(all[i], &piece, NULL) : CXD_AGAIN;

            if (r == 0) {
                assert_int_equal((unsigned char)piece.ptr[0], web_byte(len[i]));
                len[i] += piece.len;
            } else if (r == CXD_END) {
                assert_int_equal(len[i], SIZE);
                http_close(all[i]);
                all[i] = NULL;
                open--;
            } else {
                assert_int_equal(r, CXD_AGAIN);
            }
        }
    }
    http_client_free(c);
}

static void test_bodies_are_sent_whole(void **state)
{
    static const char *const methods[] = {"POST", "PUT", "DELETE"};
    size_t big_len = 5000000;
    char *big = malloc(big_len);
    struct cxd_bytes parts[] = {{"head|", 5}, {NULL, 0}, {big, big_len}, {"", 0}, {"|tail", 5}};
    struct http_settings settings = {.user_agent = "cortexd-test/1"};
    struct cxd_client *c = client_of(&settings);
    struct cxd_header headers[] = {{.name = "X-Sent", .value = "yes", .secret = 1},
                                   {.name = "X-Empty", .value = ""},
                                   {.name = "Content-Type", .value = "application/x-ndjson"}};

    (void)state;
    memset(big, 'b', big_len);
    for (int i = 0; i < 3; i++) {
        struct cxd_request request = request_of(methods[i], url_of(web_port(web), "/echo"));
        struct cxd_transfer *t;
        struct outcome o;

        request.parts = parts;
        request.part_count = 5;
        request.headers = headers;
        request.header_count = 3;
        t = start(c, &request);
        o = finish(c, t);
        assert_int_equal(o.result, CXD_END);
        assert_int_equal(o.len, big_len + 10);
        assert_memory_equal(o.head, "head|bbb", 8);
        assert_string_equal(http_header(t, "X-Method"), methods[i]);
        assert_string_equal(http_header(t, "Echo-Content-Length"), "5000010");
        assert_string_equal(http_header(t, "Echo-Content-Type"), "application/x-ndjson");
        assert_string_equal(http_header(t, "Echo-X-Sent"), "yes");
        assert_string_equal(http_header(t, "Echo-X-Empty"), "(empty)");
        assert_string_equal(http_header(t, "Echo-User-Agent"), "cortexd-test/1");
        assert_null(http_header(t, "Echo-Expect"));
        http_close(t);
    }
    http_client_free(c);
    free(big);
}

static void test_requests_without_a_body(void **state)
{
    static const char *const methods[] = {"POST", "PUT", "DELETE", "HEAD", "GET"};
    static const char *const lengths[] = {"0", "0", NULL, NULL, NULL};
    struct cxd_client *c = client_of(NULL);

    (void)state;
    for (int i = 0; i < 5; i++) {
        struct cxd_request request = request_of(methods[i], url_of(web_port(web), "/echo"));
        struct cxd_transfer *t = start(c, &request);
        struct outcome o = finish(c, t);
        const char *length = http_header(t, "Echo-Content-Length");

        assert_int_equal(o.result, CXD_END);
        assert_int_equal(o.len, 0);
        assert_string_equal(http_header(t, "X-Method"), methods[i]);
        assert_null(http_header(t, "Echo-Content-Type"));
        assert_null(http_header(t, "Echo-User-Agent"));
        assert_string_equal(length != NULL ? length : "none",
                            lengths[i] != NULL ? lengths[i] : "none");
        http_close(t);
    }
    http_client_free(c);
}

static void test_redirects(void **state)
{
    struct http_settings settings = {.follow_redirects = 3};
    struct cxd_client *c = client_of(NULL);
    struct cxd_request request = request_of("GET", url_of(web_port(web), "/redirect?n=3"));
    struct cxd_transfer *t = start(c, &request);
    struct outcome o = finish(c, t);

    (void)state;
    assert_int_equal(o.result, CXD_END); /* not followed: a reply like others */
    assert_int_equal(http_status(t), 302);
    assert_string_equal(http_header(t, "Location"), "/redirect?n=2");
    assert_string_equal(o.head, "away");
    http_client_free(c); /* closes t */

    c = client_of(&settings);
    t = start(c, &request);
    o = finish(c, t);
    assert_int_equal(o.result, CXD_END);
    assert_int_equal(http_status(t), 200);
    assert_null(http_header(t, "Location"));
    assert_int_equal(o.len, 5);
    http_close(t);
    request.url = url_of(web_port(web), "/redirect?n=4");
    t = start(c, &request);
    o = finish(c, t);
    assert_int_equal(o.result, CXD_PROTOCOL);
    assert_non_null(strstr(o.err.text, "too many redirects"));
    http_close(t);
    request.url = url_of(web_port(web), "/redirect?to=file:///etc/passwd");
    t = start(c, &request);
    o = finish(c, t);
    assert_int_equal(o.result, CXD_PROTOCOL);
    assert_int_equal(o.len, 0);
    http_close(t);
    http_client_free(c);
}

static void test_heads_are_limited(void **state)
{
    static const struct {
        const char *path;
        int result;
    } rows[] = {{"/head?n=60000", CXD_END},
                {"/head?n=70000", CXD_TOO_LARGE},
                {"/fields?n=200", CXD_END},
                {"/fields?n=300", CXD_TOO_LARGE}};
    struct cxd_client *c = client_of(NULL);

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct cxd_request request = request_of("GET", url_of(web_port(web), rows[i].path));
        struct cxd_transfer *t = start(c, &request);
        struct outcome o = finish(c, t);

        assert_int_equal(o.result, rows[i].result);
        if (o.result == CXD_END) {
            assert_int_equal(strlen(http_header(t, "X-0")), rows[i].path[1] == 'h' ? 1000 : 1);
        } else {
            assert_int_equal(http_status(t), 0);
            assert_non_null(strstr(o.err.text, "head"));
        }
        http_close(t);
    }
    http_client_free(c);
}

static void test_an_interim_reply_is_not_the_reply(void **state)
{
    static struct saying saying = {"HTTP/1.1 103 Early Hints\r\nX-Early: 1\r\n\r\n"
                                   "HTTP/1.1 200 OK\r\nX-Final:  spaces around "
                                   "\t\r\nX-Nothing:\r\nContent-Length: 2\r\n\r\nok",
                                   0, 0};
    struct raw *raw = raw_start(say_script, &saying);
    struct cxd_client *c = client_of(NULL);
    struct cxd_request request = request_of("GET", url_of(raw_port(raw), "/"));
    struct cxd_transfer *t = start(c, &request);

    (void)state;
    assert_int_equal(finish(c, t).result, CXD_END);
    assert_int_equal(http_status(t), 200);
    assert_null(http_header(t, "X-Early"));
    assert_string_equal(http_header(t, "X-Final"), "spaces around");
    assert_string_equal(http_header(t, "X-Nothing"), "");
    http_close(t);
    http_client_free(c);
    raw_stop(raw);
}

static void test_retry_after(void **state)
{
    static const int64_t wall_ms = 1732480000123; /* Sun, 24 Nov 2024 20:26:40 GMT */
    static const struct {
        const char *value;
        int64_t wait_ms;
    } rows[] = {{"0", 0},
                {"7", 7000},
                {" 120 ", 120000},
                {"86401", 86400000},
                {"99999999999999999999999999", 86400000},
                {"Sun, 24 Nov 2024 20:26:50 GMT", 9877},
                {"Sunday, 24-Nov-24 20:26:50 GMT", 9877},
                {"Sun Nov 24 20:26:50 2024", 9877},
                {"Sun, 24 Nov 2024 20:26:40 GMT", 0},
                {"Fri, 01 Jan 1999 00:00:00 GMT", 0},
                {"Fri, 01 Jan 2038 00:00:00 GMT", 86400000},
                {"", -1},
                {"-5", -1},
                {"soon", -1},
                {"1.5", -1},
                {NULL, -1}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(http_retry_after(rows[i].value, wall_ms), rows[i].wait_ms);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_get_brings_head_and_body),
        cmocka_unit_test(test_transfers_run_side_by_side),
        cmocka_unit_test(test_bodies_are_sent_whole),
        cmocka_unit_test(test_requests_without_a_body),
        cmocka_unit_test(test_redirects),
        cmocka_unit_test(test_heads_are_limited),
        cmocka_unit_test(test_an_interim_reply_is_not_the_reply),
        cmocka_unit_test(test_retry_after),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
