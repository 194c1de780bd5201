/* number.c: reading is exact for short numbers and left to the C library, in its own locale, for the rest. */
#include "number.h"

#include <locale.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

static locale_t c_locale;
static pthread_once_t c_locale_once = PTHREAD_ONCE_INIT;

static void c_locale_make(void)
{
    c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0); /* lives as long as the process */
}

static const double tens[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                              1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                              1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

#define SLOW_MAX                                                                                   \
    1100 /* bytes of a number that the slow way reads; more digits than any double needs */

static bool read_slowly(struct cxd_bytes text, double *ret_number)
{
    char copy[SLOW_MAX + 1];
    char *end;

    (void)pthread_once(&c_locale_once, c_locale_make); /* cannot fail with these arguments */
    if (text.len > SLOW_MAX || c_locale == (locale_t)0) {
        return false;
    }
    memcpy(copy, text.ptr, text.len);
    copy[text.len] = '\0';
    *ret_number = strtod_l(copy, &end, c_locale);
    return end == copy + text.len;
}

struct decimal {
    uint64_t digits; /* the first 19 */
    int count;       /* digits taken */
    int exponent;
    bool is_long; /* there were more */
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Takes digits from text; after the point each one lowers the exponent. */
static size_t digits_take(struct cxd_bytes text, size_t at, struct decimal *d, int step)
{
    for (; at < text.len && is_digit(text.ptr[at]); at++) {
        if (d->count < 19) {
            d->digits = d->digits * 10 + (unsigned)(text.ptr[at] - '0');
            d->count += d->digits > 0 ? 1 : 0;
            d->exponent += step;
        } else {
            d->is_long = true;
        }
    }
    return at;
}

/* The exponent's digits; -1: none. Far too great ones are cut to 99,999. */
static size_t exponent_take(struct cxd_bytes text, size_t at, struct decimal *d, bool *ret_ok)
{
    bool negative = at < text.len && text.ptr[at] == '-';
    int exponent = 0;
    size_t start;

    at += at < text.len && (text.ptr[at] == '-' || text.ptr[at] == '+') ? 1 : 0;
    start = at;
    for (; at < text.len && is_digit(text.ptr[at]); at++) {
        exponent = exponent < 10000 ? exponent * 10 + (text.ptr[at] - '0') : exponent;
    }
    *ret_ok = at > start;
    d->exponent += negative ? -exponent : exponent;
    return at;
}

bool number_read(struct cxd_bytes text, double *ret_number)
{
    struct decimal d = {0};
    size_t at = text.len > 0 && (text.ptr[0] == '-' || text.ptr[0] == '+') ? 1 : 0;
    size_t start = at;
    bool ok = true;
    double number;

    at = digits_take(text, at, &d, 0);
    size_t digits = at - start;
    if (at < text.len && text.ptr[at] == '.') {
        start = ++at;
        at = digits_take(text, at, &d, -1);
        digits += at - start;
    }
    if (at < text.len && (text.ptr[at] | 0x20) == 'e') {
        at = exponent_take(text, at + 1, &d, &ok);
    }
    if (digits == 0 || !ok || at != text.len) {
        return false;
    }
    if (d.is_long || d.digits > (uint64_t)1 << 53 || d.exponent < -22 || d.exponent > 22) {
        return read_slowly(text, ret_number);
    }
    number = (double)d.digits;
    number = d.exponent < 0 ? number / tens[-d.exponent] : number * tens[d.exponent];
    *ret_number = text.ptr[0] == '-' ? -number : number;
    return true;
}

bool number_read_uint(struct cxd_bytes text, uint64_t *ret_number)
{
    uint64_t number = 0;

    for (size_t i = 0; i < text.len; i++) {
        if (!is_digit(text.ptr[i]) || __builtin_mul_overflow(number, 10u, &number) ||
            __builtin_add_overflow(number, (unsigned)(text.ptr[i] - '0'), &number)) {
            return false;
        }
    }
    *ret_number = number;
    return text.len > 0;
}

bool number_read_int(struct cxd_bytes text, int64_t *ret_number)
{
    bool negative = text.len > 0 && text.ptr[0] == '-';
    uint64_t number = 0;

    if (text.len > 0 && (text.ptr[0] == '-' || text.ptr[0] == '+')) {
        text.ptr++;
        text.len--;
    }
    if (!number_read_uint(text, &number) || number > (uint64_t)INT64_MAX + (negative ? 1 : 0)) {
        return false;
    }
    *ret_number = (int64_t)(negative ? 0 - number : number);
    return true;
}

/* Digits and exponent of "-d.ddde+xx"; whatever the locale puts for the point is passed over. */
static struct number_digits digits_parse(const char *text)
{
    struct number_digits digits = {.negative = *text == '-'};
    int exponent = 0;
    bool negative;

    for (text += digits.negative ? 1 : 0; *text != 'e'; text++) {
        if (is_digit(*text)) {
            digits.text[digits.count++] = *text;
        }
    }
    text++;
    negative = *text == '-';
    for (text++; is_digit(*text); text++) {
        exponent = exponent * 10 + (*text - '0');
    }
    while (digits.count > 1 && digits.text[digits.count - 1] == '0') {
        digits.count--;
    }
    digits.point = (negative ? -exponent : exponent) + 1;
    return digits;
}

static double digits_value(const struct number_digits *digits)
{
    char text[48];
    int len = snprintf(text, sizeof text, "%s%.*se%d", digits->negative ? "-" : "", digits->count,
                       digits->text, digits->point - digits->count);
    double d = 0;

    (void)number_read((struct cxd_bytes){text, (size_t)len}, &d); /* made of digits above */
    return d;
}

struct number_digits number_shortest(double d)
{
    struct number_digits digits = {.text = "0", .count = 1, .point = 1, .negative = signbit(d)};

    if (d == 0) {
        return digits;
    }
    /* fifteen digits hold every short number, but for the least ones, which have fewer */
    for (int precision = fabs(d) < 1e-300 ? 0 : 14; precision <= 16; precision++) {
        char text[40];
        (void)snprintf(text, sizeof text, "%.*e", precision, d); /* 17 digits fit */
        digits = digits_parse(text);
        if (digits_value(&digits) == d) {
            break;
        }
    }
    return digits;
}

static bool put_special(struct sink *sink, double d)
{
    if (isnan(d)) {
        sink_text(sink, "NaN");
    } else if (isinf(d)) {
        sink_text(sink, d < 0 ? "-Inf" : "+Inf");
    } else {
        return false;
    }
    return true;
}

static void put_zeros(struct sink *sink, int count)
{
    for (; count > 0; count--) {
        sink_char(sink, '0');
    }
}

static void put_plain(struct sink *sink, const struct number_digits *digits)
{
    int whole = digits->point < 0               ? 0
                : digits->point < digits->count ? digits->point
                                                : digits->count;

    if (digits->negative) {
        sink_char(sink, '-');
    }
    sink_put(sink, whole > 0 ? digits->text : "0", whole > 0 ? (size_t)whole : 1);
    put_zeros(sink, digits->point - digits->count);
    if (whole < digits->count) {
        sink_char(sink, '.');
        put_zeros(sink, -digits->point);
        sink_put(sink, digits->text + whole, (size_t)(digits->count - whole));
    }
}

/* Exponents have at least `least` digits. */
static void put_exponent(struct sink *sink, const struct number_digits *digits, int least)
{
    int exponent = digits->point - 1;

    if (digits->negative) {
        sink_char(sink, '-');
    }
    sink_char(sink, digits->text[0]);
    if (digits->count > 1) {
        sink_char(sink, '.');
        sink_put(sink, digits->text + 1, (size_t)digits->count - 1);
    }
    sink_print(sink, "e%c%0*d", exponent < 0 ? '-' : '+', least,
               exponent < 0 ? -exponent : exponent);
}

void number_put_general(struct sink *sink, double d, int exponent_from)
{
    struct number_digits digits;

    if (put_special(sink, d)) {
        return;
    }
    digits = number_shortest(d);
    if (digits.point - 1 < -4 || digits.point - 1 >= exponent_from) {
        put_exponent(sink, &digits, 2);
    } else {
        put_plain(sink, &digits);
    }
}

void number_put_plain(struct sink *sink, double d)
{
    struct number_digits digits;

    if (!put_special(sink, d)) {
        digits = number_shortest(d);
        put_plain(sink, &digits);
    }
}

void number_put_json(struct sink *sink, double d)
{
    struct number_digits digits;

    if (fabs(d) < 1e15 && d == (double)(int64_t)d && !(d == 0 && signbit(d))) {
        if (d < 0) {
            sink_char(sink, '-');
        }
        sink_uint(sink, (uint64_t)fabs(d));
        return;
    }
    digits = number_shortest(d);
    if (d != 0 && (fabs(d) < 1e-6 || fabs(d) >= 1e21)) {
        put_exponent(sink, &digits, 1);
    } else {
        put_plain(sink, &digits);
    }
}

void number_put_fixed(struct sink *sink, double d, char verb, int decimals)
{
    char text[512];
    int len;

    if (put_special(sink, d)) {
        return;
    }
    len = snprintf(text, sizeof text, verb == 'e' ? "%.*e" : "%.*f", decimals, d);
    for (int i = 0; i < len && i < (int)sizeof text - 1; i++) {
        bool known = is_digit(text[i]) || strchr("+-e", text[i]) != NULL;
        sink_char(sink, known ? text[i] : '.'); /* the locale's point */
    }
}

/* An exact integer: sign and magnitude. */
struct whole {
    bool negative;
    uint64_t magnitude;
};

static bool whole_get(struct value v, struct whole *ret)
{
    if (v.kind == VALUE_INT) {
        *ret = (struct whole){v.i < 0, v.i < 0 ? 0 - (uint64_t)v.i : (uint64_t)v.i};
        return true;
    }
    if (v.kind == VALUE_UINT) {
        *ret = (struct whole){false, v.u};
        return true;
    }
    return value_whole_get(v, &ret->negative, &ret->magnitude);
}

static double as_double(struct value v)
{
    return v.kind == VALUE_INT ? (double)v.i : v.kind == VALUE_UINT ? (double)v.u : v.d;
}

int number_compare(struct value a, struct value b)
{
    struct whole left;
    struct whole right;
    double x;
    double y;

    if (a.kind == VALUE_INT && b.kind == VALUE_INT) {
        return (a.i > b.i) - (a.i < b.i);
    }
    if (whole_get(a, &left) && whole_get(b, &right)) {
        if (left.negative != right.negative) {
            return left.negative ? -1 : 1;
        }
        int order = (left.magnitude > right.magnitude) - (left.magnitude < right.magnitude);
        return left.negative ? -order : order;
    }
    x = as_double(a);
    y = as_double(b);
    if (isnan(x) || isnan(y)) {
        return 2;
    }
    return (x > y) - (x < y);
}
