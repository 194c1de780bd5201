/*
 * store.h: values by keys, shared by all processors of this process that name the same store; each value has an end of its life. Any
 * thread: the lock is the store's own.
 */
#pragma once

#include <cxd/abi.h>

#include <stdbool.h>

#define STORE_BYTES_MAX ((size_t)64 << 20) /* keys and values of one store */
#define STORE_ITEMS_MAX 1000000u

struct store;
struct store_item;

/* The store of that name, made when it is not there; NULL: no memory. capacity: items; 0: as many as memory allows; the largest of
 * those who ask for it counts. */
struct store *store_open(struct cxd_bytes name, uint32_t capacity);
void store_close(struct store *store); /* accepts NULL; the last one frees it */

/* Replaces what was there; the oldest make room. False: no memory, or larger than the whole store may be. */
bool store_put(struct store *store, struct cxd_bytes key, struct cxd_bytes value, int64_t end_ms,
               int64_t now_ms);
/* The value, which stays as it is until store_give, or NULL: there is none, or it is over. */
const struct store_item *store_take(struct store *store, struct cxd_bytes key, int64_t now_ms,
                                    struct cxd_bytes *ret_value);
void store_give(struct store *store, const struct store_item *item);
void store_remove(struct store *store, struct cxd_bytes key);
