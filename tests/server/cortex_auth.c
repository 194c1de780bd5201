/*
 * Checks of keys. Nonces are remembered for longer than a timestamp can be good, in two sets that take turns.
 */
#include "cortex_auth.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "idset.h"

struct auth_key {
    char id[32];
    char key[CORTEX_KEY_MAX];
};

struct cortex_auth {
    struct auth_key standard, advanced;
    int64_t skew_ms;
    pthread_mutex_t lock; /* for what follows */
    struct idset nonces, older;
    int64_t turn_ms; /* when the sets changed places */
};

static bool auth_read_key(struct auth_key *out, const char *text)
{
    const char *colon = text ? strchr(text, ':') : NULL;
    if (!colon || colon == text || (size_t)(colon - text) >= sizeof out->id || !colon[1] ||
        strlen(colon + 1) >= sizeof out->key) {
        return false;
    }
    snprintf(out->id, sizeof out->id, "%.*s", (int)(colon - text), text);
    snprintf(out->key, sizeof out->key, "%s", colon + 1);
    return true;
}

struct cortex_auth *cortex_auth_new(const char *standard, const char *advanced, int64_t skew_ms)
{
    struct cortex_auth *auth = calloc(1, sizeof *auth);
    if (!auth || !auth_read_key(&auth->standard, standard) ||
        !auth_read_key(&auth->advanced, advanced) ||
        strcmp(auth->standard.id, auth->advanced.id) == 0) {
        free(auth);
        return NULL;
    }
    auth->skew_ms = skew_ms;
    pthread_mutex_init(&auth->lock, NULL);
    return auth;
}

void cortex_auth_free(struct cortex_auth *auth)
{
    if (auth) {
        idset_done(&auth->nonces);
        idset_done(&auth->older);
        pthread_mutex_destroy(&auth->lock);
        free(auth);
    }
}

bool cortex_auth_digest(const char *key, const char *nonce, const char *timestamp,
                        char out[CORTEX_DIGEST_BYTES])
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool ok = ctx && EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) == 1 &&
              EVP_DigestUpdate(ctx, key, strlen(key)) == 1 &&
              EVP_DigestUpdate(ctx, nonce, strlen(nonce)) == 1 &&
              EVP_DigestUpdate(ctx, timestamp, strlen(timestamp)) == 1 &&
              EVP_DigestFinal_ex(ctx, digest, &len) == 1 && len == 32;
    EVP_MD_CTX_free(ctx);
    for (unsigned i = 0; ok && i < len; i++) {
        snprintf(out + 2 * i, 3, "%02x", digest[i]);
    }
    return ok;
}

static bool auth_is_same(const char *one, const char *two)
{
    size_t len = strlen(one);
    return len == strlen(two) && CRYPTO_memcmp(one, two, len) == 0;
}

/* Decimal milliseconds, and nothing else. */
static bool auth_read_time(const char *text, int64_t *ret_ms)
{
    size_t len = strspn(text, "0123456789");
    if (!len || text[len] || len > 15) {
        return false;
    }
    *ret_ms = (int64_t)strtoull(text, NULL, 10);
    return true;
}

static bool auth_is_near(const struct cortex_auth *auth, int64_t time_ms, int64_t clock_ms)
{
    return time_ms >= clock_ms - auth->skew_ms && time_ms <= clock_ms + auth->skew_ms;
}

static bool auth_is_new(struct cortex_auth *auth, const char *nonce, int64_t real_ms)
{
    pthread_mutex_lock(&auth->lock);
    if (real_ms - auth->turn_ms > 2 * auth->skew_ms) {
        idset_done(&auth->older);
        auth->older = auth->nonces;
        auth->nonces = (struct idset){.size = 0};
        auth->turn_ms = real_ms;
    }
    size_t len = strlen(nonce);
    bool known = auth->older.count && idset_add(&auth->older, "", 0, nonce, len) == IDSET_KNOWN;
    bool is_new = !known && idset_add(&auth->nonces, "", 0, nonce, len) == IDSET_NEW;
    pthread_mutex_unlock(&auth->lock);
    return is_new;
}

static enum cortex_verdict auth_check_advanced(struct cortex_auth *auth,
                                               const struct cortex_credentials *it, int64_t real_ms,
                                               int64_t tenant_ms)
{
    char digest[CORTEX_DIGEST_BYTES];
    int64_t time_ms;
    if (!it->nonce || !it->timestamp || !*it->nonce || strlen(it->nonce) > CORTEX_NONCE_MAX) {
        return CORTEX_WRONG_KEY;
    }
    if (!cortex_auth_digest(auth->advanced.key, it->nonce, it->timestamp, digest) ||
        !auth_is_same(digest, it->authorization)) {
        return CORTEX_WRONG_KEY;
    }
    if (!auth_read_time(it->timestamp, &time_ms) ||
        (!auth_is_near(auth, time_ms, real_ms) && !auth_is_near(auth, time_ms, tenant_ms))) {
        return CORTEX_WRONG_TIME;
    }
    return auth_is_new(auth, it->nonce, real_ms) ? CORTEX_WELCOME : CORTEX_NONCE_TWICE;
}

enum cortex_verdict cortex_auth_check(struct cortex_auth *auth,
                                      const struct cortex_credentials *credentials, int64_t real_ms,
                                      int64_t tenant_ms)
{
    if (!credentials->id || !credentials->authorization) {
        return CORTEX_NO_KEY;
    }
    if (strcmp(credentials->id, auth->advanced.id) == 0) {
        return auth_check_advanced(auth, credentials, real_ms, tenant_ms);
    }
    if (strcmp(credentials->id, auth->standard.id) != 0) {
        return CORTEX_NO_KEY;
    }
    return auth_is_same(auth->standard.key, credentials->authorization) ? CORTEX_WELCOME
                                                                        : CORTEX_WRONG_KEY;
}

const char *cortex_verdict_name(enum cortex_verdict verdict)
{
    static const char *const NAMES[CORTEX_VERDICTS] = {"welcome", "no_key", "wrong_key",
                                                       "wrong_time", "nonce_twice"};
    return NAMES[verdict];
}
