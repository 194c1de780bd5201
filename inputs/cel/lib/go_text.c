/* go_text.c: looking into strings, as Go's strings package does. Positions are bytes. */
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
    {NULL}};
