/*
 * stamp.c: RFC 3339 to milliseconds, without the C library's calendar (it knows a locale and a time zone).
 *
 * Pure; any thread.
 */
#include "stamp.h"

/* Days since 1970-01-01 in the proleptic Gregorian calendar; the year starts in March so that February comes last. */
static int64_t stamp_days(int64_t year, int month, int day)
{
    int64_t shifted = year - (month <= 2 ? 1 : 0);
    int64_t era = shifted / 400;
    int64_t of_era = shifted - era * 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

/* Exactly `count` digits at ptr. */
static bool stamp_digits(const char *ptr, int count, int *ret)
{
    int value = 0;

    for (int i = 0; i < count; i++) {
        if (ptr[i] < '0' || ptr[i] > '9') {
            return false;
        }
        value = value * 10 + (ptr[i] - '0');
    }
    *ret = value;
    return true;
}

/* "Z" or "+hh:mm", all of the rest. */
static bool stamp_zone(const char *ptr, size_t len, int *ret_minutes)
{
    int hours;
    int minutes;

    if (len == 1 && (ptr[0] == 'Z' || ptr[0] == 'z')) {
        *ret_minutes = 0;
        return true;
    }
    if (len != 6 || (ptr[0] != '+' && ptr[0] != '-') || ptr[3] != ':' ||
        !stamp_digits(ptr + 1, 2, &hours) || !stamp_digits(ptr + 4, 2, &minutes) || hours > 23 ||
        minutes > 59) {
        return false;
    }
    *ret_minutes = (hours * 60 + minutes) * (ptr[0] == '-' ? -1 : 1);
    return true;
}

bool stamp_parse(const char *ptr, size_t len, int64_t *ret_ms)
{
    int year, month, day, hour, minute, second, zone;
    int milli = 0;
    size_t at = 19;

    if (len < 20 || len > 40 || ptr[4] != '-' || ptr[7] != '-' ||
        (ptr[10] != 'T' && ptr[10] != 't') || ptr[13] != ':' || ptr[16] != ':') {
        return false;
    }
    if (!stamp_digits(ptr, 4, &year) || !stamp_digits(ptr + 5, 2, &month) ||
        !stamp_digits(ptr + 8, 2, &day) || !stamp_digits(ptr + 11, 2, &hour) ||
        !stamp_digits(ptr + 14, 2, &minute) || !stamp_digits(ptr + 17, 2, &second)) {
        return false;
    }
    if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60) {
        return false;
    }
    if (ptr[at] == '.') {
        int weight = 100;

        for (at++; at < len && ptr[at] >= '0' && ptr[at] <= '9'; at++) {
            milli += weight * (ptr[at] - '0');
            weight /= 10;
        }
    }
    if (at >= len || !stamp_zone(ptr + at, len - at, &zone)) {
        return false;
    }
    *ret_ms = ((stamp_days(year, month, day) * 24 + hour) * 60 + minute - zone) * 60000 +
              second * 1000 + milli;
    return true;
}
