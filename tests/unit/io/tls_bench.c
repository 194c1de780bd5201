/* tls_bench.c: see the header. */
#include "tls_bench.h"

struct cert ca;
struct cert other_ca;
struct cert good;
struct cert misnamed;
struct cert expired;
struct cert lonely;
struct cert client;
struct cert middle;
struct cert under_middle;

struct outcome get(const struct http_settings *settings, const char *scheme, int port)
{
    struct cxd_request request = {.size = sizeof request, .method = "GET"};
    struct outcome o = {.err = CXD_ERROR_INIT};
    struct cxd_client *c = NULL;
    struct cxd_transfer *t = NULL;
    struct cxd_bytes piece;
    const char *agreed;
    size_t len = 0;
    char url[128];

    (void)snprintf(url, sizeof url, "%s://127.0.0.1:%d/bytes?n=100000&token=secret", scheme, port);
    request.url = url;
    assert_int_equal(http_client_new(settings, &c, &o.err), 0);
    assert_int_equal(http_start(c, &request, &t, &o.err), 0);
    while ((o.result = http_read(t, &piece, &o.err)) == 0 || o.result == CXD_AGAIN) {
        if (o.result == 0) {
            len += piece.len;
        } else {
            assert_int_equal(http_wait(c, 10000), 0);
        }
    }
    o.status = http_status(t);
    agreed = http_header(t, "X-Session");
    (void)snprintf(o.session, sizeof o.session, "%s", agreed != NULL ? agreed : "");
    assert_true(o.result != CXD_END || o.status != 200 || len == 100000);
    assert_null(strstr(o.err.text, "secret"));
    http_client_free(c);
    return o;
}

struct outcome get_from(const struct cert *server, const struct cert *chain, const char *client_ca,
                        const struct http_settings *settings)
{
    char both[16384];
    struct web_tls tls = {.certificate = both, .key = server->key, .client_ca = client_ca};
    struct outcome o;
    struct web *web;

    (void)snprintf(both, sizeof both, "%s%s", server->certificate,
                   chain != NULL ? chain->certificate : "");
    web = web_start(&tls);
    o = get(settings, "https", web_port(web));
    web_stop(web);
    return o;
}

void expect_refusal(struct outcome o, const char *reason, const char *advice)
{
    if (o.result != CXD_TLS || strstr(o.err.text, reason) == NULL ||
        strstr(o.err.text, advice) == NULL) {
        fail_msg("%d: %s", o.result, o.err.text);
    }
    assert_int_equal(o.status, 0);
    assert_int_equal(strncmp(o.err.text, "127.0.0.1:", 10), 0);
}

void expect_reply(struct outcome o, int status)
{
    if (o.result != CXD_END || o.status != status) {
        fail_msg("%d, HTTP %d: %s", o.result, o.status, o.err.text);
    }
}

void expect_no_client(const struct http_settings *settings, const char *text)
{
    struct cxd_error err = CXD_ERROR_INIT;
    struct cxd_client *c = NULL;

    assert_int_equal(http_client_new(settings, &c, &err), CXD_CONFIG);
    if (strstr(err.text, text) == NULL) {
        fail_msg("%s", err.text);
    }
    assert_null(strstr(err.text, "secret"));
    assert_null(c);
}

int tls_setup(void **state)
{
    (void)state;
    cert_make(&ca, NULL, "test root", NULL, 1, 100);
    cert_make(&other_ca, NULL, "another root", NULL, 1, 100);
    cert_make(&good, &ca, "localhost", "DNS:localhost,IP:127.0.0.1", 0, 100);
    cert_make(&misnamed, &ca, "elsewhere", "DNS:elsewhere.example", 0, 100);
    cert_make(&expired, &ca, "localhost", "DNS:localhost,IP:127.0.0.1", 0, -1);
    cert_make(&lonely, NULL, "localhost", "DNS:localhost,IP:127.0.0.1", 0, 100);
    cert_make(&client, &ca, "cortexd", NULL, 0, 100);
    cert_make(&middle, &ca, "test middle", NULL, 1, 100);
    cert_make(&under_middle, &middle, "localhost", "DNS:localhost,IP:127.0.0.1", 0, 100);
    unsetenv("https_proxy");
    unsetenv("HTTPS_PROXY");
    unsetenv("all_proxy");
    unsetenv("ALL_PROXY");
    return 0;
}

int tls_teardown(void **state)
{
    (void)state;
    cert_done(&ca);
    cert_done(&other_ca);
    cert_done(&good);
    cert_done(&misnamed);
    cert_done(&expired);
    cert_done(&lonely);
    cert_done(&client);
    cert_done(&middle);
    cert_done(&under_middle);
    return 0;
}
