/* challenge.h: digest authentication (RFC 7616): reads a challenge, answers it. MD5 and SHA-256, qop auth or none. Pure. */
#pragma once

#include "lib/heap.h"

struct challenge {
    char realm[256];
    char nonce[512];
    char opaque[256];
    bool is_set;
    bool is_sha256;
    bool has_qop;
    bool has_opaque;
    uint32_t count; /* answers given */
};

/* The value of WWW-Authenticate. False: not Digest, or a kind that is not known; *c is then untouched. */
bool challenge_read(struct challenge *c, const char *value);

struct challenge_ask {
    struct cxd_bytes user, password, method, uri;
    const char *cnonce; /* hex */
};

/* Appends the value of Authorization; out is secret. sha256 is the host's. */
void challenge_answer(struct challenge *c, const struct challenge_ask *ask,
                      void (*sha256)(const void *data, size_t len, unsigned char out[32]),
                      struct text *out);
