/* go_text.c: the functions of Go's strings package that programs use. Positions are bytes, but substring's are code points. */
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

static bool has_code(struct cxd_bytes set, uint32_t code)
{
    size_t len = 0;

    for (size_t at = 0; at < set.len; at += len) {
        if (utf8_get(set.ptr + at, set.len - at, &len) == code) {
            return true;
        }
    }
    return false;
}

/* The code point that ends at `end`. */
static uint32_t code_before(struct cxd_bytes text, size_t end, size_t *ret_len)
{
    size_t start = end - 1;
    uint32_t code;

    while (start > 0 && end - start < 4 && ((unsigned char)text.ptr[start] & 0xc0) == 0x80) {
        start--;
    }
    code = utf8_get(text.ptr + start, end - start, ret_len);
    if (*ret_len != end - start) {
        *ret_len = 1;
        return 0xfffd;
    }
    return code;
}

typedef bool (*cut_fn)(struct cxd_bytes set, uint32_t code);

static bool is_space(struct cxd_bytes set, uint32_t code)
{
    (void)set;
    return utf8_is_space(code);
}

static struct value cut(struct value v, struct cxd_bytes set, cut_fn is_cut, bool left, bool right)
{
    struct cxd_bytes text = value_range(v);
    size_t start = 0;
    size_t end = text.len;
    size_t len = 0;

    while (left && start < end && is_cut(set, utf8_get(text.ptr + start, end - start, &len))) {
        start += len;
    }
    while (right && end > start && is_cut(set, code_before(text, end, &len))) {
        end -= len;
    }
    return value_string(text.ptr + start, end - start);
}

#define CUT(name, left, right)                                                                     \
    static struct value name(struct run *run, const struct value *args, uint32_t count)            \
    {                                                                                              \
        (void)count;                                                                               \
        if (args[1].kind != VALUE_STRING) {                                                        \
            return run_no_overload(run);                                                           \
        }                                                                                          \
        if (!run_spend(run, 1 + (uint64_t)args[0].len * args[1].len / 16)) {                       \
            return run_fatal(run);                                                                 \
        }                                                                                          \
        return cut(args[0], value_range(args[1]), has_code, left, right);                          \
    }

CUT(trim, true, true)
CUT(trim_left, true, false)
CUT(trim_right, false, true)

static struct value trim_space(struct run *run, const struct value *args, uint32_t count)
{
    (void)run;
    (void)count;
    return cut(args[0], (struct cxd_bytes){NULL, 0}, is_space, true, true);
}

static bool begins(struct value v, struct value part)
{
    return part.len <= v.len && memcmp(v.text, part.text, part.len) == 0;
}

static bool ends(struct value v, struct value part)
{
    return part.len <= v.len && memcmp(v.text + v.len - part.len, part.text, part.len) == 0;
}

static struct value trim_prefix(struct run *run, const struct value *args, uint32_t count)
{
    (void)count;
    if (!strings_are(args, 1, 2)) {
        return run_no_overload(run);
    }
    return begins(args[0], args[1])
               ? value_string(args[0].text + args[1].len, args[0].len - args[1].len)
               : args[0];
}

static struct value trim_suffix(struct run *run, const struct value *args, uint32_t count)
{
    (void)count;
    if (!strings_are(args, 1, 2)) {
        return run_no_overload(run);
    }
    return ends(args[0], args[1]) ? value_string(args[0].text, args[0].len - args[1].len) : args[0];
}

/* Byte offset of the first (or last) occurrence, or -1. */
static int64_t find(struct value v, struct value part, bool last)
{
    const char *found;

    if (part.len > v.len) {
        return -1;
    }
    if (!last) {
        found = part.len == 0 ? v.text : memmem(v.text, v.len, part.text, part.len);
        return found != NULL ? found - v.text : -1;
    }
    for (size_t at = v.len - part.len;; at--) {
        if (memcmp(v.text + at, part.text, part.len) == 0) {
            return (int64_t)at;
        }
        if (at == 0) {
            return -1;
        }
    }
}

static int64_t find_any(struct value v, struct value set, bool last)
{
    int64_t found = -1;
    size_t len = 0;

    for (size_t at = 0; at < v.len; at += len) {
        uint32_t code = utf8_get(v.text + at, v.len - at, &len);
        if (has_code(value_range(set), code)) {
            found = (int64_t)at;
            if (!last) {
                break;
            }
        }
    }
    return found;
}

static int64_t count_of(struct value v, struct value part)
{
    int64_t count = 0;
    size_t at = 0;
    const char *found;

    if (part.len == 0) {
        return (int64_t)utf8_count(value_range(v)) + 1;
    }
    while ((found = memmem(v.text + at, v.len - at, part.text, part.len)) != NULL) {
        count++;
        at = (size_t)(found - v.text) + part.len;
    }
    return count;
}

static int64_t compare_to(struct value a, struct value b)
{
    int order = memcmp(a.text, b.text, a.len < b.len ? a.len : b.len);

    return order != 0 ? (order > 0 ? 1 : -1) : (a.len > b.len) - (a.len < b.len);
}

/* Simple folding: lower case, and the few letters that share one. */
static uint32_t fold(uint32_t code)
{
    if (code < 0x80) {
        return code >= 'A' && code <= 'Z' ? code + 32 : code;
    }
    if (code == 0x212a) {
        return 'k';
    }
    if (code == 0x17f) {
        return 's';
    }
    if (code == 0x3c2) {
        return 0x3c3;
    }
    return go_case_lower(code);
}

static bool equal_fold(struct value a, struct value b)
{
    size_t i = 0;
    size_t j = 0;

    while (i < a.len && j < b.len) {
        size_t left = 0;
        size_t right = 0;
        if (fold(utf8_get(a.text + i, a.len - i, &left)) !=
            fold(utf8_get(b.text + j, b.len - j, &right))) {
            return false;
        }
        i += left;
        j += right;
    }
    return i == a.len && j == b.len;
}

#define ON_TWO(name, result)                                                                       \
    static struct value name(struct run *run, const struct value *args, uint32_t count)            \
    {                                                                                              \
        (void)count;                                                                               \
        if (!strings_are(args, 1, 2)) {                                                            \
            return run_no_overload(run);                                                           \
        }                                                                                          \
        if (!run_spend(run, 1 + args[0].len / 4)) {                                                \
            return run_fatal(run);                                                                 \
        }                                                                                          \
        return result;                                                                             \
    }

ON_TWO(contains_substr, value_bool(find(args[0], args[1], false) >= 0))
ON_TWO(contains_any, value_bool(find_any(args[0], args[1], false) >= 0))
ON_TWO(has_prefix, value_bool(begins(args[0], args[1])))
ON_TWO(has_suffix, value_bool(ends(args[0], args[1])))
ON_TWO(index_of, value_int(find(args[0], args[1], false)))
ON_TWO(index_any, value_int(find_any(args[0], args[1], false)))
ON_TWO(last_index, value_int(find(args[0], args[1], true)))
ON_TWO(last_index_any, value_int(find_any(args[0], args[1], true)))
ON_TWO(count, value_int(count_of(args[0], args[1])))
ON_TWO(compare, value_int(compare_to(args[0], args[1])))
ON_TWO(equal_folded, value_bool(equal_fold(args[0], args[1])))

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

const struct function go_text_functions[] = {
    {"trim", FUNCTION_METHOD, 2, 2, STRING, trim},
    {"trim_left", FUNCTION_METHOD, 2, 2, STRING, trim_left},
    {"trim_right", FUNCTION_METHOD, 2, 2, STRING, trim_right},
    {"trim_space", FUNCTION_METHOD, 1, 1, STRING, trim_space},
    {"trim_prefix", FUNCTION_METHOD, 2, 2, STRING, trim_prefix},
    {"trim_suffix", FUNCTION_METHOD, 2, 2, STRING, trim_suffix},
    {"contains_substr", FUNCTION_METHOD, 2, 2, STRING, contains_substr},
    {"contains_any", FUNCTION_METHOD, 2, 2, STRING, contains_any},
    {"has_prefix", FUNCTION_METHOD, 2, 2, STRING, has_prefix},
    {"has_suffix", FUNCTION_METHOD, 2, 2, STRING, has_suffix},
    {"index", FUNCTION_METHOD, 2, 2, STRING, index_of},
    {"index_any", FUNCTION_METHOD, 2, 2, STRING, index_any},
    {"last_index", FUNCTION_METHOD, 2, 2, STRING, last_index},
    {"last_index_any", FUNCTION_METHOD, 2, 2, STRING, last_index_any},
    {"count", FUNCTION_METHOD, 2, 2, STRING, count},
    {"compare", FUNCTION_METHOD, 2, 2, STRING, compare},
    {"equal_fold", FUNCTION_METHOD, 2, 2, STRING, equal_folded},
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
