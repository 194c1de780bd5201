/* kafka_bench.c: what the tests of the kafka output share. */
#include "kafka_bench.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

rd_kafka_mock_cluster_t *cluster;
struct cxd_error err;
struct cxd_outcome outcomes[DOCS_MAX];
struct cxd_doc docs[DOCS_MAX];
const struct cxd_host *kafka_host;
static struct cxd_host host;
static rd_kafka_t *cluster_owner;
static pthread_mutex_t log_lock = PTHREAD_MUTEX_INITIALIZER;
static char texts[DOCS_MAX][96];
static char ids[DOCS_MAX][32];

static int64_t running_mono(struct cxd_self *self)
{
    struct timespec now;

    (void)self;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void locked_log(struct cxd_self *self, int level, const char *text, size_t len)
{
    (void)pthread_mutex_lock(&log_lock);
    fake_host.log(self, level, text, len);
    (void)pthread_mutex_unlock(&log_lock);
}

const struct cxd_output_ops *ops(void)
{
    return cxd_module_entry(kafka_host, NULL)->ops;
}

bson_t *options_for(const char *topic)
{
    bson_t *doc = bson_new();
    bson_t list;
    char hosts[512];
    char *rest = NULL;
    int i = 0;

    (void)snprintf(hosts, sizeof hosts, "%s", rd_kafka_mock_cluster_bootstraps(cluster));
    BSON_APPEND_ARRAY_BEGIN(doc, "hosts", &list);
    for (char *h = strtok_r(hosts, ",", &rest); h != NULL; h = strtok_r(NULL, ",", &rest)) {
        char key[16];

        (void)snprintf(key, sizeof key, "%d", i++);
        BSON_APPEND_UTF8(&list, key, h);
    }
    bson_append_array_end(doc, &list);
    BSON_APPEND_UTF8(doc, "topic", topic);
    BSON_APPEND_INT64(doc, "timeout", 1500);
    return doc;
}

int open_with(bson_t *doc, void **ret_instance)
{
    int r;

    doc = fake_options(cxd_module_entry(kafka_host, NULL)->options, doc);
    r = ops()->open(kafka_host, NULL, fake_bytes(doc), ret_instance, &err);
    bson_destroy(doc);
    return r;
}

void *open_ok(bson_t *doc)
{
    void *instance = NULL;
    int r = open_with(doc, &instance);

    if (r != CXD_OK) {
        print_error("open: %s\n", err.text);
    }
    assert_int_equal(r, CXD_OK);
    return instance;
}

struct cxd_batch batch_of(const char *index, uint32_t first, uint32_t count)
{
    struct cxd_batch batch = {.size = sizeof batch, .count = count, .docs = docs};

    memset(outcomes, 0, sizeof outcomes);
    for (uint32_t i = 0; i < count; i++) {
        int len = snprintf(texts[i], sizeof texts[i], "{\"n\":%u,\"text\":\"some words to fill\"}",
                           first + i);
        int id_len = snprintf(ids[i], sizeof ids[i], "id-%u", first + i);

        docs[i] = (struct cxd_doc){.source = {texts[i], (size_t)len},
                                   .id = {ids[i], (size_t)id_len},
                                   .index = {index, strlen(index)}};
        batch.bytes += (size_t)len;
    }
    return batch;
}

int send_docs(void *instance, uint32_t first, uint32_t count)
{
    struct cxd_batch batch = batch_of("logs-a.b-default", first, count);

    return ops()->send(instance, &batch, outcomes, &err);
}

/* As the agent does: what is pending is sent again, alone. */
int send_until_delivered(void *instance, uint32_t first, uint32_t count)
{
    struct cxd_batch batch = batch_of("logs-a.b-default", first, count);

    for (int tries = 0; tries < 10; tries++) {
        uint32_t kept = 0;

        memset(outcomes, 0, batch.count * sizeof outcomes[0]);
        (void)ops()->send(instance, &batch, outcomes, &err);
        for (uint32_t i = 0; i < batch.count; i++) {
            assert_int_not_equal(outcomes[i].result, CXD_RESULT_REJECTED);
            if (outcomes[i].result == CXD_RESULT_PENDING) {
                docs[kept++] = docs[i];
            }
        }
        batch.count = kept;
        if (kept == 0) {
            return CXD_OK;
        }
    }
    return CXD_TIMEOUT;
}

uint32_t results(uint32_t count, uint32_t result)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < count; i++) {
        n += outcomes[i].result == result;
    }
    return n;
}

static int is_headed(const rd_kafka_message_t *message)
{
    rd_kafka_headers_t *headers;
    const void *value;
    size_t len;

    return rd_kafka_message_headers(message, &headers) == 0 &&
           rd_kafka_header_get_last(headers, "origin", &value, &len) == 0 && len == 4 &&
           memcmp(value, "here", 4) == 0;
}

static void message_take(const rd_kafka_message_t *message, struct shelf *shelf)
{
    char text[96];
    char id[32];
    unsigned n = 0;

    (void)snprintf(text, sizeof text, "%.*s", (int)message->len, (const char *)message->payload);
    assert_int_equal(sscanf(text, "{\"n\":%u,", &n), 1);
    assert_true(n < DOCS_MAX);
    (void)snprintf(id, sizeof id, "id-%u", n);
    shelf->bad_keys +=
        message->key_len != strlen(id) || memcmp(message->key, id, message->key_len) != 0;
    shelf->headed += (uint32_t)is_headed(message);
    shelf->seen[n]++;
    shelf->total++;
    shelf->partitions[message->partition]++;
}

void topic_read(const char *topic, struct shelf *ret_shelf)
{
    char text[256] = "";
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(PARTITIONS);
    rd_kafka_t *consumer;
    int ended = 0;
    int64_t until_ms = running_mono(NULL) + 20000;

    memset(ret_shelf, 0, sizeof *ret_shelf);
    (void)rd_kafka_conf_set(conf, "bootstrap.servers", rd_kafka_mock_cluster_bootstraps(cluster),
                            NULL, 0);
    (void)rd_kafka_conf_set(conf, "group.id", "reader", NULL, 0);
    (void)rd_kafka_conf_set(conf, "enable.partition.eof", "true", NULL, 0);
    consumer = rd_kafka_new(RD_KAFKA_CONSUMER, conf, text, sizeof text);
    assert_non_null(consumer);
    (void)rd_kafka_poll_set_consumer(consumer);
    for (int32_t i = 0; i < PARTITIONS; i++) {
        rd_kafka_topic_partition_list_add(list, topic, i)->offset = RD_KAFKA_OFFSET_BEGINNING;
    }
    assert_int_equal(rd_kafka_assign(consumer, list), 0);
    while (ended < PARTITIONS && running_mono(NULL) < until_ms) {
        rd_kafka_message_t *message = rd_kafka_consumer_poll(consumer, 200);

        if (message != NULL && message->err == 0) {
            message_take(message, ret_shelf);
        } else if (message != NULL) {
            ended += message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF;
        }
        if (message != NULL) {
            rd_kafka_message_destroy(message);
        }
    }
    assert_int_equal(ended, PARTITIONS);
    rd_kafka_topic_partition_list_destroy(list);
    (void)rd_kafka_consumer_close(consumer);
    rd_kafka_destroy(consumer);
}

int bench_setup(void **state)
{
    char text[256];

    (void)state;
    fake_reset();
    host = fake_host;
    host.mono_ms = running_mono;
    host.log = locked_log;
    kafka_host = &host;
    err = (struct cxd_error)CXD_ERROR_INIT;
    cluster_owner = rd_kafka_new(RD_KAFKA_PRODUCER, rd_kafka_conf_new(), text, sizeof text);
    cluster = cluster_owner != NULL ? rd_kafka_mock_cluster_new(cluster_owner, 2) : NULL;
    return cluster != NULL && rd_kafka_mock_topic_create(cluster, "logs", PARTITIONS, 2) == 0 ? 0
                                                                                              : -1;
}

int bench_teardown(void **state)
{
    (void)state;
    rd_kafka_mock_cluster_destroy(cluster);
    rd_kafka_destroy(cluster_owner);
    return fake.live == 0 ? 0 : -1; /* a leak fails the test */
}
