/* cert.c: by OpenSSL. */
#include "cert.h"

#include "test.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

static void extension_add(X509 *x, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX ctx;
    X509_EXTENSION *ext;

    X509V3_set_ctx_nodb(&ctx);
    X509V3_set_ctx(&ctx, issuer, x, NULL, NULL, 0);
    ext = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
    assert_non_null(ext);
    assert_int_equal(X509_add_ext(x, ext, -1), 1);
    X509_EXTENSION_free(ext);
}

static char *bio_text(BIO *out)
{
    char *ptr = NULL;
    long len = BIO_get_mem_data(out, &ptr);
    char *text = malloc((size_t)len + 1);

    memcpy(text, ptr, (size_t)len);
    text[len] = '\0';
    BIO_free(out);
    return text;
}

static void texts_make(struct cert *cert)
{
    unsigned char digest[32];
    unsigned int len = 0;
    BIO *out = BIO_new(BIO_s_mem());

    assert_int_equal(PEM_write_bio_X509(out, cert->x509), 1);
    cert->certificate = bio_text(out);
    out = BIO_new(BIO_s_mem());
    assert_int_equal(PEM_write_bio_PrivateKey(out, cert->pkey, NULL, NULL, 0, NULL, NULL), 1);
    cert->key = bio_text(out);
    out = BIO_new(BIO_s_mem());
    assert_int_equal(PEM_write_bio_PrivateKey(out, cert->pkey, EVP_aes_256_cbc(),
                                              (const unsigned char *)"open sesame", 11, NULL, NULL),
                     1);
    cert->locked_key = bio_text(out);
    assert_int_equal(X509_digest(cert->x509, EVP_sha256(), digest, &len), 1);
    for (int i = 0; i < 32; i++) {
        (void)snprintf(cert->fingerprint + 2 * i, 3, "%02X", digest[i]);
    }
}

void cert_make(struct cert *cert, const struct cert *issuer, const char *name, const char *san,
               int is_ca, int days)
{
    static long serial = 100;
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *x = X509_new();
    X509 *by = issuer != NULL ? issuer->x509 : x;

    assert_non_null(key);
    X509_set_version(x, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(x), serial++);
    X509_gmtime_adj(X509_getm_notBefore(x), -60L * 86400);
    X509_gmtime_adj(X509_getm_notAfter(x), days * 86400L);
    X509_set_pubkey(x, key);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_ASC,
                               (const unsigned char *)name, -1, -1, 0);
    X509_set_issuer_name(x, X509_get_subject_name(by));
    extension_add(x, by, NID_basic_constraints, is_ca ? "critical,CA:TRUE" : "CA:FALSE");
    extension_add(x, by, NID_subject_key_identifier, "hash");
    if (san != NULL) {
        extension_add(x, by, NID_subject_alt_name, san);
    }
    assert_true(X509_sign(x, issuer != NULL ? issuer->pkey : key, EVP_sha256()) > 0);
    *cert = (struct cert){.x509 = x, .pkey = key};
    texts_make(cert);
}

void cert_done(struct cert *cert)
{
    X509_free(cert->x509);
    EVP_PKEY_free(cert->pkey);
    free(cert->certificate);
    free(cert->key);
    free(cert->locked_key);
}
