/* swar.h: eight bytes of text looked at together. */
#pragma once

#include <stdint.h>
#include <string.h>

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
