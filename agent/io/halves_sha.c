/*
 * halves_sha.c: SHA-256 of two halves in step. A round of the SHA instructions waits for the one before it; the other half's
 * rounds fill the wait. Compiled for SHA and SSE4.1, entered only where they are there. FIPS 180-4 has the constants.
 */
#include "io/halves.h"

#if defined(CXD_AVX2)

#include <cpuid.h>
#include <immintrin.h>
#include <stdint.h>
#include <string.h>

static const uint32_t rounds[64] __attribute__((aligned(16))) = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

/* The eight words as the instructions want them: a, b, e, f and c, d, g, h, the first of them topmost. */
struct lane {
    __m128i abef;
    __m128i cdgh;
};

static inline __attribute__((always_inline)) struct lane lane_start(void)
{
    return (struct lane){_mm_set_epi32(0x6a09e667, (int)0xbb67ae85, 0x510e527f, (int)0x9b05688c),
                         _mm_set_epi32(0x3c6ef372, (int)0xa54ff53a, 0x1f83d9ab, 0x5be0cd19)};
}

static inline __attribute__((always_inline)) __m128i words_load(const unsigned char *at)
{
    const __m128i order = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);

    return _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(const void *)at), order);
}

/* The next four words of the schedule from the sixteen before them; w[i & 3] is the oldest. */
static inline __attribute__((always_inline)) __m128i words_next(const __m128i w[4], int i)
{
    __m128i sum = _mm_add_epi32(_mm_sha256msg1_epu32(w[i & 3], w[(i + 1) & 3]),
                                _mm_alignr_epi8(w[(i + 3) & 3], w[(i + 2) & 3], 4));

    return _mm_sha256msg2_epu32(sum, w[(i + 3) & 3]);
}

static void blocks_run(struct lane *first, struct lane *second, const unsigned char *p,
                       const unsigned char *q, size_t count)
{
    struct lane a = *first;
    struct lane b = *second;

    for (; count > 0; count--, p += HALVES_BLOCK, q += HALVES_BLOCK) {
        const struct lane a_before = a;
        const struct lane b_before = b;
        __m128i v[4];
        __m128i w[4];
#pragma GCC unroll 16
        for (int i = 0; i < 16; i++) {
            __m128i k = _mm_load_si128((const __m128i *)(const void *)(rounds + 4 * i));
            __m128i x;
            __m128i y;
            v[i & 3] = i < 4 ? words_load(p + 16 * i) : words_next(v, i);
            w[i & 3] = i < 4 ? words_load(q + 16 * i) : words_next(w, i);
            x = _mm_add_epi32(v[i & 3], k);
            y = _mm_add_epi32(w[i & 3], k);
            a.cdgh = _mm_sha256rnds2_epu32(a.cdgh, a.abef, x);
            b.cdgh = _mm_sha256rnds2_epu32(b.cdgh, b.abef, y);
            a.abef = _mm_sha256rnds2_epu32(a.abef, a.cdgh, _mm_shuffle_epi32(x, 0x0e));
            b.abef = _mm_sha256rnds2_epu32(b.abef, b.cdgh, _mm_shuffle_epi32(y, 0x0e));
        }
        a.abef = _mm_add_epi32(a.abef, a_before.abef);
        a.cdgh = _mm_add_epi32(a.cdgh, a_before.cdgh);
        b.abef = _mm_add_epi32(b.abef, b_before.abef);
        b.cdgh = _mm_add_epi32(b.cdgh, b_before.cdgh);
    }
    *first = a;
    *second = b;
}

static void lane_digest(const struct lane *lane, unsigned char out[32])
{
    uint32_t abef[4];
    uint32_t cdgh[4];

    _mm_storeu_si128((__m128i *)(void *)abef, lane->abef);
    _mm_storeu_si128((__m128i *)(void *)cdgh, lane->cdgh);
    const uint32_t words[8] = {abef[3], abef[2], cdgh[3], cdgh[2],
                               abef[1], abef[0], cdgh[1], cdgh[0]};
    for (int i = 0; i < 8; i++) {
        uint32_t word = __builtin_bswap32(words[i]);
        memcpy(out + 4 * i, &word, 4);
    }
}

/* The last bytes of a half of len bytes with the padding behind them: one to three blocks. */
static size_t tail_make(unsigned char tail[3 * HALVES_BLOCK], const unsigned char *rest,
                        size_t rest_len, size_t len)
{
    size_t count = (rest_len + 9 + HALVES_BLOCK - 1) / HALVES_BLOCK;
    uint64_t bits = __builtin_bswap64((uint64_t)len * 8);

    memset(tail, 0, count * HALVES_BLOCK);
    if (rest_len > 0) {
        memcpy(tail, rest, rest_len);
    }
    tail[rest_len] = 0x80;
    memcpy(tail + count * HALVES_BLOCK - 8, &bits, 8);
    return count;
}

void halves_sha(const unsigned char *data, size_t len, unsigned char out[32])
{
    size_t first = halves_first(len) * HALVES_BLOCK;
    size_t common = (len - first) / HALVES_BLOCK; /* as many as the first half has, or one less */
    size_t done = common * HALVES_BLOCK;
    unsigned char tail_a[3 * HALVES_BLOCK];
    unsigned char tail_b[3 * HALVES_BLOCK];
    unsigned char digest[64];
    struct lane a = lane_start();
    struct lane b = lane_start();
    struct lane idle = lane_start();
    size_t count_a = tail_make(tail_a, data + done, first - done, first);
    size_t count_b = tail_make(tail_b, data + first + done, len - first - done, len - first);
    size_t both = count_a < count_b ? count_a : count_b;

    blocks_run(&a, &b, data, data + first, common);
    blocks_run(&a, &b, tail_a, tail_b, both);
    if (count_a > both) {
        blocks_run(&a, &idle, tail_a + both * HALVES_BLOCK, tail_a, count_a - both);
    }
    if (count_b > both) {
        blocks_run(&b, &idle, tail_b + both * HALVES_BLOCK, tail_b, count_b - both);
    }
    lane_digest(&a, digest);
    lane_digest(&b, digest + HALVES_TAKEN);
    a = lane_start();
    count_a = tail_make(tail_a, digest, 2 * (size_t)HALVES_TAKEN, 2 * (size_t)HALVES_TAKEN);
    blocks_run(&a, &idle, tail_a, tail_a, count_a);
    lane_digest(&a, out);
}

int halves_has_sha(void)
{
    unsigned int a;
    unsigned int b = 0;
    unsigned int c;
    unsigned int d;

    return __builtin_cpu_supports("sse4.1") && __get_cpuid_count(7, 0, &a, &b, &c, &d) &&
           (b & bit_SHA) != 0;
}

#endif
