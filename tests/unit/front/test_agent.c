/* test_agent.c: a plan brought to life with a third party's modules: it runs, adds up, stops, and what is wrong starts nothing. */
#include "../pipeline/rig.h"

#include "base/arena.h"
#include "base/scan.h"
#include "front/run/agent.h"

#include <sys/stat.h>

static char folder[64];
static char modules[512];
static const char *module_paths[] = {modules, NULL};
static struct arena *arena;

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

/* Output "lines" into the folder; `more` behind the policy's fixed part. */
static struct plan *plan_with(const char *more)
{
    char text[2048];

    (void)snprintf(text, sizeof text, "outputs: {default: {type: lines, path: %s/lines.txt}}\n%s",
                   folder, more);
    return plan_of(text);
}

static int open_agent(const struct plan *plan, struct agent **ret_agent, struct cxd_error *err)
{
    const struct agent_options options = {
        .data_path = folder, .module_paths = module_paths, .is_once = 1};

    *ret_agent = NULL;
    return agent_open(plan, &options, ret_agent, err);
}

static void test_from_plan_to_lines(void **state)
{
    static const atomic_int hurry;
    struct plan *plan =
        plan_with("inputs:\n"
                  "- {id: 'a\"a', type: ticker, count: 100, processors: [{sieve: {every: 4}}]}\n"
                  "- {id: b, type: ticker, count: 50}\n");
    struct cxd_error err = CXD_ERROR_INIT;
    struct agent_tally tally;
    struct cxd_value value;
    struct scan_fault fault;
    struct agent *a;
    char *text;
    int has_failed;

    (void)state;
    assert_int_equal(open_agent(plan, &a, &err), CXD_OK);
    assert_int_equal(agent_start(a, NULL, &err), CXD_OK);
    WAIT_FOR(agent_has_ended(a, &has_failed));
    assert_false(has_failed);
    assert_int_equal(agent_stop(a, &hurry, &err), CXD_OK);
    agent_tally(a, &tally);
    assert_int_equal(tally.collected, 150);
    assert_int_equal(tally.dropped, 25);
    assert_int_equal(tally.delivered, 125);
    assert_int_equal(tally.dead, 0);
    assert_int_equal(tally.held, 0);
    text = agent_report(a);
    assert_non_null(text);
    assert_int_equal(scan_value((struct cxd_bytes){text, strlen(text)}, &value, &fault), CXD_OK);
    assert_non_null(strstr(text, "\"id\":\"a\\\"a\""));
    free(text);
    agent_close(a);
    text = file_slurp(folder, "lines.txt", NULL);
    assert_int_equal(lines_count(text), 125);
    free(text);
    agent_close(NULL);
}

static void test_one_agent_for_a_folder(void **state)
{
    struct plan *plan = plan_with("inputs: [{type: ticker, count: 1}]\n");
    struct cxd_error err = CXD_ERROR_INIT;
    struct agent *one;
    struct agent *two;

    (void)state;
    assert_int_equal(open_agent(plan, &one, &err), CXD_OK);
    assert_int_equal(open_agent(plan, &two, &err), CXD_EXISTS);
    assert_null(two);
    assert_non_null(strstr(err.text, "cortexd.lock"));
    agent_close(one);
    assert_int_equal(open_agent(plan, &two, &err), CXD_OK);
    agent_close(two);
}

static void test_what_cannot_work_touches_nothing(void **state)
{
    static const char *const cases[][2] = {
        {"inputs: [{type: tocker}]\n", "p.yml:2: there is no input module of type \"tocker\""},
        {"inputs: [{type: ticker}]\n", "p.yml:2: input ticker needs the option \"count\""},
        {"inputs: [{type: ticker, count: many}]\n", "p.yml:2: option \"count\" of input ticker"},
        {"inputs: [{type: ticker, count: 1, processors: [{sieve: {every: 0}}]}]\n",
         "processor sieve: every: expected 1 or more"},
        {"inputs: [{type: ticker, count: 1, processors: [{magic: {}}]}]\n",
         "p.yml:2: there is no processor \"magic\""},
        {"inputs: [{type: ticker, count: 1, pipeline: p}]\n",
         "p.yml:2: pipeline: output \"default\" (lines) cannot carry"},
        {"inputs: [{type: ticker, count: 1, index: '%{[x]}'}]\n",
         "p.yml:2: index: \"%{[x]}\" is not known"},
        {"inputs: [{type: ticker, count: 1}]\nagent.modules.path: /none\n",
         "module folder /none: No such file"},
        {"inputs: [{type: ticker, count: 1}]\nagent.modules.path: [{a: b}]\n",
         "p.yml:3: agent.modules.path: expected folders"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct cxd_error err = CXD_ERROR_INIT;
        struct agent *a;
        int r = open_agent(plan_with(cases[i][0]), &a, &err);
        if (r >= 0 || strstr(err.text, cases[i][1]) == NULL) {
            fail_msg("got %d \"%s\", wanted \"%s\"", r, err.text, cases[i][1]);
        }
        assert_null(a);
        assert_null(file_slurp(folder, "cortexd.lock", NULL));
        assert_null(file_slurp(folder, "agent.id", NULL));
    }
}

static void test_an_output_that_cannot_open(void **state)
{
    struct cxd_error err = CXD_ERROR_INIT;
    struct agent *a;

    (void)state;
    assert_true(open_agent(plan_of("outputs: {o: {type: lines, path: /proc/none/x}}\n"
                                   "inputs: [{type: ticker, count: 1, use_output: o}]\n"),
                           &a, &err) < 0);
    assert_null(a);
    assert_string_equal(err.text, "output o: path /proc/none/x: cannot be written");
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(test_from_plan_to_lines),
        CASE(test_one_agent_for_a_folder),
        CASE(test_what_cannot_work_touches_nothing),
        CASE(test_an_output_that_cannot_open),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
