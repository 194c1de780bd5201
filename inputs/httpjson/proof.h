/*
 * proof.h: that we hold the key which a token is bound to (RFC 9449, DPoP): a JWT for one request. Pure but for the host's chance,
 * time and signature. Thread: the instance's.
 */
#pragma once

#include "lib/heap.h"

struct proof_ask {
    struct cxd_bytes key_pem;
    struct cxd_bytes method;
    struct cxd_bytes url;   /* query and fragment are left out of the proof */
    struct cxd_bytes nonce; /* that the server gave last; may be empty */
    struct cxd_bytes token; /* the access token that goes along; empty: a token request */
};

/* CXD_CONFIG: the key is none. out is emptied first. */
int proof_make(const struct proof_ask *ask, struct text *out, struct cxd_error *err);
