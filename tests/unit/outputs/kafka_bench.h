/*
 * kafka_bench.h: the kafka output against the client library's own cluster of pretended brokers, which lives in this process and
 * listens on loopback. One test at a time.
 */
#pragma once

#include "fake_host.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

CXD_EXTERN const struct cxd_module *cxd_module_entry(const struct cxd_host *host,
                                                     struct cxd_error *err);

#define KAFKA_PRODUCE 0
#define KAFKA_METADATA 3
#define KAFKA_INIT_PRODUCER 22
#define DOCS_MAX 2000
#define PARTITIONS 4

extern rd_kafka_mock_cluster_t *cluster;
extern struct cxd_error err;
extern struct cxd_outcome outcomes[DOCS_MAX];
extern struct cxd_doc docs[DOCS_MAX];
extern const struct cxd_host
    *kafka_host; /* the fake host with a clock that runs and a log for several threads */

const struct cxd_output_ops *ops(void);
bson_t *options_for(const char *topic);          /* hosts and topic; a short timeout */
int open_with(bson_t *doc, void **ret_instance); /* takes doc */
void *open_ok(bson_t *doc);
struct cxd_batch batch_of(const char *index, uint32_t first, uint32_t count);
int send_docs(void *instance, uint32_t first, uint32_t count);
int send_until_delivered(void *instance, uint32_t first, uint32_t count); /* 0, or CXD_TIMEOUT */
uint32_t results(uint32_t count, uint32_t result);

/* What lies in a topic: messages by partition, and how often each of the numbers 0 to numbers - 1 is there. */
struct shelf {
    uint32_t partitions[PARTITIONS];
    uint32_t total;
    unsigned char seen[DOCS_MAX];
    uint32_t bad_keys; /* the key is not the document's id */
    uint32_t headed;   /* carries the header origin = here */
};
void topic_read(const char *topic, struct shelf *ret_shelf);

int bench_setup(void **state);
int bench_teardown(void **state);
