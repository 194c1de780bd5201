/*
 * kafka_broker.c: a cluster of two pretended Kafka brokers on loopback (librdkafka's own), and a reader that counts what arrives.
 *
 *     kafka-broker FOLDER TOPIC PARTITIONS SECONDS [--faults]
 *
 * FOLDER/ready holds the brokers' addresses once they listen. FOLDER/counts is written anew whenever it changes: one line,
 * "messages N distinct N bad N faults N"; bad: without a key, or not one line of JSON object. --faults: a request to
 * produce is refused, or its connection cut, about five times a second. Ends on SIGTERM or after SECONDS.
 */
#include "idset.h"

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BROKERS 2
#define REQUEST_PRODUCE 0
#define FAULT_MS 200
#define WRITE_MS 100
#define PARTITIONS_MAX 64

struct counts {
    unsigned long messages;
    unsigned long bad;
    unsigned long faults;
};

static volatile sig_atomic_t is_ending;

static void end_soon(int number)
{
    (void)number;
    is_ending = 1;
}

static long now_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Whole or not at all: another process reads it. */
static int file_write(const char *folder, const char *name, const char *text)
{
    char from[512];
    char to[512];
    FILE *f;

    (void)snprintf(from, sizeof from, "%s/%s.new", folder, name);
    (void)snprintf(to, sizeof to, "%s/%s", folder, name);
    f = fopen(from, "w");
    if (f == NULL || fprintf(f, "%s\n", text) < 0 || fclose(f) != 0 || rename(from, to) != 0) {
        perror(to);
        return -1;
    }
    return 0;
}

static int counts_write(const char *folder, const struct counts *c, const struct idset *ids)
{
    char text[160];

    (void)snprintf(text, sizeof text, "messages %lu distinct %zu bad %lu faults %lu", c->messages,
                   ids->count, c->bad, c->faults);
    return file_write(folder, "counts", text);
}

static int message_take(const rd_kafka_message_t *message, struct counts *c, struct idset *ids)
{
    const char *text = message->payload;
    int is_line = message->len >= 2 && text[0] == '{' && text[message->len - 1] == '}' &&
                  memchr(text, '\n', message->len) == NULL;

    c->messages++;
    c->bad += !is_line || message->key_len == 0;
    return idset_add(ids, "kafka", 5, message->key, message->key_len) == IDSET_FULL ? -1 : 0;
}

static void fault_make(rd_kafka_mock_cluster_t *cluster, struct counts *c)
{
    static const rd_kafka_resp_err_t errors[] = {
        RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS,
        RD_KAFKA_RESP_ERR__TRANSPORT, RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT};

    rd_kafka_mock_push_request_errors(cluster, REQUEST_PRODUCE, 1,
                                      errors[c->faults++ % (sizeof errors / sizeof errors[0])]);
}

static rd_kafka_t *reader_open(const char *hosts, const char *topic, int partitions)
{
    char text[256] = "";
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(partitions);
    rd_kafka_t *reader;

    (void)rd_kafka_conf_set(conf, "bootstrap.servers", hosts, NULL, 0);
    (void)rd_kafka_conf_set(conf, "group.id", "reader", NULL, 0);
    /* the brokers forget: an offset that is gone must be an error, not a gap */
    (void)rd_kafka_conf_set(conf, "auto.offset.reset", "error", NULL, 0);
    (void)rd_kafka_conf_set(conf, "fetch.wait.max.ms", "50", NULL, 0);
    reader = rd_kafka_new(RD_KAFKA_CONSUMER, conf, text, sizeof text);
    if (reader == NULL) {
        (void)fprintf(stderr, "%s\n", text);
        exit(2);
    }
    (void)rd_kafka_poll_set_consumer(reader);
    for (int32_t i = 0; i < partitions; i++) {
        rd_kafka_topic_partition_list_add(list, topic, i)->offset = 0;
    }
    if (rd_kafka_assign(reader, list) != 0) {
        exit(2);
    }
    rd_kafka_topic_partition_list_destroy(list);
    return reader;
}

/* Until the end; 0, or 1 when something was lost or could not be kept. */
static int run(rd_kafka_mock_cluster_t *cluster, rd_kafka_t *reader, const char *folder,
               long until_ms, int has_faults)
{
    struct counts c = {0, 0, 0};
    struct idset ids = {NULL, 0, 0};
    long write_ms = 0;
    long fault_ms = now_ms();
    int is_new = 1;
    int r = 0;

    while (!is_ending && now_ms() < until_ms && r == 0) {
        rd_kafka_message_t *message = rd_kafka_consumer_poll(reader, 50);

        if (message != NULL && message->err == 0) {
            r = message_take(message, &c, &ids);
            is_new = 1;
        } else if (message != NULL && message->err == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET) {
            (void)fprintf(stderr, "lost: %s\n", rd_kafka_message_errstr(message));
            r = -1;
        }
        if (message != NULL) {
            rd_kafka_message_destroy(message);
        }
        if (has_faults && now_ms() - fault_ms >= FAULT_MS) {
            fault_make(cluster, &c);
            fault_ms = now_ms();
        }
        if (is_new && now_ms() - write_ms >= WRITE_MS && r == 0) {
            r = counts_write(folder, &c, &ids);
            write_ms = now_ms();
            is_new = 0;
        }
    }
    idset_done(&ids);
    return r == 0 ? 0 : 1;
}

int main(int argc, char **argv)
{
    char text[256] = "";
    rd_kafka_t *owner;
    rd_kafka_t *reader;
    rd_kafka_mock_cluster_t *cluster;
    unsigned partitions = 0;
    unsigned seconds = 0;
    int r;

    if (argc < 5 || argc > 6 || sscanf(argv[3], "%3u", &partitions) != 1 || partitions == 0 ||
        partitions > PARTITIONS_MAX || sscanf(argv[4], "%6u", &seconds) != 1 ||
        (argc == 6 && strcmp(argv[5], "--faults") != 0)) {
        (void)fprintf(stderr, "usage: kafka-broker FOLDER TOPIC PARTITIONS SECONDS [--faults]\n");
        return 2;
    }
    (void)signal(SIGTERM, end_soon);
    owner = rd_kafka_new(RD_KAFKA_PRODUCER, rd_kafka_conf_new(), text, sizeof text);
    cluster = owner != NULL ? rd_kafka_mock_cluster_new(owner, BROKERS) : NULL;
    if (cluster == NULL ||
        rd_kafka_mock_topic_create(cluster, argv[2], (int)partitions, BROKERS) != 0) {
        (void)fprintf(stderr, "no cluster: %s\n", text);
        return 2;
    }
    reader = reader_open(rd_kafka_mock_cluster_bootstraps(cluster), argv[2], (int)partitions);
    r = file_write(argv[1], "ready", rd_kafka_mock_cluster_bootstraps(cluster));
    if (r == 0) {
        r = run(cluster, reader, argv[1], now_ms() + (long)seconds * 1000, argc == 6);
    }
    (void)rd_kafka_consumer_close(reader);
    rd_kafka_destroy(reader);
    rd_kafka_mock_cluster_destroy(cluster);
    rd_kafka_destroy(owner);
    return r == 0 ? 0 : 1;
}
