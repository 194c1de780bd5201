/*
 * Bulk bodies taken apart, bulk replies put together, documents kept.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "answer.h"
#include "bulk.h"
#include "store.h"

static bool note(void *owner, const struct bulk_item *item)
{
    buffer_format(owner, "%s %.*s %.*s %.*s|", item->is_create ? "create" : "index",
                  (int)item->index_len, item->index, item->id ? (int)item->id_len : 1,
                  item->id ? item->id : "-", item->doc ? (int)item->doc_len : 5,
                  item->doc ? item->doc : "(not)");
    return true;
}

/* Reads a body in steps of so many bytes; returns its outcome, notes what it held. */
static bool read_body(const char *body, size_t step, bool keep, struct buffer *notes, char *reason)
{
    const struct bulk_options options = {.index = "path-index",
                                         .keep_documents = keep,
                                         .document_max = 64,
                                         .fn = note,
                                         .owner = notes};
    struct bulk *bulk = bulk_new(&options);
    bool ok = true;
    buffer_clear(notes);
    for (size_t at = 0, len = strlen(body); ok && at < len; at += step) {
        ok = bulk_feed(bulk, body + at, len - at < step ? len - at : step);
    }
    ok = ok && bulk_finish(bulk);
    const char *type = NULL;
    snprintf(reason, BULK_REASON_BYTES, "%s", bulk_reason(bulk, &type));
    bulk_free(bulk);
    return ok;
}

static void test_pairs_are_read_however_the_body_is_split(void **state)
{
    (void)state;
    static const char BODY[] = "{\"create\":{\"_index\":\"a\",\"_id\":\"1\"}}\n{\"x\":1}\n\n"
                               " { \"index\" : { \"_id\" : 7 , \"require_alias\":false } } \r\n{}\n"
                               "{\"create\":{}}\n{\"y\":\"z\"}\n"
                               "{\"create\":{\"_id\":\"q\\\"\\u00e9\"}}\n{}\n";
    static const char WANT[] =
        "create a 1 {\"x\":1}|index path-index 7 {}|"
        "create path-index - {\"y\":\"z\"}|create path-index q\"\xc3\xa9 {}|";
    struct buffer notes;
    buffer_init(&notes, 10000);
    char reason[BULK_REASON_BYTES];
    for (size_t step = 1; step < sizeof BODY; step++) {
        assert_true(read_body(BODY, step, true, &notes, reason));
        assert_string_equal(notes.data, WANT);
    }
    assert_true(read_body(BODY, 5, false, &notes, reason));
    assert_non_null(strstr(notes.data, "create a 1 (not)|"));
    buffer_done(&notes);
}

static void test_malformed_bodies_are_refused_in_elasticsearchs_words(void **state)
{
    (void)state;
    static const struct {
        const char *body, *reason;
    } CASES[] = {
        {"", "request body is required"},
        {"{\"create\":{}}\n{}", "The bulk request must be terminated by a newline"},
        {"{\"create\":{}}\n", "Validation Failed: 1: no requests added"},
        {"{\"create\":{}}\n{}\n{\"create\":{}}", "The bulk request must be terminated"},
        {"[]\n{}\n",
         "Malformed action/metadata line [1], expected START_OBJECT but found [START_A"},
        {"{\"create\":{}}\n{}\n{\"drop\":{}}\n{}\n",
         "Malformed action/metadata line [3], expected field"},
        {"{\"create\":[]}\n{}\n", "Malformed action/metadata line [1], expected START_OBJECT"},
        {"{\"create\":{\"_id\":\"x\",}}\n{}\n", "[1:1] Unexpected character"},
        {"{\"create\":{\"_id\":\"x\"}\n{}\n", "[1:1] Unexpected character"},
        {"{\"create\":{\"_id\":{}}}\n{}\n", "[1:1] Unexpected character"},
        {"{\"create\":{}} x\n{}\n", "[1:1] Unexpected character"},
        {"{\"create\":{}}\n\n", "document line [2] is empty"},
        {"{\"create\":{\"_index\":\"\"}}\n{}\n", "Validation Failed: 1: index is missing;"},
        {"{\"create\":{}}\n{\"0123456789012345678901234567890123456789012345678901234567890\":1}\n",
         "document line [2] is too long"},
    };
    struct buffer notes;
    buffer_init(&notes, 10000);
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        char reason[BULK_REASON_BYTES] = "";
        assert_false(read_body(CASES[i].body, 3, true, &notes, reason));
        assert_memory_equal(reason, CASES[i].reason, strlen(CASES[i].reason));
        assert_false(read_body(CASES[i].body, 3, false, &notes, reason));
        assert_memory_equal(reason, CASES[i].reason, strlen(CASES[i].reason));
    }
    buffer_done(&notes);
}

static char *answer_text(const char *filter)
{
    static const struct answer_item FINE = {
        .is_create = true, .index = "i", .id = "a", .id_len = 1, .status = 201, .sequence = 4};
    static const struct answer_item BAD = {.is_create = true,
                                           .index = "i",
                                           .id = "b",
                                           .id_len = 1,
                                           .status = 409,
                                           .error_type = "t",
                                           .error_reason = "r"};
    struct answer answer;
    struct buffer out;
    buffer_init(&out, 10000);
    assert_true(answer_init(&answer, filter));
    assert_true(answer_add(&answer, &FINE));
    assert_true(answer_add(&answer, &BAD));
    answer_write(&answer, 3, &out);
    answer_done(&answer);
    size_t len = 0;
    return buffer_take(&out, &len);
}

static void test_replies_have_the_form_and_honour_the_filter(void **state)
{
    (void)state;
    static const struct {
        const char *filter, *text;
    } CASES[] = {
        {NULL,
         "{\"errors\":true,\"took\":3,\"items\":[{\"create\":{\"_index\":\"i\",\"_id\":\"a\","
         "\"_version\":1,\"result\":\"created\",\"_shards\":{\"total\":2,\"successful\":1,"
         "\"failed\":0},\"_seq_no\":4,\"_primary_term\":1,\"status\":201}},{\"create\":{"
         "\"_index\":\"i\",\"_id\":\"b\",\"status\":409,\"error\":{\"type\":\"t\",\"reason\":"
         "\"r\",\"index_uuid\":\"c2ltdWxhdG9yLWluZGV4LQ\",\"shard\":\"0\",\"index\":\"i\"}}}]}"},
        {"errors", "{\"errors\":true}"},
        {"errors,items.*.status,items.*.error.type",
         "{\"errors\":true,\"items\":[{\"create\":{\"status\":201}},"
         "{\"create\":{\"status\":409,\"error\":{\"type\":\"t\"}}}]}"},
        {"items.*.error.reason", "{\"items\":[{\"create\":{\"error\":{\"reason\":\"r\"}}}]}"},
        {"items.index.status", "{}"},
        {"**._id", "{\"items\":[{\"create\":{\"_id\":\"a\"}},{\"create\":{\"_id\":\"b\"}}]}"},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        char *text = answer_text(CASES[i].filter);
        assert_string_equal(text, CASES[i].text);
        free(text);
    }
}

static enum store_result put(struct store *store, const char *index, const char *id, bool create)
{
    const struct store_put put = {.index = index,
                                  .index_len = strlen(index),
                                  .id = id,
                                  .id_len = strlen(id),
                                  .doc = "{\"x\":1}",
                                  .doc_len = 7,
                                  .is_create = create};
    struct store_place place;
    return store_put(store, &put, &place);
}

static void test_store_keeps_each_id_once_and_knows_it_after_a_restart(void **state)
{
    (void)state;
    char folder[] = "/tmp/cxd-store-XXXXXX", file[64], text[256] = "";
    assert_non_null(mkdtemp(folder));
    const char *reason = NULL;
    struct store *store = store_open(folder, &reason);
    assert_int_equal(put(store, "a", "1", true), STORE_CREATED);
    assert_int_equal(put(store, "a", "1", true), STORE_EXISTS);
    assert_int_equal(put(store, "b", "1", true), STORE_CREATED);
    assert_int_equal(put(store, "a", "q\"\\", true), STORE_CREATED);
    assert_int_equal(put(store, "a", "1", false), STORE_UPDATED);
    assert_int_equal(put(store, "../a", "1", true), STORE_FAILED);
    assert_int_equal(store_distinct(store), 3);
    uint64_t count = 0;
    assert_true(store_count(store, "a", &count));
    assert_int_equal(count, 2);
    assert_true(store_count(store, "*", &count));
    assert_int_equal(count, 3);
    assert_false(store_count(store, "nothing", &count));
    store_close(store);
    snprintf(file, sizeof file, "%s/b.ndjson", folder);
    FILE *lines = fopen(file, "r");
    assert_non_null(fgets(text, sizeof text, lines));
    fclose(lines);
    assert_string_equal(text, "{\"_index\":\"b\",\"_id\":\"1\",\"_source\":{\"x\":1}}\n");
    store = store_open(folder, &reason);
    assert_int_equal(put(store, "a", "q\"\\", true), STORE_EXISTS);
    assert_int_equal(put(store, "a", "2", true), STORE_CREATED);
    struct buffer hits;
    buffer_init(&hits, 10000);
    assert_true(store_search(store, "b,zzz", 0, 5, &hits));
    assert_string_equal(hits.data,
                        "{\"_score\":1.0,\"_index\":\"b\",\"_id\":\"1\",\"_source\":{\"x\":1}}");
    buffer_done(&hits);
    store_wipe(store);
    store_close(store);
    assert_int_equal(rmdir(folder), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pairs_are_read_however_the_body_is_split),
        cmocka_unit_test(test_malformed_bodies_are_refused_in_elasticsearchs_words),
        cmocka_unit_test(test_replies_have_the_form_and_honour_the_filter),
        cmocka_unit_test(test_store_keeps_each_id_once_and_knows_it_after_a_restart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
