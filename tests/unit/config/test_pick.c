/* test_pick.c: a policy as Fleet exports it: what is left out, what is warned of, what is quiet. */
#include "config/plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define OUT "outputs: {default: {type: file, path: /x}}\n"

static struct arena *arena;
static struct plan *plan;
static struct cxd_error err;
static char warned[2048];

static void warn(const char *text)
{
    size_t at = strlen(warned);

    (void)snprintf(warned + at, sizeof warned - at, "%s\n", text);
}

static int setup(void **state)
{
    (void)state;
    arena = arena_new(4096, 1u << 20);
    warned[0] = '\0';
    plan = NULL;
    err = (struct cxd_error)CXD_ERROR_INIT;
    return arena == NULL;
}

static int teardown(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

static int read_plan(const char *text)
{
    struct conf *root = NULL;
    int r = conf_read_text("p.yml", text, strlen(text), arena, &root, &err);

    return r != CXD_OK ? r : plan_read(root, arena, warn, &plan, &err);
}

static size_t streams(void)
{
    size_t n = 0;

    for (const struct plan_stream *s = plan->streams; s != NULL; s = s->next) {
        n++;
    }
    return n;
}

static void test_an_export_of_fleet_is_read_without_a_word(void **state)
{
    static const char text[] =
        "id: 5b1b0aa0-6b5b-11ee-8c99-0242ac120002\n"
        "revision: 12\n"
        "outputs:\n"
        "  default: {type: elasticsearch, hosts: ['https://es:9200'], api_key: '${CXD_PICK_KEY}'}\n"
        "output_permissions: {default: {uuid: {indices: [{names: [logs-x], privileges: [a]}]}}}\n"
        "agent:\n"
        "  download: {sourceURI: 'https://artifacts'}\n"
        "  monitoring: {enabled: true, logs: true, use_output: default}\n"
        "  features: {fqdn: {enabled: false}}\n"
        "  protection: {enabled: false, uninstall_token_hash: '', signing_key: ''}\n"
        "signed: {data: '', signature: ''}\n"
        "secret_references: []\n"
        "namespaces: []\n"
        "fleet: {hosts: ['https://fleet:8220']}\n"
        "inputs:\n"
        "  - id: httpjson-panw\n"
        "    revision: 3\n"
        "    name: panw-1\n"
        "    type: httpjson\n"
        "    data_stream: {namespace: prod}\n"
        "    use_output: default\n"
        "    package_policy_id: x\n"
        "    meta: {package: {name: panw_cortex_xdr, version: 2.0.0}}\n"
        "    streams:\n"
        "      - id: httpjson-alerts\n"
        "        data_stream: {dataset: panw_cortex_xdr.alerts, type: logs}\n"
        "        condition: ${host.platform} == 'linux' and not ${env.CXD_PICK_NOT} == 'x'\n"
        "        request.url: 'https://api'\n"
        "      - id: httpjson-incidents\n"
        "        condition: ${host.platform} == 'windows'\n"
        "        data_stream: {dataset: panw_cortex_xdr.incidents}\n";

    (void)state;
    assert_int_equal(setenv("CXD_PICK_KEY", "id:key", 1), 0);
    if (read_plan(text) != CXD_OK) {
        fail_msg("%s", err.text);
    }
    assert_string_equal(warned, "");
    assert_int_equal(streams(), 1);
    assert_string_equal(plan->streams->index, "logs-panw_cortex_xdr.alerts-prod");
    assert_int_equal(plan_stream_skip("condition"), 1);
}

static void test_a_variable_without_value_leaves_its_input_out(void **state)
{
    (void)state;
    assert_int_equal(read_plan(OUT
                               "inputs:\n"
                               "  - {id: a, type: gcs, project_id: '${env.CXD_PICK_NOT}'}\n"
                               "  - id: b\n"
                               "    type: gcs\n"
                               "    streams: [{enabled: false, x: '${CXD_PICK_NOT}'}, {id: c}]\n"),
                     CXD_OK);
    assert_int_equal(streams(), 1);
    assert_string_equal(plan->streams->id, "c");
    assert_non_null(strstr(warned, "p.yml:3: input \"a\" is left out: variable "
                                   "${env.CXD_PICK_NOT} has no value"));
}

static void test_in_outputs_it_is_an_error(void **state)
{
    (void)state;
    assert_int_equal(read_plan("outputs: {default: {type: file, path: '${CXD_PICK_NOT}'}}\n"
                               "inputs: [{id: a, type: gcs}]\n"),
                     CXD_CONFIG);
    assert_non_null(strstr(err.text, "p.yml:1: variable ${CXD_PICK_NOT} has no value"));
}

static void test_a_wrong_condition_names_its_line(void **state)
{
    (void)state;
    assert_int_equal(read_plan(OUT "inputs:\n"
                                   "  - id: a\n"
                                   "    type: gcs\n"
                                   "    condition: frob(${host.name})\n"),
                     CXD_CONFIG);
    assert_non_null(strstr(err.text, "p.yml:5: condition, at byte "));
    assert_non_null(strstr(err.text, "there is no function \"frob\""));
}

static void test_no_input_is_a_warning_for_a_fleet(void **state)
{
    (void)state;
    assert_int_equal(read_plan(OUT "inputs: [{id: a, type: gcs, enabled: false}]\n"), CXD_CONFIG);
    assert_int_equal(
        read_plan("id: p\nrevision: 2\n" OUT "inputs: [{id: a, type: gcs, condition: 1 == 2}]\n"),
        CXD_OK);
    assert_null(plan->streams);
    assert_non_null(strstr(warned, "no input is enabled: nothing to collect"));
}

static void test_unknown_keys_are_named_with_their_line(void **state)
{
    (void)state;
    assert_int_equal(read_plan(OUT
                               "frobnicate: 1\n"
                               "agent:\n"
                               "  queue: {mem: {byte: 5}}\n"
                               "  registry.flash: 1s\n"
                               "  modules: {path: /x}\n"
                               "agent.loging.level: debug\n"
                               "secret_references: [{id: x}, {id: y}]\n"
                               "inputs:\n"
                               "  - {id: a, type: gcs, data_stream: {dataset: x, nmespace: y}}\n"),
                     CXD_OK);
    assert_non_null(strstr(warned, "p.yml:2: key \"frobnicate\" is not known"));
    assert_non_null(strstr(warned, "p.yml:4: key \"agent.queue.mem.byte\" is not known"));
    assert_non_null(strstr(warned, "p.yml:5: key \"agent.registry.flash\" is not known"));
    assert_non_null(strstr(warned, "p.yml:7: key \"agent.loging.level\" is not known"));
    assert_non_null(strstr(warned, "p.yml:10: key \"data_stream.nmespace\" is not known"));
    assert_non_null(strstr(warned, "p.yml:8: secret_references: 2 secrets are known to Fleet"));
    assert_null(strstr(warned, "modules"));
    warned[0] = '\0';
    (void)read_plan("outputs: {default: {type: file}}\n"
                    "inputs: [{type: gcs}]\nproviders:\n"
                    "  kubernetes: {enabled: false}\n  docker: {host: x}\n  local.vars: {a: 1}\n");
    assert_string_equal(warned, "p.yml:5: providers.docker: not one of this agent's; its variables "
                                "have no value\n");
}

static void test_variables_follow_the_agents_rules(void **state)
{
    static const char *const rows[][2] = {
        {"${CXD_PICK_NOT|'a|b:c}d'}", "a|b:c}d"},
        {"${CXD_PICK_NOT|\"it's\"}x", "it'sx"},
        {"${CXD_PICK_NOT|'a\\'b'}", "a'b"},
        {"${CXD_PICK_NOT:de:fault}", "de:fault"},
        {"${CXD_PICK_NOT:'x}y'}", "x}y"},
        {"$${env.X} ${ env.CXD_PICK_SET }", "${env.X} v"},
        {"${host.platform}", "linux"},
    };

    (void)state;
    assert_int_equal(setenv("CXD_PICK_SET", "v", 1), 0);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *text = NULL;
        size_t len = 0;
        if (conf_expand(rows[i][0], strlen(rows[i][0]), arena, &text, &len, &err) != CXD_OK ||
            strcmp(text, rows[i][1]) != 0) {
            fail_msg("%s: %s %s", rows[i][0], text != NULL ? text : "", err.text);
        }
    }
}

static void test_the_agents_own_id(void **state)
{
    const char *text = NULL;
    size_t len = 0;

    (void)state;
    assert_int_equal(conf_expand("${agent.id}", 11, arena, &text, &len, &err), CXD_NOT_FOUND);
    conf_agent_id_set("0b1c");
    assert_int_equal(conf_expand("${agent.id}", 11, arena, &text, &len, &err), CXD_OK);
    assert_string_equal(text, "0b1c");
    conf_agent_id_set(NULL);
}

int main(void)
{
#define EACH(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    static const struct CMUnitTest tests[] = {
        EACH(test_an_export_of_fleet_is_read_without_a_word),
        EACH(test_a_variable_without_value_leaves_its_input_out),
        EACH(test_in_outputs_it_is_an_error),
        EACH(test_a_wrong_condition_names_its_line),
        EACH(test_no_input_is_a_warning_for_a_fleet),
        EACH(test_unknown_keys_are_named_with_their_line),
        EACH(test_variables_follow_the_agents_rules),
        EACH(test_the_agents_own_id),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
