/*
 * test_sign_in.c: what each provider of OAuth 2.0 is asked, with keys from files as from options.
 */
#include "poll_bench.h"

#include <unistd.h>

static char path[] = "/tmp/cxd-key-XXXXXX";

static const char jwk[] =
#include "jwk.inc"
    ;
static const char pem[] =
#include "pem.inc"
    ;

static void file_put(const char *text)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

/* A service-account key as JSON, the PEM's line ends escaped. */
static void account_put(void)
{
    char text[4096];
    size_t len = (size_t)snprintf(text, sizeof text,
                                  "{\"client_email\":\"a@b\",\"private_key_id\":\"k7\","
                                  "\"token_uri\":\"http://t/google\",\"private_key\":\"");

    for (const char *at = pem; *at != '\0'; at++) {
        len += (size_t)snprintf(text + len, 3, "%s", *at == '\n' ? "\\n" : (char[]){*at, '\0'});
    }
    (void)snprintf(text + len, sizeof text - len, "\"}");
    file_put(text);
}

/* Part number `index` of the JWT behind `name=` in a form, decoded. Static. */
static const char *jwt_part(const char *form, const char *name, int index)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    static char out[2048];
    const char *at = strstr(form, name);
    uint32_t bits = 0;
    int count = 0;
    size_t len = 0;

    assert_non_null(at);
    for (at += strlen(name); index > 0; index--) {
        at = strchr(at, '.') + 1;
    }
    for (; *at != '\0' && strchr(letters, *at) != NULL; at++) {
        bits = bits << 6 | (uint32_t)(strchr(letters, *at) - letters);
        count += 6;
        if (count >= 8) {
            count -= 8;
            out[len++] = (char)(bits >> count);
        }
    }
    out[len] = '\0';
    return out;
}

/* One interval: a token, and the request that carries it. */
static void sign_in(const char *auth)
{
    static const struct fake_reply replies[] = {
        {.body = "{\"access_token\":\"T1\",\"expires_in\":3600}"}, {.body = "[]"}};
    char json[1000];

    fake_forget();
    fake_script(replies, 2);
    (void)snprintf(json, sizeof json, "{'request': {'url': 'http://h/'}, 'auth': {'oauth2': {%s}}}",
                   auth);
    begin(json);
    assert_int_equal(interval(), CXD_POLL_IDLE);
    finish();
    assert_int_equal(fake.request_count, 2);
    assert_non_null(strstr(fake.requests[1].headers, "*Authorization: Bearer T1\n"));
}

static void test_azure_is_asked_by_tenant_and_resource(void **state)
{
    (void)state;
    sign_in("'provider': 'azure', 'client': {'id': 'me', 'secret': 's'}, 'azure': {'tenant_id': "
            "'t1', 'resource': 'https://manage.example'}");
    assert_string_equal(fake.requests[0].url, "https://login.microsoftonline.com/t1/oauth2/token");
    assert_string_equal(fake.requests[0].body,
                        "grant_type=client_credentials&resource=https%3A%2F%2Fmanage.example");
    expect_open_error("{'request': {'url': 'http://h'}, 'auth': {'oauth2': {'provider': 'azure', "
                      "'client': {'id': 'x', 'secret': 's'}}}}",
                      "auth.oauth2.azure.tenant_id is needed");
}

static void expect_google(const char *auth, const char *subject)
{
    const char *form;

    sign_in(auth);
    form = fake.requests[0].body;
    assert_string_equal(fake.requests[0].url, "http://t/google");
    assert_non_null(
        strstr(form, "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&"));
    assert_non_null(strstr(jwt_part(form, "assertion=", 0), "\"kid\":\"k7\""));
    assert_non_null(strstr(jwt_part(form, "assertion=", 1), "\"iss\":\"a@b\""));
    assert_non_null(strstr(jwt_part(form, "assertion=", 1), "\"scope\":\"s1 s2\""));
    assert_non_null(strstr(jwt_part(form, "assertion=", 1), subject));
}

static void test_google_is_shown_a_service_account(void **state)
{
    char auth[300];

    (void)state;
    account_put();
    (void)snprintf(auth, sizeof auth,
                   "'provider': 'google', 'scopes': ['s1', 's2'], 'google': {'jwt_file': '%s', "
                   "'delegated_account': 'c@d'}",
                   path);
    expect_google(auth, "\"sub\":\"c@d\"");
    (void)snprintf(auth, sizeof auth,
                   "'provider': 'google', 'scopes': ['s1', 's2'], 'google': {'credentials_file': "
                   "'%s'}",
                   path);
    expect_google(auth, "\"aud\":\"http://t/google\"");
    expect_open_error("{'request': {'url': 'http://h'}, 'auth': {'oauth2': {'provider': 'google', "
                      "'google': {'jwt_json': 'x'}}}}",
                      "auth.oauth2.google: the key is not JSON");
    expect_open_error("{'request': {'url': 'http://h'}, 'auth': {'oauth2': {'provider': 'google', "
                      "'google': {'credentials_json': '1'}}}}",
                      "no client_email or private_key");
}

static void test_okta_is_shown_a_signature_of_our_own(void **state)
{
    char auth[300];
    const char *form;

    (void)state;
    file_put(jwk);
    (void)snprintf(auth, sizeof auth,
                   "'provider': 'okta', 'client': {'id': 'me'}, 'token_url': 'http://t/okta', "
                   "'scopes': ['s1', 's2'], 'okta': {'jwk_file': '%s'}",
                   path);
    sign_in(auth);
    form = fake.requests[0].body;
    assert_string_equal(fake.requests[0].url, "http://t/okta");
    assert_non_null(strstr(form, "grant_type=client_credentials&scope=s1+s2&"));
    assert_non_null(strstr(jwt_part(form, "client_assertion=", 0), "\"kid\":\"k1\""));
    assert_non_null(strstr(jwt_part(form, "client_assertion=", 1),
                           "\"iss\":\"me\",\"sub\":\"me\",\"aud\":\"http://t/okta\""));
    expect_open_error("{'request': {'url': 'http://h'}, 'auth': {'oauth2': {'provider': 'okta', "
                      "'client': {'id': 'me'}, 'token_url': 'http://t', 'scopes': ['s'], 'okta': "
                      "{'jwk_json': '{}'}}}}",
                      "auth.oauth2.okta");
    expect_open_error("{'request': {'url': 'http://h'}, 'auth': {'oauth2': {'provider': 'okta', "
                      "'client': {'id': 'me'}, 'token_url': 'http://t', 'okta': {'jwk_pem': "
                      "'x'}}}}",
                      "scopes and a key");
}

/* Two waits are said at info; the third is Degraded. */
static void test_waits_for_a_limit_degrade_after_some(void **state)
{
    const struct fake_reply limited = {
        .status = 429, .headers = "X-Limit: 100\nX-Left: 10\nX-Reset: 1700000100\n"};
    const struct fake_reply fresh = {.status = 429,
                                     .headers = "X-Limit: 100\nX-Left: 10\nX-Reset: 1700009999\n"};
    const struct fake_reply replies[] = {
        limited, fresh, {.body = "[]", .headers = "X-Limit: 100\nX-Left: 11\nX-Reset: 0\n"}};
    int64_t before;

    (void)state;
    fake_script(replies, 3);
    begin("{'request': {'url': 'http://h/', 'rate_limit': {'limit': "
          "'[[.last_response.header.Get \\\"X-Limit\\\"]]', 'remaining': "
          "'[[.last_response.header.Get \\\"X-Left\\\"]]', 'reset': "
          "'[[.last_response.header.Get \\\"X-Reset\\\"]]', 'early_limit': 0.1, "
          "'max_non_degraded': 1}}}");
    before = fake.wall_ms;
    assert_int_equal(interval(), CXD_POLL_IDLE);
    assert_int_equal(fake.request_count, 3);
    assert_true(fake.wall_ms >= INT64_C(1700009999000) && before < INT64_C(1700000100000));
    assert_true(fake_logged("rate limit of the server reached"));
    assert_int_equal(fake.health, CXD_HEALTHY); /* at the end; in between it was not */
    finish();
}

static int key_make(void **state)
{
    int fd = mkstemp(path);

    (void)state;
    return fd < 0 ? -1 : close(fd);
}

static int key_remove(void **state)
{
    (void)state;
    return unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_azure_is_asked_by_tenant_and_resource),
        CASE(test_google_is_shown_a_service_account),
        CASE(test_okta_is_shown_a_signature_of_our_own),
        CASE(test_waits_for_a_limit_degrade_after_some),
    };

    return cmocka_run_group_tests(tests, key_make, key_remove);
}
