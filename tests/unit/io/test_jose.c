/* test_jose.c: keys as JWK and signatures as JWS, held against OpenSSL's own verification. */
#include "io/jose.h"

#include "io/crypto.h"
#include "test.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <string.h>

static char *pem_of(EVP_PKEY *key, char *room, size_t size)
{
    BIO *out = BIO_new(BIO_s_mem());
    int len;

    assert_int_equal(PEM_write_bio_PKCS8PrivateKey(out, key, NULL, NULL, 0, NULL, NULL), 1);
    len = BIO_read(out, room, (int)size - 1);
    assert_true(len > 0);
    room[len] = '\0';
    BIO_free(out);
    return room;
}

static struct cxd_bytes text(const char *t)
{
    return (struct cxd_bytes){t, strlen(t)};
}

static void test_ec_key_and_signature(void **state)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    char pem[4096];
    char jwk[512];
    char want[64];
    const char *alg = NULL;
    unsigned char sig[64];
    unsigned char der[128];
    unsigned char *at = der;
    unsigned char x[32];
    size_t len = sizeof sig;
    BIGNUM *number = NULL;
    ECDSA_SIG *pair = ECDSA_SIG_new();
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();

    (void)state;
    pem_of(key, pem, sizeof pem);
    assert_int_equal(jose_key(text(pem), jwk, sizeof jwk, &alg, NULL), CXD_OK);
    assert_string_equal(alg, "ES256");
    assert_int_equal(strncmp(jwk, "{\"crv\":\"P-256\",\"kty\":\"EC\",\"x\":\"", 31), 0);
    assert_int_equal(EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_EC_PUB_X, &number), 1);
    assert_int_equal(BN_bn2binpad(number, x, 32), 32);
    want[crypto_base64(x, 32, 1, want, sizeof want)] = '\0';
    assert_int_equal(strncmp(jwk + 31, want, 43), 0);
    assert_int_equal(jose_sign(text(pem), text("signed text"), sig, &len, NULL), CXD_OK);
    assert_int_equal(len, 64);
    assert_int_equal(ECDSA_SIG_set0(pair, BN_bin2bn(sig, 32, NULL), BN_bin2bn(sig + 32, 32, NULL)),
                     1);
    len = (size_t)i2d_ECDSA_SIG(pair, &at);
    assert_int_equal(EVP_DigestVerifyInit(ctx, NULL, EVP_sha256(), NULL, key), 1);
    assert_int_equal(EVP_DigestVerify(ctx, der, len, (const unsigned char *)"signed text", 11), 1);
    EVP_MD_CTX_free(ctx);
    ECDSA_SIG_free(pair);
    BN_free(number);
    EVP_PKEY_free(key);
}

static void test_rsa_key_and_signature(void **state)
{
    EVP_PKEY *key = EVP_RSA_gen(2048);
    char pem[4096];
    char jwk[1024];
    const char *alg = NULL;
    unsigned char sig[256];
    size_t len = sizeof sig;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();

    (void)state;
    pem_of(key, pem, sizeof pem);
    assert_int_equal(jose_key(text(pem), jwk, sizeof jwk, &alg, NULL), CXD_OK);
    assert_string_equal(alg, "RS256");
    assert_int_equal(strncmp(jwk, "{\"e\":\"AQAB\",\"kty\":\"RSA\",\"n\":\"", 29), 0);
    assert_int_equal(strlen(jwk), 29 + 342 + 2); /* 256 bytes */
    assert_int_equal(jose_sign(text(pem), text("x"), sig, &len, NULL), CXD_OK);
    assert_int_equal(EVP_DigestVerifyInit(ctx, NULL, EVP_sha256(), NULL, key), 1);
    assert_int_equal(EVP_DigestVerify(ctx, sig, len, (const unsigned char *)"x", 1), 1);
    assert_int_equal(jose_key(text(pem), jwk, 100, &alg, NULL), CXD_FULL);
    assert_int_equal(jose_key(text(pem), jwk, 0, &alg, NULL), CXD_FULL);
    EVP_MD_CTX_free(ctx);
    EVP_PKEY_free(key);
}

static void test_other_keys_are_refused(void **state)
{
    EVP_PKEY *curve = EVP_EC_gen("P-384");
    EVP_PKEY *edwards = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    struct cxd_error err = CXD_ERROR_INIT;
    char pem[4096];
    char jwk[1024];
    const char *alg = NULL;
    unsigned char sig[64];
    size_t len = 10;

    (void)state;
    assert_int_equal(jose_key(text(pem_of(curve, pem, sizeof pem)), jwk, sizeof jwk, &alg, &err),
                     CXD_CONFIG);
    assert_non_null(strstr(err.text, "P-256"));
    assert_int_equal(jose_key(text(pem_of(edwards, pem, sizeof pem)), jwk, sizeof jwk, &alg, NULL),
                     CXD_CONFIG);
    assert_int_equal(jose_key((struct cxd_bytes){NULL, 0}, jwk, sizeof jwk, &alg, NULL),
                     CXD_CONFIG);
    assert_int_equal(jose_key(text("no key"), jwk, sizeof jwk, &alg, NULL), CXD_CONFIG);
    assert_int_equal(jose_sign(text("no key"), text("x"), sig, &len, NULL), CXD_CONFIG);
    EVP_PKEY_free(curve);
    curve = EVP_EC_gen("P-256");
    assert_int_equal(jose_sign(text(pem_of(curve, pem, sizeof pem)), text("x"), sig, &len, NULL),
                     CXD_FULL);
    assert_int_equal(len, 64);
    EVP_PKEY_free(curve);
    EVP_PKEY_free(edwards);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ec_key_and_signature),
        cmocka_unit_test(test_rsa_key_and_signature),
        cmocka_unit_test(test_other_keys_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
