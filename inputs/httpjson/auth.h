/*
 * auth.h: who we are, where it takes more than the options: the bearer token of OAuth 2.0 (asked for when needed, kept until
 * shortly before it ends, asked for anew when refused), or the text of a file.
 */
#pragma once

#include "config.h"
#include "lib/fetch.h"

struct auth {
    const struct heap *heap; /* borrowed */
    const struct config_auth *config;
    struct cxd_client *client;
    struct fetch reply;
    struct token_file file;
    struct text token; /* secret; empty: none */
    struct text body;  /* of the request under way */
    struct cxd_bytes part;
    struct text basic; /* header value */
    struct text proof; /* likewise, of DPoP */
    struct text nonce; /* of the token endpoint, for the proof */
    struct text there; /* nonce of the server that is asked with the token */
    bool is_nonce_new; /* it came with the last reply */
    bool tried_nonce;
    int64_t good_until_ms; /* monotonic */
    bool in_body; /* client id and secret in the body: the server did not take the header */
    bool tried_body;
};

void auth_init(struct auth *a, const struct heap *h, const struct config_auth *config,
               struct cxd_client *client);
void auth_done(struct auth *a);
/* A 401 may be answered by asking once more, after auth_refused. */
bool auth_is_renewable(const struct auth *a);
/* 0: the token, or the file's text (or none needed), is there. CXD_AGAIN: under way, http_wait. Or the failure. */
int auth_step(struct auth *a, struct cxd_error *err);
/* The header that step has made ready, borrowed until the next step; {NULL,0} both: none. Basic is the request's own. */
void auth_header(const struct auth *a, struct cxd_bytes *ret_name, struct cxd_bytes *ret_prefix,
                 struct cxd_bytes *ret_value);
/*
 * The proof that goes with that header to url, borrowed until the next one; {NULL,0}: none is asked for. hear: each reply's
 * DPoP-Nonce (NULL: none), before auth_refused.
 */
int auth_proof(struct auth *a, struct cxd_bytes method, struct cxd_bytes url,
               struct cxd_bytes *ret_value, struct cxd_error *err);
void auth_hear(struct auth *a, const char *nonce);
/* A 401: the next step asks anew, unless it was only that the proof lacked the server's nonce. */
void auth_refused(struct auth *a);

/* token.c, pure: the body of the token request; `out` is secret and empty. */
int token_body(const struct config_auth *config, bool in_body, int64_t now_s, struct text *out,
               struct cxd_error *err);
int token_reply(const struct heap *h, struct cxd_bytes reply, struct text *out, int64_t *ret_life_s,
                struct cxd_error *err);
