/* digest.c: RFC 1321 and RFC 3174, one shot. */
#include "digest.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

static uint32_t rotate(uint32_t x, unsigned by)
{
    return x << by | x >> (32 - by);
}

typedef void (*block_fn)(uint32_t *state, const unsigned char *block);

/* All blocks of data and the padding, whose length field is little-endian for MD5. */
static void blocks_run(const unsigned char *data, size_t len, bool little, uint32_t *state,
                       block_fn block)
{
    unsigned char tail[128] = {0};
    size_t whole = len & ~(size_t)63;
    size_t rest = len - whole;
    size_t size = rest < 56 ? 64 : 128;

    for (size_t at = 0; at < whole; at += 64) {
        block(state, data + at);
    }
    if (rest > 0) {
        memcpy(tail, data + whole, rest);
    }
    tail[rest] = 0x80;
    for (size_t i = 0; i < 8; i++) {
        size_t shift = little ? 8 * i : 56 - 8 * i;
        tail[size - 8 + i] = (unsigned char)((uint64_t)len * 8 >> shift);
    }
    for (size_t at = 0; at < size; at += 64) {
        block(state, tail + at);
    }
}

/* The table of RFC 1321: 2^32 times the sine of 1 to 64. */
static uint32_t md5_constant(unsigned i)
{
    return (uint32_t)(fabs(sin((double)(i + 1))) * 4294967296.0);
}

static void md5_block(uint32_t *state, const unsigned char *block)
{
    static const unsigned char shifts[4][4] = {
        {7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}};
    uint32_t a = state[0];
    uint32_t b = state[1];
    uint32_t c = state[2];
    uint32_t d = state[3];

    for (unsigned i = 0; i < 64; i++) {
        unsigned round = i / 16;
        unsigned g = round == 0 ? i : round == 1 ? 5 * i + 1 : round == 2 ? 3 * i + 5 : 7 * i;
        uint32_t f = round == 0   ? (b & c) | (~b & d)
                     : round == 1 ? (d & b) | (~d & c)
                     : round == 2 ? b ^ c ^ d
                                  : c ^ (b | ~d);
        const unsigned char *word = block + 4 * (g & 15);
        uint32_t next = d;
        f += a + md5_constant(i) +
             (word[0] | (uint32_t)word[1] << 8 | (uint32_t)word[2] << 16 | (uint32_t)word[3] << 24);
        d = c;
        c = b;
        b += rotate(f, shifts[round][i & 3]);
        a = next;
    }
    state[0] += a;
    state[1] += b;
    state[2] += c;
    state[3] += d;
}

static void sha1_block(uint32_t *state, const unsigned char *block)
{
    uint32_t w[80];
    uint32_t a = state[0];
    uint32_t b = state[1];
    uint32_t c = state[2];
    uint32_t d = state[3];
    uint32_t e = state[4];

    for (unsigned i = 0; i < 80; i++) {
        w[i] = i < 16 ? (uint32_t)block[4 * i] << 24 | (uint32_t)block[4 * i + 1] << 16 |
                            (uint32_t)block[4 * i + 2] << 8 | block[4 * i + 3]
                      : rotate(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
    }
    for (unsigned i = 0; i < 80; i++) {
        uint32_t f = i < 20   ? ((b & c) | (~b & d)) + 0x5a827999
                     : i < 40 ? (b ^ c ^ d) + 0x6ed9eba1
                     : i < 60 ? ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc
                              : (b ^ c ^ d) + 0xca62c1d6;
        uint32_t next = rotate(a, 5) + f + e + w[i];
        e = d;
        d = c;
        c = rotate(b, 30);
        b = a;
        a = next;
    }
    state[0] += a;
    state[1] += b;
    state[2] += c;
    state[3] += d;
    state[4] += e;
}

void digest_md5(const void *data, size_t len, unsigned char out[16])
{
    uint32_t state[4] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476};

    blocks_run(data, len, true, state, md5_block);
    for (size_t i = 0; i < 16; i++) {
        out[i] = (unsigned char)(state[i / 4] >> (8 * (i % 4)));
    }
}

void digest_sha1(const void *data, size_t len, unsigned char out[20])
{
    uint32_t state[5] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};

    blocks_run(data, len, false, state, sha1_block);
    for (size_t i = 0; i < 20; i++) {
        out[i] = (unsigned char)(state[i / 4] >> (24 - 8 * (i % 4)));
    }
}
