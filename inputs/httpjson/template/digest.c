/*
 * digest.c: SHA-1 (FIPS 180-4), for services that still ask for it, and HMAC (RFC 2104). SHA-256 is the host's.
 * Thread: any.
 */
#include "template/func.h"

static uint32_t digest_rotate(uint32_t word, int bits)
{
    return word << bits | word >> (32 - bits);
}

static void digest_block(uint32_t state[5], const unsigned char *block)
{
    static const uint32_t constants[4] = {0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xca62c1d6};
    uint32_t w[80];
    uint32_t s[5];

    for (int i = 0; i < 16; i++) {
        w[i] = (uint32_t)block[i * 4] << 24 | (uint32_t)block[i * 4 + 1] << 16 |
               (uint32_t)block[i * 4 + 2] << 8 | block[i * 4 + 3];
    }
    for (int i = 16; i < 80; i++) {
        w[i] = digest_rotate(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
    }
    memcpy(s, state, sizeof s);
    for (int i = 0; i < 80; i++) {
        uint32_t mix = i < 20   ? (s[1] & s[2]) | (~s[1] & s[3])
                       : i < 40 ? s[1] ^ s[2] ^ s[3]
                       : i < 60 ? (s[1] & s[2]) | (s[1] & s[3]) | (s[2] & s[3])
                                : s[1] ^ s[2] ^ s[3];
        uint32_t next = digest_rotate(s[0], 5) + mix + s[4] + constants[i / 20] + w[i];

        s[4] = s[3];
        s[3] = s[2];
        s[2] = digest_rotate(s[1], 30);
        s[1] = s[0];
        s[0] = next;
    }
    for (int i = 0; i < 5; i++) {
        state[i] += s[i];
    }
}

void digest_sha1(struct cxd_bytes data, unsigned char out[20])
{
    uint32_t state[5] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
    unsigned char tail[128] = {0};
    const unsigned char *bytes = (const unsigned char *)data.ptr;
    size_t whole = data.len / 64 * 64;
    size_t rest = data.len - whole;
    size_t tail_len = rest < 56 ? 64 : 128;
    uint64_t bits = (uint64_t)data.len * 8;

    for (size_t i = 0; i < whole; i += 64) {
        digest_block(state, bytes + i);
    }
    if (rest > 0) {
        memcpy(tail, bytes + whole, rest);
    }
    tail[rest] = 0x80;
    for (size_t i = 0; i < 8; i++) {
        tail[tail_len - 1 - i] = (unsigned char)(bits >> (i * 8));
    }
    for (size_t i = 0; i < tail_len; i += 64) {
        digest_block(state, tail + i);
    }
    for (size_t i = 0; i < 20; i++) {
        out[i] = (unsigned char)(state[i / 4] >> (24 - i % 4 * 8));
    }
}

static size_t digest_any(const struct heap *h, bool is_sha1, struct cxd_bytes data,
                         unsigned char out[32])
{
    if (is_sha1) {
        digest_sha1(data, out);
        return 20;
    }
    h->host->sha256(data.ptr, data.len, out);
    return 32;
}

size_t digest_hmac(const struct heap *h, bool is_sha1, struct cxd_bytes key, struct cxd_bytes data,
                   unsigned char out[32])
{
    unsigned char block[64] = {0};
    unsigned char outer[64 + 32];
    char *inner = heap_alloc(h, sizeof block + data.len);
    size_t len;

    if (inner == NULL) {
        return 0;
    }
    if (key.len > sizeof block) {
        (void)digest_any(h, is_sha1, key, block);
    } else if (key.len > 0) {
        memcpy(block, key.ptr, key.len);
    }
    for (size_t i = 0; i < sizeof block; i++) {
        inner[i] = (char)(block[i] ^ 0x36);
        outer[i] = block[i] ^ 0x5c;
    }
    if (data.len > 0) {
        memcpy(inner + sizeof block, data.ptr, data.len);
    }
    len = digest_any(h, is_sha1, (struct cxd_bytes){inner, sizeof block + data.len},
                     outer + sizeof block);
    heap_wipe(inner, sizeof block);
    heap_free(h, inner);
    len = digest_any(h, is_sha1, (struct cxd_bytes){(char *)outer, sizeof block + len}, out);
    heap_wipe(block, sizeof block);
    heap_wipe(outer, sizeof outer);
    return len;
}
