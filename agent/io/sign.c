/* sign.c: see the header. */
#include "io/sign.h"

#include "base/cleanup.h"
#include "io/crypto.h"

#include <openssl/evp.h>
#include <openssl/pem.h>

static void key_freep(EVP_PKEY **key)
{
    EVP_PKEY_free(*key);
}

static void ctx_freep(EVP_MD_CTX **ctx)
{
    EVP_MD_CTX_free(*ctx);
}

static void bio_freep(BIO **bio)
{
    (void)BIO_free(*bio);
}

static int public_get(const EVP_PKEY *key, unsigned char out[SIGN_KEY_LEN])
{
    size_t len = SIGN_KEY_LEN;

    return EVP_PKEY_get_raw_public_key(key, out, &len) == 1 && len == SIGN_KEY_LEN ? CXD_OK
                                                                                   : CXD_BUG;
}

int sign_new(char pem[SIGN_PEM_MAX], unsigned char public_key[SIGN_KEY_LEN], struct cxd_error *err)
{
    _cleanup_(key_freep) EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    _cleanup_(bio_freep) BIO *bio = BIO_new(BIO_s_secmem());
    int len;

    if (key == NULL || bio == NULL || public_get(key, public_key) != CXD_OK ||
        PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) != 1) {
        return cxd_error_set(err, CXD_BUG, "no Ed25519 key can be made");
    }
    len = BIO_read(bio, pem, SIGN_PEM_MAX - 1);
    if (len <= 0) {
        return cxd_error_set(err, CXD_BUG, "no Ed25519 key can be made");
    }
    pem[len] = '\0';
    return CXD_OK;
}

int sign_make(struct cxd_bytes pem, struct cxd_bytes data, unsigned char signature[SIGN_LEN],
              unsigned char public_key[SIGN_KEY_LEN], struct cxd_error *err)
{
    _cleanup_(bio_freep) BIO *bio =
        pem.len <= 1u << 16 ? BIO_new_mem_buf(pem.ptr, (int)pem.len) : NULL;
    _cleanup_(key_freep) EVP_PKEY *key =
        bio != NULL ? PEM_read_bio_PrivateKey(bio, NULL, NULL, (void *)(uintptr_t) "") : NULL;
    _cleanup_(ctx_freep) EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    size_t len = SIGN_LEN;

    if (key == NULL || EVP_PKEY_get_base_id(key) != EVP_PKEY_ED25519) {
        return cxd_error_set(err, CXD_CONFIG, "expected an Ed25519 private key in PEM");
    }
    if (ctx == NULL || EVP_DigestSignInit(ctx, NULL, NULL, NULL, key) != 1 ||
        EVP_DigestSign(ctx, signature, &len, (const unsigned char *)data.ptr, data.len) != 1 ||
        len != SIGN_LEN) {
        return cxd_error_set(err, CXD_BUG, "the signature can't be made");
    }
    return public_get(key, public_key);
}

int sign_check(const unsigned char public_key[SIGN_KEY_LEN], struct cxd_bytes data,
               const unsigned char signature[SIGN_LEN])
{
    _cleanup_(key_freep) EVP_PKEY *key =
        EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, public_key, SIGN_KEY_LEN);
    _cleanup_(ctx_freep) EVP_MD_CTX *ctx = EVP_MD_CTX_new();

    return key != NULL && ctx != NULL && EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, key) == 1 &&
           EVP_DigestVerify(ctx, signature, SIGN_LEN, (const unsigned char *)data.ptr, data.len) ==
               1;
}
