/* test_fields.c: the keys that Beats gives every input: fields, fields_under_root, keep_null, index, pipeline. */
#include "config/plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct arena *arena;
static struct plan *plan;
static struct cxd_error err;

static int setup(void **state)
{
    (void)state;
    arena = arena_new(4096, 1u << 22);
    return arena == NULL;
}

static int teardown(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

/* A policy of one input with one stream, with the given lines (6 blanks deep) in each. */
static int read_keys(const char *input, const char *stream)
{
    static char text[1 << 18];
    struct conf *root = NULL;

    err = (struct cxd_error)CXD_ERROR_INIT;
    (void)snprintf(text, sizeof text,
                   "outputs: {default: {type: file, path: /x}}\ninputs:\n  - type: t\n    id: i\n"
                   "%s    streams:\n    - id: s\n%s",
                   input, stream);
    assert_int_equal(conf_read_text("p.yml", text, strlen(text), arena, &root, &err), CXD_OK);
    return plan_read(root, arena, NULL, &plan, &err);
}

static const char *fields_of(const char *input, const char *stream)
{
    if (read_keys(input, stream) != CXD_OK) {
        fail_msg("%s", err.text);
    }
    return plan->streams->fields;
}

static void refused(const char *stream, const char *word)
{
    assert_int_equal(read_keys("", stream), CXD_CONFIG);
    if (strstr(err.text, word) == NULL) {
        fail_msg("\"%s\" does not say \"%s\"", err.text, word);
    }
}

static void test_nothing_asked_for_changes_nothing(void **state)
{
    (void)state;
    assert_null(fields_of("", ""));
    assert_null(plan->streams->pipeline);
    assert_null(plan->streams->index_override);
    assert_false(plan->streams->is_null_kept);
    assert_null(fields_of("", "      fields: ~\n      pipeline: ~\n      index:\n"));
}

static void test_fields_stand_below_fields_or_at_the_root(void **state)
{
    (void)state;
    assert_string_equal(fields_of("", "      fields: {_conf: {api: v2}}\n"),
                        "{\"fields\":{\"_conf\":{\"api\":\"v2\"}}}");
    assert_string_equal(
        fields_of("", "      fields_under_root: true\n      fields._conf.api: v2\n"),
        "{\"_conf\":{\"api\":\"v2\"}}");
}

static void test_values_have_yamls_types(void **state)
{
    (void)state;
    assert_string_equal(
        fields_of("", "      fields:\n"
                      "        i: 12\n        big: 18446744073709551616\n        d: 1.10\n"
                      "        o: 007\n        p: +5\n        q: \"12\"\n        t: true\n"
                      "        w: yes\n        s: 'a\"b'\n        l: [1, x, ~, {a: ~, b: 2}]\n"
                      "        n: ~\n        e: \"\"\n        h: 1.2.3\n"),
        "{\"fields\":{\"i\":12,\"big\":18446744073709551616,\"d\":1.10,\"o\":7,\"p\":5,\"q\":"
        "\"12\","
        "\"t\":true,\"w\":\"yes\",\"s\":\"a\\\"b\",\"l\":[1,\"x\",null,{\"b\":2}],\"e\":\"\","
        "\"h\":\"1.2.3\"}}");
}

static void test_the_stream_adds_to_its_inputs_fields(void **state)
{
    (void)state;
    assert_string_equal(fields_of("    fields: {a: {x: 1, y: 2}, b: 1}\n",
                                  "      fields:\n        a.y: 3\n        a.z.q: 4\n"
                                  "        b: {c: 5}\n        d: [6]\n"),
                        "{\"fields\":{\"a\":{\"x\":1,\"y\":3,\"z\":{\"q\":4}},\"b\":{\"c\":5},"
                        "\"d\":[6]}}");
}

static void test_keep_null_keeps_them(void **state)
{
    (void)state;
    assert_string_equal(fields_of("    keep_null: true\n", "      fields: {a: ~, b: {c: null}}\n"),
                        "{\"fields\":{\"a\":null,\"b\":{\"c\":null}}}");
    assert_true(plan->streams->is_null_kept);
    (void)fields_of("    keep_null: true\n", "      keep_null: false\n");
    assert_false(plan->streams->is_null_kept);
}

static void test_pipeline_is_written_small(void **state)
{
    (void)state;
    assert_int_equal(read_keys("    pipeline: Mine\n", ""), CXD_OK);
    assert_string_equal(plan->streams->pipeline, "mine");
    assert_int_equal(read_keys("    pipeline: Mine\n", "      pipeline: Other.1\n"), CXD_OK);
    assert_string_equal(plan->streams->pipeline, "other.1");
}

static void test_index_is_kept_for_the_one_who_reads_it(void **state)
{
    (void)state;
    assert_int_equal(read_keys("", "      index: \"x-%{+yyyy}\"\n"), CXD_OK);
    assert_string_equal(plan->streams->index_override->text, "x-%{+yyyy}");
    assert_string_equal(plan->streams->index, "logs-generic-default");
}

static void test_what_is_wrong_is_named_with_its_line(void **state)
{
    char deep[400];
    size_t len = (size_t)snprintf(deep, sizeof deep, "      fields:\n        a");

    (void)state;
    refused("      fields: 3\n", "p.yml:7: fields: expected names and values");
    refused("      fields: {a..b: 3}\n", "expected names");
    refused("      fields: {'a\"b': 3}\n", "a name with a quote");
    refused("      fields_under_root: perhaps\n", "fields_under_root: expected true or false");
    refused("      keep_null: [1]\n", "keep_null: expected true or false");
    refused("      pipeline: a b\n", "pipeline: expected");
    refused("      pipeline: [a]\n", "pipeline: expected");
    refused("      pipeline: 'a\"b'\n", "pipeline: expected");
    refused("      index: {a: b}\n", "index: expected a name");
    refused("      fields_under_root: true\n      fields: {'@timestamp': x}\n", "\"@timestamp\"");
    for (int i = 0; i < 40; i++, len += 2) {
        memcpy(deep + len, ".a", 2);
    }
    (void)snprintf(deep + len, sizeof deep - len, ": 1\n");
    refused(deep, "at most 32 deep");
}

static void test_a_field_without_end_is_refused(void **state)
{
    static char text[100000];
    size_t len = (size_t)snprintf(text, sizeof text, "      fields: {a: ");

    (void)state;
    memset(text + len, 'x', 80000);
    (void)snprintf(text + len + 80000, 8, "}\n");
    refused(text, "more than 65536 bytes");
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(test_nothing_asked_for_changes_nothing),
        CASE(test_fields_stand_below_fields_or_at_the_root),
        CASE(test_values_have_yamls_types),
        CASE(test_the_stream_adds_to_its_inputs_fields),
        CASE(test_keep_null_keeps_them),
        CASE(test_pipeline_is_written_small),
        CASE(test_index_is_kept_for_the_one_who_reads_it),
        CASE(test_what_is_wrong_is_named_with_its_line),
        CASE(test_a_field_without_end_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
