/*
 * number.c: see number.h. Knows text and arithmetic, nothing of events.
 */
#include "number.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DIGITS_MAX 17

static int digit_value(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : 99;
}

static bool parse_digits(const char *text, size_t len, unsigned base, bool is_negative,
                         int64_t *ret_number)
{
    uint64_t limit = is_negative ? (uint64_t)INT64_MAX + 1 : (uint64_t)INT64_MAX;
    uint64_t number = 0;

    if (len == 0) {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        unsigned digit = (unsigned)digit_value(text[i]);
        /* the first fifteen digits fit in any case: no division for them */
        if (digit >= base || (i >= 15 && number > (limit - digit) / base)) {
            return false;
        }
        number = number * base + digit;
    }
    *ret_number = is_negative ? (int64_t)(0 - number) : (int64_t)number;
    return true;
}

bool number_parse_decimal(const char *text, size_t len, int64_t *ret_number)
{
    bool is_signed = len > 0 && (text[0] == '-' || text[0] == '+');

    if (!is_signed && len > 0 && len <= 18) { /* the usual one: too short to be out of range */
        int64_t number = 0;
        for (size_t i = 0; i < len; i++) {
            unsigned digit = (unsigned)(unsigned char)text[i] - '0';
            if (digit > 9) {
                return false;
            }
            number = number * 10 + (int)digit;
        }
        *ret_number = number;
        return true;
    }

    return parse_digits(text + is_signed, len - is_signed, 10, is_signed && text[0] == '-',
                        ret_number);
}

bool number_parse_long(const char *text, size_t len, int64_t *ret_number)
{
    bool is_negative = len > 0 && text[0] == '-';

    if (len >= 2u + is_negative && text[is_negative] == '0' && text[is_negative + 1] == 'x') {
        return parse_digits(text + 2 + is_negative, len - 2 - is_negative, 16, is_negative,
                            ret_number);
    }
    return number_parse_decimal(text, len, ret_number);
}

static size_t skip_digits(const char *text, size_t len, size_t at)
{
    while (at < len && text[at] >= '0' && text[at] <= '9') {
        at++;
    }
    return at;
}

/* Length of the decimal at the start of text, 0: none there. */
static size_t measure_decimal(const char *text, size_t len)
{
    size_t at = len > 0 && (text[0] == '-' || text[0] == '+');
    size_t whole = skip_digits(text, len, at);
    size_t digits = whole - at;

    at = whole;
    if (at < len && text[at] == '.') {
        size_t end = skip_digits(text, len, at + 1);
        digits += end - at - 1;
        at = end;
    }
    if (digits == 0) {
        return 0;
    }
    if (at < len && (text[at] == 'e' || text[at] == 'E')) {
        size_t sign = at + 1 < len && (text[at + 1] == '-' || text[at + 1] == '+');
        size_t end = skip_digits(text, len, at + 1 + sign);
        at = end > at + 1 + sign ? end : at;
    }
    return at;
}

bool number_parse_double(const char *text, size_t len, locale_t plain, double *ret_number)
{
    char copy[NUMBER_DOUBLE_TEXT_MAX + 1];
    size_t decimal;
    double number;

    while (len > 0 && (unsigned char)text[0] <= ' ') {
        text++;
        len--;
    }
    while (len > 0 && (unsigned char)text[len - 1] <= ' ') {
        len--;
    }
    decimal = measure_decimal(text, len);
    if (decimal == 0 || decimal > NUMBER_DOUBLE_TEXT_MAX || len - decimal > 1 ||
        (len - decimal == 1 && strchr("dDfF", text[decimal]) == NULL)) {
        return false;
    }
    memcpy(copy, text, decimal);
    copy[decimal] = '\0';
    number = strtod_l(copy, NULL, plain);
    if (!isfinite(number)) {
        return false;
    }
    *ret_number = number;
    return true;
}

/* At most fifteen digits in all, so that no other decimal of that length reads back as the same number. */
bool number_is_printed_double(const char *text, size_t len)
{
    size_t sign = len > 0 && text[0] == '-';
    size_t point = skip_digits(text, len, sign);
    size_t end = point < len && text[point] == '.' ? skip_digits(text, len, point + 1) : 0;
    size_t whole = point - sign;
    size_t fraction = end == len && len > 0 ? end - point - 1 : 0;

    if (whole == 0 || whole > 7 || fraction == 0 || whole + fraction > 15 ||
        (fraction > 1 && text[len - 1] == '0')) {
        return false;
    }
    if (text[sign] != '0') {
        return true;
    }
    /* 0.0 and from 0.001 on */
    return whole == 1 && (fraction == 1 || text[point + 1] != '0' || text[point + 2] != '0' ||
                          (fraction > 2 && text[point + 3] != '0'));
}

size_t number_print_long(int64_t number, char *out)
{
    uint64_t rest = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
    char turned[NUMBER_LONG_ROOM];
    size_t count = 0;
    size_t len = 0;

    do {
        turned[count++] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (number < 0) {
        out[len++] = '-';
    }
    while (count > 0) {
        out[len++] = turned[--count];
    }
    return len;
}

/* The exponent at the end of our own print: a sign and two or three digits. */
static int print_exponent(const char *text)
{
    int64_t exponent = 0;

    (void)number_parse_decimal(text, strlen(text), &exponent);
    return (int)exponent;
}

/*
 * Shortest decimal digits that read back as the same number, but the nearest two where one would do. Returns how many; *ret_exponent is that of the first digit.
 * The locale of the thread may write another decimal sign, so only digits are taken from the print.
 */
static int shortest_digits(double number, locale_t plain, char *digits, int *ret_exponent)
{
    locale_t before = uselocale(plain);
    int count = 0;

    for (int precision = 1; precision < DIGITS_MAX; precision++) {
        char text[40];
        const char *at = text;
        (void)snprintf(text, sizeof text, "%.*e", precision, number);
        if (precision < DIGITS_MAX - 1 && strtod_l(text, NULL, plain) != number) {
            continue;
        }
        for (count = 0; *at != 'e'; at++) {
            if (*at != '.') {
                digits[count++] = *at;
            }
        }
        *ret_exponent = print_exponent(at + 1);
        break;
    }
    (void)uselocale(before);
    while (count > 1 && digits[count - 1] == '0') {
        count--;
    }
    return count;
}

static size_t print_plain(const char *digits, int count, int exponent, char *out)
{
    size_t len = 0;

    if (exponent < 0) {
        out[len++] = '0';
        out[len++] = '.';
        for (int i = -1; i > exponent; i--) {
            out[len++] = '0';
        }
    }
    for (int i = 0; i < count || i <= exponent; i++) {
        out[len++] = i < count ? digits[i] : '0';
        if (i == exponent) {
            out[len++] = '.';
        }
    }
    if (count <= exponent + 1 && exponent >= 0) {
        out[len++] = '0';
    }
    return len;
}

size_t number_print_double(double number, locale_t plain, char *out)
{
    char digits[DIGITS_MAX + 1] = {0};
    size_t len = 0;
    int exponent;
    int count;

    if (signbit(number)) {
        out[len++] = '-';
        number = -number;
    }
    if (number == 0) {
        memcpy(out + len, "0.0", 3);
        return len + 3;
    }
    if (number < 1e7 && number == (double)(uint32_t)number) { /* sizes and counts: the usual ones */
        len += number_print_long((int64_t)number, out + len);
        memcpy(out + len, ".0", 2);
        return len + 2;
    }
    count = shortest_digits(number, plain, digits, &exponent);
    if (number >= 1e-3 && number < 1e7) {
        return len + print_plain(digits, count, exponent, out + len);
    }
    out[len++] = digits[0];
    out[len++] = '.';
    if (count == 1) {
        out[len++] = '0';
    }
    memcpy(out + len, digits + 1, (size_t)count - 1);
    len += (size_t)count - 1;
    out[len++] = 'E';
    return len + number_print_long(exponent, out + len);
}
