/*
 * hash.c: the search behind the perfect hash. The smallest table of at least four buckets a key is tried with many seeds
 * before a larger one; the order of seeds is fixed, so the same YAML always gives the same table.
 */
#include "hash.h"

#include <string.h>

#define TRIES_PER_SIZE 4000000u
#define BITS_MAX 16

/* SplitMix64: well mixed seeds from a counter. */
static uint64_t next_seed(uint64_t *state)
{
    uint64_t z = (*state += 0x9e3779b97f4a7c15u);

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return (z ^ (z >> 31)) | 1;
}

static bool is_perfect(const uint64_t *digests, size_t count, const struct hash *hash)
{
    uint8_t used[(1u << BITS_MAX) / 8];

    memset(used, 0, (size_t)1 << hash->bits >> 3);
    for (size_t i = 0; i < count; i++) {
        uint32_t bucket = ecs_key_bucket(digests[i], hash->seed, hash->bits);
        uint8_t bit = (uint8_t)(1u << (bucket & 7));
        if ((used[bucket >> 3] & bit) != 0) {
            return false;
        }
        used[bucket >> 3] |= bit;
    }
    return true;
}

static void take_digests(const struct mapping *mapping, uint64_t *digests)
{
    for (size_t i = 0; i < mapping->row_count; i++) {
        const struct mapping_row *row = &mapping->rows[i];
        digests[i] = ecs_key_digest(row->key, (uint32_t)strlen(row->key));
        for (size_t j = 0; j < i; j++) {
            if (digests[j] == digests[i]) {
                document_fail(
                    mapping->path, row->line,
                    "'%s' and '%s' look alike to the hash: ecs_key_digest in table.h must "
                    "see more of a key",
                    row->key, mapping->rows[j].key);
            }
        }
    }
}

struct hash hash_find(const struct mapping *mapping)
{
    static uint64_t digests[MAPPING_ROW_MAX];
    struct hash hash = {.bits = 3};
    uint64_t state = 0;

    take_digests(mapping, digests);
    while ((1u << hash.bits) < 4 * mapping->row_count) {
        hash.bits++;
    }
    for (uint32_t tries = 1;; tries++) {
        hash.seed = next_seed(&state);
        if (is_perfect(digests, mapping->row_count, &hash)) {
            break;
        }
        if (tries == TRIES_PER_SIZE && ++hash.bits > BITS_MAX) {
            document_fail(mapping->path, 0, "no perfect hash for %zu keys", mapping->row_count);
        }
        tries = tries == TRIES_PER_SIZE ? 0 : tries;
    }
    hash.buckets = document_alloc(sizeof(uint16_t) << hash.bits);
    for (size_t i = 0; i < mapping->row_count; i++) {
        hash.buckets[ecs_key_bucket(digests[i], hash.seed, hash.bits)] = (uint16_t)(i + 1);
    }
    return hash;
}
