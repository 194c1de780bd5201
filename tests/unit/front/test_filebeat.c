/* test_filebeat.c: a Filebeat's registry: checkpoint, changes behind it, torn ends, what is refused. */
#include "front/state/filebeat.h"

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

#define SET(id) "{\"op\":\"set\",\"id\":" id "}\n"

static char folder[64];
static struct arena *arena;
static struct filebeat_entry *first;
static struct cxd_error err;
static const char *const names[] = {"meta.json", "log.json", "9.json", "12.json", "active.dat"};

static int setup(void **state)
{
    (void)state;
    (void)snprintf(folder, sizeof folder, "/tmp/cxd-filebeat.XXXXXX");
    arena = arena_new(4096, 1u << 22);
    first = NULL;
    err = (struct cxd_error)CXD_ERROR_INIT;
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

static int is_cel(void *owner, const char *type)
{
    (void)owner;
    return strcmp(type, "cel") == 0;
}

static int read_folder(void)
{
    return filebeat_read(folder, arena, is_cel, NULL, &first, &err);
}

static void test_changes_follow_the_checkpoint(void **state)
{
    (void)state;
    lay("meta.json", "{\"version\":\"1\"}");
    lay("9.json", "[{\"_key\":\"cel::old::u\",\"cursor\":1}]");
    lay("12.json", "[{\"_key\":\"cel::a::https://x/y\",\"cursor\":{\"n\":\"1\"},\"ttl\":0},\n"
                   "{\"_key\":\"cel::gone::u\",\"cursor\":2},\n"
                   "{\"_key\":\"filestream::a::b\",\"cursor\":3},\n{\"_key\":\"native::3-4\"}\n]");
    lay("log.json", SET("12") "{\"k\":\"cel::a::https://x/y\",\"v\":{\"cursor\":\"stale\"}}\n" SET(
                        "13") "{\"k\":\"cel::a::https://x/"
                              "y\",\"v\":{\"ttl\":0,\"updated\":[1,2],\"cursor\":{\"n\":\"2\"}}}\n"
                              "{\"op\":\"remove\",\"id\":14}\n{\"k\":\"cel::gone::u\"}\n" SET(
                                  "15") "{\"k\":\"cel::t\\u00e9::s::t\",\"v\":{\"cursor\":\"text\"}"
                                        "}\n" SET("16") "{\"k\":\"cel::none::u\",\"v\":{\"cursor\":"
                                                        "null}}\n");
    assert_int_equal(read_folder(), CXD_OK);
    assert_string_equal(first->key, "cel::a::https://x/y");
    assert_string_equal(first->type, "cel");
    assert_string_equal(first->id, "a");
    assert_string_equal(first->source, "https://x/y");
    assert_string_equal(first->cursor, "{\"n\":\"2\"}");
    assert_string_equal(first->next->id, "t\xc3\xa9");
    assert_string_equal(first->next->source, "s::t");
    assert_string_equal(first->next->cursor, "\"text\"");
    assert_null(first->next->next->cursor);
    assert_null(first->next->next->next);
}

static void test_a_torn_end_is_left_out(void **state)
{
    (void)state;
    lay("log.json", SET("1") "{\"k\":\"cel::a::u\",\"v\":{\"cursor\":1}}\n" SET(
                        "2") "{\"k\":\"cel::a::u\",\"v\":{\"cur");
    assert_int_equal(read_folder(), CXD_OK);
    assert_string_equal(first->cursor, "1");
    lay("log.json", SET("1") "{\"k\":\"cel::a::u\",\"v\":{\"cursor\":1}}\n" SET("2"));
    assert_int_equal(read_folder(), CXD_OK);
    assert_string_equal(first->cursor, "1");
}

static void test_a_checkpoint_alone(void **state)
{
    (void)state;
    lay("12.json", "[\n]");
    assert_int_equal(read_folder(), CXD_OK);
    assert_null(first);
}

static void test_what_is_refused(void **state)
{
    (void)state;
    assert_int_equal(read_folder(), CXD_NOT_FOUND);
    lay("log.json",
        SET("1") "{\"k\":\"cel::a::u\",\"v\":{}}\n" SET("3") "{\"k\":\"x\",\"v\":{}}\n");
    assert_int_equal(read_folder(), CXD_CORRUPT);
    assert_non_null(strstr(err.text, "log.json: a change is missing"));
    lay("log.json", "{\"op\":\"clear\",\"id\":1}\n{\"k\":\"x\"}\n");
    assert_int_equal(read_folder(), CXD_CORRUPT);
    lay("log.json", "");
    assert_int_equal(read_folder(), CXD_OK);
    lay("9.json", "[{\"_key\":\"cel::a::u\"}");
    assert_int_equal(read_folder(), CXD_CORRUPT);
    assert_non_null(strstr(err.text, "9.json: "));
    lay("9.json", "{}");
    assert_int_equal(read_folder(), CXD_CORRUPT);
    lay("meta.json", "{\"version\":\"2\"}");
    assert_int_equal(read_folder(), CXD_UNSUPPORTED);
    lay("meta.json", "2");
    assert_int_equal(read_folder(), CXD_CORRUPT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_changes_follow_the_checkpoint, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_torn_end_is_left_out, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_checkpoint_alone, setup, teardown),
        cmocka_unit_test_setup_teardown(test_what_is_refused, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
