/* swar.h: eight bytes of text looked at together, or sixteen where every processor of the kind can. */
#pragma once

#include <stdint.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define SWAR_ONES 0x0101010101010101ull
#define SWAR_HIGHS 0x8080808080808080ull

static inline uint64_t swar_load(const char *text)
{
    uint64_t word;

    memcpy(&word, text, sizeof word);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    return word; /* the first byte is the lowest */
}

/* Bytes before the first marked one; marks != 0. */
static inline unsigned swar_first(uint64_t marks)
{
    return (unsigned)__builtin_ctzll(marks) / 8;
}

/* High bits where a byte equals c; behind the first mark there may be wrong ones. */
static inline uint64_t swar_equal(uint64_t word, unsigned char c)
{
    uint64_t x = word ^ (SWAR_ONES * c);

    return (x - SWAR_ONES) & ~x & SWAR_HIGHS;
}

/* High bits where a byte is below ' '; behind the first mark there may be wrong ones. */
static inline uint64_t swar_control(uint64_t word)
{
    return (word - SWAR_ONES * ' ') & ~word & SWAR_HIGHS;
}

/*
 * Of SWAR_STEP bytes the number before the first that JSON does not take as it is: a quote, a backslash, a control, a byte above
 * ASCII. SWAR_STEP: all are plain. swar_copy also minds <, > and &, and copies all of them to `to`.
 */
#ifdef __SSE2__
#define SWAR_STEP 16

static inline __m128i swar_quoting(__m128i word)
{
    /* as signed numbers bytes above ASCII are below ' ', too */
    return _mm_or_si128(_mm_cmpeq_epi8(word, _mm_set1_epi8('\\')),
                        _mm_cmplt_epi8(word, _mm_set1_epi8(' ')));
}

static inline unsigned swar_plain(const char *text)
{
    __m128i word = _mm_loadu_si128((const __m128i *)(const void *)text);
    __m128i special = _mm_or_si128(swar_quoting(word), _mm_cmpeq_epi8(word, _mm_set1_epi8('"')));

    return (unsigned)__builtin_ctz((unsigned)_mm_movemask_epi8(special) | 1u << SWAR_STEP);
}

static inline unsigned swar_copy(const char *text, char *to)
{
    __m128i word = _mm_loadu_si128((const __m128i *)(const void *)text);
    __m128i angles = _mm_or_si128(word, _mm_set1_epi8('<' ^ '>')); /* both become > */
    __m128i marks = _mm_or_si128(word, _mm_set1_epi8('"' ^ '&'));  /* both become & */
    __m128i special = _mm_or_si128(_mm_cmpeq_epi8(angles, _mm_set1_epi8('>')),
                                   _mm_cmpeq_epi8(marks, _mm_set1_epi8('&')));

    _mm_storeu_si128((__m128i *)(void *)to, word);
    special = _mm_or_si128(special, swar_quoting(word));
    return (unsigned)__builtin_ctz((unsigned)_mm_movemask_epi8(special) | 1u << SWAR_STEP);
}

/*
 * Copies SWAR_STEP bytes with a backslash before each quote and backslash, when they have nothing else that JSON or HTML minds.
 * Reads twice as many and stores up to SWAR_SLASHED and SWAR_STEP bytes. Returns where `to` goes on, NULL when there is something else.
 */
#define SWAR_SLASHED (2 * SWAR_STEP)
static inline char *swar_slash(const char *text, char *to)
{
    __m128i word = _mm_loadu_si128((const __m128i *)(const void *)text);
    __m128i angles = _mm_or_si128(word, _mm_set1_epi8('<' ^ '>'));
    __m128i slashes = _mm_or_si128(_mm_cmpeq_epi8(word, _mm_set1_epi8('"')),
                                   _mm_cmpeq_epi8(word, _mm_set1_epi8('\\')));
    __m128i hard = _mm_or_si128(_mm_cmplt_epi8(word, _mm_set1_epi8(' ')),
                                _mm_or_si128(_mm_cmpeq_epi8(angles, _mm_set1_epi8('>')),
                                             _mm_cmpeq_epi8(word, _mm_set1_epi8('&'))));
    unsigned marks = (unsigned)_mm_movemask_epi8(slashes);

    if (_mm_movemask_epi8(hard) != 0) {
        return NULL;
    }
    _mm_storeu_si128((__m128i *)(void *)to, word);
    for (; marks != 0; marks &= marks - 1) {
        unsigned at = (unsigned)__builtin_ctz(marks);
        to[at] = '\\';
        to++;
        _mm_storeu_si128((__m128i *)(void *)(to + at),
                         _mm_loadu_si128((const __m128i *)(const void *)(text + at)));
    }
    return to + SWAR_STEP;
}
#else
#define SWAR_STEP 8

static inline uint64_t swar_quoting(uint64_t word)
{
    return word | swar_equal(word, '"') | swar_equal(word, '\\') | swar_control(word);
}

static inline unsigned swar_plain(const char *text)
{
    uint64_t special = swar_quoting(swar_load(text)) & SWAR_HIGHS;

    return special == 0 ? SWAR_STEP : swar_first(special);
}

static inline unsigned swar_copy(const char *text, char *to)
{
    uint64_t word = swar_load(text);
    uint64_t special = (swar_quoting(word) | swar_equal(word, '<') | swar_equal(word, '>') |
                        swar_equal(word, '&')) &
                       SWAR_HIGHS;

    memcpy(to, text, SWAR_STEP);
    return special == 0 ? SWAR_STEP : swar_first(special);
}
#endif
