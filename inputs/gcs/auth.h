/*
 * auth.h: the access token: got, kept, renewed.
 *
 * One owner, one thread. Without a key every request goes without a token.
 */
#pragma once

#include "config.h"
#include "fetch.h"
#include "park.h"
#include "token.h"
#include "verdict.h"

#define AUTH_EARLY_MS 300000 /* a token is renewed so long before it ends */

struct auth {
    const struct heap *heap;   /* borrowed */
    struct cxd_client *client; /* borrowed */
    struct token_key key;
    bool has_key;
    struct text header; /* "Bearer ..."; secret; empty: no token */
    struct text body;   /* of the running request; secret */
    struct cxd_bytes part;
    struct fetch fetch;
    int64_t renew_at_ms; /* monotonic */
    int64_t ends_at_ms;
    uint32_t version; /* of the token */
    uint32_t strikes; /* tokens refused in a row */
    struct park park;
};

/* key_json empty: anonymous. The client is set by the caller before the first step. */
int auth_init(struct auth *a, const struct heap *h, struct cxd_bytes key_json,
              struct cxd_error *err);
void auth_done(struct auth *a); /* accepts a zeroed one */

/* Starts or continues getting a token where one is needed. True when something changed. */
bool auth_step(struct auth *a, int64_t now_ms, const struct config_retry *retry);
bool auth_is_ready(const struct auth *a, int64_t now_ms); /* requests may go */
const char *auth_account(const struct auth *a);           /* "" when anonymous */
/* A request with token `version` was answered 401. True: try again (with a new token); false: refused for good. */
bool auth_refused(struct auth *a, uint32_t version);
void auth_accepted(struct auth *a); /* a request was let in */
/* The header rows for a request: 0 or 1. */
size_t auth_headers(const struct auth *a, struct cxd_header *headers);
