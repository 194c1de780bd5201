/*
 * gotime.c: calendar arithmetic (proleptic Gregorian), Go's own layouts by name, and sums of times. Thread: any.
 */
#include "template/gotime.h"

#define NS INT64_C(1000000000)

const char *const gotime_months[12] = {"January",   "February", "March",    "April",
                                       "May",       "June",     "July",     "August",
                                       "September", "October",  "November", "December"};
const char *const gotime_weekdays[7] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                        "Thursday", "Friday", "Saturday"};

struct gotime gotime_utc(int64_t sec, int64_t nsec)
{
    int64_t carry = nsec / NS - (nsec % NS < 0);

    if (__builtin_add_overflow(sec, carry, &sec)) {
        sec = carry > 0 ? INT64_MAX : INT64_MIN;
    }
    return (struct gotime){.sec = sec, .nsec = (int32_t)(nsec - carry * NS), .zone = "UTC"};
}

struct cxd_bytes gotime_layout(struct cxd_bytes name)
{
    static const struct {
        const char *name;
        const char *layout;
    } layouts[] = {
        {"ANSIC", "Mon Jan _2 15:04:05 2006"},
        {"UnixDate", "Mon Jan _2 15:04:05 MST 2006"},
        {"RubyDate", "Mon Jan 02 15:04:05 -0700 2006"},
        {"RFC822", "02 Jan 06 15:04 MST"},
        {"RFC822Z", "02 Jan 06 15:04 -0700"},
        {"RFC850", "Monday, 02-Jan-06 15:04:05 MST"},
        {"RFC1123", "Mon, 02 Jan 2006 15:04:05 MST"},
        {"RFC1123Z", "Mon, 02 Jan 2006 15:04:05 -0700"},
        {"RFC3339", "2006-01-02T15:04:05Z07:00"},
        {"RFC3339Nano", "2006-01-02T15:04:05.999999999Z07:00"},
        {"Kitchen", "3:04PM"},
    };

    for (size_t i = 0; i < sizeof layouts / sizeof layouts[0]; i++) {
        if (strlen(layouts[i].name) == name.len &&
            memcmp(layouts[i].name, name.ptr, name.len) == 0) {
            return bytes_of(layouts[i].layout);
        }
    }
    return name;
}

bool gotime_is_zero(const struct gotime *t)
{
    return t->sec == GOTIME_ZERO_SEC && t->nsec == 0;
}

int gotime_compare(const struct gotime *a, const struct gotime *b)
{
    if (a->sec != b->sec) {
        return a->sec < b->sec ? -1 : 1;
    }
    return a->nsec < b->nsec ? -1 : a->nsec > b->nsec;
}

struct gotime gotime_add(const struct gotime *t, int64_t ns)
{
    struct gotime sum = gotime_utc(t->sec, (int64_t)t->nsec + ns % NS);

    if (__builtin_add_overflow(sum.sec, ns / NS, &sum.sec)) {
        sum.sec = ns > 0 ? INT64_MAX : INT64_MIN;
    }
    sum.offset = t->offset;
    memcpy(sum.zone, t->zone, sizeof sum.zone);
    return sum;
}

int64_t gotime_sub(const struct gotime *a, const struct gotime *b)
{
    int64_t sec;
    int64_t ns;

    if (__builtin_sub_overflow(a->sec, b->sec, &sec) || __builtin_mul_overflow(sec, NS, &ns) ||
        __builtin_add_overflow(ns, (int64_t)a->nsec - b->nsec, &ns)) {
        return gotime_compare(a, b) < 0 ? INT64_MIN : INT64_MAX;
    }
    return ns;
}

/* Rounds down. */
static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b != 0 && (a < 0) != (b < 0));
}

int64_t gotime_days(int64_t year, int64_t month, int64_t day)
{
    int64_t carry = floor_div(month - 1, 12);
    int64_t era;
    int64_t of_era;
    int64_t of_year;

    year += carry;
    month -= carry * 12;
    year -= month <= 2;
    era = floor_div(year, 400);
    of_era = year - era * 400;
    of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

struct gotime_parts gotime_parts(const struct gotime *t)
{
    struct gotime_parts p;
    int64_t limit =
        INT64_MAX / 4; /* beyond any year that can be written; keeps the sums in range */
    int64_t local = t->sec > limit ? limit : t->sec < -limit ? -limit : t->sec;
    int64_t days;
    int64_t second;
    int64_t era;
    int64_t of_era;
    int64_t year;
    int64_t of_year;
    int64_t month;

    local += t->offset;
    days = floor_div(local, 86400);
    second = local - days * 86400;
    p.hour = (int)(second / 3600);
    p.minute = (int)(second / 60 % 60);
    p.second = (int)(second % 60);
    p.weekday = (int)(((days % 7) + 11) % 7);
    era = floor_div(days + 719468, 146097);
    of_era = days + 719468 - era * 146097;
    year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    of_year = of_era - (365 * year + year / 4 - year / 100);
    month = (5 * of_year + 2) / 153;
    p.day = (int)(of_year - (153 * month + 2) / 5 + 1);
    p.month = (int)(month < 10 ? month + 3 : month - 9);
    p.year = year + era * 400 + (p.month <= 2);
    p.yearday = (int)(days - gotime_days(p.year, 1, 1)) + 1;
    return p;
}
