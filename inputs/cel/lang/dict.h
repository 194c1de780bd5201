/*
 * dict.h: maps. Keys are bool, int, uint or string; 1 and 1u are one key, and a whole double finds it. Members keep the
 * order in which they came, which programs must not rely on. Built once, immutable from then on.
 */
#pragma once

#include "pool.h"
#include "value.h"

struct dict_entry {
    struct value key;
    struct value value;
};

struct dict {
    uint32_t count;
    uint32_t room;    /* entries there is room for */
    uint32_t mask;    /* places - 1; 0: short enough to be searched from end to end */
    uint32_t *places; /* entry number + 1; 0: free */
    struct dict_entry *entries;
};

/* Room for exactly `room` members. NULL: pool refused. */
struct dict *dict_new(struct pool *pool, size_t room);
/* Adds or replaces. The caller sees to the room and the kind of key. True when the key was new. */
bool dict_put(struct dict *dict, struct value key, struct value value);
/* NULL: no such key, or nothing that can be a key. */
const struct value *dict_find(const struct dict *dict, struct value key);
/* The same for a string whose hash is known: names of members are hashed when a program is compiled. */
const struct value *dict_find_hashed(const struct dict *dict, const char *text, uint32_t len,
                                     uint64_t hash);
static inline bool dict_entry_is(const struct dict_entry *entry, const char *text, uint32_t len)
{
    return entry->key.len == len && entry->key.kind == VALUE_STRING &&
           value_same_bytes(entry->key.text, text, len);
}
/* The same without a call where the map is short. */
static inline const struct value *dict_find_name(const struct dict *dict, const char *text,
                                                 uint32_t len, uint64_t hash)
{
    if (dict->mask != 0) {
        return dict_find_hashed(dict, text, len, hash);
    }
    for (uint32_t i = 0; i < dict->count; i++) {
        if (dict_entry_is(&dict->entries[i], text, len)) {
            return &dict->entries[i].value;
        }
    }
    return NULL;
}
uint64_t dict_hash(const char *text, size_t len);
const struct value *dict_find_text(const struct dict *dict, const char *text, size_t len);
/* May v be a key (of a new map)? */
bool dict_is_key(struct value v);
/* The entries, by key: bools, then numbers, then strings in byte order. A new array of pointers in pool, or NULL. */
const struct dict_entry **dict_sorted(struct pool *pool, const struct dict *dict);
/* The same; a large map is first tried in the order of the last one, which is kept in *order (in the pool). */
#define DICT_ORDER_LEAST 16u
const struct dict_entry **dict_sorted_alike(struct pool *pool, const struct dict *dict,
                                            const uint32_t **order, uint32_t *order_count);
/* Sets a member by literal name. */
#define DICT_SET(dict, name, value) ((void)dict_put((dict), VALUE_TEXT(name), (value)))
