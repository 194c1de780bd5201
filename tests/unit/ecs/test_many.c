/*
 * test_many.c: records with very many elements and names: each text once and in order, in time that does not grow with the
 * square of their number, and no memory failure unseen.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka needs the four above first */
#include <cmocka.h>

#include "harness/mapper.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define CPU_MAX_S 5

static const struct harness_option options[] = {{.name = "data_stream", .text = "alerts"}, {0}};

/* {"tags":["t0", ..]}: count elements of which `different` differ; every third is written with an escape. */
static char *make_tags(unsigned count, unsigned different)
{
    size_t room = (size_t)count * 20 + 64;
    char *text = malloc(room);
    size_t len;

    assert_non_null(text);
    len = (size_t)snprintf(text, room, "{\"tags\":[");
    for (unsigned i = 0; i < count; i++) {
        len += (size_t)snprintf(text + len, room - len, "%s\"%s%u\"", i > 0 ? "," : "",
                                i % 3 == 0 ? "\\u0074" : "t", i % different);
    }
    (void)snprintf(text + len, room - len, "]}");
    return text;
}

static int map_text(struct mapper *mapper, const char *text, struct json_object **ret_document)
{
    struct json_object *input = json_tokener_parse("{\"tags\":[\"t1\",5]}");
    struct cxd_error err = CXD_ERROR_INIT;
    int status;

    assert_int_equal(json_object_object_add(input, "message", json_object_new_string(text)), 0);
    status = mapper_run(mapper, input, ret_document, NULL, &err);
    json_object_put(input);
    return status;
}

static struct json_object *tags_of(struct json_object *document)
{
    struct json_object *tags = NULL;

    assert_true(json_object_object_get_ex(document, "tags", &tags));
    return tags;
}

static void test_each_text_once_and_in_order(void **state)
{
    struct json_object *document = NULL;
    struct json_object *tags;
    struct mapper mapper;
    char *text = make_tags(5000, 1000);

    (void)state;
    assert_int_equal(mapper_open(&mapper, options, NULL), CXD_OK);
    assert_int_equal(map_text(&mapper, text, &document), CXD_OK);
    tags = tags_of(document);
    assert_int_equal(json_object_array_length(tags), 1001);
    assert_string_equal(json_object_get_string(json_object_array_get_idx(tags, 0)), "t1");
    assert_int_equal(json_object_get_int(json_object_array_get_idx(tags, 1)), 5);
    assert_string_equal(json_object_get_string(json_object_array_get_idx(tags, 2)), "t0");
    for (size_t i = 3; i < 1001; i++) {
        char expected[16];
        (void)snprintf(expected, sizeof expected, "t%zu", i - 1);
        assert_string_equal(json_object_get_string(json_object_array_get_idx(tags, i)), expected);
    }
    json_object_put(document);
    mapper_close(&mapper);
    free(text);
}

static void test_time_does_not_grow_with_the_square(void **state)
{
    struct json_object *document = NULL;
    struct mapper mapper;
    char *text = make_tags(60000, 60000);
    clock_t start = clock();

    (void)state;
    assert_int_equal(mapper_open(&mapper, options, NULL), CXD_OK);
    assert_int_equal(map_text(&mapper, text, &document), CXD_OK);
    assert_int_equal(json_object_array_length(tags_of(document)), 60001);
    assert_true((clock() - start) / CLOCKS_PER_SEC < CPU_MAX_S);
    json_object_put(document);
    mapper_close(&mapper);
    free(text);
}

/* Names that are alike where the tables' own hash looks. */
/* The same for events, whose lists are appended element by element. */
static void test_an_event_with_many_file_names(void **state)
{
    static const struct harness_option event_options[] = {{.name = "data_stream", .text = "event"},
                                                          {0}};
    static const char front[] = "{\"action_file_name\":[";
    struct json_object *document = NULL;
    struct json_object *at;
    struct mapper mapper;
    char *text = make_tags(60000, 50000);
    size_t skip = strlen("{\"tags\":[");
    char *record = malloc(strlen(text) + sizeof front);

    (void)state;
    assert_non_null(record);
    (void)snprintf(record, strlen(text) + sizeof front, "%s%s", front, text + skip);
    assert_int_equal(mapper_open(&mapper, event_options, NULL), CXD_OK);
    assert_int_equal(map_text(&mapper, record, &document), CXD_OK);
    assert_true(json_object_object_get_ex(document, "file", &at));
    assert_true(json_object_object_get_ex(at, "name", &at));
    assert_int_equal(json_object_array_length(at), 50000);
    assert_string_equal(json_object_get_string(json_object_array_get_idx(at, 49999)), "t49999");
    json_object_put(document);
    mapper_close(&mapper);
    free(record);
    free(text);
}

static void test_names_that_look_alike(void **state)
{
    enum { COUNT = 30000, ROOM = COUNT * 120 };
    struct json_object *document = NULL;
    struct json_object *found = NULL;
    struct mapper mapper;
    char *text = malloc(ROOM);
    clock_t start = clock();
    size_t len = 1;

    (void)state;
    assert_non_null(text);
    text[0] = '{';
    for (unsigned i = 0; i < COUNT; i++) {
        len += (size_t)snprintf(text + len, ROOM - len,
                                "%s\"aaaaaaaaaaaaaaaa%06ubbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\":1",
                                i > 0 ? "," : "", i);
    }
    (void)snprintf(text + len, ROOM - len, "}");
    assert_int_equal(mapper_open(&mapper, options, NULL), CXD_OK);
    assert_int_equal(map_text(&mapper, text, &document), CXD_OK);
    assert_true(json_object_object_get_ex(document, "panw_cortex", &found));
    assert_true(json_object_object_get_ex(found, "xdr", &found));
    assert_int_equal(json_object_object_length(found), COUNT);
    assert_true((clock() - start) / CLOCKS_PER_SEC < CPU_MAX_S);
    json_object_put(document);
    mapper_close(&mapper);
    free(text);
}

static void test_every_failing_allocation_is_told(void **state)
{
    struct json_object *expected = NULL;
    struct mapper mapper;
    char *text = make_tags(100, 90);
    size_t failed = 0;

    (void)state;
    assert_int_equal(mapper_open(&mapper, options, NULL), CXD_OK);
    assert_int_equal(map_text(&mapper, text, &expected), CXD_OK);
    for (size_t n = 1;; n++) {
        struct json_object *document = NULL;
        int status;
        mapper.fail_at = n;
        status = map_text(&mapper, text, &document);
        if (status == CXD_OK) {
            assert_true(json_object_equal(document, expected));
            json_object_put(document);
            if (mapper.asked < n) {
                break;
            }
            continue;
        }
        assert_int_equal(status, CXD_NOMEM);
        failed++;
    }
    assert_true(failed > 5);
    json_object_put(expected);
    mapper_close(&mapper);
    assert_int_equal(harness_held(), 0);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_text_once_and_in_order),
        cmocka_unit_test(test_time_does_not_grow_with_the_square),
        cmocka_unit_test(test_an_event_with_many_file_names),
        cmocka_unit_test(test_names_that_look_alike),
        cmocka_unit_test(test_every_failing_allocation_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
