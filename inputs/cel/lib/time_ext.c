/* time_ext.c: the time functions of programs. */
#include "../lang/moment.h"
#include "../lang/services.h"
#include "catalog.h"
#include "layout.h"

static struct value now(struct run *run, const struct value *args, uint32_t count)
{
    int64_t ns;

    (void)args;
    (void)count;
    if (run->services == NULL || run->services->wall_ns == NULL) {
        return run_fail(run, "the clock is not available here");
    }
    ns = run->services->wall_ns(run->services->ctx);
    return value_timestamp(ns / MOMENT_SECOND, (uint32_t)(ns % MOMENT_SECOND));
}

static struct value format(struct run *run, const struct value *args, uint32_t count)
{
    struct sink out = sink_on(run->pool);

    (void)count;
    if (args[1].kind != VALUE_STRING) {
        return run_no_overload(run);
    }
    if (!run_spend(run, 2 + args[1].len / 2)) {
        return run_fatal(run);
    }
    layout_put(&out, value_range(args[1]), args[0].i, args[0].len);
    return run_text(run, &out);
}

static struct value parse_time(struct run *run, const struct value *args, uint32_t count)
{
    struct value layouts = args[1].kind == VALUE_STRING ? value_list(&args[1], 1) : args[1];
    struct sink why = sink_on(run->pool);
    int64_t seconds = 0;
    uint32_t ns = 0;

    (void)count;
    if (layouts.kind != VALUE_LIST) {
        return run_no_overload(run);
    }
    for (uint32_t i = 0; i < layouts.len; i++) {
        if (layouts.items[i].kind != VALUE_STRING) {
            return run_no_overload(run);
        }
        if (!run_spend(run, 2 + layouts.items[i].len / 2)) {
            return run_fatal(run);
        }
        if (layout_read(value_range(layouts.items[i]), value_range(args[0]), &seconds, &ns, &why)) {
            return value_timestamp(seconds, ns);
        }
    }
    if (args[1].kind == VALUE_STRING && !why.failed) {
        return run_fail(run, "failed %.*s", (int)why.len, why.text);
    }
    return run_fail(run, "failed to parse %.*s with any provided layout", (int)args[0].len,
                    args[0].text);
}

/* What is above the last multiple of `by`, as nanoseconds; instants count from year 1, as Go's do. */
static int64_t above(struct value v, int64_t by)
{
    __int128 whole = v.kind == VALUE_DURATION
                         ? (__int128)v.i
                         : ((__int128)v.i - MOMENT_MIN) * MOMENT_SECOND + v.len;
    __int128 rest = whole % by;

    return (int64_t)(v.kind == VALUE_TIMESTAMP && rest < 0 ? rest + by : rest);
}

static struct value moved(struct run *run, struct value v, int64_t by)
{
    struct value result = v;

    if (v.kind == VALUE_DURATION) {
        if (__builtin_add_overflow(v.i, by, &result.i)) { /* Go stops at the ends */
            result.i = by > 0 ? INT64_MAX : INT64_MIN;
        }
        return result;
    }
    return moment_add(v, by, &result) ? result : run_fail(run, "timestamp overflow");
}

static struct value truncate(struct run *run, const struct value *args, uint32_t count)
{
    (void)count;
    if (args[1].kind != VALUE_DURATION) {
        return run_no_overload(run);
    }
    return args[1].i <= 0 ? args[0] : moved(run, args[0], -above(args[0], args[1].i));
}

/* To the nearest multiple; halves go away from zero (up, for instants). */
static struct value round_to(struct run *run, const struct value *args, uint32_t count)
{
    int64_t by = args[1].i;
    int64_t rest;

    (void)count;
    if (args[1].kind != VALUE_DURATION) {
        return run_no_overload(run);
    }
    if (by <= 0) {
        return args[0];
    }
    rest = above(args[0], by);
    if (rest < 0) {
        return moved(run, args[0], -rest < by - -rest ? -rest : -(by + rest));
    }
    return moved(run, args[0], rest < by - rest ? -rest : by - rest);
}

#define EITHER (VALUE_MASK(VALUE_TIMESTAMP) | VALUE_MASK(VALUE_DURATION))

const struct function layout_functions[] = {
    {"now", FUNCTION_FREE, 0, 0, 0, now},
    {"format", FUNCTION_METHOD, 2, 2, VALUE_MASK(VALUE_TIMESTAMP), format},
    {"parse_time", FUNCTION_METHOD, 2, 2, VALUE_MASK(VALUE_STRING), parse_time},
    {"truncate", FUNCTION_METHOD, 2, 2, EITHER, truncate},
    {"round", FUNCTION_METHOD, 2, 2, EITHER, round_to},
    {NULL}};
