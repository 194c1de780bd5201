/*
 * lex.c: text and words. Knows the delimiters, comments and trim markers; no grammar. Thread: any.
 */
#include "template/lex.h"

#include "lib/utf.h"

static bool lex_is_blank(char letter)
{
    return letter == ' ' || letter == '\t' || letter == '\r' || letter == '\n';
}

static bool lex_is_name(char letter)
{
    return letter == '_' || (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
           (letter >= '0' && letter <= '9') || (unsigned char)letter >= 0x80;
}

void lex_init(struct lex *lex, struct cxd_bytes source)
{
    *lex = (struct lex){source.ptr, source.ptr, source.ptr + source.len, false, false};
}

static struct lex_token lex_token_at(const struct lex *lex, enum lex_kind kind, const char *from,
                                     size_t len)
{
    return (struct lex_token){
        .text = {from, len}, .pos = (uint32_t)(from - lex->start), .kind = (uint8_t)kind};
}

static struct lex_token lex_bad(const struct lex *lex, const char *why)
{
    struct lex_token token = lex_token_at(lex, LEX_BAD, lex->ptr, 0);

    token.text = (struct cxd_bytes){why, strlen(why)};
    return token;
}

static const char *lex_find(const char *ptr, const char *end, const char *what)
{
    return memmem(ptr, (size_t)(end - ptr), what, strlen(what));
}

/* True when a trim marker stands behind the opening delimiter. */
static bool lex_trims_left(const struct lex *lex, const char *open)
{
    return lex->end - open > 3 && open[2] == '-' && lex_is_blank(open[3]);
}

static struct lex_token lex_text(struct lex *lex)
{
    const char *from = lex->ptr;
    const char *open = lex_find(from, lex->end, "[[");
    const char *to = open != NULL ? open : lex->end;

    if (lex->is_trimming) {
        while (from < to && lex_is_blank(*from)) {
            from++;
        }
        lex->is_trimming = false;
    }
    lex->ptr = to;
    if (open != NULL && lex_trims_left(lex, open)) {
        while (to > from && lex_is_blank(to[-1])) {
            to--;
        }
    }
    if (to > from) {
        return lex_token_at(lex, LEX_TEXT, from, (size_t)(to - from));
    }
    if (open == NULL) {
        return lex_token_at(lex, LEX_END, lex->end, 0);
    }
    lex->ptr += lex_trims_left(lex, open) ? 3 : 2;
    lex->is_inside = true;
    return lex_token_at(lex, LEX_OPEN, open, 2);
}

/* The end of an action at ptr: its length with a trim marker, or 0. */
static size_t lex_close_len(const struct lex *lex, const char *ptr)
{
    if (lex->end - ptr >= 2 && ptr[0] == ']' && ptr[1] == ']') {
        return 2;
    }
    if (lex->end - ptr >= 3 && ptr[0] == '-' && ptr[1] == ']' && ptr[2] == ']' &&
        ptr > lex->start && lex_is_blank(ptr[-1])) {
        return 3;
    }
    return 0;
}

static struct lex_token lex_quoted(struct lex *lex, char quote)
{
    const char *from = lex->ptr++;

    while (lex->ptr < lex->end && *lex->ptr != quote) {
        if (*lex->ptr == '\n' && quote != '`') {
            return lex_bad(lex, "string is not closed on its line");
        }
        lex->ptr += *lex->ptr == '\\' && quote != '`' && lex->end - lex->ptr > 1 ? 2 : 1;
    }
    if (lex->ptr >= lex->end) {
        lex->ptr = lex->end;
        return lex_bad(lex, "string is not closed");
    }
    lex->ptr++;
    return lex_token_at(lex, quote == '\'' ? LEX_CHAR : LEX_STRING, from,
                        (size_t)(lex->ptr - from));
}

static struct lex_token lex_number(struct lex *lex)
{
    const char *from = lex->ptr++;

    while (lex->ptr < lex->end &&
           (lex_is_name(*lex->ptr) || *lex->ptr == '.' ||
            ((*lex->ptr == '+' || *lex->ptr == '-') && strchr("eEpP", lex->ptr[-1]) != NULL))) {
        lex->ptr++;
    }
    return lex_token_at(lex, LEX_NUMBER, from, (size_t)(lex->ptr - from));
}

static struct lex_token lex_name(struct lex *lex, enum lex_kind kind, size_t front)
{
    const char *from = lex->ptr;
    size_t hidden = kind == LEX_FIELD ? 1 : 0;
    struct lex_token token;

    lex->ptr += front;
    while (lex->ptr < lex->end && lex_is_name(*lex->ptr)) {
        lex->ptr++;
    }
    token = lex_token_at(lex, kind, from, (size_t)(lex->ptr - from));
    token.text = (struct cxd_bytes){from + hidden, token.text.len - hidden};
    return token;
}

static struct lex_token lex_sign(struct lex *lex)
{
    static const struct {
        char letter;
        uint8_t kind;
    } signs[] = {
        {'|', LEX_PIPE}, {'(', LEX_LEFT}, {')', LEX_RIGHT}, {'=', LEX_ASSIGN}, {',', LEX_COMMA}};

    if (*lex->ptr == ':' && lex->end - lex->ptr > 1 && lex->ptr[1] == '=') {
        lex->ptr += 2;
        return lex_token_at(lex, LEX_DECLARE, lex->ptr - 2, 2);
    }
    for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++) {
        if (*lex->ptr == signs[i].letter) {
            lex->ptr++;
            return lex_token_at(lex, signs[i].kind, lex->ptr - 1, 1);
        }
    }
    return lex_bad(lex, "unexpected character");
}

static struct lex_token lex_word(struct lex *lex)
{
    char letter = *lex->ptr;
    char next = lex->end - lex->ptr > 1 ? lex->ptr[1] : '\0';

    if (letter == '"' || letter == '`' || letter == '\'') {
        return lex_quoted(lex, letter);
    }
    if ((letter >= '0' && letter <= '9') ||
        ((letter == '+' || letter == '-') && ((next >= '0' && next <= '9') || next == '.'))) {
        return lex_number(lex);
    }
    if (letter == '.') {
        if (next >= '0' && next <= '9') {
            return lex_number(lex);
        }
        if (lex_is_name(next)) {
            return lex_name(lex, LEX_FIELD, 1);
        }
        lex->ptr++;
        return lex_token_at(lex, LEX_DOT, lex->ptr - 1, 1);
    }
    if (letter == '$') {
        return lex_name(lex, LEX_VARIABLE, 1);
    }
    return lex_is_name(letter) ? lex_name(lex, LEX_WORD, 0) : lex_sign(lex);
}

/* A comment fills its action: [[/ * .. * /]]. False: it does not end. */
static bool lex_comment(struct lex *lex)
{
    const char *close = lex_find(lex->ptr + 2, lex->end, "*/");

    if (close == NULL) {
        return false;
    }
    lex->ptr = close + 2;
    while (lex->ptr < lex->end && lex_is_blank(*lex->ptr)) {
        lex->ptr++;
    }
    return lex_close_len(lex, lex->ptr) > 0;
}

static struct lex_token lex_inside(struct lex *lex)
{
    const char *from = lex->ptr;
    struct lex_token token;
    size_t close;

    while (lex->ptr < lex->end && lex_is_blank(*lex->ptr)) {
        lex->ptr++;
    }
    if (lex->ptr >= lex->end) {
        return lex_bad(lex, "action is not closed");
    }
    if (lex->end - lex->ptr >= 2 && memcmp(lex->ptr, "/*", 2) == 0 && !lex_comment(lex)) {
        return lex_bad(lex, "comment does not end before the action does");
    }
    close = lex_close_len(lex, lex->ptr);
    if (close > 0) {
        lex->ptr += close;
        lex->is_inside = false;
        lex->is_trimming = close == 3;
        return lex_token_at(lex, LEX_CLOSE, lex->ptr - close, close);
    }
    token = lex_word(lex);
    token.after_space = lex_is_blank(*from);
    return token;
}

struct lex_token lex_next(struct lex *lex)
{
    return lex->is_inside ? lex_inside(lex) : lex_text(lex);
}

/* Digits of a numeric escape: base 8 or 16, exactly `count`. */
static bool unquote_digits(const char **ptr, const char *end, int base, int count, uint32_t *ret)
{
    uint32_t code = 0;

    for (int i = 0; i < count; i++, (*ptr)++) {
        int digit = -1;

        if (*ptr < end && **ptr >= '0' && **ptr <= '9') {
            digit = **ptr - '0';
        } else if (*ptr < end && (**ptr | 0x20) >= 'a' && (**ptr | 0x20) <= 'f') {
            digit = (**ptr | 0x20) - 'a' + 10;
        }
        if (digit < 0 || digit >= base) {
            return false;
        }
        code = code * (uint32_t)base + (uint32_t)digit;
    }
    *ret = code;
    return true;
}

/* One escape; *ptr is behind the backslash. */
static bool unquote_escape(const char **ptr, const char *end, char quote, char *out, size_t *len)
{
    static const char from[] = "abfnrtv\\";
    static const char to[] = "\a\b\f\n\r\t\v\\";
    char letter = *(*ptr)++;
    const char *simple = letter != '\0' ? strchr(from, letter) : NULL;
    uint32_t code = 0;

    if (simple != NULL || letter == quote) {
        out[(*len)++] = simple != NULL ? to[simple - from] : quote;
        return true;
    }
    if (letter >= '0' && letter <= '7') {
        (*ptr)--;
        if (!unquote_digits(ptr, end, 8, 3, &code) || code > 255) {
            return false;
        }
        out[(*len)++] = (char)code;
        return true;
    }
    if (letter == 'x') {
        if (!unquote_digits(ptr, end, 16, 2, &code)) {
            return false;
        }
        out[(*len)++] = (char)code;
        return true;
    }
    if ((letter != 'u' && letter != 'U') ||
        !unquote_digits(ptr, end, 16, letter == 'u' ? 4 : 8, &code) || code > 0x10ffff ||
        (code >= 0xd800 && code <= 0xdfff)) {
        return false;
    }
    *len += utf_encode(code, out + *len);
    return true;
}

bool lex_unquote(struct region *r, struct cxd_bytes text, struct cxd_bytes *ret)
{
    char quote = text.ptr[0];
    const char *ptr = text.ptr + 1;
    const char *end = text.ptr + text.len - 1;
    char *out = region_alloc(r, text.len + 4);
    size_t len = 0;

    if (out == NULL) {
        return false;
    }
    while (ptr < end) {
        if (*ptr == '\\' && quote != '`') {
            ptr++;
            if (ptr >= end || !unquote_escape(&ptr, end, quote, out, &len)) {
                return false;
            }
        } else if (*ptr == '\r' && quote == '`') {
            ptr++; /* Go drops carriage returns from raw strings */
        } else {
            out[len++] = *ptr++;
        }
    }
    *ret = (struct cxd_bytes){out, len};
    return true;
}
