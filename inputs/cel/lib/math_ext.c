/* math_ext.c: the math extension. */
#include "../lang/number.h"
#include "catalog.h"

#include <math.h>

/* Finds the extreme of a list or of the arguments; `sign` 1: greatest, -1: least. */
static struct value extreme(struct run *run, const struct value *args, uint32_t count, int sign)
{
    const struct value *items = args;
    struct value best;

    if (count == 1 && args[0].kind == VALUE_LIST) {
        items = args[0].items;
        count = args[0].len;
    }
    if (count == 0) {
        return run_fail(run, "math.@%s argument must not be empty", sign > 0 ? "max" : "min");
    }
    if (!run_spend(run, count)) {
        return run_fatal(run);
    }
    best = items[0];
    for (uint32_t i = 0; i < count; i++) {
        if (!number_is(items[i])) {
            return run_no_overload(run);
        }
        int order = number_compare(items[i], best);
        if (order != 2 && order * sign > 0) {
            best = items[i];
        }
    }
    return best;
}

static struct value greatest(struct run *run, const struct value *args, uint32_t count)
{
    return extreme(run, args, count, 1);
}

static struct value least(struct run *run, const struct value *args, uint32_t count)
{
    return extreme(run, args, count, -1);
}

#define ON_DOUBLE(name, result)                                                                    \
    static struct value name(struct run *run, const struct value *args, uint32_t count)            \
    {                                                                                              \
        double d = args[0].d;                                                                      \
        (void)run;                                                                                 \
        (void)count;                                                                               \
        return result;                                                                             \
    }

ON_DOUBLE(ceiling, value_double(ceil(d)))
ON_DOUBLE(floor_of, value_double(floor(d)))
ON_DOUBLE(round_of, value_double(round(d)))
ON_DOUBLE(truncate, value_double(trunc(d)))
ON_DOUBLE(is_inf, value_bool(isinf(d)))
ON_DOUBLE(is_nan, value_bool(isnan(d)))
ON_DOUBLE(is_finite, value_bool(isfinite(d)))

static struct value square_root(struct run *run, const struct value *args, uint32_t count)
{
    (void)run;
    (void)count;
    return value_double(sqrt(args[0].kind == VALUE_DOUBLE ? args[0].d
                             : args[0].kind == VALUE_INT  ? (double)args[0].i
                                                          : (double)args[0].u));
}

static struct value absolute(struct run *run, const struct value *args, uint32_t count)
{
    (void)count;
    switch (args[0].kind) {
    case VALUE_DOUBLE:
        return value_double(fabs(args[0].d));
    case VALUE_UINT:
        return args[0];
    default:
        return args[0].i == INT64_MIN ? run_fail(run, "integer overflow")
                                      : value_int(args[0].i < 0 ? -args[0].i : args[0].i);
    }
}

static struct value sign_of(struct run *run, const struct value *args, uint32_t count)
{
    (void)run;
    (void)count;
    switch (args[0].kind) {
    case VALUE_DOUBLE:
        return value_double(isnan(args[0].d) ? args[0].d
                            : args[0].d > 0  ? 1.0
                            : args[0].d < 0  ? -1.0
                                             : args[0].d);
    case VALUE_UINT:
        return value_uint(args[0].u > 0);
    default:
        return value_int((args[0].i > 0) - (args[0].i < 0));
    }
}

#define ON_BITS(name, operator)                                                                    \
    static struct value name(struct run *run, const struct value *args, uint32_t count)            \
    {                                                                                              \
        struct value v = args[0];                                                                  \
        (void)count;                                                                               \
        if (args[1].kind != v.kind) {                                                              \
            return run_no_overload(run);                                                           \
        }                                                                                          \
        v.u = v.u operator args[1].u;                                                              \
        return v;                                                                                  \
    }

ON_BITS(bit_and, &)
ON_BITS(bit_or, |)
ON_BITS(bit_xor, ^)

static struct value bit_not(struct run *run, const struct value *args, uint32_t count)
{
    struct value v = args[0];

    (void)run;
    (void)count;
    v.u = ~v.u;
    return v;
}

/* Bits leave at the end and zeros follow, for int as for uint. */
static struct value shift(struct run *run, const struct value *args, bool left)
{
    struct value v = args[0];
    int64_t by = args[1].i;

    if (args[1].kind != VALUE_INT) {
        return run_no_overload(run);
    }
    if (by < 0) {
        return run_fail(run, "math.%s() negative offset: %lld",
                        left ? "bitShiftLeft" : "bitShiftRight", (long long)by);
    }
    v.u = by > 63 ? 0 : left ? v.u << by : v.u >> by;
    return v;
}

static struct value shift_left(struct run *run, const struct value *args, uint32_t count)
{
    (void)count;
    return shift(run, args, true);
}

static struct value shift_right(struct run *run, const struct value *args, uint32_t count)
{
    (void)count;
    return shift(run, args, false);
}

#define DOUBLE VALUE_MASK(VALUE_DOUBLE)
#define INTEGERS (VALUE_MASK(VALUE_INT) | VALUE_MASK(VALUE_UINT))

const struct function math_ext_functions[] = {
    {"math.greatest", FUNCTION_FREE, 1, 255, 0, greatest},
    {"math.least", FUNCTION_FREE, 1, 255, 0, least},
    {"math.ceil", FUNCTION_FREE, 1, 1, DOUBLE, ceiling},
    {"math.floor", FUNCTION_FREE, 1, 1, DOUBLE, floor_of},
    {"math.round", FUNCTION_FREE, 1, 1, DOUBLE, round_of},
    {"math.trunc", FUNCTION_FREE, 1, 1, DOUBLE, truncate},
    {"math.isInf", FUNCTION_FREE, 1, 1, DOUBLE, is_inf},
    {"math.isNaN", FUNCTION_FREE, 1, 1, DOUBLE, is_nan},
    {"math.isFinite", FUNCTION_FREE, 1, 1, DOUBLE, is_finite},
    {"math.sqrt", FUNCTION_FREE, 1, 1, DOUBLE | INTEGERS, square_root},
    {"math.abs", FUNCTION_FREE, 1, 1, DOUBLE | INTEGERS, absolute},
    {"math.sign", FUNCTION_FREE, 1, 1, DOUBLE | INTEGERS, sign_of},
    {"math.bitAnd", FUNCTION_FREE, 2, 2, INTEGERS, bit_and},
    {"math.bitOr", FUNCTION_FREE, 2, 2, INTEGERS, bit_or},
    {"math.bitXor", FUNCTION_FREE, 2, 2, INTEGERS, bit_xor},
    {"math.bitNot", FUNCTION_FREE, 1, 1, INTEGERS, bit_not},
    {"math.bitShiftLeft", FUNCTION_FREE, 2, 2, INTEGERS, shift_left},
    {"math.bitShiftRight", FUNCTION_FREE, 2, 2, INTEGERS, shift_right},
    {NULL}};
