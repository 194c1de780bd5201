/*
 * Fault rules: what is refused when read, and which requests are struck.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "fault.h"

static bool add(struct fault_book *book, const char *text, char reason[FAULT_REASON_BYTES])
{
    struct json_object *tree = json_tokener_parse(text);
    assert_non_null(tree);
    bool ok = fault_add(book, tree, reason);
    json_object_put(tree);
    return ok;
}

static struct fault_action find(struct fault_book *book, const char *kind, const char *path,
                                const char *object)
{
    const struct fault_request request = {
        .server = "storage", .kind = kind, .method = "GET", .path = path, .object = object};
    struct fault_action action;
    fault_find(book, &request, &action);
    return action;
}

static void test_bad_rules_are_refused_with_rule_and_key(void **state)
{
    (void)state;
    static const struct {
        const char *text, *reason;
    } CASES[] = {
        {"[{\"status\":503},{\"statsu\":503}]", "rule 2: \"statsu\" is not a key"},
        {"{\"status\":99}", "rule 1: \"status\" is out of range"},
        {"{\"status\":\"503\"}", "rule 1: \"status\" must be an integer"},
        {"{\"status\":503,\"path\":\"(\"}", "rule 1: \"path\" is not a POSIX"},
        {"{\"status\":503,\"probability\":1.5}", "rule 1: \"probability\" must be above 0"},
        {"{\"status\":503,\"every\":0}", "rule 1: \"every\" is out of range"},
        {"{\"end\":\"explode\"}", "rule 1: \"end\" must be close"},
        {"{\"kind\":\"list\"}", "rule 1: the rule does nothing"},
        {"{\"slow_bytes\":5}", "rule 1: slow_bytes needs slow_ms"},
        {"{\"item_every\":5}", "rule 1: item_every needs item_status"},
        {"{\"status\":503,\"bad_json\":1}", "rule 1: \"bad_json\" must be true or false"},
        {"{\"status\":503,\"kind\":7}", "rule 1: \"kind\" must be a string"},
        {"{\"status\":503,\"kind\":\"a-kind-of-far-too-many-letters\"}",
         "rule 1: \"kind\" is too long"},
        {"[7]", "rule 1: must be an object"},
        {"7", "expected a list of rules"},
    };
    struct fault_book *book = fault_new();
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        char reason[FAULT_REASON_BYTES] = "";
        assert_false(add(book, CASES[i].text, reason));
        assert_memory_equal(reason, CASES[i].reason, strlen(CASES[i].reason));
    }
    /* All or none: the good rule before a bad one was not taken either. */
    struct json_object *report = fault_report(book);
    assert_int_equal(json_object_array_length(report), 0);
    json_object_put(report);
    fault_free(book);
}

static void test_skip_every_and_count_choose_the_requests(void **state)
{
    (void)state;
    char reason[FAULT_REASON_BYTES];
    struct fault_book *book = fault_new();
    assert_true(
        add(book, "{\"kind\":\"list\",\"skip\":2,\"every\":3,\"count\":2,\"status\":503}", reason));
    static const unsigned STRUCK[] = {0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0};
    for (size_t i = 0; i < sizeof STRUCK / sizeof STRUCK[0]; i++) {
        assert_false(find(book, "media", "/x", NULL).is_hit);
        assert_int_equal(find(book, "list", "/x", NULL).is_hit, STRUCK[i]);
    }
    struct json_object *report = fault_report(book), *value = NULL;
    struct json_object *first = json_object_array_get_idx(report, 0);
    assert_true(json_object_object_get_ex(first, "matched", &value));
    assert_int_equal(json_object_get_int(value), 12);
    assert_true(json_object_object_get_ex(first, "struck", &value));
    assert_int_equal(json_object_get_int(value), 2);
    json_object_put(report);
    fault_free(book);
}

static void test_path_object_server_and_method_must_all_fit(void **state)
{
    (void)state;
    char reason[FAULT_REASON_BYTES];
    struct fault_book *book = fault_new();
    assert_true(add(book,
                    "{\"rules\":[{\"server\":\"elasticsearch\",\"status\":500},"
                    "{\"method\":\"POST\",\"status\":501},"
                    "{\"path\":\"^/storage/\",\"object\":\"b[0-9]+[.]gz$\",\"status\":502}]}",
                    reason));
    assert_int_equal(find(book, "media", "/storage/v1", "a/b12.gz").status, 502);
    assert_false(find(book, "media", "/storage/v1", "a/bx.gz").is_hit);
    assert_false(find(book, "media", "/storage/v1", NULL).is_hit);
    assert_false(find(book, "media", "/other/storage/", "b1.gz").is_hit);
    fault_clear(book);
    assert_false(find(book, "media", "/storage/v1", "a/b12.gz").is_hit);
    fault_free(book);
}

static void test_first_due_rule_decides_and_is_copied_whole(void **state)
{
    (void)state;
    char reason[FAULT_REASON_BYTES];
    struct fault_book *book = fault_new();
    assert_true(add(book,
                    "[{\"count\":1,\"cut\":10,\"end\":\"reset\",\"slow_bytes\":4,\"slow_ms\":9},"
                    "{\"status\":429,\"retry_after\":\"3\",\"delay_ms\":20,\"commit\":true}]",
                    reason));
    struct fault_action one = find(book, "x", "/", NULL), two = find(book, "x", "/", NULL);
    assert_int_equal(one.cut, 10);
    assert_int_equal(one.end, FAULT_END_RESET);
    assert_int_equal(one.slow_bytes, 4);
    assert_int_equal(one.slow_ms, 9);
    assert_int_equal(one.status, 0);
    assert_int_equal(two.status, 429);
    assert_string_equal(two.retry_after, "3");
    assert_int_equal(two.delay_ms, 20);
    assert_true(two.commit);
    assert_int_equal(two.cut, -1);
    fault_free(book);
}

static unsigned chances(const char *rule, uint64_t *ret_pattern)
{
    char reason[FAULT_REASON_BYTES];
    struct fault_book *book = fault_new();
    assert_true(add(book, rule, reason));
    unsigned hits = 0;
    *ret_pattern = 0;
    for (unsigned i = 0; i < 1000; i++) {
        bool hit = find(book, "x", "/", NULL).is_hit;
        hits += hit;
        *ret_pattern = *ret_pattern * 31 + hit;
    }
    fault_free(book);
    return hits;
}

static void test_probability_is_kept_and_repeats_with_its_seed(void **state)
{
    (void)state;
    uint64_t one = 0, two = 0, other = 0;
    assert_in_range(chances("{\"probability\":0.25,\"seed\":5,\"status\":500}", &one), 190, 310);
    assert_in_range(chances("{\"probability\":0.25,\"seed\":5,\"status\":500}", &two), 190, 310);
    assert_in_range(chances("{\"probability\":0.25,\"seed\":6,\"status\":500}", &other), 190, 310);
    assert_true(one == two);
    assert_true(one != other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bad_rules_are_refused_with_rule_and_key),
        cmocka_unit_test(test_skip_every_and_count_choose_the_requests),
        cmocka_unit_test(test_path_object_server_and_method_must_all_fit),
        cmocka_unit_test(test_first_due_rule_decides_and_is_copied_whole),
        cmocka_unit_test(test_probability_is_kept_and_repeats_with_its_seed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
