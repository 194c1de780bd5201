/* test_hostile.c: programs that want all of the machine end in one clear error, soon and within their memory. */
#include "stage.h"
#include "world.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

static const struct program_limits small = {.cost = 2000000, .memory = (size_t)32 << 20};

static double seconds(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* The program compiles, and ends with that text within the limits. */
static void ends_with(const char *source, const char *text)
{
    struct stage stage;
    struct world world;
    double start = seconds();

    assert_true(world_init(&world));
    stage_play(&stage, source, &world.services, &small);
    assert_string_equal(stage.err.text, "");
    assert_int_equal(stage.result.kind, VALUE_ERROR);
    if (strstr(stage.text, text) == NULL) {
        fail_msg("%s\n  is not: %s", stage.text, text);
    }
    assert_true(stage.pool.used <= small.memory);
    assert_true(seconds() - start < 20.0);
    stage_done(&stage);
    world_done(&world);
}

static void no_program(const char *source, const char *text)
{
    struct stage stage;

    stage_play(&stage, source, NULL, &small);
    assert_null(stage.program);
    if (strstr(stage.err.text, text) == NULL) {
        fail_msg("%s\n  is not: %s", stage.err.text, text);
    }
    stage_done(&stage);
}

/* prefix, then piece as often, then suffix. */
static char *repeated(const char *prefix, const char *piece, size_t count, const char *suffix)
{
    size_t len = strlen(piece);
    char *text = malloc(strlen(prefix) + len * count + strlen(suffix) + 1);
    char *at = text;

    assert_non_null(text);
    at = stpcpy(at, prefix);
    for (size_t i = 0; i < count; i++) {
        at = stpcpy(at, piece);
    }
    (void)stpcpy(at, suffix);
    return text;
}

static void test_deep_brackets_are_refused(void **state)
{
    static const char *const pieces[] = {"(", "[", "{1:", "f(", "-(", "!(", "a[", "true ? 1 : "};

    (void)state;
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        char *source = repeated("", pieces[i], 50000, "1");
        no_program(source, "nested too deep");
        free(source);
    }
}

static void test_long_chains_are_refused(void **state)
{
    static const char *const pieces[] = {"1+", "1 == ", "-1 - "};

    (void)state;
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        char *source = repeated("", pieces[i], 50000, "1");
        no_program(source, "nested too deep");
        free(source);
    }
    char *source = repeated("state", ".a", 100000, "");
    no_program(source, "nested too deep");
    free(source);
}

static void test_long_conditions_are_fine(void **state)
{
    char *source = repeated("", "true && ", 20000, "false");
    struct stage stage;

    (void)state;
    stage_play(&stage, source, NULL, &small);
    assert_int_equal(stage.result.kind, VALUE_BOOL);
    assert_false(stage.result.truth);
    stage_done(&stage);
    free(source);
}

static void test_a_source_has_a_greatest_length(void **state)
{
    char *source = repeated("", "          ", 120000, "1");

    (void)state;
    no_program(source, "larger than");
    free(source);
}

static void test_doubling_text_ends(void **state)
{
    char *source = repeated("'abcdefghijklmnop'", ".as(x, x + x)", 60, ".size()");

    (void)state;
    ends_with(source, "limit");
    free(source);
}

static void test_doubling_lists_end(void **state)
{
    char *shared = repeated("[0]", ".as(x, [x, x])", 60, ".encode_json()");
    char *joined = repeated("[0]", ".as(x, x + x)", 60, "");
    char *equal = repeated("[0]", ".as(x, [x, x])", 60, ".as(a, a == dyn([[a[0], a[1]], a[1]]))");

    (void)state;
    ends_with(shared, "limit");
    ends_with(joined, "limit");
    free(equal);
    free(joined);
    free(shared);
}

static void test_nested_loops_end(void **state)
{
    (void)state;
    ends_with(
        "lists.range(1000).map(a, lists.range(1000).map(b, lists.range(1000).map(c, a + b + c)))",
        "steps than its limit");
    ends_with(
        "lists.range(1000).all(a, lists.range(1000).all(b, lists.range(1000).all(c, c >= 0)))",
        "steps than its limit");
    ends_with("lists.range(100000).exists(a, lists.range(100000).exists(b, false))",
              "steps than its limit");
}

static void test_limits_are_not_absorbed(void **state)
{
    (void)state;
    ends_with("lists.range(100000).exists(a, lists.range(100000).exists(b, false)) || true",
              "steps than its limit");
    ends_with("try(lists.range(100000).exists(a, lists.range(100000).exists(b, false)))",
              "steps than its limit");
    ends_with("is_error('a'.repeat(900000000))", "limit");
}

static void test_great_repeats_end(void **state)
{
    (void)state;
    ends_with("'ab'.repeat(9223372036854775807)", "limit");
    ends_with("'a'.repeat(1000000).as(x, x.replace_all('a', x))", "limit");
    ends_with(
        "sprintf('%999999999d', [1]).size() > 0 && sprintf('%.999999999f', [1.0]).size() > 0 && "
        "lists.range(1000000).map(x, sprintf('%9999d', [x])).size() > 0",
        "limit");
}

static void test_catastrophic_patterns_end(void **state)
{
    (void)state;
    ends_with("('a'.repeat(5000) + 'b').matches('^(a|aa|a*)*c$')", "steps than its limit");
    ends_with("'x'.matches('(((((a{1000}){1000}){1000}){1000}){1000})')", "regexp");
    ends_with("'a'.matches('((((((((((a?){50}){50}){50}){50}))))))')", "regexp");
}

static void test_deep_json_ends(void **state)
{
    char *source = repeated("('", "[", 5000, "').decode_json()");

    (void)state;
    ends_with(source, "nested deeper than the limit");
    free(source);
    ends_with("('['.repeat(1000000)).decode_json()", "nested deeper than the limit");
}

static void test_deep_xml_ends(void **state)
{
    (void)state;
    ends_with("('<a>'.repeat(1000) + '</a>'.repeat(1000)).decode_xml()", "");
    ends_with("('<!DOCTYPE a [<!ENTITY a0 \"x\">' + lists.range(20).map(i, sprintf('<!ENTITY a%d "
              "\"&a%d;&a%d;&a%d;&a%d;\">', [i + 1, i, i, i, i])).join() + ']><a>&a20;</a>')"
              ".decode_xml().doc.a.b",
              "");
}

static void test_errors_have_line_and_caret(void **state)
{
    struct stage stage;

    (void)state;
    stage_play(&stage, "{\n  \"\xc3\xa9\": 1 / 0,\n}", NULL, NULL);
    assert_string_equal(stage.text, "2:10: division by zero\n  \"\xc3\xa9\": 1 / 0,\n         ^");
    stage_done(&stage);
    stage_play(&stage, "1 +\n  * 2", NULL, NULL);
    assert_string_equal(stage.err.text, "2:3: expected an expression\n  * 2\n  ^");
    stage_done(&stage);
    stage_play(&stage, "states.url", NULL, NULL);
    assert_string_equal(stage.err.text, "1:1: undeclared name 'states'\nstates.url\n^");
    stage_done(&stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_deep_brackets_are_refused),
        cmocka_unit_test(test_long_chains_are_refused),
        cmocka_unit_test(test_long_conditions_are_fine),
        cmocka_unit_test(test_a_source_has_a_greatest_length),
        cmocka_unit_test(test_doubling_text_ends),
        cmocka_unit_test(test_doubling_lists_end),
        cmocka_unit_test(test_nested_loops_end),
        cmocka_unit_test(test_limits_are_not_absorbed),
        cmocka_unit_test(test_great_repeats_end),
        cmocka_unit_test(test_catastrophic_patterns_end),
        cmocka_unit_test(test_deep_json_ends),
        cmocka_unit_test(test_deep_xml_ends),
        cmocka_unit_test(test_errors_have_line_and_caret),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
