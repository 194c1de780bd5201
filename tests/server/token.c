/*
 * The token endpoint's knowledge: what makes an RS256 assertion good, and which bearer tokens are alive. The lock is private
 * and held for a few comparisons only.
 */
#include "token.h"

#include <json-c/json.h>
#include <openssl/rand.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { TOKEN_SLOTS = 256, TOKEN_ASSERTION_MAX = 8192, TOKEN_SKEW_S = 300, TOKEN_LIFE_MAX_S = 3600 };

struct token_slot {
    char text[72];
    long long expires_ms;
};

struct token_desk {
    pthread_mutex_t lock;
    EVP_PKEY *key;
    char *email;
    char *audience;
    unsigned expires_in;
    unsigned next;
    struct token_slot slots[TOKEN_SLOTS];
};

static long long token_now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

/* base64url without padding. -1: not that. out has room for len bytes. */
static int token_decode(const char *text, size_t len, unsigned char *out)
{
    char standard[TOKEN_ASSERTION_MAX + 4];
    if (!len || len > TOKEN_ASSERTION_MAX || len % 4 == 1) {
        return -1;
    }
    for (size_t i = 0; i < len; i++) {
        standard[i] = text[i] == '-' ? '+' : text[i] == '_' ? '/' : text[i];
    }
    size_t padding = (4 - len % 4) % 4;
    memset(standard + len, '=', padding);
    int got = EVP_DecodeBlock(out, (unsigned char *)standard, (int)(len + padding));
    return got < 0 ? -1 : got - (int)padding;
}

static struct json_object *token_part(const char *text, size_t len)
{
    unsigned char plain[TOKEN_ASSERTION_MAX + 4];
    int got = token_decode(text, len, plain);
    if (got <= 0) {
        return NULL;
    }
    struct json_tokener *tokener = json_tokener_new_ex(8);
    struct json_object *tree = tokener ? json_tokener_parse_ex(tokener, (char *)plain, got) : NULL;
    json_tokener_free(tokener);
    if (!json_object_is_type(tree, json_type_object)) {
        json_object_put(tree);
        return NULL;
    }
    return tree;
}

static const char *token_text(struct json_object *tree, const char *key)
{
    struct json_object *value = NULL;
    json_object_object_get_ex(tree, key, &value);
    return json_object_is_type(value, json_type_string) ? json_object_get_string(value) : "";
}

static long long token_number(struct json_object *tree, const char *key)
{
    struct json_object *value = NULL;
    json_object_object_get_ex(tree, key, &value);
    return value ? json_object_get_int64(value) : 0;
}

static bool token_signature_holds(const struct token_desk *desk, const char *text, size_t len,
                                  const char *signature)
{
    unsigned char plain[TOKEN_ASSERTION_MAX + 4];
    int got = token_decode(signature, strlen(signature), plain);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool ok = got > 0 && ctx &&
              EVP_DigestVerifyInit(ctx, NULL, EVP_sha256(), NULL, desk->key) == 1 &&
              EVP_DigestVerify(ctx, plain, (size_t)got, (const unsigned char *)text, len) == 1;
    EVP_MD_CTX_free(ctx);
    return ok;
}

static const char *token_check_times(struct json_object *claims)
{
    long long now = token_now_ms() / 1000;
    long long issued = token_number(claims, "iat"), expires = token_number(claims, "exp");
    if (!issued || !expires || issued > now + TOKEN_SKEW_S || expires < now - TOKEN_SKEW_S ||
        expires <= issued || expires - issued > TOKEN_LIFE_MAX_S) {
        return "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable "
               "timeframe. Check your iat and exp values in the JWT claim.";
    }
    return NULL;
}

/* Google's own libraries name the public endpoint whatever token_uri says, and the real service takes either. */
static bool token_audience_fits(const struct token_desk *desk, const char *audience)
{
    return (desk->audience && strcmp(audience, desk->audience) == 0) ||
           strcmp(audience, "https://oauth2.googleapis.com/token") == 0;
}

/* NULL: good. need_audience: it must be the token endpoint's; else any audience or a scope will do. */
static const char *token_check(const struct token_desk *desk, const char *assertion,
                               bool need_audience)
{
    const char *dot = strchr(assertion, '.');
    const char *second = dot ? strchr(dot + 1, '.') : NULL;
    if (!second || strlen(assertion) > TOKEN_ASSERTION_MAX || strchr(second + 1, '.')) {
        return "Invalid JWT: it must have three parts.";
    }
    struct json_object *header = token_part(assertion, (size_t)(dot - assertion));
    struct json_object *claims = token_part(dot + 1, (size_t)(second - dot - 1));
    const char *reason = NULL;
    if (!header || !claims || strcmp(token_text(header, "alg"), "RS256") != 0) {
        reason = "Invalid JWT: header and claims must be JSON, and alg RS256.";
    } else if (!token_signature_holds(desk, assertion, (size_t)(second - assertion), second + 1)) {
        reason = "Invalid JWT Signature.";
    } else if (strcmp(token_text(claims, "iss"), desk->email) != 0) {
        reason = "Invalid grant: account not found";
    } else if (need_audience && !token_audience_fits(desk, token_text(claims, "aud"))) {
        reason = "Invalid JWT: Failed audience check.";
    } else if (need_audience && !strstr(token_text(claims, "scope"), "/auth/devstorage.") &&
               !strstr(token_text(claims, "scope"), "/auth/cloud-platform")) {
        reason = "Invalid OAuth scope or ID token audience provided.";
    } else {
        reason = token_check_times(claims);
    }
    json_object_put(header);
    json_object_put(claims);
    return reason;
}

struct token_desk *token_desk_new(const struct token_desk_options *options)
{
    struct token_desk *desk = calloc(1, sizeof *desk);
    if (!desk) {
        return NULL;
    }
    pthread_mutex_init(&desk->lock, NULL);
    desk->key = options->key;
    desk->expires_in = options->expires_in;
    desk->email = strdup(options->email);
    if (!desk->email) {
        token_desk_free(desk);
        return NULL;
    }
    return desk;
}

void token_desk_free(struct token_desk *desk)
{
    if (desk) {
        pthread_mutex_destroy(&desk->lock);
        free(desk->email);
        free(desk->audience);
        free(desk);
    }
}

bool token_desk_audience(struct token_desk *desk, const char *url)
{
    free(desk->audience);
    desk->audience = strdup(url);
    return desk->audience != NULL;
}

const char *token_desk_issue(struct token_desk *desk, const char *assertion, char ret_token[72],
                             const char **ret_error)
{
    const char *reason = token_check(desk, assertion, true);
    *ret_error = reason && strstr(reason, "scope") ? "invalid_scope" : "invalid_grant";
    if (reason) {
        return reason;
    }
    unsigned char bytes[32];
    if (RAND_bytes(bytes, sizeof bytes) != 1) {
        return "no randomness";
    }
    char text[72] = "ya29.";
    for (unsigned i = 0; i < sizeof bytes; i++) {
        snprintf(text + 5 + 2 * i, 3, "%02x", bytes[i]);
    }
    pthread_mutex_lock(&desk->lock);
    struct token_slot *slot = &desk->slots[desk->next++ % TOKEN_SLOTS];
    memcpy(slot->text, text, sizeof text);
    slot->expires_ms = token_now_ms() + desk->expires_in * 1000LL;
    pthread_mutex_unlock(&desk->lock);
    memcpy(ret_token, text, sizeof text);
    return NULL;
}

bool token_desk_is_good(struct token_desk *desk, const char *bearer)
{
    if (strchr(bearer, '.') != strrchr(bearer, '.')) {
        return token_check(desk, bearer, false) == NULL;
    }
    bool good = false;
    long long now = token_now_ms();
    pthread_mutex_lock(&desk->lock);
    for (unsigned i = 0; i < TOKEN_SLOTS && !good; i++) {
        good = strcmp(desk->slots[i].text, bearer) == 0 && desk->slots[i].expires_ms > now;
    }
    pthread_mutex_unlock(&desk->lock);
    return good;
}

void token_desk_revoke(struct token_desk *desk)
{
    pthread_mutex_lock(&desk->lock);
    memset(desk->slots, 0, sizeof desk->slots);
    pthread_mutex_unlock(&desk->lock);
}

unsigned token_desk_expires_in(const struct token_desk *desk)
{
    return desk->expires_in;
}
