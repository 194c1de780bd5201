/* token.c: token requests (RFC 6749, 7523) and replies. Pure but for the host's signature. Thread: the instance's. */
#include "auth.h"

#include "template/query.h"

#define TOKEN_MAX 65536u

static void body_add(struct text *out, const char *name, struct cxd_bytes value)
{
    text_put(out, out->len > 0 ? "&" : "");
    text_put(out, name);
    text_put(out, "=");
    query_escape(value, out);
}

static void token_encode(struct text *out, const void *data, size_t len)
{
    size_t room = len / 3 * 4 + 5;
    char *code = heap_alloc(out->heap, room);

    if (code == NULL) {
        out->status = CXD_NOMEM;
        return;
    }
    text_add(out, code, out->heap->host->base64(data, len, 1, code, room));
    heap_wipe(code, room);
    heap_free(out->heap, code);
}

static void claim_text(struct text *json, const char *name, struct cxd_bytes value)
{
    if (value.len > 0) {
        text_put(json, json->len > 1 ? ",\"" : "\"");
        text_put(json, name);
        text_put(json, "\":");
        tree_quote(value, TREE_WRITE_PLAIN, json);
    }
}

static void claims(const struct config_auth *config, int64_t now_s, struct text *json)
{
    bool is_google = config->type == AUTH_GOOGLE;

    text_put(json, "{");
    claim_text(json, "iss", is_google ? config->issuer : config->client_id);
    claim_text(json, "sub", is_google ? config->subject : config->client_id);
    claim_text(json, "aud", config->token_url);
    claim_text(json, "scope", is_google ? config->scopes : (struct cxd_bytes){NULL, 0});
    text_put(json, ",\"iat\":");
    text_number(json, now_s);
    text_put(json, ",\"exp\":");
    text_number(json, now_s + 3600);
    text_put(json, "}");
}

/* header.claims.signature */
static int assertion(const struct config_auth *config, int64_t now_s, struct text *out,
                     struct cxd_error *err)
{
    unsigned char signature[2048];
    size_t len = sizeof signature;
    struct text json;
    int status;

    text_init(&json, out->heap, TOKEN_MAX);
    text_put(&json, "{\"alg\":\"RS256\",\"typ\":\"JWT\"");
    if (config->key_id.len > 0) {
        text_put(&json, ",\"kid\":");
        tree_quote(config->key_id, TREE_WRITE_PLAIN, &json);
    }
    text_put(&json, "}");
    token_encode(out, json.ptr, json.len);
    text_put(out, ".");
    text_clear(&json);
    claims(config, now_s, &json);
    token_encode(out, json.ptr, json.len);
    status = json.status != 0 ? json.status : out->status;
    text_done(&json);
    if (status < 0) {
        return cxd_error_set(err, status, "token request: out of memory");
    }
    status = out->heap->host->sign_rs256(out->heap->self, config->key_pem, text_bytes(out),
                                         signature, &len, err);
    if (status < 0) {
        (void)cxd_error_wrap(err, "auth.oauth2: the private key cannot sign");
        return status;
    }
    text_put(out, ".");
    token_encode(out, signature, len);
    return out->status;
}

static int body_signed(const struct config_auth *config, int64_t now_s, struct text *out,
                       struct cxd_error *err)
{
    struct text jwt;
    int status;

    text_init(&jwt, out->heap, TOKEN_MAX * 2);
    jwt.secret = true;
    status = assertion(config, now_s, &jwt, err);
    if (config->type == AUTH_GOOGLE) {
        body_add(out, "grant_type", CXD_LIT("urn:ietf:params:oauth:grant-type:jwt-bearer"));
        body_add(out, "assertion", text_bytes(&jwt));
    } else {
        body_add(out, "grant_type", CXD_LIT("client_credentials"));
        body_add(out, "scope", config->scopes);
        body_add(out, "client_assertion_type",
                 CXD_LIT("urn:ietf:params:oauth:client-assertion-type:jwt-bearer"));
        body_add(out, "client_assertion", text_bytes(&jwt));
    }
    text_done(&jwt);
    return status;
}

static void body_params(const struct config_auth *config, struct text *out)
{
    struct region r;

    region_init(&r, out->heap, TOKEN_MAX);
    for (struct tree *c = config->params != NULL ? config->params->first : NULL; c != NULL;
         c = c->next) {
        struct tree *item = c->kind == TREE_LIST ? c->first : c;

        for (; item != NULL; item = c->kind == TREE_LIST ? item->next : NULL) {
            text_put(out, "&");
            query_escape(c->key, out);
            text_put(out, "=");
            query_escape(item->kind == TREE_STRING ? tree_string(&r, item) : item->text, out);
        }
    }
    region_done(&r);
}

int token_body(const struct config_auth *config, bool in_body, int64_t now_s, struct text *out,
               struct cxd_error *err)
{
    int status = 0;

    if (config->type == AUTH_GOOGLE || config->type == AUTH_OKTA) {
        status = body_signed(config, now_s, out, err);
    } else {
        bool is_password = config->type == AUTH_PASSWORD;

        body_add(out, "grant_type",
                 is_password ? CXD_LIT("password") : CXD_LIT("client_credentials"));
        if (is_password) {
            body_add(out, "username", config->user);
            body_add(out, "password", config->password);
        }
        if (config->scopes.len > 0) {
            body_add(out, "scope", config->scopes);
        }
        if (in_body) {
            body_add(out, "client_id", config->client_id);
            body_add(out, "client_secret", config->client_secret);
        }
    }
    body_params(config, out);
    if (status == 0 && out->status != 0) {
        status = cxd_error_set(err, out->status, "token request: out of memory");
    }
    return status;
}

static bool token_is_good(struct cxd_bytes token)
{
    for (size_t i = 0; i < token.len; i++) {
        if ((unsigned char)token.ptr[i] <= ' ' || (unsigned char)token.ptr[i] >= 127) {
            return false;
        }
    }
    return token.len > 0;
}

int token_reply(const struct heap *h, struct cxd_bytes reply, struct text *out, int64_t *ret_life_s,
                struct cxd_error *err)
{
    struct region r;
    struct tree *tree = NULL;
    struct cxd_bytes token = {NULL, 0};
    struct cxd_bytes life = {NULL, 0};
    int status = 0;

    region_init(&r, h, TOKEN_MAX * 4);
    r.secret = true;
    text_clear(out);
    if (reply.len <= TOKEN_MAX && tree_parse(&r, reply, &tree, NULL) == 0) {
        token = optree_text(&r, tree, "access_token");
        life = optree_text(&r, tree, "expires_in");
    }
    if (r.status != 0) {
        status = cxd_error_set(err, CXD_NOMEM, "token reply: out of memory");
    } else if (!token_is_good(token)) {
        status = cxd_error_set(err, CXD_PROTOCOL,
                               "token endpoint: the reply holds no usable access_token");
    } else {
        text_add(out, token.ptr, token.len);
        status = out->status;
    }
    if (life.ptr == NULL || !number_parse(life.ptr, life.len, ret_life_s) || *ret_life_s < 1 ||
        *ret_life_s > 604800) {
        *ret_life_s = 3600;
    }
    region_done(&r);
    return status;
}
