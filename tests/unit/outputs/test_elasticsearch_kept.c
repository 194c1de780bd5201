/* test_elasticsearch_kept.c: small documents with versions: read, written, lost to somebody else, found to be our own. */
#include "elastic_bench.h"

#define FOUND(seq, content, writer)                                                                \
    "{\"_seq_no\":" seq                                                                            \
    ",\"_primary_term\":2,\"found\":true,\"_source\":{\"name\":\"s\",\"content\":\"" content       \
    "\",\"writer\":\"" writer "\"}}"

static int kept_get(void *out, struct cxd_bytes *content, struct cxd_version *version)
{
    err = (struct cxd_error)CXD_ERROR_INIT;
    return ops()->kept_get(out, "state", "s/\"1", content, version, &err);
}

static int kept_put(void *out, struct cxd_version *version)
{
    err = (struct cxd_error)CXD_ERROR_INIT;
    return ops()->kept_put(out, "state", "s/\"1", CXD_LIT("QUJD"), version, &err);
}

static const char *body_of(int number)
{
    fake.requests[number].body[fake.requests[number].body_len] = '\0';
    return fake.requests[number].body;
}

static void test_what_is_there_is_read(void **state)
{
    static const struct fake_reply replies[] = {
        {.http_status = 200, .body = FOUND("7", "QUJD", "x")}};
    struct cxd_version version;
    struct cxd_bytes content;
    void *out = open_ok(bson_new());

    (void)state;
    fake_script(replies, COUNT(replies));
    assert_int_equal(kept_get(out, &content, &version), CXD_OK);
    assert_int_equal(content.len, 4);
    assert_memory_equal(content.ptr, "QUJD", 4);
    assert_int_equal(version.sequence, 7);
    assert_int_equal(version.term, 2);
    assert_string_equal(fake.requests[0].method, "GET");
    assert_non_null(strstr(fake.requests[0].url, "/state/_doc/"));
    ops()->close(out);
}

static void test_nothing_is_there_and_an_index_is_made(void **state)
{
    static const struct fake_reply replies[] = {
        {.http_status = 404, .body = "{\"error\":{\"type\":\"index_not_found_exception\"}}"},
        {.http_status = 200, .body = "{\"acknowledged\":true}"},
        {.http_status = 201, .body = "{\"_seq_no\":0,\"_primary_term\":1}"},
        {.http_status = 200, .body = "{\"_seq_no\":4,\"_primary_term\":1}"}};
    struct cxd_version version;
    struct cxd_bytes content;
    void *out = open_ok(bson_new());

    (void)state;
    fake_script(replies, COUNT(replies));
    assert_int_equal(kept_get(out, &content, &version), CXD_OK);
    assert_int_equal(content.len, 0);
    assert_int_equal(version.sequence, -1);
    assert_non_null(strstr(fake.requests[1].url, "/state"));
    assert_non_null(strstr(body_of(1), "\"dynamic\":false"));
    assert_int_equal(kept_put(out, &version), CXD_OK);
    assert_non_null(strstr(fake.requests[2].url, "/state/_create/"));
    assert_non_null(strstr(body_of(2), "{\"name\":\"s/\\\"1\",\"content\":\"QUJD\",\"writer\":\""));
    assert_int_equal(version.sequence, 0);
    assert_int_equal(kept_put(out, &version), CXD_OK);
    assert_non_null(strstr(fake.requests[3].url, "?if_seq_no=0&if_primary_term=1"));
    assert_int_equal(version.sequence, 4);
    ops()->close(out);
}

static void test_another_writer_wins(void **state)
{
    static const struct fake_reply replies[] = {
        {.http_status = 409}, {.http_status = 200, .body = FOUND("8", "QUJD", "somebody")}};
    struct cxd_version version = {7, 2};
    void *out = open_ok(bson_new());

    (void)state;
    fake_script(replies, COUNT(replies));
    assert_int_equal(kept_put(out, &version), CXD_EXISTS);
    assert_int_equal(version.sequence, 7);
    ops()->close(out);
}

static void test_our_own_write_is_known_again(void **state)
{
    struct fake_reply replies[] = {
        {.http_status = 200, .body = "{\"_seq_no\":8,\"_primary_term\":2}"},
        {.http_status = 409},
        {.http_status = 200}};
    struct cxd_version version = {7, 2};
    char found[256];
    const char *writer;
    void *out = open_ok(bson_new());

    (void)state;
    fake_script(replies, COUNT(replies));
    assert_int_equal(kept_put(out, &version), CXD_OK); /* its word is known now */
    writer = strstr(body_of(0), "\"writer\":\"");
    assert_non_null(writer);
    (void)snprintf(found, sizeof found,
                   "{\"_seq_no\":9,\"_primary_term\":2,\"_source\":{\"content\":\"QUJD\","
                   "\"writer\":\"%.16s\"}}",
                   writer + 10);
    replies[2].body = found;
    assert_int_equal(kept_put(out, &version), CXD_OK);
    assert_int_equal(version.sequence, 9);
    ops()->close(out);
}

static void test_refusals(void **state)
{
    static const struct fake_reply replies[] = {
        {.http_status = 403, .body = "{\"error\":{\"type\":\"security_exception\"}}"},
        {.http_status = 200, .body = "{\"found\":true}"},
        {.http_status = 403, .body = "{}"}};
    struct cxd_version version;
    struct cxd_bytes content;
    void *out = open_ok(bson_new());

    (void)state;
    fake_script(replies, COUNT(replies));
    assert_true(kept_get(out, &content, &version) < 0);
    assert_non_null(strstr(err.text, "reading the kept state"));
    assert_int_equal(kept_get(out, &content, &version), CXD_PROTOCOL);
    version = (struct cxd_version){1, 1};
    assert_true(kept_put(out, &version) < 0);
    assert_non_null(strstr(err.text, "keeping the state"));
    ops()->close(out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_what_is_there_is_read), CASE(test_nothing_is_there_and_an_index_is_made),
        CASE(test_another_writer_wins), CASE(test_our_own_write_is_known_again),
        CASE(test_refusals)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
