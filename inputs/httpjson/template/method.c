/*
 * method.c: what hangs on values: methods of times, durations, headers, parameters and URLs. Thread: the run's.
 */
#include "template/eval.h"

#include "template/query.h"

static bool ret_int(struct value *ret, int64_t number)
{
    *ret = value_int(number);
    return true;
}
static bool ret_int64(struct value *ret, int64_t number)
{
    *ret = value_int64(number);
    return true;
}

#define TIME(c) (&(c)->args[0].time)
#define TIME_PART(name, expression)                                                                \
    static bool time_##name(struct call *c, struct value *ret)                                     \
    {                                                                                              \
        struct gotime_parts p = gotime_parts(TIME(c));                                             \
                                                                                                   \
        return ret_int(ret, (expression));                                                         \
    }

TIME_PART(year, p.year)
TIME_PART(day, p.day)
TIME_PART(hour, p.hour)
TIME_PART(minute, p.minute)
TIME_PART(second, p.second)
TIME_PART(yearday, p.yearday)

static bool time_nanosecond(struct call *c, struct value *ret)
{
    return ret_int(ret, TIME(c)->nsec);
}

static bool time_month(struct call *c, struct value *ret)
{
    *ret = (struct value){.kind = VALUE_MONTH, .number = gotime_parts(TIME(c)).month};
    return true;
}

static bool time_weekday(struct call *c, struct value *ret)
{
    *ret = (struct value){.kind = VALUE_WEEKDAY, .number = gotime_parts(TIME(c)).weekday};
    return true;
}

/* Wraps around as Go's does, without undefined steps. */
static int64_t time_scaled(const struct gotime *t, uint64_t per_second)
{
    return (int64_t)((uint64_t)t->sec * per_second +
                     (uint64_t)t->nsec / (UINT64_C(1000000000) / per_second));
}

static bool time_unix(struct call *c, struct value *ret)
{
    return ret_int64(ret, TIME(c)->sec);
}
static bool time_unix_milli(struct call *c, struct value *ret)
{
    return ret_int64(ret, time_scaled(TIME(c), 1000));
}
static bool time_unix_micro(struct call *c, struct value *ret)
{
    return ret_int64(ret, time_scaled(TIME(c), 1000000));
}
static bool time_unix_nano(struct call *c, struct value *ret)
{
    return ret_int64(ret, time_scaled(TIME(c), 1000000000));
}

static bool ret_time(struct value *ret, struct gotime t)
{
    *ret = (struct value){.kind = VALUE_TIME, .time = t};
    return true;
}

static bool time_utc(struct call *c, struct value *ret)
{
    return ret_time(ret, gotime_utc(TIME(c)->sec, TIME(c)->nsec));
}

static bool time_add(struct call *c, struct value *ret)
{
    return ret_time(ret, gotime_add(TIME(c), c->args[1].number));
}

static bool time_add_date(struct call *c, struct value *ret)
{
    struct gotime_parts p = gotime_parts(TIME(c));
    struct gotime t = *TIME(c);
    int64_t add[3];

    for (size_t i = 0; i < 3; i++) {
        (void)value_as_int(&c->args[i + 1], &add[i]);
        if (add[i] > 4000000 || add[i] < -4000000) {
            return call_fail(c, CXD_MALFORMED, "out of range");
        }
    }
    t.sec = gotime_days(p.year + add[0], p.month + add[1], 1) * 86400 +
            (p.day - 1 + add[2]) * 86400 + p.hour * 3600 + p.minute * 60 + p.second - t.offset;
    return ret_time(ret, t);
}

static bool ret_duration(struct value *ret, int64_t ns)
{
    *ret = (struct value){.kind = VALUE_DURATION, .number = ns};
    return true;
}

static bool time_sub(struct call *c, struct value *ret)
{
    return ret_duration(ret, gotime_sub(TIME(c), &c->args[1].time));
}

/* Nanoseconds since Go's zero time, modulo unit. */
static int64_t time_rest(const struct gotime *t, int64_t unit)
{
    __int128 ns = ((__int128)t->sec - GOTIME_ZERO_SEC) * 1000000000 + t->nsec;
    int64_t rest = (int64_t)(ns % unit);

    return rest < 0 ? rest + unit : rest;
}

static bool time_truncate(struct call *c, struct value *ret)
{
    int64_t unit = c->args[1].number;

    return ret_time(ret, unit <= 0 ? *TIME(c) : gotime_add(TIME(c), -time_rest(TIME(c), unit)));
}

static bool time_round(struct call *c, struct value *ret)
{
    int64_t unit = c->args[1].number;
    int64_t rest = unit > 0 ? time_rest(TIME(c), unit) : 0;

    return ret_time(ret, gotime_add(TIME(c), rest < unit - rest ? -rest
                                             : unit > 0         ? unit - rest
                                                                : 0));
}

static bool time_before(struct call *c, struct value *ret)
{
    *ret = value_bool(gotime_compare(TIME(c), &c->args[1].time) < 0);
    return true;
}
static bool time_after(struct call *c, struct value *ret)
{
    *ret = value_bool(gotime_compare(TIME(c), &c->args[1].time) > 0);
    return true;
}
static bool time_equal(struct call *c, struct value *ret)
{
    *ret = value_bool(gotime_compare(TIME(c), &c->args[1].time) == 0);
    return true;
}
static bool time_is_zero(struct call *c, struct value *ret)
{
    *ret = value_bool(gotime_is_zero(TIME(c)));
    return true;
}

static bool time_format(struct call *c, struct value *ret)
{
    struct text text;

    call_text(c, &text);
    gotime_format(TIME(c), c->args[1].bytes, &text);
    return call_text_done(c, &text, ret);
}

static bool any_string(struct call *c, struct value *ret)
{
    struct text text;

    call_text(c, &text);
    format_value(c->run, &c->args[0], &text);
    return call_text_done(c, &text, ret);
}

static const struct func method_time[] = {
    {"Unix", time_unix, "t", 1, false},
    {"UnixMilli", time_unix_milli, "t", 1, false},
    {"UnixMicro", time_unix_micro, "t", 1, false},
    {"UnixNano", time_unix_nano, "t", 1, false},
    {"Format", time_format, "ts", 2, false},
    {"String", any_string, "t", 1, false},
    {"Add", time_add, "td", 2, false},
    {"AddDate", time_add_date, "tiii", 4, false},
    {"Sub", time_sub, "tt", 2, false},
    {"Truncate", time_truncate, "td", 2, false},
    {"Round", time_round, "td", 2, false},
    {"UTC", time_utc, "t", 1, false},
    {"Local", time_utc, "t", 1, false}, /* an agent's local time is UTC */
    {"Year", time_year, "t", 1, false},
    {"Month", time_month, "t", 1, false},
    {"Day", time_day, "t", 1, false},
    {"Hour", time_hour, "t", 1, false},
    {"Minute", time_minute, "t", 1, false},
    {"Second", time_second, "t", 1, false},
    {"Nanosecond", time_nanosecond, "t", 1, false},
    {"Weekday", time_weekday, "t", 1, false},
    {"YearDay", time_yearday, "t", 1, false},
    {"Before", time_before, "tt", 2, false},
    {"After", time_after, "tt", 2, false},
    {"Equal", time_equal, "tt", 2, false},
    {"IsZero", time_is_zero, "t", 1, false},
    {NULL, NULL, NULL, 0, false},
};

static bool ret_real(struct value *ret, double real)
{
    *ret = (struct value){.kind = VALUE_FLOAT, .real = real};
    return true;
}

static bool duration_hours(struct call *c, struct value *ret)
{
    return ret_real(ret, (double)c->args[0].number / 3600e9);
}
static bool duration_minutes(struct call *c, struct value *ret)
{
    return ret_real(ret, (double)c->args[0].number / 60e9);
}
static bool duration_seconds(struct call *c, struct value *ret)
{
    return ret_real(ret, (double)c->args[0].number / 1e9);
}
static bool duration_milli(struct call *c, struct value *ret)
{
    return ret_int64(ret, c->args[0].number / 1000000);
}
static bool duration_micro(struct call *c, struct value *ret)
{
    return ret_int64(ret, c->args[0].number / 1000);
}
static bool duration_nano(struct call *c, struct value *ret)
{
    return ret_int64(ret, c->args[0].number);
}
static bool duration_truncate(struct call *c, struct value *ret)
{
    int64_t unit = c->args[1].number;
    int64_t ns = c->args[0].number;

    return ret_duration(ret, unit > 0 ? ns - ns % unit : ns);
}

static const struct func method_duration[] = {
    {"Hours", duration_hours, "d", 1, false},
    {"Minutes", duration_minutes, "d", 1, false},
    {"Seconds", duration_seconds, "d", 1, false},
    {"Milliseconds", duration_milli, "d", 1, false},
    {"Microseconds", duration_micro, "d", 1, false},
    {"Nanoseconds", duration_nano, "d", 1, false},
    {"Truncate", duration_truncate, "dd", 2, false},
    {"String", any_string, "d", 1, false},
    {NULL, NULL, NULL, 0, false},
};

static bool multi_get_method(struct call *c, struct value *ret)
{
    struct cxd_bytes found = multi_get(c->args[0].multi, c->args[1].bytes);

    *ret = value_string(found.ptr != NULL ? found : (struct cxd_bytes){"", 0});
    return true;
}

static bool multi_has(struct call *c, struct value *ret)
{
    *ret = value_bool(multi_get(c->args[0].multi, c->args[1].bytes).ptr != NULL);
    return true;
}

static bool multi_values(struct call *c, struct value *ret)
{
    (void)multi_all(c->scratch, c->args[0].multi, c->args[1].bytes, ret);
    return true;
}

static bool multi_encode(struct call *c, struct value *ret)
{
    struct text text;

    call_text(c, &text);
    query_encode(c->scratch, c->args[0].multi, &text);
    return call_text_done(c, &text, ret);
}

static const struct func method_header[] = {
    {"Get", multi_get_method, "as", 2, false},
    {"Values", multi_values, "as", 2, false},
    {NULL, NULL, NULL, 0, false},
};
static const struct func method_values[] = {
    {"Get", multi_get_method, "as", 2, false},
    {"Has", multi_has, "as", 2, false},
    {"Encode", multi_encode, "a", 1, false},
    {NULL, NULL, NULL, 0, false},
};

#define URL_PART(name, expression)                                                                 \
    static bool url_##name(struct call *c, struct value *ret)                                      \
    {                                                                                              \
        struct query_url u;                                                                        \
                                                                                                   \
        query_split(c->args[0].bytes, &u);                                                         \
        *ret = value_string(expression);                                                           \
        return true;                                                                               \
    }

URL_PART(scheme, u.scheme)
URL_PART(host, u.host)
URL_PART(hostname, query_hostname(u.host))
URL_PART(port, query_port(u.host))
URL_PART(raw_path, u.path)
URL_PART(raw_query, u.query)
URL_PART(fragment, u.fragment)
URL_PART(path, query_unescape(c->scratch, u.path, false))

static bool url_query(struct call *c, struct value *ret)
{
    struct query_url u;
    struct multi *params = region_alloc(c->scratch, sizeof *params);

    query_split(c->args[0].bytes, &u);
    if (params == NULL || !query_decode(c->scratch, u.query, params)) {
        return eval_check_memory(c->eval);
    }
    *ret = (struct value){.kind = VALUE_MULTI, .multi = params};
    return true;
}

/* Go's url.URL, and the two names that the input's documents use for its parts. */
static const struct func method_url[] = {
    {"String", any_string, "a", 1, false},     {"value", any_string, "a", 1, false},
    {"params", url_query, "a", 1, false},      {"Query", url_query, "a", 1, false},
    {"Scheme", url_scheme, "a", 1, false},     {"Host", url_host, "a", 1, false},
    {"Hostname", url_hostname, "a", 1, false}, {"Port", url_port, "a", 1, false},
    {"Path", url_path, "a", 1, false},         {"EscapedPath", url_raw_path, "a", 1, false},
    {"RawPath", url_raw_path, "a", 1, false},  {"RawQuery", url_raw_query, "a", 1, false},
    {"Fragment", url_fragment, "a", 1, false}, {NULL, NULL, NULL, 0, false},
};
static const struct func method_named[] = {
    {"String", any_string, "a", 1, false},
    {NULL, NULL, NULL, 0, false},
};

static const struct func *method_table(const struct value *of)
{
    switch (of->kind) {
    case VALUE_TIME:
        return method_time;
    case VALUE_DURATION:
        return method_duration;
    case VALUE_MULTI:
        return of->multi->is_header ? method_header : method_values;
    case VALUE_URL:
        return method_url;
    case VALUE_MONTH:
    case VALUE_WEEKDAY:
        return method_named;
    default:
        return NULL;
    }
}

bool method_find(const struct value *of, struct cxd_bytes name, const struct func **ret)
{
    for (const struct func *f = method_table(of); f != NULL && f->name != NULL; f++) {
        if (strlen(f->name) == name.len && memcmp(f->name, name.ptr, name.len) == 0) {
            *ret = f;
            return true;
        }
    }
    return false;
}
