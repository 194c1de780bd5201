/* date.c: see the header. Years 1970 to 9999. Thread: any. */
#include "date.h"

#include <string.h>

#define DATE_LEN 29u

/* Decimal digits only; -1: something else. */
static int date_number(const char *text, int digits)
{
    int number = 0;

    for (int i = 0; i < digits; i++) {
        if (text[i] < '0' || text[i] > '9') {
            return -1;
        }
        number = number * 10 + (text[i] - '0');
    }
    return number;
}

/* 0 to 11; -1: no month. */
static int date_month(const char *text)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

    for (int i = 0; i < 12; i++) {
        if (memcmp(months + i * 3, text, 3) == 0) {
            return i;
        }
    }
    return -1;
}

/* Days since 1970 of a day in the Gregorian calendar; the year is counted from March, so that the leap day is its last. */
static int64_t date_days(int year, int month, int day)
{
    int64_t y = month < 2 ? year - 1 : year;
    int64_t from_march = (month + 10) % 12;

    return y * 365 + y / 4 - y / 100 + y / 400 + (from_march * 153 + 2) / 5 + day - 719469;
}

bool date_parse(const char *text, int64_t *ret_ms)
{
    int day;
    int month;
    int year;
    int hour;
    int minute;
    int second;

    if (text == NULL || strlen(text) != DATE_LEN || memcmp(text + 3, ", ", 2) != 0 ||
        text[7] != ' ' || text[11] != ' ' || text[16] != ' ' || text[19] != ':' ||
        text[22] != ':' || memcmp(text + 25, " GMT", 4) != 0) {
        return false;
    }
    day = date_number(text + 5, 2);
    month = date_month(text + 8);
    year = date_number(text + 12, 4);
    hour = date_number(text + 17, 2);
    minute = date_number(text + 20, 2);
    second = date_number(text + 23, 2);
    if (day < 1 || day > 31 || month < 0 || year < 1970 || hour < 0 || hour > 23 || minute < 0 ||
        minute > 59 || second < 0 || second > 60) {
        return false;
    }
    *ret_ms = (date_days(year, month, day) * 86400 + hour * 3600 + minute * 60 + second) * 1000;
    return true;
}
