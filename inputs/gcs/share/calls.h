/*
 * calls.h: the client library's functions, found when a policy asks for them: an agent that shares no bucket needs no librdkafka.
 *
 * The library stays loaded to the end of the process. Thread: any, after the first call returned.
 */
#pragma once

#include <cxd/module.h>

#include <librdkafka/rdkafka.h>

#define CALLS_LIST(X)                                                                              \
    X(assign)                                                                                      \
    X(assignment_lost)                                                                             \
    X(commit)                                                                                      \
    X(committed)                                                                                   \
    X(conf_destroy)                                                                                \
    X(conf_dup)                                                                                    \
    X(conf_new)                                                                                    \
    X(conf_set)                                                                                    \
    X(conf_set_dr_msg_cb)                                                                          \
    X(conf_set_error_cb)                                                                           \
    X(conf_set_log_cb)                                                                             \
    X(conf_set_offset_commit_cb)                                                                   \
    X(conf_set_opaque)                                                                             \
    X(conf_set_rebalance_cb)                                                                       \
    X(conf_set_ssl_cert)                                                                           \
    X(consumer_close)                                                                              \
    X(consumer_poll)                                                                               \
    X(destroy)                                                                                     \
    X(err2str)                                                                                     \
    X(fatal_error)                                                                                 \
    X(flush)                                                                                       \
    X(message_destroy)                                                                             \
    X(message_timestamp)                                                                           \
    X(metadata)                                                                                    \
    X(metadata_destroy)                                                                            \
    X(new)                                                                                         \
    X(opaque)                                                                                      \
    X(pause_partitions)                                                                            \
    X(poll)                                                                                        \
    X(poll_set_consumer)                                                                           \
    X(produce)                                                                                     \
    X(purge)                                                                                       \
    X(query_watermark_offsets)                                                                     \
    X(resume_partitions)                                                                           \
    X(subscribe)                                                                                   \
    X(topic_destroy)                                                                               \
    X(topic_new)                                                                                   \
    X(topic_partition_list_add)                                                                    \
    X(topic_partition_list_destroy)                                                                \
    X(topic_partition_list_new)                                                                    \
    X(version)                                                                                     \
    X(version_str)

struct calls {
#define CALLS_MEMBER_(name) __typeof__(rd_kafka_##name) *name;
    CALLS_LIST(CALLS_MEMBER_)
#undef CALLS_MEMBER_
};

/* The library's functions; NULL with err (CXD_CONFIG): what is missing, and what to install. */
const struct calls *calls_find(struct cxd_error *err);
