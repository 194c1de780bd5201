/* halves.h: the digest CXD_DIGEST_SHA256_HALVES, by SHA instructions. Private to io. */
#pragma once

#include <stddef.h>

#define HALVES_BLOCK 64
#define HALVES_TAKEN 20 /* bytes of each half's digest that the last one is made of */

/* Blocks of the first half: the two differ by a block at most, padding included. */
static inline size_t halves_first(size_t len)
{
    return (len / HALVES_BLOCK + 1) / 2;
}

#if defined(CXD_AVX2)
/* Both halves at the same time. To be entered only where halves_has_sha says 1. */
void halves_sha(const unsigned char *data, size_t len, unsigned char out[32]);
int halves_has_sha(void);
#endif
