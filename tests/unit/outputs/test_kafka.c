/* test_kafka.c: verdicts of the kafka output, with the errors that a cluster can answer. */
#include "kafka_bench.h"

#include <pthread.h>
#include <time.h>

#define PUSH(key, ...)                                                                             \
    rd_kafka_mock_push_request_errors(cluster, key, sizeof((int[]){__VA_ARGS__}) / sizeof(int),    \
                                      __VA_ARGS__)

static void assert_shelf(uint32_t first, uint32_t count, uint32_t copies)
{
    struct shelf shelf;

    topic_read("logs", &shelf);
    for (uint32_t i = first; i < first + count; i++) {
        assert_int_equal(shelf.seen[i], copies);
    }
    assert_int_equal(shelf.total, count * copies);
    assert_int_equal(shelf.bad_keys, 0);
}

/* Where connections break: the mock knows no sequence numbers, so what it had stored when one broke is stored again. The real broker's
 * memory is tests/real/kafka's matter. */
static void assert_none_is_missing(uint32_t first, uint32_t count)
{
    struct shelf shelf;

    topic_read("logs", &shelf);
    for (uint32_t i = first; i < first + count; i++) {
        assert_in_range(shelf.seen[i], 1, 2);
    }
    assert_int_equal(shelf.bad_keys, 0);
}

static void test_every_document_is_delivered_under_its_id(void **state)
{
    static const char *const codecs[] = {"none", "gzip", "snappy", "lz4", "zstd"};

    (void)state;
    for (uint32_t i = 0; i < 5; i++) {
        bson_t *doc = options_for("logs");
        void *out;

        BSON_APPEND_UTF8(doc, "compression", codecs[i]);
        out = open_ok(doc);
        assert_int_equal(send_docs(out, i * 400, 400), CXD_OK);
        assert_int_equal(results(400, CXD_RESULT_DELIVERED), 400);
        ops()->close(out);
    }
    assert_shelf(0, 2000, 1);
}

static void test_errors_that_pass_are_repeated_without_doubles(void **state)
{
    void *out = open_ok(options_for("logs"));

    (void)state;
    PUSH(KAFKA_INIT_PRODUCER, RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS);
    PUSH(KAFKA_PRODUCE, RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION,
         RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS, RD_KAFKA_RESP_ERR__TRANSPORT,
         RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT);
    assert_int_equal(send_docs(out, 0, 500), CXD_OK);
    assert_int_equal(results(500, CXD_RESULT_DELIVERED), 500);
    assert_shelf(0, 500, 1);
    ops()->close(out);
}

static void test_a_document_above_the_limit_is_rejected_alone(void **state)
{
    static char big[3000];
    bson_t *doc = options_for("logs");
    struct cxd_batch batch;
    void *out;

    (void)state;
    BSON_APPEND_INT64(doc, "max_message_bytes", 2000);
    out = open_ok(doc);
    batch = batch_of("logs-a.b-default", 0, 3);
    memset(big, 'x', sizeof big);
    docs[1].source = (struct cxd_bytes){big, sizeof big};
    assert_int_equal(ops()->send(out, &batch, outcomes, &err), CXD_OK);
    assert_int_equal(outcomes[0].result, CXD_RESULT_DELIVERED);
    assert_int_equal(outcomes[1].result, CXD_RESULT_REJECTED);
    assert_true(memmem(outcomes[1].reason.ptr, outcomes[1].reason.len, "max_message_bytes", 17) !=
                NULL);
    assert_int_equal(outcomes[2].result, CXD_RESULT_DELIVERED);
    ops()->close(out);
}

/* The broker refuses the request; of its documents only the one that is refused by itself is lost. */
static void test_a_refused_request_costs_only_the_document_at_fault(void **state)
{
    bson_t *doc = options_for("logs");
    struct cxd_batch batch;
    void *out;

    (void)state;
    BSON_APPEND_UTF8(doc, "partition", "round_robin");
    out = open_ok(doc);
    batch = batch_of("logs-a.b-default", 0, 1);
    assert_int_equal(ops()->send(out, &batch, outcomes, &err), CXD_OK); /* a producer id is there */
    batch = batch_of("logs-a.b-default", 1, 2);
    docs[0].id = docs[1].id;
    PUSH(KAFKA_PRODUCE, RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE,
         RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE);
    assert_int_equal(ops()->send(out, &batch, outcomes, &err), CXD_OK);
    assert_int_equal(outcomes[0].result, CXD_RESULT_REJECTED);
    assert_non_null(memmem(outcomes[0].reason.ptr, outcomes[0].reason.len, "too large", 9));
    assert_int_equal(outcomes[1].result, CXD_RESULT_DELIVERED);
    assert_int_equal(send_docs(out, 3, 10), CXD_OK); /* and the output goes on */
    assert_int_equal(results(10, CXD_RESULT_DELIVERED), 10);
    ops()->close(out);
}

static void assert_names_a_broker(void)
{
    const char *first = rd_kafka_mock_cluster_bootstraps(cluster);

    assert_int_equal(strncmp(err.text, "kafka 127.0.0.1:", 16), 0);
    assert_non_null(memmem(err.text, strlen(err.text), first, strcspn(first, ",")));
}

static void test_a_topic_that_is_not_there_leaves_documents_pending(void **state)
{
    void *out = open_ok(options_for("logs"));

    (void)state;
    rd_kafka_mock_topic_set_error(cluster, "logs", RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
    assert_int_equal(send_docs(out, 0, 20), CXD_CONFIG);
    assert_int_equal(results(20, CXD_RESULT_PENDING), 20);
    assert_names_a_broker();
    assert_non_null(strstr(err.text, "topic logs"));
    assert_non_null(strstr(err.text, "nknown topic"));
    rd_kafka_mock_topic_set_error(cluster, "logs", RD_KAFKA_RESP_ERR_NO_ERROR);
    assert_int_equal(send_until_delivered(out, 0, 20), CXD_OK);
    ops()->close(out);
    assert_shelf(0, 20, 1);
}

static void test_a_produce_refused_for_rights_leaves_documents_pending(void **state)
{
    void *out = open_ok(options_for("logs"));

    (void)state;
    assert_int_equal(send_docs(out, 0, 1), CXD_OK);
    PUSH(KAFKA_PRODUCE, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED);
    assert_int_equal(send_docs(out, 1, 1), CXD_FORBIDDEN);
    assert_int_equal(outcomes[0].result, CXD_RESULT_PENDING);
    assert_names_a_broker();
    assert_non_null(strstr(err.text, "topic logs: Broker: Topic authorization failed"));
    assert_int_equal(send_docs(out, 1, 1), CXD_OK);
    ops()->close(out);
    assert_shelf(0, 2, 1);
}

static void test_brokers_away_and_back(void **state)
{
    void *out = open_ok(options_for("logs"));

    (void)state;
    assert_int_equal(send_docs(out, 0, 10), CXD_OK);
    (void)rd_kafka_mock_broker_set_down(cluster, 1);
    (void)rd_kafka_mock_broker_set_down(cluster, 2);
    assert_true(send_docs(out, 10, 10) < 0);
    assert_int_equal(results(10, CXD_RESULT_PENDING), 10);
    assert_names_a_broker();
    assert_int_equal(fake.health, CXD_DEGRADED);
    (void)rd_kafka_mock_broker_set_up(cluster, 1);
    (void)rd_kafka_mock_broker_set_up(cluster, 2);
    assert_int_equal(send_until_delivered(out, 10, 10), CXD_OK);
    ops()->close(out);
    assert_none_is_missing(0, 20);
}

static void *interrupt_later(void *out)
{
    (void)nanosleep(&(struct timespec){.tv_nsec = 300000000}, NULL);
    ops()->interrupt(out);
    return NULL;
}

static void test_interrupt_unblocks_a_send(void **state)
{
    void *out = open_ok(options_for("logs"));
    pthread_t thread;
    int64_t from_ms;

    (void)state;
    assert_int_equal(send_docs(out, 0, 1), CXD_OK);
    (void)rd_kafka_mock_broker_set_down(cluster, 1);
    (void)rd_kafka_mock_broker_set_down(cluster, 2);
    from_ms = kafka_host->mono_ms(NULL);
    assert_int_equal(pthread_create(&thread, NULL, interrupt_later, out), 0);
    assert_int_equal(send_docs(out, 1, 100), CXD_STOPPED);
    assert_in_range(kafka_host->mono_ms(NULL) - from_ms, 250, 3500);
    assert_int_equal(results(100, CXD_RESULT_PENDING), 100);
    (void)pthread_join(thread, NULL);
    ops()->close(out);
}

static void test_partitions(void **state)
{
    static const char *const kinds[] = {"hash", "random", "round_robin"};

    (void)state;
    for (uint32_t i = 0; i < 3; i++) {
        char topic[16];
        bson_t *doc;
        bson_t outer;
        bson_t inner;
        struct shelf shelf;
        void *out;

        (void)snprintf(topic, sizeof topic, "t%u", i);
        assert_int_equal(rd_kafka_mock_topic_create(cluster, topic, PARTITIONS, 1), 0);
        doc = options_for(topic);
        BSON_APPEND_DOCUMENT_BEGIN(doc, "partition", &outer);
        BSON_APPEND_DOCUMENT_BEGIN(&outer, kinds[i], &inner);
        BSON_APPEND_BOOL(&inner, "reachable_only", i == 1);
        bson_append_document_end(&outer, &inner);
        bson_append_document_end(doc, &outer);
        out = open_ok(doc);
        assert_int_equal(send_docs(out, 0, 400), CXD_OK);
        ops()->close(out);
        topic_read(topic, &shelf);
        assert_int_equal(shelf.total, 400);
        for (int p = 0; p < PARTITIONS; p++) {
            if (i == 2) {
                assert_int_equal(shelf.partitions[p], 100);
            }
            if (i == 0) {
                assert_in_range(shelf.partitions[p], 60, 140);
            }
        }
    }
}

static bson_t *with_header(const char *key, const char *value)
{
    bson_t *doc = options_for("logs");
    bson_t list;
    bson_t item;

    BSON_APPEND_ARRAY_BEGIN(doc, "headers", &list);
    BSON_APPEND_DOCUMENT_BEGIN(&list, "0", &item);
    BSON_APPEND_UTF8(&item, "key", key);
    BSON_APPEND_UTF8(&item, "value", value);
    bson_append_document_end(&list, &item);
    bson_append_array_end(doc, &list);
    return doc;
}

static void test_every_message_carries_the_headers(void **state)
{
    struct shelf shelf;
    void *out = open_ok(with_header("origin", "here"));

    (void)state;
    assert_int_equal(send_docs(out, 0, 300), CXD_OK);
    ops()->close(out);
    topic_read("logs", &shelf);
    assert_int_equal(shelf.total, 300);
    assert_int_equal(shelf.headed, 300);
    assert_int_equal(shelf.bad_keys, 0);
    assert_int_equal(open_with(with_header("", "here"), &out), CXD_CONFIG);
    assert_non_null(strstr(err.text, "headers.0"));
}

/* A message that the library does not take gives its copy of the headers back: under ASan a leak fails. */
static void test_a_document_above_the_limit_with_headers_is_rejected(void **state)
{
    static char big[3000];
    bson_t *doc = with_header("origin", "here");
    struct cxd_batch batch;
    void *out;

    (void)state;
    BSON_APPEND_INT64(doc, "max_message_bytes", 2000);
    out = open_ok(doc);
    batch = batch_of("logs-a.b-default", 0, 3);
    memset(big, 'x', sizeof big);
    docs[1].source = (struct cxd_bytes){big, sizeof big};
    assert_int_equal(ops()->send(out, &batch, outcomes, &err), CXD_OK);
    assert_int_equal(outcomes[1].result, CXD_RESULT_REJECTED);
    assert_int_equal(results(3, CXD_RESULT_DELIVERED), 2);
    ops()->close(out);
}

static void test_our_allocations_fail_in_turn(void **state)
{
    uint64_t count = 0;
    uint64_t failures = 0;

    (void)state;
    for (uint64_t n = 1; count < 1; n++) {
        bson_t *doc = options_for("logs");
        bson_t ssl;
        bson_t list;
        void *out = NULL;
        int r;

        BSON_APPEND_DOCUMENT_BEGIN(doc, "ssl", &ssl);
        BSON_APPEND_BOOL(&ssl, "enabled", 1);
        BSON_APPEND_ARRAY_BEGIN(&ssl, "certificate_authorities", &list);
        bson_append_array_end(&ssl, &list);
        bson_append_document_end(doc, &ssl);
        fake.allocations = 0;
        fake.fail_at = n;
        r = open_with(doc, &out);
        if (r == CXD_OK) {
            count++;
            ops()->close(out);
        } else {
            assert_int_equal(r, CXD_NOMEM);
            failures++;
        }
        assert_int_equal(fake.live, 0);
    }
    fake.fail_at = 0;
    assert_true(failures >= 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_every_document_is_delivered_under_its_id),
        TEST(test_errors_that_pass_are_repeated_without_doubles),
        TEST(test_a_document_above_the_limit_is_rejected_alone),
        TEST(test_a_refused_request_costs_only_the_document_at_fault),
        TEST(test_a_topic_that_is_not_there_leaves_documents_pending),
        TEST(test_a_produce_refused_for_rights_leaves_documents_pending),
        TEST(test_brokers_away_and_back),
        TEST(test_interrupt_unblocks_a_send),
        TEST(test_partitions),
        TEST(test_every_message_carries_the_headers),
        TEST(test_a_document_above_the_limit_with_headers_is_rejected),
        TEST(test_our_allocations_fail_in_turn),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
