/* standard.c: conversions, size, and the string functions of the language. */
#include "dict.h"
#include "function.h"
#include "moment.h"
#include "number.h"
#include "utf8.h"

#include <math.h>

#define TEXTUAL (VALUE_MASK(VALUE_STRING) | VALUE_MASK(VALUE_BYTES))

static struct value bad_conversion(struct run *run, struct value from, const char *to)
{
    return run_fail(run, "type conversion error from '%s' to '%s'", value_type_of(from)->name, to);
}

static bool one_of(struct value v, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (value_text_is(v, words[i])) {
            return true;
        }
    }
    return false;
}

static struct value to_bool(struct run *run, const struct value *args, uint32_t count)
{
    static const char *const yes[] = {"1", "t", "T", "true", "TRUE", "True"};
    static const char *const no[] = {"0", "f", "F", "false", "FALSE", "False"};

    (void)count;
    if (args[0].kind == VALUE_BOOL) {
        return args[0];
    }
    if (one_of(args[0], yes, sizeof yes / sizeof yes[0])) {
        return value_bool(true);
    }
    return one_of(args[0], no, sizeof no / sizeof no[0]) ? value_bool(false)
                                                         : bad_conversion(run, args[0], "bool");
}

static struct value to_bytes(struct run *run, const struct value *args, uint32_t count)
{
    (void)run;
    (void)count;
    return value_bytes(args[0].text, args[0].len);
}

static bool is_word(struct cxd_bytes text, const char *word)
{
    size_t len = strlen(word);

    if (text.len != len) {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        if ((text.ptr[i] | 0x20) != word[i]) {
            return false;
        }
    }
    return true;
}

static bool text_double(struct cxd_bytes text, double *ret)
{
    bool negative = text.len > 0 && text.ptr[0] == '-';
    struct cxd_bytes word = text;

    if (word.len > 0 && (word.ptr[0] == '-' || word.ptr[0] == '+')) {
        word.ptr++;
        word.len--;
    }
    if (is_word(word, "inf") || is_word(word, "infinity")) {
        *ret = negative ? -INFINITY : INFINITY;
        return true;
    }
    if (is_word(text, "nan")) {
        *ret = (double)NAN;
        return true;
    }
    return number_read(text, ret);
}

static struct value to_double(struct run *run, const struct value *args, uint32_t count)
{
    double d = 0;

    (void)count;
    switch (args[0].kind) {
    case VALUE_INT:
        return value_double((double)args[0].i);
    case VALUE_UINT:
        return value_double((double)args[0].u);
    case VALUE_DOUBLE:
        return args[0];
    default:
        return text_double(value_range(args[0]), &d) ? value_double(d)
                                                     : bad_conversion(run, args[0], "double");
    }
}

static struct value out_of_range(struct run *run, const char *what)
{
    return run_fail(run, "%s", what);
}

static struct value double_to_int(struct run *run, struct value v)
{
    bool negative;
    uint64_t magnitude;

    if (value_whole_get(v, &negative, &magnitude)) {
        if (magnitude > (uint64_t)INT64_MAX + (negative ? 1 : 0)) {
            return out_of_range(run, "integer overflow");
        }
        return value_int((int64_t)(negative ? 0 - magnitude : magnitude));
    }
    if (!(v.d > -9223372036854775808.0 && v.d < 9223372036854775808.0)) {
        return out_of_range(run, "integer overflow");
    }
    return value_int((int64_t)v.d);
}

static struct value to_int(struct run *run, const struct value *args, uint32_t count)
{
    int64_t number = 0;

    (void)count;
    switch (args[0].kind) {
    case VALUE_INT:
        return args[0];
    case VALUE_UINT:
        return args[0].u <= INT64_MAX ? value_int((int64_t)args[0].u)
                                      : out_of_range(run, "integer overflow");
    case VALUE_DOUBLE:
        return double_to_int(run, args[0]);
    case VALUE_TIMESTAMP:
    case VALUE_DURATION:
        return value_int(args[0].i);
    default:
        return number_read_int(value_range(args[0]), &number) ? value_int(number)
                                                              : bad_conversion(run, args[0], "int");
    }
}

static struct value to_uint(struct run *run, const struct value *args, uint32_t count)
{
    uint64_t number = 0;
    bool negative;

    (void)count;
    switch (args[0].kind) {
    case VALUE_UINT:
        return args[0];
    case VALUE_INT:
        return args[0].i >= 0 ? value_uint((uint64_t)args[0].i)
                              : out_of_range(run, "unsigned integer overflow");
    case VALUE_DOUBLE:
        if (value_whole_get(args[0], &negative, &number) && !negative) {
            return value_uint(number);
        }
        return args[0].d >= 0 && args[0].d < 18446744073709551616.0
                   ? value_uint((uint64_t)args[0].d)
                   : out_of_range(run, "unsigned integer overflow");
    default:
        return number_read_uint(value_range(args[0]), &number)
                   ? value_uint(number)
                   : bad_conversion(run, args[0], "uint");
    }
}

static struct value bytes_to_string(struct run *run, struct value v)
{
    if (!run_spend(run, 1 + v.len / 16)) {
        return run_fatal(run);
    }
    return utf8_is_valid(value_range(v))
               ? value_string(v.text, v.len)
               : run_fail(run, "invalid UTF-8 in bytes, cannot convert to string");
}

static struct value to_string(struct run *run, const struct value *args, uint32_t count)
{
    struct sink text = sink_on(run->pool);

    (void)count;
    switch (args[0].kind) {
    case VALUE_STRING:
        return args[0];
    case VALUE_BYTES:
        return bytes_to_string(run, args[0]);
    case VALUE_BOOL:
        return args[0].truth ? VALUE_TEXT("true") : VALUE_TEXT("false");
    case VALUE_INT:
        sink_print(&text, "%lld", (long long)args[0].i);
        break;
    case VALUE_UINT:
        sink_print(&text, "%llu", (unsigned long long)args[0].u);
        break;
    case VALUE_DOUBLE:
        number_put_general(&text, args[0].d, 6);
        break;
    case VALUE_TIMESTAMP:
        moment_put(&text, args[0].i, args[0].len);
        break;
    default:
        moment_put_span(&text, args[0].i);
        break;
    }
    return run_text(run, &text);
}

static struct value to_timestamp(struct run *run, const struct value *args, uint32_t count)
{
    int64_t seconds = args[0].i;
    uint32_t ns = 0;

    (void)count;
    if (args[0].kind == VALUE_TIMESTAMP) {
        return args[0];
    }
    if (args[0].kind == VALUE_STRING && !moment_read(value_range(args[0]), &seconds, &ns)) {
        return bad_conversion(run, args[0], "google.protobuf.Timestamp");
    }
    return moment_is_valid(seconds) ? value_timestamp(seconds, ns)
                                    : out_of_range(run, "timestamp overflow");
}

static struct value to_duration(struct run *run, const struct value *args, uint32_t count)
{
    int64_t ns = 0;

    (void)count;
    if (args[0].kind == VALUE_DURATION) {
        return args[0];
    }
    if (args[0].kind == VALUE_INT) {
        return value_duration(args[0].i);
    }
    return moment_read_span(value_range(args[0]), &ns)
               ? value_duration(ns)
               : bad_conversion(run, args[0], "google.protobuf.Duration");
}

static struct value to_dyn(struct run *run, const struct value *args, uint32_t count)
{
    (void)run;
    (void)count;
    return args[0];
}

static struct value type_of(struct run *run, const struct value *args, uint32_t count)
{
    (void)run;
    (void)count;
    return value_of_type(value_type_of(args[0]));
}

static struct value size_of(struct run *run, const struct value *args, uint32_t count)
{
    (void)count;
    switch (args[0].kind) {
    case VALUE_STRING:
        if (!run_spend(run, args[0].len / 16)) {
            return run_fatal(run);
        }
        return value_int((int64_t)utf8_count(value_range(args[0])));
    case VALUE_MAP:
        return value_int(args[0].dict->count);
    default:
        return value_int(args[0].len);
    }
}

static struct value contains(struct run *run, const struct value *args, uint32_t count)
{
    (void)count;
    if (args[1].kind != VALUE_STRING) {
        return run_no_overload(run);
    }
    if (!run_spend(run, args[0].len / 16)) {
        return run_fatal(run);
    }
    return value_bool(args[1].len == 0 ||
                      memmem(args[0].text, args[0].len, args[1].text, args[1].len) != NULL);
}

static struct value starts_with(struct run *run, const struct value *args, uint32_t count)
{
    (void)count;
    if (args[1].kind != VALUE_STRING) {
        return run_no_overload(run);
    }
    return value_bool(args[1].len <= args[0].len &&
                      memcmp(args[0].text, args[1].text, args[1].len) == 0);
}

static struct value ends_with(struct run *run, const struct value *args, uint32_t count)
{
    (void)count;
    if (args[1].kind != VALUE_STRING) {
        return run_no_overload(run);
    }
    return value_bool(args[1].len <= args[0].len && memcmp(args[0].text + args[0].len - args[1].len,
                                                           args[1].text, args[1].len) == 0);
}

#define NUMBERS (VALUE_MASK(VALUE_INT) | VALUE_MASK(VALUE_UINT) | VALUE_MASK(VALUE_DOUBLE))
#define STRING VALUE_MASK(VALUE_STRING)
#define TIMES (VALUE_MASK(VALUE_TIMESTAMP) | VALUE_MASK(VALUE_DURATION))

const struct function standard_functions[] = {
    {"bool", FUNCTION_FREE | FUNCTION_PURE, 1, 1, STRING | VALUE_MASK(VALUE_BOOL), to_bool},
    {"bytes", FUNCTION_FREE | FUNCTION_PURE, 1, 1, TEXTUAL, to_bytes},
    {"double", FUNCTION_FREE | FUNCTION_PURE, 1, 1, STRING | NUMBERS, to_double},
    {"int", FUNCTION_FREE | FUNCTION_PURE, 1, 1, STRING | NUMBERS | TIMES, to_int},
    {"uint", FUNCTION_FREE | FUNCTION_PURE, 1, 1, STRING | NUMBERS, to_uint},
    {"string", FUNCTION_FREE | FUNCTION_PURE, 1, 1,
     TEXTUAL | NUMBERS | TIMES | VALUE_MASK(VALUE_BOOL), to_string},
    {"timestamp", FUNCTION_FREE | FUNCTION_PURE, 1, 1,
     STRING | VALUE_MASK(VALUE_INT) | VALUE_MASK(VALUE_TIMESTAMP), to_timestamp},
    {"duration", FUNCTION_FREE | FUNCTION_PURE, 1, 1,
     STRING | VALUE_MASK(VALUE_INT) | VALUE_MASK(VALUE_DURATION), to_duration},
    {"dyn", FUNCTION_FREE, 1, 1, 0, to_dyn},
    {"type", FUNCTION_FREE, 1, 1, 0, type_of},
    {"size", FUNCTION_BOTH | FUNCTION_PURE, 1, 1,
     TEXTUAL | VALUE_MASK(VALUE_LIST) | VALUE_MASK(VALUE_MAP), size_of},
    {"contains", FUNCTION_METHOD, 2, 2, STRING, contains},
    {"startsWith", FUNCTION_METHOD, 2, 2, STRING, starts_with},
    {"endsWith", FUNCTION_METHOD, 2, 2, STRING, ends_with},
    {NULL}};
