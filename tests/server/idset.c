/*
 * The id set. Digests are uniform already, so their first bytes are the hash. A slot of zeroes is free; the last bit of a
 * digest is always set, so that none looks free.
 */
#include "idset.h"

#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>

static size_t idset_find(const struct idset *set, const unsigned char *key)
{
    static const unsigned char FREE[IDSET_BYTES];
    uint64_t at;
    memcpy(&at, key, sizeof at);
    at &= set->size - 1;
    while (memcmp(set->slots[at], FREE, IDSET_BYTES) != 0 &&
           memcmp(set->slots[at], key, IDSET_BYTES) != 0) {
        at = (at + 1) & (set->size - 1);
    }
    return (size_t)at;
}

static bool idset_grow(struct idset *set)
{
    struct idset bigger = {.size = set->size ? set->size * 2 : 4096, .count = set->count};
    bigger.slots = bigger.size <= IDSET_MAX ? calloc(bigger.size, IDSET_BYTES) : NULL;
    if (!bigger.slots) {
        return false;
    }
    static const unsigned char FREE[IDSET_BYTES];
    for (size_t i = 0; i < set->size; i++) {
        if (memcmp(set->slots[i], FREE, IDSET_BYTES) != 0) {
            memcpy(bigger.slots[idset_find(&bigger, set->slots[i])], set->slots[i], IDSET_BYTES);
        }
    }
    free(set->slots);
    *set = bigger;
    return true;
}

enum idset_result idset_add(struct idset *set, const char *index, size_t index_len, const char *id,
                            size_t id_len)
{
    unsigned char digest[SHA256_DIGEST_LENGTH];
    char key[1024];
    if (index_len + 1 + id_len > sizeof key) {
        return IDSET_FULL;
    }
    memcpy(key, index, index_len);
    key[index_len] = 0;
    memcpy(key + index_len + 1, id, id_len);
    SHA256((unsigned char *)key, index_len + 1 + id_len, digest);
    digest[IDSET_BYTES - 1] |= 1;
    if (set->count + 1 > set->size / 2 && !idset_grow(set)) {
        return IDSET_FULL;
    }
    size_t at = idset_find(set, digest);
    if (memcmp(set->slots[at], digest, IDSET_BYTES) == 0) {
        return IDSET_KNOWN;
    }
    memcpy(set->slots[at], digest, IDSET_BYTES);
    set->count++;
    return IDSET_NEW;
}

void idset_done(struct idset *set)
{
    free(set->slots);
    *set = (struct idset){.size = 0};
}
