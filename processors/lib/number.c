/* number.c: see the header. */
#include "lib/number.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int digit_of(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 99;
}

bool number_read_int(struct cxd_bytes text, int64_t *ret_number)
{
    bool is_negative = text.len > 0 && text.ptr[0] == '-';
    size_t at = text.len > 0 && (text.ptr[0] == '-' || text.ptr[0] == '+');
    unsigned base = 10;
    uint64_t number = 0;
    uint64_t max = is_negative ? (uint64_t)1 << 63 : INT64_MAX;

    if (text.len > at + 2 && text.ptr[at] == '0' && (text.ptr[at + 1] | 0x20) == 'x') {
        base = 16;
        at += 2;
    }
    if (at == text.len) {
        return false;
    }
    for (; at < text.len; at++) {
        unsigned digit = (unsigned)digit_of(text.ptr[at]);
        if (digit >= base || number > (max - digit) / base) {
            return false;
        }
        number = number * base + digit;
    }
    *ret_number = is_negative ? (int64_t)(0 - number) : (int64_t)number;
    return true;
}

bool number_read_double(struct cxd_bytes text, double *ret_number)
{
    char copy[64];
    char *end;
    double number;

    if (text.len == 0 || text.len >= sizeof copy || text.ptr[0] <= ' ') {
        return false;
    }
    memcpy(copy, text.ptr, text.len);
    copy[text.len] = '\0';
    number = strtod(copy, &end);
    if (end != copy + text.len) {
        return false;
    }
    *ret_number = number;
    return true;
}

bool number_read_bool(struct cxd_bytes text, bool *ret_truth)
{
    static const char *const words[] = {"0",     "1",    "f",     "t",    "F",     "T",
                                        "false", "true", "FALSE", "TRUE", "False", "True"};

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strlen(words[i]) == text.len && memcmp(words[i], text.ptr, text.len) == 0) {
            *ret_truth = i % 2 == 1;
            return true;
        }
    }
    return false;
}

size_t number_print_int(int64_t number, char out[NUMBER_TEXT_MAX])
{
    return (size_t)snprintf(out, NUMBER_TEXT_MAX, "%lld", (long long)number);
}

size_t number_print_double(double number, char out[NUMBER_TEXT_MAX])
{
    int len = 0;

    if (!isfinite(number)) {
        return 0;
    }
    for (int digits = 15; digits <= 17; digits++) {
        len = snprintf(out, NUMBER_TEXT_MAX, "%.*g", digits, number);
        if (strtod(out, NULL) == number) {
            break;
        }
    }
    return (size_t)len;
}

size_t number_print_float(float number, char out[NUMBER_TEXT_MAX])
{
    int len = 0;

    if (!isfinite(number)) {
        return 0;
    }
    for (int digits = 6; digits <= 9; digits++) {
        len = snprintf(out, NUMBER_TEXT_MAX, "%.*g", digits, (double)number);
        if (strtof(out, NULL) == number) {
            break;
        }
    }
    return (size_t)len;
}
