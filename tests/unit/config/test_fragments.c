/* test_fragments.c: a folder of files as one policy, and dotted keys as maps within maps. */
#include "config/conf.h"
#include "config/plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static struct arena *arena;
static struct conf *root;
static struct cxd_error err;
static char folder[] = "/tmp/cxd-fragments.XXXXXX";
static const char *const names[] = {"a.yml", "b.yaml", "c.txt", ".d.yml", "b.yml", "z.yml"};

static int setup(void **state)
{
    (void)state;
    arena = arena_new(4096, 1u << 22);
    root = NULL;
    err = (struct cxd_error)CXD_ERROR_INIT;
    (void)snprintf(folder, sizeof folder, "/tmp/cxd-fragments.XXXXXX");
    return arena == NULL || mkdtemp(folder) == NULL;
}

static int teardown(void **state)
{
    char path[128];

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        (void)unlink(path);
    }
    (void)rmdir(folder);
    arena_free(arena);
    return 0;
}

static void lay(const char *name, const char *text)
{
    char path[128];
    FILE *f;

    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    f = fopen(path, "w");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

static int read_folder(void)
{
    return conf_read_path(folder, arena, &root, &err);
}

static void test_files_are_joined_in_order(void **state)
{
    struct plan *plan = NULL;

    (void)state;
    lay("b.yml", "inputs: [{type: gcs, id: two}]\nagent: {logging.level: debug}\n");
    lay("a.yml", "outputs: {default: {type: file, path: /x}}\ninputs: [{type: gcs, id: one}]\n"
                 "agent: {path.data: /s}\n");
    lay("b.yaml", "outputs: {other: {type: console}}\n");
    lay("c.txt", "not: [yaml");
    lay(".d.yml", "not: [yaml");
    assert_int_equal(read_folder(), CXD_OK);
    assert_int_equal(plan_read(root, arena, NULL, &plan, &err), CXD_OK);
    assert_string_equal(plan->outputs->name, "default");
    assert_string_equal(plan->outputs->next->name, "other");
    assert_string_equal(plan->streams->id, "one");
    assert_string_equal(plan->streams->next->id, "two");
    assert_null(plan->streams->next->next);
    assert_non_null(strstr(plan->streams->next->stream->file, "/b.yml"));
    assert_string_equal(plan->settings.data_path, "/s");
    assert_string_equal(plan->settings.log_level, "debug");
}

static void test_the_same_twice_is_once(void **state)
{
    (void)state;
    lay("a.yml", "id: p\noutputs: {default: {type: file, path: /x, hosts: [a, {b: c}]}}\n");
    lay("b.yml", "id: p\noutputs: {default: {type: file, path: /x, hosts: [a, {b: c}]}}\n");
    assert_int_equal(read_folder(), CXD_OK);
    assert_null(conf_find(root, "outputs")->first->next);
}

static void test_another_value_names_both_places(void **state)
{
    (void)state;
    lay("a.yml", "agent:\n  path.data: /a\n");
    lay("b.yml", "agent:\n\n  path.data: /b\n");
    assert_int_equal(read_folder(), CXD_CONFIG);
    assert_non_null(strstr(err.text, "b.yml:3: \"path.data\" stands in "));
    assert_non_null(strstr(err.text, "a.yml:2 already, with another value"));
}

static void test_kinds_that_differ(void **state)
{
    (void)state;
    lay("a.yml", "inputs: [{type: gcs}]\n");
    lay("b.yml", "inputs: {type: gcs}\n");
    assert_int_equal(read_folder(), CXD_CONFIG);
    lay("b.yml", "inputs: \"1\"\n");
    lay("a.yml", "inputs: 1\n");
    assert_int_equal(read_folder(), CXD_CONFIG);
}

/* what an alias shares stays as it is when one of its places grows */
static void test_aliases_do_not_grow(void **state)
{
    (void)state;
    lay("a.yml", "outputs: {one: &o {ssl: {a: 1}}, two: *o}\n");
    lay("b.yml", "outputs: {one: {ssl: {b: 2}}}\n");
    assert_int_equal(read_folder(), CXD_OK);
    assert_string_equal(conf_text(root, "outputs.one.ssl.b", ""), "2");
    assert_null(conf_find(root, "outputs.two.ssl.b"));
    assert_string_equal(conf_text(root, "outputs.two.ssl.a", ""), "1");
}

static void test_what_is_wrong_in_one_file(void **state)
{
    (void)state;
    assert_int_equal(read_folder(), CXD_CONFIG);
    assert_non_null(strstr(err.text, "expected *.yml files"));
    lay("a.yml", "id: p\n");
    lay("z.yml", "id: [\n");
    assert_int_equal(read_folder(), CXD_CONFIG);
    assert_non_null(strstr(err.text, "z.yml:2: not YAML"));
}

static const struct conf *undot(const char *text)
{
    const struct conf *map = NULL;
    int r = conf_read_text("p.yml", text, strlen(text), arena, &root, &err);

    assert_int_equal(r, CXD_OK);
    return conf_undot(root, arena, &map, &err) == CXD_OK ? map : NULL;
}

static void test_dotted_keys_become_maps(void **state)
{
    const struct conf *map =
        undot("request.ssl.key: k\n"
              "request: {ssl: {certificate: c}, url.path: u, list: [{a.b: 1}]}\n"
              "request.ssl.ca: [x]\n"
              "cursor.ts.value: v\n"
              ".a: 1\nb.: 2\n");

    (void)state;
    assert_non_null(map);
    assert_string_equal(map->first->key, "request");
    assert_string_equal(map->first->first->key, "ssl");
    assert_string_equal(conf_text(map, "request.ssl.key", ""), "k");
    assert_string_equal(conf_text(map, "request.ssl.certificate", ""), "c");
    assert_int_equal(conf_find(map, "request.ssl.ca")->kind, CONF_LIST);
    assert_string_equal(map->first->first->first->next->next->key, "ca");
    assert_string_equal(map->first->first->next->key, "url");
    assert_string_equal(conf_find(map, "request.list")->first->first->key, "a.b");
    assert_string_equal(conf_text(map, "cursor.ts.value", ""), "v");
    assert_string_equal(conf_text(map, ".a", ""), "1");
    assert_string_equal(conf_text(map, "b.", ""), "2");
    assert_string_equal(root->first->key, "request.ssl.key"); /* the tree it came from is as it was */
}

static void test_null_gives_way(void **state)
{
    const struct conf *map = undot("ssl:\nssl.key: k\nproxy.url: u\nproxy:\n");

    (void)state;
    assert_non_null(map);
    assert_string_equal(conf_text(map, "ssl.key", ""), "k");
    assert_string_equal(conf_text(map, "proxy.url", ""), "u");
}

static void test_a_key_in_two_spellings(void **state)
{
    (void)state;
    assert_null(undot("a: {b: 1}\n\na.b: 2\n"));
    assert_string_equal(err.text, "p.yml:3: key \"a.b\" stands twice, first in line 1");
    assert_null(undot("a: 1\na.b: 2\n"));
    assert_null(undot("a.b: 2\na: [1]\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_files_are_joined_in_order, setup, teardown),
        cmocka_unit_test_setup_teardown(test_the_same_twice_is_once, setup, teardown),
        cmocka_unit_test_setup_teardown(test_another_value_names_both_places, setup, teardown),
        cmocka_unit_test_setup_teardown(test_kinds_that_differ, setup, teardown),
        cmocka_unit_test_setup_teardown(test_aliases_do_not_grow, setup, teardown),
        cmocka_unit_test_setup_teardown(test_what_is_wrong_in_one_file, setup, teardown),
        cmocka_unit_test_setup_teardown(test_dotted_keys_become_maps, setup, teardown),
        cmocka_unit_test_setup_teardown(test_null_gives_way, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_key_in_two_spellings, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
