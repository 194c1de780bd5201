/*
 * date.c: see date.h. The calendar is Gregorian for all time; days are counted in eras of 400 years.
 */
#include "date.h"

#include "number.h"

#include <stdio.h>
#include <string.h>

#define DAY_SECONDS 86400
#define OFFSET_MAX (18 * 3600)

struct reader {
    const char *at;
    const char *end;
};

static bool take(struct reader *reader, char c)
{
    if (reader->at == reader->end || *reader->at != c) {
        return false;
    }
    reader->at++;
    return true;
}

/* Exactly count digits, at most max. -1: not there. */
static int take_number(struct reader *reader, int count, int max)
{
    int number = 0;

    if (reader->end - reader->at < count) {
        return -1;
    }
    for (int i = 0; i < count; i++) {
        char c = reader->at[i];
        if (c < '0' || c > '9') {
            return -1;
        }
        number = number * 10 + (c - '0');
    }
    if (number > max) {
        return -1;
    }
    reader->at += count;
    return number;
}

static bool is_leap(int64_t year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int month_days(int64_t year, int month)
{
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    return days[month - 1] + (month == 2 && is_leap(year));
}

/* Days since 1970-01-01. The year starts in March here, so that the leap day is its last. */
static int64_t count_days(int64_t year, int month, int day)
{
    int64_t shifted = month <= 2 ? year - 1 : year;
    int64_t era = (shifted >= 0 ? shifted : shifted - 399) / 400;
    int64_t of_era = shifted - era * 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

/* Year, month and day; what is left out is the first. */
static bool take_date(struct reader *reader, int64_t *ret_days)
{
    int year = take_number(reader, 4, 9999);
    int month = 1;
    int day = 1;

    if (year < 0) {
        return false;
    }
    if (take(reader, '-')) {
        month = take_number(reader, 2, 12);
        if (month < 1) {
            return false;
        }
        if (take(reader, '-')) {
            day = take_number(reader, 2, month_days(year, month));
            if (day < 1) {
                return false;
            }
        }
    }
    *ret_days = count_days(year, month, day);
    return true;
}

/* One to nine digits after the point, cut to milliseconds. */
static bool take_fraction(struct reader *reader, int64_t *ms)
{
    int64_t weight = 100;
    int count = 0;

    while (reader->at < reader->end && *reader->at >= '0' && *reader->at <= '9') {
        *ms += (*reader->at++ - '0') * weight;
        weight /= 10;
        count++;
    }
    return count >= 1 && count <= 9;
}

/* Hours, then as many of minutes, seconds and fraction as there are. */
static bool take_time(struct reader *reader, int64_t *ms)
{
    int hour = take_number(reader, 2, 23);
    int part;

    if (hour < 0) {
        return false;
    }
    *ms += (int64_t)hour * 3600000;
    if (!take(reader, ':')) {
        return true;
    }
    part = take_number(reader, 2, 59);
    if (part < 0) {
        return false;
    }
    *ms += (int64_t)part * 60000;
    if (!take(reader, ':')) {
        return true;
    }
    part = take_number(reader, 2, 59);
    if (part < 0) {
        return false;
    }
    *ms += (int64_t)part * 1000;
    if (take(reader, '.') || take(reader, ',')) {
        return take_fraction(reader, ms);
    }
    return true;
}

/* +hh, +hhmm, +hh:mm and the same with seconds, up to 18 hours. */
static bool take_offset(struct reader *reader, int64_t *ret_seconds)
{
    int sign = take(reader, '+') ? 1 : take(reader, '-') ? -1 : 0;
    int hours = sign != 0 ? take_number(reader, 2, 18) : -1;
    int64_t seconds;

    if (hours < 0) {
        return false;
    }
    seconds = (int64_t)hours * 3600;
    for (int64_t weight = 60; weight > 0 && reader->at < reader->end; weight /= 60) {
        int part;
        (void)take(reader, ':');
        part = take_number(reader, 2, 59);
        if (part < 0) {
            return false;
        }
        seconds += part * weight;
    }
    *ret_seconds = sign * seconds;
    return seconds <= OFFSET_MAX;
}

static bool take_zone(struct reader *reader, int64_t *ret_seconds)
{
    static const char *const names[] = {"UTC", "GMT", "UT"};

    *ret_seconds = 0;
    if (reader->at == reader->end || take(reader, 'Z')) {
        return true;
    }
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        size_t len = strlen(names[i]);
        if ((size_t)(reader->end - reader->at) >= len && memcmp(reader->at, names[i], len) == 0) {
            reader->at += len;
            return reader->at == reader->end || take_offset(reader, ret_seconds);
        }
    }
    return take_offset(reader, ret_seconds);
}

bool date_parse_epoch(const char *text, size_t len, int64_t *ret_ms)
{
    return number_parse_decimal(text, len, ret_ms);
}

bool date_parse_iso(const char *text, size_t len, int64_t *ret_ms)
{
    struct reader reader = {text, text + len};
    int64_t offset = 0;
    int64_t days;
    int64_t ms = 0;

    if (!take_date(&reader, &days)) {
        return false;
    }
    if (take(&reader, 'T') && reader.at < reader.end &&
        (!take_time(&reader, &ms) || !take_zone(&reader, &offset))) {
        return false;
    }
    if (reader.at != reader.end) {
        return false;
    }
    *ret_ms = (days * DAY_SECONDS - offset) * 1000 + ms;
    return true;
}

static int64_t floor_divide(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

/* Day count back to a date, by the same eras. */
static void split_days(int64_t days, int64_t *ret_year, int *ret_month, int *ret_day)
{
    int64_t shifted = days + 719468;
    int64_t era = floor_divide(shifted, 146097);
    uint32_t of_era = (uint32_t)(shifted - era * 146097);
    uint32_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    uint32_t of_year = of_era - (365 * year + year / 4 - year / 100);
    uint32_t month = (5 * of_year + 2) / 153;

    *ret_day = (int)(of_year - (153 * month + 2) / 5 + 1);
    *ret_month = (int)(month < 10 ? month + 3 : month - 9);
    *ret_year = year + era * 400 + (*ret_month <= 2);
}

static char *put_two(char *out, unsigned number)
{
    static const char pairs[] =
        "00010203040506070809101112131415161718192021222324252627282930313233343536373839"
        "40414243444546474849505152535455565758596061626364656667686970717273747576777879"
        "8081828384858687888990919293949596979899";

    memcpy(out, pairs + 2 * number, 2);
    return out + 2;
}

size_t date_print(int64_t ms, char *out)
{
    int64_t seconds = floor_divide(ms, 1000);
    int64_t days = floor_divide(seconds, DAY_SECONDS);
    unsigned of_day = (unsigned)(seconds - days * DAY_SECONDS);
    unsigned rest = (unsigned)(ms - seconds * 1000);
    char *at = out;
    int64_t year;
    int month;
    int day;

    split_days(days, &year, &month, &day);
    if (year >= 0 && year <= 9999) {
        at = put_two(put_two(at, (unsigned)year / 100), (unsigned)year % 100);
    } else {
        at += snprintf(at, 16, "%c%04lld", year < 0 ? '-' : '+',
                       (long long)(year < 0 ? -year : year));
    }
    *at++ = '-';
    at = put_two(at, (unsigned)month);
    *at++ = '-';
    at = put_two(at, (unsigned)day);
    *at++ = 'T';
    at = put_two(at, of_day / 3600);
    *at++ = ':';
    at = put_two(at, of_day / 60 % 60);
    *at++ = ':';
    at = put_two(at, of_day % 60);
    *at++ = '.';
    *at++ = (char)('0' + rest / 100);
    at = put_two(at, rest % 100);
    *at++ = 'Z';
    return (size_t)(at - out);
}
