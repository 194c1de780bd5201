/* scan_sse2.h: stops among 16 bytes; for the SSE2 and the AVX2 core. */
#pragma once

#include <emmintrin.h>
#include <stdint.h>

/* Bit i: byte i is a stop. As signed numbers control characters and bytes that are not ASCII alike are below a blank. */
static inline uint32_t sse2_stops(const char *p)
{
    __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)p);
    __m128i quotes = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'));
    __m128i slashes = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'));
    __m128i others = _mm_cmplt_epi8(bytes, _mm_set1_epi8(' '));

    return (uint32_t)_mm_movemask_epi8(_mm_or_si128(_mm_or_si128(quotes, slashes), others));
}

/* The last fewer than 16 bytes: by a look at the 16 that end with them, where the text is long enough. */
static inline const char *sse2_stop_tail(const char *start, const char *p, const char *end,
                                         const unsigned char plain[256])
{
    if (p < end && end - start >= 16) {
        uint32_t stops = sse2_stops(end - 16) >> (16 - (end - p));
        return stops != 0 ? p + __builtin_ctz(stops) : end;
    }
    while (p < end && plain[(unsigned char)*p]) {
        p++;
    }
    return p;
}
