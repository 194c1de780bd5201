/* test_conf.c: policy text to tree: what is read, and what each refusal says. */
#include "config/conf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct fixture {
    struct arena *arena;
    struct conf *root;
    struct cxd_error err;
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);

    f->arena = arena_new(4096, 64u << 20);
    *state = f;
    return f->arena == NULL;
}

static int teardown(void **state)
{
    struct fixture *f = *state;

    arena_free(f->arena);
    free(f);
    return 0;
}

static int read_text(struct fixture *f, const char *text)
{
    return conf_read_text("p.yml", text, strlen(text), f->arena, &f->root, &f->err);
}

static void test_dotted_and_nested_keys_are_the_same(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(read_text(f, "a.b:\n  c: 1\nx: {y.z: two}\na: {d: 4}\n"), CXD_OK);
    assert_string_equal(conf_text(f->root, "a.b.c", ""), "1");
    assert_string_equal(conf_text(f->root, "x.y.z", ""), "two");
    assert_string_equal(conf_text(f->root, "a.d", ""), "4");
    assert_null(conf_find(f->root, "a.b.x"));
    assert_null(conf_find(f->root, "x.y.z.w"));
    assert_null(conf_find(NULL, "a"));
    assert_int_equal(conf_find(f->root, "a.d")->line, 4);
}

static void test_null_and_booleans(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(
        read_text(f, "a: ~\nb: null\nc:\nd: ''\ne: 'null'\nf: Yes\ng: off\nh: maybe\n"), CXD_OK);
    assert_true(conf_is_null(conf_find(f->root, "a")));
    assert_true(conf_is_null(conf_find(f->root, "b")));
    assert_true(conf_is_null(conf_find(f->root, "c")));
    assert_false(conf_is_null(conf_find(f->root, "d")));
    assert_false(conf_is_null(conf_find(f->root, "e")));
    assert_int_equal(conf_bool(conf_find(f->root, "f")), 1);
    assert_int_equal(conf_bool(conf_find(f->root, "g")), 0);
    assert_int_equal(conf_bool(conf_find(f->root, "h")), -1);
}

static void refused(struct fixture *f, const char *text, int status, const char *says)
{
    f->err = (struct cxd_error)CXD_ERROR_INIT;
    assert_int_equal(read_text(f, text), status);
    if (strstr(f->err.text, says) == NULL) {
        fail_msg("expected \"%s\" in \"%s\"", says, f->err.text);
    }
}

static void test_refusals_name_the_place(void **state)
{
    struct fixture *f = *state;

    refused(f, "a: 1\nb: 2\na: 3\n", CXD_CONFIG,
            "p.yml:3: key \"a\" stands twice, first in line 1");
    refused(f, "a: [1\n", CXD_CONFIG, "p.yml:2: not YAML");
    refused(f, "a: !!python/object x\n", CXD_CONFIG, "p.yml:1: YAML tags");
    refused(f, "- a\n", CXD_CONFIG, "expected keys");
    refused(f, "", CXD_CONFIG, "expected keys");
    refused(f, "a: 1\n---\nb: 2\n", CXD_CONFIG, "second document");
    refused(f, "? [a]\n: 1\n", CXD_CONFIG, "expected a key");
    refused(f, "a: *x\n", CXD_CONFIG, "alias of an anchor");
    refused(f, "a: \"${env.CXD_TEST_NOT_SET}\"\n", CXD_CONFIG,
            "p.yml:1: variable ${env.CXD_TEST_NOT_SET} has no value");
    refused(f, "a: \"${env.X\"\n", CXD_CONFIG, "without \"}\"");
}

static void test_depth_and_size_are_bounded(void **state)
{
    struct fixture *f = *state;
    char deep[300];

    memset(deep, '[', 100);
    memset(deep + 100, ']', 100);
    memcpy(deep + 200, "\n", 2);
    refused(f, deep, CXD_TOO_DEEP, "nested deeper than 64");
}

/* Nine aliases in each of nine levels stand for 9^9 values. */
static void test_alias_bomb_is_refused(void **state)
{
    struct fixture *f = *state;
    char text[2048] = "a0: &a0 [x,x,x,x,x,x,x,x,x]\n";

    for (int i = 1; i < 9; i++) {
        char line[128];
        (void)snprintf(line, sizeof line,
                       "a%d: &a%d [*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d]\n", i, i, i - 1,
                       i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1);
        strncat(text, line, sizeof text - strlen(text) - 1);
    }
    refused(f, text, CXD_TOO_LARGE, "more than 200000 values");
}

/* Each anchor one level deeper than the one before: few values, and more levels than there may be. */
static void test_alias_ladder_is_refused(void **state)
{
    struct fixture *f = *state;
    char text[4096];
    size_t len = (size_t)snprintf(text, sizeof text, "a0: &a0 [x]\n");

    for (int i = 1; i < 70; i++) {
        len += (size_t)snprintf(text + len, sizeof text - len, "a%d: &a%d [*a%d]\n", i, i, i - 1);
    }
    refused(f, text, CXD_TOO_DEEP, "p.yml:63: nested deeper than 64");
}

/* A plain key is at most 1024 bytes, YAML's own limit; "? " begins one that may be longer, and what is told of it is cut. */
static void test_huge_keys_are_one_short_line(void **state)
{
    struct fixture *f = *state;
    size_t len = 1u << 20;
    char *key = malloc(len + 1);
    char *text = malloc(2 * len + 32);

    assert_true(key != NULL && text != NULL);
    memset(key, 'k', len);
    key[len] = '\0';
    (void)snprintf(text, 2 * len + 32, "%s: 1\n", key);
    refused(f, text, CXD_CONFIG, "p.yml:1: not YAML: ");
    assert_true(strlen(f->err.text) < 400);
    (void)snprintf(text, 2 * len + 32, "? %s\n: 1\n? %s\n: 2\n", key, key);
    refused(f, text, CXD_CONFIG, "stands twice, first in line 1");
    assert_true(strlen(f->err.text) < 400);
    free(text);
    free(key);
}

static void test_alias_repeats_its_anchor(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(read_text(f, "a: &x {b: 1}\nc: *x\n"), CXD_OK);
    assert_string_equal(conf_text(f->root, "c.b", ""), "1");
}

static void test_variables(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(setenv("CXD_TEST_A", "val\"ue", 1), 0);
    assert_int_equal(
        read_text(
            f,
            "a: x${env.CXD_TEST_A}y\nb: ${CXD_TEST_A}\nc: ${env.NO_|'lit'}\nd: ${env.NO_:def:x}\n"
            "e: $${env.NO_}\nf: ${host.platform}\ng: ${env.NO_ | env.CXD_TEST_A}\n"
            "h: ${env.NO_:it's so}\ni: ${env.NO_|'a}b|c:d'}\n"),
        CXD_OK);
    assert_string_equal(conf_text(f->root, "a", ""), "xval\"uey");
    assert_string_equal(conf_text(f->root, "b", ""), "val\"ue");
    assert_string_equal(conf_text(f->root, "c", ""), "lit");
    assert_string_equal(conf_text(f->root, "d", ""), "def:x");
    assert_string_equal(conf_text(f->root, "e", ""), "${env.NO_}");
    assert_string_equal(conf_text(f->root, "f", ""), "linux");
    assert_string_equal(conf_text(f->root, "g", ""), "val\"ue");
    assert_string_equal(conf_text(f->root, "h", ""), "it's so"); /* no quote: it begins nothing */
    assert_string_equal(conf_text(f->root, "i", ""), "a}b|c:d");
}

static void test_missing_file_is_named(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(conf_read_file("/nonexistent/p.yml", f->arena, &f->root, &f->err), CXD_IO);
    assert_non_null(strstr(f->err.text, "/nonexistent/p.yml: cannot read: No such file"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_dotted_and_nested_keys_are_the_same, setup, teardown),
        cmocka_unit_test_setup_teardown(test_null_and_booleans, setup, teardown),
        cmocka_unit_test_setup_teardown(test_refusals_name_the_place, setup, teardown),
        cmocka_unit_test_setup_teardown(test_depth_and_size_are_bounded, setup, teardown),
        cmocka_unit_test_setup_teardown(test_alias_bomb_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(test_alias_repeats_its_anchor, setup, teardown),
        cmocka_unit_test_setup_teardown(test_alias_ladder_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(test_huge_keys_are_one_short_line, setup, teardown),
        cmocka_unit_test_setup_teardown(test_variables, setup, teardown),
        cmocka_unit_test_setup_teardown(test_missing_file_is_named, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
