/* seal.c: AES-256-GCM and the reading of key files. */
#include "io/seal.h"

#include "base/cleanup.h"
#include "io/crypto.h"
#include "io/file.h"

#include <limits.h>
#include <openssl/evp.h>

enum { NONCE_LEN = 12, TAG_LEN = 16, KEY_FILE_MAX = 4096 };

static void cipher_freep(EVP_CIPHER_CTX **ctx)
{
    EVP_CIPHER_CTX_free(*ctx);
}

static void secret_done(struct buf *b)
{
    crypto_wipe(b->ptr, b->cap);
    buf_done(b);
}

static int key_fill(struct cxd_bytes text, struct seal_key *key)
{
    static const char label[] = "cortexd key mark";
    unsigned char digest[32];

    if (text.len == SEAL_KEY_LEN) {
        memcpy(key->bytes, text.ptr, SEAL_KEY_LEN);
    } else {
        while (text.len > 0 && (text.ptr[text.len - 1] == '\n' || text.ptr[text.len - 1] == '\r')) {
            text.len--;
        }
        if (text.len != 2 * SEAL_KEY_LEN ||
            crypto_hex_decode(text, key->bytes, SEAL_KEY_LEN) != CXD_OK) {
            return CXD_CONFIG;
        }
    }
    if (crypto_hmac_sha256((struct cxd_bytes){(const char *)key->bytes, SEAL_KEY_LEN},
                           (struct cxd_bytes){label, sizeof label - 1}, digest, NULL) != CXD_OK) {
        return CXD_NOMEM;
    }
    memcpy(key->mark, digest, SEAL_MARK_LEN);
    return CXD_OK;
}

static int key_read(const char *path, int is_credential, struct seal_key *ret_key,
                    struct cxd_error *err)
{
    _cleanup_(secret_done) struct buf text;
    struct file_access who;
    struct seal_key key = {0};
    int r;

    buf_init(&text, KEY_FILE_MAX);
    r = file_read(path, &text, &who, err);
    if (r != CXD_OK) {
        return r;
    }
    if (!who.is_own || (who.is_group_readable && !is_credential) || who.is_world_readable ||
        who.is_foreign_writable) {
        return cxd_error_set(
            err, CXD_FORBIDDEN,
            "%s: a key must belong to root or this user and be closed to all others (chmod 600)",
            path);
    }
    r = key_fill((struct cxd_bytes){text.ptr, text.len}, &key);
    if (r == CXD_OK) {
        *ret_key = key;
    }
    seal_key_wipe(&key);
    return r == CXD_OK       ? CXD_OK
           : r == CXD_CONFIG ? cxd_error_set(err, r,
                                             "%s: expected a key of 32 bytes, as 64 hex letters "
                                             "(openssl rand -hex 32)",
                                             path)
                             : cxd_error_set(err, r, "%s: out of memory", path);
}

int seal_key_read(const char *path, struct seal_key *ret_key, struct cxd_error *err)
{
    return key_read(path, 0, ret_key, err);
}

int seal_credential_read(const char *path, struct seal_key *ret_key, struct cxd_error *err)
{
    return key_read(path, 1, ret_key, err);
}

void seal_key_wipe(struct seal_key *key)
{
    crypto_wipe(key, sizeof *key);
}

static int text_put(EVP_CIPHER_CTX *ctx, const struct seal_key *key, struct cxd_bytes bound,
                    struct cxd_bytes text, unsigned char *out)
{
    int len = 0;

    return EVP_EncryptInit_ex(ctx, EVP_aes_256_gcm(), NULL, key->bytes, out) == 1 &&
           EVP_EncryptUpdate(ctx, NULL, &len, (const unsigned char *)bound.ptr, (int)bound.len) ==
               1 &&
           EVP_EncryptUpdate(ctx, out + NONCE_LEN, &len, (const unsigned char *)text.ptr,
                             (int)text.len) == 1 &&
           EVP_EncryptFinal_ex(ctx, out + NONCE_LEN + len, &len) == 1 &&
           EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_GET_TAG, TAG_LEN, out + NONCE_LEN + text.len) == 1;
}

int seal_put(const struct seal_key *key, struct cxd_bytes bound, struct cxd_bytes text,
             struct buf *out)
{
    _cleanup_(cipher_freep) EVP_CIPHER_CTX *ctx = NULL;
    unsigned char *at;
    int r;

    if (text.len > INT_MAX - SEAL_EXTRA || bound.len > INT_MAX) {
        return CXD_TOO_LARGE;
    }
    r = buf_reserve(out, text.len + SEAL_EXTRA);
    if (r != CXD_OK) {
        return r;
    }
    ctx = EVP_CIPHER_CTX_new();
    at = (unsigned char *)out->ptr + out->len;
    if (ctx == NULL) {
        return CXD_NOMEM;
    }
    if (crypto_random(at, NONCE_LEN) != CXD_OK || !text_put(ctx, key, bound, text, at)) {
        return CXD_BUG;
    }
    out->len += text.len + SEAL_EXTRA;
    return CXD_OK;
}

static int text_get(EVP_CIPHER_CTX *ctx, const struct seal_key *key, struct cxd_bytes bound,
                    struct cxd_bytes sealed, unsigned char *out)
{
    const unsigned char *at = (const unsigned char *)sealed.ptr;
    int text_len = (int)sealed.len - SEAL_EXTRA;
    unsigned char tag[TAG_LEN];
    int len = 0;

    memcpy(tag, at + NONCE_LEN + text_len, TAG_LEN);
    return EVP_DecryptInit_ex(ctx, EVP_aes_256_gcm(), NULL, key->bytes, at) == 1 &&
           EVP_DecryptUpdate(ctx, NULL, &len, (const unsigned char *)bound.ptr, (int)bound.len) ==
               1 &&
           EVP_DecryptUpdate(ctx, out, &len, at + NONCE_LEN, text_len) == 1 &&
           EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_SET_TAG, TAG_LEN, tag) == 1 &&
           EVP_DecryptFinal_ex(ctx, out + len, &len) == 1;
}

int seal_get(const struct seal_key *key, struct cxd_bytes bound, struct cxd_bytes sealed,
             struct buf *out)
{
    _cleanup_(cipher_freep) EVP_CIPHER_CTX *ctx = NULL;
    int r;

    if (sealed.len < SEAL_EXTRA) {
        return CXD_CORRUPT;
    }
    if (sealed.len > INT_MAX || bound.len > INT_MAX) {
        return CXD_TOO_LARGE;
    }
    r = buf_reserve(out, sealed.len - SEAL_EXTRA + 1); /* never NULL, also for an empty text */
    if (r != CXD_OK) {
        return r;
    }
    ctx = EVP_CIPHER_CTX_new();
    if (ctx == NULL) {
        return CXD_NOMEM;
    }
    if (!text_get(ctx, key, bound, sealed, (unsigned char *)out->ptr + out->len)) {
        return CXD_CORRUPT;
    }
    out->len += sealed.len - SEAL_EXTRA;
    return CXD_OK;
}
