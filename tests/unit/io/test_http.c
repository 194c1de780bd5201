/*
 * test_http.c: HTTP against real servers on loopback: bodies both ways, re-use, windows, limits, failures. TLS is in
 * test_http_tls.c. Every failing request carries a secret in userinfo and query that no error text may show.
 */
#include "test.h"

#include "io/http.h"
#include "peer.h"
#include "starve.h"

#include <malloc.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static struct web *web;

static int64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

static const char *url_of(int port, const char *path)
{
    static char urls[8][256];
    static int at;

    at = (at + 1) % 8;
    (void)snprintf(urls[at], sizeof urls[at], "http://user:secret@127.0.0.1:%d%s%stoken=secret",
                   port, path, strchr(path, '?') != NULL ? "&" : "?");
    return urls[at];
}

static struct cxd_request request_of(const char *method, const char *url)
{
    return (struct cxd_request){.size = sizeof(struct cxd_request), .method = method, .url = url};
}

static struct cxd_client *client_of(const struct http_settings *settings)
{
    struct cxd_client *c = NULL;
    struct cxd_error err = CXD_ERROR_INIT;

    if (http_client_new(settings, &c, &err) != 0) {
        fail_msg("%s", err.text);
    }
    return c;
}

static struct cxd_transfer *start(struct cxd_client *c, const struct cxd_request *request)
{
    struct cxd_transfer *t = NULL;
    struct cxd_error err = CXD_ERROR_INIT;

    if (http_start(c, request, &t, &err) != 0) {
        fail_msg("%s", err.text);
    }
    return t;
}

struct outcome {
    int result;
    uint64_t len;
    uint64_t wrong; /* bytes that are not the pattern's */
    struct cxd_error err;
    char head[256]; /* first bytes */
};

/* Runs one transfer to its end. */
static struct outcome finish(struct cxd_client *c, struct cxd_transfer *t)
{
    struct outcome o = {.err = CXD_ERROR_INIT};
    int64_t limit_ms = now_ms() + 30000;
    struct cxd_bytes piece;

    while ((o.result = http_read(t, &piece, &o.err)) == 0 || o.result == CXD_AGAIN) {
        if (o.result == CXD_AGAIN) {
            assert_int_equal(http_wait(c, 5000), 0);
            assert_true(now_ms() < limit_ms);
            continue;
        }
        assert_true(piece.len > 0);
        for (size_t i = 0; i < piece.len; i++) {
            o.wrong += (unsigned char)piece.ptr[i] != web_byte(o.len + i);
            if (o.len + i < sizeof o.head - 1) {
                o.head[o.len + i] = piece.ptr[i];
            }
        }
        o.len += piece.len;
    }
    assert_null(strstr(o.err.text, "secret"));
    if (o.result != CXD_END) { /* told again */
        struct cxd_error again = CXD_ERROR_INIT;

        assert_int_equal(o.result, o.err.status);
        assert_int_equal(http_read(t, &piece, &again), o.result);
        assert_string_equal(again.text, o.err.text);
    }
    return o;
}

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

static void test_connections_are_used_again(void **state)
{
    struct web *own = web_start(NULL);
    struct cxd_client *c = client_of(NULL);
    struct cxd_request request = request_of("GET", url_of(web_port(own), "/bytes?n=100"));

    (void)state;
    for (int i = 0; i < 20; i++) {
        struct cxd_transfer *t = start(c, &request);

        assert_int_equal(finish(c, t).result, CXD_END);
        http_close(t);
    }
    assert_int_equal(web_connections(own), 1);
    http_client_free(c);
    web_stop(own);
}

static size_t body_read(int fd, char *out, size_t want)
{
    size_t len = 0;

    while (len < want) {
        ssize_t n = recv(fd, out + len, want - len, 0);

        if (n <= 0) {
            break;
        }
        len += (size_t)n;
    }
    return len;
}

/* First connection: one good reply, then closed instead of an answer to the second request. Second connection: looks at the
 * body that comes again. */
static void dead_connection_script(int fd, int number, void *arg)
{
    char head[2048];
    char body[3000];

    (void)raw_read_head(fd, head, sizeof head);
    if (number == 0) {
        raw_write(fd, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        (void)raw_read_head(fd, head, sizeof head);
    }
    if (body_read(fd, body, sizeof body) == sizeof body && number > 0) {
        atomic_store((atomic_int *)arg,
                     body[0] == 'a' && body[1499] == 'a' && body[1500] == 'b' && body[2999] == 'b');
        raw_write(fd, "HTTP/1.1 201 Made\r\nContent-Length: 0\r\n\r\n");
    }
}

static void test_a_body_is_sent_again_when_the_old_connection_is_dead(void **state)
{
    atomic_int is_whole = 0;
    struct raw *raw = raw_start(dead_connection_script, &is_whole);
    struct cxd_client *c = client_of(NULL);
    struct cxd_request request = request_of("GET", url_of(raw_port(raw), "/"));
    struct cxd_transfer *t = start(c, &request);
    char a[1500];
    char b[1500];
    struct cxd_bytes parts[] = {{a, sizeof a}, {b, sizeof b}};

    (void)state;
    memset(a, 'a', sizeof a);
    memset(b, 'b', sizeof b);
    assert_int_equal(finish(c, t).result, CXD_END);
    http_close(t);
    request = request_of("POST", url_of(raw_port(raw), "/"));
    request.parts = parts;
    request.part_count = 2;
    t = start(c, &request);
    assert_int_equal(finish(c, t).result, CXD_END);
    assert_int_equal(http_status(t), 201);
    assert_int_equal(atomic_load(&is_whole), 1);
    http_close(t);
    http_client_free(c);
    raw_stop(raw);
}

size_t __sanitizer_get_current_allocated_bytes(void) __attribute__((weak));

static size_t memory_used(void)
{
    if (__sanitizer_get_current_allocated_bytes != NULL) {
        return __sanitizer_get_current_allocated_bytes();
    }
    return mallinfo2().uordblks + mallinfo2().hblkhd;
}

static void test_a_slow_reader_holds_the_server_back(void **state)
{
    enum { SIZE = 64 * 1024 * 1024 };
    struct cxd_client *c = client_of(NULL);
    struct cxd_request request = request_of("GET", url_of(web_port(web), "/bytes?n=67108864"));
    size_t before = memory_used();
    uint64_t sent = web_sent(web);
    struct cxd_transfer *t;
    struct cxd_bytes piece;
    struct outcome o;

    (void)state;
    request.window = 128 * 1024;
    request.stall_timeout_ms = 200; /* resting is not stalling */
    t = start(c, &request);
    for (int i = 0; i < 60; i++) { /* reads nothing, then now and then a piece */
        assert_int_equal(http_wait(c, 20), 0);
        assert_true(memory_used() - before < 1024 * 1024);
        if (i > 30 && http_read(t, &piece, NULL) == 0) {
            assert_true(piece.len <= 128 * 1024);
        }
    }
    assert_true(web_sent(web) - sent < SIZE / 2); /* the rest is sockets' buffers */
    http_close(t);

    t = start(c, &request);
    o = finish(c, t);
    assert_int_equal(o.result, CXD_END);
    assert_int_equal(o.len, SIZE);
    assert_int_equal(o.wrong, 0);
    assert_true(memory_used() - before < 1024 * 1024);
    http_close(t);
    http_client_free(c);
}

static void test_a_lent_piece_stays_while_others_arrive(void **state)
{
    struct cxd_client *c = client_of(NULL);
    struct cxd_request request = request_of("GET", url_of(web_port(web), "/bytes?n=3000000"));
    struct cxd_transfer *t;
    uint64_t at = 0;
    int r;

    (void)state;
    request.window = 64 * 1024;
    t = start(c, &request);
    do {
        struct cxd_bytes piece;

        r = http_read(t, &piece, NULL);
        if (r == CXD_AGAIN) {
            assert_int_equal(http_wait(c, 5000), 0);
        } else if (r == 0) {
            assert_int_equal(http_wait(c, 1), 0); /* more comes in meanwhile */
            for (size_t i = 0; i < piece.len; i++) {
                assert_int_equal((unsigned char)piece.ptr[i], web_byte(at + i));
            }
            at += piece.len;
        }
    } while (r == 0 || r == CXD_AGAIN);
    assert_int_equal(r, CXD_END);
    assert_int_equal(at, 3000000);
    http_close(t);
    http_client_free(c);
}

/* What the raw server says to any request, and how it leaves. */
struct saying {
    const char *text;
    int is_reset;  /* leave by RST */
    int is_silent; /* stay until the other side leaves */
};

static void say_script(int fd, int number, void *arg)
{
    const struct saying *saying = arg;
    struct linger linger = {.l_onoff = 1, .l_linger = 0};
    char head[4096];

    (void)number;
    (void)raw_read_head(fd, head, sizeof head);
    raw_write(fd, saying->text);
    if (saying->is_silent) {
        raw_drain(fd);
    }
    if (saying->is_reset) {
        (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
    }
}

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

static void *interrupt_soon(void *arg)
{
    struct timespec nap = {.tv_nsec = 50 * 1000000};

    nanosleep(&nap, NULL); /* lets the other thread get into its wait */
    http_interrupt(arg);
    return NULL;
}

static void test_an_interrupt_ends_the_wait(void **state)
{
    struct cxd_client *c = client_of(NULL);
    int64_t start_ms = now_ms();
    pthread_t thread;

    (void)state;
    http_interrupt(c); /* before the wait: not lost */
    assert_int_equal(http_wait(c, 10000), CXD_STOPPED);
    assert_int_equal(http_wait(c, 10), 0); /* and told once */
    for (int i = 0; i < 3; i++) {
        assert_int_equal(pthread_create(&thread, NULL, interrupt_soon, c), 0);
        assert_int_equal(http_wait(c, 10000), CXD_STOPPED);
        pthread_join(thread, NULL);
    }
    assert_true(now_ms() - start_ms < 5000);
    http_client_free(c);
}

static void test_waiting_without_transfers_waits(void **state)
{
    struct cxd_client *c = client_of(NULL);
    int64_t start_ms = now_ms();

    (void)state;
    assert_int_equal(http_wait(c, 120), 0);
    assert_true(now_ms() - start_ms >= 119);
    http_client_free(c);
}

static void test_an_end_not_yet_read_ends_the_wait(void **state)
{
    struct cxd_client *c = client_of(NULL);
    struct cxd_request request = request_of("GET", url_of(web_port(web), "/bytes?n=10"));
    struct cxd_transfer *t = start(c, &request);
    int64_t start_ms = now_ms();
    struct cxd_bytes piece;
    int reads = 0;

    (void)state;
    for (int r = CXD_AGAIN; r != CXD_END; reads++) { /* one read for each wait */
        assert_int_equal(http_wait(c, 10000), 0);
        r = http_read(t, &piece, NULL);
        assert_true(r == 0 || r == CXD_AGAIN || r == CXD_END);
    }
    assert_true(reads < 10);
    assert_true(now_ms() - start_ms < 5000);
    http_close(t);
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
                         strstr(head, "Proxy-Authorization: Basic dXNlcjpzZWNyZXQ=\r\n") != NULL);
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

static int setup(void **state)
{
    (void)state;
    web = web_start(NULL);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    web_stop(web);
    return 0;
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_get_brings_head_and_body),
        cmocka_unit_test(test_transfers_run_side_by_side),
        cmocka_unit_test(test_bodies_are_sent_whole),
        cmocka_unit_test(test_requests_without_a_body),
        cmocka_unit_test(test_connections_are_used_again),
        cmocka_unit_test(test_a_body_is_sent_again_when_the_old_connection_is_dead),
        cmocka_unit_test(test_a_slow_reader_holds_the_server_back),
        cmocka_unit_test(test_a_lent_piece_stays_while_others_arrive),
        cmocka_unit_test(test_broken_replies_have_names),
        cmocka_unit_test(test_silence_is_a_stall),
        cmocka_unit_test(test_time_spent_elsewhere_is_no_stall),
        cmocka_unit_test(test_the_whole_has_a_time_limit),
        cmocka_unit_test(test_nobody_there_is_no_connection),
        cmocka_unit_test(test_an_interrupt_ends_the_wait),
        cmocka_unit_test(test_waiting_without_transfers_waits),
        cmocka_unit_test(test_an_end_not_yet_read_ends_the_wait),
        cmocka_unit_test(test_redirects),
        cmocka_unit_test(test_heads_are_limited),
        cmocka_unit_test(test_an_interim_reply_is_not_the_reply),
        cmocka_unit_test(test_what_cannot_be_sent_is_refused),
        cmocka_unit_test(test_a_proxy_is_used),
        cmocka_unit_test(test_retry_after),
        cmocka_unit_test(test_no_memory_is_an_error),
    };

    unsetenv("http_proxy");
    unsetenv("https_proxy");
    unsetenv("HTTPS_PROXY");
    unsetenv("all_proxy");
    unsetenv("ALL_PROXY");
    return cmocka_run_group_tests(tests, setup, teardown);
}
