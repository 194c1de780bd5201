/*
 * test_http_tls.c: whom we trust and who we are: certificates made on the spot, a TLS server on loopback for each case.
 */
#include "test.h"

#include "cert.h"
#include "io/http.h"
#include "peer.h"

#include <unistd.h>

static struct cert ca;       /* signs what follows */
static struct cert other_ca; /* signs nothing of it */
static struct cert good;     /* localhost and 127.0.0.1 */
static struct cert misnamed; /* another host */
static struct cert expired;
static struct cert lonely; /* signed by itself, no authority */
static struct cert client; /* for us */
static struct cert middle; /* an authority under ca */
static struct cert under_middle;

struct outcome {
    int result;
    int status;
    struct cxd_error err;
};

static struct outcome get(const struct http_settings *settings, const char *scheme, int port)
{
    struct cxd_request request = {.size = sizeof request, .method = "GET"};
    struct outcome o = {.err = CXD_ERROR_INIT};
    struct cxd_client *c = NULL;
    struct cxd_transfer *t = NULL;
    struct cxd_bytes piece;
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
    assert_true(o.result != CXD_END || o.status != 200 || len == 100000);
    assert_null(strstr(o.err.text, "secret"));
    http_client_free(c);
    return o;
}

static struct outcome get_from(const struct cert *server, const struct cert *chain,
                               const char *client_ca, const struct http_settings *settings)
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

static void expect_refusal(struct outcome o, const char *reason, const char *advice)
{
    if (o.result != CXD_TLS || strstr(o.err.text, reason) == NULL ||
        strstr(o.err.text, advice) == NULL) {
        fail_msg("%d: %s", o.result, o.err.text);
    }
    assert_int_equal(o.status, 0);
    assert_int_equal(strncmp(o.err.text, "127.0.0.1:", 10), 0);
}

static void expect_reply(struct outcome o, int status)
{
    if (o.result != CXD_END || o.status != status) {
        fail_msg("%d, HTTP %d: %s", o.result, o.status, o.err.text);
    }
}

static void test_a_known_authority_is_trusted(void **state)
{
    struct http_settings settings = {.ca = {other_ca.certificate, ca.certificate}, .ca_count = 2};
    char path[] = "/tmp/cxd-ca-XXXXXX";
    int fd = mkstemp(path);

    (void)state;
    expect_reply(get_from(&good, NULL, NULL, &settings), 200);
    assert_true(write(fd, ca.certificate, strlen(ca.certificate)) > 0);
    settings.ca[0] = path;
    settings.ca_count = 1;
    expect_reply(get_from(&good, NULL, NULL, &settings), 200);
    settings.ca[0] = middle.certificate; /* an authority needs not be the topmost one */
    expect_reply(get_from(&under_middle, NULL, NULL, &settings), 200);
    settings.ca[0] = ca.certificate;
    expect_reply(get_from(&under_middle, &middle, NULL, &settings), 200);
    close(fd);
    unlink(path);
}

static void test_unknown_ones_are_not(void **state)
{
    struct http_settings settings = {.ca = {other_ca.certificate}, .ca_count = 1};
    static const char advice[] = "ssl.certificate_authorities";

    (void)state;
    expect_refusal(get_from(&good, NULL, NULL, NULL), "issuer certificate", advice);
    expect_refusal(get_from(&good, NULL, NULL, &settings), "issuer certificate", advice);
    expect_refusal(get_from(&good, &ca, NULL, &settings), "self", advice);
    settings.ca[0] = ca.certificate;
    expect_refusal(get_from(&under_middle, NULL, NULL, &settings), "issuer certificate", advice);
    expect_refusal(get_from(&lonely, NULL, NULL, &settings), "self", advice);
}

static void test_name_and_date_are_checked(void **state)
{
    struct http_settings settings = {.ca = {ca.certificate}, .ca_count = 1};

    (void)state;
    expect_refusal(get_from(&misnamed, NULL, NULL, &settings), "127.0.0.1",
                   "use a name from the certificate");
    expect_refusal(get_from(&expired, NULL, NULL, &settings), "expired", "clock");
    settings.verify = HTTP_VERIFY_CERTIFICATE;
    expect_reply(get_from(&misnamed, NULL, NULL, &settings), 200);
    expect_refusal(get_from(&expired, NULL, NULL, &settings), "expired", "clock");
    settings.ca[0] = other_ca.certificate;
    expect_refusal(get_from(&good, NULL, NULL, &settings), "issuer", "ssl.certificate_authorities");
    settings.verify = HTTP_VERIFY_NONE;
    expect_reply(get_from(&good, NULL, NULL, &settings), 200);
    expect_reply(get_from(&misnamed, NULL, NULL, &settings), 200);
    expect_reply(get_from(&expired, NULL, NULL, &settings), 200);
}

static void test_an_authority_is_trusted_by_fingerprint(void **state)
{
    struct http_settings settings = {.ca_fingerprint = ca.fingerprint};
    char spaced[96 + 1];

    (void)state;
    expect_reply(get_from(&good, &ca, NULL, &settings), 200);
    for (int i = 0; i < 32; i++) { /* the other usual way to write it */
        (void)snprintf(spaced + 3 * i, 4, "%.2s:", ca.fingerprint + 2 * i);
    }
    spaced[95] = '\0';
    settings.ca_fingerprint = spaced;
    expect_reply(get_from(&good, &ca, NULL, &settings), 200);
    settings.ca[0] = other_ca.certificate; /* besides others */
    settings.ca_count = 1;
    expect_reply(get_from(&good, &ca, NULL, &settings), 200);
    settings.ca_count = 0;
    settings.ca_fingerprint = middle.fingerprint;
    expect_reply(get_from(&under_middle, &middle, NULL, &settings), 200);

    settings.ca_fingerprint = ca.fingerprint;
    expect_refusal(get_from(&good, NULL, NULL, &settings), "issuer",
                   "fingerprint"); /* not presented */
    expect_refusal(get_from(&misnamed, &ca, NULL, &settings), "127.0.0.1", "name");
    expect_refusal(get_from(&expired, &ca, NULL, &settings), "expired", "clock");
    expect_refusal(get_from(&lonely, &ca, NULL, &settings), "self",
                   "fingerprint"); /* not its child */
    settings.ca_fingerprint = other_ca.fingerprint;
    expect_refusal(get_from(&good, &ca, NULL, &settings), "self", "fingerprint");
    settings.ca_fingerprint = good.fingerprint; /* no authority */
    expect_refusal(get_from(&good, &ca, NULL, &settings), "self", "fingerprint");
}

static void test_a_client_certificate_is_shown(void **state)
{
    struct http_settings settings = {.ca = {ca.certificate}, .ca_count = 1};
    char both[8192];

    (void)state;
    expect_reply(get_from(&good, NULL, ca.certificate, &settings), 403); /* as the server says */
    settings.certificate = client.certificate;
    settings.key = client.key;
    expect_reply(get_from(&good, NULL, ca.certificate, &settings), 200);
    settings.key = client.locked_key;
    settings.key_passphrase = "open sesame";
    expect_reply(get_from(&good, NULL, ca.certificate, &settings), 200);
    (void)snprintf(both, sizeof both, "%s%s", client.certificate, client.key);
    settings.certificate = both;
    settings.key = NULL;
    expect_reply(get_from(&good, NULL, ca.certificate, &settings), 200);
}

static void test_what_cannot_be_used_is_said_at_once(void **state)
{
    char short_print[] = "abcdef";
    char long_print[70];
    struct {
        struct http_settings settings;
        const char *text;
    } rows[] = {
        {{.ca = {"/nonexistent/ca.pem"}, .ca_count = 1},
         "ssl.certificate_authorities: cannot be read"},
        {{.ca = {"/dev/null"}, .ca_count = 1}, "no certificate"},
        {{.ca = {"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"}, .ca_count = 1},
         "ssl.certificate_authorities"},
        {{.certificate = "/nonexistent"}, "ssl.certificate: cannot be read"},
        {{.certificate = client.certificate}, "ssl.key: no private key"},
        {{.certificate = client.certificate, .key = good.key}, "does not belong"},
        {{.certificate = client.certificate, .key = client.locked_key}, "passphrase"},
        {{.certificate = client.certificate, .key = client.locked_key, .key_passphrase = "secret"},
         "passphrase"},
        {{.key = client.key}, "without ssl.certificate"},
        {{.ca_fingerprint = short_print}, "ssl.ca_trusted_fingerprint"},
        {{.ca_fingerprint = long_print}, "ssl.ca_trusted_fingerprint"},
    };

    (void)state;
    memset(long_print, 'a', sizeof long_print);
    long_print[66] = '\0';
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct cxd_error err = CXD_ERROR_INIT;
        struct cxd_client *c = NULL;

        assert_int_equal(http_client_new(&rows[i].settings, &c, &err), CXD_CONFIG);
        if (strstr(err.text, rows[i].text) == NULL) {
            fail_msg("row %zu: %s", i, err.text);
        }
        assert_null(strstr(err.text, "secret"));
        assert_null(c);
    }
}

static void test_a_port_without_tls_is_named(void **state)
{
    struct web *web = web_start(NULL);

    (void)state;
    expect_refusal(get(NULL, "https", web_port(web)), "TLS failed", "does not speak TLS");
    web_stop(web);
}

static void test_versions_can_be_chosen(void **state)
{
    struct http_settings settings = {.ca = {ca.certificate}, .ca_count = 1};

    (void)state;
    settings.protocols = HTTP_TLS_1_2;
    expect_reply(get_from(&good, NULL, NULL, &settings), 200);
    settings.protocols = HTTP_TLS_1_3;
    expect_reply(get_from(&good, NULL, NULL, &settings), 200);
}

/* A document of options, as far as http_settings_read asks for it. */
struct option {
    const char *path;
    struct cxd_scalar value;
};

static const struct option *options;

#define TEXT(t)                                                                                    \
    {                                                                                              \
        .type = CXD_TEXT, .bytes = { t, sizeof(t) - 1 }                                            \
    }

static struct cxd_scalar option_get(struct cxd_bytes doc, const char *path)
{
    char full[80];

    (void)snprintf(full, sizeof full, "%s%s%s", doc.ptr != NULL ? doc.ptr : "",
                   doc.ptr != NULL ? "." : "", path);
    for (const struct option *o = options; o->path != NULL; o++) {
        if (strcmp(o->path, full) == 0) {
            return o->value;
        }
    }
    return (struct cxd_scalar){.type = CXD_NONE};
}

#define LIST(name, n)                                                                              \
    {                                                                                              \
        .type = CXD_ARRAY, .count = (n), .bytes = { name, sizeof(name) - 1 }                       \
    }

static void test_options_become_settings(void **state)
{
    static const struct option all[] = {
        {"ssl.verification_mode", TEXT("certificate")},
        {"ssl.certificate_authorities", LIST("ssl.certificate_authorities", 2)},
        {"ssl.certificate_authorities.0", TEXT("/a")},
        {"ssl.certificate_authorities.1", TEXT("/b")},
        {"ssl.certificate", TEXT("/c")},
        {"ssl.key", TEXT("/k")},
        {"ssl.key_passphrase", TEXT("p")},
        {"ssl.ca_trusted_fingerprint", TEXT("ff")},
        {"ssl.supported_protocols", LIST("ssl.supported_protocols", 2)},
        {"ssl.supported_protocols.0", TEXT("TLSv1.1")},
        {"ssl.supported_protocols.1", TEXT("TLSv1.3")},
        {"proxy_url", TEXT("http://proxy")},
        {"proxy_disable", {.type = CXD_BOOL, .number = 1}},
        {"connect_timeout", {.type = CXD_INT, .number = 1500}},
        {NULL, {0}}};
    static const struct option off[] = {{"ssl.enabled", {.type = CXD_BOOL, .number = 0}},
                                        {"ssl.certificate", TEXT("/c")},
                                        {"ssl.verification_mode", TEXT("nonsense")},
                                        {NULL, {0}}};
    struct http_settings s = {0};

    (void)state;
    options = all;
    assert_int_equal(http_settings_read((struct cxd_bytes){0}, option_get, &s, NULL), 0);
    assert_int_equal(s.verify, HTTP_VERIFY_CERTIFICATE);
    assert_int_equal(s.ca_count, 2);
    assert_string_equal(s.ca[1], "/b");
    assert_string_equal(s.certificate, "/c");
    assert_string_equal(s.key, "/k");
    assert_string_equal(s.key_passphrase, "p");
    assert_string_equal(s.ca_fingerprint, "ff");
    assert_int_equal(s.protocols, HTTP_TLS_1_3);
    assert_string_equal(s.proxy_url, "http://proxy");
    assert_int_equal(s.proxy_disable, 1);
    assert_int_equal(s.connect_timeout_ms, 1500);
    options = off;
    assert_int_equal(http_settings_read((struct cxd_bytes){0}, option_get, &s, NULL), 0);
    assert_null(s.certificate);
    assert_int_equal(s.ca_count, 0);
}

static void test_unknown_words_are_refused(void **state)
{
    static const struct option rows[][2] = {
        {{"ssl.verification_mode", TEXT("yes")}, {NULL, {0}}},
        {{"ssl.supported_protocols", TEXT("SSLv3")}, {NULL, {0}}},
        {{"ssl.supported_protocols", TEXT("TLSv1.1")}, {NULL, {0}}},
        {{"ssl.certificate_authorities", LIST("ssl.certificate_authorities", 1)}, {NULL, {0}}},
        {{"ssl.certificate_authorities", LIST("ssl.certificate_authorities", 33)}, {NULL, {0}}},
        {{"connect_timeout", {.type = CXD_INT, .number = -1}}, {NULL, {0}}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct cxd_error err = CXD_ERROR_INIT;
        struct http_settings s;

        options = rows[i];
        assert_int_equal(http_settings_read((struct cxd_bytes){0}, option_get, &s, &err),
                         CXD_CONFIG);
        assert_int_equal(strncmp(err.text, rows[i][0].path, strlen(rows[i][0].path)), 0);
    }
}

static int setup(void **state)
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
    return 0;
}

static int teardown(void **state)
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

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_known_authority_is_trusted),
        cmocka_unit_test(test_unknown_ones_are_not),
        cmocka_unit_test(test_name_and_date_are_checked),
        cmocka_unit_test(test_an_authority_is_trusted_by_fingerprint),
        cmocka_unit_test(test_a_client_certificate_is_shown),
        cmocka_unit_test(test_what_cannot_be_used_is_said_at_once),
        cmocka_unit_test(test_a_port_without_tls_is_named),
        cmocka_unit_test(test_versions_can_be_chosen),
        cmocka_unit_test(test_options_become_settings),
        cmocka_unit_test(test_unknown_words_are_refused),
    };

    unsetenv("https_proxy");
    unsetenv("HTTPS_PROXY");
    unsetenv("all_proxy");
    unsetenv("ALL_PROXY");
    return cmocka_run_group_tests(tests, setup, teardown);
}
