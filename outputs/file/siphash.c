/* siphash.c: as published by Aumasson and Bernstein; two rounds for each word, four at the end. Pure. */
#include "siphash.h"

#include <endian.h>
#include <string.h>

struct state {
    uint64_t a;
    uint64_t b;
    uint64_t c;
    uint64_t d;
};

static uint64_t word_at(const void *ptr)
{
    uint64_t word;

    memcpy(&word, ptr, sizeof word);
    return le64toh(word);
}

static uint64_t turn(uint64_t word, unsigned bits)
{
    return word << bits | word >> (64 - bits);
}

static void rounds(struct state *s, int count)
{
    for (int i = 0; i < count; i++) {
        s->a += s->b;
        s->b = turn(s->b, 13) ^ s->a;
        s->a = turn(s->a, 32);
        s->c += s->d;
        s->d = turn(s->d, 16) ^ s->c;
        s->a += s->d;
        s->d = turn(s->d, 21) ^ s->a;
        s->c += s->b;
        s->b = turn(s->b, 17) ^ s->c;
        s->c = turn(s->c, 32);
    }
}

static void take_word(struct state *s, uint64_t word)
{
    s->d ^= word;
    rounds(s, 2);
    s->a ^= word;
}

uint64_t siphash(const unsigned char key[SIPHASH_KEY_LEN], const char *ptr, size_t len)
{
    uint64_t low = word_at(key);
    uint64_t high = word_at(key + 8);
    struct state s = {low ^ 0x736f6d6570736575u, high ^ 0x646f72616e646f6du,
                      low ^ 0x6c7967656e657261u, high ^ 0x7465646279746573u};
    unsigned char last[8] = {0};
    size_t whole = len & ~(size_t)7;

    for (size_t i = 0; i < whole; i += 8) {
        take_word(&s, word_at(ptr + i));
    }
    if (len > whole) {
        memcpy(last, ptr + whole, len - whole);
    }
    last[7] = (unsigned char)len;
    take_word(&s, word_at(last));
    s.c ^= 0xff;
    rounds(&s, 4);
    return s.a ^ s.b ^ s.c ^ s.d;
}
