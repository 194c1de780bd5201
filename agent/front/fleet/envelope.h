/*
 * envelope.h: the signature file of a policy: who may run which bytes, and when. Pure; any thread.
 *
 *   cortexd-policy 1
 *   policy_id: edge
 *   revision: 12                          (1 to 18 digits)
 *   not_before: 2026-01-31T00:00:00Z      (may be absent, as the next two)
 *   not_after: 2027-01-31T00:00:00Z
 *   targets: *                            (or names, parted by commas)
 *   key_id: 16 hex digits                 (the head of the SHA-256 of the public key)
 *   (an empty line)
 *   signature: base64                     (Ed25519 over all before this line, followed by the policy's bytes)
 */
#pragma once

#include "base/buf.h"
#include "io/sign.h"

#include <stdint.h>

enum { ENVELOPE_MAX = 65536, ENVELOPE_WORD = 129, ENVELOPE_KEY_ID = 17 };

struct envelope {
    char policy_id[ENVELOPE_WORD];
    char targets[1025];
    char key_id[ENVELOPE_KEY_ID];
    uint64_t revision;
    int64_t not_before_ms; /* wall clock; 0: none */
    int64_t not_after_ms;  /* 0: none */
    size_t signed_len;     /* bytes of the head, with the empty line */
    unsigned char signature[SIGN_LEN];
};

/* CXD_MALFORMED, with the line. */
int envelope_read(struct cxd_bytes text, struct envelope *ret_envelope, struct cxd_error *err);
/* The head, with its empty line, appended to out, of all but the signature. CXD_INVALID, CXD_NOMEM, CXD_TOO_LARGE. */
int envelope_write(const struct envelope *e, struct buf *out);
/* The name of a public key. */
void envelope_key_id(const unsigned char key[SIGN_KEY_LEN], char out[ENVELOPE_KEY_ID]);
/* 1: one of the names in targets is *, or the name (NULL: none). */
int envelope_is_for(const struct envelope *e, const char *name);
/* "2026-01-31T12:00:00Z", from 1971 on. CXD_MALFORMED. */
int envelope_time(const char *text, size_t len, int64_t *ret_ms);
