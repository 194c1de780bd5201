/* json_read.c: a recursive reader; members and elements wait on a stack until their container is complete. */
#include "json_text.h"

#include "../lang/dict.h"
#include "../lang/number.h"
#include "../lang/utf8.h"

#include <stdio.h>
#include <stdlib.h>

struct reader {
    struct run *run;
    const char *at;
    const char *end;
    uint32_t flags;
    struct value *stack; /* malloc'ed; elements, or keys and values in turn */
    size_t top;
    size_t room;
    struct value problem; /* VALUE_ERROR: stop */
};

static bool fail(struct reader *r, const char *where)
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

static bool fail_memory(struct reader *r)
{
    r->problem = run_out_of_memory(r->run);
    return false;
}

static void skip_blank(struct reader *r)
{
    while (r->at < r->end &&
           (*r->at == ' ' || *r->at == '\n' || *r->at == '\t' || *r->at == '\r')) {
        r->at++;
    }
}

static bool push(struct reader *r, struct value v)
{
    if (r->top == r->room) {
        size_t room = r->room == 0 ? 64 : r->room * 2;
        struct value *stack = NULL;
        if (room * sizeof *stack <= r->run->pool->limit) {
            stack = realloc(r->stack, room * sizeof *stack);
        }
        if (stack == NULL) {
            return fail_memory(r);
        }
        r->stack = stack;
        r->room = room;
    }
    r->stack[r->top++] = v;
    return true;
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
static bool unicode_escape(struct reader *r, char **out)
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
        return fail(r, "in \\u hexadecimal character escape");
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

static bool escape(struct reader *r, char **out)
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
        return fail(r, "in string escape code");
    }
    *(*out)++ = to[found - from];
    r->at++;
    return true;
}

/* The end of the string that begins at r->at (behind the quote), and whether it can be used as it is. NULL: none. */
static const char *string_scan(struct reader *r, bool *ret_plain)
{
    const char *at = r->at;
    bool plain = true;
    unsigned char all = 0;

    while (at < r->end && *at != '"') {
        unsigned char c = (unsigned char)*at;
        if (c < ' ') {
            r->at = at;
            (void)fail(r, "in string literal");
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
        (void)fail(r, "");
        return NULL;
    }
    *ret_plain =
        plain && (all < 0x80 || utf8_is_valid((struct cxd_bytes){r->at, (size_t)(at - r->at)}));
    return at;
}

/* at is on the opening quote. */
static bool read_string(struct reader *r, struct value *ret)
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
        return fail_memory(r);
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

static bool digits(struct reader *r, const char *where)
{
    if (r->at >= r->end || *r->at < '0' || *r->at > '9') {
        return fail(r, where);
    }
    while (r->at < r->end && *r->at >= '0' && *r->at <= '9') {
        r->at++;
    }
    return true;
}

static bool number_scan(struct reader *r, bool *ret_whole)
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

static bool read_number(struct reader *r, struct value *ret)
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

static bool read_word(struct reader *r, struct value *ret)
{
    static const char *const words[] = {"true", "false", "null"};
    size_t which = *r->at == 't' ? 0 : *r->at == 'f' ? 1 : 2;

    for (const char *word = words[which]; *word != '\0'; word++, r->at++) {
        if (r->at >= r->end || *r->at != *word) {
            char where[48];
            (void)snprintf(where, sizeof where, "in literal %s (expecting '%c')", words[which],
                           *word);
            return fail(r, where);
        }
    }
    *ret = which == 2 ? value_null() : value_bool(which == 0);
    return true;
}

static bool read_value(struct reader *r, struct value *ret);

static bool read_list(struct reader *r, struct value *ret)
{
    size_t start = r->top;
    struct value v = value_null();
    struct value *items;

    r->at++;
    skip_blank(r);
    while (r->at < r->end && *r->at != ']') {
        if (!read_value(r, &v) || !push(r, v)) {
            return false;
        }
        skip_blank(r);
        if (r->at < r->end && *r->at == ',') {
            r->at++;
            skip_blank(r);
            if (r->at < r->end && *r->at == ']') {
                return fail(r, "looking for beginning of value");
            }
        } else if (r->at >= r->end || *r->at != ']') {
            return fail(r, "after array element");
        }
    }
    if (r->at >= r->end) {
        return fail(r, "");
    }
    r->at++;
    items = run_items(r->run, r->top - start);
    if (items == NULL) {
        r->problem = run_fatal(r->run);
        return false;
    }
    if (r->top > start) {
        memcpy(items, r->stack + start, (r->top - start) * sizeof *items);
    }
    *ret = value_list(items, r->top - start);
    r->top = start;
    return true;
}

static bool read_member(struct reader *r)
{
    struct value key = value_null();
    struct value v = value_null();

    if (*r->at != '"') {
        return fail(r, "looking for beginning of object key string");
    }
    if (!read_string(r, &key)) {
        return false;
    }
    skip_blank(r);
    if (r->at >= r->end || *r->at != ':') {
        return fail(r, "after object key");
    }
    r->at++;
    return read_value(r, &v) && push(r, key) && push(r, v);
}

static bool dict_make(struct reader *r, size_t start, struct value *ret)
{
    size_t count = (r->top - start) / 2;
    struct dict *dict;

    if (!run_spend(r->run, 1 + count)) {
        r->problem = run_fatal(r->run);
        return false;
    }
    dict = dict_new(r->run->pool, count);
    if (dict == NULL) {
        return fail_memory(r);
    }
    for (size_t i = start; i < r->top; i += 2) {
        (void)dict_put(dict, r->stack[i], r->stack[i + 1]); /* the last of one name counts */
    }
    r->top = start;
    *ret = value_map(dict);
    return true;
}

static bool read_map(struct reader *r, struct value *ret)
{
    size_t start = r->top;

    r->at++;
    skip_blank(r);
    while (r->at < r->end && *r->at != '}') {
        if (!read_member(r)) {
            return false;
        }
        skip_blank(r);
        if (r->at < r->end && *r->at == ',') {
            r->at++;
            skip_blank(r);
            if (r->at < r->end && *r->at == '}') {
                return fail(r, "looking for beginning of object key string");
            }
        } else if (r->at >= r->end || *r->at != '}') {
            return fail(r, "after object key:value pair");
        }
    }
    if (r->at >= r->end) {
        return fail(r, "");
    }
    r->at++;
    return dict_make(r, start, ret);
}

static bool read_value(struct reader *r, struct value *ret)
{
    bool ok;

    skip_blank(r);
    if (r->at >= r->end) {
        return fail(r, "");
    }
    switch (*r->at) {
    case '{':
    case '[':
        if (!run_down(r->run)) {
            r->problem = run_fatal(r->run);
            return false;
        }
        ok = *r->at == '{' ? read_map(r, ret) : read_list(r, ret);
        run_up(r->run);
        return ok;
    case '"':
        return read_string(r, ret);
    case 't':
    case 'f':
    case 'n':
        return read_word(r, ret);
    default:
        if (*r->at == '-' || (*r->at >= '0' && *r->at <= '9')) {
            return read_number(r, ret);
        }
        return fail(r, "looking for beginning of value");
    }
}

static struct value read_from(struct run *run, struct cxd_bytes text, size_t *at, uint32_t flags,
                              bool is_all)
{
    struct reader r = {
        .run = run, .at = text.ptr + *at, .end = text.ptr + text.len, .flags = flags};
    struct value v = value_null();
    bool ok;

    if (!run_spend(run, 1 + (text.len - *at) / 64)) {
        return run_fatal(run);
    }
    ok = read_value(&r, &v);
    if (ok && is_all) {
        skip_blank(&r);
        ok = r.at == r.end || fail(&r, "after top-level value");
    }
    free(r.stack);
    *at = (size_t)(r.at - text.ptr);
    return ok ? v : r.problem;
}

struct value json_text_read(struct run *run, struct cxd_bytes text, size_t *at, uint32_t flags)
{
    return read_from(run, text, at, flags, false);
}

struct value json_text_read_all(struct run *run, struct cxd_bytes text, uint32_t flags)
{
    size_t at = 0;

    if (text.ptr == NULL) {
        text.ptr = "";
    }
    return read_from(run, text, &at, flags, true);
}
