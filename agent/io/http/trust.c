/*
 * trust.c: whom TLS trusts, and who we are. The only file of this folder that knows OpenSSL.
 *
 * Certificates and keys are read once, when the client is made, so that a wrong path is an error of the policy and not of the
 * first transfer. At each handshake our own check puts the configured authorities, and one that the server presents with the
 * trusted fingerprint, in the place of the system's; all other rules of the chain stay OpenSSL's. Where keys are pinned, one of
 * those of the chain that was found good must be among them.
 */
#include "inner.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

enum { CERTIFICATES_MAX = 1024 };

struct trust {
    STACK_OF(X509) * anchors; /* may be empty */
    STACK_OF(X509) * chain;   /* ours: the certificate first */
    EVP_PKEY *key;
    int has_fingerprint;
    int is_checking;
    unsigned char fingerprint[32];
    unsigned char pins[HTTP_PINS_MAX][32]; /* SHA-256s of public keys */
    uint32_t pin_count;
};

static BIO *text_open(const char *text)
{
    if (strstr(text, "-----BEGIN") != NULL) {
        return BIO_new_mem_buf(text, -1);
    }
    return BIO_new_file(text, "r");
}

/* Never ask a terminal: without a passphrase an encrypted key is an error. */
static int passphrase_give(char *out, int room, int is_writing, void *arg)
{
    size_t len = arg != NULL ? strlen(arg) : 0;

    (void)is_writing;
    if (len == 0 || len > (size_t)room) {
        return -1;
    }
    memcpy(out, arg, len);
    return (int)len;
}

static const char *reason_take(void)
{
    unsigned long code = ERR_peek_last_error();
    const char *reason = code != 0 ? ERR_reason_error_string(code) : NULL;

    ERR_clear_error();
    return reason != NULL ? reason : "unknown reason";
}

/* Appends all certificates of a PEM text or file. */
static int certificates_read(const char *text, STACK_OF(X509) * into, const char *option,
                             struct cxd_error *err)
{
    BIO *in = text_open(text);
    int count = 0;
    X509 *one;

    if (in == NULL) {
        return cxd_error_set(err, CXD_CONFIG, "%s: cannot be read: %s", option, reason_take());
    }
    while (count < CERTIFICATES_MAX &&
           (one = PEM_read_bio_X509(in, NULL, passphrase_give, NULL)) != NULL) {
        if (sk_X509_push(into, one) <= 0) {
            X509_free(one);
            BIO_free(in);
            return cxd_error_set(err, CXD_NOMEM, "%s: out of memory", option);
        }
        count++;
    }
    BIO_free(in);
    if (count == 0 || ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE) {
        return cxd_error_set(err, CXD_CONFIG, "%s: %s: %s", option,
                             count == 0 ? "no certificate in it" : "a certificate cannot be read",
                             reason_take());
    }
    ERR_clear_error(); /* "no start line" is how the end of the text looks */
    return CXD_OK;
}

static int fingerprint_read(struct trust *trust, const char *text, struct cxd_error *err)
{
    size_t digits = 0;

    for (const char *at = text; *at != '\0'; at++) {
        int digit = *at >= '0' && *at <= '9'   ? *at - '0'
                    : *at >= 'a' && *at <= 'f' ? *at - 'a' + 10
                    : *at >= 'A' && *at <= 'F' ? *at - 'A' + 10
                                               : -1;
        if (*at == ':') {
            continue;
        }
        if (digit < 0 || digits >= 64) {
            digits = 0;
            break;
        }
        trust->fingerprint[digits / 2] =
            (unsigned char)(trust->fingerprint[digits / 2] << 4 | digit);
        digits++;
    }
    if (digits != 64) {
        return cxd_error_set(err, CXD_CONFIG,
                             "ssl.ca_trusted_fingerprint: not a SHA-256 in hex (64 digits)");
    }
    trust->has_fingerprint = 1;
    return CXD_OK;
}

static int pin_read(struct trust *trust, const char *text, struct cxd_error *err)
{
    unsigned char raw[36];
    /* 32 bytes are 43 letters and a sign of filling, which counts as a byte */
    int len = strlen(text) == 44 ? EVP_DecodeBlock(raw, (const unsigned char *)text, 44) : -1;

    if (len != 33 || text[43] != '=' || text[42] == '=') {
        ERR_clear_error();
        return cxd_error_set(err, CXD_CONFIG,
                             "ssl.ca_sha256: not the base64 of a SHA-256 (44 letters)");
    }
    memcpy(trust->pins[trust->pin_count++], raw, 32);
    return CXD_OK;
}

static int pins_read(struct trust *trust, const struct http_settings *s, struct cxd_error *err)
{
    int r = CXD_OK;

    if (s->pin_count > 0 && s->verify == HTTP_VERIFY_NONE) {
        return cxd_error_set(err, CXD_CONFIG,
                             "ssl.ca_sha256: of no use with ssl.verification_mode none");
    }
    for (uint32_t i = 0; i < s->pin_count && i < HTTP_PINS_MAX && r == CXD_OK; i++) {
        r = pin_read(trust, s->pins[i], err);
    }
    return r;
}

/* The first line of the file; its length, or CXD_CONFIG. */
static int passphrase_read(const char *path, char *out, int room, struct cxd_error *err)
{
    BIO *in = BIO_new_file(path, "r");
    int len = in != NULL ? BIO_gets(in, out, room) : -1;

    BIO_free(in);
    while (len > 0 && (out[len - 1] == '\n' || out[len - 1] == '\r')) {
        out[--len] = '\0';
    }
    if (len <= 0) {
        (void)cxd_error_set(err, CXD_CONFIG, "ssl.key_passphrase_path: cannot be read: %s",
                            reason_take());
        return CXD_CONFIG;
    }
    return len;
}

static int identity_read(struct trust *trust, const struct http_settings *s, struct cxd_error *err)
{
    const char *key_text = s->key != NULL ? s->key : s->certificate;
    void *passphrase = (void *)(uintptr_t)s->key_passphrase; /* only read by passphrase_give */
    int r = certificates_read(s->certificate, trust->chain, "ssl.certificate", err);
    char line[PEM_BUFSIZE] = "";
    BIO *in;

    if (r == CXD_OK && s->key_passphrase == NULL && s->key_passphrase_path != NULL) {
        r = passphrase_read(s->key_passphrase_path, line, sizeof line, err);
        passphrase = line;
    }
    if (r < 0) {
        return r;
    }
    in = text_open(key_text);
    if (in == NULL) {
        explicit_bzero(line, sizeof line);
        return cxd_error_set(err, CXD_CONFIG, "ssl.key: cannot be read: %s", reason_take());
    }
    trust->key = PEM_read_bio_PrivateKey(in, NULL, passphrase_give, passphrase);
    explicit_bzero(line, sizeof line);
    BIO_free(in);
    if (trust->key == NULL) {
        return cxd_error_set(err, CXD_CONFIG,
                             "ssl.key: no private key, or a wrong ssl.key_passphrase: %s",
                             reason_take());
    }
    if (X509_check_private_key(sk_X509_value(trust->chain, 0), trust->key) != 1) {
        return cxd_error_set(err, CXD_CONFIG, "ssl.key: does not belong to ssl.certificate: %s",
                             reason_take());
    }
    return CXD_OK;
}

static int trust_fill(struct trust *trust, const struct http_settings *s, struct cxd_error *err)
{
    int r = CXD_OK;

    trust->is_checking = s->verify != HTTP_VERIFY_NONE;
    trust->anchors = sk_X509_new_null();
    trust->chain = sk_X509_new_null();
    if (trust->anchors == NULL || trust->chain == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "out of memory for certificates");
    }
    for (uint32_t i = 0; i < s->ca_count && i < HTTP_CA_MAX && r == CXD_OK; i++) {
        r = certificates_read(s->ca[i], trust->anchors, "ssl.certificate_authorities", err);
    }
    if (r == CXD_OK && s->ca_fingerprint != NULL && s->ca_fingerprint[0] != '\0') {
        r = fingerprint_read(trust, s->ca_fingerprint, err);
    }
    if (r == CXD_OK) {
        r = pins_read(trust, s, err);
    }
    if (r == CXD_OK && s->certificate != NULL && s->certificate[0] != '\0') {
        r = identity_read(trust, s, err);
    } else if (r == CXD_OK && s->key != NULL && s->key[0] != '\0') {
        r = cxd_error_set(err, CXD_CONFIG, "ssl.key: of no use without ssl.certificate");
    }
    return r;
}

int trust_new(const struct http_settings *settings, struct trust **ret_trust, struct cxd_error *err)
{
    struct trust *trust = calloc(1, sizeof *trust);
    int r;

    if (trust == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "out of memory for certificates");
    }
    ERR_clear_error();
    r = trust_fill(trust, settings, err);
    if (r < 0) {
        trust_free(trust);
        return r;
    }
    *ret_trust = trust;
    return CXD_OK;
}

void trust_free(struct trust *trust)
{
    if (trust != NULL) {
        sk_X509_pop_free(trust->anchors, X509_free);
        sk_X509_pop_free(trust->chain, X509_free);
        EVP_PKEY_free(trust->key); /* OpenSSL wipes it */
        free(trust);
    }
}

int trust_has_anchors(const struct trust *trust)
{
    return sk_X509_num(trust->anchors) > 0;
}

/* The authority among what the server sent that has the trusted fingerprint, or NULL. */
static X509 *presented_find(const struct trust *trust, X509_STORE_CTX *check)
{
    STACK_OF(X509) *sent = X509_STORE_CTX_get0_untrusted(check);

    for (int i = 0; trust->has_fingerprint && i < sk_X509_num(sent); i++) {
        X509 *one = sk_X509_value(sent, i);
        unsigned char digest[EVP_MAX_MD_SIZE];
        unsigned int len = 0;

        if (X509_digest(one, EVP_sha256(), digest, &len) == 1 && len == sizeof trust->fingerprint &&
            memcmp(digest, trust->fingerprint, len) == 0 && X509_check_ca(one) > 0) {
            return one;
        }
    }
    return NULL;
}

/* Has one certificate of the chain that was found good a pinned key? */
static int chain_is_pinned(const struct trust *trust, X509_STORE_CTX *check)
{
    STACK_OF(X509) *chain = X509_STORE_CTX_get0_chain(check);

    for (int i = 0; i < sk_X509_num(chain); i++) {
        unsigned char *key = NULL;
        unsigned char digest[32];
        int len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(sk_X509_value(chain, i)), &key);
        int is_good =
            len > 0 && EVP_Digest(key, (size_t)len, digest, NULL, EVP_sha256(), NULL) == 1;

        OPENSSL_free(key);
        for (uint32_t pin = 0; is_good && pin < trust->pin_count; pin++) {
            if (memcmp(digest, trust->pins[pin], sizeof digest) == 0) {
                return 1;
            }
        }
    }
    return 0;
}

static int chain_check(X509_STORE_CTX *check, void *arg)
{
    const struct trust *trust = arg;
    X509 *presented = presented_find(trust, check);
    STACK_OF(X509) *trusted = NULL;
    int result;

    if (presented != NULL || trust_has_anchors(trust)) {
        trusted = sk_X509_dup(trust->anchors);
        if (trusted == NULL || (presented != NULL && sk_X509_push(trusted, presented) <= 0)) {
            sk_X509_free(trusted);
            X509_STORE_CTX_set_error(check, X509_V_ERR_OUT_OF_MEM);
            return 0;
        }
        X509_STORE_CTX_set0_trusted_stack(check, trusted);
        /* an authority counts also when it is not the topmost one */
        (void)X509_VERIFY_PARAM_set_flags(X509_STORE_CTX_get0_param(check),
                                          X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_TRUSTED_FIRST);
    }
    result = X509_verify_cert(check);
    sk_X509_free(trusted); /* the list alone; nothing looks at it after this check */
    if (result > 0 && trust->pin_count > 0 && !chain_is_pinned(trust, check)) {
        X509_STORE_CTX_set_error(check, X509_V_ERR_APPLICATION_VERIFICATION);
        return 0;
    }
    return result > 0;
}

CURLcode trust_apply(CURL *easy, void *ssl_ctx, void *arg)
{
    struct trust *trust = arg;
    SSL_CTX *ctx = ssl_ctx;

    (void)easy;
    if (trust->is_checking &&
        (trust->has_fingerprint || trust_has_anchors(trust) || trust->pin_count > 0)) {
        SSL_CTX_set_cert_verify_callback(ctx, chain_check, trust);
    }
    if (trust->key == NULL) {
        return CURLE_OK;
    }
    if (SSL_CTX_use_certificate(ctx, sk_X509_value(trust->chain, 0)) != 1 ||
        SSL_CTX_use_PrivateKey(ctx, trust->key) != 1) {
        return CURLE_SSL_CERTPROBLEM;
    }
    for (int i = 1; i < sk_X509_num(trust->chain); i++) {
        if (SSL_CTX_add1_chain_cert(ctx, sk_X509_value(trust->chain, i)) != 1) {
            return CURLE_SSL_CERTPROBLEM;
        }
    }
    return CURLE_OK;
}

const char *trust_advice(long verify_result)
{
    switch (verify_result) {
    case X509_V_OK:              /* the chain is good: it is the name, */
    case X509_V_ERR_UNSPECIFIED: /* which curl looks at before it asks for the chain's result */
        return "use a name from the certificate, or ssl.verification_mode: certificate";
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
        return "put its CA into ssl.certificate_authorities or ssl.ca_trusted_fingerprint";
    case X509_V_ERR_CERT_HAS_EXPIRED:
    case X509_V_ERR_CERT_NOT_YET_VALID:
        return "renew the server's certificate, or check this machine's clock";
    case X509_V_ERR_APPLICATION_VERIFICATION: /* ours alone */
        return "none of the keys in its chain is among ssl.ca_sha256";
    default:
        return "the server's certificate must be replaced";
    }
}
