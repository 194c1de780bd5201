/* dict.c: short maps are searched from end to end, long ones through a table of open addresses. */
#include "dict.h"

#include <cxd/status.h>
#include <math.h>
#include <stdlib.h>

#define SHORT_MAX 8u

static uint64_t mix(uint64_t a, uint64_t b)
{
    __uint128_t product = (__uint128_t)(a ^ 0x9e3779b97f4a7c15ull) * (b ^ 0xd6e8feb86659fd93ull);

    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* Where the process lies in memory differs from run to run, so nobody outside can aim at one place. */
static uint64_t seed(void)
{
    static const char here;

    return (uint64_t)(uintptr_t)&here;
}

static uint64_t hash_text(const char *text, size_t len)
{
    uint64_t hash = mix(seed(), len);
    uint64_t word;

    for (; len >= 8; text += 8, len -= 8) {
        memcpy(&word, text, 8);
        hash = mix(hash, word);
    }
    word = 0;
    for (size_t i = 0; i < len; i++) {
        word |= (uint64_t)(unsigned char)text[i] << (8 * i);
    }
    return mix(hash, word);
}

static uint64_t hash_key(struct value key)
{
    return key.kind == VALUE_STRING ? hash_text(key.text, key.len)
                                    : mix(seed() + (key.kind == VALUE_BOOL), key.u);
}

static bool same_key(struct value a, struct value b)
{
    if (a.kind == VALUE_STRING) {
        return b.kind == VALUE_STRING && a.len == b.len && value_same_bytes(a.text, b.text, a.len);
    }
    if (a.u != b.u) {
        return false;
    }
    if (a.kind == b.kind) {
        return true;
    }
    /* int and uint of one value; a negative int is no uint, though its bits may be */
    return value_is(a, VALUE_MASK(VALUE_INT) | VALUE_MASK(VALUE_UINT)) &&
           value_is(b, VALUE_MASK(VALUE_INT) | VALUE_MASK(VALUE_UINT)) && a.i >= 0;
}

struct dict *dict_new(struct pool *pool, size_t room)
{
    struct dict *dict;
    size_t places = room > SHORT_MAX ? 16 : 0;
    size_t size;

    if (room > UINT32_MAX / 4) {
        pool->status = CXD_TOO_LARGE;
        return NULL;
    }
    while (places > 0 && places < room * 2) {
        places *= 2;
    }
    size = sizeof *dict + room * sizeof *dict->entries + places * sizeof *dict->places;
    dict = pool_alloc(pool, size); /* the map, its entries and its table are one piece */
    if (dict == NULL) {
        return NULL;
    }
    *dict = (struct dict){.room = (uint32_t)room, .entries = (struct dict_entry *)(dict + 1)};
    if (places > 0) {
        dict->places = (uint32_t *)(dict->entries + room);
        dict->mask = (uint32_t)places - 1;
        memset(dict->places, 0, places * sizeof *dict->places);
    }
    return dict;
}

/* The place of the key, or the free one where it would be. Only with a table. */
static uint32_t *place_find(const struct dict *dict, struct value key, uint64_t hash)
{
    uint32_t at = (uint32_t)hash & dict->mask;

    while (dict->places[at] != 0 && !same_key(dict->entries[dict->places[at] - 1].key, key)) {
        at = (at + 1) & dict->mask;
    }
    return &dict->places[at];
}

static struct dict_entry *entry_find(const struct dict *dict, struct value key)
{
    if (dict->mask == 0) {
        for (uint32_t i = 0; i < dict->count; i++) {
            if (same_key(dict->entries[i].key, key)) {
                return &dict->entries[i];
            }
        }
        return NULL;
    }
    uint32_t number = *place_find(dict, key, hash_key(key));

    return number > 0 ? &dict->entries[number - 1] : NULL;
}

bool dict_put(struct dict *dict, struct value key, struct value value)
{
    struct dict_entry *entry;

    if (dict->mask == 0) {
        entry = entry_find(dict, key);
    } else {
        uint32_t *place = place_find(dict, key, hash_key(key));
        entry = *place > 0 ? &dict->entries[*place - 1] : NULL;
        *place = *place > 0 ? *place : dict->count + 1;
    }
    if (entry != NULL) {
        entry->value = value;
        return false;
    }
    dict->entries[dict->count++] = (struct dict_entry){key, value};
    return true;
}

/* A whole double is looked up as the integer it equals. */
static bool key_settle(struct value *key)
{
    double d = key->d;

    if (key->kind == VALUE_DOUBLE) {
        if (!(d >= -9223372036854775808.0 && d < 18446744073709551616.0) || d != floor(d)) {
            return false;
        }
        *key = d < 0 ? value_int((int64_t)d) : value_uint((uint64_t)d);
    }
    return dict_is_key(*key);
}

const struct value *dict_find(const struct dict *dict, struct value key)
{
    struct dict_entry *entry;

    if (!key_settle(&key)) {
        return NULL;
    }
    entry = entry_find(dict, key);
    return entry != NULL ? &entry->value : NULL;
}

const struct value *dict_find_text(const struct dict *dict, const char *text, size_t len)
{
    struct dict_entry *entry = entry_find(dict, value_string(text, len));

    return entry != NULL ? &entry->value : NULL;
}

uint64_t dict_hash(const char *text, size_t len)
{
    return hash_text(text, len);
}

const struct value *dict_find_hashed(const struct dict *dict, const char *text, uint32_t len,
                                     uint64_t hash)
{
    uint32_t at;

    if (dict->mask == 0) {
        for (uint32_t i = 0; i < dict->count; i++) {
            if (dict_entry_is(&dict->entries[i], text, len)) {
                return &dict->entries[i].value;
            }
        }
        return NULL;
    }
    for (at = (uint32_t)hash & dict->mask; dict->places[at] != 0; at = (at + 1) & dict->mask) {
        struct dict_entry *entry = &dict->entries[dict->places[at] - 1];
        if (dict_entry_is(entry, text, len)) {
            return &entry->value;
        }
    }
    return NULL;
}

bool dict_is_key(struct value v)
{
    return value_is(v, VALUE_MASK(VALUE_BOOL) | VALUE_MASK(VALUE_INT) | VALUE_MASK(VALUE_UINT) |
                           VALUE_MASK(VALUE_STRING));
}

static int rank(struct value key)
{
    return key.kind == VALUE_STRING ? 2 : key.kind == VALUE_BOOL ? 0 : 1;
}

static int compare_numbers(struct value a, struct value b)
{
    bool a_below = a.kind == VALUE_INT && a.i < 0;
    bool b_below = b.kind == VALUE_INT && b.i < 0;

    if (a_below != b_below) {
        return a_below ? -1 : 1;
    }
    return a.u < b.u ? -1 : a.u > b.u; /* both negative: two's complement keeps the order */
}

static int compare_entries(const void *left, const void *right)
{
    struct value a = (*(const struct dict_entry *const *)left)->key;
    struct value b = (*(const struct dict_entry *const *)right)->key;
    size_t len = a.len < b.len ? a.len : b.len;
    int order;

    if (rank(a) != rank(b)) {
        return rank(a) - rank(b);
    }
    if (a.kind != VALUE_STRING) {
        return compare_numbers(a, b);
    }
    order = memcmp(a.text, b.text, len);
    return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

static bool in_order(const struct dict_entry **sorted, uint32_t count)
{
    for (uint32_t i = 1; i < count; i++) {
        if (compare_entries(&sorted[i - 1], &sorted[i]) > 0) {
            return false;
        }
    }
    return true;
}

const struct dict_entry **dict_sorted(struct pool *pool, const struct dict *dict)
{
    const struct dict_entry **sorted = pool_array(pool, dict->count, sizeof *sorted);

    if (sorted == NULL) {
        return NULL;
    }
    for (uint32_t i = 0; i < dict->count; i++) {
        sorted[i] = &dict->entries[i];
    }
    if (!in_order(sorted, dict->count)) {
        qsort(sorted, dict->count, sizeof *sorted, compare_entries);
    }
    return sorted;
}

const struct dict_entry **dict_sorted_alike(struct pool *pool, const struct dict *dict,
                                            const uint32_t **order, uint32_t *order_count)
{
    const struct dict_entry **sorted;
    uint32_t *places;

    if (dict->count < DICT_ORDER_LEAST) {
        return dict_sorted(pool, dict);
    }
    if (*order_count == dict->count) {
        sorted = pool_array(pool, dict->count, sizeof *sorted);
        for (uint32_t i = 0; sorted != NULL && i < dict->count; i++) {
            sorted[i] = &dict->entries[(*order)[i]];
        }
        if (sorted == NULL || in_order(sorted, dict->count)) {
            return sorted;
        }
    }
    sorted = dict_sorted(pool, dict);
    places = sorted != NULL ? pool_array(pool, dict->count, sizeof *places) : NULL;
    for (uint32_t i = 0; places != NULL && i < dict->count; i++) {
        places[i] = (uint32_t)(sorted[i] - dict->entries);
    }
    *order = places;
    *order_count = places != NULL ? dict->count : 0;
    return sorted;
}
