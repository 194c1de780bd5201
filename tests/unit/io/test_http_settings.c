/*
 * test_http_settings.c: options of a policy as settings of a client; words that are not known.
 */
#include "test.h"

#include "io/http.h"

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
        {"ssl.key_passphrase_path", TEXT("/p")},
        {"ssl.ca_sha256", TEXT("pin")},
        {"ssl.cipher_suites", LIST("ssl.cipher_suites", 1)},
        {"ssl.cipher_suites.0", TEXT("suite")},
        {"ssl.curve_types", TEXT("P-256")},
        {"ssl.renegotiation", TEXT("never")},
        {"proxy_headers", LIST("proxy_headers", 4)},
        {"proxy_headers.0", TEXT("A")},
        {"proxy_headers.1", TEXT("1")},
        {"proxy_headers.2", TEXT("B")},
        {"proxy_headers.3", TEXT("2")},
        {"keep_alive.max_idle_connections", {.type = CXD_INT, .number = 3}},
        {"keep_alive.idle_connection_timeout", {.type = CXD_INT, .number = 2000}},
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
    assert_string_equal(s.key_passphrase_path, "/p");
    assert_int_equal(s.pin_count, 1);
    assert_int_equal(s.suite_count, 1);
    assert_string_equal(s.suites[0], "suite");
    assert_string_equal(s.curves[0], "P-256");
    assert_int_equal(s.proxy_header_count, 2);
    assert_string_equal(s.proxy_headers[1].name, "B");
    assert_string_equal(s.proxy_headers[1].value, "2");
    assert_int_equal(s.max_idle, 3);
    assert_int_equal(s.idle_timeout_ms, 2000);
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
        {{"ssl.cipher_suites", LIST("ssl.cipher_suites", 33)}, {NULL, {0}}},
        {{"ssl.ca_sha256", LIST("ssl.ca_sha256", 17)}, {NULL, {0}}},
        {{"proxy_headers", LIST("proxy_headers", 33)}, {NULL, {0}}},
        {{"connect_timeout", {.type = CXD_INT, .number = -1}}, {NULL, {0}}},
        {{"keep_alive.idle_connection_timeout", {.type = CXD_INT, .number = INT64_C(1) << 31}},
         {NULL, {0}}},
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

static void test_renegotiation_is_refused(void **state)
{
    static const struct option once[] = {{"ssl.renegotiation", TEXT("once")}, {NULL, {0}}};
    struct cxd_error err = CXD_ERROR_INIT;
    struct http_settings s;

    (void)state;
    options = once;
    assert_int_equal(http_settings_read((struct cxd_bytes){0}, option_get, &s, &err),
                     CXD_UNSUPPORTED);
    assert_non_null(strstr(err.text, "ssl.renegotiation"));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_options_become_settings),
        cmocka_unit_test(test_unknown_words_are_refused),
        cmocka_unit_test(test_renegotiation_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
