/* test_refuse.c: what a person may get wrong in a policy: each is an error with its place, none is passed over in silence. */
#include "config/option.h"
#include "config/plan.h"
#include "io/doc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define OUT "outputs: {default: {type: file, path: /x}}\n"
#define IN "inputs: [{type: gcs}]\n"

static const struct cxd_option children[] = {
    {"name", CXD_OPTION_STRING, CXD_OPTION_REQUIRED, NULL, "Name", NULL}, {0}};
static const struct cxd_option table[] = {
    {"buckets", CXD_OPTION_GROUP_LIST, CXD_OPTION_REQUIRED, NULL, "the buckets", children},
    {"hosts", CXD_OPTION_STRING_LIST, CXD_OPTION_REQUIRED, NULL, "the hosts", NULL},
    {"extra", CXD_OPTION_ANY, 0, NULL, "anything", NULL},
    {0},
};

static int plan_of(const char *text, struct arena *arena, struct plan **ret_plan,
                   struct cxd_error *err)
{
    struct conf *root = NULL;
    int r = conf_read_text("p.yml", text, strlen(text), arena, &root, err);

    return r == CXD_OK ? plan_read(root, arena, NULL, ret_plan, err) : r;
}

static void refused(const char *text, size_t len, const char *words)
{
    struct arena *arena = arena_new(4096, 1 << 22);
    struct cxd_error err = CXD_ERROR_INIT;
    struct conf *root = NULL;
    struct plan *plan = NULL;
    int r = conf_read_text("p.yml", text, len, arena, &root, &err);

    r = r == CXD_OK ? plan_read(root, arena, NULL, &plan, &err) : r;
    if (r >= 0 || strstr(err.text, words) == NULL) {
        fail_msg("got %d \"%s\", wanted \"%s\"", r, err.text, words);
    }
    arena_free(arena);
}

static void test_words_that_are_no_switch(void **state)
{
    static const char *const cases[][2] = {
        {OUT "inputs: [{type: gcs, enabled: flase}]\n", "p.yml:2: enabled: expected true or false"},
        {OUT "inputs:\n- type: gcs\n  streams:\n  - enabled: 1\n",
         "p.yml:5: enabled: expected true or false"},
        {"outputs: {default: {type: file, enabled: nope}}\n" IN,
         "p.yml:1: enabled: expected true or false"},
        {OUT "inputs: [{type: gcs, preserve_original_event: ja}]\n",
         "p.yml:2: preserve_original_event: expected true or false"},
        {OUT "inputs: [{type: gcs, preserve_duplicate_custom_fields: [true]}]\n",
         "p.yml:2: preserve_duplicate_custom_fields: expected true or false"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        refused(cases[i][0], strlen(cases[i][0]), cases[i][1]);
    }
}

static void test_settings_of_the_agent(void **state)
{
    static const char *const cases[][2] = {
        {OUT IN "agent.logging.level: loud\n",
         "p.yml:3: agent.logging.level \"loud\": expected error, warn, info or debug"},
        {OUT IN "agent: {shutdown_timeout: {s: 1}}\n",
         "p.yml:3: agent.shutdown_timeout: expected a duration"},
        {OUT IN "agent: {queue.mem.bytes: 3}\n", "p.yml:3: agent.queue.mem.bytes: expected a size"},
        {OUT IN "agent: {registry: {flush: [1s]}}\n", "p.yml:3: agent.registry.flush: expected"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        refused(cases[i][0], strlen(cases[i][0]), cases[i][1]);
    }
}

static void test_empty_lists_and_nothing(void **state)
{
    static const char *const cases[][2] = {
        {"outputs: {}\n" IN, "p.yml:1: expected outputs: with one output at least"},
        {"outputs:\n" IN, "p.yml:1: expected outputs: with one output at least"},
        {OUT "inputs: []\n", "p.yml:2: no input is enabled: nothing to collect"},
        {OUT "inputs:\n", "p.yml:2: expected inputs: with a list (- type: gcs)"},
        {OUT "inputs: [{type: gcs, streams: []}]\n", "p.yml:2: no input is enabled"},
        {OUT "inputs: [{type: gcs, streams: }]\n", "p.yml:2: streams: expected a list"},
        {OUT "inputs: [{}]\n", "p.yml:2: input: expected keys with a type"},
        {OUT "inputs: [{type: gcs, processors: [{}]}]\n", "p.yml:2: processors: expected one"},
        {OUT "inputs: [{type: gcs, tags: {a: b}}]\n", "p.yml:2: tags: expected texts"},
        {OUT "inputs: [{type: gcs, tags: [[a]]}]\n", "p.yml:2: tags: expected texts"},
        {"", "p.yml:1: expected keys"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        refused(cases[i][0], strlen(cases[i][0]), cases[i][1]);
    }
}

static void test_texts_with_a_nul(void **state)
{
    static const char value[] = OUT "inputs: [{type: \"gcs\\0x\"}]\n";
    static const char key[] = OUT "inputs: [{\"type\\0\": gcs}]\n";

    (void)state;
    refused(value, sizeof value - 1, "p.yml:2: a text with a NUL in it is not accepted");
    refused(key, sizeof key - 1, "p.yml:2: a key with a NUL in it is not accepted");
}

static void test_what_is_left_open_has_its_usual_value(void **state)
{
    struct arena *arena = arena_new(4096, 1 << 22);
    struct cxd_error err = CXD_ERROR_INIT;
    struct plan *plan = NULL;

    (void)state;
    assert_int_equal(plan_of(OUT "inputs:\n- type: gcs\n  enabled:\n  tags: one\n"
                                 "  preserve_original_event: yes\n  processors:\n"
                                 "agent: {shutdown_timeout: , modules.path: }\n",
                             arena, &plan, &err),
                     CXD_OK);
    assert_string_equal(plan->streams->tags, "[\"one\",\"preserve_original_event\"]");
    assert_int_equal(plan->settings.shutdown_ms, 30000);
    assert_null(plan->settings.module_paths);
    assert_null(plan->streams->processors);
    arena_free(arena);
}

static void test_the_agents_own_keys_may_be_dotted(void **state)
{
    (void)state;
    assert_true(plan_stream_skip("data_stream"));
    assert_true(plan_stream_skip("data_stream.dataset"));
    assert_true(plan_stream_skip("meta.package.name"));
    assert_false(plan_stream_skip("data_streams"));
    assert_false(plan_stream_skip("idle"));
    assert_true(plan_output_skip("backoff.init"));
    assert_true(plan_output_skip("queue.mem.events"));
    assert_false(plan_output_skip("typed"));
}

static void option_refused(const char *text, const char *words)
{
    struct arena *arena = arena_new(4096, 1 << 22);
    struct cxd_error err = CXD_ERROR_INIT;
    struct conf *root = NULL;
    struct cxd_builder *doc = NULL;
    struct option_source source = {.owner = "input gcs"};
    int r = conf_read_text("p.yml", text, strlen(text), arena, &root, &err);

    assert_int_equal(r, CXD_OK);
    source.layers[0] = root;
    source.at = root;
    r = option_build(table, &source, &doc, &err);
    if (r >= 0 || strstr(err.text, words) == NULL) {
        fail_msg("got %d \"%s\", wanted \"%s\"", r, err.text, words);
    }
    assert_null(doc);
    arena_free(arena);
}

static void test_a_required_list_is_not_empty(void **state)
{
    (void)state;
    option_refused("hosts: [a]\nbuckets: []\n", "p.yml:2: input gcs needs the option \"buckets\", "
                                                "and not an empty list: the buckets");
    option_refused("hosts: []\nbuckets: [{name: b}]\n",
                   "p.yml:1: input gcs needs the option \"hosts\", and not an empty list");
    option_refused("hosts:\nbuckets: [{name: b}]\n", "input gcs needs the option \"hosts\"");
}

static void test_a_value_too_deep_says_so(void **state)
{
    char text[400] = "hosts: [a]\nbuckets: [{name: b}]\nextra: ";

    (void)state;
    for (int i = 0; i < 40; i++) {
        strncat(text, "[", 2);
    }
    for (int i = 0; i < 40; i++) {
        strncat(text, "]", 2);
    }
    strncat(text, "\n", 2);
    option_refused(text, "p.yml:3: options of input gcs: nested deeper than the limit");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words_that_are_no_switch),
        cmocka_unit_test(test_settings_of_the_agent),
        cmocka_unit_test(test_empty_lists_and_nothing),
        cmocka_unit_test(test_texts_with_a_nul),
        cmocka_unit_test(test_what_is_left_open_has_its_usual_value),
        cmocka_unit_test(test_the_agents_own_keys_may_be_dotted),
        cmocka_unit_test(test_a_required_list_is_not_empty),
        cmocka_unit_test(test_a_value_too_deep_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
