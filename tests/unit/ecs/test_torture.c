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

/* The same for alerts of both versions and for incidents. */
static const char *const alerts[] = {
    "{\"tags\":[\"a\"],\"event\":{\"category\":\"x\"},\"message\":\"{\\\"alert_id\\\":{\\\"b\\\":["
    "1.5,null],"
    "\\\"a\\\":\\\"\\\\u0041\\\"},\\\"description\\\":[{\\\"x\\\":null,\\\"y\\\":1}],\\\"name\\\":"
    "\\\"n\\\","
    "\\\"name\\\":\\\"m\\\",\\\"severity\\\":\\\"h\\\\u0069gh\\\",\\\"agent_fqdn\\\":"
    "\\\"H\\\\u0041.X\\\",\\\"mac\\\":"
    "\\\"aa:bb,c\\\\u003ad\\\",\\\"mitre_technique_id_and_name\\\":[\\\"T1 - \\\\u0041\\\",\\\"T2 "
    "- B\\\"],\\\"tags\\\":"
    "[\\\"t\\\",{\\\"a\\\":[1]}],\\\"detection_timestamp\\\":1,\\\"events\\\":{\\\"event_"
    "timestamp\\\":\\\"5\\\","
    "\\\"action_remote_ip\\\":\\\"x\\\",\\\"action_remote_port\\\":[\\\"0x10\\\"],\\\"action_local_"
    "ip\\\":[\\\"1.1.1.1\\\"],"
    "\\\"action_registry_data\\\":\\\"d\\\",\\\"user_name\\\":\\\"u\\\\u0040x.y\\\",\\\"fw_email_"
    "sender\\\":[\\\"a\\\",{"
    "\\\"b\\\":\\\"\\\\n\\\"}],\\\"action_file_md5\\\":[\\\"f\\\"],\\\"user_name\\\":\\\"v@x.y\\\"}"
    "}\"}",
    "{\"_conf\":{\"api\":\"v2\"},\"message\":\"{\\\"event_timestamp\\\":[1],\\\"agent_host_boot_"
    "time\\\":[\\\"x\\\"],"
    "\\\"detection_timestamp\\\":[\\\"y\\\"],\\\"case_id\\\":[\\\"07\\\"],\\\"filter_rule_id\\\":["
    "1,{\\\"a\\\":[null,2]}],"
    "\\\"mac_addresses\\\":[\\\"aa:bb\\\"],\\\"agent_is_vdi\\\":[\\\"TRUE\\\",false],\\\"action_"
    "remote_ip\\\":[\\\"1.1.1.1\\\","
    "\\\"x\\\"],\\\"action_local_ip\\\":[\\\"1.1.1.1\\\"],\\\"action_file_md5\\\":[\\\"a\\\","
    "\\\"b\\\"],\\\"user_name\\\":["
    "\\\"a@b.c\\\"],\\\"fw_email_sender\\\":\\\"s\\\",\\\"tags\\\":[\\\"preserve_duplicate_custom_"
    "fields\\\"]}\"}",
    "{\"_conf\":{\"api\":\"v2\"},\"user\":{\"name\":[\"x\"],\"r\":{\"s\":1}},\"source\":\"s\","
    "\"message\":\"{"
    "\\\"action_local_ip\\\":[\\\"1.1.1.1\\\"]}\"}",
    "{\"event\":{\"action\":\"a\"},\"_conf\":{\"api\":\"v2\"},\"message\":\"{\\\"action\\\":"
    "\\\"b\\\"}\"}",
    "{\"message\":\"{\\\"reply\\\":{\\\"result_count\\\":1}}\"}",
    "{\"organization\":\"o\",\"division\":\"d\",\"team\":\"t\",\"message\":\"no json\"}",
};

static const char *const incidents[] = {
    "{\"user\":{\"name\":[\"n\"]},\"host\":{\"name\":\"h\"},\"message\":\"{\\\"creation_time\\\":"
    "1691881319461,"
    "\\\"incident_id\\\":\\\"7\\\",\\\"modification_time\\\":\\\"5\\\",\\\"hosts\\\":[\\\"a:b\\\","
    "\\\"\\\\u0041:c\\\"],"
    "\\\"users\\\":[\\\"D\\\\\\\\u\\\"],\\\"mitre_tactics_ids_and_names\\\":[\\\"TA1 - "
    "B\\\"],\\\"tags\\\":[\\\"t\\\",null],"
    "\\\"x\\\":[null,{\\\"y\\\":\\\"\\\"}]}\"}",
    "{\"message\":\"{\\\"creation_time\\\":0,\\\"hosts\\\":[5],\\\"x\\\":null}\"}",
    "{\"message\":\"{\\\"modification_time\\\":0}\"}",
};

static const struct harness_option alert_options[] = {
    {.name = "data_stream", .text = "alerts"},
    {.name = "malformed", .text = "document"},
    {0},
};

static const struct harness_option incident_options[] = {
    {.name = "data_stream", .text = "incidents"},
    {.name = "malformed", .text = "document"},
    {.name = "preserve_original_event", .is_true = 1},
    {0},
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

static void torture_all(const struct harness_option *with, const char *const *of, size_t count)
{
    struct cxd_error err = CXD_ERROR_INIT;
    struct mapper mapper;
    size_t failed = 0;

    assert_int_equal(mapper_open(&mapper, with, &err), CXD_OK);
    for (size_t i = 0; i < count; i++) {
        size_t of_input = torture_one(&mapper, of[i]);
        assert_true(of_input > 0);
        failed += of_input;
    }
    print_message("%zu allocations failed in turn\n", failed);
    mapper_close(&mapper);
    assert_int_equal(harness_held(), 0);
}

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static void test_process(void **state)
{
    (void)state;
    torture_all(options, inputs, COUNT(inputs));
}

static void test_alerts(void **state)
{
    (void)state;
    torture_all(alert_options, alerts, COUNT(alerts));
}

static void test_incidents(void **state)
{
    (void)state;
    torture_all(incident_options, incidents, COUNT(incidents));
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
        cmocka_unit_test(test_alerts),
        cmocka_unit_test(test_incidents),
        cmocka_unit_test(test_open),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
