/* scan_avx2.c: the core for processors with AVX2: 32 bytes at a time. Compiled for AVX2, entered only where it is there. */
#include "base/scan_core.h"

#if defined(CXD_AVX2)

#include "base/scan_sse2.h"

#include <immintrin.h>

static inline uint32_t avx2_stops(const char *p)
{
    __m256i bytes = _mm256_loadu_si256((const __m256i *)(const void *)p);
    __m256i quotes = _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('"'));
    __m256i slashes = _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('\\'));
    __m256i others = _mm256_cmpgt_epi8(_mm256_set1_epi8(' '), bytes);

    return (uint32_t)_mm256_movemask_epi8(
        _mm256_or_si256(_mm256_or_si256(quotes, slashes), others));
}

static inline const char *walk_stop(const char *start, const char *p, const char *end)
{
    uint32_t stops;

    while (end - p >= 32) {
        stops = avx2_stops(p);
        if (stops != 0) {
            return p + __builtin_ctz(stops);
        }
        p += 32;
    }
    if (end - p >= 16) {
        stops = sse2_stops(p);
        if (stops != 0) {
            return p + __builtin_ctz(stops);
        }
        p += 16;
    }
    return sse2_stop_tail(start, p, end, scan_plain);
}

#define WALK_NAME "avx2"
#define WALK_CORE scan_core_avx2
#include "base/scan_walk.h"

#endif
