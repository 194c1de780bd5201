/* func_number.c: sums of integers, which wrap around as Go's do, and numbers from anything. Thread: the run's. */
#include "template/eval.h"

#include <math.h>
#include <stdlib.h>

static bool ret_int64(struct value *ret, int64_t number)
{
    *ret = value_int64(number);
    return true;
}

static int64_t argument(struct call *c, size_t index)
{
    int64_t number = 0;

    (void)value_as_int(&c->args[index], &number);
    return number;
}

static bool number_add(struct call *c, struct value *ret)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < c->count; i++) {
        sum += (uint64_t)argument(c, i);
    }
    return ret_int64(ret, (int64_t)sum);
}

static bool number_mul(struct call *c, struct value *ret)
{
    uint64_t product = 1;

    for (size_t i = 0; i < c->count; i++) {
        product *= (uint64_t)argument(c, i);
    }
    return ret_int64(ret, (int64_t)product);
}

static bool number_div(struct call *c, struct value *ret)
{
    int64_t by = argument(c, 1);

    if (by == 0) {
        return call_fail(c, CXD_MALFORMED, "integer divide by zero");
    }
    return ret_int64(ret, by == -1 ? (int64_t)(0 - (uint64_t)argument(c, 0)) : argument(c, 0) / by);
}

/* The one of two that comes first (or last) in their order. */
static bool number_pick(struct call *c, bool want_less, struct value *ret)
{
    int less = compare_less(c, &c->args[0], &c->args[1]);

    if (less < 0) {
        return false;
    }
    *ret = c->args[(less == 1) == want_less ? 0 : 1];
    return true;
}

static bool number_min(struct call *c, struct value *ret)
{
    return number_pick(c, true, ret);
}
static bool number_max(struct call *c, struct value *ret)
{
    return number_pick(c, false, ret);
}

/* A float's whole part; what does not fit in gives int64's least value, as on Go's amd64. */
static int64_t real_to_int64(double real)
{
    return real >= -9223372036854775808.0 && real < 9223372036854775808.0 ? (int64_t)real
                                                                          : INT64_MIN;
}

static int64_t text_to_int64(struct cxd_bytes text)
{
    int64_t number = 0;

    if (text.len > 0 && text.ptr[0] == '+') {
        text.ptr++;
        text.len--;
    }
    return number_parse(text.ptr, text.len, &number) ? number : 0;
}

static bool number_to_int(struct call *c, struct value *ret)
{
    const struct value *v = &c->args[0];
    double real = 0;

    if (v->kind == VALUE_STRING) {
        return ret_int64(ret, text_to_int64(v->bytes));
    }
    if (value_is_whole(v)) {
        return ret_int64(ret, argument(c, 0));
    }
    return ret_int64(ret, value_as_real(v, &real) ? real_to_int64(real) : 0);
}

const struct func func_number[] = {
    {"add", number_add, "i", 0, true},   {"mul", number_mul, "i", 0, true},
    {"div", number_div, "ii", 2, false}, {"min", number_min, "aa", 2, false},
    {"max", number_max, "aa", 2, false}, {"toInt", number_to_int, "a", 1, false},
    {NULL, NULL, NULL, 0, false},
};
