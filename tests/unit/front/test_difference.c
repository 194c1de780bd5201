/* test_difference.c: what another policy would change: each member that has effect is seen, the way it is written is not. */
#include "../pipeline/rig.h"

#include "base/arena.h"
#include "front/run/difference.h"

static char folder[64];
static char modules[512];
static const char *module_paths[] = {modules, NULL};
static struct arena *arena;
static const struct agent_options options = {.module_paths = module_paths, .is_check = 1};

static int setup(void **state)
{
    (void)state;
    folder_make(folder);
    (void)snprintf(modules, sizeof modules, "%s/tests/modules/good", getenv("CXD_BUILD_DIR"));
    arena = arena_new(4096, 1 << 22);
    return arena == NULL;
}

static int teardown(void **state)
{
    (void)state;
    arena_free(arena);
    folder_remove(folder);
    return 0;
}

static struct plan *plan_of(const char *text)
{
    struct conf *root = NULL;
    struct plan *plan = NULL;
    struct cxd_error err = CXD_ERROR_INIT;

    if (conf_read_text("p.yml", text, strlen(text), arena, &root, &err) != CXD_OK ||
        plan_read(root, arena, NULL, &plan, &err) != CXD_OK) {
        fail_msg("%s", err.text);
    }
    return plan;
}

static struct agent *agent_of(const char *text)
{
    struct cxd_error err = CXD_ERROR_INIT;
    struct agent *a = NULL;

    if (agent_open(plan_of(text), &options, &a, &err) != CXD_OK) {
        fail_msg("%s", err.text);
    }
    return a;
}

static void line_add(void *owner, const struct difference *d)
{
    static const char *const words[] = {"new", "changed", "gone", "same"};
    char *text = owner;
    size_t len = strlen(text);

    (void)snprintf(text + len, 400 - len, "%s %s %s%s%s\n", d->kind, d->id, words[d->what],
                   d->aspect != NULL ? " " : "", d->aspect != NULL ? d->aspect : "");
}

static void expect(const char *now, const char *next, const char *wanted)
{
    struct agent *a = agent_of(now);
    struct agent *b = agent_of(next);
    char got[400] = "";

    difference_units(a, b, line_add, got);
    assert_string_equal(got, wanted);
    agent_close(a);
    agent_close(b);
}

#define OUT "outputs: {default: {type: lines, path: /tmp/x}}\n"

static void test_added_removed_reordered(void **state)
{
    (void)state;
    expect(OUT "inputs: [{id: a, type: ticker, count: 1}, {id: b, type: ticker, count: 1}]\n",
           OUT "inputs: [{id: c, type: ticker, count: 1}, {id: a, type: ticker, count: 1}]\n",
           "output default same\ninput c new\ninput a same\ninput b gone\n");
    expect("outputs: {one: {type: lines, path: /tmp/x}, two: {type: lines, path: /tmp/y}}\n"
           "inputs: [{id: a, type: ticker, count: 1, use_output: one},"
           " {id: b, type: ticker, count: 1, use_output: two}]\n",
           "outputs: {two: {type: lines, path: /tmp/z}, three: {type: lines, path: /tmp/x}}\n"
           "inputs: [{id: a, type: ticker, count: 1, use_output: three},"
           " {id: b, type: ticker, count: 1, use_output: two}]\n",
           "output two changed options\noutput three new\noutput one gone\n"
           "input a changed output\ninput b changed output\n");
}

static void test_every_member_of_a_stream(void **state)
{
    static const char *const cases[][2] = {
        {"count: 2", "changed options"},
        {"count: 1, tags: [x]", "changed fields"},
        {"count: 1, data_stream: {namespace: other}", "changed data stream"},
        {"count: 1, data_stream: {dataset: other.one}", "changed data stream"},
        {"count: 1, index: other", "changed data stream"},
        {"count: 1, keep_null: true", "changed fields"},
        {"count: 1, fields: {a: 1}", "changed fields"},
        {"count: 1, processors: [{sieve: {every: 4}}]", "changed processors"},
        {"\"count\": 1", "same"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char next[400];
        char wanted[100];
        (void)snprintf(next, sizeof next, OUT "inputs: [{id: a, type: ticker, %s}]\n", cases[i][0]);
        (void)snprintf(wanted, sizeof wanted, "output default same\ninput a %s\n", cases[i][1]);
        expect(OUT "inputs: [{id: a, type: ticker, count: 1}]\n", next, wanted);
    }
}

static void test_processors_and_their_order(void **state)
{
    static const char now[] = OUT "inputs: [{id: a, type: ticker, count: 1, processors: ["
                                  "{sieve: {every: 4}}, {sieve: {every: 5}}]}]\n";

    (void)state;
    expect(now, now, "output default same\ninput a same\n");
    expect(now,
           OUT "inputs: [{id: a, type: ticker, count: 1, processors: ["
               "{sieve: {every: 5}}, {sieve: {every: 4}}]}]\n",
           "output default same\ninput a changed processors\n");
    expect(now,
           OUT "inputs: [{id: a, type: ticker, count: 1, processors: [{sieve: {every: 4}}]}]\n",
           "output default same\ninput a changed processors\n");
}

static void test_queue_and_backoff_are_the_outputs(void **state)
{
    static const char in[] = "inputs: [{id: a, type: ticker, count: 1}]\n";
    char now[400];
    char next[400];

    (void)state;
    (void)snprintf(now, sizeof now, OUT "%s", in);
    (void)snprintf(next, sizeof next, OUT "%sagent.queue.mem.bytes: 16MiB\n", in);
    expect(now, next, "output default changed queue\ninput a changed output\n");
    (void)snprintf(next, sizeof next,
                   "outputs: {default: {type: lines, path: /tmp/x, backoff.max: 9s}}\n%s", in);
    expect(now, next, "output default changed backoff\ninput a changed output\n");
}

static void test_settings(void **state)
{
    static const char *const cases[][2] = {
        {"agent.path.data: /elsewhere\n", "agent.path.data"},
        {"agent.shutdown_timeout: 9s\n", "agent.shutdown_timeout"},
        {"agent.logging.level: debug\n", "agent.logging.level"},
        {"agent.registry.flush: 77ms\n", "agent.registry.flush"},
    };
    struct plan *now = plan_of(OUT "inputs: [{id: a, type: ticker, count: 1}]\n");

    (void)state;
    assert_null(difference_setting(&now->settings, &now->settings));
    for (size_t i = 0; i < COUNT(cases); i++) {
        char text[400];
        const char *got;
        (void)snprintf(text, sizeof text, OUT "inputs: [{id: a, type: ticker, count: 1}]\n%s",
                       cases[i][0]);
        got = difference_setting(&now->settings, &plan_of(text)->settings);
        assert_non_null(got);
        assert_string_equal(got, cases[i][1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_added_removed_reordered, setup, teardown),
        cmocka_unit_test_setup_teardown(test_every_member_of_a_stream, setup, teardown),
        cmocka_unit_test_setup_teardown(test_processors_and_their_order, setup, teardown),
        cmocka_unit_test_setup_teardown(test_queue_and_backoff_are_the_outputs, setup, teardown),
        cmocka_unit_test_setup_teardown(test_settings, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
