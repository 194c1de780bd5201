/* text_ext.c: the strings extension. Positions are code points. */
#include "../lang/utf8.h"
#include "catalog.h"

#define STRING VALUE_MASK(VALUE_STRING)

static bool is_int_at(const struct value *args, uint32_t count, uint32_t at)
{
    return at >= count || args[at].kind == VALUE_INT;
}

static struct value out_of_range(struct run *run, int64_t at)
{
    return run_fail(run, "index out of range: %lld", (long long)at);
}

static struct value char_at(struct run *run, const struct value *args, uint32_t count)
{
    struct cxd_bytes text = value_range(args[0]);
    size_t start;
    size_t len = 0;

    if (!is_int_at(args, count, 1)) {
        return run_no_overload(run);
    }
    if (args[1].i < 0 || args[1].i > (int64_t)text.len) {
        return out_of_range(run, args[1].i);
    }
    start = utf8_offset(text, (size_t)args[1].i);
    if (start == text.len) {
        return (int64_t)utf8_count(text) == args[1].i ? VALUE_TEXT("")
                                                      : out_of_range(run, args[1].i);
    }
    (void)utf8_get(text.ptr + start, text.len - start, &len);
    return value_string(text.ptr + start, len);
}

static int64_t code_points(struct cxd_bytes text, size_t bytes)
{
    return (int64_t)utf8_count((struct cxd_bytes){text.ptr, bytes});
}

static struct value index_of(struct run *run, const struct value *args, uint32_t count)
{
    struct cxd_bytes text = value_range(args[0]);
    struct cxd_bytes part = value_range(args[1]);
    int64_t from = count == 3 ? args[2].i : 0;
    const char *found;
    size_t start;

    if (args[1].kind != VALUE_STRING || !is_int_at(args, count, 2)) {
        return run_no_overload(run);
    }
    if (!run_spend(run, text.len / 8)) {
        return run_fatal(run);
    }
    if (from < 0 || from > code_points(text, text.len)) {
        return out_of_range(run, from);
    }
    if (part.len == 0) {
        return value_int(from);
    }
    start = utf8_offset(text, (size_t)from);
    found = memmem(text.ptr + start, text.len - start, part.ptr, part.len);
    return value_int(found != NULL ? code_points(text, (size_t)(found - text.ptr)) : -1);
}

static struct value last_index_of(struct run *run, const struct value *args, uint32_t count)
{
    struct cxd_bytes text = value_range(args[0]);
    struct cxd_bytes part = value_range(args[1]);
    int64_t points;
    size_t start;

    if (args[1].kind != VALUE_STRING || !is_int_at(args, count, 2)) {
        return run_no_overload(run);
    }
    if (!run_spend(run, text.len)) {
        return run_fatal(run);
    }
    points = code_points(text, text.len);
    if (count == 3 && (args[2].i < 0 || args[2].i > points)) {
        return out_of_range(run, args[2].i);
    }
    if (part.len == 0) {
        return value_int(count == 3 ? args[2].i : points);
    }
    if (part.len > text.len) {
        return value_int(-1);
    }
    start = text.len - part.len;
    if (count == 3 && utf8_offset(text, (size_t)args[2].i) < start) {
        start = utf8_offset(text, (size_t)args[2].i);
    }
    for (;; start--) {
        if (memcmp(text.ptr + start, part.ptr, part.len) == 0) {
            return value_int(code_points(text, start));
        }
        if (start == 0) {
            return value_int(-1);
        }
    }
}

static struct value change_case(struct run *run, struct value v, char from, char to, char move)
{
    struct sink out = sink_on(run->pool);
    char *room = sink_room(&out, v.len);

    for (uint32_t i = 0; room != NULL && i < v.len; i++) {
        room[i] = v.text[i] >= from && v.text[i] <= to ? (char)(v.text[i] + move) : v.text[i];
    }
    out.len = room != NULL ? v.len : 0;
    return run_text(run, &out);
}

static struct value lower_ascii(struct run *run, const struct value *args, uint32_t count)
{
    (void)count;
    return change_case(run, args[0], 'A', 'Z', 32);
}

static struct value upper_ascii(struct run *run, const struct value *args, uint32_t count)
{
    (void)count;
    return change_case(run, args[0], 'a', 'z', -32);
}

static struct value replace(struct run *run, const struct value *args, uint32_t count)
{
    struct cxd_bytes text = value_range(args[0]);
    struct cxd_bytes old = value_range(args[1]);
    struct sink out = sink_on(run->pool);
    int64_t left = count == 4 ? args[3].i : -1;
    size_t at = 0;

    if (args[1].kind != VALUE_STRING || args[2].kind != VALUE_STRING ||
        !is_int_at(args, count, 3)) {
        return run_no_overload(run);
    }
    while (left != 0 && !out.failed) {
        const char *found =
            old.len > 0 ? memmem(text.ptr + at, text.len - at, old.ptr, old.len) : text.ptr + at;
        size_t step = 0;
        if (found == NULL || !run_spend(run, 1)) {
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

static struct value substring(struct run *run, const struct value *args, uint32_t count)
{
    struct cxd_bytes text = value_range(args[0]);
    int64_t points = code_points(text, text.len);
    int64_t end = count == 3 ? args[2].i : points;
    size_t from;
    size_t to;

    if (!is_int_at(args, count, 1) || !is_int_at(args, count, 2)) {
        return run_no_overload(run);
    }
    if (args[1].i < 0 || args[1].i > points) {
        return out_of_range(run, args[1].i);
    }
    if (end < 0 || end > points) {
        return out_of_range(run, end);
    }
    if (end < args[1].i) {
        return run_fail(run, "invalid substring range. start: %lld, end: %lld",
                        (long long)args[1].i, (long long)end);
    }
    from = utf8_offset(text, (size_t)args[1].i);
    to = utf8_offset(text, (size_t)end);
    return value_string(text.ptr + from, to - from);
}

static struct value trim(struct run *run, const struct value *args, uint32_t count)
{
    struct cxd_bytes text = value_range(args[0]);
    size_t start = 0;
    size_t end = 0;
    size_t len = 0;
    bool begun = false;

    (void)run;
    (void)count;
    for (size_t at = 0; at < text.len; at += len) {
        bool space = utf8_is_space(utf8_get(text.ptr + at, text.len - at, &len));
        if (!space) {
            start = begun ? start : at;
            end = at + len;
            begun = true;
        }
    }
    return value_string(text.ptr + start, end - start);
}

static struct value reverse(struct run *run, const struct value *args, uint32_t count)
{
    struct cxd_bytes text = value_range(args[0]);
    struct sink out = sink_on(run->pool);
    char *room = sink_room(&out, text.len);
    size_t len = 0;

    (void)count;
    for (size_t at = 0; room != NULL && at < text.len; at += len) {
        (void)utf8_get(text.ptr + at, text.len - at, &len);
        memcpy(room + text.len - at - len, text.ptr + at, len);
    }
    out.len = room != NULL ? text.len : 0;
    return run_text(run, &out);
}

static void put_quoted(struct sink *out, uint32_t code)
{
    static const char from[] = "\a\b\f\n\r\t\v\\\"";
    static const char to[] = "abfnrtv\\\"";
    const char *found = code > 0 && code < 0x80 ? strchr(from, (int)code) : NULL;

    if (found != NULL) {
        sink_char(out, '\\');
        sink_char(out, to[found - from]);
    } else {
        sink_code(out, code);
    }
}

static struct value quote(struct run *run, const struct value *args, uint32_t count)
{
    struct cxd_bytes text = value_range(args[0]);
    struct sink out = sink_on(run->pool);
    size_t len = 0;

    (void)count;
    sink_char(&out, '"');
    for (size_t at = 0; at < text.len; at += len) {
        put_quoted(&out, utf8_get(text.ptr + at, text.len - at, &len));
    }
    sink_char(&out, '"');
    return run_text(run, &out);
}

static struct value join(struct run *run, const struct value *args, uint32_t count)
{
    struct sink out = sink_on(run->pool);

    if (count == 2 && args[1].kind != VALUE_STRING) {
        return run_no_overload(run);
    }
    for (uint32_t i = 0; i < args[0].len && run_spend(run, 1); i++) {
        if (args[0].items[i].kind != VALUE_STRING) {
            return run_no_overload(run);
        }
        if (i > 0 && count == 2) {
            sink_value(&out, args[1]);
        }
        sink_value(&out, args[0].items[i]);
    }
    return run->fatal != NULL ? run_fatal(run) : run_text(run, &out);
}

/* The limit is a number of parts; below zero: all. */
static struct value split(struct run *run, const struct value *args, uint32_t count)
{
    struct cxd_bytes text = value_range(args[0]);
    struct cxd_bytes by = value_range(args[1]);
    int64_t limit = count == 3 ? args[2].i : -1;
    size_t most;
    struct value *items;
    uint32_t made = 0;
    size_t at = 0;

    if (args[1].kind != VALUE_STRING || !is_int_at(args, count, 2)) {
        return run_no_overload(run);
    }
    if (limit == 0) {
        return value_list(NULL, 0);
    }
    most = text.len / (by.len > 0 ? by.len : 1) + 1;
    most = limit > 0 && (size_t)limit < most ? (size_t)limit : most;
    items = run_items(run, most);
    if (items == NULL) {
        return run_fatal(run);
    }
    while (made + 1 < most) {
        const char *found;
        size_t step = 0;
        if (by.len == 0) {
            if (at == text.len) {
                break;
            }
            (void)utf8_get(text.ptr + at, text.len - at, &step);
            if (at + step == text.len) {
                break;
            }
            found = text.ptr + at + step;
        } else {
            found = memmem(text.ptr + at, text.len - at, by.ptr, by.len);
        }
        if (found == NULL) {
            break;
        }
        items[made++] = value_string(text.ptr + at, (size_t)(found - text.ptr) - at);
        at = (size_t)(found - text.ptr) + by.len;
    }
    if (by.len > 0 || at < text.len) {
        items[made++] = value_string(text.ptr + at, text.len - at);
    }
    return value_list(items, made);
}

const struct function text_ext_functions[] = {
    {"charAt", FUNCTION_METHOD, 2, 2, STRING, char_at},
    {"indexOf", FUNCTION_METHOD, 2, 3, STRING, index_of},
    {"lastIndexOf", FUNCTION_METHOD, 2, 3, STRING, last_index_of},
    {"lowerAscii", FUNCTION_METHOD, 1, 1, STRING, lower_ascii},
    {"upperAscii", FUNCTION_METHOD, 1, 1, STRING, upper_ascii},
    {"replace", FUNCTION_METHOD, 3, 4, STRING, replace},
    {"split", FUNCTION_METHOD, 2, 3, STRING, split},
    {"substring", FUNCTION_METHOD, 2, 3, STRING, substring},
    {"trim", FUNCTION_METHOD, 1, 1, STRING, trim},
    {"reverse", FUNCTION_METHOD, 1, 1, STRING, reverse},
    {"join", FUNCTION_METHOD, 1, 2, VALUE_MASK(VALUE_LIST), join},
    {"strings.quote", FUNCTION_FREE, 1, 1, STRING, quote},
    {NULL}};
