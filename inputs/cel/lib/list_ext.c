/* list_ext.c: the lists extension. */
#include "../lang/arith.h"
#include "catalog.h"

#include <stdlib.h>

#define LIST VALUE_MASK(VALUE_LIST)
#define RANGE_MAX 1000000

static struct value range(struct run *run, const struct value *args, uint32_t count)
{
    struct value *items;

    (void)count;
    if (args[0].i > RANGE_MAX) {
        return run_fail(run, "lists.range() size must be at most %d", RANGE_MAX);
    }
    items = args[0].i > 0 ? run_items(run, (size_t)args[0].i) : NULL;
    if (args[0].i > 0 && items == NULL) {
        return run_fatal(run);
    }
    for (int64_t i = 0; i < args[0].i; i++) {
        items[i] = value_int(i);
    }
    return value_list(items, args[0].i > 0 ? (size_t)args[0].i : 0);
}

static struct value reverse(struct run *run, const struct value *args, uint32_t count)
{
    struct value *items = run_items(run, args[0].len);

    (void)count;
    for (uint32_t i = 0; items != NULL && i < args[0].len; i++) {
        items[i] = args[0].items[args[0].len - 1 - i];
    }
    return items != NULL ? value_list(items, args[0].len) : run_fatal(run);
}

static struct value slice(struct run *run, const struct value *args, uint32_t count)
{
    int64_t from = args[1].i;
    int64_t to = args[2].i;

    (void)count;
    if (args[1].kind != VALUE_INT || args[2].kind != VALUE_INT) {
        return run_no_overload(run);
    }
    if (from < 0 || to < from || to > (int64_t)args[0].len) {
        return run_fail(run, "cannot slice(%lld, %lld), list is length %u", (long long)from,
                        (long long)to, args[0].len);
    }
    return value_list(from < to ? args[0].items + from : NULL, (size_t)(to - from));
}

static struct value distinct(struct run *run, const struct value *args, uint32_t count)
{
    struct value *items = run_items(run, args[0].len);
    uint32_t made = 0;

    (void)count;
    if (items == NULL) {
        return run_fatal(run);
    }
    for (uint32_t i = 0; i < args[0].len; i++) {
        bool known = false;
        for (uint32_t j = 0; !known && j < made; j++) {
            known = arith_equal(run, items[j], args[0].items[i]);
        }
        if (!run_spend(run, made)) {
            return run_fatal(run);
        }
        if (!known) {
            items[made++] = args[0].items[i];
        }
    }
    return value_list(items, made);
}

static bool flatten_into(struct run *run, struct value list, int64_t depth, struct value *items,
                         size_t *made)
{
    if (!run_spend(run, 1 + list.len) || !run_down(run)) {
        return false;
    }
    for (uint32_t i = 0; i < list.len; i++) {
        if (list.items[i].kind == VALUE_LIST && depth > 0) {
            if (!flatten_into(run, list.items[i], depth - 1, items, made)) {
                return false;
            }
            continue;
        }
        if (items != NULL) {
            items[*made] = list.items[i];
        }
        ++*made;
    }
    run_up(run);
    return true;
}

static struct value flatten(struct run *run, const struct value *args, uint32_t count)
{
    int64_t depth = count == 2 ? args[1].i : 1;
    struct value *items = NULL;
    size_t size = 0;

    if (count == 2 && (args[1].kind != VALUE_INT || depth < 0)) {
        return args[1].kind != VALUE_INT ? run_no_overload(run)
                                         : run_fail(run, "level must be non-negative");
    }
    if (flatten_into(run, args[0], depth, NULL, &size)) {
        items = run_items(run, size);
    }
    size = 0;
    if (items == NULL || !flatten_into(run, args[0], depth, items, &size)) {
        return run_fatal(run);
    }
    return value_list(items, size);
}

/*
 * Stable: equal elements keep their order. An element is `width` values, the first of which is what it is sorted by. False:
 * elements that have no order.
 */
static bool merge_sort(struct value *items, struct value *spare, uint32_t count, uint32_t width)
{
    uint32_t half = count / 2;
    uint32_t left = 0;
    uint32_t right = half;

    if (count < 2) {
        return true;
    }
    if (!merge_sort(items, spare, half, width) ||
        !merge_sort(items + (size_t)half * width, spare, count - half, width)) {
        return false;
    }
    for (uint32_t i = 0; i < count; i++) {
        int order = 0;
        uint32_t taken;

        if (left < half && right < count &&
            (!arith_order(items[(size_t)right * width], items[(size_t)left * width], &order) ||
             order == 2)) {
            return false;
        }
        taken = right < count && (left == half || order < 0) ? right++ : left++;
        memcpy(spare + (size_t)i * width, items + (size_t)taken * width, width * sizeof *items);
    }
    memcpy(items, spare, (size_t)count * width * sizeof *items);
    return true;
}

static struct value sort(struct run *run, const struct value *args, uint32_t count)
{
    uint32_t len = args[0].len;
    struct value *items = run_items(run, len);
    struct value *spare = items != NULL ? run_items(run, len) : NULL;

    (void)count;
    if (spare == NULL || !run_spend(run, (uint64_t)len * 20)) {
        return run_fatal(run);
    }
    if (len > 0) {
        memcpy(items, args[0].items, len * sizeof *items);
    }
    return merge_sort(items, spare, len, 1) ? value_list(items, len)
                                            : run_fail(run, "list elements must be comparable");
}

/* What x.sortBy(v, e) becomes: the list and the keys of its elements. */
static struct value sort_by(struct run *run, const struct value *args, uint32_t count)
{
    uint32_t len = args[0].len;
    struct value *pairs = run_items(run, (size_t)len * 2);
    struct value *spare = pairs != NULL ? run_items(run, (size_t)len * 2) : NULL;

    (void)count;
    if (spare == NULL || !run_spend(run, (uint64_t)len * 40)) {
        return run_fatal(run);
    }
    if (args[1].kind != VALUE_LIST || args[1].len != len) {
        return run_no_overload(run);
    }
    for (uint32_t i = 0; i < len; i++) {
        pairs[(size_t)i * 2] = args[1].items[i];
        pairs[(size_t)i * 2 + 1] = args[0].items[i];
    }
    if (!merge_sort(pairs, spare, len, 2)) {
        return run_fail(run, "the keys of sortBy() must be comparable");
    }
    for (uint32_t i = 0; i < len; i++) {
        spare[i] = pairs[(size_t)i * 2 + 1];
    }
    return value_list(spare, len);
}

static struct value first(struct run *run, const struct value *args, uint32_t count)
{
    (void)count;
    return args[0].len > 0 ? run_optional(run, args[0].items[0]) : run_empty();
}

static struct value last(struct run *run, const struct value *args, uint32_t count)
{
    (void)count;
    return args[0].len > 0 ? run_optional(run, args[0].items[args[0].len - 1]) : run_empty();
}

const struct function list_ext_functions[] = {
    {"lists.range", FUNCTION_FREE, 1, 1, VALUE_MASK(VALUE_INT), range},
    {"reverse", FUNCTION_METHOD, 1, 1, LIST, reverse},
    {"slice", FUNCTION_METHOD, 3, 3, LIST, slice},
    {"distinct", FUNCTION_METHOD, 1, 1, LIST, distinct},
    {"flatten", FUNCTION_METHOD, 1, 2, LIST, flatten},
    {"sort", FUNCTION_METHOD, 1, 1, LIST, sort},
    {"@sortBy", FUNCTION_FREE, 2, 2, LIST, sort_by}, /* of the macro; no source can spell it */
    {"first", FUNCTION_METHOD, 1, 1, LIST, first},
    {"last", FUNCTION_METHOD, 1, 1, LIST, last},
    {NULL}};
