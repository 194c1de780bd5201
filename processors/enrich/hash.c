/* hash.c: after the public description of XXH64. */
#include "hash.h"

#include <string.h>

#define P1 0x9E3779B185EBCA87u
#define P2 0xC2B2AE3D27D4EB4Fu
#define P3 0x165667B19E3779F9u
#define P4 0x85EBCA77C2B2AE63u
#define P5 0x27D4EB2F165667C5u

static uint64_t turn(uint64_t x, int bits)
{
    return x << bits | x >> (64 - bits);
}

static uint64_t word_at(const unsigned char *p, int bytes)
{
    uint64_t word = 0;

    for (int i = 0; i < bytes; i++) {
        word |= (uint64_t)p[i] << (8 * i);
    }
    return word;
}

static uint64_t mix(uint64_t lane, uint64_t word)
{
    return turn(lane + word * P2, 31) * P1;
}

static uint64_t lanes_join(const uint64_t lanes[4])
{
    uint64_t h = turn(lanes[0], 1) + turn(lanes[1], 7) + turn(lanes[2], 12) + turn(lanes[3], 18);

    for (int i = 0; i < 4; i++) {
        h = (h ^ mix(0, lanes[i])) * P1 + P4;
    }
    return h;
}

static uint64_t rest_mix(uint64_t h, const unsigned char *p, size_t len)
{
    for (; len >= 8; p += 8, len -= 8) {
        h = turn(h ^ mix(0, word_at(p, 8)), 27) * P1 + P4;
    }
    for (; len >= 4; p += 4, len -= 4) {
        h = turn(h ^ word_at(p, 4) * P1, 23) * P2 + P3;
    }
    for (; len > 0; p++, len--) {
        h = turn(h ^ *p * P5, 11) * P1;
    }
    h = (h ^ h >> 33) * P2;
    h = (h ^ h >> 29) * P3;
    return h ^ h >> 32;
}

uint64_t hash_xx64(const void *data, size_t len, uint64_t seed)
{
    const unsigned char *p = data;
    size_t left = len;
    uint64_t lanes[4] = {seed + P1 + P2, seed + P2, seed, seed - P1};
    uint64_t h = seed + P5;

    if (len >= 32) {
        for (; left >= 32; left -= 32) {
            for (int i = 0; i < 4; i++, p += 8) {
                lanes[i] = mix(lanes[i], word_at(p, 8));
            }
        }
        h = lanes_join(lanes);
    }
    return rest_mix(h + len, p, left);
}
