/*
 * partition.h: which partition a document goes to. Thread: the client library calls the chooser from the sending thread and from
 * one of its own, hence the atomic counter.
 */
#pragma once

#include "cxd/module.h"

#include <librdkafka/rdkafka.h>
#include <stdatomic.h>

enum partition_kind { PARTITION_HASH = 0, PARTITION_RANDOM, PARTITION_ROUND_ROBIN };

struct partition {
    enum partition_kind kind;
    int is_reachable_only;
    uint64_t group; /* documents in a row for one partition; at least 1 */
    uint64_t seed;
    atomic_uint_fast64_t count;
};

/* From the option `partition`: a word, or an object with one of the words as key. Fills p in place. */
int partition_read(struct partition *p, const struct cxd_host *host, struct cxd_self *self,
                   struct cxd_scalar option, struct cxd_error *err);
/* librdkafka's signature; topic_opaque is a struct partition. */
int32_t partition_choose(const rd_kafka_topic_t *topic, const void *key, size_t key_len,
                         int32_t count, void *topic_opaque, void *message_opaque);
