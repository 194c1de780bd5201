/* printf_value.c: values by the verbs of Go's fmt: %v %d %s %q %x %X %t %f %e %g %b %o %c %U %T. */
#include "printf.h"

#include "../lang/dict.h"
#include "../lang/moment.h"
#include "../lang/number.h"
#include "../lang/utf8.h"

#include <math.h>
#include <stdio.h>

static void put_nested(struct run *run, struct sink *out, struct value v,
                       const struct printf_spec *s)
{
    const struct dict_entry **sorted;

    if (!run_spend(run, 1) || !run_down(run)) {
        return;
    }
    if (v.kind == VALUE_LIST) {
        sink_char(out, '[');
        for (uint32_t i = 0; i < v.len; i++) {
            sink_text(out, i > 0 ? " " : "");
            printf_put(run, out, v.items[i], s);
        }
        sink_char(out, ']');
    } else {
        sorted = dict_sorted(run->pool, v.dict);
        sink_text(out, "map[");
        for (uint32_t i = 0; sorted != NULL && i < v.dict->count; i++) {
            sink_text(out, i > 0 ? " " : "");
            printf_put(run, out, sorted[i]->key, s);
            sink_char(out, ':');
            printf_put(run, out, sorted[i]->value, s);
        }
        sink_char(out, ']');
    }
    run_up(run);
}

const char *printf_type(struct value v)
{
    static const char *const names[] = {[VALUE_NULL] = "<nil>",
                                        [VALUE_BOOL] = "bool",
                                        [VALUE_INT] = "int64",
                                        [VALUE_UINT] = "uint64",
                                        [VALUE_DOUBLE] = "float64",
                                        [VALUE_STRING] = "string",
                                        [VALUE_BYTES] = "[]uint8",
                                        [VALUE_LIST] = "[]interface {}",
                                        [VALUE_MAP] = "map[string]interface {}",
                                        [VALUE_TIMESTAMP] = "time.Time",
                                        [VALUE_DURATION] = "time.Duration"};

    return v.kind < sizeof names / sizeof names[0] ? names[v.kind] : value_type_of(v)->name;
}

/* "%!d(string=a)" */
void printf_put_bad(struct run *run, struct sink *out, struct value v, const struct printf_spec *s)
{
    struct printf_spec plain = {.verb = 'v', .width = -1, .precision = -1};

    sink_print(out, "%%!%c(", s->verb);
    if (v.kind != VALUE_NULL) {
        sink_print(out, "%s=", printf_type(v));
    }
    printf_put(run, out, v, &plain);
    sink_char(out, ')');
}

static void put_quoted(struct sink *out, struct cxd_bytes text)
{
    size_t len = 0;

    sink_char(out, '"');
    for (size_t at = 0; at < text.len; at += len) {
        uint32_t code = utf8_get(text.ptr + at, text.len - at, &len);
        static const char from[] = "\a\b\f\n\r\t\v\\\"";
        static const char to[] = "abfnrtv\\\"";
        const char *found = code > 0 && code < 0x80 ? strchr(from, (int)code) : NULL;
        if (found != NULL) {
            sink_char(out, '\\');
            sink_char(out, to[found - from]);
        } else if (utf8_sequence(text.ptr + at, text.len - at) == 0 || code < ' ' || code == 0x7f) {
            sink_print(out, "\\x%02x", (unsigned)(unsigned char)text.ptr[at]);
        } else {
            sink_code(out, code);
        }
    }
    sink_char(out, '"');
}

static void put_hex_text(struct sink *out, struct cxd_bytes text, const struct printf_spec *s)
{
    const char *digits = s->verb == 'x' ? "0123456789abcdef" : "0123456789ABCDEF";

    for (size_t i = 0; i < text.len; i++) {
        if (s->space && i > 0) {
            sink_char(out, ' ');
        }
        sink_char(out, digits[(unsigned char)text.ptr[i] >> 4]);
        sink_char(out, digits[(unsigned char)text.ptr[i] & 15]);
    }
}

static void put_string(struct run *run, struct sink *out, struct value v,
                       const struct printf_spec *s)
{
    struct cxd_bytes text = value_range(v);

    if (s->precision >= 0 && (s->verb == 's' || s->verb == 'v' || s->verb == 'q')) {
        text.len = utf8_offset(text, (size_t)s->precision);
    }
    if (v.kind == VALUE_BYTES && (s->verb == 'v' || s->verb == 'd')) {
        sink_char(out, '[');
        for (size_t i = 0; i < text.len; i++) {
            sink_print(out, i > 0 ? " %u" : "%u", (unsigned)(unsigned char)text.ptr[i]);
        }
        sink_char(out, ']');
    } else if (s->verb == 's' || s->verb == 'v') {
        sink_put(out, text.ptr, text.len);
    } else if (s->verb == 'q') {
        put_quoted(out, text);
    } else if (s->verb == 'x' || s->verb == 'X') {
        put_hex_text(out, text, s);
    } else {
        printf_put_bad(run, out, v, s);
    }
}

static void put_sign(struct sink *out, bool negative, const struct printf_spec *s)
{
    if (negative || s->plus || s->space) {
        sink_char(out, negative ? '-' : s->plus ? '+' : ' ');
    }
}

static void put_base(struct sink *out, uint64_t number, unsigned base, bool upper, int least)
{
    const char *digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
    char text[64];
    size_t at = sizeof text;

    do {
        text[--at] = digits[number % base];
        number /= base;
    } while (number > 0);
    for (int i = (int)(sizeof text - at); i < least; i++) {
        sink_char(out, '0');
    }
    sink_put(out, text + at, sizeof text - at);
}

static void put_integer(struct run *run, struct sink *out, struct value v,
                        const struct printf_spec *s)
{
    bool negative = v.kind == VALUE_INT && v.i < 0;
    uint64_t magnitude = negative ? 0 - v.u : v.u;
    unsigned base = s->verb == 'b'                     ? 2
                    : s->verb == 'o' || s->verb == 'O' ? 8
                    : s->verb == 'x' || s->verb == 'X' ? 16
                                                       : 10;

    switch (s->verb) {
    case 'c':
        sink_code(out, (uint32_t)(magnitude > 0x10ffff ? 0xfffd : magnitude));
        return;
    case 'q':
        sink_char(out, '\'');
        sink_code(out, (uint32_t)(magnitude > 0x10ffff ? 0xfffd : magnitude));
        sink_char(out, '\'');
        return;
    case 'U':
        sink_print(out, "U+%04llX", (unsigned long long)magnitude);
        return;
    case 'v':
    case 'd':
    case 'b':
    case 'o':
    case 'O':
    case 'x':
    case 'X':
        put_sign(out, negative, s);
        if (s->verb == 'O' || (s->sharp && base != 10)) {
            sink_text(out, s->verb == 'O'   ? "0o"
                           : s->verb == 'x' ? "0x"
                           : s->verb == 'X' ? "0X"
                           : s->verb == 'b' ? "0b"
                                            : "0");
        }
        put_base(out, magnitude, base, s->verb == 'X', s->precision);
        return;
    default:
        printf_put_bad(run, out, v, s);
    }
}

static void put_double(struct run *run, struct sink *out, struct value v,
                       const struct printf_spec *s)
{
    double d = v.d;
    bool negative = signbit(d) && !isnan(d);

    if (s->verb != 'v' && strchr("feEFgG", s->verb) == NULL) {
        printf_put_bad(run, out, v, s);
        return;
    }
    put_sign(out, negative, s);
    d = fabs(d);
    if (isnan(v.d) || isinf(v.d)) {
        sink_text(out, isnan(v.d) ? "NaN" : negative || s->plus || s->space ? "Inf" : "+Inf");
    } else if (s->verb == 'f' || s->verb == 'F' || s->verb == 'e' || s->verb == 'E') {
        number_put_fixed(out, d, s->verb == 'f' || s->verb == 'F' ? 'f' : 'e',
                         s->precision >= 0 ? (s->precision < 300 ? s->precision : 300) : 6);
    } else if (s->precision >= 0) {
        sink_print(out, "%.*g", s->precision < 300 ? s->precision : 300, d);
    } else {
        number_put_general(out, d, 21);
    }
}

static void put_time(struct sink *out, struct value v)
{
    struct moment_civil c = moment_split(v.i);
    char digits[16];
    int len = snprintf(digits, sizeof digits, ".%09u", v.len);

    while (v.len > 0 && digits[len - 1] == '0') {
        len--;
    }
    sink_print(out, "%04lld-%02d-%02d %02d:%02d:%02d%.*s +0000 UTC", (long long)c.year, c.month,
               c.day, c.hour, c.minute, c.second, v.len > 0 ? len : 0, digits);
}

void printf_put(struct run *run, struct sink *out, struct value v, const struct printf_spec *s)
{
    if (s->verb == 'T') {
        sink_text(out, printf_type(v));
        return;
    }
    switch (v.kind) {
    case VALUE_NULL:
        sink_text(out, s->verb == 'v' ? "<nil>" : "");
        if (s->verb != 'v') {
            sink_print(out, "%%!%c(<nil>)", s->verb);
        }
        break;
    case VALUE_BOOL:
        if (s->verb == 'v' || s->verb == 't') {
            sink_text(out, v.truth ? "true" : "false");
        } else {
            printf_put_bad(run, out, v, s);
        }
        break;
    case VALUE_INT:
    case VALUE_UINT:
        put_integer(run, out, v, s);
        break;
    case VALUE_DOUBLE:
        put_double(run, out, v, s);
        break;
    case VALUE_STRING:
    case VALUE_BYTES:
        put_string(run, out, v, s);
        break;
    case VALUE_LIST:
    case VALUE_MAP:
        put_nested(run, out, v, s);
        break;
    case VALUE_TIMESTAMP:
        put_time(out, v);
        break;
    case VALUE_DURATION:
        moment_put_span(out, v.i);
        break;
    default:
        sink_text(out, value_type_of(v)->name);
    }
}
