/* test_keys.c: what is told of the agent's own keys is what reads them. */
#include "config/plan.h"
#include "config/plan_keys.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define REST "\noutputs: {default: {type: file}}\ninputs: [{type: gcs}]\n"

static char warned[512];

static void warn(const char *text)
{
    (void)snprintf(warned, sizeof warned, "%s", text);
}

static struct plan_settings settings_of(struct arena *arena, const char *text)
{
    struct cxd_error err = CXD_ERROR_INIT;
    struct conf *root = NULL;
    struct plan *plan = NULL;

    warned[0] = '\0';
    assert_int_equal(conf_read_text("p.yml", text, strlen(text), arena, &root, &err), CXD_OK);
    if (plan_read(root, arena, warn, &plan, &err) != CXD_OK) {
        fail_msg("%s", err.text);
    }
    assert_string_equal(warned, "");
    return plan->settings;
}

static void is_same(const struct plan_settings *a, const struct plan_settings *b)
{
    assert_string_equal(a->data_path, b->data_path);
    assert_int_equal(a->monitor_port, b->monitor_port);
    assert_int_equal(a->queue_bytes, b->queue_bytes);
    assert_int_equal(a->batch_bytes, b->batch_bytes);
    assert_int_equal(a->shutdown_ms, b->shutdown_ms);
    assert_int_equal(a->probation_ms, b->probation_ms);
    assert_int_equal(a->registry_flush_ms, b->registry_flush_ms);
    assert_int_equal(a->dead_bytes, b->dead_bytes);
    assert_int_equal(a->queue.disk_bytes, b->queue.disk_bytes);
}

static void test_defaults_are_those_that_are_filled_in(void **state)
{
    struct arena *arena = arena_new(4096, 16u << 20);
    struct plan_settings usual = settings_of(arena, REST);
    char text[400];

    (void)state;
    for (const struct cxd_option *row = plan_keys(PLAN_AGENT); row->name != NULL; row++) {
        struct plan_settings said;
        if (row->default_value != NULL) {
            (void)snprintf(text, sizeof text, "agent: {%s: \"%s\"}" REST, row->name,
                           row->default_value);
            said = settings_of(arena, text);
            is_same(&usual, &said);
        }
    }
    arena_free(arena);
}

static void is_skipped(enum plan_place place, int (*is_agents)(const char *path))
{
    for (const struct cxd_option *row = plan_keys(place); row->name != NULL; row++) {
        char top[80];
        (void)snprintf(top, sizeof top, "%.*s", (int)strcspn(row->name, "."), row->name);
        if (!is_agents(top)) {
            fail_msg("%s would be given to the module", row->name);
        }
    }
}

static void test_no_key_is_given_to_a_module(void **state)
{
    (void)state;
    is_skipped(PLAN_STREAM, plan_stream_skip);
    is_skipped(PLAN_OUTPUT, plan_output_skip);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults_are_those_that_are_filled_in),
        cmocka_unit_test(test_no_key_is_given_to_a_module),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
