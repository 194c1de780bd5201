/* text.c: JSON's escapes and UTF-8, both ways. Knows no JSON grammar. Sixteen bytes at a time where SSE2 is there. */
#include "base/text.h"

#include "base/quote.h"
#include "base/scan_core.h"
#include "cxd/status.h"

#include <string.h>

/* CXD_NO_SIMD, CXD_NO_AVX2: for the test of what other processors run. */
#if defined(__SSE2__) && !defined(CXD_NO_SIMD)
#define TEXT_WIDE 1
#include <emmintrin.h>
#else
#define TEXT_WIDE 0
#endif
#if TEXT_WIDE && defined(CXD_AVX2) && !defined(CXD_NO_AVX2)
#define TEXT_SHUFFLE 1
#else
#define TEXT_SHUFFLE 0
#endif

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

static const char hex_digits[] = "0123456789abcdef";

/* The letter of the short escape of a control character, or NUL. */
static const char short_escapes[32] = {
    ['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r'};

static inline int is_tail(char c)
{
    return ((unsigned char)c & 0xc0) == 0x80;
}

size_t text_sequence(const char *p, const char *end)
{
    unsigned char first = (unsigned char)*p;
    unsigned char second;

    if (first < 0x80) {
        return 1;
    }
    if (first < 0xc2 || first > 0xf4 || end - p < 2 || !is_tail(p[1])) {
        return 0; /* c0 and c1 could only begin overlong forms */
    }
    if (first < 0xe0) {
        return 2;
    }
    second = (unsigned char)p[1];
    if (first < 0xf0) {
        int is_bad = (first == 0xe0 && second < 0xa0) || (first == 0xed && second > 0x9f);
        return end - p >= 3 && is_tail(p[2]) && !is_bad ? 3 : 0;
    }
    if ((first == 0xf0 && second < 0x90) || (first == 0xf4 && second > 0x8f)) {
        return 0;
    }
    return end - p >= 4 && is_tail(p[2]) && is_tail(p[3]) ? 4 : 0;
}

int text_is_utf8(struct cxd_bytes text)
{
    size_t i = 0;

    while (i < text.len) {
        size_t len = text_sequence(text.ptr + i, text.ptr + text.len);
        if (len == 0) {
            return 0;
        }
        i += len;
    }
    return 1;
}

/* Bytes that the character at p takes when escaped; *ret_step: bytes it takes as it is. */
static size_t escaped_len(const char *p, const char *end, size_t *ret_step)
{
    unsigned char c = (unsigned char)*p;

    *ret_step = 1;
    if (scan_plain[c]) {
        return 1;
    }
    if (c >= 0x80) {
        size_t len = text_sequence(p, end);
        if (len == 0) {
            return sizeof REPLACEMENT - 1;
        }
        *ret_step = len;
        return len;
    }
    return c >= ' ' || short_escapes[c] != 0 ? 2 : 6;
}

/* Writes the character at p escaped; returns the end, moves *p behind it. */
static char *escaped_put(const char **p, const char *end, char *out)
{
    size_t step;
    size_t len = escaped_len(*p, end, &step);
    unsigned char c = (unsigned char)**p;

    if (c >= 0x80) {
        memcpy(out, len == step ? *p : REPLACEMENT, len);
    } else if (len == 1) {
        *out = (char)c;
    } else if (len == 2) {
        out[0] = '\\';
        out[1] = c < ' ' ? short_escapes[c] : (char)c;
    } else {
        memcpy(out, "\\u00", 4);
        out[4] = hex_digits[c >> 4];
        out[5] = hex_digits[c & 15];
    }
    *p += step;
    return out + len;
}

#if TEXT_WIDE

static inline __m128i load16(const char *p)
{
    return _mm_loadu_si128((const __m128i *)(const void *)p);
}

static inline __m128i find_slashed(__m128i bytes)
{
    return _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('"')),
                        _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\')));
}

static inline uint32_t find_hard(__m128i bytes)
{
    return (uint32_t)_mm_movemask_epi8(_mm_cmplt_epi8(bytes, _mm_set1_epi8(' ')));
}

/* Adds the escaped length of all but the last few bytes; returns where it stopped. */
static const char *len_wide(const char *p, const char *end, size_t *len)
{
    __m128i sum = _mm_setzero_si128();
    uint64_t sums[2];

    while (end - p >= 16) {
        __m128i bytes = load16(p);
        if (find_hard(bytes) != 0) {
            const char *stop = p + 16;
            while (p < stop) {
                size_t step;
                *len += escaped_len(p, end, &step);
                p += step;
            }
            continue;
        }
        sum = _mm_add_epi64(sum, _mm_sad_epu8(_mm_and_si128(find_slashed(bytes), _mm_set1_epi8(1)),
                                              _mm_setzero_si128()));
        *len += 16;
        p += 16;
    }
    _mm_storeu_si128((__m128i *)(void *)sums, sum);
    *len += sums[0] + sums[1];
    return p;
}

/*
 * Escapes all but the last few bytes. Sixteen bytes are stored at once even when fewer of them count: as at least as many
 * bytes of the text are left, and none of them takes less than one byte, that stays within the string's exact length.
 */
static char *quote_wide(const char **text, const char *end, char *out)
{
    const char *p = *text;

    while (end - p >= 16) {
        __m128i bytes = load16(p);
        uint32_t slashed = (uint32_t)_mm_movemask_epi8(find_slashed(bytes));
        uint32_t hard = find_hard(bytes);

        _mm_storeu_si128((__m128i *)(void *)out, bytes);
        if (hard != 0 || (slashed != 0 && end - p < 32)) {
            int plain = __builtin_ctz(hard | slashed);
            p += plain;
            out = escaped_put(&p, end, out + plain);
            continue;
        }
        for (; slashed != 0; slashed &= slashed - 1) {
            int at = __builtin_ctz(slashed);
            out[at] = '\\';
            out++;
            _mm_storeu_si128((__m128i *)(void *)(out + at), load16(p + at));
        }
        p += 16;
        out += 16;
    }
    *text = p;
    return out;
}

#endif

size_t text_quote_len(struct cxd_bytes text)
{
    const char *p = text.len > 0 ? text.ptr : "";
    const char *end = p + text.len;
    size_t len = 2;

#if TEXT_WIDE
    p = len_wide(p, end, &len);
#endif
    while (p < end) {
        size_t step;
        len += escaped_len(p, end, &step);
        p += step;
    }
    return len;
}

#if TEXT_SHUFFLE

/* By shuffles; blocks that these cannot take, character by character. */
static char *quote_fast(const char **text, const char *end, char *out)
{
    for (;;) {
        const char *stop;
        out = quote_shuffle(text, end, out);
        if (end - *text < QUOTE_NEED) {
            return out;
        }
        stop = *text + QUOTE_BLOCK;
        while (*text < stop) {
            out = escaped_put(text, end, out);
        }
    }
}

#endif

char *text_quote_known(struct cxd_bytes text, char *out)
{
    const char *p = text.len > 0 ? text.ptr : "";
    const char *end = p + text.len;

    *out++ = '"';
#if TEXT_SHUFFLE
    if (end - p >= QUOTE_NEED && __builtin_cpu_supports("avx2")) {
        out = quote_fast(&p, end, out);
    }
#endif
#if TEXT_WIDE
    out = quote_wide(&p, end, out);
#endif
    while (p < end) {
        if (scan_plain[(unsigned char)*p]) {
            *out++ = *p++;
        } else {
            out = escaped_put(&p, end, out);
        }
    }
    *out++ = '"';
    return out;
}

size_t text_quote(struct cxd_bytes text, char *out, size_t room)
{
    if (room < text.len || text_quote_len(text) > room) {
        return 0;
    }
    return (size_t)(text_quote_known(text, out) - out);
}
