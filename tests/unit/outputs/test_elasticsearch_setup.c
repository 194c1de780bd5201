/* test_elasticsearch_setup.c: index templates put, known again and left alone. */
#include "elastic_bench.h"

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

/* setup.template.enabled, an ILM policy with its text, and the failure store. */
static bson_t *life_options(void)
{
    bson_t *doc = bson_new();
    bson_t setup;
    bson_t sub;

    bson_append_document_begin(doc, "setup", -1, &setup);
    bson_append_document_begin(&setup, "template", -1, &sub);
    BSON_APPEND_BOOL(&sub, "enabled", 1);
    BSON_APPEND_BOOL(&sub, "overwrite", 0);
    bson_append_document_end(&setup, &sub);
    bson_append_document_begin(&setup, "ilm", -1, &sub);
    BSON_APPEND_UTF8(&sub, "policy_name", "cortex-90d");
    BSON_APPEND_UTF8(&sub, "policy", "{\"policy\":{\"phases\":{}}}");
    bson_append_document_end(&setup, &sub);
    BSON_APPEND_BOOL(&setup, "failure_store", 1);
    bson_append_document_end(doc, &setup);
    return doc;
}

static void test_a_life_cycle_is_put_once_and_named_in_the_template(void **state)
{
    static const struct fake_reply replies[] = {
        {.http_status = 200, .body = ES8},  {.http_status = 404},
        {.http_status = 200, .body = ACK},  {.http_status = 404},
        {.http_status = 200, .body = ACK},  {.http_status = 200, .body = ES8},
        {.http_status = 200, .body = "{}"}, {.http_status = 404},
        {.http_status = 200, .body = ACK}};
    void *out = open_ok(life_options());

    (void)state;
    fake_script(replies, COUNT(replies));
    assert_int_equal(setup_run(out), CXD_OK);
    assert_int_equal(fake.request_count, 5);
    assert_string_equal(fake.requests[2].method, "PUT");
    assert_non_null(strstr(fake.requests[2].url, "/_ilm/policy/cortex-90d"));
    assert_memory_equal(fake.requests[2].body, "{\"policy\":{\"phases\":{}}}", 24);
    fake.requests[4].body[fake.requests[4].body_len] = '\0';
    assert_non_null(strstr(fake.requests[4].body, "\"lifecycle\":{\"name\":\"cortex-90d\"}"));
    assert_non_null(strstr(fake.requests[4].body,
                           "\"data_stream_options\":{\"failure_store\":{\"enabled\":true}}"));
    assert_int_equal(setup_run(out), CXD_OK); /* the policy is there: no second PUT of it */
    assert_int_equal(fake.request_count, 9);
    assert_string_equal(fake.requests[6].method, "GET");
    assert_string_equal(fake.requests[8].method, "PUT");
    assert_non_null(strstr(fake.requests[8].url, "/_index_template/"));
    ops()->close(out);
}

static void test_opensearch_gets_no_life_cycle(void **state)
{
    static const struct fake_reply replies[] = {
        {.http_status = 200, .body = OS2}, {.http_status = 404}, {.http_status = 200, .body = ACK}};
    void *out = open_ok(life_options());

    (void)state;
    fake_script(replies, COUNT(replies));
    assert_int_equal(setup_run(out), CXD_OK);
    assert_int_equal(fake.request_count, 3);
    fake.requests[2].body[fake.requests[2].body_len] = '\0';
    assert_null(strstr(fake.requests[2].body, "cortex-90d"));
    ops()->close(out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_a_missing_template_is_put_and_known_again),
        CASE(test_opensearch_gets_types_that_it_has),
        CASE(test_templates_of_others_and_newer_ones_are_left_alone),
        CASE(test_setup_failures_are_said),
        CASE(test_a_life_cycle_is_put_once_and_named_in_the_template),
        CASE(test_opensearch_gets_no_life_cycle),
        CASE(test_setup_without_template_only_asks_and_disabled_does_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
