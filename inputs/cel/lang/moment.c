/* moment.c: the proleptic Gregorian calendar by day numbers, and text forms of instants and spans. */
#include "moment.h"

#include <stdio.h>

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0 ? 1 : 0);
}

int64_t moment_days(int64_t year, int month, int day)
{
    int64_t y =
        year - (month <= 2 ? 1 : 0); /* years that begin in March: the leap day is their last */
    int64_t era = floor_div(y, 400);
    int64_t of_era = y - era * 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

int moment_month_days(int64_t year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return days[month - 1] + (month == 2 && is_leap ? 1 : 0);
}

struct moment_civil moment_split(int64_t seconds)
{
    int64_t days = floor_div(seconds, 86400);
    int rest = (int)(seconds - days * 86400);
    int64_t z = days + 719468;
    int64_t era = floor_div(z, 146097);
    int64_t of_era = z - era * 146097;
    int64_t y = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * y + y / 4 - y / 100);
    int m = (int)((5 * of_year + 2) / 153);
    struct moment_civil c = {.hour = rest / 3600, .minute = rest / 60 % 60, .second = rest % 60};

    c.day = (int)(of_year - (153 * m + 2) / 5 + 1);
    c.month = m < 10 ? m + 3 : m - 9;
    c.year = y + era * 400 + (c.month <= 2 ? 1 : 0);
    c.weekday = (int)(days + 4 - floor_div(days + 4, 7) * 7);
    c.yearday = (int)(days - moment_days(c.year, 1, 1));
    return c;
}

int64_t moment_join(const struct moment_civil *c)
{
    return moment_days(c->year, c->month, c->day) * 86400 + c->hour * 3600 + c->minute * 60 +
           c->second;
}

/* Exactly `count` digits. */
static bool take_digits(struct cxd_bytes *text, int count, int *ret)
{
    int number = 0;

    if (text->len < (size_t)count) {
        return false;
    }
    for (int i = 0; i < count; i++) {
        if (text->ptr[i] < '0' || text->ptr[i] > '9') {
            return false;
        }
        number = number * 10 + (text->ptr[i] - '0');
    }
    text->ptr += count;
    text->len -= (size_t)count;
    *ret = number;
    return true;
}

static bool take_char(struct cxd_bytes *text, char c)
{
    if (text->len == 0 || (text->ptr[0] != c && text->ptr[0] != (c | 0x20))) {
        return false;
    }
    text->ptr++;
    text->len--;
    return true;
}

/* ".123": digits beyond the ninth are cut. */
static bool take_fraction(struct cxd_bytes *text, uint32_t *ret_ns)
{
    uint32_t ns = 0;
    uint32_t unit = 100000000;
    size_t count = 0;

    for (; text->len > 0 && text->ptr[0] >= '0' && text->ptr[0] <= '9'; count++) {
        ns += (uint32_t)(text->ptr[0] - '0') * unit;
        unit /= 10;
        text->ptr++;
        text->len--;
    }
    *ret_ns = ns;
    return count > 0;
}

static bool take_offset(struct cxd_bytes *text, int *ret_seconds)
{
    int hours = 0;
    int minutes = 0;
    bool negative;

    if (take_char(text, 'Z')) {
        *ret_seconds = 0;
        return true;
    }
    negative = text->len > 0 && text->ptr[0] == '-';
    if (!negative && (text->len == 0 || text->ptr[0] != '+')) {
        return false;
    }
    text->ptr++;
    text->len--;
    if (!take_digits(text, 2, &hours) || !take_char(text, ':') || !take_digits(text, 2, &minutes) ||
        hours > 23 || minutes > 59) {
        return false;
    }
    *ret_seconds = (negative ? -1 : 1) * (hours * 3600 + minutes * 60);
    return true;
}

bool moment_read(struct cxd_bytes text, int64_t *ret_seconds, uint32_t *ret_ns)
{
    struct moment_civil c = {0};
    int year = 0;
    int offset = 0;
    uint32_t ns = 0;

    if (!take_digits(&text, 4, &year) || !take_char(&text, '-') ||
        !take_digits(&text, 2, &c.month) || !take_char(&text, '-') ||
        !take_digits(&text, 2, &c.day) || !take_char(&text, 'T') ||
        !take_digits(&text, 2, &c.hour) || !take_char(&text, ':') ||
        !take_digits(&text, 2, &c.minute) || !take_char(&text, ':') ||
        !take_digits(&text, 2, &c.second)) {
        return false;
    }
    c.year = year;
    if (text.len > 0 && text.ptr[0] == '.') {
        text.ptr++;
        text.len--;
        if (!take_fraction(&text, &ns)) {
            return false;
        }
    }
    if (!take_offset(&text, &offset) || text.len != 0 || c.month < 1 || c.month > 12 || c.day < 1 ||
        c.day > moment_month_days(c.year, c.month) || c.hour > 23 || c.minute > 59 ||
        c.second > 59) {
        return false;
    }
    *ret_seconds = moment_join(&c) - offset;
    *ret_ns = ns;
    return true;
}

static void put_fraction(struct sink *sink, uint32_t ns)
{
    char digits[16];
    int len = snprintf(digits, sizeof digits, ".%09u", ns);

    while (ns != 0 && digits[len - 1] == '0') {
        len--;
    }
    sink_put(sink, digits, ns != 0 ? (size_t)len : 0);
}

void moment_put(struct sink *sink, int64_t seconds, uint32_t ns)
{
    struct moment_civil c = moment_split(seconds);

    sink_print(sink, "%04lld-%02d-%02dT%02d:%02d:%02d", (long long)c.year, c.month, c.day, c.hour,
               c.minute, c.second);
    put_fraction(sink, ns);
    sink_char(sink, 'Z');
}

static const struct {
    char text[4];
    int64_t ns;
} units[] = {{"ns", 1},
             {"us", 1000},
             {"\xc2\xb5s", 1000},
             {"\xce\xbcs", 1000},
             {"ms", 1000000},
             {"s", MOMENT_SECOND},
             {"m", 60ll * MOMENT_SECOND},
             {"h", 3600ll * MOMENT_SECOND}};

/* The unit's name runs up to the next digit or point. 0: unknown. */
static int64_t take_unit(struct cxd_bytes *text)
{
    size_t len = 0;

    while (len < text->len && text->ptr[len] != '.' &&
           (text->ptr[len] < '0' || text->ptr[len] > '9')) {
        len++;
    }
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (len == strnlen(units[i].text, sizeof units[i].text) &&
            memcmp(units[i].text, text->ptr, len) == 0) {
            text->ptr += len;
            text->len -= len;
            return units[i].ns;
        }
    }
    return 0;
}

/* "1.5h": added to *total, which counts downwards so that the least span fits. */
static bool take_part(struct cxd_bytes *text, int64_t *total)
{
    uint64_t whole = 0;
    uint64_t fraction = 0;
    uint64_t scale = 1;
    size_t digits = 0;
    int64_t unit;
    uint64_t part;

    for (; text->len > 0 && text->ptr[0] >= '0' && text->ptr[0] <= '9'; digits++) {
        if (__builtin_mul_overflow(whole, 10u, &whole) ||
            __builtin_add_overflow(whole, (unsigned)(text->ptr[0] - '0'), &whole)) {
            return false;
        }
        text->ptr++;
        text->len--;
    }
    if (text->len > 0 && text->ptr[0] == '.') {
        text->ptr++;
        text->len--;
        for (; text->len > 0 && text->ptr[0] >= '0' && text->ptr[0] <= '9'; digits++) {
            if (scale < 1000000000000000ull) {
                fraction = fraction * 10 + (unsigned)(text->ptr[0] - '0');
                scale *= 10;
            }
            text->ptr++;
            text->len--;
        }
    }
    unit = digits > 0 ? take_unit(text) : 0;
    if (unit == 0 || __builtin_mul_overflow(whole, (uint64_t)unit, &part)) {
        return false;
    }
    part += (uint64_t)((__uint128_t)fraction * (uint64_t)unit / scale);
    return part <= (uint64_t)INT64_MAX + 1 &&
           !__builtin_sub_overflow(*total, (int64_t)(part - 1), total) &&
           !__builtin_sub_overflow(*total, 1, total);
}

bool moment_read_span(struct cxd_bytes text, int64_t *ret_ns)
{
    int64_t total = 0; /* negative */
    bool negative = text.len > 0 && text.ptr[0] == '-';

    if (text.len > 0 && (text.ptr[0] == '-' || text.ptr[0] == '+')) {
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
        if (!take_part(&text, &total)) {
            return false;
        }
    }
    if (!negative && total == INT64_MIN) {
        return false;
    }
    *ret_ns = negative ? total : -total;
    return true;
}

void moment_put_span(struct sink *sink, int64_t ns)
{
    uint64_t magnitude = ns < 0 ? 0 - (uint64_t)ns : (uint64_t)ns;

    sink_print(sink, "%s%llu", ns < 0 ? "-" : "", (unsigned long long)(magnitude / MOMENT_SECOND));
    put_fraction(sink, (uint32_t)(magnitude % MOMENT_SECOND));
    sink_char(sink, 's');
}

bool moment_add(struct value at, int64_t ns, struct value *ret)
{
    int64_t whole = floor_div(ns, MOMENT_SECOND);
    int64_t rest = ns - whole * MOMENT_SECOND + at.len;
    int64_t seconds;

    if (rest >= MOMENT_SECOND) {
        rest -= MOMENT_SECOND;
        whole++;
    }
    if (__builtin_add_overflow(at.i, whole, &seconds)) {
        return false;
    }
    *ret = value_timestamp(seconds, (uint32_t)rest);
    return true;
}

bool moment_between(struct value a, struct value b, int64_t *ret_ns)
{
    int64_t seconds;

    return !__builtin_sub_overflow(a.i, b.i, &seconds) &&
           !__builtin_mul_overflow(seconds, (int64_t)MOMENT_SECOND, ret_ns) &&
           !__builtin_add_overflow(*ret_ns, (int64_t)a.len - (int64_t)b.len, ret_ns);
}
