/*
 * sha1.h: SHA-1 (FIPS 180-4), for ids that must be those that others compute; not for secrets. Pure; any thread.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define SHA1_LEN 20
#define SHA1_BLOCK 64

struct sha1 {
    uint32_t state[5];
    uint64_t len; /* bytes so far */
    unsigned char block[SHA1_BLOCK];
};

void sha1_init(struct sha1 *sha1);
void sha1_add(struct sha1 *sha1, const void *data, size_t len);
void sha1_end(struct sha1 *sha1, unsigned char digest[SHA1_LEN]);
