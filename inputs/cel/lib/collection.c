/* collection.c: maps laid over maps, keys and values, extremes and sums, heads and tails. */
#include "../lang/arith.h"
#include "../lang/dict.h"
#include "../lang/number.h"
#include "catalog.h"

#define MAP VALUE_MASK(VALUE_MAP)
#define LIST VALUE_MASK(VALUE_LIST)

enum overlay { OVERLAY_ALL, OVERLAY_REPLACE, OVERLAY_UPDATE };

/* The entries of `over` laid over `under`, one level deep: all of them, those that exist, or those that do not. */
static struct value lay(struct run *run, const struct value *args, enum overlay overlay)
{
    const struct dict *under = args[0].dict;
    const struct dict *over = args[1].dict;
    struct dict *dict;

    if (args[1].kind != VALUE_MAP) {
        return run_no_overload(run);
    }
    if (!run_spend(run, 1 + (uint64_t)under->count + over->count)) {
        return run_fatal(run);
    }
    dict = dict_new(run->pool, (size_t)under->count + over->count);
    if (dict == NULL) {
        return run_out_of_memory(run);
    }
    for (uint32_t i = 0; i < under->count; i++) {
        (void)dict_put(dict, under->entries[i].key, under->entries[i].value);
    }
    for (uint32_t i = 0; i < over->count; i++) {
        bool exists = overlay != OVERLAY_ALL && dict_find(under, over->entries[i].key) != NULL;
        if (overlay == OVERLAY_ALL || exists == (overlay == OVERLAY_REPLACE)) {
            (void)dict_put(dict, over->entries[i].key, over->entries[i].value);
        }
    }
    return value_map(dict);
}

static struct value with(struct run *run, const struct value *args, uint32_t count)
{
    (void)count;
    return lay(run, args, OVERLAY_ALL);
}

static struct value with_replace(struct run *run, const struct value *args, uint32_t count)
{
    (void)count;
    return lay(run, args, OVERLAY_REPLACE);
}

static struct value with_update(struct run *run, const struct value *args, uint32_t count)
{
    (void)count;
    return lay(run, args, OVERLAY_UPDATE);
}

static struct value zip(struct run *run, const struct value *args, uint32_t count)
{
    struct dict *dict;

    (void)count;
    if (args[1].kind != VALUE_LIST) {
        return run_no_overload(run);
    }
    if (args[0].len != args[1].len) {
        return run_fail(run, "zip: size(keys) != size(vals): %u != %u", args[0].len, args[1].len);
    }
    if (!run_spend(run, 1 + args[0].len)) {
        return run_fatal(run);
    }
    dict = dict_new(run->pool, args[0].len);
    if (dict == NULL) {
        return run_out_of_memory(run);
    }
    for (uint32_t i = 0; i < args[0].len; i++) {
        if (!dict_is_key(args[0].items[i])) {
            return run_fail(run, "unsupported key type");
        }
        (void)dict_put(dict, args[0].items[i], args[1].items[i]);
    }
    return value_map(dict);
}

static struct value sorted_list(struct run *run, const struct dict *dict, bool keys)
{
    struct value *items = run_items(run, dict->count);
    const struct dict_entry **sorted = items != NULL ? dict_sorted(run->pool, dict) : NULL;

    if (sorted == NULL) {
        return items == NULL ? run_fatal(run) : run_out_of_memory(run);
    }
    for (uint32_t i = 0; i < dict->count; i++) {
        items[i] = keys ? sorted[i]->key : sorted[i]->value;
    }
    return value_list(items, dict->count);
}

static struct value keys(struct run *run, const struct value *args, uint32_t count)
{
    (void)count;
    return sorted_list(run, args[0].dict, true);
}

static struct value values(struct run *run, const struct value *args, uint32_t count)
{
    (void)count;
    return sorted_list(run, args[0].dict, false);
}

static struct value extreme(struct run *run, const struct value *items, uint32_t count, int sign)
{
    struct value best;

    if (count == 0) {
        return run_fail(run, "no extremum of empty list");
    }
    if (!run_spend(run, count)) {
        return run_fatal(run);
    }
    best = items[0];
    for (uint32_t i = 0; i < count; i++) {
        int order = 0;
        if (!arith_order(items[i], best, &order)) {
            return run_no_overload(run);
        }
        if (order != 2 && order * sign > 0) {
            best = items[i];
        }
    }
    return best;
}

static struct value max_of(struct run *run, const struct value *args, uint32_t count)
{
    return count == 1 ? extreme(run, args[0].items, args[0].len, 1) : extreme(run, args, count, 1);
}

static struct value min_of(struct run *run, const struct value *args, uint32_t count)
{
    return count == 1 ? extreme(run, args[0].items, args[0].len, -1)
                      : extreme(run, args, count, -1);
}

static struct value sum(struct run *run, const struct value *args, uint32_t count)
{
    struct value total = args[0].len > 0 ? args[0].items[0] : value_int(0);

    (void)count;
    if (!run_spend(run, args[0].len)) {
        return run_fatal(run);
    }
    if (!number_is(total) && total.kind != VALUE_DURATION) {
        return run_no_overload(run);
    }
    for (uint32_t i = 1; i < args[0].len && !value_is_error(total); i++) {
        total = arith_add(run, total, args[0].items[i]);
    }
    return total;
}

/* How many elements the second argument asks for; false: it is no such number. */
static bool amount(const struct value *args, uint32_t count, uint32_t *ret)
{
    if (count == 1) {
        *ret = 1;
        return true;
    }
    if (args[1].kind != VALUE_INT || args[1].i < 0) {
        return false;
    }
    *ret = args[1].i < (int64_t)args[0].len ? (uint32_t)args[1].i : args[0].len;
    return true;
}

static struct value tail(struct run *run, const struct value *args, uint32_t count)
{
    uint32_t skip = 0;

    if (!amount(args, count, &skip)) {
        return args[1].kind == VALUE_INT ? run_fail(run, "tail: negative count")
                                         : run_no_overload(run);
    }
    skip = skip < args[0].len ? skip : args[0].len;
    return value_list(skip < args[0].len ? args[0].items + skip : NULL, args[0].len - skip);
}

static struct value front(struct run *run, const struct value *args, uint32_t count)
{
    uint32_t take = 0;

    if (!amount(args, count, &take)) {
        return args[1].kind == VALUE_INT ? run_fail(run, "front: negative count")
                                         : run_no_overload(run);
    }
    return value_list(args[0].items, take);
}

const struct function collection_functions[] = {
    {"with", FUNCTION_METHOD, 2, 2, MAP, with},
    {"with_replace", FUNCTION_METHOD, 2, 2, MAP, with_replace},
    {"with_update", FUNCTION_METHOD, 2, 2, MAP, with_update},
    {"zip", FUNCTION_BOTH, 2, 2, LIST, zip},
    {"keys", FUNCTION_BOTH, 1, 1, MAP, keys},
    {"values", FUNCTION_BOTH, 1, 1, MAP, values},
    {"max", FUNCTION_BOTH, 1, 1, LIST, max_of},
    {"max", FUNCTION_FREE, 2, 2, 0, max_of},
    {"min", FUNCTION_BOTH, 1, 1, LIST, min_of},
    {"min", FUNCTION_FREE, 2, 2, 0, min_of},
    {"sum", FUNCTION_BOTH, 1, 1, LIST, sum},
    {"tail", FUNCTION_BOTH, 1, 2, LIST, tail},
    {"front", FUNCTION_BOTH, 2, 2, LIST, front},
    {NULL}};
