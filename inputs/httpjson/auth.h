/*
 * auth.h: the bearer token of OAuth 2.0: asked for when needed, kept until shortly before it ends, asked for anew when refused.
 */
#pragma once

#include "config.h"
#include "lib/fetch.h"

struct auth {
    const struct heap *heap; /* borrowed */
    const struct config_auth *config;
    struct cxd_client *client;
    struct fetch reply;
    struct text token; /* secret; empty: none */
    struct text body;  /* of the request under way */
    struct cxd_bytes part;
    struct text basic;     /* header value */
    int64_t good_until_ms; /* monotonic */
    bool in_body; /* client id and secret in the body: the server did not take the header */
    bool tried_body;
};

void auth_init(struct auth *a, const struct heap *h, const struct config_auth *config,
               struct cxd_client *client);
void auth_done(struct auth *a);
bool auth_is_needed(const struct auth *a);
/* 0: the token (or none needed) is in a->token. CXD_AGAIN: under way, http_wait. Or the failure. */
int auth_step(struct auth *a, struct cxd_error *err);
void auth_refused(struct auth *a); /* a 401: the next step asks anew */

/* token.c, pure: the body of the token request; `out` is secret and empty. */
int token_body(const struct config_auth *config, bool in_body, int64_t now_s, struct text *out,
               struct cxd_error *err);
int token_reply(const struct heap *h, struct cxd_bytes reply, struct text *out, int64_t *ret_life_s,
                struct cxd_error *err);
