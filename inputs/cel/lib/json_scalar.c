/* json_scalar.c: strings, numbers and words of JSON, and what is said of text that is none. */
#include "../lang/number.h"
#include "../lang/utf8.h"
#include "json_inner.h"
#include "swar.h"

#include <stdio.h>

bool json_inner_fail(struct json_reader *r, const char *where)
{
    char what[8] = "";

    if (r->at >= r->end) {
        r->problem =
            run_fail(r->run, "failed to unmarshal JSON message: unexpected end of JSON input");
        return false;
    }
    if (*r->at == '\'' || *r->at == '\\' || (unsigned char)*r->at < ' ') {
        (void)snprintf(what, sizeof what,
                       *r->at == '\''   ? "\\'"
                       : *r->at == '\\' ? "\\\\"
                       : *r->at == '\n' ? "\\n"
                       : *r->at == '\t' ? "\\t"
                       : *r->at == '\r' ? "\\r"
                                        : "\\x%02x",
                       (unsigned)(unsigned char)*r->at);
    } else {
        size_t len = utf8_sequence(r->at, (size_t)(r->end - r->at));
        memcpy(what, r->at, len > 0 ? len : 1);
    }
    r->problem = run_fail(r->run, "failed to unmarshal JSON message: invalid character '%s' %s",
                          what, where);
    return false;
}

bool json_inner_no_memory(struct json_reader *r)
{
    r->problem = run_out_of_memory(r->run);
    return false;
}

static int hex_four(const char *at, const char *end)
{
    int code = 0;

    for (int i = 0; i < 4; i++, at++) {
        char c = at < end ? *at : '\0';
        int digit = c >= '0' && c <= '9'   ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                           : -1;
        if (digit < 0) {
            return -1;
        }
        code = code << 4 | digit;
    }
    return code;
}

/* at is on the u. A surrogate without its mate becomes U+FFFD. */
static bool unicode_escape(struct json_reader *r, char **out)
{
    int code = hex_four(r->at + 1, r->end);
    int mate = -1;

    if (code < 0) {
        r->at++;
        while (r->at < r->end && hex_four(r->at, r->end) < 0 && *r->at != '"' &&
               ((*r->at >= '0' && *r->at <= '9') ||
                ((*r->at | 0x20) >= 'a' && (*r->at | 0x20) <= 'f'))) {
            r->at++;
        }
        return json_inner_fail(r, "in \\u hexadecimal character escape");
    }
    r->at += 5;
    if (code >= 0xd800 && code < 0xdc00 && r->end - r->at >= 6 && r->at[0] == '\\' &&
        r->at[1] == 'u') {
        mate = hex_four(r->at + 2, r->end);
    }
    if (mate >= 0xdc00 && mate < 0xe000) {
        r->at += 6;
        code = 0x10000 + ((code - 0xd800) << 10) + (mate - 0xdc00);
    }
    *out += utf8_put((uint32_t)code, *out);
    return true;
}

static bool escape(struct json_reader *r, char **out)
{
    static const char from[] = "\"\\/bfnrt";
    static const char to[] = "\"\\/\b\f\n\r\t";
    const char *found;

    r->at++;
    if (r->at < r->end && *r->at == 'u') {
        return unicode_escape(r, out);
    }
    found = r->at < r->end && *r->at != '\0' ? strchr(from, *r->at) : NULL;
    if (found == NULL) {
        return json_inner_fail(r, "in string escape code");
    }
    *(*out)++ = to[found - from];
    r->at++;
    return true;
}

/* The end of the string that begins at r->at (behind the quote), and whether it can be used as it is. NULL: none. */
static const char *string_scan(struct json_reader *r, bool *ret_plain)
{
    const char *at = r->at;
    bool plain = true;
    unsigned char all = 0;

    while (at < r->end && *at != '"') {
        if (r->end - at >= SWAR_STEP) {
            unsigned step = swar_plain(at);
            at += step;
            if (step == SWAR_STEP || *at == '"') {
                continue;
            }
        }
        unsigned char c = (unsigned char)*at;
        if (c < ' ') {
            r->at = at;
            (void)json_inner_fail(r, "in string literal");
            return NULL;
        }
        all |= c;
        if (c == '\\') {
            plain = false;
            at++;
        }
        at++;
    }
    if (at >= r->end) {
        r->at = r->end;
        (void)json_inner_fail(r, "");
        return NULL;
    }
    *ret_plain =
        plain && (all < 0x80 || utf8_is_valid((struct cxd_bytes){r->at, (size_t)(at - r->at)}));
    return at;
}

/* at is on the opening quote. */
bool json_inner_string(struct json_reader *r, struct value *ret)
{
    bool plain = false;
    const char *close;
    char *text;
    char *out;

    r->at++;
    close = string_scan(r, &plain);
    if (close == NULL) {
        return false;
    }
    if (plain) {
        *ret = value_string(r->at, (size_t)(close - r->at));
        r->at = close + 1;
        return true;
    }
    text = out = pool_alloc(r->run->pool, (size_t)(close - r->at) * 3); /* a bad byte grows to 3 */
    if (text == NULL) {
        return json_inner_no_memory(r);
    }
    while (r->at < close) {
        size_t len = utf8_sequence(r->at, (size_t)(close - r->at));
        if (*r->at == '\\') {
            if (!escape(r, &out)) {
                return false;
            }
            continue;
        }
        out += len > 0 ? (memcpy(out, r->at, len), len) : utf8_put(0xfffd, out);
        r->at += len > 0 ? len : 1;
    }
    *ret = value_string(text, (size_t)(out - text));
    r->at = close + 1;
    return true;
}

static bool digits(struct json_reader *r, const char *where)
{
    if (r->at >= r->end || *r->at < '0' || *r->at > '9') {
        return json_inner_fail(r, where);
    }
    while (r->at < r->end && *r->at >= '0' && *r->at <= '9') {
        r->at++;
    }
    return true;
}

static bool number_scan(struct json_reader *r, bool *ret_whole)
{
    *ret_whole = true;
    if (*r->at == '-') {
        r->at++;
    }
    if (r->at < r->end && *r->at == '0') {
        r->at++;
    } else if (!digits(r, "in numeric literal")) {
        return false;
    }
    if (r->at < r->end && *r->at == '.') {
        r->at++;
        *ret_whole = false;
        if (!digits(r, "after decimal point in numeric literal")) {
            return false;
        }
    }
    if (r->at < r->end && (*r->at | 0x20) == 'e') {
        r->at++;
        *ret_whole = false;
        if (r->at < r->end && (*r->at == '-' || *r->at == '+')) {
            r->at++;
        }
        return digits(r, "in exponent of numeric literal");
    }
    return true;
}

bool json_inner_number(struct json_reader *r, struct value *ret)
{
    const char *start = r->at;
    bool negative = *start == '-';
    struct cxd_bytes text;
    uint64_t magnitude = 0;
    bool whole;
    double d = 0;

    if (!number_scan(r, &whole)) {
        return false;
    }
    text = (struct cxd_bytes){start, (size_t)(r->at - start)};
    if ((r->flags & JSON_TEXT_STRING_NUMBERS) != 0) {
        *ret = value_string(text.ptr, text.len);
        return true;
    }
    if (whole && number_read_uint((struct cxd_bytes){text.ptr + negative, text.len - negative},
                                  &magnitude)) {
        *ret = value_whole(negative, magnitude);
        return true;
    }
    if (!number_read(text, &d) || d > 1.7976931348623157e308 || d < -1.7976931348623157e308) {
        r->problem = run_fail(r->run, "failed to unmarshal JSON message: number %.*s out of range",
                              (int)(text.len < 60 ? text.len : 60), text.ptr);
        return false;
    }
    *ret = value_double(d);
    return true;
}

bool json_inner_word(struct json_reader *r, struct value *ret)
{
    static const char *const words[] = {"true", "false", "null"};
    size_t which = *r->at == 't' ? 0 : *r->at == 'f' ? 1 : 2;

    for (const char *word = words[which]; *word != '\0'; word++, r->at++) {
        if (r->at >= r->end || *r->at != *word) {
            char where[48];
            (void)snprintf(where, sizeof where, "in literal %s (expecting '%c')", words[which],
                           *word);
            return json_inner_fail(r, where);
        }
    }
    *ret = which == 2 ? value_null() : value_bool(which == 0);
    return true;
}
