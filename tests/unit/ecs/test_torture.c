/*
 * test_torture.c: every allocation of an instance and of a mapping failing in turn. Each failure is told as such, nothing is
 * left behind, and the same instance maps the next record as if nothing had been.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka needs the four above first */
#include <cmocka.h>

#include "harness/mapper.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TRIES_MAX 2000

/* Documents that together go through every kind of step, the failing ones included. */
static const char *const inputs[] = {
    "{\"tags\":[\"forwarded\"],\"agent\":{\"version\":\"8\"},\"message\":\"{\\\"_id\\\":\\\"a\\\","
    "\\\"action_local_ip\\\":[\\\"1.2.3.4\\\",\\\"x\\\",null],\\\"action_local_port\\\":[1,"
    "\\\"0x10\\\",{}],"
    "\\\"action_file_size\\\":[\\\"1\\\",2],\\\"action_file_create_time\\\":1700000000000,"
    "\\\"action_module_image_size\\\":1e10,\\\"action_file_md5\\\":\\\"\\\\u0041\\\","
    "\\\"action_file_sha256\\\":\\\"\\\\n\\\",\\\"action_process_fds\\\":[null,{\\\"a\\\":["
    "\\\"\\\"]}],"
    "\\\"action_username\\\":{\\\"a\\\":{\\\"b\\\":1}},\\\"os_actor_primary_username\\\":\\\"u\\\","
    "\\\"event_sub_type\\\":\\\"Remote  "
    "Access\\\",\\\"event_timestamp\\\":[\\\"bad\\\",1700000000000],"
    "\\\"agent_interface_map\\\":\\\"eth0-1.2.3.4\\\",\\\"agent_ip_addresses\\\":\\\"5.6.7.8\\\","
    "\\\"host_metadata_hostname\\\":\\\"H\\\\tOST\\\",\\\"host_metadata_domain\\\":\\\"D\\\","
    "\\\"host_metadata_interface_map\\\":[{\\\"ipv4\\\":[\\\"bad\\\",\\\"1.1.1.1\\\"],\\\"ipv6\\\":"
    "[]}],"
    "\\\"os_actor_local_ip\\\":\\\"9.9.9.9\\\",\\\"os_actor_local_port\\\":\\\"77\\\"}\"}",
    "{\"error\":\"x\",\"message\":\"{\\\"unknown\\\":[1],\\\"action_username\\\":\\\"a\\\","
    "\\\"action_registry_data\\\":null,\\\"host_metadata_hostname\\\":5}\"}",
    "{\"panw_cortex\":{\"xdr\":{\"event\":{\"id\":\"there\"}}},\"message\":\"{\\\"_id\\\":1}\"}",
    "{\"message\":\"[1,2]\"}",
    "{\"message\":\"no json\"}",
    "{\"event\":{\"original\":\"{\\\"_id\\\":\\\"x\\\\\\\\ny\\\"}\"},\"tags\":\"one\"}",
};

static const struct harness_option options[] = {
    {.name = "malformed", .text = "document"},
    {.name = "preserve_duplicate_custom_fields", .is_true = 1},
    {0},
};

/* The document as text, or NULL with *ret_status. Fails the n-th allocation of process. */
static char *run(struct mapper *mapper, const char *text, size_t n, int *ret_status,
                 struct cxd_error *err)
{
    struct json_object *input = json_tokener_parse(text);
    struct json_object *document = NULL;
    char *copy = NULL;

    assert_non_null(input);
    mapper->fail_at = n;
    *ret_status = mapper_run(mapper, input, &document, NULL, err);
    harness_fail_at(0);
    if (*ret_status == CXD_OK) {
        copy = strdup(json_object_to_json_string_ext(document, JSON_C_TO_STRING_PLAIN));
        assert_non_null(copy);
    }
    json_object_put(document);
    json_object_put(input);
    return copy;
}

static size_t torture_one(struct mapper *mapper, const char *input)
{
    struct cxd_error err = CXD_ERROR_INIT;
    size_t failed = 0;
    int status;
    char *expected = run(mapper, input, 0, &status, &err);

    assert_int_equal(status, CXD_OK);
    for (size_t n = 1; n < TRIES_MAX; n++) {
        char *text = run(mapper, input, n, &status, &err);
        if (status == CXD_OK) {
            bool is_reached = mapper->asked >= n;
            if (is_reached && strcmp(text, expected) != 0) {
                fail_msg("allocation %zu fails unseen: %s\nexpected: %s", n, text, expected);
            }
            free(text);
            if (!is_reached) {
                break;
            }
            continue;
        }
        assert_int_equal(status, CXD_NOMEM);
        assert_int_equal(err.status, CXD_NOMEM);
        assert_string_not_equal(err.text, "");
        failed++;
        text = run(mapper, input, 0, &status, &err);
        assert_int_equal(status, CXD_OK);
        assert_string_equal(text, expected);
        free(text);
    }
    free(expected);
    return failed;
}

static void test_process(void **state)
{
    struct cxd_error err = CXD_ERROR_INIT;
    struct mapper mapper;
    size_t failed = 0;

    (void)state;
    assert_int_equal(mapper_open(&mapper, options, &err), CXD_OK);
    for (size_t i = 0; i < sizeof inputs / sizeof inputs[0]; i++) {
        size_t of_input = torture_one(&mapper, inputs[i]);
        assert_true(of_input > 0);
        failed += of_input;
    }
    print_message("%zu allocations failed in turn\n", failed);
    mapper_close(&mapper);
    assert_int_equal(harness_held(), 0);
}

static void test_open(void **state)
{
    (void)state;
    for (size_t n = 1; n < 10; n++) {
        struct cxd_error err = CXD_ERROR_INIT;
        struct mapper mapper;
        int status;
        harness_fail_at(n);
        status = mapper_open(&mapper, options, &err);
        mapper_close(&mapper);
        assert_int_equal(harness_held(), 0);
        if (harness_asked() < n) {
            assert_int_equal(status, CXD_OK);
            assert_true(n > 1);
            harness_fail_at(0);
            return;
        }
        assert_int_equal(status, CXD_NOMEM);
    }
    fail();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_process),
        cmocka_unit_test(test_open),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
