/*
 * test_http_flow.c: connections used again, windows, waiting and its interruption.
 */
#include "http_bench.h"

#include <malloc.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_connections_are_used_again),
        cmocka_unit_test(test_a_body_is_sent_again_when_the_old_connection_is_dead),
        cmocka_unit_test(test_a_slow_reader_holds_the_server_back),
        cmocka_unit_test(test_a_lent_piece_stays_while_others_arrive),
        cmocka_unit_test(test_an_interrupt_ends_the_wait),
        cmocka_unit_test(test_waiting_without_transfers_waits),
        cmocka_unit_test(test_an_end_not_yet_read_ends_the_wait),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
