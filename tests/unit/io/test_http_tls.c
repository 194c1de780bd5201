/*
 * test_http_tls.c: whom we trust and who we are.
 */
#include "tls_bench.h"

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
        expect_no_client(&rows[i].settings, rows[i].text);
    }
}

/* Says in plain words that it does not understand, and stays until the other side has read that. */
static void plain_script(int fd, int number, void *arg)
{
    (void)number;
    (void)arg;
    raw_write(fd, "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
    raw_drain(fd);
}

static void test_a_port_without_tls_is_named(void **state)
{
    struct raw *raw = raw_start(plain_script, NULL);

    (void)state;
    expect_refusal(get(NULL, "https", raw_port(raw)), "TLS failed", "does not speak TLS");
    raw_stop(raw);
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
    };

    return cmocka_run_group_tests(tests, tls_setup, tls_teardown);
}
