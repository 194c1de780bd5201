/* value.c: the types of values, and doubles that remember the integer they stand for. */
#include "value.h"

#include <math.h>

static const struct value_type types[VALUE_KIND_COUNT] = {
    [VALUE_NULL] = {"null_type"},
    [VALUE_BOOL] = {"bool"},
    [VALUE_INT] = {"int"},
    [VALUE_UINT] = {"uint"},
    [VALUE_DOUBLE] = {"double"},
    [VALUE_STRING] = {"string"},
    [VALUE_BYTES] = {"bytes"},
    [VALUE_LIST] = {"list"},
    [VALUE_MAP] = {"map"},
    [VALUE_TIMESTAMP] = {"google.protobuf.Timestamp"},
    [VALUE_DURATION] = {"google.protobuf.Duration"},
    [VALUE_TYPE] = {"type"},
    [VALUE_OPTIONAL] = {"optional_type"},
    [VALUE_ADDRESS] = {"net.IP"},
    [VALUE_NETWORK] = {"net.CIDR"},
    [VALUE_ERROR] = {"error"},
};

const struct value_type *value_type_of(struct value v)
{
    return &types[v.kind];
}

const struct value_type *value_type_find(const char *name, size_t len)
{
    for (size_t i = 0; i < VALUE_ERROR; i++) {
        if (strlen(types[i].name) == len && memcmp(types[i].name, name, len) == 0) {
            return &types[i];
        }
    }
    return NULL;
}

struct value value_of_type(const struct value_type *type)
{
    return (struct value){.kind = VALUE_TYPE, .type = type};
}

/* `len` of such a double: a mark, and the remainder (at most 1,024 either way) moved to be positive. */
#define WHOLE_MARK 0x80000000u
#define WHOLE_ZERO 4096

struct value value_whole(bool negative, uint64_t magnitude)
{
    double near = (double)magnitude;
    struct value v = value_double(negative ? -near : near);
    int64_t rest;

    if (magnitude <= (uint64_t)1 << 53) {
        return v;
    }
    if (near >= 18446744073709551616.0) {
        rest = -(int64_t)(UINT64_MAX - magnitude) - 1;
    } else {
        rest = (int64_t)(magnitude - (uint64_t)near);
    }
    v.len = WHOLE_MARK | (uint32_t)(rest + WHOLE_ZERO);
    return v;
}

bool value_whole_get(struct value v, bool *ret_negative, uint64_t *ret_magnitude)
{
    double near = fabs(v.d);
    int64_t rest;

    if (v.kind != VALUE_DOUBLE || (v.len & WHOLE_MARK) == 0) {
        return false;
    }
    rest = (int64_t)(v.len & ~WHOLE_MARK) - WHOLE_ZERO;
    *ret_negative = v.d < 0;
    *ret_magnitude =
        near >= 18446744073709551616.0 ? (uint64_t)rest : (uint64_t)near + (uint64_t)rest;
    return true;
}
