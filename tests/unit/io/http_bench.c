/* http_bench.c: see the header. */
#include "http_bench.h"

#include <sys/socket.h>

struct web *web;

int64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

const char *url_of(int port, const char *path)
{
    static char urls[8][256];
    static int at;

    at = (at + 1) % 8;
    (void)snprintf(urls[at], sizeof urls[at], "http://user:secret@127.0.0.1:%d%s%stoken=secret",
                   port, path, strchr(path, '?') != NULL ? "&" : "?");
    return urls[at];
}

struct cxd_request request_of(const char *method, const char *url)
{
    return (struct cxd_request){.size = sizeof(struct cxd_request), .method = method, .url = url};
}

struct cxd_client *client_of(const struct http_settings *settings)
{
    struct cxd_client *c = NULL;
    struct cxd_error err = CXD_ERROR_INIT;

    if (http_client_new(settings, &c, &err) != 0) {
        fail_msg("%s", err.text);
    }
    return c;
}

struct cxd_transfer *start(struct cxd_client *c, const struct cxd_request *request)
{
    struct cxd_transfer *t = NULL;
    struct cxd_error err = CXD_ERROR_INIT;

    if (http_start(c, request, &t, &err) != 0) {
        fail_msg("%s", err.text);
    }
    return t;
}

struct outcome finish(struct cxd_client *c, struct cxd_transfer *t)
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

void say_script(int fd, int number, void *arg)
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

int setup(void **state)
{
    static const char *const proxies[] = {"http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy",
                                          "ALL_PROXY"};

    (void)state;
    for (size_t i = 0; i < sizeof proxies / sizeof proxies[0]; i++) {
        (void)unsetenv(proxies[i]);
    }
    web = web_start(NULL);
    return 0;
}

int teardown(void **state)
{
    (void)state;
    web_stop(web);
    return 0;
}
