/*
 * format_verb.c: %d %x %s %q %e and the like, with Go's flags and Go's complaints. Thread: the run's.
 */
#include "template/format_verb.h"

#include "lib/utf.h"

#include <inttypes.h>
#include <stdio.h>

/* Text with padding to the width, counted in code points. */
static void verb_pad(const struct verb *v, struct cxd_bytes text, bool may_zero)
{
    size_t count = v->has_width ? utf_count(text) : 0;
    size_t fill = v->has_width && (size_t)v->width > count ? (size_t)v->width - count : 0;
    bool zero = may_zero && v->zero && !v->minus;
    size_t sign = zero && text.len > 0 && (text.ptr[0] == '-' || text.ptr[0] == '+') ? 1 : 0;

    text_add(v->out, text.ptr, sign);
    for (size_t i = 0; i < fill && !v->minus && v->out->status == 0; i++) {
        text_add(v->out, zero ? "0" : " ", 1);
    }
    text_add(v->out, text.ptr + sign, text.len - sign);
    for (size_t i = 0; i < fill && v->minus && v->out->status == 0; i++) {
        text_add(v->out, " ", 1);
    }
}

static void verb_bad(const struct verb *v, const struct value *value)
{
    char front[5] = {'%', '!', v->letter, '(', '\0'};

    text_put(v->out, front);
    if (value->kind == VALUE_NONE) {
        text_put(v->out, "<nil>");
    } else {
        text_put(v->out, value_type(value));
        text_put(v->out, "=");
        format_value(v->run, value, v->out);
    }
    text_put(v->out, ")");
}

static size_t verb_digits(uint64_t number, unsigned base, bool upper, char *end)
{
    const char *letters = upper ? "0123456789ABCDEF" : "0123456789abcdef";
    size_t len = 0;

    do {
        *--end = letters[number % base];
        number /= base;
        len++;
    } while (number > 0);
    return len;
}

static const char *verb_base_mark(const struct verb *v)
{
    switch (v->letter) {
    case 'x':
        return v->sharp ? "0x" : "";
    case 'X':
        return v->sharp ? "0X" : "";
    case 'o':
        return v->sharp ? "0" : "";
    case 'b':
        return v->sharp ? "0b" : "";
    case 'O':
        return "0o";
    default:
        return "";
    }
}

static void verb_integer(const struct verb *v, int64_t number)
{
    unsigned base = v->letter == 'b'                       ? 2
                    : v->letter == 'o' || v->letter == 'O' ? 8
                    : v->letter == 'x' || v->letter == 'X' ? 16
                                                           : 10;
    uint64_t size = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
    const char *mark = verb_base_mark(v);
    char digits[72];
    size_t len = verb_digits(size, base, v->letter == 'X', digits + sizeof digits);
    struct verb plain = *v;
    struct text body;
    size_t wanted = v->has_precision ? (size_t)v->precision : 0;

    text_init(&body, v->out->heap, v->out->max);
    text_put(&body, number < 0 ? "-" : v->plus ? "+" : v->space ? " " : "");
    text_put(&body, mark);
    if (!v->has_precision && v->zero && v->has_width && !v->minus) {
        size_t front = body.len;

        wanted = (size_t)v->width > front ? (size_t)v->width - front : 0;
    }
    for (size_t i = len; i < wanted && body.status == 0; i++) {
        text_add(&body, "0", 1);
    }
    if (!(v->has_precision && v->precision == 0 && number == 0)) {
        text_add(&body, digits + sizeof digits - len, len);
    }
    plain.zero = false;
    if (body.status != 0) {
        v->out->status = body.status;
    } else {
        verb_pad(&plain, text_bytes(&body), false);
    }
    text_done(&body);
}

static void verb_code(const struct verb *v, int64_t number)
{
    char room[24];
    uint32_t code = number >= 0 && number <= 0x10ffff ? (uint32_t)number : 0xfffd;
    size_t len;

    if (v->letter == 'U') {
        len = (size_t)snprintf(room, sizeof room, "U+%04" PRIX64, (uint64_t)number);
    } else if (v->letter == 'q') {
        room[0] = '\'';
        len = 1;
        if (code == '\'' || code == '\\') {
            room[len++] = '\\';
        }
        len += utf_encode(code, room + len);
        room[len++] = '\'';
    } else {
        len = utf_encode(code, room);
    }
    verb_pad(v, (struct cxd_bytes){room, len}, false);
}

static void verb_int(const struct verb *v, const struct value *value, int64_t number)
{
    if (strchr("dboOxX", v->letter) != NULL) {
        verb_integer(v, number);
    } else if (strchr("cqU", v->letter) != NULL) {
        verb_code(v, number);
    } else {
        verb_bad(v, value);
    }
}

static void verb_float(const struct verb *v, const struct value *value, double real)
{
    struct text body;
    int precision = v->has_precision ? v->precision : 6;
    char letter = v->letter;

    if (strchr("eEfFgG", letter) == NULL) {
        verb_bad(v, value);
        return;
    }
    if (!v->has_precision && (letter == 'g' || letter == 'G')) {
        precision = -1;
    }
    text_init(&body, v->out->heap, v->out->max);
    if (!(real < 0) && (v->plus || v->space)) {
        text_put(&body, v->plus ? "+" : " ");
    }
    float_format(real, letter, precision, &body);
    if (body.status != 0) {
        v->out->status = body.status;
    } else {
        verb_pad(v, text_bytes(&body), true);
    }
    text_done(&body);
}

/* The first code points of a text that a precision leaves. */
static struct cxd_bytes verb_cut(const struct verb *v, struct cxd_bytes text)
{
    size_t at = 0;

    if (!v->has_precision) {
        return text;
    }
    for (int i = 0; i < v->precision && at < text.len; i++) {
        uint32_t code;

        at += utf_decode(text.ptr + at, text.len - at, &code);
    }
    return (struct cxd_bytes){text.ptr, at};
}

static void verb_hex(const struct verb *v, struct cxd_bytes text, struct text *out)
{
    const char *letters = v->letter == 'X' ? "0123456789ABCDEF" : "0123456789abcdef";

    text_put(out, v->sharp && text.len > 0 ? (v->letter == 'X' ? "0X" : "0x") : "");
    for (size_t i = 0; i < text.len && out->status == 0; i++) {
        unsigned char byte = (unsigned char)text.ptr[i];
        char pair[2] = {letters[byte >> 4], letters[byte & 15]};

        text_add(out, v->space && i > 0 ? " " : "", v->space && i > 0);
        text_add(out, pair, 2);
    }
}

static void verb_string(const struct verb *v, const struct value *value, struct cxd_bytes text)
{
    struct text body;

    text = verb_cut(v, text);
    if (v->letter == 's') {
        verb_pad(v, text, true);
        return;
    }
    if (strchr("xXq", v->letter) == NULL) {
        verb_bad(v, value);
        return;
    }
    text_init(&body, v->out->heap, v->out->max);
    if (v->letter == 'q') {
        verb_quote(v, text, &body);
    } else {
        verb_hex(v, text, &body);
    }
    if (body.status != 0) {
        v->out->status = body.status;
    } else {
        verb_pad(v, text_bytes(&body), true);
    }
    text_done(&body);
}

/* Things that show themselves as text: their %v, padded or quoted. */
static void verb_shown(const struct verb *v, const struct value *value)
{
    struct text body;

    text_init(&body, v->out->heap, v->out->max);
    if (v->sharp && v->letter == 'v' && value->kind == VALUE_STRING) {
        struct verb quote = *v;

        quote.sharp = false;
        verb_quote(&quote, value->bytes, &body);
    } else {
        format_value(v->run, value, &body);
    }
    if (body.status != 0) {
        v->out->status = body.status;
    } else if (v->letter == 'v') {
        verb_pad(v, text_bytes(&body), value->kind <= VALUE_NUMBER);
    } else {
        verb_string(v, value, text_bytes(&body));
    }
    text_done(&body);
}

/* Verbs of lists go to their elements. */
static void verb_elements(const struct verb *v, const struct value *value)
{
    struct tree *child;

    text_put(v->out, "[");
    if (value->kind == VALUE_LIST) {
        for (size_t i = 0; i < value->list->count && v->out->status == 0; i++) {
            text_add(v->out, " ", i > 0);
            verb_print(v, &value->list->items[i]);
        }
    } else {
        child = tree_first(v->run->nodes, value->tree);
        for (; child != NULL && v->out->status == 0; child = child->next) {
            struct value element = value_of_tree(v->run->nodes, child);

            verb_print(v, &element);
            text_add(v->out, " ", child->next != NULL);
        }
    }
    text_put(v->out, "]");
}

static void verb_number(const struct verb *v, const struct value *value)
{
    int64_t number;
    double real = 0;

    if (strchr("dboOxXcqU", v->letter) != NULL && value_as_int(value, &number)) {
        verb_int(v, value, number);
        return;
    }
    if (v->letter == 's') {
        verb_pad(v, value->bytes, false);
        return;
    }
    (void)value_as_real(value, &real);
    verb_float(v, value, real);
}

/* %v of a plain number is %d or %g. */
static void verb_plain(const struct verb *v, const struct value *value)
{
    struct verb plain = *v;

    plain.letter = value->kind == VALUE_INT ? 'd' : 'g';
    plain.plus = false;
    plain.sharp = false;
    verb_print(&plain, value);
}

void verb_print(const struct verb *v, const struct value *value)
{
    if (v->letter == 'T') {
        const char *name = value->kind == VALUE_NONE ? "<nil>" : value_type(value);

        verb_pad(v, bytes_of(name), false);
        return;
    }
    if (v->letter == 'v' && (value->kind == VALUE_INT || value->kind == VALUE_FLOAT)) {
        verb_plain(v, value);
        return;
    }
    if (v->letter == 'v') {
        verb_shown(v, value);
        return;
    }
    switch (value->kind) {
    case VALUE_NONE:
        verb_bad(v, value);
        break;
    case VALUE_BOOL:
        if (v->letter == 't') {
            verb_pad(v, bytes_of(value->flag ? "true" : "false"), false);
        } else {
            verb_bad(v, value);
        }
        break;
    case VALUE_INT:
        verb_int(v, value, value->number);
        break;
    case VALUE_FLOAT:
        verb_float(v, value, value->real);
        break;
    case VALUE_NUMBER:
        verb_number(v, value);
        break;
    case VALUE_STRING:
        verb_string(v, value, value->bytes);
        break;
    case VALUE_DURATION:
    case VALUE_MONTH:
    case VALUE_WEEKDAY:
        if (strchr("sq", v->letter) == NULL) {
            verb_int(v, value, value->number);
        } else {
            verb_shown(v, value);
        }
        break;
    case VALUE_LIST:
        verb_elements(v, value);
        break;
    default:
        if (value->kind == VALUE_TREE && value->tree->kind == TREE_LIST) {
            verb_elements(v, value);
        } else {
            verb_shown(v, value);
        }
        break;
    }
}
