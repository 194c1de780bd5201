/*
 * test_torture_agent.c: the n-th allocation fails, for every n, from the text of a policy to an agent ready to start: reading,
 * plan, modules, options, state. Each time one error with words, nothing left behind (AddressSanitizer looks), and the next
 * start finds the state folder good.
 */
#include "../pipeline/rig.h"

#include "../io/starve.h"
#include "base/arena.h"
#include "base/log.h"
#include "base/redact.h"
#include "front/run/agent.h"

static char folder[64];
static char modules[512];
static const char *module_paths[] = {modules, NULL};

static int setup(void **state)
{
    (void)state;
    folder_make(folder);
    (void)snprintf(modules, sizeof modules, "%s/tests/modules/good", getenv("CXD_BUILD_DIR"));
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    redact_clear();
    folder_remove(folder);
    return 0;
}

static const char *policy_text(void)
{
    static char text[2048];

    (void)snprintf(text, sizeof text,
                   "outputs:\n"
                   "  default: &o {type: lines, path: \"%s/lines.txt\"}\n"
                   "  files: {type: file, path: %s/files}\n"
                   "inputs:\n"
                   "- {id: a, type: ticker, count: 3, tags: [x, y], processors: [{sieve: }, "
                   "{sieve: {every: 2}}]}\n"
                   "- type: gcs\n"
                   "  id: b\n"
                   "  use_output: files\n"
                   "  streams:\n"
                   "  - project_id: ${env.NOT_THERE:p}\n"
                   "    auth.credentials_json.account_key: \"{secret-key}\"\n"
                   "    data_stream.dataset: panw_cortex_xdr.event\n"
                   "    buckets: [{name: b1}, {name: b2}]\n"
                   "agent: {modules.path: [%s], shutdown_timeout: 1s}\n",
                   folder, folder, modules);
    return text;
}

static int whole_way(struct cxd_error *err)
{
    const struct agent_options options = {
        .data_path = folder, .module_paths = module_paths, .is_once = 1};
    const char *text = policy_text();
    struct arena *arena = arena_new(1024, 1 << 24); /* small blocks: more of them to fail */
    struct conf *root = NULL;
    struct plan *plan = NULL;
    struct agent *a = NULL;
    int r = arena != NULL ? conf_read_text("p.yml", text, strlen(text), arena, &root, err)
                          : cxd_error_set(err, CXD_NOMEM, "out of memory");

    r = r != CXD_OK ? r : plan_read(root, arena, NULL, &plan, err);
    r = r != CXD_OK ? r : agent_open(plan, &options, &a, err);
    assert_int_equal(a != NULL, r == CXD_OK);
    agent_close(a);
    arena_free(arena);
    return r;
}

static void test_every_allocation_may_fail(void **state)
{
    struct cxd_error err = CXD_ERROR_INIT;
    char *id;
    int has_failed = 1;
    int failures = 0;

    (void)state;
    if (whole_way(&err) != CXD_OK) {
        fail_msg("%s", err.text);
    }
    id = file_slurp(folder, "agent.id", NULL);
    for (int n = 1; has_failed; n++) {
        char *again;
        int r;
        err = (struct cxd_error)CXD_ERROR_INIT;
        starve_at(n);
        r = whole_way(&err);
        has_failed = starve_happened();
        starve_at(0);
        if (r != CXD_OK) {
            failures++;
            assert_true(r < 0);
            if (strstr(err.text, "memory") == NULL) {
                fail_msg("allocation %d: \"%s\" does not say what was lacking", n, err.text);
            }
        }
        again = file_slurp(folder, "agent.id", NULL);
        assert_string_equal(again, id); /* one agent all the time */
        free(again);
    }
    free(id);
    print_message("%d failures\n", failures);
    assert_true(failures > 50);
    assert_int_equal(whole_way(&err), CXD_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_every_allocation_may_fail, setup, teardown),
    };
    log_setup(STDERR_FILENO, CXD_LOG_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
