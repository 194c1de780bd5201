/* standard_time.c: the parts of timestamps, in UTC or a zone, and of durations. */
#include "function.h"
#include "moment.h"
#include "zone.h"

enum part {
    PART_YEAR,
    PART_MONTH,
    PART_DATE,
    PART_DAY,
    PART_WEEKDAY,
    PART_YEARDAY,
    PART_HOUR,
    PART_MINUTE,
    PART_SECOND,
    PART_MILLISECOND
};

static struct value part_of(struct value at, const struct moment_civil *c, enum part part)
{
    switch (part) {
    case PART_YEAR:
        return value_int(c->year);
    case PART_MONTH:
        return value_int(c->month - 1);
    case PART_DATE:
        return value_int(c->day);
    case PART_DAY:
        return value_int(c->day - 1);
    case PART_WEEKDAY:
        return value_int(c->weekday);
    case PART_YEARDAY:
        return value_int(c->yearday);
    case PART_HOUR:
        return value_int(c->hour);
    case PART_MINUTE:
        return value_int(c->minute);
    case PART_SECOND:
        return value_int(c->second);
    default:
        return value_int(at.len / 1000000);
    }
}

static struct value timestamp_part(struct run *run, const struct value *args, uint32_t count,
                                   enum part part)
{
    int32_t offset = 0;
    struct moment_civil civil;

    if (count == 2) {
        if (args[1].kind != VALUE_STRING) {
            return run_no_overload(run);
        }
        if (!run_spend(run, 100) || !zone_offset(value_range(args[1]), args[0].i, &offset)) {
            return run->fatal != NULL
                       ? run_fatal(run)
                       : run_fail(run, "unknown time zone %.*s", (int)args[1].len, args[1].text);
        }
    }
    civil = moment_split(args[0].i + offset);
    return part_of(args[0], &civil, part);
}

static struct value duration_part(struct run *run, const struct value *args, uint32_t count,
                                  enum part part)
{
    int64_t ns = args[0].i;

    if (count != 1) {
        return run_no_overload(run);
    }
    switch (part) {
    case PART_HOUR:
        return value_int(ns / (3600ll * MOMENT_SECOND));
    case PART_MINUTE:
        return value_int(ns / (60ll * MOMENT_SECOND));
    case PART_SECOND:
        return value_int(ns / MOMENT_SECOND);
    default:
        return value_int(ns / 1000000 % 1000); /* the part, as the language says; not the whole */
    }
}

#define TIMESTAMP_PART(name, part)                                                                 \
    static struct value name(struct run *run, const struct value *args, uint32_t count)            \
    {                                                                                              \
        return timestamp_part(run, args, count, part);                                             \
    }
#define BOTH_PART(name, part)                                                                      \
    static struct value name(struct run *run, const struct value *args, uint32_t count)            \
    {                                                                                              \
        return args[0].kind == VALUE_DURATION ? duration_part(run, args, count, part)              \
                                              : timestamp_part(run, args, count, part);            \
    }

TIMESTAMP_PART(get_year, PART_YEAR)
TIMESTAMP_PART(get_month, PART_MONTH)
TIMESTAMP_PART(get_date, PART_DATE)
TIMESTAMP_PART(get_day, PART_DAY)
TIMESTAMP_PART(get_weekday, PART_WEEKDAY)
TIMESTAMP_PART(get_yearday, PART_YEARDAY)
BOTH_PART(get_hours, PART_HOUR)
BOTH_PART(get_minutes, PART_MINUTE)
BOTH_PART(get_seconds, PART_SECOND)
BOTH_PART(get_milliseconds, PART_MILLISECOND)

#define INSTANT VALUE_MASK(VALUE_TIMESTAMP)
#define EITHER (VALUE_MASK(VALUE_TIMESTAMP) | VALUE_MASK(VALUE_DURATION))

const struct function standard_time_functions[] = {
    {"getFullYear", FUNCTION_METHOD, 1, 2, INSTANT, get_year},
    {"getMonth", FUNCTION_METHOD, 1, 2, INSTANT, get_month},
    {"getDate", FUNCTION_METHOD, 1, 2, INSTANT, get_date},
    {"getDayOfMonth", FUNCTION_METHOD, 1, 2, INSTANT, get_day},
    {"getDayOfWeek", FUNCTION_METHOD, 1, 2, INSTANT, get_weekday},
    {"getDayOfYear", FUNCTION_METHOD, 1, 2, INSTANT, get_yearday},
    {"getHours", FUNCTION_METHOD, 1, 2, EITHER, get_hours},
    {"getMinutes", FUNCTION_METHOD, 1, 2, EITHER, get_minutes},
    {"getSeconds", FUNCTION_METHOD, 1, 2, EITHER, get_seconds},
    {"getMilliseconds", FUNCTION_METHOD, 1, 2, EITHER, get_milliseconds},
    {NULL}};
