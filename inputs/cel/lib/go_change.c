/* go_change.c: strings made from strings, as Go's strings package does; substring counts code points. */
#include "../lang/utf8.h"
#include "catalog.h"
#include "go_case.h"

#define STRING VALUE_MASK(VALUE_STRING)

/* All arguments from the second on are strings. */
static bool strings_are(const struct value *args, uint32_t from, uint32_t to)
{
    for (uint32_t i = from; i < to; i++) {
        if (args[i].kind != VALUE_STRING) {
            return false;
        }
    }
    return true;
}

static struct value repeat(struct run *run, const struct value *args, uint32_t n)
{
    struct sink out = sink_on(run->pool);
    int64_t times = args[1].i;

    (void)n;
    if (args[1].kind != VALUE_INT) {
        return run_no_overload(run);
    }
    if (times < 0) {
        return run_fail(run, "strings: negative Repeat count");
    }
    if (args[0].len > 0 && times > INT64_MAX / 2 / (int64_t)args[0].len) {
        times = INT64_MAX / 2 / (int64_t)args[0].len; /* far beyond the budget anyway */
    }
    if (!run_spend(run, (uint64_t)times * args[0].len / 16 +
                            (args[0].len > 0 ? (uint64_t)times / 4 : 0))) {
        return run_fatal(run);
    }
    for (; args[0].len > 0 && times > 0 && !out.failed; times--) {
        sink_value(&out, args[0]);
    }
    return run_text(run, &out);
}

static struct value replace_times(struct run *run, const struct value *args, int64_t left)
{
    struct cxd_bytes text = value_range(args[0]);
    struct cxd_bytes old = value_range(args[1]);
    struct sink out = sink_on(run->pool);
    size_t at = 0;

    while (left != 0 && !out.failed && run_spend(run, 1)) {
        const char *found =
            old.len > 0 ? memmem(text.ptr + at, text.len - at, old.ptr, old.len) : text.ptr + at;
        size_t step = 0;
        if (found == NULL) {
            break;
        }
        sink_put(&out, text.ptr + at, (size_t)(found - text.ptr) - at);
        sink_value(&out, args[2]);
        at = (size_t)(found - text.ptr) + old.len;
        if (old.len == 0) { /* between all code points */
            if (at == text.len) {
                break;
            }
            (void)utf8_get(text.ptr + at, text.len - at, &step);
            sink_put(&out, text.ptr + at, step);
            at += step;
        }
        left--;
    }
    sink_put(&out, text.ptr + at, text.len - at);
    return run->fatal != NULL ? run_fatal(run) : run_text(run, &out);
}

static struct value replace(struct run *run, const struct value *args, uint32_t n)
{
    (void)n;
    return strings_are(args, 1, 3) && args[3].kind == VALUE_INT
               ? replace_times(run, args, args[3].i)
               : run_no_overload(run);
}

static struct value replace_all(struct run *run, const struct value *args, uint32_t n)
{
    (void)n;
    return strings_are(args, 1, 3) ? replace_times(run, args, -1) : run_no_overload(run);
}

static struct value substring(struct run *run, const struct value *args, uint32_t n)
{
    struct cxd_bytes text = value_range(args[0]);
    int64_t points = (int64_t)utf8_count(text);
    int64_t end = n == 3 ? args[2].i : points;
    size_t from;
    size_t to;

    if (args[1].kind != VALUE_INT || (n == 3 && args[2].kind != VALUE_INT)) {
        return run_no_overload(run);
    }
    if (args[1].i < 0 || args[1].i > end) {
        if (args[1].i < 0) {
            return run_fail(run, "substring: start out of range: %lld < 0", (long long)args[1].i);
        }
        if (end >= 0 && end <= points) {
            return run_fail(run, "substring: start out of range: %lld > %lld", (long long)args[1].i,
                            (long long)end);
        }
    }
    if (end < 0) {
        return run_fail(run, "substring: end out of range: %lld < 0", (long long)end);
    }
    if (end > points) {
        return run_fail(run, "substring: end out of range: %lld > %lld", (long long)end,
                        (long long)points);
    }
    from = utf8_offset(text, (size_t)args[1].i);
    to = utf8_offset(text, (size_t)end);
    return value_string(text.ptr + from, to - from);
}

/* Each code point moved by `move`; bad bytes become U+FFFD. */
static struct value change_case(struct run *run, struct value v, uint32_t (*move)(uint32_t))
{
    struct sink out = sink_on(run->pool);
    size_t len = 0;

    for (size_t at = 0; at < v.len; at += len) {
        sink_code(&out, move(utf8_get(v.text + at, v.len - at, &len)));
    }
    return run_text(run, &out);
}

static struct value to_lower(struct run *run, const struct value *args, uint32_t n)
{
    (void)n;
    return change_case(run, args[0], go_case_lower);
}

static struct value to_upper(struct run *run, const struct value *args, uint32_t n)
{
    (void)n;
    return change_case(run, args[0], go_case_upper);
}

static struct value valid_utf8(struct run *run, const struct value *args, uint32_t n)
{
    (void)run;
    (void)n;
    return value_bool(utf8_is_valid(value_range(args[0])));
}

/* A run of bad bytes becomes one replacement. */
static struct value to_valid_utf8(struct run *run, const struct value *args, uint32_t n)
{
    struct sink out = sink_on(run->pool);
    bool was_bad = false;

    (void)n;
    if (args[1].kind != VALUE_STRING) {
        return run_no_overload(run);
    }
    for (size_t at = 0; at < args[0].len;) {
        size_t len = utf8_sequence(args[0].text + at, args[0].len - at);
        if (len > 0) {
            sink_put(&out, args[0].text + at, len);
        } else if (!was_bad) {
            sink_value(&out, args[1]);
        }
        was_bad = len == 0;
        at += len > 0 ? len : 1;
    }
    return run_text(run, &out);
}

const struct function go_change_functions[] = {
    {"repeat", FUNCTION_METHOD, 2, 2, STRING, repeat},
    {"replace", FUNCTION_METHOD, 4, 4, STRING, replace},
    {"replace_all", FUNCTION_METHOD, 3, 3, STRING, replace_all},
    {"substring", FUNCTION_METHOD, 2, 3, STRING, substring},
    {"to_lower", FUNCTION_METHOD, 1, 1, STRING, to_lower},
    {"to_upper", FUNCTION_METHOD, 1, 1, STRING, to_upper},
    {"to_title", FUNCTION_METHOD, 1, 1, STRING, to_upper}, /* but for a few digraphs the same */
    {"valid_utf8", FUNCTION_METHOD, 1, 1, STRING | VALUE_MASK(VALUE_BYTES), valid_utf8},
    {"to_valid_utf8", FUNCTION_METHOD, 2, 2, STRING | VALUE_MASK(VALUE_BYTES), to_valid_utf8},
    {NULL}};
