/* func_date.c: now, and times from texts and numbers. Thread: the run's. */
#include "template/eval.h"

static bool ret_time(struct value *ret, struct gotime t)
{
    *ret = (struct value){.kind = VALUE_TIME, .time = t};
    return true;
}

static bool date_now(struct call *c, struct value *ret)
{
    int64_t ms = c->heap->host->wall_ms(c->heap->self);
    struct gotime now = gotime_utc(ms / 1000, ms % 1000 * 1000000);

    return ret_time(ret, c->count > 0 ? gotime_add(&now, c->args[0].number) : now);
}

static struct cxd_bytes date_layout(struct call *c, size_t index)
{
    return gotime_layout(c->count > index ? c->args[index].bytes : CXD_LIT("RFC3339"));
}

static struct gotime date_zero(void)
{
    return gotime_utc(GOTIME_ZERO_SEC, 0);
}

static bool date_parse(struct call *c, struct value *ret)
{
    struct gotime t;

    if (!gotime_parse(date_layout(c, 1), c->args[0].bytes, 0, "UTC", &t)) {
        return ret_time(ret, date_zero()); /* the original gives no error either */
    }
    return ret_time(ret, gotime_utc(t.sec, t.nsec));
}

/* A text without zone of its own is a time on the clocks of that zone. */
static bool date_parse_in(struct call *c, struct value *ret)
{
    char zone[8];
    int32_t offset = 0;
    struct gotime t;

    if (!zone_find(c->args[1].bytes, 0, &offset, zone) ||
        !gotime_parse(date_layout(c, 2), c->args[0].bytes, 0, "UTC", &t)) {
        return ret_time(ret, date_zero());
    }
    if (zone_find(c->args[1].bytes, t.sec, &offset, zone) &&
        zone_find(c->args[1].bytes, t.sec - offset, &offset, zone) &&
        gotime_parse(date_layout(c, 2), c->args[0].bytes, offset, zone, &t)) {
        return ret_time(ret, gotime_utc(t.sec, t.nsec));
    }
    return ret_time(ret, date_zero());
}

static bool date_format(struct call *c, struct value *ret)
{
    struct text text;

    call_text(c, &text);
    gotime_format(&c->args[0].time, date_layout(c, 1), &text);
    return call_text_done(c, &text, ret);
}

static bool date_duration(struct call *c, struct value *ret)
{
    int64_t ns = 0;

    (void)duration_parse(c->args[0].bytes, &ns); /* nothing that can be read is no time at all */
    *ret = (struct value){.kind = VALUE_DURATION, .number = ns};
    return true;
}

static bool date_of(struct call *c, int64_t per_second, struct value *ret)
{
    int64_t number = 0;

    (void)value_as_int(&c->args[0], &number);
    return ret_time(
        ret, gotime_utc(number / per_second, number % per_second * (1000000000 / per_second)));
}

static bool date_timestamp(struct call *c, struct value *ret)
{
    return date_of(c, 1, ret);
}
static bool date_timestamp_milli(struct call *c, struct value *ret)
{
    return date_of(c, 1000, ret);
}
static bool date_timestamp_nano(struct call *c, struct value *ret)
{
    return date_of(c, 1000000000, ret);
}

const struct func func_date[] = {
    {"now", date_now, "d", 0, false},
    {"formatDate", date_format, "ts", 1, false},
    {"parseDate", date_parse, "ss", 1, false},
    {"parseDateInTZ", date_parse_in, "sss", 2, false},
    {"parseDuration", date_duration, "s", 1, false},
    {"parseTimestamp", date_timestamp, "i", 1, false},
    {"parseTimestampMilli", date_timestamp_milli, "i", 1, false},
    {"parseTimestampNano", date_timestamp_nano, "i", 1, false},
    {NULL, NULL, NULL, 0, false},
};
