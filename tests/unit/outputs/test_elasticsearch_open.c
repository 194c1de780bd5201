/* test_elasticsearch_open.c: options, nodes, stop and failing memory of the elasticsearch output. */
#include "elastic_bench.h"

#include <stdlib.h>

static void test_a_dead_node_is_passed_over_and_rests(void **state)
{
    static const struct fake_reply replies[] = {{.start_status = CXD_CONNECT},
                                                {.http_status = 200, .body = ALL_OK(OK1)},
                                                {.http_status = 200, .body = ALL_OK(OK1)},
                                                {.http_status = 200, .body = ALL_OK(OK1)},
                                                {.http_status = 200, .body = ALL_OK(OK1)}};
    void *out = open_ok(bson_new());

    (void)state;
    fake_script(replies, COUNT(replies));
    assert_int_equal(send_docs(out, 1, 20), CXD_OK); /* es1 fails, es2 takes it */
    assert_int_equal(send_docs(out, 1, 20), CXD_OK); /* es1 rests */
    assert_memory_equal(fake.requests[2].url, "https://es2", 11);
    fake.mono_ms += 1001;
    assert_int_equal(send_docs(out, 1, 20), CXD_OK);
    assert_memory_equal(fake.requests[3].url, "https://es1", 11);
    ops()->close(out);
}

static void test_no_node_at_all_is_said_and_tried_again(void **state)
{
    static const struct fake_reply replies[] = {{.start_status = CXD_CONNECT},
                                                {.start_status = CXD_CONNECT},
                                                {.http_status = 200, .body = ALL_OK(OK1)}};
    void *out = open_ok(bson_new());

    (void)state;
    fake_script(replies, COUNT(replies));
    assert_int_equal(send_docs(out, 1, 20), CXD_CONNECT);
    assert_int_equal(fake.request_count, 2);
    assert_int_equal(send_docs(out, 1, 20), CXD_OK); /* the one that wakes first, though it rests */
    ops()->close(out);
}

static void test_a_reply_of_unknown_outcome_is_not_sent_elsewhere(void **state)
{
    static const struct fake_reply replies[] = {{.start_status = CXD_IO}};
    void *out = open_ok(bson_new());

    (void)state;
    fake_script(replies, 1);
    assert_int_equal(send_docs(out, 1, 20), CXD_IO);
    assert_int_equal(fake.request_count, 1);
    ops()->close(out);
}

static void test_stop_ends_the_wait(void **state)
{
    static const struct fake_reply replies[] = {{.http_status = 200, .body = ALL_OK(OK1)}};
    void *out = open_ok(bson_new());

    (void)state;
    fake_script(replies, 1);
    fake.is_stopping = 1;
    assert_int_equal(send_docs(out, 1, 20), CXD_STOPPED);
    ops()->interrupt(out);
    assert_int_equal(fake.interrupts, 1);
    ops()->close(out);
}

static void test_headers_of_the_policy_are_sent_masked(void **state)
{
    static const struct fake_reply replies[] = {{.http_status = 200, .body = ALL_OK(OK1)}};
    bson_t *doc = bson_new();
    bson_t headers;
    void *out;

    (void)state;
    bson_append_document_begin(doc, "headers", -1, &headers);
    BSON_APPEND_UTF8(&headers, "Authorization", "Custom x");
    BSON_APPEND_UTF8(&headers, "X-Tenant", "t");
    bson_append_document_end(doc, &headers);
    out = open_ok(doc);
    fake_script(replies, 1);
    assert_int_equal(send_docs(out, 1, 20), CXD_OK);
    assert_memory_equal(fake.requests[0].headers, "*Authorization: Custom x\n*X-Tenant: t\n", 38);
    ops()->close(out);
}

static void test_wrong_options_are_named_and_not_shown(void **state)
{
    static const struct {
        const char *name;
        const char *text;
        int64_t number;
    } rows[] = {{"token", "secret\nX: y", 0},
                {"api_key", "secret\r", 0},
                {"compression_level", NULL, 10},
                {"bulk_max_bytes", NULL, 100},
                {"timeout", NULL, 1},
                {"protocol", "gopher", 0},
                {"path", "a b", 0},
                {"password", "secret\n", 0}};

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        bson_t *doc = bson_new();
        void *out = NULL;

        if (strcmp(rows[i].name, "password") == 0) {
            BSON_APPEND_UTF8(doc, "username", "u");
        }
        if (strcmp(rows[i].name, "protocol") == 0 || strcmp(rows[i].name, "path") == 0) {
            bson_t hosts;

            bson_append_array_begin(doc, "hosts", -1, &hosts);
            BSON_APPEND_UTF8(&hosts, "0", "es1");
            bson_append_array_end(doc, &hosts);
        }
        if (rows[i].text != NULL) {
            BSON_APPEND_UTF8(doc, rows[i].name, rows[i].text);
        } else {
            BSON_APPEND_INT64(doc, rows[i].name, rows[i].number);
        }
        assert_int_equal(open_with(doc, &out), CXD_CONFIG);
        assert_true(strlen(err.text) > 5);
        assert_null(strstr(err.text, "secret"));
        assert_null(out);
        assert_int_equal(fake.live, 0);
    }
}

static void test_two_credentials_are_one_too_many(void **state)
{
    bson_t *doc = bson_new();
    void *out = NULL;

    (void)state;
    BSON_APPEND_UTF8(doc, "api_key", "a:b");
    BSON_APPEND_UTF8(doc, "username", "u");
    assert_int_equal(open_with(doc, &out), CXD_CONFIG);
}

static void test_each_failing_allocation_is_survived(void **state)
{
    static const struct fake_reply replies[] = {{.http_status = 200, .body = ALL_OK(OK1)}};
    uint64_t n = 0;
    int r = CXD_NOMEM;

    (void)state;
    while (r != CXD_OK && n < 40) {
        bson_t *doc = bson_new();
        void *out = NULL;

        BSON_APPEND_UTF8(doc, "api_key", "a:b");
        fake_reset();
        fake_script(replies, 1);
        fake.fail_at = ++n;
        r = open_with(doc, &out);
        if (r == CXD_OK) {
            r = send_docs(out, 1, 20);
            assert_int_equal(outcomes[0].result,
                             r == CXD_OK ? CXD_RESULT_DELIVERED : CXD_RESULT_PENDING);
            ops()->close(out);
        }
        assert_true(r == CXD_OK || r == CXD_NOMEM);
        assert_int_equal(fake.live, 0);
    }
    assert_int_equal(r, CXD_OK);
    assert_true(n > 6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_a_dead_node_is_passed_over_and_rests),
        CASE(test_no_node_at_all_is_said_and_tried_again),
        CASE(test_a_reply_of_unknown_outcome_is_not_sent_elsewhere),
        CASE(test_stop_ends_the_wait),
        CASE(test_headers_of_the_policy_are_sent_masked),
        CASE(test_wrong_options_are_named_and_not_shown),
        CASE(test_two_credentials_are_one_too_many),
        CASE(test_each_failing_allocation_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
