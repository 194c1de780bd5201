/* test_file.c: the file output through its module entry, on real files in a temporary folder. */
#include "file_bench.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static void test_documents_become_lines(void **state)
{
    void *out = open_ok(bson_new());
    struct stat st;
    char *text;

    (void)state;
    assert_int_equal(send_docs(out, 0, 3), CXD_OK);
    assert_int_equal(results(3, CXD_RESULT_DELIVERED), 3);
    text = slurp(INDEX ".ndjson", NULL);
    assert_string_equal(text, "{\"n\":0,\"text\":\"some words to fill\"}\n"
                              "{\"n\":1,\"text\":\"some words to fill\"}\n"
                              "{\"n\":2,\"text\":\"some words to fill\"}\n");
    free(text);
    assert_int_equal(stat(path_of(INDEX ".ndjson"), &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    ops()->close(out);
}

static void test_metadata_wraps_the_document(void **state)
{
    bson_t *doc = bson_new();
    struct cxd_batch batch;
    void *out;
    char *text;

    (void)state;
    BSON_APPEND_BOOL(doc, "metadata", 1);
    BSON_APPEND_UTF8(doc, "permissions", "0640");
    out = open_ok(doc);
    batch = batch_of("logs-a-b", 7, 2);
    docs[1].id = (struct cxd_bytes){NULL, 0};
    assert_int_equal(ops()->send(out, &batch, outcomes, &err), CXD_OK);
    text = slurp("logs-a-b.ndjson", NULL);
    assert_string_equal(text, "{\"_index\":\"logs-a-b\",\"_id\":\"id-7\",\"_source\":{\"n\":7,"
                              "\"text\":\"some words to fill\"}}\n"
                              "{\"_index\":\"logs-a-b\",\"_source\":{\"n\":8,\"text\":"
                              "\"some words to fill\"}}\n");
    free(text);
    ops()->close(out);
}

static void test_many_lines_go_beyond_one_writev(void **state)
{
    void *out = open_ok(bson_new());

    (void)state;
    assert_int_equal(send_docs(out, 0, DOCS_MAX), CXD_OK);
    assert_int_equal(send_docs(out, DOCS_MAX, DOCS_MAX), CXD_OK);
    assert_each_once(INDEX ".ndjson", DOCS_MAX * 2);
    ops()->close(out);
}

static void test_the_same_id_twice_in_a_batch_is_written_once(void **state)
{
    void *out = open_ok(bson_new());
    struct cxd_batch batch = batch_of(INDEX, 0, 4);

    (void)state;
    docs[3] = docs[1];
    assert_int_equal(ops()->send(out, &batch, outcomes, &err), CXD_OK);
    assert_int_equal(outcomes[1].result, CXD_RESULT_DELIVERED);
    assert_int_equal(outcomes[3].result, CXD_RESULT_DUPLICATE);
    assert_each_once(INDEX ".ndjson", 3);
    ops()->close(out);
}

static void test_documents_without_id_are_all_written(void **state)
{
    void *out = open_ok(bson_new());
    size_t len;

    (void)state;
    for (int i = 0; i < 2; i++) {
        struct cxd_batch batch = batch_of(INDEX, 0, 2);

        docs[0].id.len = 0;
        docs[1].id.len = 0;
        assert_int_equal(ops()->send(out, &batch, outcomes, &err), CXD_OK);
        assert_int_equal(results(2, CXD_RESULT_DELIVERED), 2);
    }
    free(slurp(INDEX ".ndjson", &len));
    assert_int_equal(len, 4 * strlen("{\"n\":0,\"text\":\"some words to fill\"}\n"));
    ops()->close(out);
}

static void test_rotation_keeps_lines_whole_and_ids_known(void **state)
{
    bson_t *doc = bson_new();
    uint32_t sent = 0;
    void *out;
    struct stat st;

    (void)state;
    BSON_APPEND_INT64(doc, "rotate_every_size", 65536);
    BSON_APPEND_INT64(doc, "number_of_files", 3);
    out = open_ok(doc);
    for (; sent < 12000; sent += 1000) {
        assert_int_equal(send_docs(out, sent, 1000), CXD_OK);
    }
    assert_int_equal(send_docs(out, 0, 4000), CXD_OK); /* files gone, ids known */
    assert_int_equal(results(4000, CXD_RESULT_DUPLICATE), 4000);
    ops()->close(out);
    assert_int_equal(stat(path_of(INDEX ".ndjson.00000001"), &st), -1);
    assert_int_equal(stat(path_of(INDEX ".ndjson.00000011"), &st), 0);
    assert_int_equal(stat(path_of(INDEX ".ndjson.00000010"), &st), 0);
    assert_int_equal(stat(path_of(INDEX ".ndjson.00000009"), &st), -1);
    out = open_ok(bson_new());
    assert_int_equal(send_docs(out, 8000, 4000), CXD_OK);
    assert_int_equal(results(4000, CXD_RESULT_DUPLICATE), 4000);
    ops()->close(out);
}

static void test_a_file_moved_or_emptied_by_others_is_made_anew(void **state)
{
    char from[512];
    char *text;
    void *out = open_ok(bson_new());

    (void)state;
    assert_int_equal(send_docs(out, 0, 5), CXD_OK);
    (void)snprintf(from, sizeof from, "%s", path_of(INDEX ".ndjson"));
    assert_int_equal(rename(from, path_of("moved")), 0);
    assert_int_equal(send_docs(out, 3, 4), CXD_OK);
    assert_int_equal(results(4, CXD_RESULT_DUPLICATE), 2);
    text = slurp(INDEX ".ndjson", NULL);
    assert_int_equal(strncmp(text, "{\"n\":5,", 7), 0);
    free(text);
    assert_int_equal(truncate(from, 0), 0);
    assert_int_equal(send_docs(out, 0, 8), CXD_OK);
    assert_int_equal(results(8, CXD_RESULT_DUPLICATE), 7);
    text = slurp(INDEX ".ndjson", NULL);
    assert_int_equal(strncmp(text, "{\"n\":7,", 7), 0);
    free(text);
    ops()->close(out);
}

static void test_names_that_are_no_file_names_are_refused(void **state)
{
    static const char *const bad[] = {"../x", ".x", "", "a/b", "A", "-x", "a b"};
    void *out = open_ok(bson_new());
    struct cxd_batch batch = batch_of(INDEX, 0, 8);

    (void)state;
    for (size_t i = 0; i < 7; i++) {
        docs[i].index = (struct cxd_bytes){bad[i], strlen(bad[i])};
    }
    assert_int_equal(ops()->send(out, &batch, outcomes, &err), CXD_OK);
    assert_int_equal(results(8, CXD_RESULT_REJECTED), 7);
    assert_true(outcomes[0].reason.len > 10);
    assert_int_equal(outcomes[7].result, CXD_RESULT_DELIVERED);
    ops()->close(out);
}

static void test_more_data_streams_than_open_files(void **state)
{
    void *out = open_ok(bson_new());
    char names[100][16];

    (void)state;
    for (int round = 0; round < 2; round++) {
        struct cxd_batch batch = batch_of(INDEX, 0, 100);

        for (size_t i = 0; i < 100; i++) {
            int len = snprintf(names[i], sizeof names[i], "s-%zu", i);

            docs[i].index = (struct cxd_bytes){names[i], (size_t)len};
        }
        assert_int_equal(ops()->send(out, &batch, outcomes, &err), CXD_OK);
        assert_int_equal(results(100, round == 0 ? CXD_RESULT_DELIVERED : CXD_RESULT_DUPLICATE),
                         100);
    }
    ops()->close(out);
}

static void test_a_second_writer_is_refused(void **state)
{
    void *out = open_ok(bson_new());
    void *second = NULL;

    (void)state;
    assert_int_equal(open_with(bson_new(), &second), CXD_CONFIG);
    assert_non_null(strstr(err.text, "another output"));
    assert_null(second);
    ops()->close(out);
    ops()->close(open_ok(bson_new()));
}

static void test_wrong_options_are_named(void **state)
{
    static const struct {
        const char *name;
        const char *text;
        int64_t number;
    } rows[] = {{"permissions", "0888", 0},   {"permissions", "0400", 0},
                {"permissions", "", 0},       {"sync", "always", 0},
                {"sync_interval", NULL, 5},   {"rotate_every_size", NULL, 5},
                {"number_of_files", NULL, 1}, {"remember_ids", NULL, 99999999}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        bson_t *doc = bson_new();
        void *out = NULL;

        if (rows[i].text != NULL) {
            BSON_APPEND_UTF8(doc, rows[i].name, rows[i].text);
        } else {
            BSON_APPEND_INT64(doc, rows[i].name, rows[i].number);
        }
        assert_int_equal(open_with(doc, &out), CXD_CONFIG);
        assert_non_null(strstr(err.text, rows[i].name));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_documents_become_lines),
        CASE(test_metadata_wraps_the_document),
        CASE(test_many_lines_go_beyond_one_writev),
        CASE(test_the_same_id_twice_in_a_batch_is_written_once),
        CASE(test_documents_without_id_are_all_written),
        CASE(test_rotation_keeps_lines_whole_and_ids_known),
        CASE(test_a_file_moved_or_emptied_by_others_is_made_anew),
        CASE(test_names_that_are_no_file_names_are_refused),
        CASE(test_more_data_streams_than_open_files),
        CASE(test_a_second_writer_is_refused),
        CASE(test_wrong_options_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
