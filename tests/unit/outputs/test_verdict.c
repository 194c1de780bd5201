/* test_verdict.c: each row of both tables, and replies to bulk requests good and bad. */
#include "fake_host.h"
#include "reply.h"
#include "verdict.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

static struct cxd_bytes bytes(const char *text)
{
    return (struct cxd_bytes){text, text != NULL ? strlen(text) : 0};
}

static void test_each_item_status_has_its_verdict(void **state)
{
    static const struct {
        int http_status;
        const char *type;
        const char *reason;
        uint32_t result;
        int status;
    } rows[] = {
        {200, NULL, NULL, CXD_RESULT_DELIVERED, CXD_OK},
        {201, NULL, NULL, CXD_RESULT_DELIVERED, CXD_OK},
        {299, NULL, NULL, CXD_RESULT_DELIVERED, CXD_OK},
        {409, "version_conflict_engine_exception", "[x]: version conflict", CXD_RESULT_DUPLICATE,
         0},
        {500, "fail_processor_exception", "no", CXD_RESULT_REJECTED, CXD_OK},
        {500, "ingest_processor_exception", "no", CXD_RESULT_REJECTED, CXD_OK},
        {400, "script_exception", "no", CXD_RESULT_REJECTED, CXD_OK},
        {401, "security_exception", NULL, CXD_RESULT_PENDING, CXD_AUTH},
        {403, "security_exception", "unauthorized", CXD_RESULT_PENDING, CXD_FORBIDDEN},
        {403, "cluster_block_exception", "index blocked", CXD_RESULT_PENDING, CXD_CONFIG},
        {429, "cluster_block_exception", "flood-stage", CXD_RESULT_PENDING, CXD_THROTTLED},
        {429, "es_rejected_execution_exception", "queue", CXD_RESULT_PENDING, CXD_THROTTLED},
        {429, "rejected_execution_exception", "queue", CXD_RESULT_PENDING, CXD_THROTTLED},
        {503, "unavailable_shards_exception", "primary", CXD_RESULT_PENDING, CXD_THROTTLED},
        {500, "some_exception", "x", CXD_RESULT_PENDING, CXD_SERVER},
        {502, NULL, NULL, CXD_RESULT_PENDING, CXD_SERVER},
        {404, "index_not_found_exception", "no such index", CXD_RESULT_PENDING, CXD_CONFIG},
        {400, "index_closed_exception", "closed", CXD_RESULT_PENDING, CXD_CONFIG},
        {400, "invalid_index_name_exception", "bad", CXD_RESULT_PENDING, CXD_CONFIG},
        {400, "illegal_argument_exception", "pipeline with id [p] does not exist",
         CXD_RESULT_PENDING, CXD_CONFIG},
        {400, "illegal_argument_exception", "this cluster has [9]/[9] maximum normal shards open",
         CXD_RESULT_PENDING, CXD_CONFIG},
        {400, "validation_exception", "would add [2] shards", CXD_RESULT_PENDING, CXD_CONFIG},
        {403, "other", NULL, CXD_RESULT_PENDING, CXD_FORBIDDEN},
        {404, "other", NULL, CXD_RESULT_PENDING, CXD_CONFIG},
        {400, "mapper_parsing_exception", "failed to parse", CXD_RESULT_REJECTED, CXD_OK},
        {400, "document_parsing_exception", "failed to parse", CXD_RESULT_REJECTED, CXD_OK},
        {400, "strict_dynamic_mapping_exception", "no", CXD_RESULT_REJECTED, CXD_OK},
        {400, "illegal_argument_exception", "Limit of total fields [1000]", CXD_RESULT_REJECTED, 0},
        {413, NULL, NULL, CXD_RESULT_REJECTED, CXD_OK},
        {0, NULL, NULL, CXD_RESULT_PENDING, CXD_PROTOCOL},
        {302, NULL, NULL, CXD_RESULT_PENDING, CXD_PROTOCOL},
        {-5, NULL, NULL, CXD_RESULT_PENDING, CXD_PROTOCOL},
        {2000, NULL, NULL, CXD_RESULT_PENDING, CXD_PROTOCOL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct verdict v =
            verdict_item(rows[i].http_status, bytes(rows[i].type), bytes(rows[i].reason));

        if (v.result != rows[i].result || v.status != rows[i].status) {
            print_error("row %zu: %d %s\n", i, rows[i].http_status, rows[i].type);
        }
        assert_int_equal(v.result, rows[i].result);
        assert_int_equal(v.status, rows[i].status);
        if (v.status == CXD_CONFIG || v.status == CXD_AUTH || v.status == CXD_FORBIDDEN) {
            assert_non_null(v.advice);
        }
    }
}

static void test_each_request_status_has_its_verdict(void **state)
{
    static const int rows[][2] = {
        {200, CXD_OK},        {204, CXD_OK},        {301, CXD_CONFIG},    {307, CXD_CONFIG},
        {401, CXD_AUTH},      {403, CXD_FORBIDDEN}, {404, CXD_CONFIG},    {405, CXD_CONFIG},
        {407, CXD_AUTH},      {408, CXD_TIMEOUT},   {413, CXD_TOO_LARGE}, {429, CXD_THROTTLED},
        {503, CXD_THROTTLED}, {500, CXD_SERVER},    {502, CXD_SERVER},    {400, CXD_CONFIG},
        {406, CXD_CONFIG},    {100, CXD_PROTOCOL},  {0, CXD_PROTOCOL},    {-1, CXD_PROTOCOL}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *advice = "unset";

        assert_int_equal(verdict_request(rows[i][0], &advice), rows[i][1]);
        assert_true(advice == NULL || strcmp(advice, "unset") != 0);
        if (rows[i][1] == CXD_AUTH || rows[i][1] == CXD_FORBIDDEN || rows[i][1] == CXD_CONFIG) {
            assert_non_null(advice);
        }
    }
}

struct read {
    struct cxd_outcome outcomes[4];
    struct notes notes;
    struct reply_sum sum;
    struct cxd_error err;
    int status;
};

static void read_text(struct read *read, const char *text, uint32_t count)
{
    fake_reset();
    memset(read, 0, sizeof *read);
    notes_init(&read->notes, &fake_host, NULL);
    read->status =
        reply_read(bytes(text), read->outcomes, count, &read->notes, &read->sum, &read->err);
}

static void read_done(struct read *read)
{
    notes_clear(&read->notes);
    assert_int_equal(fake.live, 0);
}

static void test_all_created_in_every_spelling(void **state)
{
    static const char *const texts[] = {
        "{\"errors\":false,\"items\":[{\"create\":{\"status\":201}},{\"create\":{\"status\":201}}]"
        "}",
        "{\"took\":3,\"errors\":false,\"items\":[{\"create\":{\"status\":201}},{\"create\":{"
        "\"status\":201}}]}",
        "{\"errors\":false, "
        "\"items\":[{\"create\":{\"status\":200}},{\"create\":{\"status\":201}}]}"
        "\n"};
    struct read read;

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        read_text(&read, texts[i], 2);
        assert_int_equal(read.status, CXD_OK);
        assert_int_equal(read.sum.status, CXD_OK);
        assert_int_equal(read.outcomes[0].result, CXD_RESULT_DELIVERED);
        assert_int_equal(read.outcomes[1].result, CXD_RESULT_DELIVERED);
        read_done(&read);
    }
}

static void test_items_are_judged_one_by_one(void **state)
{
    static const char text[] =
        "{\"errors\":true,\"items\":[{\"create\":{\"status\":201}},{\"create\":{\"status\":409,"
        "\"error\":{\"type\":\"version_conflict_engine_exception\",\"reason\":\"[a]: exists\"}}},"
        "{\"create\":{\"status\":400,\"error\":{\"type\":\"document_parsing_exception\",\"reason\":"
        "\"[1:20] failed to parse field [n] of type [long]. Preview of field's value: 'secret "
        "words'\"}}},{\"create\":{\"status\":429,\"error\":{\"type\":"
        "\"es_rejected_execution_exception\",\"reason\":\"queue full\"}}}]}";
    struct read read;

    (void)state;
    read_text(&read, text, 4);
    assert_int_equal(read.status, CXD_OK);
    assert_int_equal(read.outcomes[0].result, CXD_RESULT_DELIVERED);
    assert_int_equal(read.outcomes[1].result, CXD_RESULT_DUPLICATE);
    assert_int_equal(read.outcomes[2].result, CXD_RESULT_REJECTED);
    assert_int_equal(read.outcomes[2].http_status, 400);
    assert_memory_equal(read.outcomes[2].reason.ptr, "document_parsing_exception: [1:20] failed",
                        40);
    assert_null(memmem(read.outcomes[2].reason.ptr, read.outcomes[2].reason.len, "secret", 6));
    assert_int_equal(read.outcomes[3].result, CXD_RESULT_PENDING);
    assert_int_equal(read.sum.status, CXD_THROTTLED);
    assert_non_null(memmem(read.sum.note.ptr, read.sum.note.len, "queue full", 10));
    read_done(&read);
}

static void test_the_gravest_matter_is_reported(void **state)
{
    static const char text[] =
        "{\"errors\":true,\"items\":[{\"create\":{\"status\":429}},{\"create\":{\"status\":404,"
        "\"error\":{\"type\":\"index_not_found_exception\",\"reason\":\"no such index\"}}},"
        "{\"create\":{\"status\":500}}]}";
    struct read read;

    (void)state;
    read_text(&read, text, 3);
    assert_int_equal(read.status, CXD_OK);
    assert_int_equal(read.sum.status, CXD_CONFIG);
    assert_non_null(read.sum.advice);
    assert_true(read.outcomes[0].reason.len > 0);
    read_done(&read);
}

static void test_replies_that_are_none_touch_nothing(void **state)
{
    static const char *const texts[] = {
        "",
        "<html>",
        "null",
        "[]",
        "{}",
        "{\"items\":3}",
        "{\"items\":[]}",
        "{\"errors\":false,\"items\":[{\"create\":{\"status\":201}}]}",
        "{\"errors\":false,\"items\":[{\"create\":{\"status\":201}},{\"create\":{\"status\":201}},"
        "{\"create\":{\"status\":201}}]}",
        "{\"errors\":false,\"items\":[{\"create\":{\"status\":201}},{\"create\":{\"status\":201}}]",
        "{\"errors\":false,\"items\":[{\"create\":{\"status\":201}},{\"create\":{\"status\":201}}]}"
        "}",
        "{\"errors\":false,\"items\":[{\"create\":{\"status\":201}},{\"index\":{\"status\":201}}]}",
        "{\"errors\":false,\"items\":[{\"create\":{\"status\":201}},{\"create\":{}}]}",
        "{\"errors\":false,\"items\":[{\"create\":{\"status\":201}},{\"create\":{\"status\":"
        "\"201\"}}]"
        "}",
        "{\"errors\":false,\"items\":[{\"create\":{\"status\":201}},null]}",
        "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]",
    };
    struct read read;

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        read_text(&read, texts[i], 2);
        assert_int_equal(read.status, CXD_PROTOCOL);
        assert_true(strlen(read.err.text) > 5);
        assert_int_equal(read.outcomes[0].result, CXD_RESULT_PENDING);
        assert_int_equal(read.outcomes[1].result, CXD_RESULT_PENDING);
        read_done(&read);
    }
}

static void test_reasons_are_short_and_on_one_line(void **state)
{
    char *text = calloc(1, 5000);
    struct read read;
    size_t len;

    (void)state;
    len = (size_t)snprintf(text, 5000,
                           "{\"errors\":true,\"items\":[{\"create\":{\"status\":400,\"error\":{"
                           "\"type\":\"t\",\"reason\":\"a\\nb\\u0001");
    for (size_t i = 0; i < 1000; i++) {
        len += (size_t)snprintf(text + len, 5000 - len, "\xc3\xa4");
    }
    (void)snprintf(text + len, 5000 - len, "\"}}}]}");
    read_text(&read, text, 1);
    assert_int_equal(read.status, CXD_OK);
    assert_true(read.outcomes[0].reason.len <= NOTES_TEXT_MAX);
    assert_true(read.outcomes[0].reason.len >= NOTES_TEXT_MAX - 1);
    assert_memory_equal(read.outcomes[0].reason.ptr, "t: a b \xc3\xa4", 9);
    assert_int_equal((read.outcomes[0].reason.len - 7) % 2, 0); /* no half character at the end */
    read_done(&read);
    free(text);
}

static void test_no_memory_for_a_reason_still_decides(void **state)
{
    static const char text[] = "{\"errors\":true,\"items\":[{\"create\":{\"status\":400}}]}";
    struct cxd_outcome outcome = {0};
    struct reply_sum sum;
    struct notes notes;

    (void)state;
    fake_reset();
    fake.fail_at = 1;
    notes_init(&notes, &fake_host, NULL);
    assert_int_equal(reply_read(bytes(text), &outcome, 1, &notes, &sum, NULL), CXD_OK);
    assert_int_equal(outcome.result, CXD_RESULT_REJECTED);
    assert_true(outcome.reason.len > 0);
    notes_clear(&notes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_item_status_has_its_verdict),
        cmocka_unit_test(test_each_request_status_has_its_verdict),
        cmocka_unit_test(test_all_created_in_every_spelling),
        cmocka_unit_test(test_items_are_judged_one_by_one),
        cmocka_unit_test(test_the_gravest_matter_is_reported),
        cmocka_unit_test(test_replies_that_are_none_touch_nothing),
        cmocka_unit_test(test_reasons_are_short_and_on_one_line),
        cmocka_unit_test(test_no_memory_for_a_reason_still_decides),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
