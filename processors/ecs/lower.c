/*
 * lower.c: see lower.h.
 */
#include "lower.h"

#include <stdint.h>
#include <string.h>

struct range {
    uint32_t first;
    uint32_t last;
    int32_t delta;
    uint32_t step; /* 2: every other one is a capital */
};

static const struct range ranges[] = {
    {0x41, 0x5a, 32, 1},        {0xc0, 0xd6, 32, 1},     {0xd8, 0xde, 32, 1},
    {0x100, 0x12e, 1, 2},       {0x132, 0x136, 1, 2},    {0x139, 0x147, 1, 2},
    {0x14a, 0x176, 1, 2},       {0x178, 0x178, -121, 1}, {0x179, 0x17d, 1, 2},
    {0x386, 0x386, 38, 1},      {0x388, 0x38a, 37, 1},   {0x38c, 0x38c, 64, 1},
    {0x38e, 0x38f, 63, 1},      {0x391, 0x3a1, 32, 1},   {0x3a3, 0x3ab, 32, 1},
    {0x400, 0x40f, 80, 1},      {0x410, 0x42f, 32, 1},   {0x460, 0x480, 1, 2},
    {0x48a, 0x4be, 1, 2},       {0x4c0, 0x4c0, 15, 1},   {0x4c1, 0x4cd, 1, 2},
    {0x4d0, 0x52e, 1, 2},       {0x531, 0x556, 48, 1},   {0x1e00, 0x1e94, 1, 2},
    {0x1e9e, 0x1e9e, -7615, 1}, {0x1ea0, 0x1efe, 1, 2},  {0xff21, 0xff3a, 32, 1},
};

#define EACH(byte) (0x0101010101010101ull * (byte))

static inline uint64_t load8(const char *text)
{
    uint64_t word;

    memcpy(&word, text, sizeof word);
    return word;
}

/* The top bits of the bytes that are A to Z, of a word without bytes above 7f. */
static inline uint64_t find_capitals(uint64_t word)
{
    return (word + EACH(0x80 - 'A')) & ~(word + EACH(0x80 - 'Z' - 1)) & EACH(0x80);
}

bool lower_is_done(const char *text, size_t len)
{
    size_t i = 0;

    for (; len - i >= 8; i += 8) {
        uint64_t word = load8(text + i);
        if ((word & EACH(0x80)) != 0 || find_capitals(word) != 0) {
            return false;
        }
    }
    for (; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c >= 0x80 || (c >= 'A' && c <= 'Z')) {
            return false;
        }
    }
    return true;
}

static uint32_t lower_letter(uint32_t letter)
{
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
        const struct range *range = &ranges[i];
        if (letter < range->first) {
            break;
        }
        if (letter <= range->last) {
            bool is_capital = (letter - range->first) % range->step == 0;
            return is_capital ? (uint32_t)((int32_t)letter + range->delta) : letter;
        }
    }
    return letter;
}

/* Length of the two- or three-byte letter at text; 0: none. Four-byte letters have their capitals out of our ranges. */
static size_t read_letter(const unsigned char *text, size_t len, uint32_t *ret_letter)
{
    if (len >= 2 && (text[0] & 0xe0) == 0xc0 && (text[1] & 0xc0) == 0x80) {
        *ret_letter = (uint32_t)(text[0] & 0x1f) << 6 | (text[1] & 0x3f);
        return 2;
    }
    if (len >= 3 && (text[0] & 0xf0) == 0xe0 && (text[1] & 0xc0) == 0x80 &&
        (text[2] & 0xc0) == 0x80) {
        *ret_letter =
            (uint32_t)(text[0] & 0x0f) << 12 | (uint32_t)(text[1] & 0x3f) << 6 | (text[2] & 0x3f);
        return 3;
    }
    return 0;
}

static size_t write_letter(uint32_t letter, char *out)
{
    if (letter < 0x80) {
        out[0] = (char)letter;
        return 1;
    }
    if (letter < 0x800) {
        out[0] = (char)(0xc0 | letter >> 6);
        out[1] = (char)(0x80 | (letter & 0x3f));
        return 2;
    }
    out[0] = (char)(0xe0 | letter >> 12);
    out[1] = (char)(0x80 | (letter >> 6 & 0x3f));
    out[2] = (char)(0x80 | (letter & 0x3f));
    return 3;
}

size_t lower_print(const char *text, size_t len, char *out)
{
    size_t written = 0;
    size_t at = 0;

    while (at < len) {
        unsigned char c = (unsigned char)text[at];
        uint64_t word = len - at >= 8 ? load8(text + at) : EACH(0x80);
        uint32_t letter;
        size_t size;
        if ((word & EACH(0x80)) == 0) {
            word +=
                find_capitals(word) >> 2; /* 80 becomes the 20 between a capital and its letter */
            memcpy(out + written, &word, sizeof word);
            written += 8;
            at += 8;
            continue;
        }
        if (c < 0x80) {
            out[written++] = (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
            at++;
            continue;
        }
        size = read_letter((const unsigned char *)text + at, len - at, &letter);
        if (size == 0) {
            out[written++] = text[at++];
            continue;
        }
        if (letter == 0x130) {
            written += write_letter('i', out + written);
            written += write_letter(0x307, out + written);
        } else {
            written += write_letter(lower_letter(letter), out + written);
        }
        at += size;
    }
    return written;
}
