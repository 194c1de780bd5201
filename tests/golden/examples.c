/*
 * examples.c: every example of a processors' README, and every case beside it, does what it says. The words after the program's name:
 * the group, as in processor-GROUP.so. "<text>", "<number>", "<truth>", "<list>" and "<object>" in what is expected stand for any
 * value of that kind; a member "<text, or nothing>" may be absent: not every machine has an id.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka needs the four above first */
#include <cmocka.h>

#include "gate/catalog.h"
#include "harness/chain_rig.h"
#include "harness/examples.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *group;
static int failures;

#define OPTIONAL "<text, or nothing>"

static int is_wildcard(struct json_object *expected, struct json_object *actual, int *ret_is_met)
{
    const char *text = json_object_get_string(expected);

    if (!json_object_is_type(expected, json_type_string)) {
        return 0;
    }
    if (strcmp(text, "<text>") == 0 || strcmp(text, OPTIONAL) == 0) {
        *ret_is_met =
            json_object_is_type(actual, json_type_string) && json_object_get_string_len(actual) > 0;
    } else if (strcmp(text, "<number>") == 0) {
        *ret_is_met = json_object_is_type(actual, json_type_int) ||
                      json_object_is_type(actual, json_type_double);
    } else if (strcmp(text, "<list>") == 0) {
        *ret_is_met = json_object_is_type(actual, json_type_array);
    } else if (strcmp(text, "<object>") == 0) {
        *ret_is_met = json_object_is_type(actual, json_type_object);
    } else if (strcmp(text, "<truth>") == 0) {
        *ret_is_met = json_object_is_type(actual, json_type_boolean);
    } else {
        return 0;
    }
    return 1;
}

static int is_same(struct json_object *expected, struct json_object *actual)
{
    int is_met = 0;
    int met = 0; /* members of both */

    if (is_wildcard(expected, actual, &is_met)) {
        return is_met;
    }
    if (json_object_get_type(expected) != json_object_get_type(actual)) {
        return 0;
    }
    if (json_object_is_type(expected, json_type_array)) {
        size_t count = json_object_array_length(expected);
        if (count != json_object_array_length(actual)) {
            return 0;
        }
        for (size_t i = 0; i < count; i++) {
            if (!is_same(json_object_array_get_idx(expected, i),
                         json_object_array_get_idx(actual, i))) {
                return 0;
            }
        }
        return 1;
    }
    if (!json_object_is_type(expected, json_type_object)) {
        return json_object_equal(expected, actual);
    }
    json_object_object_foreach(expected, key, member)
    {
        struct json_object *other = NULL;
        if (json_object_object_get_ex(actual, key, &other)) {
            met++;
            if (!is_same(member, other)) {
                return 0;
            }
        } else if (!json_object_is_type(member, json_type_string) ||
                   strcmp(json_object_get_string(member), OPTIONAL) != 0) {
            return 0;
        }
    }
    return met == json_object_object_length(actual);
}

static void report(const char *path, const struct example *ex, const char *what,
                   const char *expected, const char *actual)
{
    print_error("%s:%d: %s: %s\nexpected: %s\nactual:   %s\n", path, ex->line, ex->title, what,
                expected, actual);
    failures++;
}

static void run_document(const char *path, const struct example *ex, struct chain_rig *rig)
{
    struct json_object *expected = json_tokener_parse(ex->out);
    struct json_object *actual = NULL;
    struct cxd_error err = CXD_ERROR_INIT;
    char *out = NULL;
    int r = chain_rig_run(rig, ex->in, 0, &out, &err);

    if (r < 0) {
        report(path, ex, "failed", ex->out, err.text);
    } else if (r == CXD_DISCARD || expected == NULL) {
        if ((r == CXD_DISCARD) != (expected == NULL)) {
            report(path, ex, "dropped, or not", ex->out, out != NULL ? out : "null");
        }
    } else {
        actual = json_tokener_parse(out);
        if (actual == NULL || !is_same(expected, actual)) {
            report(path, ex, "not the expected document",
                   json_object_to_json_string_ext(expected, JSON_C_TO_STRING_PLAIN), out);
        }
    }
    free(out);
    json_object_put(actual);
    json_object_put(expected);
}

static void run_example(const char *path, const struct example *ex)
{
    struct chain_rig *rig = NULL;
    struct cxd_error err = CXD_ERROR_INIT;
    int r = chain_rig_open(ex->yaml, &rig, &err);

    if (ex->error != NULL) {
        if (r == CXD_OK || strstr(err.text, ex->error) == NULL) {
            report(path, ex, "not the expected error", ex->error, r == CXD_OK ? "none" : err.text);
        }
    } else if (r != CXD_OK) {
        report(path, ex, "cannot be opened", ex->out, err.text);
    } else {
        run_document(path, ex, rig);
    }
    chain_rig_close(rig);
}

static size_t run_page(const char *path, struct example **ret_examples)
{
    size_t count = examples_read(path, ret_examples);

    for (size_t i = 0; i < count; i++) {
        run_example(path, &(*ret_examples)[i]);
    }
    return count;
}

/* Each module of the group has an example in the README. */
static void check_coverage(const struct example *examples, size_t count)
{
    char end[64];
    size_t modules = 0;

    (void)snprintf(end, sizeof end, "/processor-%s.so", group);
    for (const struct catalog_entry *e = chain_rig_catalog()->first; e != NULL; e = e->next) {
        size_t at = 0;
        if (strstr(e->path, end) == NULL) {
            continue;
        }
        assert_non_null(e->module);
        while (at < count && strcmp(examples[at].title, e->module->name) != 0) {
            at++;
        }
        if (at == count) {
            print_error("%s has no example\n", e->module->name);
            failures++;
        }
        modules++;
    }
    print_message("%s: %zu modules, %zu examples\n", group, modules, count);
    assert_true(modules > 0);
}

static void test_readme(void **state)
{
    struct example *examples = NULL;
    char path[256];
    size_t count;

    (void)state;
    failures = 0;
    (void)snprintf(path, sizeof path, "processors/%s/README.md", group);
    count = run_page(path, &examples);
    check_coverage(examples, count);
    examples_free(examples, count);
    assert_int_equal(failures, 0);
    assert_int_equal(chain_rig_held(), 0);
}

static void test_cases(void **state)
{
    struct example *examples = NULL;
    char path[256];
    size_t count;

    (void)state;
    failures = 0;
    (void)snprintf(path, sizeof path, "tests/golden/processors/%s.md", group);
    count = run_page(path, &examples);
    examples_free(examples, count);
    print_message("%s: %zu cases\n", path, count);
    assert_int_equal(failures, 0);
    assert_int_equal(chain_rig_held(), 0);
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_readme),
        cmocka_unit_test(test_cases),
    };

    group = argc > 1 ? argv[1] : "fields";
    return cmocka_run_group_tests(tests, NULL, NULL);
}
