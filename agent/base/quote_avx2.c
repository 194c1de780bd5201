/* quote_avx2.c: see quote.h. Compiled for AVX2, entered only where it is there. */
#include "base/quote.h"

#if defined(CXD_AVX2)

#include <immintrin.h>
#include <stdint.h>

/* Where byte i of eight goes, when those whose bits are set in m get a byte in front of them. */
#define PLACE(m, i) ((i) + __builtin_popcount((m) & ((2 << (i)) - 1)))
#define FROM_4(m, j, i, other)                                                                     \
    (PLACE(m, i) == (j)         ? (i)                                                              \
     : PLACE(m, (i) + 1) == (j) ? (i) + 1                                                          \
     : PLACE(m, (i) + 2) == (j) ? (i) + 2                                                          \
     : PLACE(m, (i) + 3) == (j) ? (i) + 3                                                          \
                                : (other))
/* The byte that comes to place j; 80 makes a zero. */
#define FROM(m, j) FROM_4(m, j, 0, FROM_4(m, j, 4, 0x80))
#define FROMS_4(m, j) FROM(m, j), FROM(m, (j) + 1), FROM(m, (j) + 2), FROM(m, (j) + 3)
#define ROW(m)                                                                                     \
    {                                                                                              \
        FROMS_4(m, 0), FROMS_4(m, 4), FROMS_4(m, 8), FROMS_4(m, 12)                                \
    }
#define ROWS_4(m) ROW(m), ROW((m) + 1), ROW((m) + 2), ROW((m) + 3)
#define ROWS_16(m) ROWS_4(m), ROWS_4((m) + 4), ROWS_4((m) + 8), ROWS_4((m) + 12)
#define ROWS_64(m) ROWS_16(m), ROWS_16((m) + 16), ROWS_16((m) + 32), ROWS_16((m) + 48)

static const _Alignas(16) unsigned char rows[256][16] = {ROWS_64(0), ROWS_64(64), ROWS_64(128),
                                                         ROWS_64(192)};

/* The lower eight bytes, those of the mask behind a backslash. None of them is a zero. Returns the end. */
static inline char *put_eight(__m128i bytes, uint32_t mask, char *out)
{
    const __m128i slash = _mm_set1_epi8('\\');
    __m128i row = _mm_load_si128((const __m128i *)(const void *)rows[mask]);
    __m128i wide = _mm_shuffle_epi8(bytes, row);
    __m128i gaps = _mm_cmpeq_epi8(wide, _mm_setzero_si128());

    _mm_storeu_si128((__m128i *)(void *)out, _mm_or_si128(wide, _mm_and_si128(gaps, slash)));
    return out + 8 + __builtin_popcount(mask);
}

char *quote_shuffle(const char **text, const char *end, char *out)
{
    const char *p = *text;

    while (end - p >= QUOTE_NEED) {
        __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)p);
        __m128i slashed = _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('"')),
                                       _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\')));
        uint32_t mask = (uint32_t)_mm_movemask_epi8(slashed);
        if (_mm_movemask_epi8(_mm_cmplt_epi8(bytes, _mm_set1_epi8(' '))) != 0) {
            break;
        }
        out = put_eight(bytes, mask & 255, out);
        out = put_eight(_mm_srli_si128(bytes, 8), mask >> 8, out);
        p += QUOTE_BLOCK;
    }
    *text = p;
    return out;
}

#endif
