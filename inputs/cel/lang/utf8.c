/* utf8.c: decoding and counting of code points. */
#include "utf8.h"

#include <string.h>

static bool is_tail(unsigned char c)
{
    return (c & 0xc0) == 0x80;
}

/* What the second byte may be after this first one; the rest of a sequence is 80 to BF. */
static bool is_second(unsigned char first, unsigned char c)
{
    switch (first) {
    case 0xe0:
        return c >= 0xa0 && c <= 0xbf;
    case 0xed:
        return c >= 0x80 && c <= 0x9f; /* no surrogates */
    case 0xf0:
        return c >= 0x90 && c <= 0xbf;
    case 0xf4:
        return c >= 0x80 && c <= 0x8f; /* U+10FFFF at most */
    default:
        return is_tail(c);
    }
}

size_t utf8_sequence(const char *text, size_t left)
{
    const unsigned char *s = (const unsigned char *)text;
    size_t len;

    if (s[0] < 0x80) {
        return 1;
    }
    len = s[0] >= 0xc2 && s[0] <= 0xdf   ? 2
          : (s[0] & 0xf0) == 0xe0        ? 3
          : s[0] >= 0xf0 && s[0] <= 0xf4 ? 4
                                         : 0;
    if (len == 0 || len > left || !is_second(s[0], s[1])) {
        return 0;
    }
    for (size_t i = 2; i < len; i++) {
        if (!is_tail(s[i])) {
            return 0;
        }
    }
    return len;
}

bool utf8_is_valid(struct cxd_bytes text)
{
    size_t at = 0;

    while (at < text.len) {
        uint64_t word;
        size_t len;
        if (text.len - at >= 8) {
            memcpy(&word, text.ptr + at, 8);
            if ((word & 0x8080808080808080ull) == 0) {
                at += 8;
                continue;
            }
        }
        len = utf8_sequence(text.ptr + at, text.len - at);
        if (len == 0) {
            return false;
        }
        at += len;
    }
    return true;
}

uint32_t utf8_get(const char *text, size_t left, size_t *ret_len)
{
    size_t len = utf8_sequence(text, left);
    uint32_t code;

    if (len == 0) {
        *ret_len = 1;
        return 0xfffd;
    }
    *ret_len = len;
    if (len == 1) {
        return (unsigned char)text[0];
    }
    code = (unsigned char)text[0] & (0xffu >> (len + 1));
    for (size_t i = 1; i < len; i++) {
        code = code << 6 | ((unsigned char)text[i] & 0x3f);
    }
    return code;
}

size_t utf8_put(uint32_t code, char out[4])
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

static size_t step(struct cxd_bytes text, size_t at)
{
    size_t len = utf8_sequence(text.ptr + at, text.len - at);

    return len > 0 ? len : 1;
}

size_t utf8_count(struct cxd_bytes text)
{
    size_t count = 0;

    for (size_t at = 0; at < text.len; at += step(text, at)) {
        count++;
    }
    return count;
}

size_t utf8_offset(struct cxd_bytes text, size_t index)
{
    size_t at = 0;

    for (; index > 0 && at < text.len; index--) {
        at += step(text, at);
    }
    return at;
}

bool utf8_is_space(uint32_t code)
{
    return (code >= 9 && code <= 13) || code == ' ' || code == 0x85 || code == 0xa0 ||
           code == 0x1680 || (code >= 0x2000 && code <= 0x200a) || code == 0x2028 ||
           code == 0x2029 || code == 0x202f || code == 0x205f || code == 0x3000;
}
