/*
 * test_http_local.c: requests over a socket of this machine, by a real one: who is asked, what errors say, what memory that runs
 * out comes to, and a module that was built before there were any. And connections that are not used again.
 */
#include "http_bench.h"
#include "starve.h"

#include <stdatomic.h>
#include <sys/socket.h>

static char folder[] = "/tmp/cxd-local-XXXXXX";
static char path[64];

static int folder_make(void **state)
{
    (void)state;
    (void)snprintf(path, sizeof path, "%s/s", mkdtemp(folder));
    return 0;
}

static int folder_remove(void **state)
{
    (void)state;
    (void)unlink(path);
    return rmdir(folder);
}

struct seen {
    char head[2048];
};

static void answer_script(int fd, int number, void *arg)
{
    struct seen *seen = arg;

    (void)number;
    if (raw_read_head(fd, seen->head, sizeof seen->head) > 0) {
        raw_write(fd, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nlocal");
    }
}

static struct cxd_request local_request(void)
{
    struct cxd_request request = request_of("GET", "http://some.host.invalid:81/a?secret=1");

    request.unix_socket = path;
    return request;
}

static void test_the_socket_is_asked_and_no_name_looked_up(void **state)
{
    struct seen seen = {{0}};
    struct raw *raw = raw_start_local(path, answer_script, &seen);
    /* nobody may be asked for it but the socket: no proxy either */
    struct http_settings settings = {.proxy_url = "http://127.0.0.1:1"};
    struct cxd_client *c = client_of(&settings);
    struct cxd_request request = local_request();
    struct cxd_transfer *t = start(c, &request);
    struct outcome o = finish(c, t);

    (void)state;
    assert_int_equal(o.result, CXD_END);
    assert_int_equal(http_status(t), 200);
    assert_memory_equal(o.head, "local", 5);
    assert_memory_equal(seen.head, "GET /a?secret=1 HTTP/1.1\r\n", 26);
    assert_non_null(strstr(seen.head, "Host: some.host.invalid:81\r\n"));
    http_client_free(c);
    raw_stop(raw);
    (void)unlink(path);
}

static void test_nobody_there_is_no_connection_to_that_path(void **state)
{
    struct cxd_client *c = client_of(NULL);
    struct cxd_request request = local_request();
    struct outcome o = finish(c, start(c, &request));

    (void)state;
    assert_int_equal(o.result, CXD_CONNECT);
    assert_non_null(strstr(o.err.text, path));
    assert_null(strstr(o.err.text, "secret"));
    http_client_free(c);
}

static void test_paths_that_can_be_none_are_refused(void **state)
{
    static const char *const bad[] = {"", "s", "./s",
                                      "/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
                                      "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
                                      "aaaaaaaaaaaaaaaa"};
    struct cxd_client *c = client_of(NULL);

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct cxd_request request = local_request();
        struct cxd_error err = CXD_ERROR_INIT;
        struct cxd_transfer *t = NULL;

        request.unix_socket = bad[i];
        assert_int_equal(http_start(c, &request, &t, &err), CXD_CONFIG);
        assert_null(t);
    }
    http_client_free(c);
}

/* What lies behind the end of an older module's struct is not looked at. */
static void test_an_older_module_asks_the_network(void **state)
{
    struct cxd_client *c = client_of(NULL);
    struct cxd_request request = request_of("GET", url_of(web_port(web), "/bytes?n=5"));
    struct cxd_transfer *t = NULL;
    struct cxd_error err = CXD_ERROR_INIT;

    (void)state;
    request.unix_socket = "not a path";
    request.size = CXD_REQUEST_SIZE_MIN;
    assert_int_equal(http_start(c, &request, &t, &err), 0);
    assert_int_equal(finish(c, t).result, CXD_END);
    request.size = CXD_REQUEST_SIZE_MIN - 1;
    t = NULL;
    assert_int_equal(http_start(c, &request, &t, &err), CXD_INVALID);
    http_client_free(c);
}

/* In the place of a connection that has rested for too long comes a new one; libcurl counts whole seconds. */
static void test_a_connection_that_rested_too_long_is_not_used(void **state)
{
    struct http_settings settings = {.idle_timeout_ms = 900};
    struct cxd_client *c = client_of(&settings);
    struct cxd_request request = request_of("GET", url_of(web_port(web), "/bytes?n=5"));
    unsigned before = web_connections(web);
    struct cxd_transfer *t;

    (void)state;
    for (int i = 0; i < 3; i++) {
        t = start(c, &request);
        assert_int_equal(finish(c, t).result, CXD_END);
        http_close(t);
        if (i == 1) {
            int64_t until = now_ms() + 2500;

            assert_int_equal(web_connections(web) - before, 1);
            while (now_ms() < until) {
                (void)http_wait(c, (uint32_t)(until - now_ms()));
            }
        }
    }
    assert_int_equal(web_connections(web) - before, 2);
    http_client_free(c);
}

static int starved_start(struct cxd_client *c)
{
    struct cxd_request request = local_request();
    struct cxd_transfer *t = NULL;
    struct cxd_error err = CXD_ERROR_INIT;
    int r = http_start(c, &request, &t, &err);

    http_close(t);
    return r;
}

static void test_no_memory_is_an_error(void **state)
{
    struct cxd_client *c = client_of(NULL);
    int n = 0;
    int r;

    (void)state;
    do {
        starve_at(++n);
        r = starved_start(c);
        assert_int_equal(r, starve_happened() ? CXD_NOMEM : CXD_OK);
    } while (r != CXD_OK && n < 1000);
    starve_at(0);
    assert_in_range(n, 2, 999);
    http_client_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_the_socket_is_asked_and_no_name_looked_up, folder_make,
                                        NULL),
        cmocka_unit_test(test_nobody_there_is_no_connection_to_that_path),
        cmocka_unit_test(test_paths_that_can_be_none_are_refused),
        cmocka_unit_test(test_a_connection_that_rested_too_long_is_not_used),
        cmocka_unit_test(test_an_older_module_asks_the_network),
        cmocka_unit_test_setup_teardown(test_no_memory_is_an_error, NULL, folder_remove),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
