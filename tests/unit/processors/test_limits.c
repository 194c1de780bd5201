/* test_limits.c: what has a limit is refused with words behind it, and not before: branches, conditions, names, steps, patterns. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka needs the four above first */
#include <cmocka.h>

#include "base/buf.h"
#include "harness/chain_rig.h"
#include "pipeline/chain.h"

#include <stdlib.h>
#include <string.h>

/* head, then `part` count times, then tail and as many `end`s; a tail's second part, behind a bar, comes behind those. */
static void text_make(struct buf *out, const char *head, const char *part, int count,
                      const char *tail, const char *end)
{
    buf_init(out, 1 << 20);
    assert_int_equal(buf_add_text(out, head), 0);
    for (int i = 0; i < count; i++) {
        assert_int_equal(buf_add_text(out, part), 0);
    }
    assert_int_equal(buf_add(out, tail, strcspn(tail, "|")), 0);
    for (int i = 0; i < count; i++) {
        assert_int_equal(buf_add_text(out, end), 0);
    }
    tail += strcspn(tail, "|");
    assert_int_equal(buf_add_text(out, tail + (*tail == '|')), 0);
    assert_int_equal(buf_add(out, "]\n", 3), 0); /* with a NUL */
}

/* words: NULL: it opens. */
static void opens(const char *head, const char *part, int count, const char *tail, const char *end,
                  const char *words)
{
    struct chain_rig *rig = NULL;
    struct cxd_error err = CXD_ERROR_INIT;
    struct buf text;
    int r;

    text_make(&text, head, part, count, tail, end);
    r = chain_rig_open(text.ptr, &rig, &err);
    if ((r == CXD_OK) != (words == NULL) || (words != NULL && strstr(err.text, words) == NULL)) {
        fail_msg("%d of %s: %s", count, part, err.text);
    }
    if (words != NULL) {
        assert_non_null(strstr(err.text, "policy:1"));
    }
    chain_rig_close(rig);
    buf_done(&text);
    assert_int_equal(chain_rig_held(), 0);
}

static void test_branches_in_branches(void **state)
{
    static const char part[] = "{if: {has_fields: [a]}, then: [";

    (void)state;
    opens("processors: [", part, 16, "{drop_event: {}}", "]}", NULL);
    opens("processors: [", part, 17, "{drop_event: {}}", "]}", "branches inside each other");
}

static void test_conditions_in_conditions(void **state)
{
    (void)state;
    opens("processors: [{drop_event: {when: {", "not: {", 15, "has_fields: [a]|}}}", "}", NULL);
    opens("processors: [{drop_event: {when: {", "not: {", 16, "has_fields: [a]|}}}", "}",
          "nested deeper than 16");
    opens("processors: [{drop_event: {when.", "not.", 15, "has_fields: [a]|}}", "", NULL);
    opens("processors: [{drop_event: {when.", "not.", 16, "has_fields: [a]|}}", "",
          "nested deeper than 16");
}

static void test_many_processors(void **state)
{
    (void)state;
    opens("processors: [", "{drop_event: {}},", CHAIN_MAX, "", "", NULL);
    opens("processors: [", "{drop_event: {}},", CHAIN_MAX + 1, "", "", "more than 64 processors");
    opens("processors: [", "{drop_event: {when.has_fields: [a]}},", CHAIN_MAX, "", "", NULL);
    opens("processors: [", "{if: {has_fields: [a]}, then: [], else: []},", CHAIN_STEPS_MAX / 2, "",
          "", NULL);
    opens("processors: [", "{if: {has_fields: [a]}, then: [], else: []},", CHAIN_STEPS_MAX / 2 + 1,
          "", "", "processors and conditions");
}

static void test_long_names(void **state)
{
    (void)state;
    opens("processors: [{drop_fields: {fields: [a", ".b", 31, "]}}", "", NULL);
    opens("processors: [{drop_fields: {fields: [a", ".b", 32, "]}}", "", "32 parts");
    opens("processors: [{drop_event: {when.has_fields: [a", ".b", 31, "]}}", "", NULL);
    opens("processors: [{drop_event: {when.has_fields: [a", ".b", 32, "]}}", "",
          "is no field's name");
}

static void test_long_patterns(void **state)
{
    (void)state;
    opens("processors: [{dissect: {tokenizer: \"", "%{a} ", 128, "\"}}", "", NULL);
    opens("processors: [{dissect: {tokenizer: \"", "%{a} ", 129, "\"}}", "", "more than 128 keys");
    opens("processors: [{dissect: {tokenizer: \"%{a}", "x", 8192, "\"}}", "", "longer than 8 KiB");
    opens("processors: [{timestamp: {field: a, layouts: [\"", "2006 ", 32, "\"]}}", "", NULL);
    opens("processors: [{timestamp: {field: a, layouts: [\"", "2006 ", 33, "\"]}}", "",
          "too many parts");
}

/* A pattern that backtracks for ever is given up: the event is not dropped, and goes to the dead letters with the reason. */
static void test_a_condition_that_takes_too_long(void **state)
{
    struct chain_rig *rig = NULL;
    struct cxd_error err = CXD_ERROR_INIT;
    char *out = NULL;

    (void)state;
    assert_int_equal(
        chain_rig_open("processors: [{drop_event: {when.regexp.a: '^(([a-z])+.)+[A-Z]([a-z])+$'}}]",
                       &rig, &err),
        CXD_OK);
    assert_int_equal(
        chain_rig_run(rig, "{\"a\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"}",
                      0, &out, &err),
        CXD_TIMEOUT);
    assert_string_equal(err.text, "condition of a processor: time limit reached");
    chain_rig_close(rig);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_branches_in_branches),
        cmocka_unit_test(test_conditions_in_conditions),
        cmocka_unit_test(test_many_processors),
        cmocka_unit_test(test_long_names),
        cmocka_unit_test(test_long_patterns),
        cmocka_unit_test(test_a_condition_that_takes_too_long),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
