/* duration.c: lengths of time as Go writes them. Thread: any. */
#include "template/gotime.h"

#include <inttypes.h>
#include <stdio.h>

/* value / unit with its fraction, without trailing zeros. */
static void duration_part(uint64_t value, uint64_t unit, struct text *out)
{
    char digits[24];
    uint64_t rest = value % unit;
    size_t len;
    int width = 0;

    (void)snprintf(digits, sizeof digits, "%" PRIu64, value / unit);
    text_put(out, digits);
    for (uint64_t u = unit; u > 1; u /= 10) {
        width++;
    }
    if (rest == 0) {
        return;
    }
    len = (size_t)snprintf(digits, sizeof digits, ".%0*" PRIu64, width, rest);
    while (digits[len - 1] == '0') {
        len--;
    }
    text_add(out, digits, len);
}

void duration_format(int64_t ns, struct text *out)
{
    uint64_t size = ns < 0 ? 0 - (uint64_t)ns : (uint64_t)ns;
    uint64_t minutes = size / UINT64_C(60000000000);
    char number[32];

    text_put(out, ns < 0 ? "-" : "");
    if (size < 1000000000) {
        uint64_t unit = size < 1000 ? 1 : size < 1000000 ? 1000 : 1000000;

        if (size == 0) {
            text_put(out, "0s");
            return;
        }
        duration_part(size, unit, out);
        text_put(out, unit == 1 ? "ns" : unit == 1000 ? "\xc2\xb5s" : "ms");
        return;
    }
    if (minutes >= 60) {
        (void)snprintf(number, sizeof number, "%" PRIu64 "h", minutes / 60);
        text_put(out, number);
    }
    if (minutes > 0) {
        (void)snprintf(number, sizeof number, "%" PRIu64 "m", minutes % 60);
        text_put(out, number);
    }
    duration_part(size % UINT64_C(60000000000), UINT64_C(1000000000), out);
    text_put(out, "s");
}

static const struct {
    const char *name;
    int64_t ns;
} duration_units[] = {
    {"ns", 1},
    {"us", 1000},
    {"\xc2\xb5s", 1000},
    {"\xce\xbcs", 1000},
    {"ms", 1000000},
    {"s", INT64_C(1000000000)},
    {"m", INT64_C(60000000000)},
    {"h", INT64_C(3600000000000)},
};

static size_t duration_unit(struct cxd_bytes text, int64_t *ret)
{
    size_t len = 0;

    while (len < text.len && text.ptr[len] != '.' && (text.ptr[len] < '0' || text.ptr[len] > '9')) {
        len++;
    }
    for (size_t i = 0; i < sizeof duration_units / sizeof duration_units[0]; i++) {
        if (strlen(duration_units[i].name) == len &&
            memcmp(duration_units[i].name, text.ptr, len) == 0) {
            *ret = duration_units[i].ns;
            return len;
        }
    }
    return 0;
}

/* One number with its unit; advances *text. */
static bool duration_term(struct cxd_bytes *text, int64_t *sum)
{
    int64_t whole = 0;
    double fraction = 0;
    double scale = 1;
    size_t at = 0;
    size_t digits = 0;
    size_t len;
    int64_t unit;

    for (; at < text->len && text->ptr[at] >= '0' && text->ptr[at] <= '9'; at++, digits++) {
        if (__builtin_mul_overflow(whole, (int64_t)10, &whole) ||
            __builtin_add_overflow(whole, (int64_t)(text->ptr[at] - '0'), &whole)) {
            return false;
        }
    }
    if (at < text->len && text->ptr[at] == '.') {
        for (at++; at < text->len && text->ptr[at] >= '0' && text->ptr[at] <= '9'; at++, digits++) {
            if (scale < 1e18) {
                fraction = fraction * 10 + (text->ptr[at] - '0');
                scale *= 10;
            }
        }
    }
    if (digits == 0) {
        return false;
    }
    *text = (struct cxd_bytes){text->ptr + at, text->len - at};
    len = duration_unit(*text, &unit);
    if (len == 0 || __builtin_mul_overflow(whole, unit, &whole) ||
        __builtin_add_overflow(whole, (int64_t)(fraction * ((double)unit / scale)), &whole) ||
        __builtin_add_overflow(*sum, whole, sum)) {
        return false;
    }
    *text = (struct cxd_bytes){text->ptr + len, text->len - len};
    return true;
}

bool duration_parse(struct cxd_bytes text, int64_t *ret_ns)
{
    bool minus = false;
    int64_t sum = 0;

    if (text.len > 0 && (text.ptr[0] == '-' || text.ptr[0] == '+')) {
        minus = text.ptr[0] == '-';
        text.ptr++;
        text.len--;
    }
    if (text.len == 1 && text.ptr[0] == '0') {
        *ret_ns = 0;
        return true;
    }
    if (text.len == 0) {
        return false;
    }
    while (text.len > 0) {
        if (!duration_term(&text, &sum)) {
            return false;
        }
    }
    *ret_ns = minus ? -sum : sum;
    return true;
}
