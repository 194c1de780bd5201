/* partition.c: hash of the document id (FNV-1a, as Beats' client has it), chance, or one after the other. */
#include "partition.h"

static const char *const words[] = {"hash", "random", "round_robin"};
#define WORD_COUNT (sizeof words / sizeof words[0])

static int kind_of(struct cxd_bytes word, enum partition_kind *ret_kind)
{
    for (size_t i = 0; i < WORD_COUNT; i++) {
        if (word.len == strlen(words[i]) && memcmp(word.ptr, words[i], word.len) == 0) {
            *ret_kind = (enum partition_kind)i;
            return 1;
        }
    }
    return 0;
}

static int is_word(struct cxd_bytes name, const char *word)
{
    return name.len == strlen(word) && memcmp(name.ptr, word, name.len) == 0;
}

/* What stands below hash, random or round_robin. */
static int details_read(struct partition *p, const struct cxd_host *host, struct cxd_scalar map,
                        struct cxd_error *err)
{
    if (map.type == CXD_NIL) {
        return CXD_OK;
    }
    if (map.type != CXD_DOCUMENT) {
        return cxd_error_set(err, CXD_CONFIG, "partition.%s: an object", words[p->kind]);
    }
    for (uint32_t i = 0; i < map.count; i++) {
        struct cxd_bytes name = {NULL, 0};
        struct cxd_scalar value = host->doc_at(map.bytes, i, &name);

        if (is_word(name, "reachable_only") && value.type == CXD_BOOL) {
            p->is_reachable_only = value.number != 0;
        } else if (is_word(name, "group_events") && p->kind != PARTITION_HASH &&
                   value.type == CXD_INT && value.number >= 1 && value.number <= 1000000) {
            p->group = (uint64_t)value.number;
        } else {
            return cxd_error_set(err, CXD_CONFIG, "partition.%s: reachable_only: true or false%s",
                                 words[p->kind],
                                 p->kind == PARTITION_HASH ? "" : "; group_events: 1 to 1000000");
        }
    }
    return CXD_OK;
}

int partition_read(struct partition *p, const struct cxd_host *host, struct cxd_self *self,
                   struct cxd_scalar option, struct cxd_error *err)
{
    struct cxd_bytes name = option.bytes;
    struct cxd_scalar map = {.type = CXD_NIL};

    p->kind = PARTITION_HASH;
    p->is_reachable_only = 0;
    p->group = 1;
    atomic_init(&p->count, 0);
    host->random(self, &p->seed, sizeof p->seed);
    if (option.type == CXD_NONE || option.type == CXD_NIL ||
        (option.type == CXD_DOCUMENT && option.count == 0)) {
        return CXD_OK; /* an empty one is how the host gives partition.hash and the others, not set */
    }
    if (option.type == CXD_DOCUMENT && option.count == 1) {
        map = host->doc_at(option.bytes, 0, &name);
    } else if (option.type != CXD_TEXT) {
        name.len = 0;
    }
    if (!kind_of(name, &p->kind)) {
        return cxd_error_set(err, CXD_CONFIG, "partition: one of hash, random, round_robin");
    }
    return details_read(p, host, map, err);
}

/* Spreads the bits of a counter (the finisher of a 64-bit mixing generator). */
static uint64_t mix(uint64_t x)
{
    x += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

int32_t partition_choose(const rd_kafka_topic_t *topic, const void *key, size_t key_len,
                         int32_t count, void *topic_opaque, void *message_opaque)
{
    struct partition *p = topic_opaque;
    int32_t first;

    if (p->kind == PARTITION_HASH) {
        first =
            rd_kafka_msg_partitioner_fnv1a_random(topic, key, key_len, count, NULL, message_opaque);
    } else {
        uint64_t turn = (uint64_t)atomic_fetch_add(&p->count, 1) / p->group;

        first =
            (int32_t)((p->kind == PARTITION_RANDOM ? mix(p->seed + turn) : turn) % (uint64_t)count);
    }
    for (int32_t i = 0; i < count && p->is_reachable_only; i++) {
        int32_t next = (first + i) % count;

        if (rd_kafka_topic_partition_available(topic, next)) {
            return next;
        }
    }
    return first;
}
