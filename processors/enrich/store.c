/* store.c: a table of chains, and a list by age. */
#include "store.h"

#include "hash.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define CHAINS_MIN 64u

struct store_item {
    struct store_item *next; /* of its chain */
    struct store_item *older, *newer;
    uint64_t hash;
    int64_t end_ms;
    unsigned users; /* who took it */
    bool is_gone;   /* not in the store any more */
    size_t key_len;
    size_t value_len;
    char bytes[]; /* key, value */
};

struct store {
    struct store *next;
    char *name;
    size_t name_len;
    unsigned users;
    pthread_mutex_t lock;
    struct store_item **chains;
    uint32_t chain_count;
    uint32_t count;
    uint32_t capacity;
    size_t bytes;
    struct store_item *oldest, *newest;
};

static pthread_mutex_t stores_lock = PTHREAD_MUTEX_INITIALIZER; /* before a store's own */
static struct store *stores;

static struct store *store_new(struct cxd_bytes name)
{
    struct store *s = calloc(1, sizeof *s);

    if (s == NULL) {
        return NULL;
    }
    s->name = malloc(name.len + 1);
    s->chains = calloc(CHAINS_MIN, sizeof(struct store_item *));
    if (s->name == NULL || s->chains == NULL) {
        free(s->name);
        free(s->chains);
        free(s);
        return NULL;
    }
    memcpy(s->name, name.ptr, name.len);
    s->name_len = name.len;
    s->chain_count = CHAINS_MIN;
    (void)pthread_mutex_init(&s->lock, NULL); /* never fails for a default mutex */
    return s;
}

struct store *store_open(struct cxd_bytes name, uint32_t capacity)
{
    struct store *s;

    (void)pthread_mutex_lock(&stores_lock);
    for (s = stores; s != NULL; s = s->next) {
        if (s->name_len == name.len && memcmp(s->name, name.ptr, name.len) == 0) {
            break;
        }
    }
    if (s == NULL) {
        s = store_new(name);
        if (s != NULL) {
            s->next = stores;
            stores = s;
        }
    }
    if (s != NULL) {
        uint32_t wanted = capacity == 0 || capacity > STORE_ITEMS_MAX ? STORE_ITEMS_MAX : capacity;
        (void)pthread_mutex_lock(&s->lock);
        s->capacity = wanted > s->capacity ? wanted : s->capacity;
        (void)pthread_mutex_unlock(&s->lock);
        s->users++;
    }
    (void)pthread_mutex_unlock(&stores_lock);
    return s;
}

static void store_free(struct store *s)
{
    while (s->oldest != NULL) {
        struct store_item *item = s->oldest;
        s->oldest = item->newer;
        free(item);
    }
    (void)pthread_mutex_destroy(&s->lock);
    free(s->chains);
    free(s->name);
    free(s);
}

void store_close(struct store *s)
{
    struct store **at = &stores;

    if (s == NULL) {
        return;
    }
    (void)pthread_mutex_lock(&stores_lock);
    if (--s->users == 0) {
        while (*at != s) {
            at = &(*at)->next;
        }
        *at = s->next;
        store_free(s);
    }
    (void)pthread_mutex_unlock(&stores_lock);
}

/* Where the item is, or would be. */
static struct store_item **item_find(struct store *s, struct cxd_bytes key, uint64_t hash)
{
    struct store_item **at = &s->chains[hash % s->chain_count];

    while (*at != NULL && ((*at)->hash != hash || (*at)->key_len != key.len ||
                           memcmp((*at)->bytes, key.ptr, key.len) != 0)) {
        at = &(*at)->next;
    }
    return at;
}

static size_t item_size(const struct store_item *item)
{
    return sizeof *item + item->key_len + item->value_len;
}

static void item_drop(struct store *s, struct store_item **at)
{
    struct store_item *item = *at;

    *at = item->next;
    *(item->older != NULL ? &item->older->newer : &s->oldest) = item->newer;
    *(item->newer != NULL ? &item->newer->older : &s->newest) = item->older;
    s->count--;
    s->bytes -= item_size(item);
    item->is_gone = true;
    if (item->users == 0) {
        free(item);
    }
}

static void oldest_drop(struct store *s)
{
    struct store_item **at = &s->chains[s->oldest->hash % s->chain_count];

    while (*at != s->oldest) {
        at = &(*at)->next;
    }
    item_drop(s, at);
}

/* Twice as many chains; where there is no memory for that, they grow longer. */
static void chains_grow(struct store *s)
{
    uint32_t count = s->chain_count * 2;
    struct store_item **chains = calloc(count, sizeof(struct store_item *));

    if (chains == NULL) {
        return;
    }
    for (struct store_item *item = s->oldest; item != NULL; item = item->newer) {
        item->next = chains[item->hash % count];
        chains[item->hash % count] = item;
    }
    free(s->chains);
    s->chains = chains;
    s->chain_count = count;
}

static void item_add(struct store *s, struct store_item *item)
{
    struct store_item **chain;

    if (s->count >= s->chain_count) {
        chains_grow(s);
    }
    chain = &s->chains[item->hash % s->chain_count];
    item->next = *chain;
    *chain = item;
    item->older = s->newest;
    item->newer = NULL;
    *(s->newest != NULL ? &s->newest->newer : &s->oldest) = item;
    s->newest = item;
    s->count++;
    s->bytes += item_size(item);
}

bool store_put(struct store *s, struct cxd_bytes key, struct cxd_bytes value, int64_t end_ms,
               int64_t now_ms)
{
    size_t size = sizeof(struct store_item) + key.len + value.len;
    struct store_item *item = size <= STORE_BYTES_MAX ? malloc(size) : NULL;
    struct store_item **there;

    if (item == NULL) {
        return false;
    }
    *item = (struct store_item){.hash = hash_xx64(key.ptr, key.len, 0),
                                .end_ms = end_ms,
                                .key_len = key.len,
                                .value_len = value.len};
    memcpy(item->bytes, key.ptr, key.len);
    memcpy(item->bytes + key.len, value.ptr, value.len);
    (void)pthread_mutex_lock(&s->lock);
    there = item_find(s, key, item->hash);
    if (*there != NULL) {
        item_drop(s, there);
    }
    while (s->oldest != NULL && (s->count >= s->capacity || s->bytes + size > STORE_BYTES_MAX ||
                                 s->oldest->end_ms <= now_ms)) {
        oldest_drop(s);
    }
    item_add(s, item);
    (void)pthread_mutex_unlock(&s->lock);
    return true;
}

const struct store_item *store_take(struct store *s, struct cxd_bytes key, int64_t now_ms,
                                    struct cxd_bytes *ret_value)
{
    struct store_item *item;

    (void)pthread_mutex_lock(&s->lock);
    item = *item_find(s, key, hash_xx64(key.ptr, key.len, 0));
    item = item != NULL && item->end_ms > now_ms ? item : NULL;
    if (item != NULL) {
        item->users++;
        *ret_value = (struct cxd_bytes){item->bytes + item->key_len, item->value_len};
    }
    (void)pthread_mutex_unlock(&s->lock);
    return item;
}

void store_give(struct store *s, const struct store_item *taken)
{
    struct store_item *item = (struct store_item *)(uintptr_t)taken;

    (void)pthread_mutex_lock(&s->lock);
    if (--item->users == 0 && item->is_gone) {
        free(item);
    }
    (void)pthread_mutex_unlock(&s->lock);
}

void store_remove(struct store *s, struct cxd_bytes key)
{
    struct store_item **at;

    (void)pthread_mutex_lock(&s->lock);
    at = item_find(s, key, hash_xx64(key.ptr, key.len, 0));
    if (*at != NULL) {
        item_drop(s, at);
    }
    (void)pthread_mutex_unlock(&s->lock);
}
