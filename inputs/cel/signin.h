/*
 * signin.h: the bearer token of OAuth 2.0. httpjson's own code, behind a face of its own: the two modules' values have the same
 * names and must not meet in one file. One thread.
 */
#pragma once

#include "lib/tree.h"

struct signin;

/* options: the tree that has auth.oauth2; borrowed, as the client and the heap are. CXD_CONFIG, CXD_NOMEM. */
int signin_open(const struct heap *heap, struct tree *options, struct cxd_client *client,
                struct signin **ret_signin, struct cxd_error *err);
void signin_close(struct signin *signin); /* accepts NULL */
/* 0: there is a token. CXD_AGAIN: it is being fetched, http_wait. Or the failure. */
int signin_step(struct signin *signin, struct cxd_error *err);
struct cxd_bytes signin_token(const struct signin *signin); /* secret; valid until the next step */
/* DPoP: how the token is called, and the proof that goes along; see auth.h. */
const char *signin_prefix(const struct signin *signin);
int signin_proof(struct signin *signin, struct cxd_bytes method, struct cxd_bytes url,
                 struct cxd_bytes *ret_value, struct cxd_error *err);
void signin_hear(struct signin *signin, const char *nonce);
void signin_refused(struct signin *signin); /* a 401: the next step asks anew */
