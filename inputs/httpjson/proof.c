/* proof.c: see the header. */
#include "proof.h"

#include "lib/tree.h"

#include <stdio.h>

#define PROOF_MAX 65536u
#define JWK_ROOM 4096u

static void encode(struct text *out, const void *data, size_t len)
{
    size_t room = len / 3 * 4 + 5;
    char *code = heap_alloc(out->heap, room);

    if (code == NULL) {
        out->status = CXD_NOMEM;
        return;
    }
    text_add(out, code, out->heap->host->base64(data, len, 1, code, room));
    heap_free(out->heap, code);
}

static void member(struct text *json, const char *name, struct cxd_bytes value)
{
    text_put(json, json->len > 1 ? ",\"" : "\"");
    text_put(json, name);
    text_put(json, "\":");
    tree_quote(value, TREE_WRITE_PLAIN, json);
}

static struct cxd_bytes without_query(struct cxd_bytes url)
{
    for (size_t i = 0; i < url.len; i++) {
        if (url.ptr[i] == '?' || url.ptr[i] == '#') {
            url.len = i;
        }
    }
    return url;
}

static void payload(const struct proof_ask *ask, const struct heap *h, struct text *json)
{
    unsigned char digest[32];
    unsigned char chance[16];
    char id[33];
    struct text bound;

    h->host->random(h->self, chance, sizeof chance);
    for (size_t i = 0; i < sizeof chance; i++) {
        (void)snprintf(id + 2 * i, 3, "%02x", chance[i]);
    }
    text_put(json, "{");
    member(json, "jti", (struct cxd_bytes){id, 32});
    member(json, "htm", ask->method);
    member(json, "htu", without_query(ask->url));
    text_put(json, ",\"iat\":");
    text_number(json, h->host->wall_ms(h->self) / 1000);
    if (ask->token.len > 0) {
        text_init(&bound, h, PROOF_MAX);
        h->host->sha256(ask->token.ptr, ask->token.len, digest);
        encode(&bound, digest, sizeof digest);
        member(json, "ath", text_bytes(&bound));
        json->status = json->status != 0 ? json->status : bound.status;
        text_done(&bound);
    }
    if (ask->nonce.len > 0) {
        member(json, "nonce", ask->nonce);
    }
    text_put(json, "}");
}

int proof_make(const struct proof_ask *ask, struct text *out, struct cxd_error *err)
{
    const struct heap *h = out->heap;
    unsigned char signature[2048];
    size_t len = sizeof signature;
    char jwk[JWK_ROOM];
    const char *alg = NULL;
    struct text json;
    int status = h->host->jose_key(ask->key_pem, jwk, sizeof jwk, &alg, err);

    text_clear(out);
    if (status < 0) {
        (void)cxd_error_wrap(err, "auth.oauth2.okta.dpop_key_pem");
        return status;
    }
    text_init(&json, h, PROOF_MAX);
    text_put(&json, "{\"typ\":\"dpop+jwt\",\"alg\":\"");
    text_put(&json, alg);
    text_put(&json, "\",\"jwk\":");
    text_put(&json, jwk);
    text_put(&json, "}");
    encode(out, json.ptr != NULL ? json.ptr : "", json.len);
    text_put(out, ".");
    text_clear(&json);
    payload(ask, h, &json);
    encode(out, json.ptr != NULL ? json.ptr : "", json.len);
    status = json.status != 0 ? json.status : out->status;
    text_done(&json);
    status = status < 0 ? cxd_error_set(err, status, "DPoP: out of memory")
                        : h->host->jose_sign(ask->key_pem, text_bytes(out), signature, &len, err);
    if (status < 0) {
        return status;
    }
    text_put(out, ".");
    encode(out, signature, len);
    return out->status < 0 ? cxd_error_set(err, out->status, "DPoP: out of memory") : 0;
}
