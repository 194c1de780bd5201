/* test_elasticsearch.c: the elasticsearch output through its module entry, against scripted replies. */
#include "fake_host.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

CXD_EXTERN const struct cxd_module *cxd_module_entry(const struct cxd_host *host,
                                                     struct cxd_error *err);

#define DOCS_MAX 16
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define OK1 "{\"create\":{\"status\":201}}"
#define ALL_OK(items) "{\"errors\":false,\"items\":[" items "]}"

static struct cxd_error err;
static struct cxd_outcome outcomes[DOCS_MAX];
static struct cxd_doc docs[DOCS_MAX];
static char *sources[DOCS_MAX];
static char ids[DOCS_MAX][16];

static const struct cxd_output_ops *ops(void)
{
    return cxd_module_entry(&fake_host, NULL)->ops;
}

static int open_with(bson_t *doc, void **ret_instance)
{
    int r;

    if (!bson_has_field(doc, "hosts")) {
        bson_t hosts;

        bson_append_array_begin(doc, "hosts", -1, &hosts);
        BSON_APPEND_UTF8(&hosts, "0", "https://es1:9243");
        BSON_APPEND_UTF8(&hosts, "1", "https://es2:9243");
        bson_append_array_end(doc, &hosts);
    }
    doc = fake_options(cxd_module_entry(&fake_host, NULL)->options, doc);
    err = (struct cxd_error)CXD_ERROR_INIT;
    r = ops()->open(&fake_host, NULL, fake_bytes(doc), ret_instance, &err);
    bson_destroy(doc);
    return r;
}

static void *open_ok(bson_t *doc)
{
    void *instance = NULL;

    if (open_with(doc, &instance) != CXD_OK) {
        print_error("open: %s\n", err.text);
    }
    assert_non_null(instance);
    return instance;
}

static void docs_free(void)
{
    for (size_t i = 0; i < DOCS_MAX; i++) {
        free(sources[i]);
        sources[i] = NULL;
    }
}

/* count documents of len bytes each. */
static struct cxd_batch batch_of(uint32_t count, size_t len)
{
    struct cxd_batch batch = {.size = sizeof batch, .count = count, .docs = docs};

    docs_free();
    memset(outcomes, 0, sizeof outcomes);
    err = (struct cxd_error)CXD_ERROR_INIT;
    for (uint32_t i = 0; i < count; i++) {
        sources[i] = malloc(len + 1);
        assert_non_null(sources[i]);
        memset(sources[i], 'x', len);
        memcpy(sources[i], "{\"a\":\"", 6);
        memcpy(sources[i] + len - 2, "\"}", 3);
        (void)snprintf(ids[i], sizeof ids[i], "id%u", i);
        docs[i] =
            (struct cxd_doc){{sources[i], len}, {ids[i], strlen(ids[i])}, CXD_LIT("logs-a-b")};
        batch.bytes += len;
    }
    return batch;
}

static int send_docs(void *out, uint32_t count, size_t len)
{
    struct cxd_batch batch = batch_of(count, len);

    return ops()->send(out, &batch, outcomes, &err);
}

static uint32_t results(uint32_t count, uint32_t result)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < count; i++) {
        n += outcomes[i].result == result;
    }
    return n;
}

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
                        "items.*.error.type,items.*.error.reason&pipeline=my%20pipe");
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

/* ---- setup ---- */

#define ES8 "{\"version\":{\"number\":\"8.15.0\"}}"
#define OS2 "{\"version\":{\"distribution\":\"opensearch\",\"number\":\"2.19.1\"}}"
#define ACK "{\"acknowledged\":true}"

static const char template_text[] =
    "{\"index_patterns\":[\"logs-a-*\"],\"data_stream\":{},\"version\":3,\"allow_auto_create\":"
    "true,"
    "\"template\":{\"settings\":{\"index\":{\"lifecycle\":{\"name\":\"logs\"},\"codec\":\"x\"}},"
    "\"mappings\":{\"properties\":{\"type\":{\"type\":\"constant_keyword\",\"value\":\"v\"},"
    "\"m\":{\"type\":\"match_only_text\",\"fields\":{\"type\":{\"type\":\"wildcard\"}}},"
    "\"f\":{\"properties\":{\"l\":{\"type\":\"flattened\"}}}}}}}";

static int setup_run(void *out)
{
    err = (struct cxd_error)CXD_ERROR_INIT;
    return ops()->setup(out, "logs-a", CXD_LIT(template_text), &err);
}

static bson_t *setup_options(int may_overwrite)
{
    bson_t *doc = bson_new();
    bson_t setup;
    bson_t sub;

    bson_append_document_begin(doc, "setup", -1, &setup);
    bson_append_document_begin(&setup, "template", -1, &sub);
    BSON_APPEND_BOOL(&sub, "enabled", 1);
    BSON_APPEND_BOOL(&sub, "overwrite", may_overwrite);
    bson_append_document_end(&setup, &sub);
    bson_append_document_end(doc, &setup);
    return doc;
}

static void test_a_missing_template_is_put_and_known_again(void **state)
{
    struct fake_reply replies[] = {{.http_status = 200, .body = ES8},
                                   {.http_status = 404},
                                   {.http_status = 200, .body = ACK},
                                   {.http_status = 200, .body = ES8},
                                   {.http_status = 200}};
    char stored[4096];
    void *out = open_ok(setup_options(0));

    (void)state;
    fake_script(replies, COUNT(replies));
    assert_int_equal(setup_run(out), CXD_OK);
    assert_int_equal(fake.request_count, 3);
    assert_string_equal(fake.requests[2].method, "PUT");
    assert_non_null(strstr(fake.requests[2].url, ":9243/_index_template/logs-a"));
    fake.requests[2].body[fake.requests[2].body_len] = '\0';
    assert_non_null(strstr(fake.requests[2].body, "constant_keyword")); /* as it was */
    assert_non_null(strstr(fake.requests[2].body, "\"managed_by\":\"cortexd\""));
    assert_true(fake_logged("installed"));
    (void)snprintf(stored, sizeof stored,
                   "{\"index_templates\":[{\"name\":\"logs-a\",\"index_template\":%s}]}",
                   fake.requests[2].body);
    replies[4].body = stored;
    assert_int_equal(setup_run(out), CXD_OK);
    assert_int_equal(fake.request_count, 5); /* no second PUT */
    assert_true(fake_logged("already there"));
    ops()->close(out);
}

static void test_opensearch_gets_types_that_it_has(void **state)
{
    static const struct fake_reply replies[] = {
        {.http_status = 200, .body = OS2}, {.http_status = 404}, {.http_status = 200, .body = ACK}};
    void *out = open_ok(setup_options(0));

    (void)state;
    fake_script(replies, COUNT(replies));
    assert_int_equal(setup_run(out), CXD_OK);
    fake.requests[2].body[fake.requests[2].body_len] = '\0';
    assert_non_null(
        strstr(fake.requests[2].body,
               "\"properties\":{\"type\":{\"type\":\"keyword\"},\"m\":{\"type\":\"text\","
               "\"fields\":{\"type\":{\"type\":\"keyword\"}}},\"f\":{\"properties\":{"
               "\"l\":{\"type\":\"flat_object\"}}}}"));
    assert_null(strstr(fake.requests[2].body, "lifecycle"));
    assert_null(strstr(fake.requests[2].body, "allow_auto_create"));
    assert_non_null(strstr(fake.requests[2].body, "\"codec\":\"x\""));
    ops()->close(out);
}

static void test_templates_of_others_and_newer_ones_are_left_alone(void **state)
{
    static const struct {
        const char *stored;
        int may_overwrite;
        size_t requests;
    } rows[] = {{"{\"index_patterns\":[],\"_meta\":{\"managed_by\":\"fleet\"}}", 0, 2},
                {"{\"index_patterns\":[],\"_meta\":{\"managed_by\":\"fleet\"}}", 1, 3},
                {"{\"_meta\":{\"managed_by\":\"cortexd\"},\"version\":4}", 0, 2},
                {"{\"_meta\":{\"managed_by\":\"cortexd\"},\"version\":4}", 1, 3},
                {"{\"_meta\":{\"managed_by\":\"cortexd\"},\"version\":3}", 0, 3},
                {"{\"_meta\":{\"managed_by\":\"cortexd\"}}", 0, 3}};

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        char stored[512];
        struct fake_reply replies[] = {{.http_status = 200, .body = ES8},
                                       {.http_status = 200, .body = stored},
                                       {.http_status = 200, .body = ACK}};
        void *out = open_ok(setup_options(rows[i].may_overwrite));

        (void)snprintf(stored, sizeof stored,
                       "{\"index_templates\":[{\"name\":\"logs-a\",\"index_template\":%s}]}",
                       rows[i].stored);
        fake_script(replies, COUNT(replies));
        assert_int_equal(setup_run(out), CXD_OK);
        assert_int_equal(fake.request_count, rows[i].requests);
        ops()->close(out);
        fake_reset();
    }
}

static void test_setup_failures_are_said(void **state)
{
    static const struct {
        struct fake_reply replies[3];
        int status;
    } rows[] = {
        {{{.http_status = 200, .body = "{}"}}, CXD_CONFIG},
        {{{.http_status = 200, .body = "<html>"}}, CXD_CONFIG},
        {{{.http_status = 200, .body = "{\"version\":{\"number\":\"7.8.1\"}}"}}, CXD_CONFIG},
        {{{.http_status = 401}}, CXD_AUTH},
        {{{.http_status = 200, .body = ES8}, {.http_status = 403}}, CXD_FORBIDDEN},
        {{{.http_status = 200, .body = ES8}, {.http_status = 200, .body = "?"}}, CXD_PROTOCOL},
        {{{.http_status = 200, .body = ES8}, {.http_status = 404}, {.http_status = 400}},
         CXD_CONFIG},
        {{{.http_status = 200, .body = ES8},
          {.http_status = 404},
          {.http_status = 200, .body = "{}"}},
         CXD_PROTOCOL},
        {{{.start_status = CXD_IO}}, CXD_IO}};

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        void *out = open_ok(setup_options(0));

        fake_script(rows[i].replies, 3);
        assert_int_equal(setup_run(out), rows[i].status);
        assert_true(strlen(err.text) > 10);
        ops()->close(out);
        fake_reset();
    }
}

static void test_setup_without_template_only_asks_and_disabled_does_nothing(void **state)
{
    static const struct fake_reply replies[] = {{.http_status = 200, .body = ES8}};
    bson_t *doc = setup_options(0);
    bson_t *off = bson_new();
    bson_t setup;
    bson_t sub;
    void *out = open_ok(doc);

    (void)state;
    fake_script(replies, 1);
    assert_int_equal(ops()->setup(out, "logs-a", (struct cxd_bytes){NULL, 0}, &err), CXD_OK);
    assert_int_equal(ops()->setup(out, "../x", CXD_LIT("{}"), &err), CXD_CONFIG);
    assert_int_equal(fake.request_count, 1);
    ops()->close(out);
    bson_append_document_begin(off, "setup", -1, &setup);
    bson_append_document_begin(&setup, "template", -1, &sub);
    BSON_APPEND_BOOL(&sub, "enabled", 0);
    bson_append_document_end(&setup, &sub);
    bson_append_document_end(off, &setup);
    out = open_ok(off);
    assert_int_equal(setup_run(out), CXD_OK);
    assert_int_equal(fake.request_count, 1);
    ops()->close(out);
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

static int setup(void **state)
{
    (void)state;
    fake_reset();
    return 0;
}

static int teardown(void **state)
{
    int live = (int)fake.live;

    (void)state;
    docs_free();
    fake_reset();
    return live == 0 ? 0 : -1;
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_a_batch_becomes_one_request),
        CASE(test_without_compression_the_body_is_plain),
        CASE(test_large_batches_are_divided),
        CASE(test_413_halves_until_it_fits_and_rejects_one_alone),
        CASE(test_after_good_requests_larger_ones_are_tried_again),
        CASE(test_what_is_there_already_counts_and_what_is_refused_is_named),
        CASE(test_throttled_items_stop_the_batch),
        CASE(test_each_failure_of_a_whole_request),
        CASE(test_a_dead_node_is_passed_over_and_rests),
        CASE(test_no_node_at_all_is_said_and_tried_again),
        CASE(test_a_reply_of_unknown_outcome_is_not_sent_elsewhere),
        CASE(test_stop_ends_the_wait),
        CASE(test_a_reply_beyond_the_limit_is_refused),
        CASE(test_headers_of_the_policy_are_sent_masked),
        CASE(test_wrong_options_are_named_and_not_shown),
        CASE(test_two_credentials_are_one_too_many),
        CASE(test_a_missing_template_is_put_and_known_again),
        CASE(test_opensearch_gets_types_that_it_has),
        CASE(test_templates_of_others_and_newer_ones_are_left_alone),
        CASE(test_setup_failures_are_said),
        CASE(test_setup_without_template_only_asks_and_disabled_does_nothing),
        CASE(test_each_failing_allocation_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
