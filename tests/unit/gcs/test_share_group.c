/*
 * test_share_group.c: one agent of a group against librdkafka's pretended brokers: what is committed and when, what a message that is
 * none of ours costs, what is set aside, and what a lister knows. Time passes as the fake host's says; the brokers live in real time, so
 * every wait here is for something that happens, up to a limit.
 */
#include "test.h"

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <stdio.h>
#include <unistd.h>

#define TOPIC "objects"
#define PARTITIONS 3
#define POLLS_MAX 6000 /* of 5 ms at least */

static rd_kafka_t *owner;
static rd_kafka_mock_cluster_t *cluster;
static char options[2048];

static int brokers_start(void **state)
{
    char text[256];

    fake_reset();
    fake.acks = FAKE_ACKS_ALL;
    owner = rd_kafka_new(RD_KAFKA_PRODUCER, rd_kafka_conf_new(), text, sizeof text);
    cluster = owner != NULL ? rd_kafka_mock_cluster_new(owner, 1) : NULL;
    if (cluster == NULL ||
        rd_kafka_mock_topic_create(cluster, TOPIC, PARTITIONS, 1) != RD_KAFKA_RESP_ERR_NO_ERROR) {
        return -1;
    }
    (void)snprintf(
        options, sizeof options,
        "{\"project_id\":\"proj\",\"alternative_host\":\"http://gcs\",\"buckets\":[{\"name\":"
        "\"bkt\"}],\"poll_interval\":15000,\"retry\":{\"max_attempts\":2},\"coordination\":"
        "\"kafka\",\"kafka\":{\"hosts\":[\"%s\"],\"topic\":\"" TOPIC
        "\",\"timeout\":5000,\"session_timeout\":6000}}",
        rd_kafka_mock_cluster_bootstraps(cluster));
    (void)state;
    return 0;
}

static int brokers_stop(void **state)
{
    (void)state;
    rd_kafka_mock_cluster_destroy(cluster);
    rd_kafka_destroy(owner);
    fake_reset();
    return 0;
}

/* Somebody else's message. */
static void message_put(int32_t partition, const char *text)
{
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    char why[256];
    rd_kafka_t *producer;

    (void)rd_kafka_conf_set(conf, "bootstrap.servers", rd_kafka_mock_cluster_bootstraps(cluster),
                            NULL, 0);
    producer = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof why);
    assert_non_null(producer);
    assert_int_equal(rd_kafka_producev(producer, RD_KAFKA_V_TOPIC(TOPIC),
                                       RD_KAFKA_V_PARTITION(partition),
                                       RD_KAFKA_V_VALUE((void *)(uintptr_t)text, strlen(text)),
                                       RD_KAFKA_V_KEY("k", 1),
                                       RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END),
                     RD_KAFKA_RESP_ERR_NO_ERROR);
    assert_int_equal(rd_kafka_flush(producer, 20000), RD_KAFKA_RESP_ERR_NO_ERROR);
    rd_kafka_destroy(producer);
}

/* Polls once; the clock of the host goes on no faster than the brokers'. */
static int poll_once(void *in)
{
    int64_t mono_ms = fake.mono_ms;
    int64_t wall_ms = fake.wall_ms;
    int result = fake_poll(in, NULL);

    fake.mono_ms = mono_ms + 5;
    fake.wall_ms = wall_ms + 5;
    (void)usleep(5000);
    return result;
}

static void poll_until_idle(void *in)
{
    int polls = 0;

    while (poll_once(in) != CXD_POLL_IDLE) {
        if (++polls == POLLS_MAX) {
            fail_msg("not idle: %s\n%s", fake.health_text, fake.logs != NULL ? fake.logs : "");
        }
    }
}

static void poll_until_events(void *in, enum fake_kind kind, size_t count)
{
    for (int polls = 0; fake_events(kind) < count; polls++) {
        (void)poll_once(in);
        if (polls == POLLS_MAX) {
            fail_msg("not there: %s\n%s", fake.health_text, fake.logs != NULL ? fake.logs : "");
        }
    }
}

static void poll_until_health(void *in, int health)
{
    for (int polls = 0; fake.health != health; polls++) {
        (void)poll_once(in);
        if (polls == POLLS_MAX) {
            fail_msg("not that health: %s\n%s", fake.health_text,
                     fake.logs != NULL ? fake.logs : "");
        }
    }
}

static void pass(int64_t ms)
{
    fake.mono_ms += ms;
    fake.wall_ms += ms;
}

static void objects_put(int count, int first)
{
    for (int i = first; i < first + count; i++) {
        char name[32];
        char text[64];

        (void)snprintf(name, sizeof name, "o-%03d", i);
        (void)snprintf(text, sizeof text, "{\"n\":%d}\n{\"m\":%d}\n", i, i);
        (void)fake_put_text(name, text, fake.wall_ms - 1000);
    }
}

static void test_what_is_collected_is_not_collected_again(void **state)
{
    void *in;

    (void)state;
    objects_put(7, 0);
    in = fake_open(options);
    poll_until_idle(in);
    assert_int_equal(fake_events(FAKE_EVENT), 14);
    assert_int_equal(fake.media_count, 7);
    assert_int_equal(fake.health, CXD_HEALTHY);
    pass(20000);
    objects_put(1, 7); /* later */
    poll_until_events(in, FAKE_EVENT, 16);
    poll_until_idle(in);
    fake_close(in);
    in = fake_open(options); /* knows nothing but what the topic says */
    pass(20000);
    poll_until_idle(in);
    assert_int_equal(fake_events(FAKE_EVENT), 16);
    assert_int_equal(fake.media_count, 8);
    fake_close(in);
}

static void test_nothing_is_committed_before_it_is_safe(void **state)
{
    void *in;

    (void)state;
    objects_put(3, 0);
    fake.acks = FAKE_ACKS_HELD;
    in = fake_open(options);
    poll_until_events(in, FAKE_EVENT, 6);
    for (int i = 0; i < 100; i++) {
        assert_int_not_equal(poll_once(in), CXD_POLL_IDLE); /* --once waits for it, too */
    }
    fake_close(in);
    in = fake_open(options);
    poll_until_events(in, FAKE_EVENT, 12); /* all again */
    fake.acks = FAKE_ACKS_ALL;
    fake.marks_true = fake.marks_made;
    poll_until_idle(in);
    fake_close(in);
    in = fake_open(options);
    poll_until_idle(in);
    assert_int_equal(fake_events(FAKE_EVENT), 12);
    fake_close(in);
}

static void test_a_message_that_is_none_of_ours(void **state)
{
    void *in;

    (void)state;
    message_put(1, "no JSON");
    objects_put(3, 0);
    in = fake_open(options);
    poll_until_idle(in);
    assert_int_equal(fake_events(FAKE_REJECT), 1);
    assert_string_equal(fake_item(FAKE_REJECT, 0)->text, "no JSON");
    assert_non_null(strstr(fake_item(FAKE_REJECT, 0)->reason,
                           "topic objects, partition 1, offset 0: not a JSON object"));
    assert_int_equal(fake_events(FAKE_EVENT), 6);
    fake_close(in);
    in = fake_open(options);
    poll_until_idle(in);
    assert_int_equal(fake_events(FAKE_REJECT), 1); /* once */
    fake_close(in);
}

static void test_a_bucket_that_this_agent_does_not_have(void **state)
{
    void *in;

    (void)state;
    message_put(
        2, "{\"v\":1,\"kind\":\"object\",\"bucket\":\"other\",\"name\":\"n\",\"generation\":1}");
    objects_put(1, 0);
    in = fake_open(options);
    poll_until_health(in, CXD_DEGRADED);
    assert_non_null(strstr(fake.health_text, "gs://other"));
    poll_until_idle(in);
    assert_int_equal(fake_events(FAKE_EVENT), 2);
    pass(
        61000); /* it goes to the topic's end, and comes again, so that what is behind it is committed */
    for (int i = 0; i < 300; i++) {
        (void)poll_once(in);
    }
    assert_int_equal(fake.health, CXD_DEGRADED);
    assert_int_equal(fake_events(FAKE_REJECT), 0);
    fake_close(in);
}

static void test_an_object_that_fails_is_set_aside_and_done_later(void **state)
{
    void *in;

    (void)state;
    objects_put(3, 0);
    fake_fault((struct fake_fault){.where = FAKE_MEDIA,
                                   .object = "o-001",
                                   .times = 2,
                                   .break_status = CXD_CONNECT,
                                   .break_after = 3});
    fake_fault((struct fake_fault){.where = FAKE_MEDIA,
                                   .object = "o-001",
                                   .times = 2,
                                   .break_status = CXD_TRUNCATED,
                                   .break_after = 3});
    in = fake_open(options);
    poll_until_events(in, FAKE_EVENT, 4);
    for (int i = 0; i < 4000 && fake.failed_total == 0; i++) {
        (void)poll_once(in);
        pass(200);
    }
    assert_int_equal(fake.failed_total, 1);
    assert_int_equal(fake.health, CXD_DEGRADED);
    pass(61000);
    poll_until_events(in, FAKE_EVENT, 6);
    poll_until_idle(in);
    assert_int_equal(fake.health, CXD_HEALTHY);
    fake_close(in);
}

/* What it collected when it was alone is not published. */
static void test_an_agent_that_was_alone_before(void **state)
{
    void *in;

    (void)state;
    objects_put(4, 0);
    in = fake_open(
        "{\"project_id\":\"proj\",\"alternative_host\":\"http://gcs\",\"buckets\":[{\"name\":"
        "\"bkt\"}],\"poll\":false}");
    assert_int_equal(fake_poll_until(in, CXD_POLL_FINISHED, 50, NULL), CXD_POLL_FINISHED);
    fake_restart(in, fake_last_mark(fake.item_count));
    objects_put(2, 4);
    in = fake_open(options);
    poll_until_idle(in);
    assert_int_equal(fake_events(FAKE_EVENT), 4);
    fake_close(in);
    free(fake.cursor); /* another agent, without that memory */
    fake.cursor = NULL;
    fake.cursor_len = 0;
    in = fake_open(options);
    poll_until_idle(in);
    assert_int_equal(fake_events(FAKE_EVENT), 4);
    fake_close(in);
}

static void test_a_new_epoch_publishes_all_again(void **state)
{
    void *in;

    (void)state;
    objects_put(3, 0);
    in = fake_open(options);
    poll_until_idle(in);
    message_put(0, "{\"v\":1,\"kind\":\"anew\",\"epoch\":7}");
    poll_until_events(in, FAKE_EVENT, 12);
    poll_until_idle(in);
    message_put(0, "{\"v\":1,\"kind\":\"anew\",\"epoch\":5}"); /* by a clock that is behind */
    poll_until_events(in, FAKE_EVENT, 18);
    pass(20000);
    poll_until_idle(in);
    fake_close(in);
    in = fake_open(options); /* the epoch is learned from the topic */
    pass(20000);
    poll_until_idle(in);
    assert_int_equal(fake_events(FAKE_EVENT), 18);
    fake_close(in);
}

/* Partitions that had to wait at the broker when the group shared out anew are read again. */
static void test_what_is_paused_while_the_group_grows(void **state)
{
    void *first;
    void *second;

    (void)state;
    objects_put(75, 0); /* too many for one agent to keep, not for two */
    fake_fault(
        (struct fake_fault){.where = FAKE_MEDIA, .times = 1000000, .start_status = CXD_CONNECT});
    first = fake_open(options);
    for (int i = 0; i < 1500 && (fake.logs == NULL || strstr(fake.logs, "as before") == NULL);
         i++) {
        (void)poll_once(first);
    }
    for (int i = 0; i < 200; i++) { /* more than it takes at a time are there */
        (void)poll_once(first);
    }
    second = fake_open(options);
    for (int i = 0; i < POLLS_MAX && strstr(fake.logs, "1 of them as before") == NULL &&
                    strstr(fake.logs, "2 of them as before") == NULL;
         i++) {
        (void)poll_once(first);
        (void)poll_once(second);
    }
    fake.fault_count = 0;
    objects_put(30, 75); /* in all partitions, behind what made them wait */
    pass(60000);
    for (int i = 0; i < POLLS_MAX && fake_events(FAKE_EVENT) < 210; i++) {
        (void)poll_once(first);
        (void)poll_once(second);
    }
    assert_int_equal(fake_events(FAKE_EVENT), 210); /* nothing had been handed over before */
    ((const struct cxd_input_ops *)fake_module()->ops)->close(first);
    fake_close(second);
}

static bool has_event(const char *text)
{
    for (size_t i = 0; i < fake.item_count; i++) {
        if (fake.items[i].kind == FAKE_EVENT && strcmp(fake.items[i].text, text) == 0) {
            return true;
        }
    }
    return false;
}

/* Whatever cannot be allocated: all objects come, and nothing is passed by. */
static void test_memory_that_fails_once(void **state)
{
    int failed = 0;

    (void)state;
    for (int round = 0; round < 6; round++) {
        void *in = fake_open(options);
        char last[32];

        fake.fail_at = fake.allocations + 1 + fake_random(250);
        objects_put(4, round * 4);
        (void)snprintf(last, sizeof last, "{\"m\":%d}", round * 4 + 3);
        for (int polls = 0; !has_event(last) && polls < POLLS_MAX; polls++) {
            (void)poll_once(in);
            pass(50); /* back-offs */
        }
        failed += fake.allocations >= fake.fail_at;
        fake.fail_at = 0;
        poll_until_idle(in);
        fake_close(in);
    }
    assert_true(failed >= 3);
    for (int i = 0; i < 24; i++) {
        char text[32];

        (void)snprintf(text, sizeof text, "{\"n\":%d}", i);
        assert_true(has_event(text));
        (void)snprintf(text, sizeof text, "{\"m\":%d}", i);
        assert_true(has_event(text));
    }
}

static void test_a_topic_that_is_not_there(void **state)
{
    void *in;
    char *at = strstr(options, "\"" TOPIC "\"");

    (void)state;
    rd_kafka_mock_topic_set_error(cluster, "missing", RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
    memcpy(at, "\"missing\"", 9);
    in = fake_open(options);
    poll_until_health(in, CXD_FAILED);
    assert_non_null(strstr(fake.health_text, "make the topic"));
    fake_close(in);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, brokers_start, brokers_stop)
        CASE(test_what_is_collected_is_not_collected_again),
        CASE(test_nothing_is_committed_before_it_is_safe),
        CASE(test_a_message_that_is_none_of_ours),
        CASE(test_a_bucket_that_this_agent_does_not_have),
        CASE(test_an_object_that_fails_is_set_aside_and_done_later),
        CASE(test_an_agent_that_was_alone_before),
        CASE(test_a_new_epoch_publishes_all_again),
        CASE(test_what_is_paused_while_the_group_grows),
        CASE(test_memory_that_fails_once),
        CASE(test_a_topic_that_is_not_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
