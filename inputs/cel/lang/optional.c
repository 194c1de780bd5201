/* optional.c: making and opening optionals. or and orValue are nodes of their own, since they may leave an operand out. */
#include "dict.h"
#include "function.h"

static struct value of(struct run *run, const struct value *args, uint32_t count)
{
    (void)count;
    return run_optional(run, args[0]);
}

static struct value none(struct run *run, const struct value *args, uint32_t count)
{
    (void)run;
    (void)args;
    (void)count;
    return run_empty();
}

static bool is_zero(struct value v)
{
    switch (v.kind) {
    case VALUE_NULL:
        return true;
    case VALUE_BOOL:
        return !v.truth;
    case VALUE_DOUBLE:
        return v.d == 0;
    case VALUE_STRING:
    case VALUE_BYTES:
    case VALUE_LIST:
        return v.len == 0;
    case VALUE_MAP:
        return v.dict->count == 0;
    case VALUE_TIMESTAMP:
        return v.i == 0 && v.len == 0;
    case VALUE_OPTIONAL:
        return v.inner == NULL;
    case VALUE_INT:
    case VALUE_UINT:
    case VALUE_DURATION:
        return v.u == 0;
    default:
        return false;
    }
}

static struct value of_non_zero(struct run *run, const struct value *args, uint32_t count)
{
    (void)count;
    return is_zero(args[0]) ? run_empty() : run_optional(run, args[0]);
}

static struct value has_value(struct run *run, const struct value *args, uint32_t count)
{
    (void)run;
    (void)count;
    return value_bool(args[0].inner != NULL);
}

static struct value value_of(struct run *run, const struct value *args, uint32_t count)
{
    (void)count;
    return args[0].inner != NULL ? *args[0].inner : run_fail(run, "optional.none() dereference");
}

const struct function optional_functions[] = {
    {"optional.of", FUNCTION_FREE, 1, 1, 0, of},
    {"optional.none", FUNCTION_FREE, 0, 0, 0, none},
    {"optional.ofNonZeroValue", FUNCTION_FREE, 1, 1, 0, of_non_zero},
    {"hasValue", FUNCTION_METHOD, 1, 1, VALUE_MASK(VALUE_OPTIONAL), has_value},
    {"value", FUNCTION_METHOD, 1, 1, VALUE_MASK(VALUE_OPTIONAL), value_of},
    {NULL}};
