/* arith.c: what the operators do to each kind. */
#include "arith.h"

#include "dict.h"
#include "moment.h"
#include "number.h"

#include <math.h>

static struct value overflow(struct run *run, struct value a)
{
    return run_fail(run, a.kind == VALUE_UINT       ? "unsigned integer overflow"
                         : a.kind == VALUE_INT      ? "integer overflow"
                         : a.kind == VALUE_DURATION ? "duration overflow"
                                                    : "timestamp overflow");
}

static struct value join(struct run *run, struct value a, struct value b)
{
    struct value v = a;
    char *text;

    if (a.len == 0 || b.len == 0) {
        return a.len == 0 ? b : a;
    }
    if (a.len > UINT32_MAX / 2 || b.len > UINT32_MAX / 2) {
        run->pool->status = CXD_TOO_LARGE;
        return run_out_of_memory(run);
    }
    if (!run_spend(run, ((uint64_t)a.len + b.len) / 16)) {
        return run_fatal(run);
    }
    text = pool_alloc(run->pool, (size_t)a.len + b.len);
    if (text == NULL) {
        return run_out_of_memory(run);
    }
    memcpy(text, a.text, a.len);
    memcpy(text + a.len, b.text, b.len);
    v.text = text;
    v.len = a.len + b.len;
    return v;
}

static struct value join_lists(struct run *run, struct value a, struct value b)
{
    struct value *items;

    if (a.len == 0 || b.len == 0) {
        return a.len == 0 ? b : a;
    }
    items = run_items(run, (size_t)a.len + b.len);
    if (items == NULL) {
        return run_fatal(run);
    }
    memcpy(items, a.items, a.len * sizeof *items);
    memcpy(items + a.len, b.items, b.len * sizeof *items);
    return value_list(items, (size_t)a.len + b.len);
}

/* The instant moved, within the range of timestamps. */
static struct value shift(struct run *run, struct value at, int64_t ns)
{
    struct value moved = at;

    if (!moment_add(at, ns, &moved) || !moment_is_valid(moved.i)) {
        return overflow(run, at);
    }
    return moved;
}

struct value arith_add(struct run *run, struct value a, struct value b)
{
    struct value r = a;

    if (a.kind == VALUE_TIMESTAMP && b.kind == VALUE_DURATION) {
        return shift(run, a, b.i);
    }
    if (a.kind == VALUE_DURATION && b.kind == VALUE_TIMESTAMP) {
        return shift(run, b, a.i);
    }
    if (a.kind != b.kind) {
        return run_no_overload(run);
    }
    switch (a.kind) {
    case VALUE_INT:
    case VALUE_DURATION:
        return __builtin_add_overflow(a.i, b.i, &r.i) ? overflow(run, a) : r;
    case VALUE_UINT:
        return __builtin_add_overflow(a.u, b.u, &r.u) ? overflow(run, a) : r;
    case VALUE_DOUBLE:
        return value_double(a.d + b.d);
    case VALUE_STRING:
    case VALUE_BYTES:
        return join(run, a, b);
    case VALUE_LIST:
        return join_lists(run, a, b);
    default:
        return run_no_overload(run);
    }
}

struct value arith_sub(struct run *run, struct value a, struct value b)
{
    struct value r = a;

    if (a.kind == VALUE_TIMESTAMP && b.kind == VALUE_DURATION) {
        return b.i == INT64_MIN ? overflow(run, a) : shift(run, a, -b.i);
    }
    if (a.kind != b.kind) {
        return run_no_overload(run);
    }
    switch (a.kind) {
    case VALUE_INT:
    case VALUE_DURATION:
        return __builtin_sub_overflow(a.i, b.i, &r.i) ? overflow(run, a) : r;
    case VALUE_UINT:
        return __builtin_sub_overflow(a.u, b.u, &r.u) ? overflow(run, a) : r;
    case VALUE_DOUBLE:
        return value_double(a.d - b.d);
    case VALUE_TIMESTAMP:
        r = value_duration(0);
        return moment_between(a, b, &r.i) ? r : overflow(run, r);
    default:
        return run_no_overload(run);
    }
}

struct value arith_mul(struct run *run, struct value a, struct value b)
{
    struct value r = a;

    if (a.kind != b.kind) {
        return run_no_overload(run);
    }
    switch (a.kind) {
    case VALUE_INT:
        return __builtin_mul_overflow(a.i, b.i, &r.i) ? overflow(run, a) : r;
    case VALUE_UINT:
        return __builtin_mul_overflow(a.u, b.u, &r.u) ? overflow(run, a) : r;
    case VALUE_DOUBLE:
        return value_double(a.d * b.d);
    default:
        return run_no_overload(run);
    }
}

struct value arith_div(struct run *run, struct value a, struct value b)
{
    if (a.kind != b.kind) {
        return run_no_overload(run);
    }
    switch (a.kind) {
    case VALUE_INT:
        if (b.i == 0) {
            return run_fail(run, "division by zero");
        }
        return a.i == INT64_MIN && b.i == -1 ? overflow(run, a) : value_int(a.i / b.i);
    case VALUE_UINT:
        return b.u == 0 ? run_fail(run, "division by zero") : value_uint(a.u / b.u);
    case VALUE_DOUBLE:
        return value_double(a.d / b.d);
    default:
        return run_no_overload(run);
    }
}

struct value arith_mod(struct run *run, struct value a, struct value b)
{
    if (a.kind == VALUE_INT && b.kind == VALUE_INT) {
        if (b.i == 0) {
            return run_fail(run, "modulus by zero");
        }
        return a.i == INT64_MIN && b.i == -1 ? overflow(run, a) : value_int(a.i % b.i);
    }
    if (a.kind == VALUE_UINT && b.kind == VALUE_UINT) {
        return b.u == 0 ? run_fail(run, "modulus by zero") : value_uint(a.u % b.u);
    }
    return run_no_overload(run);
}

struct value arith_negate(struct run *run, struct value a)
{
    switch (a.kind) {
    case VALUE_INT:
    case VALUE_DURATION:
        if (a.i == INT64_MIN) {
            return overflow(run, a);
        }
        a.i = -a.i;
        return a;
    case VALUE_DOUBLE:
        return value_double(-a.d);
    default:
        return run_no_overload(run);
    }
}

static bool equal_lists(struct run *run, struct value a, struct value b)
{
    bool same = a.len == b.len;

    if (!same || a.len == 0) {
        return same;
    }
    if (!run_spend(run, a.len) || !run_down(run)) {
        return false;
    }
    for (uint32_t i = 0; same && i < a.len; i++) {
        same = arith_equal(run, a.items[i], b.items[i]);
    }
    run_up(run);
    return same;
}

static bool equal_maps(struct run *run, const struct dict *a, const struct dict *b)
{
    bool same = a->count == b->count;

    if (!same || a->count == 0) {
        return same;
    }
    if (!run_spend(run, a->count) || !run_down(run)) {
        return false;
    }
    for (uint32_t i = 0; same && i < a->count; i++) {
        const struct value *other = dict_find(b, a->entries[i].key);
        same = other != NULL && arith_equal(run, a->entries[i].value, *other);
    }
    run_up(run);
    return same;
}

static bool equal_optionals(struct run *run, struct value a, struct value b)
{
    bool same;

    if (a.inner == NULL || b.inner == NULL) {
        return a.inner == b.inner;
    }
    if (!run_down(run)) {
        return false;
    }
    same = arith_equal(run, *a.inner, *b.inner);
    run_up(run);
    return same;
}

/* address.c knows; the language only asks whether two are the same. */
bool address_equal(const struct address *a, const struct address *b);

bool arith_equal(struct run *run, struct value a, struct value b)
{
    if (number_is(a) && number_is(b)) {
        return number_compare(a, b) == 0;
    }
    if (a.kind != b.kind) {
        return false;
    }
    switch (a.kind) {
    case VALUE_NULL:
        return true;
    case VALUE_STRING:
    case VALUE_BYTES:
        return a.len == b.len && (a.len == 0 || memcmp(a.text, b.text, a.len) == 0);
    case VALUE_LIST:
        return equal_lists(run, a, b);
    case VALUE_MAP:
        return equal_maps(run, a.dict, b.dict);
    case VALUE_TIMESTAMP:
        return a.i == b.i && a.len == b.len;
    case VALUE_OPTIONAL:
        return equal_optionals(run, a, b);
    case VALUE_ADDRESS:
    case VALUE_NETWORK:
        return address_equal(a.address, b.address);
    default:
        return a.u == b.u; /* bool, duration, type */
    }
}

static int order_text(struct value a, struct value b)
{
    size_t len = a.len < b.len ? a.len : b.len;
    int order = len > 0 ? memcmp(a.text, b.text, len) : 0;

    if (order == 0) {
        return (a.len > b.len) - (a.len < b.len);
    }
    return order < 0 ? -1 : 1;
}

bool arith_order(struct value a, struct value b, int *ret_order)
{
    if (number_is(a) && number_is(b)) {
        *ret_order = number_compare(a, b);
        return true;
    }
    if (a.kind != b.kind) {
        return false;
    }
    switch (a.kind) {
    case VALUE_BOOL:
        *ret_order = (int)a.truth - (int)b.truth;
        return true;
    case VALUE_STRING:
    case VALUE_BYTES:
        *ret_order = order_text(a, b);
        return true;
    case VALUE_TIMESTAMP:
        *ret_order = a.i != b.i ? (a.i > b.i) - (a.i < b.i) : (a.len > b.len) - (a.len < b.len);
        return true;
    case VALUE_DURATION:
        *ret_order = (a.i > b.i) - (a.i < b.i);
        return true;
    default:
        return false;
    }
}

struct value arith_in(struct run *run, struct value a, struct value b)
{
    if (b.kind == VALUE_MAP) {
        return value_bool(dict_find(b.dict, a) != NULL);
    }
    if (b.kind != VALUE_LIST) {
        return run_no_overload(run);
    }
    if (!run_spend(run, b.len)) {
        return run_fatal(run);
    }
    for (uint32_t i = 0; i < b.len; i++) {
        const struct value *item = &b.items[i];
        if (a.kind == VALUE_STRING) { /* the usual case */
            if (item->kind == VALUE_STRING && item->len == a.len &&
                value_same_bytes(item->text, a.text, a.len)) {
                return value_bool(true);
            }
            continue;
        }
        if (arith_equal(run, a, *item)) {
            return value_bool(true);
        }
        if (run->fatal != NULL) {
            return run_fatal(run);
        }
    }
    return value_bool(false);
}
