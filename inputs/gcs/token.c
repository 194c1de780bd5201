/*
 * token.c: service-account key, JWT claims (RFC 7523), token reply.
 *
 * Knows Google's key file and token endpoint. Does not know when a token is needed (auth.c) nor how RS256 is made (the
 * host). Thread: the instance's.
 */
#include "token.h"

#include "list.h"

#include <json-c/json.h>
#include <string.h>

#define TOKEN_TEXT_MAX 16384u

/* Overwrites every string in a parsed tree, so that freed memory holds no secret. */
static void token_scrub(struct json_object *tree)
{
    if (!json_object_is_type(tree, json_type_object)) {
        return;
    }
    json_object_object_foreach(tree, name, member)
    {
        (void)name;
        if (json_object_is_type(member, json_type_string)) {
            /* json-c gives the string const, but it is this tree's own memory and nobody else reads it */
            heap_wipe((char *)(uintptr_t)json_object_get_string(member),
                      (size_t)json_object_get_string_len(member));
        }
    }
}

static void token_put_tree(struct json_object **tree)
{
    token_scrub(*tree);
    json_object_put(*tree);
}

/* Copies a string member; false when it is absent or empty, and for out->status. */
static bool token_member(struct json_object *tree, const char *name, struct text *out)
{
    struct json_object *member;

    if (!json_object_object_get_ex(tree, name, &member) ||
        !json_object_is_type(member, json_type_string)) {
        return false;
    }
    text_add(out, json_object_get_string(member), (size_t)json_object_get_string_len(member));
    return out->status == 0 && out->len > 0 && memchr(out->ptr, '\0', out->len) == NULL;
}

static int token_missing(const struct text *text, const char *name, struct cxd_error *err)
{
    if (text->status == CXD_NOMEM) {
        return cxd_error_set(err, CXD_NOMEM, "service account key: out of memory");
    }
    return cxd_error_set(err, CXD_CONFIG, "service account key: %s is missing or not usable", name);
}

/* http or https, and something behind it. */
static bool token_is_address(const struct text *uri)
{
    return (uri->len > 8 && strncmp(uri->ptr, "https://", 8) == 0) ||
           (uri->len > 7 && strncmp(uri->ptr, "http://", 7) == 0);
}

static int token_key_read(struct json_object *tree, struct token_key *key, struct cxd_error *err)
{
    struct json_object *type;

    if (!json_object_is_type(tree, json_type_object)) {
        return cxd_error_set(err, CXD_CONFIG,
                             "service account key: not a JSON object (expected the key file that "
                             "Google Cloud offers for download)");
    }
    if (json_object_object_get_ex(tree, "type", &type) &&
        (!json_object_is_type(type, json_type_string) ||
         strcmp(json_object_get_string(type), "service_account") != 0)) {
        return cxd_error_set(err, CXD_CONFIG,
                             "credentials are not of type service_account; create a key for a "
                             "service account");
    }
    if (!token_member(tree, "client_email", &key->email)) {
        return token_missing(&key->email, "client_email", err);
    }
    if (!token_member(tree, "private_key", &key->private_key)) {
        return token_missing(&key->private_key, "private_key", err);
    }
    if (!token_member(tree, "token_uri", &key->token_uri) || !token_is_address(&key->token_uri)) {
        return token_missing(&key->token_uri, "token_uri", err);
    }
    (void)token_member(tree, "private_key_id", &key->key_id); /* optional */
    return key->key_id.status == CXD_NOMEM ? token_missing(&key->key_id, "private_key_id", err) : 0;
}

int token_key_parse(const struct heap *h, struct cxd_bytes json, struct token_key *ret_key,
                    struct cxd_error *err)
{
    _cleanup_(token_put_tree) struct json_object *tree = NULL;
    struct token_key key;
    struct text *texts[] = {&key.email, &key.key_id, &key.private_key, &key.token_uri};
    int status;

    if (json.len > TOKEN_KEY_MAX) {
        return cxd_error_set(err, CXD_CONFIG, "service account key: larger than %u bytes",
                             TOKEN_KEY_MAX);
    }
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        text_init(texts[i], h, TOKEN_TEXT_MAX);
        texts[i]->secret = true;
    }
    tree = list_tree(json, true);
    status = token_key_read(tree, &key, err);
    if (status < 0) {
        token_key_done(&key);
        return status;
    }
    *ret_key = key;
    return 0;
}

void token_key_done(struct token_key *key)
{
    text_done(&key->email);
    text_done(&key->key_id);
    text_done(&key->private_key);
    text_done(&key->token_uri);
}

/* Adds bytes as unpadded base64url. */
static void token_encode(struct text *out, const void *data, size_t len)
{
    size_t room = len / 3 * 4 + 5;
    char *code = heap_alloc(out->heap, room);
    size_t code_len;

    if (code == NULL) {
        out->status = CXD_NOMEM;
        return;
    }
    code_len = out->heap->host->base64(data, len, 1, code, room);
    if (code_len == 0 && len > 0) {
        out->status = CXD_BUG;
    } else {
        text_add(out, code, code_len);
    }
    heap_wipe(code, room);
    heap_free(out->heap, code);
}

static void token_header(const struct token_key *key, struct text *json)
{
    text_put(json, "{\"alg\":\"RS256\",\"typ\":\"JWT\"");
    if (key->key_id.len > 0) {
        text_put(json, ",\"kid\":");
        text_json(json, text_bytes(&key->key_id));
    }
    text_put(json, "}");
}

static void token_payload(const struct token_key *key, int64_t now_s, struct text *json)
{
    text_put(json, "{\"iss\":");
    text_json(json, text_bytes(&key->email));
    text_put(json, ",\"scope\":\"" TOKEN_SCOPE "\",\"aud\":");
    text_json(json, text_bytes(&key->token_uri));
    text_put(json, ",\"iat\":");
    text_number(json, now_s);
    text_put(json, ",\"exp\":");
    text_number(json, now_s + TOKEN_LIFE_S);
    text_put(json, "}");
}

int token_claims(const struct token_key *key, int64_t now_s, struct text *out,
                 struct cxd_error *err)
{
    _cleanup_(text_done) struct text json;

    text_init(&json, out->heap, TOKEN_TEXT_MAX * 8);
    token_header(key, &json);
    if (json.status == 0) {
        token_encode(out, json.ptr, json.len);
    }
    text_put(out, ".");
    if (json.status == 0) {
        text_clear(&json);
        token_payload(key, now_s, &json);
    }
    if (json.status == 0) {
        token_encode(out, json.ptr, json.len);
    }
    if (json.status != 0 || out->status != 0) {
        return cxd_error_set(err, json.status != 0 ? json.status : out->status,
                             "token claims could not be written");
    }
    return 0;
}

int token_request(const struct token_key *key, int64_t now_s, struct text *out,
                  struct cxd_error *err)
{
    static const char grant[] = "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer"
                                "&assertion=";
    unsigned char signature[1024]; /* RSA up to 8192 bits */
    size_t signature_len = sizeof signature;
    _cleanup_(text_done) struct text claims;
    int status;

    text_init(&claims, out->heap, TOKEN_TEXT_MAX * 16);
    claims.secret = true;
    status = token_claims(key, now_s, &claims, err);
    if (status < 0) {
        return status;
    }
    status = out->heap->host->sign_rs256(out->heap->self, text_bytes(&key->private_key),
                                         text_bytes(&claims), signature, &signature_len, err);
    if (status < 0) {
        (void)cxd_error_wrap(err, "service account key: private_key cannot sign");
        return status;
    }
    text_put(out, grant);
    text_add(out, claims.ptr, claims.len);
    text_put(out, ".");
    token_encode(out, signature, signature_len);
    heap_wipe(signature, sizeof signature);
    return out->status == 0 ? 0 : cxd_error_set(err, out->status, "token request: out of memory");
}

int token_reply(struct cxd_bytes reply, struct text *out, int64_t *ret_life_s,
                struct cxd_error *err)
{
    _cleanup_(token_put_tree) struct json_object *tree = list_tree(reply, true);
    struct json_object *life = NULL;

    text_clear(out);
    if (!json_object_is_type(tree, json_type_object)) {
        return cxd_error_set(err, CXD_PROTOCOL, "token endpoint: the reply is not a JSON object");
    }
    if (!token_member(tree, "access_token", out)) {
        return cxd_error_set(err, out->status == CXD_NOMEM ? CXD_NOMEM : CXD_PROTOCOL,
                             "token endpoint: the reply holds no access_token");
    }
    /* the token becomes a header value: nothing that could end the line */
    for (size_t i = 0; i < out->len; i++) {
        if ((unsigned char)out->ptr[i] <= ' ' || (unsigned char)out->ptr[i] >= 127) {
            text_clear(out);
            return cxd_error_set(err, CXD_PROTOCOL, "token endpoint: access_token is not usable");
        }
    }
    *ret_life_s = TOKEN_LIFE_S;
    if (json_object_object_get_ex(tree, "expires_in", &life) &&
        json_object_is_type(life, json_type_int)) {
        *ret_life_s = json_object_get_int64(life);
    }
    if (*ret_life_s < 1 || *ret_life_s > 86400) {
        *ret_life_s = TOKEN_LIFE_S;
    }
    return 0;
}
