/* lex.c: tokens. What a literal means is for literal.c. */
#include "lex.h"

#include <stdbool.h>
#include <string.h>

void lex_init(struct lex *lex, struct cxd_bytes source)
{
    *lex = (struct lex){.source = source};
}

static int peek(const struct lex *lex, size_t ahead)
{
    size_t at = lex->at + ahead;

    return at < lex->source.len ? (unsigned char)lex->source.ptr[at] : -1;
}

static bool is_digit(int c)
{
    return c >= '0' && c <= '9';
}

static bool is_hex(int c)
{
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool is_letter(int c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static void skip_blank(struct lex *lex)
{
    for (;;) {
        int c = peek(lex, 0);
        if (c == '/' && peek(lex, 1) == '/') {
            while (peek(lex, 0) != -1 && peek(lex, 0) != '\n') {
                lex->at++;
            }
        } else if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f') {
            lex->at++;
        } else {
            return;
        }
    }
}

static struct token token_from(const struct lex *lex, size_t start, uint32_t kind)
{
    return (struct token){
        .kind = kind, .at = (uint32_t)start, .text = {lex->source.ptr + start, lex->at - start}};
}

static struct token token_bad(struct lex *lex, size_t start, const char *problem)
{
    lex->problem = problem;
    return token_from(lex, start, TOKEN_BAD);
}

static void skip_digits(struct lex *lex)
{
    while (is_digit(peek(lex, 0))) {
        lex->at++;
    }
}

/* An exponent counts only when digits follow. */
static bool skip_exponent(struct lex *lex)
{
    size_t sign = peek(lex, 1) == '+' || peek(lex, 1) == '-' ? 1 : 0;

    if ((peek(lex, 0) != 'e' && peek(lex, 0) != 'E') || !is_digit(peek(lex, 1 + sign))) {
        return false;
    }
    lex->at += 1 + sign;
    skip_digits(lex);
    return true;
}

static struct token lex_number(struct lex *lex)
{
    size_t start = lex->at;
    bool is_double = false;

    if (peek(lex, 0) == '0' && (peek(lex, 1) == 'x' || peek(lex, 1) == 'X') &&
        is_hex(peek(lex, 2))) {
        lex->at += 2;
        while (is_hex(peek(lex, 0))) {
            lex->at++;
        }
    } else {
        skip_digits(lex);
        if (peek(lex, 0) == '.' && is_digit(peek(lex, 1))) {
            is_double = true;
            lex->at++;
            skip_digits(lex);
        }
        is_double |= skip_exponent(lex);
    }
    if (!is_double && (peek(lex, 0) == 'u' || peek(lex, 0) == 'U')) {
        lex->at++;
        return token_from(lex, start, TOKEN_UINT);
    }
    return token_from(lex, start, is_double ? TOKEN_DOUBLE : TOKEN_INT);
}

static bool is_triple(const struct lex *lex, int quote)
{
    return peek(lex, 0) == quote && peek(lex, 1) == quote && peek(lex, 2) == quote;
}

/* `at` is on the first quote. */
static struct token lex_string(struct lex *lex, size_t start, bool is_raw, bool is_bytes)
{
    int quote = peek(lex, 0);
    bool triple = is_triple(lex, quote);

    lex->at += triple ? 3 : 1;
    for (;;) {
        int c = peek(lex, 0);
        if (c == -1 || (!triple && (c == '\n' || c == '\r'))) {
            return token_bad(lex, start, "string without an end");
        }
        if (c == '\\' && !is_raw) {
            lex->at += peek(lex, 1) == -1 ? 1 : 2;
        } else if (c == quote && (!triple || is_triple(lex, quote))) {
            lex->at += triple ? 3 : 1;
            return token_from(lex, start, is_bytes ? TOKEN_BYTES : TOKEN_STRING);
        } else {
            lex->at++;
        }
    }
}

static bool is_quote(int c)
{
    return c == '"' || c == '\'';
}

/* A name, or the prefix of a string: r, b, rb, br in any case. */
static struct token lex_word(struct lex *lex)
{
    size_t start = lex->at;
    bool is_raw = false;
    bool is_bytes = false;

    for (size_t i = 0; i <= 2; i++) {
        int c = peek(lex, i) | 0x20;
        if (i > 0 && is_quote(peek(lex, i))) {
            lex->at += i;
            return lex_string(lex, start, is_raw, is_bytes);
        }
        if (peek(lex, i) == -1 || !((c == 'r' && !is_raw) || (c == 'b' && !is_bytes))) {
            break;
        }
        is_raw |= c == 'r';
        is_bytes |= c == 'b';
    }
    while (is_letter(peek(lex, 0)) || is_digit(peek(lex, 0))) {
        lex->at++;
    }
    return token_from(lex, start, TOKEN_IDENT);
}

static struct token lex_quoted(struct lex *lex)
{
    size_t start = lex->at++;
    struct token token;

    while (is_letter(peek(lex, 0)) || is_digit(peek(lex, 0)) || peek(lex, 0) == '.' ||
           peek(lex, 0) == '-' || peek(lex, 0) == '/' || peek(lex, 0) == ' ') {
        lex->at++;
    }
    if (peek(lex, 0) != '`' || lex->at == start + 1) {
        return token_bad(lex, start, "quoted name without an end");
    }
    lex->at++;
    token = token_from(lex, start, TOKEN_QUOTED);
    token.text.ptr++;
    token.text.len -= 2;
    return token;
}

static struct token lex_sign(struct lex *lex)
{
    static const struct {
        char text[3];
        uint32_t sign;
    } pairs[] = {{"==", SIGN_EQ}, {"!=", SIGN_NE},  {"<=", SIGN_LE},
                 {">=", SIGN_GE}, {"&&", SIGN_AND}, {"||", SIGN_OR}};
    size_t start = lex->at;
    struct token token;
    int c = peek(lex, 0);

    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        if (c == pairs[i].text[0] && peek(lex, 1) == pairs[i].text[1]) {
            lex->at += 2;
            token = token_from(lex, start, TOKEN_SIGN);
            token.sign = pairs[i].sign;
            return token;
        }
    }
    lex->at++;
    if (c == 0 || strchr("+-*/%<>!?:.,()[]{}", c) == NULL) {
        return token_bad(lex, start, "unexpected character");
    }
    token = token_from(lex, start, TOKEN_SIGN);
    token.sign = (uint32_t)c;
    return token;
}

struct token lex_next(struct lex *lex)
{
    int c;

    skip_blank(lex);
    c = peek(lex, 0);
    if (c == -1) {
        return token_from(lex, lex->at, TOKEN_END);
    }
    if (is_digit(c) || (c == '.' && is_digit(peek(lex, 1)))) {
        return lex_number(lex);
    }
    if (is_letter(c)) {
        return lex_word(lex);
    }
    if (is_quote(c)) {
        return lex_string(lex, lex->at, false, false);
    }
    return c == '`' ? lex_quoted(lex) : lex_sign(lex);
}
