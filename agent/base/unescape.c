/* unescape.c: the way back of text.h: the inside of a JSON string to plain UTF-8, or to its shortest form. */
#include "base/text.h"
#include "cxd/status.h"

#include <stdint.h>
#include <string.h>

#define NOT_AN_ESCAPE UINT32_MAX

static uint32_t hex_value(char c)
{
    if (c >= '0' && c <= '9') {
        return (uint32_t)(c - '0');
    }
    if (c >= 'a' && c <= 'f') {
        return (uint32_t)(c - 'a' + 10);
    }
    return c >= 'A' && c <= 'F' ? (uint32_t)(c - 'A' + 10) : NOT_AN_ESCAPE;
}

/* The number behind a \u at p, or NOT_AN_ESCAPE. */
static uint32_t unit_read(const char *p, const char *end)
{
    uint32_t unit = 0;

    if (end - p < 6 || p[0] != '\\' || p[1] != 'u') {
        return NOT_AN_ESCAPE;
    }
    for (int i = 2; i < 6; i++) {
        uint32_t digit = hex_value(p[i]);
        if (digit == NOT_AN_ESCAPE) {
            return NOT_AN_ESCAPE;
        }
        unit = unit << 4 | digit;
    }
    return unit;
}

static int is_high(uint32_t unit)
{
    return unit >= 0xd800 && unit <= 0xdbff;
}

static int is_low(uint32_t unit)
{
    return unit >= 0xdc00 && unit <= 0xdfff;
}

/* The code point that the escape at *p stands for, *p moved behind it. A surrogate whose other half is missing stays what it is. */
static uint32_t escape_read(const char **p, const char *end)
{
    static const char letters[] = "\"\\/bfnrt";
    static const char values[] = "\"\\/\b\f\n\r\t";
    uint32_t unit = unit_read(*p, end);
    uint32_t low;
    const char *letter;

    if (unit == NOT_AN_ESCAPE) {
        letter = end - *p >= 2 && (*p)[1] != '\0' ? strchr(letters, (*p)[1]) : NULL;
        *p += 2;
        return letter != NULL ? (uint32_t)values[letter - letters] : NOT_AN_ESCAPE;
    }
    *p += 6;
    low = is_high(unit) ? unit_read(*p, end) : NOT_AN_ESCAPE;
    if (is_low(low)) {
        *p += 6;
        return 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
    }
    return unit;
}

static char *utf8_put(char *out, uint32_t code)
{
    if (code < 0x80) {
        *out++ = (char)code;
        return out;
    }
    if (code < 0x800) {
        *out++ = (char)(0xc0 | code >> 6);
    } else {
        if (code < 0x10000) {
            *out++ = (char)(0xe0 | code >> 12);
        } else {
            *out++ = (char)(0xf0 | code >> 18);
            *out++ = (char)(0x80 | (code >> 12 & 0x3f));
        }
        *out++ = (char)(0x80 | (code >> 6 & 0x3f));
    }
    *out++ = (char)(0x80 | (code & 0x3f));
    return out;
}

/* Copies up to the next backslash. */
static const char *run_copy(const char *p, const char *end, char **out)
{
    const char *stop = memchr(p, '\\', (size_t)(end - p));
    size_t len = (size_t)((stop != NULL ? stop : end) - p);

    memcpy(*out, p, len);
    *out += len;
    return p + len;
}

int text_unescape(struct cxd_bytes escaped, char *out, size_t *ret_len)
{
    const char *p = escaped.ptr;
    const char *end = p + escaped.len;
    char *at = out;

    if (escaped.len == 0) {
        *ret_len = 0;
        return CXD_OK;
    }
    while ((p = run_copy(p, end, &at)) < end) {
        uint32_t code = escape_read(&p, end);
        if (code == NOT_AN_ESCAPE || is_high(code) || is_low(code)) {
            return CXD_MALFORMED;
        }
        at = utf8_put(at, code);
    }
    *ret_len = (size_t)(at - out);
    return CXD_OK;
}

/* One ASCII character as text_quote writes it. */
static char *ascii_put(char *out, uint32_t code)
{
    char plain = (char)code;
    char quoted[8];
    size_t len = text_quote((struct cxd_bytes){&plain, 1}, quoted, sizeof quoted);

    memcpy(out, quoted + 1, len - 2); /* without the quotes */
    return out + len - 2;
}

static char *lone_put(char *out, uint32_t unit)
{
    static const char digits[] = "0123456789abcdef";

    *out++ = '\\';
    *out++ = 'u';
    for (int shift = 12; shift >= 0; shift -= 4) {
        *out++ = digits[unit >> shift & 15];
    }
    return out;
}

int text_shorten(struct cxd_bytes escaped, char *out, size_t *ret_len)
{
    const char *p = escaped.ptr;
    const char *end = p + escaped.len;
    char *at = out;

    if (escaped.len == 0) {
        *ret_len = 0;
        return CXD_OK;
    }
    while ((p = run_copy(p, end, &at)) < end) {
        uint32_t code = escape_read(&p, end);
        if (code == NOT_AN_ESCAPE) {
            return CXD_MALFORMED;
        }
        if (is_high(code) || is_low(code)) {
            at = lone_put(at, code);
        } else if (code >= 0x80) {
            at = utf8_put(at, code);
        } else {
            at = ascii_put(at, code);
        }
    }
    *ret_len = (size_t)(at - out);
    return CXD_OK;
}
