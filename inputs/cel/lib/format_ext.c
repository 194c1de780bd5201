/* format_ext.c: "...".format([...]) of the strings extension: %s %d %f %e %b %o %x %X. */
#include "../lang/dict.h"
#include "../lang/moment.h"
#include "../lang/number.h"
#include "address.h"
#include "catalog.h"

#include <math.h>
#include <stdlib.h>

#define DECIMALS_MAX 100

/* Gives null, or an error. */
typedef struct value (*verb_fn)(struct run *run, struct sink *out, struct value v, int decimals);

static bool put_not_finite(struct sink *out, double d)
{
    if (isnan(d)) {
        sink_text(out, "NaN");
    } else if (isinf(d)) {
        sink_text(out, d < 0 ? "-Infinity" : "Infinity");
    } else {
        return false;
    }
    return true;
}

static struct value put_text(struct run *run, struct sink *out, struct value v);

static struct value put_list(struct run *run, struct sink *out, struct value v)
{
    sink_char(out, '[');
    for (uint32_t i = 0; i < v.len; i++) {
        sink_text(out, i > 0 ? ", " : "");
        struct value problem = put_text(run, out, v.items[i]);
        if (value_is_error(problem)) {
            return problem;
        }
    }
    sink_char(out, ']');
    return value_null();
}

struct member {
    struct value key;
    const struct value *value;
};

static int compare_members(const void *left, const void *right)
{
    struct value a = ((const struct member *)left)->key;
    struct value b = ((const struct member *)right)->key;
    int order = memcmp(a.text, b.text, a.len < b.len ? a.len : b.len);

    return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

/* Members in the order of their keys as text. */
static struct value put_map(struct run *run, struct sink *out, const struct dict *dict)
{
    struct member *members = pool_array(run->pool, dict->count, sizeof *members);

    if (members == NULL) {
        return run_out_of_memory(run);
    }
    for (uint32_t i = 0; i < dict->count; i++) {
        struct sink key = sink_on(run->pool);
        struct value problem = put_text(run, &key, dict->entries[i].key);
        members[i] = (struct member){run_text(run, &key), &dict->entries[i].value};
        if (value_is_error(problem) || value_is_error(members[i].key)) {
            return value_is_error(problem) ? problem : members[i].key;
        }
    }
    if (dict->count > 1) {
        qsort(members, dict->count, sizeof *members, compare_members);
    }
    sink_char(out, '{');
    for (uint32_t i = 0; i < dict->count; i++) {
        sink_text(out, i > 0 ? ", " : "");
        sink_value(out, members[i].key);
        sink_text(out, ": ");
        struct value problem = put_text(run, out, *members[i].value);
        if (value_is_error(problem)) {
            return problem;
        }
    }
    sink_char(out, '}');
    return value_null();
}

static struct value put_nested(struct run *run, struct sink *out, struct value v)
{
    struct value problem;

    if (!run_spend(run, 1) || !run_down(run)) {
        return run_fatal(run);
    }
    problem = v.kind == VALUE_LIST ? put_list(run, out, v) : put_map(run, out, v.dict);
    run_up(run);
    return problem;
}

static struct value put_text(struct run *run, struct sink *out, struct value v)
{
    switch (v.kind) {
    case VALUE_NULL:
        sink_text(out, "null");
        break;
    case VALUE_BOOL:
        sink_text(out, v.truth ? "true" : "false");
        break;
    case VALUE_INT:
        sink_print(out, "%lld", (long long)v.i);
        break;
    case VALUE_UINT:
        sink_print(out, "%llu", (unsigned long long)v.u);
        break;
    case VALUE_DOUBLE:
        if (!put_not_finite(out, v.d)) {
            number_put_plain(out, v.d);
        }
        break;
    case VALUE_STRING:
    case VALUE_BYTES:
        sink_value(out, v);
        break;
    case VALUE_LIST:
    case VALUE_MAP:
        return put_nested(run, out, v);
    case VALUE_TIMESTAMP:
        moment_put(out, v.i, v.len);
        break;
    case VALUE_DURATION:
        moment_put_span(out, v.i);
        break;
    case VALUE_TYPE:
        sink_text(out, v.type->name);
        break;
    case VALUE_ADDRESS:
    case VALUE_NETWORK:
        address_put(out, v.address, v.kind == VALUE_NETWORK);
        break;
    default:
        return run_fail(run,
                        "error during formatting: string clause can only be used on strings, "
                        "bools, bytes, ints, doubles, maps, lists, types, durations, and "
                        "timestamps, was given %s",
                        value_type_of(v)->name);
    }
    return value_null();
}

static struct value verb_s(struct run *run, struct sink *out, struct value v, int decimals)
{
    (void)decimals;
    return put_text(run, out, v);
}

static struct value verb_d(struct run *run, struct sink *out, struct value v, int decimals)
{
    (void)decimals;
    if (v.kind == VALUE_INT || v.kind == VALUE_UINT) {
        return put_text(run, out, v);
    }
    if (v.kind == VALUE_DOUBLE && put_not_finite(out, v.d)) {
        return value_null();
    }
    if (v.kind == VALUE_DOUBLE) {
        return put_text(run, out, v);
    }
    return run_fail(run,
                    "error during formatting: decimal clause can only be used on integers, was "
                    "given %s",
                    value_type_of(v)->name);
}

static struct value put_fixed(struct run *run, struct sink *out, struct value v, int decimals,
                              char verb)
{
    double d = v.kind == VALUE_INT ? (double)v.i : v.kind == VALUE_UINT ? (double)v.u : v.d;

    if (!number_is(v)) {
        return run_fail(run,
                        "error during formatting: %s clause can only be used on doubles, was given "
                        "%s",
                        verb == 'e' ? "scientific" : "fixed-point", value_type_of(v)->name);
    }
    if (!put_not_finite(out, d)) {
        number_put_fixed(out, d, verb, decimals);
    }
    return value_null();
}

static struct value verb_f(struct run *run, struct sink *out, struct value v, int decimals)
{
    return put_fixed(run, out, v, decimals, 'f');
}

static struct value verb_e(struct run *run, struct sink *out, struct value v, int decimals)
{
    return put_fixed(run, out, v, decimals, 'e');
}

/* Digits of a whole number to the base of 2, 8 or 16; `digits` has the letters. */
static void put_base(struct sink *out, struct value v, unsigned bits, const char *digits)
{
    bool negative = v.kind == VALUE_INT && v.i < 0;
    uint64_t number = negative ? 0 - v.u : v.u;
    char text[64];
    size_t at = sizeof text;

    do {
        text[--at] = digits[number & ((1u << bits) - 1)];
        number >>= bits;
    } while (number > 0);
    if (negative) {
        sink_char(out, '-');
    }
    sink_put(out, text + at, sizeof text - at);
}

static struct value verb_b(struct run *run, struct sink *out, struct value v, int decimals)
{
    (void)decimals;
    if (v.kind != VALUE_BOOL && v.kind != VALUE_INT && v.kind != VALUE_UINT) {
        return run_fail(run,
                        "error during formatting: only integers and bools can be formatted as "
                        "binary, was given %s",
                        value_type_of(v)->name);
    }
    put_base(out, v, 1, "01");
    return value_null();
}

static struct value verb_o(struct run *run, struct sink *out, struct value v, int decimals)
{
    (void)decimals;
    if (v.kind != VALUE_INT && v.kind != VALUE_UINT) {
        return run_fail(run,
                        "error during formatting: octal clause can only be used on integers, was "
                        "given %s",
                        value_type_of(v)->name);
    }
    put_base(out, v, 3, "01234567");
    return value_null();
}

static struct value put_hex(struct run *run, struct sink *out, struct value v, const char *digits)
{
    if (v.kind == VALUE_INT || v.kind == VALUE_UINT) {
        put_base(out, v, 4, digits);
        return value_null();
    }
    if (v.kind != VALUE_STRING && v.kind != VALUE_BYTES) {
        return run_fail(run,
                        "error during formatting: only integers, byte buffers, and strings can be "
                        "formatted as hex, was given %s",
                        value_type_of(v)->name);
    }
    for (uint32_t i = 0; i < v.len; i++) {
        sink_char(out, digits[(unsigned char)v.text[i] >> 4]);
        sink_char(out, digits[(unsigned char)v.text[i] & 15]);
    }
    return value_null();
}

static struct value verb_x(struct run *run, struct sink *out, struct value v, int decimals)
{
    (void)decimals;
    return put_hex(run, out, v, "0123456789abcdef");
}

static struct value verb_upper_x(struct run *run, struct sink *out, struct value v, int decimals)
{
    (void)decimals;
    return put_hex(run, out, v, "0123456789ABCDEF");
}

static verb_fn verb_find(char c)
{
    static const struct {
        char c;
        verb_fn fn;
    } verbs[] = {{'s', verb_s}, {'d', verb_d}, {'f', verb_f}, {'e', verb_e},
                 {'b', verb_b}, {'o', verb_o}, {'x', verb_x}, {'X', verb_upper_x}};

    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
        if (verbs[i].c == c) {
            return verbs[i].fn;
        }
    }
    return NULL;
}

/* ".3"; 6 when there is none. -1: bad. */
static int decimals_take(struct cxd_bytes text, size_t *at)
{
    int decimals = 0;
    size_t start;

    if (*at >= text.len || text.ptr[*at] != '.') {
        return 6;
    }
    for (start = ++*at; *at < text.len && text.ptr[*at] >= '0' && text.ptr[*at] <= '9'; ++*at) {
        decimals = decimals * 10 + (text.ptr[*at] - '0');
        if (decimals > DECIMALS_MAX) {
            return -1;
        }
    }
    return *at > start ? decimals : -1;
}

static struct value format(struct run *run, const struct value *args, uint32_t count)
{
    struct cxd_bytes text = value_range(args[0]);
    struct sink out = sink_on(run->pool);
    uint32_t next = 0;

    (void)count;
    if (args[1].kind != VALUE_LIST) {
        return run_no_overload(run);
    }
    for (size_t at = 0; at < text.len; at++) {
        if (text.ptr[at] != '%') {
            sink_char(&out, text.ptr[at]);
            continue;
        }
        at++;
        if (at < text.len && text.ptr[at] == '%') {
            sink_char(&out, '%');
            continue;
        }
        int decimals = decimals_take(text, &at);
        verb_fn verb = at < text.len ? verb_find(text.ptr[at]) : NULL;
        if (verb == NULL || decimals < 0) {
            return run_fail(run, "could not parse formatting clause");
        }
        if (next == args[1].len) {
            return run_fail(run, "index %u out of range", next);
        }
        struct value problem = verb(run, &out, args[1].items[next++], decimals);
        if (value_is_error(problem)) {
            return problem;
        }
    }
    return run_text(run, &out);
}

const struct function format_ext_functions[] = {
    {"format", FUNCTION_METHOD, 2, 2, VALUE_MASK(VALUE_STRING), format}, {NULL}};
