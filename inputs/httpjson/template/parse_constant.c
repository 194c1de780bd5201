/* parse_constant.c: numbers, characters and strings as Go writes them. Thread: any. */
#include "template/parse.h"

#include "lib/utf.h"

#include <math.h>
#include <stdlib.h>

/* Digits with underscores taken out; false when there is no room. */
static bool constant_digits(struct cxd_bytes text, char *out, size_t room)
{
    size_t len = 0;

    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '_') {
            continue;
        }
        if (len + 1 >= room) {
            return false;
        }
        out[len++] = text.ptr[i];
    }
    out[len] = '\0';
    return len > 0;
}

static bool constant_integer(const char *digits, int64_t *ret)
{
    bool minus = digits[0] == '-';
    uint64_t limit = minus ? UINT64_C(1) << 63 : INT64_MAX;
    uint64_t number = 0;
    unsigned base = 10;

    digits += minus || digits[0] == '+';
    if (digits[0] == '0' && digits[1] != '\0') {
        char letter = (char)(digits[1] | 0x20);

        base = letter == 'x' ? 16 : letter == 'b' ? 2 : 8;
        digits += letter == 'x' || letter == 'b' || letter == 'o' ? 2 : 1;
    }
    if (*digits == '\0') {
        return false;
    }
    for (; *digits != '\0'; digits++) {
        unsigned digit = *digits >= '0' && *digits <= '9' ? (unsigned)(*digits - '0')
                         : (*digits | 0x20) >= 'a'        ? (unsigned)((*digits | 0x20) - 'a') + 10
                                                          : 99;

        if (digit >= base || number > (limit - digit) / base) {
            return false;
        }
        number = number * base + digit;
    }
    *ret = (int64_t)(minus ? 0 - number : number);
    return true;
}

static bool constant_number(struct cxd_bytes text, struct value *ret)
{
    char digits[128];
    char *end;
    double real;
    int64_t number;

    if (!constant_digits(text, digits, sizeof digits)) {
        return false;
    }
    if (constant_integer(digits, &number)) {
        *ret = value_int(number);
        return true;
    }
    if (strpbrk(digits, ".eEpPxX") == NULL) {
        return false; /* an integer too large, or no number */
    }
    real = strtod(digits, &end);
    if (end == digits || *end != '\0' || !isfinite(real)) {
        return false;
    }
    *ret = (struct value){.kind = VALUE_FLOAT, .real = real};
    return true;
}

static bool constant_char(struct parse *p, struct cxd_bytes text, struct value *ret)
{
    struct cxd_bytes plain;
    uint32_t code;

    if (!lex_unquote(&p->tmpl->region, text, &plain) || plain.len == 0 ||
        utf_decode(plain.ptr, plain.len, &code) != plain.len) {
        return false;
    }
    *ret = value_int((int64_t)code);
    ret->type = VALUE_INT_32;
    return true;
}

struct node *parse_constant(struct parse *p)
{
    struct node *node = parse_node(p, NODE_CONSTANT, p->token.pos);
    struct cxd_bytes text = p->token.text;
    struct cxd_bytes plain;
    bool good;

    if (node == NULL) {
        return NULL;
    }
    node->text = text;
    if (p->token.kind == LEX_NUMBER) {
        good = constant_number(text, &node->constant);
    } else if (p->token.kind == LEX_CHAR) {
        good = constant_char(p, text, &node->constant);
    } else {
        good = lex_unquote(&p->tmpl->region, text, &plain);
        if (good) {
            node->constant = value_string(plain);
        }
    }
    if (!good) {
        return parse_fail(p, CXD_CONFIG, "bad constant %.*s", (int)(text.len < 60 ? text.len : 60),
                          text.ptr);
    }
    parse_next(p);
    return node;
}
