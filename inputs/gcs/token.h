/*
 * token.h: what a service-account key says, the claims signed with it, and the reply that they buy. Pure: the signature is
 * the host's, handed in as a part of the table.
 */
#pragma once

#include "lib/heap.h"

#define TOKEN_KEY_MAX 65536u /* bytes of a key file */
#define TOKEN_LIFE_S 3600    /* longest that Google accepts */
#define TOKEN_SCOPE "https://www.googleapis.com/auth/devstorage.read_only"

/* A parsed key. Every text is secret: wiped by token_key_done. */
struct token_key {
    struct text email;
    struct text key_id; /* empty: none */
    struct text private_key;
    struct text token_uri;
};

/* Reads a service-account key (JSON). CXD_CONFIG says which member is missing, never its value. */
int token_key_parse(const struct heap *h, struct cxd_bytes json, struct token_key *ret_key,
                    struct cxd_error *err);
void token_key_done(struct token_key *key); /* accepts a zeroed one */

/* header.claims of the JWT, base64url. `out` is secret and empty. */
int token_claims(const struct token_key *key, int64_t now_s, struct text *out,
                 struct cxd_error *err);
/* The form body of the token request, with a signed JWT. */
int token_request(const struct token_key *key, int64_t now_s, struct text *out,
                  struct cxd_error *err);
/* access_token and expires_in of the reply; the token goes into `out` (secret, cleared first). */
int token_reply(struct cxd_bytes reply, struct text *out, int64_t *ret_life_s,
                struct cxd_error *err);
