/* clock.c: clock_gettime, and the calendar without the C library's locale and time zone. */
#include "base/clock.h"

#include <time.h>

static int64_t clock_read_ms(clockid_t id)
{
    struct timespec now;

    (void)clock_gettime(id, &now); /* both clocks exist on every Linux */
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t clock_mono_ms(void)
{
    return clock_read_ms(CLOCK_MONOTONIC);
}

int64_t clock_wall_ms(void)
{
    return clock_read_ms(CLOCK_REALTIME);
}

struct date {
    int64_t year;
    unsigned month;
    unsigned day;
};

/* Days since 1970 to a Gregorian date, by 400-year eras that start on 1 March. */
static struct date date_from_days(int64_t days)
{
    int64_t shifted = days + 719468;
    int64_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
    unsigned day_of_era = (unsigned)(shifted - era * 146097);
    unsigned year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    unsigned day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    unsigned month = (5 * day_of_year + 2) / 153;
    struct date d = {.year = (int64_t)year_of_era + era * 400,
                     .month = month < 10 ? month + 3 : month - 9,
                     .day = day_of_year - (153 * month + 2) / 5 + 1};

    d.year += d.month <= 2;
    return d;
}

static char *digits_put(char *at, unsigned value, int width)
{
    for (int i = width - 1; i >= 0; i--) {
        at[i] = (char)('0' + value % 10);
        value /= 10;
    }
    return at + width;
}

void clock_format(int64_t wall_ms, char out[CLOCK_TEXT_SIZE])
{
    const int64_t min_ms = -62167219200000; /* 0000-01-01 */
    const int64_t max_ms = 253402300799999; /* 9999-12-31 */
    int64_t clamped = wall_ms < min_ms ? min_ms : wall_ms > max_ms ? max_ms : wall_ms;
    int64_t days = clamped / 86400000;
    int64_t ms = clamped % 86400000;
    struct date d;
    char *at = out;

    if (ms < 0) {
        ms += 86400000;
        days--;
    }
    d = date_from_days(days);
    at = digits_put(at, (unsigned)d.year, 4);
    *at++ = '-';
    at = digits_put(at, d.month, 2);
    *at++ = '-';
    at = digits_put(at, d.day, 2);
    *at++ = 'T';
    at = digits_put(at, (unsigned)(ms / 3600000), 2);
    *at++ = ':';
    at = digits_put(at, (unsigned)(ms / 60000 % 60), 2);
    *at++ = ':';
    at = digits_put(at, (unsigned)(ms / 1000 % 60), 2);
    *at++ = '.';
    at = digits_put(at, (unsigned)(ms % 1000), 3);
    *at++ = 'Z';
    *at = '\0';
}
