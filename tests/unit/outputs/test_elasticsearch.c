/* test_elasticsearch.c: bulk requests of the elasticsearch output against scripted replies. */
#include "elastic_bench.h"

#include <stdlib.h>

static void test_a_batch_becomes_one_request(void **state)
{
    static const struct fake_reply replies[] = {{.http_status = 200, .body = ALL_OK(OK1 "," OK1)},
                                                {.http_status = 200, .body = ALL_OK(OK1)}};
    static const char body[] =
        "{\"create\":{\"_index\":\"logs-a-b\",\"_id\":\"id0\"}}\n{\"a\":\"xx\"}\n"
        "{\"create\":{\"_index\":\"logs-a-b\",\"_id\":\"id1\"}}\n{\"a\":\"xx\"}\n";
    bson_t *doc = bson_new();
    void *out;

    (void)state;
    BSON_APPEND_UTF8(doc, "api_key", "name:secret");
    BSON_APPEND_UTF8(doc, "pipeline", "my pipe");
    out = open_ok(doc);
    fake_script(replies, COUNT(replies));
    assert_int_equal(send_docs(out, 2, 10), CXD_OK);
    assert_int_equal(results(2, CXD_RESULT_DELIVERED), 2);
    assert_int_equal(send_docs(out, 1, 10), CXD_OK);
    assert_int_equal(fake.request_count, 2);
    assert_string_equal(fake.requests[0].method, "POST");
    assert_string_equal(fake.requests[0].url,
                        "https://es1:9243/_bulk?filter_path=errors,items.*.status,"
                        "items.*.error.type,items.*.error.reason,"
                        "items.*.failure_store&pipeline=my%20pipe");
    assert_string_equal(fake.requests[0].headers,
                        "*Authorization: ApiKey bmFtZTpzZWNyZXQ=\nAccept: application/json\n"
                        "Content-Type: application/x-ndjson\nContent-Encoding: gzip\n");
    assert_int_equal(fake.requests[0].body_len, sizeof body - 1);
    assert_memory_equal(fake.requests[0].body, body, sizeof body - 1);
    assert_memory_equal(fake.requests[1].url, "https://es2", 11); /* in turn */
    ops()->close(out);
}

static void test_without_compression_the_body_is_plain(void **state)
{
    static const struct fake_reply replies[] = {{.http_status = 200, .body = ALL_OK(OK1)}};
    bson_t *doc = bson_new();
    void *out;

    (void)state;
    BSON_APPEND_INT64(doc, "compression_level", 0);
    BSON_APPEND_UTF8(doc, "username", "u");
    BSON_APPEND_UTF8(doc, "password", "p");
    out = open_ok(doc);
    fake_script(replies, 1);
    assert_int_equal(send_docs(out, 1, 10), CXD_OK);
    assert_null(strstr(fake.requests[0].headers, "gzip"));
    assert_non_null(strstr(fake.requests[0].headers, "*Authorization: Basic dTpw\n"));
    assert_memory_equal(fake.requests[0].body, "{\"create\":", 10);
    ops()->close(out);
}

static void test_large_batches_are_divided(void **state)
{
    static const struct fake_reply replies[] = {{.http_status = 200, .body = ALL_OK(OK1 "," OK1)},
                                                {.http_status = 200, .body = ALL_OK(OK1 "," OK1)},
                                                {.http_status = 200, .body = ALL_OK(OK1)}};
    bson_t *doc = bson_new();
    void *out;

    (void)state;
    BSON_APPEND_INT64(doc, "bulk_max_bytes", 65536);
    out = open_ok(doc);
    fake_script(replies, COUNT(replies));
    assert_int_equal(send_docs(out, 5, 30000), CXD_OK);
    assert_int_equal(results(5, CXD_RESULT_DELIVERED), 5);
    assert_int_equal(fake.request_count, 3);
    ops()->close(out);
}

static void test_413_halves_until_it_fits_and_rejects_one_alone(void **state)
{
    static const struct fake_reply replies[] = {
        {.http_status = 413, .body = "<html>too large</html>"}, /* 4 documents */
        {.http_status = 413},                                   /* 2 */
        {.http_status = 413},                                   /* 1: never */
        {.http_status = 200, .body = ALL_OK(OK1)},
        {.http_status = 200, .body = ALL_OK(OK1)},
        {.http_status = 200, .body = ALL_OK(OK1)}};
    void *out = open_ok(bson_new());

    (void)state;
    fake_script(replies, COUNT(replies));
    assert_int_equal(send_docs(out, 4, 1000), CXD_OK);
    assert_int_equal(outcomes[0].result, CXD_RESULT_REJECTED);
    assert_int_equal(outcomes[0].http_status, 413);
    assert_non_null(memmem(outcomes[0].reason.ptr, outcomes[0].reason.len, "larger", 6));
    assert_int_equal(results(4, CXD_RESULT_DELIVERED), 3);
    ops()->close(out);
}

static void test_after_good_requests_larger_ones_are_tried_again(void **state)
{
    static struct fake_reply replies[40];
    void *out = open_ok(bson_new());

    (void)state;
    for (size_t i = 0; i < COUNT(replies); i++) {
        replies[i] = (struct fake_reply){.http_status = 200, .body = ALL_OK(OK1)};
    }
    replies[0] = (struct fake_reply){.http_status = 413};
    replies[17] = (struct fake_reply){.http_status = 200, .body = ALL_OK(OK1 "," OK1)};
    fake_script(replies, COUNT(replies));
    for (int i = 0; i < 8; i++) {
        assert_int_equal(send_docs(out, 2, 1000), CXD_OK);
        assert_int_equal(results(2, CXD_RESULT_DELIVERED), 2);
    }
    assert_int_equal(fake.request_count, 17);
    assert_int_equal(send_docs(out, 2, 1000), CXD_OK);
    assert_int_equal(fake.request_count, 18);
    ops()->close(out);
}

static void test_what_is_there_already_counts_and_what_is_refused_is_named(void **state)
{
    static const struct fake_reply replies[] = {
        {.http_status = 200,
         .body = "{\"errors\":true,\"items\":[{\"create\":{\"status\":409,\"error\":{\"type\":"
                 "\"version_conflict_engine_exception\"}}},{\"create\":{\"status\":400,\"error\":{"
                 "\"type\":\"mapper_parsing_exception\",\"reason\":\"failed\"}}}," OK1 "]}"}};
    void *out = open_ok(bson_new());

    (void)state;
    fake_script(replies, 1);
    assert_int_equal(send_docs(out, 3, 20), CXD_OK);
    assert_int_equal(outcomes[0].result, CXD_RESULT_DUPLICATE);
    assert_int_equal(outcomes[1].result, CXD_RESULT_REJECTED);
    assert_memory_equal(outcomes[1].reason.ptr, "mapper_parsing_exception: failed", 32);
    assert_int_equal(outcomes[2].result, CXD_RESULT_DELIVERED);
    ops()->close(out);
}

static void test_throttled_items_stop_the_batch(void **state)
{
    static const struct fake_reply replies[] = {
        {.http_status = 200,
         .retry_after = "7",
         .body =
             "{\"errors\":true,\"items\":[" OK1 ",{\"create\":{\"status\":429,\"error\":{\"type\":"
             "\"es_rejected_execution_exception\",\"reason\":\"queue\"}}}]}"}};
    bson_t *doc = bson_new();
    void *out;

    (void)state;
    BSON_APPEND_INT64(doc, "bulk_max_bytes", 65536);
    out = open_ok(doc);
    fake_script(replies, 1);
    assert_int_equal(send_docs(out, 4, 30000), CXD_THROTTLED);
    assert_int_equal(err.retry_after_ms, 7000);
    assert_int_equal(fake.request_count, 1);
    assert_int_equal(outcomes[0].result, CXD_RESULT_DELIVERED);
    assert_int_equal(results(4, CXD_RESULT_PENDING), 3);
    ops()->close(out);
}

static void test_each_failure_of_a_whole_request(void **state)
{
    static const struct {
        struct fake_reply reply;
        int status;
        const char *text;
    } rows[] = {
        {{.http_status = 401,
          .body = "{\"error\":{\"type\":\"security_exception\",\"reason\":\"no\"}}"},
         CXD_AUTH,
         "security_exception: no; check api_key"},
        {{.http_status = 403, .body = "{\"error\":{\"type\":\"security_exception\"}}"},
         CXD_FORBIDDEN,
         "create_doc"},
        {{.http_status = 404, .body = "<html>"}, CXD_CONFIG, "check hosts and path"},
        {{.http_status = 307}, CXD_CONFIG, "redirects"},
        {{.http_status = 429, .retry_after = "12"}, CXD_THROTTLED, "429"},
        {{.http_status = 503, .retry_after = "12"}, CXD_THROTTLED, "503"},
        {{.http_status = 500, .body = "{\"error\":\"x\"}"}, CXD_SERVER, "500"},
        {{.http_status = 200, .body = "{"}, CXD_PROTOCOL, "https://es1:9243: bulk reply"},
        {{.http_status = 200, .body = ALL_OK(OK1)}, CXD_PROTOCOL, "1 items for 2 documents"},
        {{.start_status = CXD_IO}, CXD_IO, "https://es1:9243: scripted"},
        {{.start_status = CXD_TIMEOUT}, CXD_TIMEOUT, "scripted"},
        {{.start_status = CXD_TRUNCATED}, CXD_TRUNCATED, "scripted"}};

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        bson_t *doc = bson_new();
        void *out;

        BSON_APPEND_UTF8(doc, "api_key", "name:secret");
        out = open_ok(doc);
        fake_script(&rows[i].reply, 1);
        assert_int_equal(send_docs(out, 2, 20), rows[i].status);
        if (strstr(err.text, rows[i].text) == NULL) {
            print_error("row %zu: %s\n", i, err.text);
        }
        assert_non_null(strstr(err.text, rows[i].text));
        assert_null(strstr(err.text, "bmFtZTpzZWNyZXQ="));
        assert_int_equal(results(2, CXD_RESULT_PENDING), 2);
        assert_int_equal(err.retry_after_ms, rows[i].reply.retry_after != NULL ? 12000 : -1);
        ops()->close(out);
        docs_free();
        fake_reset();
    }
}

static void test_a_reply_beyond_the_limit_is_refused(void **state)
{
    struct fake_reply reply = {.http_status = 200, .body_len = (16u << 20) + 1};
    char *body = malloc(reply.body_len);
    void *out = open_ok(bson_new());

    (void)state;
    assert_non_null(body);
    memset(body, ' ', reply.body_len);
    reply.body = body;
    fake_script(&reply, 1);
    assert_int_equal(send_docs(out, 1, 20), CXD_PROTOCOL);
    ops()->close(out);
    free(body);
}

static void test_what_went_to_the_failure_store_is_delivered_and_counted(void **state)
{
    static const struct fake_reply replies[] = {
        {.http_status = 200,
         .body = ALL_OK(OK1 ",{\"create\":{\"status\":201,\"failure_store\":\"used\"}}")}};
    void *out = open_ok(bson_new());

    (void)state;
    fake_script(replies, COUNT(replies));
    assert_int_equal(send_docs(out, 2, 10), CXD_OK);
    assert_int_equal(results(2, CXD_RESULT_DELIVERED), 2);
    assert_int_equal(fake.counted, 1);
    ops()->close(out);
}

static void test_every_node_says_who_it_is(void **state)
{
    static const struct fake_reply replies[] = {
        {.http_status = 200, .body = "{\"version\":{\"number\":\"8.15.0\"}}"},
        {.http_status = 401}};
    struct cxd_bytes text = {NULL, 0};
    void *out = open_ok(bson_new());

    (void)state;
    fake_script(replies, COUNT(replies));
    err = (struct cxd_error)CXD_ERROR_INIT;
    assert_int_equal(ops()->check(out, &text, &err), CXD_AUTH);
    assert_int_equal(fake.request_count, 2);
    assert_string_equal(fake.requests[0].method, "GET");
    assert_int_equal(fake.requests[0].body_len, 0);
    assert_non_null(memmem(text.ptr, text.len, "Elasticsearch 8.15.0", 20));
    assert_non_null(memmem(text.ptr, text.len, "\nFAILED ", 8));
    ops()->close(out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_a_batch_becomes_one_request),
        CASE(test_what_went_to_the_failure_store_is_delivered_and_counted),
        CASE(test_every_node_says_who_it_is),
        CASE(test_without_compression_the_body_is_plain),
        CASE(test_large_batches_are_divided),
        CASE(test_413_halves_until_it_fits_and_rejects_one_alone),
        CASE(test_after_good_requests_larger_ones_are_tried_again),
        CASE(test_what_is_there_already_counts_and_what_is_refused_is_named),
        CASE(test_throttled_items_stop_the_batch),
        CASE(test_each_failure_of_a_whole_request),
        CASE(test_a_reply_beyond_the_limit_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
