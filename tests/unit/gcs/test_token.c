/* test_token.c: keys, claims that OpenSSL verifies, token replies, secrets that do not stay. */
#include "test.h"
#include "token.h"

#include <json-c/json.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

static const char uri_space[] = "https://oauth2.example/token";

static void test_key_is_read(void **state)
{
    struct token_key key;
    struct cxd_error err;

    (void)state;
    assert_int_equal(token_key_parse(&fake_heap, bytes_of(fake_key_json()), &key, &err), 0);
    assert_text(key.email, "collector@project.iam.example");
    assert_text(key.key_id, "k1");
    assert_text(key.token_uri, uri_space);
    assert_non_null(strstr(key.private_key.ptr, "BEGIN PRIVATE KEY"));
    token_key_done(&key);
    assert_int_equal(fake.live, 0);
}

static void test_key_refused(void **state)
{
    static const char *const rows[][2] = {
        {"", "not a JSON object"},
        {"[1]", "not a JSON object"},
        {"{\"type\":\"authorized_user\"}", "type service_account"},
        {"{\"type\":\"service_account\"}", "client_email"},
        {"{\"client_email\":\"a\"}", "private_key"},
        {"{\"client_email\":\"a\",\"private_key\":\"SECRETKEY\"}", "token_uri"},
        {"{\"client_email\":\"a\",\"private_key\":\"SECRETKEY\",\"token_uri\":\"file:///x\"}",
         "token_uri"},
        {"{\"client_email\":\"a\\u0000b\"}", "client_email"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct cxd_error err = CXD_ERROR_INIT;
        struct token_key key;

        assert_int_equal(token_key_parse(&fake_heap, bytes_of(rows[i][0]), &key, &err), CXD_CONFIG);
        assert_non_null(strstr(err.text, rows[i][1]));
        assert_null(strstr(err.text, "SECRETKEY"));
        assert_int_equal(fake.live, 0);
    }
}

/* Decodes base64url up to `end`; the text is freed by the caller. */
static char *decode(const char *from, size_t len, size_t *ret_len)
{
    char *padded = calloc(1, len + 8);
    unsigned char *out = calloc(1, len + 8);
    int got;

    assert_non_null(padded);
    assert_non_null(out);
    memcpy(padded, from, len);
    for (size_t i = 0; i < len; i++) {
        padded[i] = padded[i] == '-' ? '+' : padded[i] == '_' ? '/' : padded[i];
    }
    memset(padded + len, '=', (4 - len % 4) % 4);
    got = EVP_DecodeBlock(out, (unsigned char *)padded, (int)strlen(padded));
    assert_true(got > 0);
    *ret_len = (size_t)got - (4 - len % 4) % 4;
    out[*ret_len] = '\0';
    free(padded);
    return (char *)out;
}

static void verify(const struct token_key *key, const char *jwt, size_t signed_len)
{
    BIO *bio = BIO_new_mem_buf(key->private_key.ptr, (int)key->private_key.len);
    EVP_PKEY *pkey = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    size_t sig_len;
    char *sig = decode(jwt + signed_len + 1, strlen(jwt + signed_len + 1), &sig_len);

    assert_int_equal(EVP_DigestVerifyInit(ctx, NULL, EVP_sha256(), NULL, pkey), 1);
    assert_int_equal(EVP_DigestVerify(ctx, (unsigned char *)sig, sig_len,
                                      (const unsigned char *)jwt, signed_len),
                     1);
    free(sig);
    EVP_MD_CTX_free(ctx);
    EVP_PKEY_free(pkey);
    BIO_free(bio);
}

static const char *text_of(struct json_object *tree, const char *name)
{
    struct json_object *member;

    assert_true(json_object_object_get_ex(tree, name, &member));
    return json_object_get_string(member);
}

static void test_request_is_signed(void **state)
{
    struct token_key key;
    struct text body;
    struct cxd_error err;
    const char *jwt;
    const char *dot;
    char *json;
    size_t len;
    struct json_object *claims;

    (void)state;
    assert_int_equal(token_key_parse(&fake_heap, bytes_of(fake_key_json()), &key, &err), 0);
    text_init(&body, &fake_heap, 65536);
    assert_int_equal(token_request(&key, 1790000000, &body, &err), 0);
    jwt = strstr(body.ptr, "&assertion=") + strlen("&assertion=");
    assert_int_equal(strncmp(body.ptr,
                             "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3A"
                             "jwt-bearer&",
                             65),
                     0);
    dot = strchr(jwt, '.');
    json = decode(jwt, (size_t)(dot - jwt), &len);
    assert_string_equal(json, "{\"alg\":\"RS256\",\"typ\":\"JWT\",\"kid\":\"k1\"}");
    free(json);
    json = decode(dot + 1, (size_t)(strchr(dot + 1, '.') - dot - 1), &len);
    claims = json_tokener_parse(json);
    assert_string_equal(text_of(claims, "iss"), "collector@project.iam.example");
    assert_string_equal(text_of(claims, "aud"), uri_space);
    assert_string_equal(text_of(claims, "scope"), TOKEN_SCOPE);
    assert_string_equal(text_of(claims, "iat"), "1790000000");
    assert_string_equal(text_of(claims, "exp"), "1790003600");
    json_object_put(claims);
    free(json);
    verify(&key, jwt, (size_t)(strchr(dot + 1, '.') - jwt));
    text_done(&body);
    token_key_done(&key);
    assert_int_equal(fake.live, 0);
}

static void test_replies(void **state)
{
    static const char *const bad[] = {"",
                                      "[]",
                                      "{\"expires_in\":1}",
                                      "{\"access_token\":\"\"}",
                                      "{\"access_token\":\"a\\r\\nX: y\"}",
                                      "{\"access_token\":1}"};
    struct cxd_error err;
    struct text token;
    int64_t life;

    (void)state;
    text_init(&token, &fake_heap, 4096);
    assert_int_equal(
        token_reply(CXD_LIT("{\"access_token\":\"abc\",\"expires_in\":1200}"), &token, &life, &err),
        0);
    assert_text(token, "abc");
    assert_int_equal(life, 1200);
    assert_int_equal(
        token_reply(CXD_LIT("{\"access_token\":\"abc\",\"expires_in\":-5}"), &token, &life, &err),
        0);
    assert_int_equal(life, 3600);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(token_reply(bytes_of(bad[i]), &token, &life, &err), CXD_PROTOCOL);
        assert_int_equal(token.len, 0);
    }
    text_done(&token);
}

static void test_each_allocation_may_fail(void **state)
{
    (void)state;
    for (uint64_t n = 1; n < 60; n++) {
        struct token_key key;
        struct cxd_error err = CXD_ERROR_INIT;
        struct text body;
        int status;

        fake.allocations = 0;
        fake.fail_at = n;
        status = token_key_parse(&fake_heap, bytes_of(fake_key_json()), &key, &err);
        if (status == 0) {
            text_init(&body, &fake_heap, 65536);
            body.secret = true;
            status = token_request(&key, 1, &body, &err);
            text_done(&body);
            token_key_done(&key);
        }
        assert_int_equal(fake.live, 0);
        if (fake.allocations < n) {
            assert_int_equal(status, 0);
            return;
        }
        assert_int_equal(status, CXD_NOMEM);
    }
    fail_msg("more allocations than thought");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_key_is_read, test_clean),
        cmocka_unit_test_setup(test_key_refused, test_clean),
        cmocka_unit_test_setup(test_request_is_signed, test_clean),
        cmocka_unit_test_setup(test_replies, test_clean),
        cmocka_unit_test_setup(test_each_allocation_may_fail, test_clean),
    };

    return cmocka_run_group_tests_name("gcs token", tests, NULL, NULL);
}
