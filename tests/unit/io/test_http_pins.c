/*
 * test_http_pins.c: pinned keys, chosen suites and curves, a passphrase in a file.
 */
#include "tls_bench.h"

#include "starve.h"

#include <openssl/evp.h>
#include <openssl/x509.h>

/* The pin of a certificate's key, in one of four static buffers. */
static const char *pin_of(const struct cert *cert)
{
    static char pins[4][48];
    static int next;
    unsigned char *key = NULL;
    unsigned char digest[32];
    int len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(cert->x509), &key);
    char *pin = pins[next++ % 4];

    assert_true(len > 0);
    assert_int_equal(EVP_Digest(key, (size_t)len, digest, NULL, EVP_sha256(), NULL), 1);
    OPENSSL_free(key);
    assert_int_equal(EVP_EncodeBlock((unsigned char *)pin, digest, 32), 44);
    return pin;
}

static void test_one_key_of_the_chain_is_pinned(void **state)
{
    struct http_settings settings = {.ca = {ca.certificate}, .ca_count = 1};
    static const char advice[] = "ssl.ca_sha256";

    (void)state;
    settings.pins[0] = pin_of(&other_ca);
    settings.pin_count = 1;
    expect_refusal(get_from(&good, &ca, NULL, &settings), "", advice);
    settings.pins[1] = pin_of(&ca); /* the authority is ours: it needs not be sent */
    settings.pin_count = 2;
    expect_reply(get_from(&good, NULL, NULL, &settings), 200);
    settings.pins[1] = pin_of(&good);
    expect_reply(get_from(&good, NULL, NULL, &settings), 200);
    settings.pins[1] = pin_of(&middle);
    expect_reply(get_from(&under_middle, &middle, NULL, &settings), 200);
    /* what is sent beside the chain does not count */
    expect_refusal(get_from(&good, &middle, NULL, &settings), "", advice);
    /* a pin is no reason to trust */
    settings.pins[1] = pin_of(&good);
    settings.ca[0] = other_ca.certificate;
    expect_refusal(get_from(&good, NULL, NULL, &settings), "issuer", "ssl.certificate_authorities");
    settings.ca_count = 0;
    expect_refusal(get_from(&good, NULL, NULL, &settings), "issuer", "ssl.certificate_authorities");
    settings.ca_fingerprint = ca.fingerprint;
    expect_reply(get_from(&good, &ca, NULL, &settings), 200);
}

static void test_pins_that_are_none_are_refused(void **state)
{
    static const char *const bad[] = {"",
                                      "AAAA",
                                      "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
                                      "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==",
                                      "!AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
                                      "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=A"};
    struct http_settings settings = {.pin_count = 1};

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        settings.pins[0] = bad[i];
        expect_no_client(&settings, "ssl.ca_sha256: not the base64 of a SHA-256");
    }
    settings.pins[0] = pin_of(&ca);
    settings.verify = HTTP_VERIFY_NONE;
    expect_no_client(&settings, "ssl.ca_sha256: of no use");
}

static void expect_session(const struct http_settings *settings, const char *part)
{
    struct outcome o = get_from(&good, NULL, NULL, settings);

    expect_reply(o, 200);
    if (strstr(o.session, part) == NULL) {
        fail_msg("%s has no %s", o.session, part);
    }
}

static void test_suites_and_curves_are_chosen(void **state)
{
    struct http_settings settings = {
        .ca = {ca.certificate},
        .ca_count = 1,
        .suites = {"ECDHE-RSA-RC4-128-SHA", "ECDHE-ECDSA-AES-128-GCM-SHA256"},
        .suite_count = 2,
        .protocols = HTTP_TLS_1_2};

    (void)state;
    expect_session(&settings, "TLS1.2");
    expect_session(&settings, "AES-128-GCM");
    settings.suites[1] = "ECDHE-ECDSA-CHACHA20-POLY1305";
    expect_session(&settings, "CHACHA20-POLY1305");
    settings.protocols = 0;
    settings.suites[1] = "TLS-CHACHA20-POLY1305-SHA256";
    expect_session(&settings, "TLS1.3"); /* and no other version, as no suite of it was named */
    expect_session(&settings, "CHACHA20-POLY1305");
    settings.suites[1] = "TLS-AES-128-GCM-SHA256";
    expect_session(&settings, "AES-128-GCM");
    settings.suite_count = 0;
    settings.curves[0] = "P-384";
    settings.curve_count = 1;
    expect_session(&settings, "SECP384R1");
    settings.curves[0] = "X25519";
    expect_session(&settings, "X25519");
}

static void test_words_that_do_not_fit_are_refused(void **state)
{
    struct http_settings settings = {.suites = {"AES"}, .suite_count = 1};

    (void)state;
    expect_no_client(&settings, "ssl.cipher_suites: \"AES\" is not known");
    settings.suites[0] = "RSA-RC4-128-SHA";
    expect_no_client(&settings, "ssl.cipher_suites: nothing among them is spoken any more");
    settings.suites[0] = "TLS-AES-128-GCM-SHA256";
    settings.protocols = HTTP_TLS_1_2;
    expect_no_client(&settings, "ssl.cipher_suites: none of TLSv1.2");
    settings.suite_count = 0;
    settings.curves[0] = "P-123";
    settings.curve_count = 1;
    expect_no_client(&settings, "ssl.curve_types: \"P-123\" is not known");
}

static void test_a_passphrase_comes_from_a_file(void **state)
{
    struct http_settings settings = {.ca = {ca.certificate},
                                     .ca_count = 1,
                                     .certificate = client.certificate,
                                     .key = client.locked_key};
    char path[] = "/tmp/cxd-pass-XXXXXX";
    int fd = mkstemp(path);

    (void)state;
    settings.key_passphrase_path = path;
    expect_no_client(&settings, "ssl.key_passphrase_path: cannot be read");
    assert_int_equal(write(fd, "open sesame\r\nsecret\n", 20), 20);
    expect_reply(get_from(&good, NULL, ca.certificate, &settings), 200);
    assert_int_equal(pwrite(fd, "OPEN", 4, 0), 4);
    expect_no_client(&settings, "wrong ssl.key_passphrase");
    settings.key_passphrase = "open sesame"; /* what is said here comes first */
    expect_reply(get_from(&good, NULL, ca.certificate, &settings), 200);
    settings.key_passphrase = NULL;
    settings.key_passphrase_path = "/nonexistent";
    expect_no_client(&settings, "ssl.key_passphrase_path: cannot be read");
    close(fd);
    unlink(path);
}

static void test_no_memory_is_an_error(void **state)
{
    struct http_settings settings = {
        .suites = {"TLS-AES-128-GCM-SHA256", "RSA-AES-128-GCM-SHA256"},
        .suite_count = 2,
        .curves = {"P-256", "P-384"},
        .curve_count = 2,
        .proxy_headers = {{.name = "A", .value = "1"}, {.name = "B", .value = "2"}},
        .proxy_header_count = 2};
    int n = 0;
    int r;

    (void)state;
    do {
        struct cxd_error err = CXD_ERROR_INIT;
        struct cxd_client *c = NULL;

        starve_at(++n);
        r = http_client_new(&settings, &c, &err);
        assert_int_equal(r, starve_happened() ? CXD_NOMEM : CXD_OK);
        http_client_free(c);
    } while (r != CXD_OK && n < 1000);
    starve_at(0);
    assert_in_range(n, 6, 999);
    settings.proxy_headers[1].value = "a\nb: c";
    expect_no_client(&settings, "proxy_headers: header 2 cannot be sent");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_key_of_the_chain_is_pinned),
        cmocka_unit_test(test_pins_that_are_none_are_refused),
        cmocka_unit_test(test_suites_and_curves_are_chosen),
        cmocka_unit_test(test_words_that_do_not_fit_are_refused),
        cmocka_unit_test(test_a_passphrase_comes_from_a_file),
        cmocka_unit_test(test_no_memory_is_an_error),
    };

    return cmocka_run_group_tests(tests, tls_setup, tls_teardown);
}
