/* jose.c: see the header. */
#include "io/jose.h"

#include "io/crypto.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <string.h>

enum { RSA_BITS_MIN = 2048, RSA_BITS_MAX = 16384, PEM_MAX = 64 * 1024, EC_BYTES = 32 };

/* An encrypted key is an error; never ask a terminal. */
static int passphrase_refuse(char *out, int room, int is_writing, void *arg)
{
    (void)out;
    (void)room;
    (void)is_writing;
    (void)arg;
    return -1;
}

static int is_p256(const EVP_PKEY *key)
{
    char group[32];
    size_t len = 0;

    return EVP_PKEY_get_base_id(key) == EVP_PKEY_EC &&
           EVP_PKEY_get_group_name((EVP_PKEY *)(uintptr_t)key, group, sizeof group, &len) == 1 &&
           strcmp(group, "prime256v1") == 0;
}

static int is_rsa(const EVP_PKEY *key)
{
    return EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA && EVP_PKEY_get_bits(key) >= RSA_BITS_MIN &&
           EVP_PKEY_get_bits(key) <= RSA_BITS_MAX;
}

static EVP_PKEY *key_open(struct cxd_bytes pem, struct cxd_error *err)
{
    BIO *in = pem.len <= PEM_MAX ? BIO_new_mem_buf(pem.len > 0 ? pem.ptr : "", (int)pem.len) : NULL;
    EVP_PKEY *key = in != NULL ? PEM_read_bio_PrivateKey(in, NULL, passphrase_refuse, NULL) : NULL;

    BIO_free(in);
    ERR_clear_error(); /* what it says may quote the text */
    if (key != NULL && !is_rsa(key) && !is_p256(key)) {
        EVP_PKEY_free(key);
        key = NULL;
    }
    if (key == NULL) {
        (void)cxd_error_set(err, CXD_CONFIG,
                            "private key: expected an unencrypted one in PEM, RSA of %d to %d bits "
                            "or EC P-256",
                            RSA_BITS_MIN, RSA_BITS_MAX);
    }
    return key;
}

/* A number of the key as base64url of its bytes; width 0: as many as it takes. The length, or 0. */
static size_t number_put(const EVP_PKEY *key, const char *name, int width, char *out, size_t room)
{
    unsigned char bytes[RSA_BITS_MAX / 8];
    BIGNUM *number = NULL;
    size_t len = 0;

    if (EVP_PKEY_get_bn_param(key, name, &number) == 1) {
        int count = width != 0 ? width : BN_num_bytes(number);
        if (count > 0 && count <= (int)sizeof bytes &&
            BN_bn2binpad(number, bytes, count) == count) {
            len = crypto_base64(bytes, (size_t)count, 1, out, room);
        }
    }
    BN_free(number);
    return len;
}

struct pen {
    char *at;
    size_t room;
    int is_bad;
};

static void put(struct pen *pen, const char *text)
{
    size_t len = strlen(text);

    if (len > pen->room) {
        pen->is_bad = 1;
        return;
    }
    memcpy(pen->at, text, len);
    pen->at += len;
    pen->room -= len;
}

static void number(struct pen *pen, const EVP_PKEY *key, const char *name, int width)
{
    size_t len = number_put(key, name, width, pen->at, pen->room);

    pen->is_bad |= len == 0;
    pen->at += len;
    pen->room -= len;
}

int jose_key(struct cxd_bytes key_pem, char *jwk, size_t room, const char **ret_alg,
             struct cxd_error *err)
{
    EVP_PKEY *key = key_open(key_pem, err);
    struct pen pen = {jwk, room > 0 ? room - 1 : 0, room == 0};

    if (key == NULL) {
        return CXD_CONFIG;
    }
    if (is_p256(key)) {
        *ret_alg = "ES256";
        put(&pen, "{\"crv\":\"P-256\",\"kty\":\"EC\",\"x\":\"");
        number(&pen, key, OSSL_PKEY_PARAM_EC_PUB_X, EC_BYTES);
        put(&pen, "\",\"y\":\"");
        number(&pen, key, OSSL_PKEY_PARAM_EC_PUB_Y, EC_BYTES);
    } else {
        *ret_alg = "RS256";
        put(&pen, "{\"e\":\"");
        number(&pen, key, OSSL_PKEY_PARAM_RSA_E, 0);
        put(&pen, "\",\"kty\":\"RSA\",\"n\":\"");
        number(&pen, key, OSSL_PKEY_PARAM_RSA_N, 0);
    }
    put(&pen, "\"}");
    EVP_PKEY_free(key);
    ERR_clear_error();
    if (pen.is_bad) {
        return cxd_error_set(err, CXD_FULL, "private key: no room for its public half");
    }
    *pen.at = '\0';
    return CXD_OK;
}

/* r and s, which OpenSSL gives in ASN.1. */
static int ec_plain(const unsigned char *der, size_t der_len, unsigned char *sig)
{
    ECDSA_SIG *pair = d2i_ECDSA_SIG(NULL, &der, (long)der_len);
    int is_done = pair != NULL && BN_bn2binpad(ECDSA_SIG_get0_r(pair), sig, EC_BYTES) == EC_BYTES &&
                  BN_bn2binpad(ECDSA_SIG_get0_s(pair), sig + EC_BYTES, EC_BYTES) == EC_BYTES;

    ECDSA_SIG_free(pair);
    return is_done;
}

static int ec_sign(EVP_PKEY *key, struct cxd_bytes data, unsigned char *sig)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    unsigned char der[128];
    size_t len = sizeof der;
    int is_done = ctx != NULL && EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, key) == 1 &&
                  EVP_DigestSign(ctx, der, &len, (const unsigned char *)data.ptr, data.len) == 1 &&
                  ec_plain(der, len, sig);

    EVP_MD_CTX_free(ctx);
    ERR_clear_error();
    return is_done;
}

int jose_sign(struct cxd_bytes key_pem, struct cxd_bytes data, unsigned char *sig, size_t *sig_len,
              struct cxd_error *err)
{
    EVP_PKEY *key = key_open(key_pem, err);
    int r = CXD_OK;

    if (key == NULL) {
        return CXD_CONFIG;
    }
    if (!is_p256(key)) {
        EVP_PKEY_free(key);
        return crypto_sign_rs256(key_pem, data, sig, sig_len, err);
    }
    if (*sig_len < 2 * (size_t)EC_BYTES) {
        r = cxd_error_set(err, CXD_FULL, "signature: needs room for %d bytes", 2 * EC_BYTES);
    } else if (!ec_sign(key, data, sig)) {
        r = cxd_error_set(err, CXD_BUG, "signature: OpenSSL refuses");
    }
    *sig_len = 2 * (size_t)EC_BYTES;
    EVP_PKEY_free(key); /* OpenSSL wipes it */
    return r;
}
