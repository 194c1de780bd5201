/* literal.c: numbers, and strings with their escapes. */
#include "literal.h"

#include "number.h"
#include "utf8.h"

struct reader {
    const char *at;
    const char *end;
    char *out;
    bool is_bytes;
    const char *problem;
};

static int hex_digit(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

static bool integer_read(struct cxd_bytes text, uint64_t *ret_number)
{
    unsigned base = 10;
    uint64_t number = 0;
    size_t at = 0;

    if (text.len > 2 && (text.ptr[1] | 0x20) == 'x') {
        base = 16;
        at = 2;
    }
    for (; at < text.len; at++) {
        if (__builtin_mul_overflow(number, base, &number) ||
            __builtin_add_overflow(number, (unsigned)hex_digit(text.ptr[at]), &number)) {
            return false;
        }
    }
    *ret_number = number;
    return true;
}

static bool number_value(const struct token *token, bool negative, struct value *ret_value,
                         const char **ret_problem)
{
    struct cxd_bytes text = token->text;
    uint64_t number = 0;
    double d = 0;

    if (token->kind == TOKEN_DOUBLE) {
        if (!number_read(text, &d)) {
            *ret_problem = "invalid double literal";
            return false;
        }
        *ret_value = value_double(negative ? -d : d);
        return true;
    }
    if (token->kind == TOKEN_UINT) {
        text.len--;
    }
    if (!integer_read(text, &number) || (token->kind == TOKEN_UINT && negative) ||
        (token->kind == TOKEN_INT && number > (uint64_t)INT64_MAX + (negative ? 1 : 0))) {
        *ret_problem = token->kind == TOKEN_UINT ? "invalid uint literal" : "invalid int literal";
        return false;
    }
    *ret_value = token->kind == TOKEN_UINT ? value_uint(number)
                                           : value_int((int64_t)(negative ? 0 - number : number));
    return true;
}

/* count digits of the base; -1: not so many. */
static int64_t digits_read(struct reader *r, int count, int base)
{
    int64_t number = 0;

    for (; count > 0; count--, r->at++) {
        int digit = r->at < r->end ? hex_digit(*r->at) : -1;
        if (digit < 0 || digit >= base) {
            return -1;
        }
        number = number * base + digit;
    }
    return number;
}

/* \x.., \ooo: a code point in strings, a byte in bytes. \u, \U: a code point, in strings only. */
static bool number_escape(struct reader *r, char kind)
{
    bool is_wide = kind == 'u' || kind == 'U';
    int64_t number = kind == 'U'                  ? digits_read(r, 8, 16)
                     : kind == 'u'                ? digits_read(r, 4, 16)
                     : kind == 'x' || kind == 'X' ? digits_read(r, 2, 16)
                                                  : digits_read(r, 3, 8);

    if (number < 0 || number > 0x10ffff || (number >= 0xd800 && number <= 0xdfff) ||
        (!is_wide && number > 0xff) || (is_wide && r->is_bytes)) {
        r->problem = "invalid escape";
        return false;
    }
    if (r->is_bytes) {
        *r->out++ = (char)number;
    } else {
        r->out += utf8_put((uint32_t)number, r->out);
    }
    return true;
}

/* at is behind the backslash. An escape never is shorter than what it stands for. */
static bool escape_read(struct reader *r)
{
    static const char from[] = "abfnrtv\\?\"'`";
    static const char to[] = "\a\b\f\n\r\t\v\\?\"'`";
    char c = r->at < r->end ? *r->at : '\0';
    const char *found = c != '\0' ? strchr(from, c) : NULL;

    if (found != NULL) {
        *r->out++ = to[found - from];
        r->at++;
        return true;
    }
    if (c == 'x' || c == 'X' || c == 'u' || c == 'U') {
        r->at++;
        return number_escape(r, c);
    }
    if (c >= '0' && c <= '3') {
        return number_escape(r, '0');
    }
    r->problem = "invalid escape";
    return false;
}

/* Takes prefix and quotes off. True when the string is raw. */
static bool quotes_strip(struct cxd_bytes *text)
{
    bool is_raw = false;
    size_t quotes;

    while (text->ptr[0] != '"' && text->ptr[0] != '\'') {
        is_raw |= (text->ptr[0] | 0x20) == 'r';
        text->ptr++;
        text->len--;
    }
    quotes = text->len >= 6 && text->ptr[1] == text->ptr[0] && text->ptr[2] == text->ptr[0] ? 3 : 1;
    text->ptr += quotes;
    text->len -= 2 * quotes;
    return is_raw;
}

/* Line ends in a source are \n, however it was written. */
static void plain_copy(struct reader *r)
{
    if (*r->at == '\r') {
        *r->out++ = '\n';
        r->at += r->at + 1 < r->end && r->at[1] == '\n' ? 2 : 1;
        return;
    }
    *r->out++ = *r->at++;
}

bool literal_value(struct pool *pool, const struct token *token, bool negative,
                   struct value *ret_value, const char **ret_problem, uint32_t *ret_at)
{
    struct cxd_bytes text = token->text;
    struct reader r = {.is_bytes = token->kind == TOKEN_BYTES};
    bool is_raw;
    char *start;

    *ret_at = token->at;
    if (token->kind != TOKEN_STRING && token->kind != TOKEN_BYTES) {
        return number_value(token, negative, ret_value, ret_problem);
    }
    is_raw = quotes_strip(&text);
    r.at = text.ptr;
    r.end = text.ptr + text.len;
    r.out = start = pool_alloc(pool, text.len + 1);
    if (start == NULL) {
        *ret_problem = "out of memory";
        return false;
    }
    while (r.at < r.end) {
        const char *from = r.at;
        if (*r.at != '\\' || is_raw) {
            plain_copy(&r);
            continue;
        }
        r.at++;
        if (!escape_read(&r)) {
            *ret_problem = r.problem;
            *ret_at = token->at + (uint32_t)(from - token->text.ptr);
            return false;
        }
    }
    *ret_value = value_string(start, (size_t)(r.out - start));
    ret_value->kind = r.is_bytes ? VALUE_BYTES : VALUE_STRING;
    return true;
}
