/* zone_rule.c: see the header. */
#include "zone_rule.h"

#include "lib/moment.h"

#include <string.h>

#define DAY_SECONDS 86400

struct reading {
    struct cxd_bytes text;
    size_t at;
};

static char peek(const struct reading *rd)
{
    return rd->at < rd->text.len ? rd->text.ptr[rd->at] : '\0';
}

static bool take(struct reading *rd, char c)
{
    bool is_there = peek(rd) == c && c != '\0';

    rd->at += is_there;
    return is_there;
}

static bool number_take(struct reading *rd, int max, int *ret_number)
{
    int number = 0;
    size_t start = rd->at;

    while (peek(rd) >= '0' && peek(rd) <= '9' && rd->at - start < 4) {
        number = number * 10 + (rd->text.ptr[rd->at++] - '0');
    }
    *ret_number = number;
    return rd->at > start && number <= max;
}

/* Letters, or anything between < and >. */
static bool name_take(struct reading *rd)
{
    size_t start = rd->at;

    if (take(rd, '<')) {
        while (peek(rd) != '>' && peek(rd) != '\0') {
            rd->at++;
        }
        return take(rd, '>');
    }
    while ((peek(rd) | 0x20) >= 'a' && (peek(rd) | 0x20) <= 'z') {
        rd->at++;
    }
    return rd->at - start >= 3;
}

/* [+-]h[h][:mm[:ss]] */
static bool clock_take(struct reading *rd, int *ret_seconds)
{
    int sign = peek(rd) == '-' ? -1 : 1;
    int part = 0;
    int seconds;

    if (peek(rd) == '-' || peek(rd) == '+') {
        rd->at++;
    }
    if (!number_take(rd, 167, &part)) {
        return false;
    }
    seconds = part * 3600;
    for (int unit = 60; unit >= 1 && take(rd, ':'); unit /= 60) {
        if (!number_take(rd, 59, &part)) {
            return false;
        }
        seconds += part * unit;
    }
    *ret_seconds = sign * seconds;
    return true;
}

static bool day_take(struct reading *rd, struct zone_day *day)
{
    bool is_read;

    *day = (struct zone_day){.kind = '0', .seconds = 7200};
    if (take(rd, 'M')) {
        day->kind = 'M';
        is_read = number_take(rd, 12, &day->month) && day->month > 0 && take(rd, '.') &&
                  number_take(rd, 5, &day->week) && day->week > 0 && take(rd, '.') &&
                  number_take(rd, 6, &day->day);
    } else {
        day->kind = take(rd, 'J') ? 'J' : '0';
        is_read = number_take(rd, 365, &day->day);
    }
    return is_read && (!take(rd, '/') || clock_take(rd, &day->seconds));
}

bool zone_rule_read(struct cxd_bytes text, struct zone_rule *ret_rule)
{
    struct reading rd = {.text = text};
    struct zone_rule rule = {.has_summer = false};

    if (!name_take(&rd) || !clock_take(&rd, &rule.standard)) {
        return false;
    }
    rule.standard = -rule.standard; /* POSIX counts westwards */
    rule.summer = rule.standard + 3600;
    if (rd.at < text.len) {
        rule.has_summer = name_take(&rd);
        if (rule.has_summer && peek(&rd) != ',') {
            rule.has_summer = clock_take(&rd, &rule.summer);
            rule.summer = -rule.summer;
        }
        if (!rule.has_summer || !take(&rd, ',') || !day_take(&rd, &rule.begin) || !take(&rd, ',') ||
            !day_take(&rd, &rule.end)) {
            return false;
        }
    }
    *ret_rule = rule;
    return rd.at == text.len;
}

/* Midnight of 1 January, as seconds since 1970. */
static int64_t year_start(int year)
{
    struct moment_parts parts = {.year = year, .month = 1, .day = 1};
    struct moment moment = {0, 0};

    (void)moment_make(&parts, 0, &moment);
    return moment.seconds;
}

/* When it is that day in the year, by clocks that never were moved. */
static int64_t day_start(const struct zone_day *day, int year)
{
    struct moment_parts parts = {.year = year, .month = day->month, .day = 1};
    struct moment first = {0, 0};
    int64_t weekday;
    int64_t date;

    if (day->kind == '0') {
        return year_start(year) + (int64_t)day->day * DAY_SECONDS;
    }
    if (day->kind == 'J') {
        int leap = day->day >= 60 && moment_days_in(year, 2) == 29;
        return year_start(year) + (int64_t)(day->day - 1 + leap) * DAY_SECONDS;
    }
    (void)moment_make(&parts, 0, &first);
    weekday = ((first.seconds / DAY_SECONDS) % 7 + 11) % 7; /* 1 January 1970 was a Thursday */
    date = (day->day - weekday + 7) % 7 + (int64_t)(day->week - 1) * 7;
    if (date >= moment_days_in(year, day->month)) {
        date -= 7; /* week 5 is the last */
    }
    return first.seconds + date * DAY_SECONDS;
}

int zone_rule_offset(const struct zone_rule *rule, int64_t seconds)
{
    struct moment_parts parts;
    int64_t begin;
    int64_t end;
    bool is_summer;

    if (!rule->has_summer) {
        return rule->standard;
    }
    moment_split(seconds + rule->standard, &parts);
    if (parts.year < 1 || parts.year > 9998) {
        return rule->standard;
    }
    begin = day_start(&rule->begin, parts.year) + rule->begin.seconds - rule->standard;
    end = day_start(&rule->end, parts.year) + rule->end.seconds - rule->summer;
    is_summer = begin < end ? seconds >= begin && seconds < end : seconds >= begin || seconds < end;
    return is_summer ? rule->summer : rule->standard;
}
