/* test_secret.c: what a policy's options tell the redactor, and what they leave readable. */
#include "base/redact.h"
#include "config/option.h"
#include "config/secret.h"
#include "io/doc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const struct cxd_option table[] = {
    {"request.transforms", CXD_OPTION_ANY, 0, NULL, "Transforms", NULL},
    {"request.ssl", CXD_OPTION_ANY, 0, NULL, "TLS", NULL},
    {"request.url", CXD_OPTION_STRING, 0, NULL, "URL", NULL},
    {"headers", CXD_OPTION_ANY, 0, NULL, "Headers", NULL},
    {"state", CXD_OPTION_ANY, 0, NULL, "Anything", NULL},
    {"hidden", CXD_OPTION_STRING_LIST, CXD_OPTION_SECRET, NULL, "Keys", NULL},
    {"auth.password", CXD_OPTION_STRING, CXD_OPTION_SECRET, NULL, "Password", NULL},
    {0},
};

static struct arena *arena;

static int setup(void **state)
{
    (void)state;
    arena = arena_new(4096, 1u << 20);
    return arena == NULL;
}

static int teardown(void **state)
{
    (void)state;
    redact_clear();
    arena_free(arena);
    return 0;
}

static void learn(const char *text)
{
    struct cxd_error err = CXD_ERROR_INIT;
    struct cxd_builder *doc = NULL;
    struct conf *root = NULL;
    struct option_source source = {.owner = "input x"};

    if (conf_read_text("p.yml", text, strlen(text), arena, &root, &err) != CXD_OK) {
        fail_msg("%s", err.text);
    }
    source.layers[0] = root;
    source.at = root;
    if (option_build(table, &source, &doc, &err) != CXD_OK) {
        fail_msg("%s", err.text);
    }
    doc_free(doc);
}

static void shown(const char *text, const char *want)
{
    char copy[512];

    (void)snprintf(copy, sizeof copy, "%s", text);
    redact_text(copy, strlen(copy));
    assert_string_equal(copy, want);
}

static void test_secret_options_of_any_type(void **state)
{
    (void)state;
    learn("hidden: [first-one, second-one]\nauth: {password: 'quo\"ted-one'}\n");
    shown("first-one second-one", "********* **********");
    shown("quo\"ted-one", "***********");
    shown("\"quo\\\"ted-one\"", "\"************\"");
}

static void test_values_behind_names_that_sound_secret(void **state)
{
    (void)state;
    learn("headers: {X-Api-Key: api-key-value, Accept: application/json}\n"
          "state: {a: {api_token: token-value, keyword: ascending}, list: [{client_secret: "
          "[deep-value]}]}\n");
    shown("api-key-value application/json", "************* application/json");
    shown("token-value ascending deep-value", "*********** ascending **********");
}

static void test_what_a_transform_puts_into_a_secret_place(void **state)
{
    (void)state;
    learn("request.transforms:\n"
          "- set: {target: header.Authorization, value: 'Bearer abcdefghijklmnop'}\n"
          "- set: {target: body.sort.keyword, value: ascending}\n"
          "- set: {target: url.params.access_token, value: '[[.cursor.next]]', default: "
          "default-token}\n"
          "- append: {target: header.x-other, value: not-hidden}\n");
    shown("abcdefghijklmnop", "****************");
    shown("ascending default-token not-hidden [[.cursor.next]]",
          "ascending ************* not-hidden [[.cursor.next]]");
}

static void test_the_literals_of_a_template_are_what_is_secret(void **state)
{
    (void)state;
    learn("request.transforms:\n"
          "- set:\n"
          "    target: header.Authorization\n"
          "    value: 'Basic-prefix-1234[[hash \"sha256\" \"advanced-key\" (.header.Get "
          "\"x-xdr-timestamp\") `raw-one\"x`]]'\n");
    shown("hash sha256 of advanced-key x-xdr-timestamp",
          "hash sha256 of ************ x-xdr-timestamp");
    shown("raw-one\"x, Basic-prefix-1234", "*********, *****************");
}

static void test_an_inline_key_is_masked_line_by_line_and_a_path_is_not(void **state)
{
    (void)state;
    learn("request.ssl:\n"
          "  key: |\n"
          "    -----BEGIN PRIVATE KEY-----\n"
          "    MIIEvQIBADANBgkqhkiG9w0BAQEF\n"
          "    -----END PRIVATE KEY-----\n"
          "  certificate_authorities: [/etc/ssl/own-authority.pem]\n");
    shown("MIIEvQIBADANBgkqhkiG9w0BAQEF", "****************************");
    shown("/etc/ssl/own-authority.pem", "/etc/ssl/own-authority.pem");
    redact_clear();
    learn("request.ssl: {key: /etc/ssl/client.key}\n");
    shown("/etc/ssl/client.key: No such file", "/etc/ssl/client.key: No such file");
}

static void test_a_password_in_a_url(void **state)
{
    (void)state;
    learn("request.url: https://user:pass-word@host.example/a@b:c\n");
    shown("https://user:pass-word@host.example/a@b:c", "https://user:*********@host.example/a@b:c");
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(test_secret_options_of_any_type),
        CASE(test_values_behind_names_that_sound_secret),
        CASE(test_what_a_transform_puts_into_a_secret_place),
        CASE(test_the_literals_of_a_template_are_what_is_secret),
        CASE(test_an_inline_key_is_masked_line_by_line_and_a_path_is_not),
        CASE(test_a_password_in_a_url),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
