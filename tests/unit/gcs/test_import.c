/* test_import.c: where a Filebeat was in a bucket: what it is done with, what not, and how long that is remembered. */
#include "cursor_doc.h"
#include "test.h"

#include "io/doc.h"

#define STATE(more)                                                                                \
    "{\"objectname\":\"m\",\"latestentrytime\":[281470681743360,1760000000],\"failedjobs\":{"      \
    "\"f\":2}" more "}"
#define LATEST_MS 1760000000000

static struct object listed(const char *name, int64_t updated_ms)
{
    return (struct object){.name = bytes_of(name),
                           .generation = 7,
                           .size = 1,
                           .updated_ms = updated_ms,
                           .created_s = (uint32_t)(updated_ms / 1000)};
}

static struct import *read_good(const char *json)
{
    struct import *import = NULL;

    assert_int_equal(import_read(&fake_heap, bytes_of(json), &import, NULL), 0);
    return import;
}

static bool has(const struct import *import, const char *name, int64_t updated_ms)
{
    struct object object = listed(name, updated_ms);

    return import_has(import, &object);
}

static void test_filebeats_rule(void **state)
{
    struct import *import = read_good(STATE(""));

    (void)state;
    assert_true(has(import, "a", LATEST_MS));
    assert_true(has(import, "m", LATEST_MS));
    assert_false(has(import, "a", LATEST_MS + 1)); /* younger */
    assert_false(has(import, "ma", 5));            /* a greater name */
    assert_false(has(import, "n", 5));
    assert_false(has(import, "f", 5));  /* failed */
    assert_false(has(import, "a", -1)); /* nobody knows when */
    import_free(import);
}

static void test_spellings(void **state)
{
    struct import *import = read_good("{\"ObjectName\":\"m\",\"LatestEntryTime\":"
                                      "\"2025-10-09T08:53:20.5Z\",\"FailedJobs\":null,"
                                      "\"LastProcessedOffset\":{\"c\":3}}");

    (void)state;
    assert_true(has(import, "a", LATEST_MS + 500));
    assert_false(has(import, "a", LATEST_MS + 501));
    assert_false(has(import, "c", 5)); /* in its middle */
    import_free(import);
    assert_null(read_good("{\"objectname\":\"\",\"latestentrytime\":[281470681743360,"
                          "18446744011573954816]}"));
    assert_null(read_good("{}"));
}

static void test_what_is_none(void **state)
{
    static const char *const bad[] = {
        "[]",
        "1",
        "{\"objectname\":\"m\"}",
        "{\"objectname\":5,\"latestentrytime\":[0,1]}",
        "{\"objectname\":\"m\",\"latestentrytime\":[0]}",
        "{\"objectname\":\"m\",\"latestentrytime\":[0,18446744011573954816]}",
        "{\"objectname\":\"m\",\"latestentrytime\":[0,1],\"failedjobs\":[]}",
        "{\"objectname\":"};
    struct import *import = NULL;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(import_read(&fake_heap, bytes_of(bad[i]), &import, NULL), CXD_UNSUPPORTED);
        assert_null(import);
    }
}

static int class_of(struct cursor *c, const char *name, int64_t updated_ms)
{
    struct object object = listed(name, updated_ms);
    struct cursor_open *open = NULL;

    return cursor_classify(c, &object, true, LATEST_MS, &open);
}

static void again(struct cursor *c)
{
    struct cxd_builder *b = doc_new();
    struct cursor *read = NULL;
    size_t count = 0;
    struct cxd_bytes doc;

    assert_int_equal(cursor_doc_write(&fake_heap, b, c, 1, &doc), 0);
    assert_int_equal(cursor_doc_read(&fake_heap, doc, &read, &count, NULL), 0);
    assert_int_equal(count, 1);
    cursor_done(c);
    *c = read[0];
    read[0].heap = NULL;
    cursor_doc_free(&fake_heap, read, 1);
    doc_free(b);
}

static void test_remembered_until_a_listing_is_complete(void **state)
{
    struct cursor_pass pass = {.began_s = LATEST_MS / 1000, .soft_max = 8192, .settle_s = 3600};
    struct cursor c;

    (void)state;
    assert_int_equal(cursor_init(&c, &fake_heap, bytes_of("b"), bytes_of("")), 0);
    c.import = read_good(STATE(""));
    cursor_pass_begin(&c);
    assert_int_equal(class_of(&c, "a", 5000), CURSOR_DONE);
    again(&c); /* stopped in the middle of the listing */
    assert_non_null(c.import);
    cursor_pass_begin(&c);
    assert_int_equal(class_of(&c, "a", 5000), CURSOR_DONE);
    assert_int_equal(class_of(&c, "b", 6000), CURSOR_DONE);
    assert_int_equal(class_of(&c, "f", 6000), CURSOR_NEW);
    assert_int_equal(class_of(&c, "n", 6000), CURSOR_NEW);
    assert_int_equal(cursor_pass_end(&c, &pass), 1);
    assert_null(c.import);
    again(&c);
    cursor_pass_begin(&c);
    assert_int_equal(class_of(&c, "a", 5000), CURSOR_DONE);
    assert_int_equal(class_of(&c, "b", 6000), CURSOR_DONE);
    assert_int_equal(class_of(&c, "aa", 6000),
                     CURSOR_NEW); /* was not there: late, and not Filebeat's */
    cursor_done(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_filebeats_rule, test_clean),
        cmocka_unit_test_teardown(test_spellings, test_clean),
        cmocka_unit_test_teardown(test_what_is_none, test_clean),
        cmocka_unit_test_teardown(test_remembered_until_a_listing_is_complete, test_clean),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
