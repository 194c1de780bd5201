/* test_serve.c: who is answered and who is not, and where it listens. */
#include "test.h"

#include "base/buf.h"
#include "io/http.h"
#include "io/serve.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[64];
static char socket_path[96];

static int setup(void **state)
{
    (void)state;
    (void)snprintf(folder, sizeof folder, "/tmp/cortexd-serve.XXXXXX");
    assert_non_null(mkdtemp(folder));
    (void)snprintf(socket_path, sizeof socket_path, "%s/s.sock", folder);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    assert_int_equal(rmdir(folder), 0); /* nothing was left in it */
    return 0;
}

static void answer(void *owner, const char *path, struct serve_reply *reply)
{
    *(int *)owner += 1;
    assert_int_equal(buf_add_text(&reply->body, path), CXD_OK);
    if (strcmp(path, "/lost") == 0) {
        reply->status = 404;
    }
}

static struct serve *serve_new(const char *path, const char *host, int *calls)
{
    const struct serve_spec spec = {
        .socket_path = path, .host = host, .body_max = 4096, .answer = answer, .owner = calls};
    struct serve *s = NULL;
    struct cxd_error err = CXD_ERROR_INIT;

    if (serve_open(&spec, &s, &err) != CXD_OK) {
        fail_msg("%s", err.text);
    }
    return s;
}

/* Sends the text to the port and reads all that comes. */
static void ask(uint16_t port, const char *request, char *out, size_t room)
{
    struct sockaddr_in to = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    size_t len = 0;
    ssize_t got;

    assert_true(fd >= 0);
    assert_int_equal(connect(fd, (const struct sockaddr *)&to, sizeof to), 0);
    assert_int_equal(write(fd, request, strlen(request)), (ssize_t)strlen(request));
    while (len + 1 < room && (got = read(fd, out + len, room - 1 - len)) > 0) {
        len += (size_t)got;
    }
    out[len] = '\0';
    (void)close(fd);
}

static void test_the_socket_is_ours_alone(void **state)
{
    struct buf body;
    struct stat st;
    int calls = 0;
    int status = 0;
    struct serve *s;

    (void)state;
    s = serve_new(socket_path, NULL, &calls);
    assert_int_equal(stat(socket_path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    buf_init(&body, 100);
    assert_int_equal(http_local_get(socket_path, "/a?b", &body, &status, NULL), CXD_OK);
    assert_int_equal(status, 200);
    assert_int_equal(body.len, 2);
    assert_memory_equal(body.ptr, "/a", 2);
    buf_clear(&body);
    assert_int_equal(http_local_get(socket_path, "/lost", &body, &status, NULL), CXD_OK);
    assert_int_equal(status, 404);
    assert_int_equal(serve_port(s), 0);
    serve_close(s);
    assert_int_equal(http_local_get(socket_path, "/a", &body, &status, NULL), CXD_CONNECT);
    buf_done(&body);
    assert_int_equal(calls, 2);
}

static void test_a_socket_that_was_left_behind_is_replaced(void **state)
{
    int calls = 0;
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    FILE *file = fopen(socket_path, "w");

    (void)state;
    (void)close(fd);
    assert_non_null(file);
    (void)fclose(file);
    serve_close(serve_new(socket_path, NULL, &calls));
    serve_close(NULL);
}

static void test_only_this_machine_is_answered(void **state)
{
    static const struct {
        const char *host;
        const char *status;
    } rows[] = {{"localhost", "200"},
                {"LOCALHOST:1", "200"},
                {"127.0.0.1:6791", "200"},
                {"127.9.9.9", "200"},
                {"[::1]:80", "200"},
                {"evil.example", "403"},
                {"localhost.evil.x", "403"},
                {"128.0.0.1", "403"},
                {"[::2]", "403"},
                {"", "403"},
                {"127.0.0.1.a.b", "403"}};
    int calls = 0;
    struct serve *s = serve_new(NULL, "localhost", &calls);
    char request[200];
    char reply[2000];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        (void)snprintf(request, sizeof request,
                       "GET /x HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", rows[i].host);
        ask(serve_port(s), request, reply, sizeof reply);
        if (strncmp(reply, "HTTP/1.1 ", 9) != 0 || strncmp(reply + 9, rows[i].status, 3) != 0) {
            fail_msg("%s: %.60s", rows[i].host, reply);
        }
    }
    assert_int_equal(calls, 5);
    ask(serve_port(s), "GET /x HTTP/1.0\r\n\r\n", reply, sizeof reply);
    assert_non_null(strstr(reply, " 403 "));
    ask(serve_port(s),
        "POST /x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc",
        reply, sizeof reply);
    assert_non_null(strstr(reply, " 405 "));
    assert_non_null(strstr(reply, "Allow: GET, HEAD"));
    ask(serve_port(s), "HEAD /x HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", reply,
        sizeof reply);
    assert_non_null(strstr(reply, "Content-Security-Policy: default-src 'none'"));
    assert_null(strstr(reply, "\r\n\r\n/x"));
    ask(serve_port(s), "nonsense\r\n\r\n", reply, sizeof reply);
    assert_int_equal(calls, 6);
    serve_close(s);
}

static void test_what_cannot_be_listened_on_is_said(void **state)
{
    static const char *const foreign[] = {"0.0.0.0", "10.0.0.1", "example.net",
                                          "::",      "",         "2001:db8::1"};
    char long_path[200];
    int calls = 0;
    struct serve *s = serve_new(NULL, "127.0.0.1", &calls);
    struct serve_spec spec = {.host = "127.0.0.1", .port = serve_port(s), .answer = answer};
    struct serve *other = NULL;
    struct cxd_error err = CXD_ERROR_INIT;

    (void)state;
    assert_int_equal(serve_open(&spec, &other, &err), CXD_EXISTS);
    assert_non_null(strstr(err.text, "the port is in use"));
    spec.port = 0;
    for (size_t i = 0; i < sizeof foreign / sizeof foreign[0]; i++) {
        spec.host = foreign[i];
        assert_int_equal(serve_open(&spec, &other, &err), CXD_CONFIG);
    }
    assert_non_null(strstr(err.text, "for this machine only"));
    memset(long_path, 'a', sizeof long_path);
    long_path[sizeof long_path - 1] = '\0';
    spec.socket_path = long_path;
    assert_int_equal(serve_open(&spec, &other, &err), CXD_CONFIG);
    spec.socket_path = "/nonexistent/s.sock";
    assert_int_equal(serve_open(&spec, &other, &err), CXD_IO);
    assert_null(other);
    serve_close(s);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    static const struct CMUnitTest tests[] = {
        CASE(test_the_socket_is_ours_alone),
        CASE(test_a_socket_that_was_left_behind_is_replaced),
        CASE(test_only_this_machine_is_answered),
        CASE(test_what_cannot_be_listened_on_is_said),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
