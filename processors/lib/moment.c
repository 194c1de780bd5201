/* moment.c: days counted from the first of March, so that the odd month comes last. */
#include "lib/moment.h"

#include <stdio.h>

#define DAY_SECONDS 86400
#define ERA_DAYS 146097 /* 400 years */

int moment_days_in(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return month == 2 && is_leap ? 29 : days[month - 1];
}

static int64_t days_since_1970(int year, int month, int day)
{
    int64_t y = year - (month <= 2);
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t year_of_era = y - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

    return era * ERA_DAYS + day_of_era - 719468;
}

bool moment_make(const struct moment_parts *parts, int64_t nanos, struct moment *ret_moment)
{
    if (parts->year < 0 || parts->year > 9999 || parts->month < 1 || parts->month > 12 ||
        parts->day < 1 || parts->day > moment_days_in(parts->year, parts->month) ||
        parts->hour < 0 || parts->hour > 23 || parts->minute < 0 || parts->minute > 59 ||
        parts->second < 0 || parts->second > 59 || nanos < 0 || nanos > 999999999) {
        return false;
    }
    *ret_moment = (struct moment){
        .seconds = days_since_1970(parts->year, parts->month, parts->day) * DAY_SECONDS +
                   parts->hour * 3600 + parts->minute * 60 + parts->second,
        .nanos = nanos};
    return true;
}

void moment_split(int64_t seconds, struct moment_parts *ret_parts)
{
    int64_t days = seconds / DAY_SECONDS - (seconds % DAY_SECONDS < 0);
    int64_t rest = seconds - days * DAY_SECONDS;
    int64_t shifted = days + 719468;
    int64_t era = (shifted >= 0 ? shifted : shifted - ERA_DAYS + 1) / ERA_DAYS;
    int64_t day_of_era = shifted - era * ERA_DAYS;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month = (5 * day_of_year + 2) / 153;

    ret_parts->day = (int)(day_of_year - (153 * month + 2) / 5 + 1);
    ret_parts->month = (int)(month < 10 ? month + 3 : month - 9);
    ret_parts->year = (int)(year_of_era + era * 400 + (ret_parts->month <= 2));
    ret_parts->hour = (int)(rest / 3600);
    ret_parts->minute = (int)(rest / 60 % 60);
    ret_parts->second = (int)(rest % 60);
}

size_t moment_print(const struct moment *moment, char out[MOMENT_TEXT_MAX])
{
    struct moment_parts p;
    int len;

    if (moment->seconds < -62167219200 || moment->seconds > 253402300799) {
        return 0;
    }
    moment_split(moment->seconds, &p);
    len = snprintf(out, MOMENT_TEXT_MAX, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", p.year % 10000,
                   p.month, p.day, p.hour, p.minute, p.second, (int)(moment->nanos / 1000000));
    return (size_t)len;
}
