/* test_plan.c: from policy to streams and outputs. */
#include "config/plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define IN "inputs: [{type: gcs, id: a}]\n"
#define OUT "outputs: {default: {type: file, path: /x}}\n"

struct fixture {
    struct arena *arena;
    struct plan *plan;
    struct cxd_error err;
};

static char warned[512];

static void warn(const char *text)
{
    (void)snprintf(warned, sizeof warned, "%s", text);
}

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);

    f->arena = arena_new(4096, 1u << 20);
    warned[0] = '\0';
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

static int read_plan(struct fixture *f, const char *text)
{
    struct conf *root = NULL;

    f->err = (struct cxd_error)CXD_ERROR_INIT;
    assert_int_equal(conf_read_text("p.yml", text, strlen(text), f->arena, &root, &f->err), CXD_OK);
    return plan_read(root, f->arena, warn, &f->plan, &f->err);
}

static void test_the_shape_of_a_standalone_policy(void **state)
{
    struct fixture *f = *state;
    const struct plan_stream *s;

    assert_int_equal(
        read_plan(f, OUT "inputs:\n"
                         "- id: i\n"
                         "  type: gcs\n"
                         "  data_stream.namespace: prod\n"
                         "  processors: [{add_tags: {tags: x}}]\n"
                         "  streams:\n"
                         "  - id: s1\n"
                         "    data_stream: {dataset: panw_cortex_xdr.event, type: logs}\n"
                         "    tags: [forwarded, \"a\\\"b\"]\n"
                         "    preserve_original_event: true\n"
                         "  - {enabled: false, id: s2}\n"
                         "  - data_stream.dataset: other\n"
                         "    processors: [{drop_event: ~}]\n"
                         "agent: {queue.mem.bytes: 4MiB, shutdown_timeout: 5s, path.data: /d}\n"),
        CXD_OK);
    s = f->plan->streams;
    assert_string_equal(s->id, "s1");
    assert_string_equal(s->type, "gcs");
    assert_string_equal(s->index, "logs-panw_cortex_xdr.event-prod");
    assert_string_equal(
        s->data_stream,
        "{\"type\":\"logs\",\"dataset\":\"panw_cortex_xdr.event\",\"namespace\":\"prod\"}");
    assert_string_equal(s->tags, "[\"forwarded\",\"a\\\"b\",\"preserve_original_event\"]");
    assert_string_equal(s->mapping, "event");
    assert_string_equal(s->processors->type, "add_tags");
    assert_null(s->processors->next);
    s = s->next;
    assert_string_equal(s->id, "i-2");
    assert_string_equal(s->index, "logs-other-prod");
    assert_null(s->mapping);
    assert_string_equal(s->processors->next->type, "drop_event");
    assert_null(s->processors->next->conf);
    assert_null(s->next);
    assert_int_equal(f->plan->settings.queue_bytes, 4 << 20);
    assert_int_equal(f->plan->settings.shutdown_ms, 5000);
    assert_string_equal(f->plan->settings.data_path, "/d");
    assert_int_equal(f->plan->outputs->is_used, 1);
}

static void test_mapping_can_be_left_to_the_cluster(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(
        read_plan(
            f, OUT
            "inputs: [{type: gcs, mapping: ingest, data_stream.dataset: panw_cortex_xdr.event}]"),
        CXD_OK);
    assert_null(f->plan->streams->mapping);
    assert_int_equal(read_plan(f, OUT "inputs: [{type: gcs, data_stream.dataset: "
                                      "panw_cortex_xdr.event, processors: [{ecs: {}}]}]"),
                     CXD_OK);
    assert_null(f->plan->streams->mapping); /* the policy's own stands in the chain */
}

static void refused(struct fixture *f, const char *text, const char *says)
{
    assert_int_equal(read_plan(f, text), CXD_CONFIG);
    if (strstr(f->err.text, says) == NULL) {
        fail_msg("expected \"%s\" in \"%s\"", says, f->err.text);
    }
}

static void test_refusals(void **state)
{
    struct fixture *f = *state;

    refused(f, "inputs: []\n", "expected outputs:");
    refused(f, "outputs: {default: {hosts: x}}\n", "output \"default\" needs a type");
    refused(f, OUT, "expected inputs:");
    refused(f, OUT "inputs: []\n", "nothing to collect");
    refused(f, OUT "inputs: [{id: a}]\n", "input: expected keys with a type");
    refused(f, OUT "inputs:\n- {type: gcs, id: a}\n- {type: gcs, id: a}\n",
            "p.yml:4: id \"a\" is used twice, first in line 3");
    refused(f, OUT "inputs: [{type: gcs, use_output: nope}]\n", "there is no output \"nope\"");
    refused(f, OUT "inputs: [{type: gcs, data_stream.dataset: 'A b'}]\n",
            "data_stream.dataset \"A b\"");
    refused(f, OUT "inputs: [{type: gcs, data_stream.namespace: '../x'}]\n",
            "data_stream.namespace");
    refused(f, OUT "inputs: [{type: gcs, mapping: here}]\n", "expected edge or ingest");
    refused(f, OUT "inputs: [{type: gcs, processors: {a: 1}}]\n", "processors: expected a list");
    refused(f, OUT "inputs: [{type: gcs, processors: [{a: 1, b: 2}]}]\n", "one processor per item");
    refused(f, OUT "agent: {queue.mem.bytes: tiny}\ninputs: [{type: gcs}]\n",
            "agent.queue.mem.bytes: expected a size");
    refused(f, "outputs: {default: {type: file, enabled: false}}\ninputs: [{type: gcs}]\n",
            "not enabled");
}

static void test_an_unknown_key_is_a_warning_with_its_line(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(read_plan(f, OUT "ouputs: 1\ninputs: [{type: gcs}]\n"), CXD_OK);
    assert_string_equal(warned, "p.yml:2: key \"ouputs\" is not known and ignored");
}

static void test_where_documents_wait(void **state)
{
    struct fixture *f = *state;
    const struct plan_queue *q;

    assert_int_equal(read_plan(f, OUT IN), CXD_OK);
    q = &f->plan->outputs->queue;
    assert_int_equal(q->disk_bytes, 0);
    assert_int_equal(q->mem_bytes, 8 << 20);
    assert_int_equal(q->batch_bytes, 1 << 20);
    assert_int_equal(q->flush_ms, 1000);
    assert_int_equal(
        read_plan(f, OUT IN "agent: {queue.disk: {max_size: 10GiB, path: /q, key_file: /k}}"),
        CXD_OK);
    q = &f->plan->outputs->queue;
    assert_int_equal(q->disk_bytes, (int64_t)10 << 30);
    assert_int_equal(q->segment_bytes, 64 << 20);
    assert_string_equal(q->path, "/q");
    assert_string_equal(q->key_file, "/k");
    assert_int_equal(read_plan(f, OUT IN "agent.queue.disk.max_size: 1GiB"), CXD_OK);
    assert_int_equal(f->plan->outputs->queue.disk_bytes, (int64_t)1 << 30);
    assert_int_equal(
        read_plan(f, "outputs: {default: {type: file, path: /x, queue.disk.max_size: 32MiB}}\n" IN
                     "agent: {queue.disk: {max_size: 10GiB, path: /q}}"),
        CXD_OK);
    q = &f->plan->outputs->queue;
    assert_int_equal(q->disk_bytes, 32 << 20);
    assert_int_equal(q->segment_bytes, 2 << 20);
    assert_string_equal(q->path, "/q");
}

static void test_a_queue_on_disk_that_cannot_work_is_refused(void **state)
{
    static const char *const wrong[] = {
        "agent: {queue.disk: {path: /q}}",
        "agent: {queue.disk: {max_size: 1MiB}}",
        "agent: {queue.disk: {max_size: 0}}",
        "agent: {queue.disk: 10GiB}",
        "agent: {queue.disk: {max_size: 64MiB, segment_size: 32MiB}}",
        "agent: {queue.disk: {max_size: 16MiB}, queue.mem: {batch_bytes: 8MiB}}",
        "agent: {queue.disk: {max_size: 1GiB, max_sise: 1}}"};
    struct fixture *f = *state;

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        char text[512];
        (void)snprintf(text, sizeof text, OUT IN "%s", wrong[i]);
        assert_int_equal(read_plan(f, text), CXD_CONFIG);
        assert_non_null(strstr(f->err.text, "queue.disk"));
    }
}

static void test_presets_are_what_the_policy_leaves_open(void **state)
{
    struct fixture *f = *state;
    const struct plan_output *o;

    assert_int_equal(read_plan(f, "outputs: {default: {type: file, preset: throughput}}\n" IN),
                     CXD_OK);
    o = f->plan->outputs;
    assert_string_equal(o->preset->worker, "4");
    assert_int_equal(o->queue.mem_bytes, 32 << 20);
    assert_int_equal(o->queue.batch_bytes, 2 << 20);
    assert_int_equal(read_plan(f, "outputs: {default: {type: file, preset: latency}}\n" IN
                                  "agent: {queue.mem.bytes: 3MiB}"),
                     CXD_OK);
    o = f->plan->outputs;
    assert_int_equal(o->queue.mem_bytes, 3 << 20);
    assert_int_equal(o->queue.batch_bytes, 64 << 10);
    assert_int_equal(o->queue.flush_ms, 100);
    assert_int_equal(read_plan(f, "outputs: {default: {type: file, preset: custom}}\n" IN), CXD_OK);
    assert_null(f->plan->outputs->preset);
    assert_int_equal(read_plan(f, "outputs: {default: {type: file, preset: fast}}\n" IN),
                     CXD_CONFIG);
}

static void test_where_the_status_is_served(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(read_plan(f, OUT IN), CXD_OK);
    assert_null(f->plan->settings.monitor_host);
    assert_int_equal(read_plan(f, OUT IN "agent.monitoring.http.enabled: true\n"), CXD_OK);
    assert_string_equal(f->plan->settings.monitor_host, "localhost");
    assert_int_equal(f->plan->settings.monitor_port, 6791);
    assert_int_equal(
        read_plan(f,
                  OUT IN "agent: {monitoring: {http: {enabled: yes, host: 127.0.0.1, port: 0}}}\n"),
        CXD_OK);
    assert_string_equal(f->plan->settings.monitor_host, "127.0.0.1");
    assert_int_equal(f->plan->settings.monitor_port, 0);
    assert_int_equal(read_plan(f, OUT IN "agent.monitoring.http.enabled: maybe\n"), CXD_CONFIG);
    assert_int_equal(read_plan(f, OUT IN "agent.monitoring.http.port: 70000\n"), CXD_CONFIG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_the_shape_of_a_standalone_policy, setup, teardown),
        cmocka_unit_test_setup_teardown(test_where_the_status_is_served, setup, teardown),
        cmocka_unit_test_setup_teardown(test_mapping_can_be_left_to_the_cluster, setup, teardown),
        cmocka_unit_test_setup_teardown(test_where_documents_wait, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_queue_on_disk_that_cannot_work_is_refused, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_presets_are_what_the_policy_leaves_open, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_refusals, setup, teardown),
        cmocka_unit_test_setup_teardown(test_an_unknown_key_is_a_warning_with_its_line, setup,
                                        teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
