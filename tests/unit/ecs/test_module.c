/*
 * test_module.c: the module as the host sees it: descriptor, options, ids, what is refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka needs the four above first */
#include <cmocka.h>

#include "harness/mapper.h"

#include <string.h>

const struct cxd_module *cxd_module_entry(const struct cxd_host *host, struct cxd_error *err);

static int open_with(const struct harness_option *options, struct mapper *mapper,
                     struct cxd_error *err)
{
    *err = (struct cxd_error)CXD_ERROR_INIT;
    return mapper_open(mapper, options, err);
}

static void test_descriptor(void **state)
{
    const struct cxd_module *module = cxd_module_entry(harness_host(), NULL);

    (void)state;
    assert_non_null(module);
    assert_int_equal(module->size, sizeof *module);
    assert_int_equal(module->abi, CXD_ABI);
    assert_string_equal(module->build, CXD_BUILD);
    assert_int_equal(module->kind, CXD_PROCESSOR);
    assert_string_equal(module->name, "ecs");
    assert_int_equal(module->needs & ~harness_host()->offers, 0);
    for (const struct cxd_option *option = module->options; option->name != NULL; option++) {
        assert_non_null(option->help);
        assert_non_null(option->default_value);
    }
}

static void test_wrong_options_are_refused(void **state)
{
    const struct harness_option stream[] = {{.name = "data_stream", .text = "nothing"}, {0}};
    const struct harness_option malformed[] = {{.name = "malformed", .text = "ignore"}, {0}};
    struct mapper mapper;
    struct cxd_error err;

    (void)state;
    assert_int_equal(open_with(stream, &mapper, &err), CXD_CONFIG);
    assert_non_null(strstr(err.text, "data_stream"));
    mapper_close(&mapper);
    assert_int_equal(open_with(malformed, &mapper, &err), CXD_CONFIG);
    assert_non_null(strstr(err.text, "malformed"));
    mapper_close(&mapper);
}

static void test_every_data_stream_opens(void **state)
{
    static const char *const names[] = {"event", "alerts", "alerts-v1", "alerts-v2", "incidents"};

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const struct harness_option options[] = {{.name = "data_stream", .text = names[i]}, {0}};
        struct mapper mapper;
        struct cxd_error err;
        assert_int_equal(open_with(options, &mapper, &err), CXD_OK);
        mapper_close(&mapper);
    }
    assert_int_equal(harness_held(), 0);
}

/* One message through an instance with these options; the status, and document and id when there are any. */
static int map_message(const struct harness_option *options, const char *message,
                       struct json_object **ret_document, char *id, struct cxd_error *err)
{
    struct json_object *input = json_object_new_object();
    struct mapper mapper;
    int status;

    *ret_document = NULL;
    if (message != NULL) {
        assert_int_equal(json_object_object_add(input, "message", json_object_new_string(message)),
                         0);
    }
    assert_int_equal(open_with(options, &mapper, err), CXD_OK);
    status = mapper_run(&mapper, input, ret_document, id, err);
    mapper_close(&mapper);
    json_object_put(input);
    return status;
}

static struct json_object *get_path(struct json_object *object, const char *first,
                                    const char *second)
{
    struct json_object *found = NULL;

    if (json_object_object_get_ex(object, first, &found) == 0 || second == NULL) {
        return found;
    }
    object = found;
    found = NULL;
    (void)json_object_object_get_ex(object, second, &found);
    return found;
}

/* The digest of "{}" was worked out by another program. */
static void test_id_is_the_digest_of_the_record(void **state)
{
    struct json_object *document;
    struct cxd_error err;
    char first[65];
    char second[65];

    (void)state;
    assert_int_equal(map_message(NULL, "{}", &document, first, &err), CXD_OK);
    json_object_put(document);
    assert_string_equal(first, "Q0GLJOkM6QoQ5x7flx9fOhCS1Qw");
    assert_int_equal(map_message(NULL, "{\"_id\":\"x\"}", &document, first, &err), CXD_OK);
    json_object_put(document);
    assert_int_equal(map_message(NULL, "{\"_id\":\"x\"}", &document, second, &err), CXD_OK);
    json_object_put(document);
    assert_int_equal(strlen(first), 27);
    assert_string_equal(first, second);
    assert_int_equal(map_message(NULL, "{\"_id\": \"x\"}", &document, second, &err), CXD_OK);
    json_object_put(document);
    assert_string_not_equal(first, second);
}

static void test_original_is_dropped_unless_asked_for(void **state)
{
    const struct harness_option keep[] = {{.name = "preserve_original_event", .is_true = 1}, {0}};
    struct json_object *document;
    struct json_object *tags;
    struct cxd_error err;

    (void)state;
    assert_int_equal(map_message(NULL, "{\"_id\":\"x\"}", &document, NULL, &err), CXD_OK);
    assert_null(get_path(document, "event", "original"));
    assert_non_null(get_path(document, "event", "kind"));
    assert_null(get_path(document, "tags", NULL));
    json_object_put(document);
    assert_int_equal(map_message(keep, "{\"_id\":\"x\"}", &document, NULL, &err), CXD_OK);
    assert_string_equal(json_object_get_string(get_path(document, "event", "original")),
                        "{\"_id\":\"x\"}");
    tags = get_path(document, "tags", NULL);
    assert_string_equal(json_object_get_string(json_object_array_get_idx(tags, 0)),
                        "preserve_original_event");
    json_object_put(document);
}

/* An error document keeps its original though nobody asked. */
static void test_original_of_an_error_stays(void **state)
{
    struct json_object *document;
    struct cxd_error err;

    (void)state;
    assert_int_equal(map_message(NULL, "{\"action_file_size\":\"x\"}", &document, NULL, &err),
                     CXD_OK);
    assert_non_null(get_path(document, "event", "original"));
    assert_string_equal(json_object_get_string(get_path(document, "event", "kind")),
                        "pipeline_error");
    json_object_put(document);
}

static void test_malformed_goes_to_the_dead_letters(void **state)
{
    static const char *const messages[] = {"",    "{",       "{}x", "[1]",        "42",
                                           "{,}", "{\"a\"}", "nul", "{\"a\":01}", NULL};
    struct json_object *document;
    struct cxd_error err;

    (void)state;
    for (size_t i = 0; i < sizeof messages / sizeof messages[0]; i++) {
        int status = map_message(NULL, messages[i], &document, NULL, &err);
        assert_null(document);
        assert_int_equal(status, CXD_MALFORMED);
        assert_int_equal(err.status, CXD_MALFORMED);
        assert_string_not_equal(err.text, "");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_descriptor),
        cmocka_unit_test(test_wrong_options_are_refused),
        cmocka_unit_test(test_every_data_stream_opens),
        cmocka_unit_test(test_id_is_the_digest_of_the_record),
        cmocka_unit_test(test_original_is_dropped_unless_asked_for),
        cmocka_unit_test(test_original_of_an_error_stays),
        cmocka_unit_test(test_malformed_goes_to_the_dead_letters),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
