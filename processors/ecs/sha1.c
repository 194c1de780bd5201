/*
 * sha1.c: see sha1.h.
 */
#include "sha1.h"

#include <string.h>

static uint32_t rotate(uint32_t word, unsigned bits)
{
    return word << bits | word >> (32 - bits);
}

/* Function and constant of a round. */
static uint32_t mix(unsigned round, uint32_t b, uint32_t c, uint32_t d)
{
    if (round < 20) {
        return ((b & c) | (~b & d)) + 0x5a827999u;
    }
    if (round < 40) {
        return (b ^ c ^ d) + 0x6ed9eba1u;
    }
    if (round < 60) {
        return ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdcu;
    }
    return (b ^ c ^ d) + 0xca62c1d6u;
}

static void take_block(struct sha1 *sha1, const unsigned char *block)
{
    uint32_t words[80];
    uint32_t s[5];

    for (unsigned i = 0; i < 16; i++) {
        const unsigned char *at = block + (size_t)4 * i;
        words[i] = (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
    }
    for (unsigned i = 16; i < 80; i++) {
        words[i] = rotate(words[i - 3] ^ words[i - 8] ^ words[i - 14] ^ words[i - 16], 1);
    }
    memcpy(s, sha1->state, sizeof s);
    for (unsigned i = 0; i < 80; i++) {
        uint32_t next = rotate(s[0], 5) + mix(i, s[1], s[2], s[3]) + s[4] + words[i];
        s[4] = s[3];
        s[3] = s[2];
        s[2] = rotate(s[1], 30);
        s[1] = s[0];
        s[0] = next;
    }
    for (unsigned i = 0; i < 5; i++) {
        sha1->state[i] += s[i];
    }
}

void sha1_init(struct sha1 *sha1)
{
    static const uint32_t start[5] = {0x67452301u, 0xefcdab89u, 0x98badcfeu, 0x10325476u,
                                      0xc3d2e1f0u};

    memcpy(sha1->state, start, sizeof start);
    sha1->len = 0;
}

void sha1_add(struct sha1 *sha1, const void *data, size_t len)
{
    const unsigned char *bytes = data;
    size_t held = sha1->len % SHA1_BLOCK;

    sha1->len += len;
    while (len > 0) {
        size_t part = SHA1_BLOCK - held < len ? SHA1_BLOCK - held : len;
        memcpy(sha1->block + held, bytes, part);
        bytes += part;
        len -= part;
        held += part;
        if (held == SHA1_BLOCK) {
            take_block(sha1, sha1->block);
            held = 0;
        }
    }
}

void sha1_end(struct sha1 *sha1, unsigned char digest[SHA1_LEN])
{
    static const unsigned char padding[SHA1_BLOCK] = {0x80};
    uint64_t bits = sha1->len * 8;
    size_t held = sha1->len % SHA1_BLOCK;
    unsigned char end[8];

    for (unsigned i = 0; i < 8; i++) {
        end[i] = (unsigned char)(bits >> (56 - 8 * i));
    }
    sha1_add(sha1, padding, held < 56 ? 56 - held : 120 - held);
    sha1_add(sha1, end, sizeof end);
    for (unsigned i = 0; i < SHA1_LEN; i++) {
        digest[i] = (unsigned char)(sha1->state[i / 4] >> (24 - 8 * (i % 4)));
    }
}
