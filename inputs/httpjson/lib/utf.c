/*
 * utf.c: see the header. Knows RFC 3629 and RFC 8259. Thread: any.
 */
#include "lib/utf.h"

#include <string.h>

#define UTF_ONES UINT64_C(0x0101010101010101)
#define UTF_HIGHS UINT64_C(0x8080808080808080)

/* Not 0 when some byte of word is 0. */
static uint64_t utf_zero(uint64_t word)
{
    return (word - UTF_ONES) & ~word & UTF_HIGHS;
}

static uint64_t utf_word(const char *ptr)
{
    uint64_t word;

    memcpy(&word, ptr, sizeof word);
    return word;
}

/* Bytes of the word before its first marked one. Only the lowest mark is sure to be true. */
static size_t utf_before(uint64_t marks)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    return (size_t)__builtin_ctzll(marks) / 8;
#else
    (void)marks;
    return 0;
#endif
}

const char *utf_quote_find(const char *ptr, const char *end)
{
    while (end - ptr >= 8) {
        uint64_t word = utf_word(ptr);
        uint64_t marks = utf_zero(word ^ UTF_ONES * '"') | utf_zero(word ^ UTF_ONES * '\\');

        if (marks != 0) {
            ptr += utf_before(marks);
            break;
        }
        ptr += 8;
    }
    while (ptr < end && *ptr != '"' && *ptr != '\\') {
        ptr++;
    }
    return ptr;
}

const char *utf_plain_end(const char *ptr, const char *end)
{
    while (end - ptr >= 8) {
        uint64_t word = utf_word(ptr);

        uint64_t marks = utf_zero(word ^ UTF_ONES * '"') | utf_zero(word ^ UTF_ONES * '\\') |
                         ((word - UTF_ONES * ' ') & ~word & UTF_HIGHS);

        if (marks != 0) {
            ptr += utf_before(marks);
            break;
        }
        ptr += 8;
    }
    while (ptr < end && *ptr != '"' && *ptr != '\\' && (unsigned char)*ptr >= ' ') {
        ptr++;
    }
    return ptr;
}

static bool utf_is_tail(char letter)
{
    return ((unsigned char)letter & 0xc0) == 0x80;
}

size_t utf_len(const char *ptr, size_t len)
{
    unsigned char a = (unsigned char)ptr[0];
    unsigned char b = len > 1 ? (unsigned char)ptr[1] : 0;

    if (a < 0x80) {
        return 1;
    }
    if (a < 0xc2 || a > 0xf4 || len < 2 || !utf_is_tail(ptr[1])) {
        return 0;
    }
    if (a < 0xe0) {
        return 2;
    }
    if (len < 3 || !utf_is_tail(ptr[2])) {
        return 0;
    }
    if (a < 0xf0) {
        /* no overlong forms, no surrogates */
        return (a == 0xe0 && b < 0xa0) || (a == 0xed && b > 0x9f) ? 0 : 3;
    }
    if (len < 4 || !utf_is_tail(ptr[3])) {
        return 0;
    }
    return (a == 0xf0 && b < 0x90) || (a == 0xf4 && b > 0x8f) ? 0 : 4;
}

size_t utf_decode(const char *ptr, size_t len, uint32_t *ret_code)
{
    static const unsigned char masks[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    size_t step = utf_len(ptr, len);
    uint32_t code;

    if (step == 0) {
        *ret_code = 0xfffd;
        return 1;
    }
    code = (unsigned char)ptr[0] & masks[step];
    for (size_t i = 1; i < step; i++) {
        code = code << 6 | ((unsigned char)ptr[i] & 0x3f);
    }
    *ret_code = code;
    return step;
}

size_t utf_encode(uint32_t code, char out[4])
{
    if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) {
        code = 0xfffd;
    }
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    if (code < 0x800) {
        out[0] = (char)(0xc0 | code >> 6);
        out[1] = (char)(0x80 | (code & 0x3f));
        return 2;
    }
    if (code < 0x10000) {
        out[0] = (char)(0xe0 | code >> 12);
        out[1] = (char)(0x80 | (code >> 6 & 0x3f));
        out[2] = (char)(0x80 | (code & 0x3f));
        return 3;
    }
    out[0] = (char)(0xf0 | code >> 18);
    out[1] = (char)(0x80 | (code >> 12 & 0x3f));
    out[2] = (char)(0x80 | (code >> 6 & 0x3f));
    out[3] = (char)(0x80 | (code & 0x3f));
    return 4;
}

bool utf_is_valid(struct cxd_bytes text)
{
    size_t at = 0;

    while (at < text.len) {
        size_t step;

        if (text.len - at >= 8 && (utf_word(text.ptr + at) & UTF_HIGHS) == 0) {
            at += 8;
            continue;
        }
        step = utf_len(text.ptr + at, text.len - at);

        if (step == 0) {
            return false;
        }
        at += step;
    }
    return true;
}

size_t utf_count(struct cxd_bytes text)
{
    size_t count = 0;

    for (size_t at = 0; at < text.len; count++) {
        uint32_t code;

        at += utf_decode(text.ptr + at, text.len - at, &code);
    }
    return count;
}

static uint32_t utf_hex4(const char *ptr)
{
    uint32_t code = 0;

    for (int i = 0; i < 4; i++) {
        uint32_t letter = (unsigned char)ptr[i];

        code = code << 4 | (letter <= '9' ? letter - '0' : (letter | 0x20) - 'a' + 10);
    }
    return code;
}

/* The escape at ptr (behind its backslash) to out; *used: bytes of input behind the backslash. */
static size_t utf_escape(const char *ptr, size_t len, char *out, size_t *used)
{
    static const char from[] = "\"\\/bfnrt";
    static const char to[] = "\"\\/\b\f\n\r\t";
    uint32_t code;

    *used = 1;
    if (*ptr != 'u') {
        const char *found = strchr(from, *ptr);

        out[0] = found != NULL ? to[found - from] : *ptr;
        return 1;
    }
    code = utf_hex4(ptr + 1);
    *used = 5;
    if (code >= 0xd800 && code <= 0xdbff && len >= 11 && ptr[5] == '\\' && ptr[6] == 'u') {
        uint32_t low = utf_hex4(ptr + 7);

        if (low >= 0xdc00 && low <= 0xdfff) {
            code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
            *used = 11;
        }
    }
    return utf_encode(code, out);
}

struct cxd_bytes utf_unescape(struct region *r, struct cxd_bytes raw)
{
    char *out = region_alloc(r, raw.len + 1); /* no escape is shorter than what it stands for */
    size_t len = 0;
    size_t at = 0;

    if (out == NULL) {
        return (struct cxd_bytes){NULL, 0};
    }
    while (at < raw.len) {
        size_t used;

        if (raw.ptr[at] != '\\') {
            out[len++] = raw.ptr[at++];
            continue;
        }
        at++;
        len += utf_escape(raw.ptr + at, raw.len - at, out + len, &used);
        at += used;
    }
    return (struct cxd_bytes){out, len};
}
