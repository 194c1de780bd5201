/*
 * test_proof.c: tokens that are bound to a key (RFC 9449): the proof with each request, and the nonces that servers want in it.
 */
#include "rig.h"

#include "io/crypto.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>

#define URL "https://api.example/x?since=1#top"

static char *pem_of(EVP_PKEY *key)
{
    static char room[2][8192];
    static int turn;
    BIO *out = BIO_new(BIO_s_mem());
    char plain[4096];
    int len;
    char *to = room[turn++ % 2];
    char *at = to;

    assert_int_equal(PEM_write_bio_PKCS8PrivateKey(out, key, NULL, NULL, 0, NULL, NULL), 1);
    len = BIO_read(out, plain, sizeof plain);
    for (int i = 0; i < len; i++) { /* as JSON */
        if (plain[i] == '\n') {
            *at++ = '\\';
            *at++ = 'n';
        } else {
            *at++ = plain[i];
        }
    }
    *at = '\0';
    BIO_free(out);
    EVP_PKEY_free(key);
    return to;
}

static int reset(void **state)
{
    (void)state;
    fake_reset();
    rig_headers = NULL;
    return 0;
}

static void open_okta(const char *more)
{
    char json[20000];
    struct cxd_error err = CXD_ERROR_INIT;

    (void)snprintf(json, sizeof json,
                   "{'auth':{'oauth2':{'provider':'okta','client':{'id':'id'},'scopes':['s'],"
                   "'token_url':'https://okta.example/token?x=1','okta':{'jwk_pem':'%s'%s}}},"
                   "'resource':{'url':'" URL "'},'program':\"get(state.url).as(r, {'events':["
                   "{'message':string(r.StatusCode)}]})\"}",
                   pem_of(EVP_RSA_gen(2048)), more);
    if (rig_try_as(settings_options, json, NULL, &err) < 0) {
        fail_msg("open: %s", err.text);
    }
}

/* The header and the claims of the proof of a request, as text; "" when there is none. */
static const char *proof_of(size_t request)
{
    static char text[8192];
    const char *at = strstr(fake.requests[request].headers, "*DPoP: ");
    size_t len = 0;

    text[0] = '\0';
    if (at == NULL) {
        return text;
    }
    at += 7;
    for (int part = 0; part < 2; part++) {
        size_t got = 0;
        size_t code = strcspn(at, ".\n");
        assert_int_equal(crypto_base64_decode((struct cxd_bytes){at, code}, 1, text + len,
                                              sizeof text - len - 1, &got),
                         CXD_OK);
        len += got;
        at += code + 1;
    }
    text[len] = '\0';
    return text;
}

static void expect(size_t request, const char *part)
{
    if (strstr(proof_of(request), part) == NULL) {
        fail_msg("request %zu: no %s in %s", request, part, proof_of(request));
    }
}

#define SCRIPT(replies) fake_script(replies, sizeof(replies) / sizeof(replies)[0])
#define TOKEN "{\"access_token\":\"the-token\",\"token_type\":\"DPoP\",\"expires_in\":3600}"

static void test_nonces_are_taken_up_and_the_token_is_kept(void **state)
{
    static const struct fake_reply replies[] = {
        {.status = 400, .body = "{\"error\":\"use_dpop_nonce\"}", .headers = "DPoP-Nonce: n-1\n"},
        {.body = TOKEN},
        {.status = 401, .body = "{}", .headers = "DPoP-Nonce: there-1\n"},
        {.body = "{}"}};
    char key[9000];

    (void)state;
    (void)snprintf(key, sizeof key, ",'dpop_key_pem':'%s'", pem_of(EVP_EC_gen("P-256")));
    SCRIPT(replies);
    open_okta(key);
    assert_int_equal(rig_period(), CXD_POLL_IDLE);
    assert_int_equal(fake.request_count, 4);
    assert_string_equal(fake.events[0], "200");
    expect(0, "{\"typ\":\"dpop+jwt\",\"alg\":\"ES256\",\"jwk\":{\"crv\":\"P-256\"");
    expect(0, "\"htm\":\"POST\",\"htu\":\"https://okta.example/token\",\"iat\":1700000000");
    assert_null(strstr(proof_of(0), "nonce"));
    assert_null(strstr(proof_of(0), "\"ath\""));
    expect(1, "\"nonce\":\"n-1\"");
    expect(2, "\"htm\":\"GET\",\"htu\":\"https://api.example/x\"");
    /* sha256 of "the-token", by another program */
    expect(2, "\"ath\":\"wqc_z2HfvcrceaELozCy7162b8Cmc17Wm3lrs8l7l64\"");
    assert_null(strstr(proof_of(2), "nonce"));
    expect(3, "\"nonce\":\"there-1\"");
    assert_non_null(strstr(fake.requests[3].headers, "*Authorization: DPoP the-token\n"));
    rig_close();
}

static void test_a_refused_token_is_asked_for_anew(void **state)
{
    static const struct fake_reply replies[] = {
        {.body = TOKEN}, {.status = 401, .body = "{}"}, {.body = TOKEN}, {.body = "{}"}};
    char key[9000];

    (void)state;
    (void)snprintf(key, sizeof key, ",'dpop_key_pem':'%s'", pem_of(EVP_RSA_gen(2048)));
    SCRIPT(replies);
    open_okta(key);
    assert_int_equal(rig_period(), CXD_POLL_IDLE);
    assert_int_equal(fake.request_count, 4);
    expect(2, "\"alg\":\"RS256\"");
    expect(2, "https://okta.example/token");
    rig_close();
}

static void test_without_a_key_nothing_is_proved(void **state)
{
    static const struct fake_reply replies[] = {{.body = TOKEN}, {.body = "{}"}};

    (void)state;
    SCRIPT(replies);
    open_okta("");
    assert_int_equal(rig_period(), CXD_POLL_IDLE);
    assert_string_equal(proof_of(0), "");
    assert_string_equal(proof_of(1), "");
    assert_non_null(strstr(fake.requests[1].headers, "*Authorization: Bearer the-token\n"));
    rig_close();
}

static void test_a_key_of_another_kind_is_named(void **state)
{
    char key[9000];

    (void)state;
    (void)snprintf(key, sizeof key, ",'dpop_key_pem':'%s'", pem_of(EVP_EC_gen("P-384")));
    open_okta(key);
    (void)rig_period();
    assert_non_null(strstr(fake.reason, "dpop_key_pem"));
    rig_close();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_nonces_are_taken_up_and_the_token_is_kept, reset),
        cmocka_unit_test_setup(test_a_refused_token_is_asked_for_anew, reset),
        cmocka_unit_test_setup(test_without_a_key_nothing_is_proved, reset),
        cmocka_unit_test_setup(test_a_key_of_another_kind_is_named, reset),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
