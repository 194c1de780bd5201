/* test_kafka_open.c: options of the kafka output: what is refused and how, topics from data streams, logins and TLS. */
#include "kafka_bench.h"

#include "topic.h"

#include <stdlib.h>
#include <unistd.h>

static const char secret[] = "hunter2-geheim";

static void assert_refused(bson_t *doc, const char *part)
{
    void *out = NULL;

    assert_int_equal(open_with(doc, &out), CXD_CONFIG);
    if (strstr(err.text, part) == NULL) {
        fail_msg("\"%s\" does not say \"%s\"", err.text, part);
    }
    assert_null(strstr(err.text, secret));
    assert_int_equal(fake.live, 0);
}

static void test_wrong_options_are_named(void **state)
{
    static const struct {
        const char *name;
        const char *text; /* NULL: number */
        int64_t number;
    } rows[] = {
        {"compression", "brotli", 0}, {"compression_level", NULL, 10}, {"required_acks", NULL, 2},
        {"timeout", NULL, 10},        {"max_message_bytes", NULL, 1},  {"partition", "sticky", 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        bson_t *doc = bson_new();
        bson_t *base = options_for("logs");

        bson_copy_to_excluding_noinit(base, doc, rows[i].name, (char *)NULL);
        bson_destroy(base);
        if (rows[i].text != NULL) {
            BSON_APPEND_UTF8(doc, rows[i].name, rows[i].text);
        } else {
            BSON_APPEND_INT64(doc, rows[i].name, rows[i].number);
        }
        assert_refused(doc, rows[i].name);
    }
    assert_refused(options_for("logs-%{[event.kind]}"), "topic: byte 6");
    assert_refused(options_for("a b"), "topic: byte 2");
    assert_refused(options_for(""), "topic: 1 to");
}

/* The group of partition.hash and the others is there, and empty, when none of them is set. */
static void test_an_empty_partition_is_the_default(void **state)
{
    bson_t *doc = options_for("logs");
    bson_t group;

    (void)state;
    BSON_APPEND_DOCUMENT_BEGIN(doc, "partition", &group);
    bson_append_document_end(doc, &group);
    ops()->close(open_ok(doc));
}

static void test_wrong_hosts_are_refused(void **state)
{
    static const char *const bad[] = {"", "a,b", "http://a:9092", "a b", ":9092", "a:"};

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        bson_t *doc = BCON_NEW("hosts", "[", BCON_UTF8(bad[i]), "]", "topic", BCON_UTF8("x"));

        assert_refused(doc, "hosts.0");
    }
    assert_refused(BCON_NEW("hosts", "[", "]", "topic", BCON_UTF8("x")), "hosts: a list");
}

static void assert_topic(const char *format, const char *index, const char *wanted)
{
    struct topic_format f;
    char name[TOPIC_MAX + 1] = "";

    assert_int_equal(topic_format_read(&f, (struct cxd_bytes){format, strlen(format)}, &err), 0);
    if (wanted == NULL) {
        assert_int_equal(topic_make(&f, (struct cxd_bytes){index, strlen(index)}, name),
                         CXD_REJECTED);
        return;
    }
    assert_int_equal(topic_make(&f, (struct cxd_bytes){index, strlen(index)}, name), CXD_OK);
    assert_string_equal(name, wanted);
}

static void test_topics_of_data_streams(void **state)
{
    char long_name[400];

    (void)state;
    assert_topic("fixed", "logs-a.b-default", "fixed");
    assert_topic("fixed", "", "fixed");
    assert_topic("%{[data_stream.dataset]}", "logs-panw.event-default", "panw.event");
    assert_topic("x-%{[data_stream.type]}.%{[data_stream.namespace]}", "logs-a.b-my-space",
                 "x-logs.my-space");
    assert_topic("%{[data_stream.dataset]}", "logs", NULL);
    assert_topic("%{[data_stream.dataset]}", "logs-a", NULL);
    assert_topic("%{[data_stream.dataset]}", "logs--x", NULL);
    assert_topic("%{[data_stream.dataset]}", "logs-..-x", NULL);
    assert_topic("%{[data_stream.dataset]}", "logs-a*b-x", NULL);
    memset(long_name, 'a', sizeof long_name - 1);
    long_name[sizeof long_name - 1] = '\0';
    memcpy(long_name, "logs-", 5);
    memcpy(long_name + sizeof long_name - 3, "-x", 2);
    assert_topic("%{[data_stream.dataset]}", long_name, NULL);
}

static void test_a_stream_without_topic_is_rejected(void **state)
{
    void *out = open_ok(options_for("%{[data_stream.dataset]}"));
    struct cxd_batch batch;

    (void)state;
    assert_int_equal(rd_kafka_mock_topic_create(cluster, "a.b", PARTITIONS, 1), 0);
    batch = batch_of("logs-a.b-default", 0, 3);
    docs[1].index = (struct cxd_bytes){"odd", 3};
    assert_int_equal(ops()->send(out, &batch, outcomes, &err), CXD_OK);
    assert_int_equal(outcomes[0].result, CXD_RESULT_DELIVERED);
    assert_int_equal(outcomes[1].result, CXD_RESULT_REJECTED);
    assert_int_equal(outcomes[2].result, CXD_RESULT_DELIVERED);
    ops()->close(out);
}

static void test_logins(void **state)
{
    bson_t *doc = options_for("logs");
    bson_t sasl;

    (void)state;
    BSON_APPEND_UTF8(doc, "password", secret);
    assert_refused(doc, "need username");
    doc = options_for("logs");
    BSON_APPEND_UTF8(doc, "username", "me");
    assert_refused(doc, "needs password");
    doc = options_for("logs");
    BSON_APPEND_UTF8(doc, "username", "me");
    BSON_APPEND_UTF8(doc, "password", secret);
    BSON_APPEND_DOCUMENT_BEGIN(doc, "sasl", &sasl);
    BSON_APPEND_UTF8(&sasl, "mechanism", "GSSAPI");
    bson_append_document_end(doc, &sasl);
    assert_refused(doc, "sasl.mechanism");
}

/* Kafka since 4.0 refuses the SCRAM of librdkafka before 2.6.1: who reads "wrong password" has to know. */
static void test_scram_of_an_old_library_is_warned_of(void **state)
{
    bson_t *doc = options_for("logs");
    bson_t sasl;

    (void)state;
    BSON_APPEND_UTF8(doc, "username", "me");
    BSON_APPEND_UTF8(doc, "password", secret);
    BSON_APPEND_DOCUMENT_BEGIN(doc, "sasl", &sasl);
    BSON_APPEND_UTF8(&sasl, "mechanism", "SCRAM-SHA-512");
    bson_append_document_end(doc, &sasl);
    ops()->close(open_ok(doc));
    assert_int_equal(fake_logged("cannot log in by SCRAM"), rd_kafka_version() < 0x02060100);
}

/* The pretended brokers know no SASL: the login cannot be made. */
static void test_a_login_that_fails_is_told_without_the_password(void **state)
{
    bson_t *doc = options_for("logs");
    void *out;

    (void)state;
    BSON_APPEND_UTF8(doc, "username", "me");
    BSON_APPEND_UTF8(doc, "password", secret);
    out = open_ok(doc);
    assert_true(fake_logged("switch ssl on"));
    assert_true(send_docs(out, 0, 3) < 0);
    assert_int_equal(results(3, CXD_RESULT_PENDING), 3);
    assert_non_null(strstr(err.text, "127.0.0.1:"));
    assert_null(strstr(err.text, secret));
    ops()->close(out);
    assert_false(fake_logged(secret));
    assert_true(fake_logged("librdkafka"));
}

static bson_t *with_ssl(const char *name, const char *value)
{
    bson_t *doc = options_for("logs");
    bson_t ssl;

    BSON_APPEND_DOCUMENT_BEGIN(doc, "ssl", &ssl);
    BSON_APPEND_BOOL(&ssl, "enabled", 1);
    if (strcmp(name, "certificate_authorities") == 0) {
        bson_t list;

        BSON_APPEND_ARRAY_BEGIN(&ssl, name, &list);
        BSON_APPEND_UTF8(&list, "0", value);
        bson_append_array_end(&ssl, &list);
    } else {
        BSON_APPEND_UTF8(&ssl, name, value);
    }
    bson_append_document_end(doc, &ssl);
    return doc;
}

static void test_tls_options(void **state)
{
    (void)state;
    assert_refused(with_ssl("verification_mode", "strict"), "ssl.verification_mode");
    assert_refused(with_ssl("certificate_authorities", "/nowhere/ca.pem"), "/nowhere/ca.pem");
    assert_refused(with_ssl("certificate_authorities", "/dev/zero"), "1 MiB");
    assert_refused(with_ssl("certificate_authorities", "/etc/passwd"), "PEM");
    assert_refused(with_ssl("certificate", "/nowhere/cert.pem"), "kafka 127.0.0.1:");
    assert_refused(with_ssl("key", "-----BEGIN PRIVATE KEY-----\nhunter2-geheim\n"), "kafka 127");
    ops()->close(open_ok(with_ssl("verification_mode", "certificate")));
}

/* The pretended brokers speak no TLS. */
static void test_tls_that_fails_is_told_with_the_broker(void **state)
{
    void *out = open_ok(with_ssl("verification_mode", "none"));

    (void)state;
    assert_true(send_docs(out, 0, 3) < 0);
    assert_int_equal(results(3, CXD_RESULT_PENDING), 3);
    assert_non_null(strstr(err.text, "ssl://127.0.0.1:"));
    ops()->close(out);
}

static void test_our_allocations_fail_while_certificates_are_read(void **state)
{
    void *out = NULL;

    (void)state;
    for (uint64_t n = 1; n <= 2; n++) {
        fake.allocations = 0;
        fake.fail_at = n;
        assert_int_equal(open_with(with_ssl("certificate_authorities", "/etc/passwd"), &out),
                         CXD_NOMEM);
        assert_int_equal(fake.live, 0);
    }
    fake.allocations = 0;
    fake.fail_at = 3; /* there is no third */
    assert_int_equal(open_with(with_ssl("certificate_authorities", "/etc/passwd"), &out),
                     CXD_CONFIG);
    fake.fail_at = 0;
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_wrong_options_are_named),
        TEST(test_an_empty_partition_is_the_default),
        TEST(test_wrong_hosts_are_refused),
        TEST(test_topics_of_data_streams),
        TEST(test_a_stream_without_topic_is_rejected),
        TEST(test_logins),
        TEST(test_scram_of_an_old_library_is_warned_of),
        TEST(test_a_login_that_fails_is_told_without_the_password),
        TEST(test_tls_options),
        TEST(test_tls_that_fails_is_told_with_the_broker),
        TEST(test_our_allocations_fail_while_certificates_are_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
