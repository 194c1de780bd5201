/* go_split.c: cutting strings into lists. */
#include "../lang/utf8.h"
#include "catalog.h"

#define STRING VALUE_MASK(VALUE_STRING)

/* How far to the next cut from `at`; keep: the separator stays with the piece before it. SIZE_MAX: no more. */
static size_t cut_find(struct value v, struct value by, size_t at)
{
    const char *found;
    size_t len = 0;

    if (by.len == 0) {
        if (at >= v.len) {
            return SIZE_MAX;
        }
        (void)utf8_get(v.text + at, v.len - at, &len);
        return at + len < v.len ? at + len : SIZE_MAX;
    }
    found = memmem(v.text + at, v.len - at, by.text, by.len);
    return found != NULL ? (size_t)(found - v.text) : SIZE_MAX;
}

/* limit: pieces at most; below zero: all; zero: none. */
static struct value split_with(struct run *run, struct value v, struct value by, int64_t limit,
                               bool keep)
{
    size_t most = v.len / (by.len > 0 ? by.len : 1) + 1;
    struct value *items;
    uint32_t made = 0;
    size_t at = 0;
    size_t end;

    if (by.kind != VALUE_STRING) {
        return run_no_overload(run);
    }
    if (limit == 0 || (v.len == 0 && by.len == 0)) {
        return value_list(NULL, 0);
    }
    most = limit > 0 && (uint64_t)limit < most ? (size_t)limit : most;
    items = run_items(run, most);
    if (items == NULL) {
        return run_fatal(run);
    }
    while (made + 1 < most && (end = cut_find(v, by, at)) != SIZE_MAX) {
        items[made++] = value_string(v.text + at, end - at + (keep ? by.len : 0));
        at = end + by.len;
    }
    items[made++] = value_string(v.text + at, v.len - at);
    return value_list(items, made);
}

static struct value split(struct run *run, const struct value *args, uint32_t count)
{
    (void)count;
    return split_with(run, args[0], args[1], -1, false);
}

static struct value split_after(struct run *run, const struct value *args, uint32_t count)
{
    (void)count;
    return split_with(run, args[0], args[1], -1, true);
}

static struct value split_n(struct run *run, const struct value *args, uint32_t count)
{
    (void)count;
    return args[2].kind == VALUE_INT ? split_with(run, args[0], args[1], args[2].i, false)
                                     : run_no_overload(run);
}

static struct value split_after_n(struct run *run, const struct value *args, uint32_t count)
{
    (void)count;
    return args[2].kind == VALUE_INT ? split_with(run, args[0], args[1], args[2].i, true)
                                     : run_no_overload(run);
}

static struct value fields(struct run *run, const struct value *args, uint32_t count)
{
    struct value v = args[0];
    struct value *items = run_items(run, v.len / 2 + 1);
    uint32_t made = 0;
    size_t start = SIZE_MAX; /* of the field at hand */
    size_t len = 0;

    (void)count;
    if (items == NULL) {
        return run_fatal(run);
    }
    for (size_t at = 0; at < v.len; at += len) {
        if (!utf8_is_space(utf8_get(v.text + at, v.len - at, &len))) {
            start = start == SIZE_MAX ? at : start;
        } else if (start != SIZE_MAX) {
            items[made++] = value_string(v.text + start, at - start);
            start = SIZE_MAX;
        }
    }
    if (start != SIZE_MAX) {
        items[made++] = value_string(v.text + start, v.len - start);
    }
    return value_list(items, made);
}

const struct function go_split_functions[] = {
    {"split", FUNCTION_METHOD, 2, 2, STRING, split},
    {"split_n", FUNCTION_METHOD, 3, 3, STRING, split_n},
    {"split_after", FUNCTION_METHOD, 2, 2, STRING, split_after},
    {"split_after_n", FUNCTION_METHOD, 3, 3, STRING, split_after_n},
    {"fields", FUNCTION_METHOD, 1, 1, STRING, fields},
    {NULL}};
