/*
 * test_apply.c: another plan for a running agent: what is the same goes on untouched, what differs ends, begins again from its
 * cursor and loses nothing; what cannot work changes nothing, what fails in its first seconds is taken back.
 */
#include "../pipeline/rig.h"

#include "base/arena.h"
#include "front/run/reload.h"
#include "front/run/stream.h"

#include <sys/stat.h>

static char folder[64];
static char modules[512];
static const char *module_paths[] = {modules, NULL};
static struct agent *a;
static struct reload *reload;
static struct cxd_error err;
static const char *patience; /* shutdown_timeout */

static int setup(void **state)
{
    (void)state;
    folder_make(folder);
    (void)snprintf(modules, sizeof modules, "%s/tests/modules/good", getenv("CXD_BUILD_DIR"));
    a = NULL;
    reload = NULL;
    patience = "5s";
    err = (struct cxd_error)CXD_ERROR_INIT;
    return 0;
}

static int teardown(void **state)
{
    static const atomic_int hurry = 1;

    (void)state;
    if (a != NULL) {
        (void)agent_stop(a, &hurry, NULL);
        agent_close(a);
    }
    reload_close(reload);
    folder_remove(folder);
    return 0;
}

/* outputs: what stands in the braces of `outputs`; NULL: lines.txt. */
static struct policy policy_of(const char *outputs, const char *inputs)
{
    struct policy p = {.arena = arena_new(4096, 1 << 22)};
    char text[4096];

    assert_non_null(p.arena);
    (void)snprintf(
        text, sizeof text,
        "outputs: {%s%s%s}\ninputs: [%s]\nagent: {registry.flush: 10ms, policy.probation: 1s, "
        "shutdown_timeout: %s}\n",
        outputs != NULL ? outputs : "default: {type: lines, path: ", outputs != NULL ? "" : folder,
        outputs != NULL ? "" : "/lines.txt}", inputs, patience);
    if (conf_read_text("p.yml", text, strlen(text), p.arena, &p.root, &err) != CXD_OK ||
        plan_read(p.root, p.arena, NULL, &p.plan, &err) != CXD_OK) {
        fail_msg("%s\n%s", err.text, text);
    }
    return p;
}

static void run(const char *outputs, const char *inputs)
{
    struct policy first = policy_of(outputs, inputs);
    const struct agent_options options = {.data_path = folder, .module_paths = module_paths};

    assert_int_equal(agent_open(first.plan, &options, &a, &err), CXD_OK);
    assert_int_equal(reload_open(a, &first, &reload, &err), CXD_OK);
    assert_int_equal(agent_start(a, NULL, &err), CXD_OK);
}

static int change(const char *outputs, const char *inputs, struct apply_counts *counts)
{
    struct policy next = policy_of(outputs, inputs);

    return reload_policy(reload, &next, counts, &err);
}

static struct agent_stream *stream_of(const char *id)
{
    struct agent_stream *s = agent_streams(a);

    while (s != NULL && strcmp(s->plan->id, id) != 0) {
        s = s->next;
    }
    return s;
}

static int64_t delivered(void)
{
    struct agent_tally t;

    agent_tally(a, &t);
    return t.delivered;
}

static void stop(void)
{
    static const atomic_int hurry;

    assert_int_equal(agent_stop(a, &hurry, &err), CXD_OK);
}

/* Each tick of 0 to count is in the files of the folder; returns in how many lines. */
static int64_t ticks_seen(const char *const *files, int64_t count)
{
    char *seen = calloc(1, (size_t)count);
    int64_t lines = 0;

    assert_non_null(seen);
    for (; *files != NULL; files++) {
        char *text = file_slurp(folder, *files, NULL);
        for (char *at = text, *end; (end = strchr(at, '\n')) != NULL; at = end + 1) {
            int64_t tick;
            *end = '\0'; /* the sanitizer's strstr looks to the end of what it is given */
            tick = strtoll(strstr(at, "{\\\"tick\\\":") + 10, NULL, 10);
            assert_true(tick >= 0 && tick < count);
            seen[tick] = 1;
            lines++;
        }
        free(text);
    }
    for (int64_t i = 0; i < count; i++) {
        assert_int_equal(seen[i], 1);
    }
    free(seen);
    return lines;
}

static void ticks_check(const char *const *files, int64_t count)
{
    assert_int_equal(ticks_seen(files, count), count);
}

static void test_what_is_the_same_goes_on(void **state)
{
    struct apply_counts n;
    struct runner *runner;
    const struct plan *first;

    (void)state;
    run(NULL, "{id: a, type: ticker, count: 1000000000}");
    runner = stream_of("a")->runner;
    first = agent_plan(a);
    WAIT_FOR(delivered() > 1000);
    assert_int_equal(change(NULL,
                            "{id: b, type: ticker, count: 10, data_stream: {dataset: b}}, "
                            "{id: a, type: ticker, count: 1000000000}",
                            &n),
                     CXD_OK);
    assert_int_equal(n.fresh, 1);
    assert_int_equal(n.changed, 0);
    assert_int_equal(n.same, 2);
    assert_ptr_equal(stream_of("a")->runner, runner);
    assert_ptr_equal(agent_streams(a), stream_of("b")); /* the plan's order */
    assert_true(agent_uses(a, first));
    WAIT_FOR(unit_counter_get(stream_of("b")->unit, "events_delivered_total") == 10);
    assert_int_equal(
        change(NULL, "{id: b, type: ticker, count: 10, data_stream: {dataset: b}}", &n), CXD_OK);
    assert_int_equal(n.gone, 1);
    assert_null(stream_of("a"));
    assert_int_equal(reload_look(reload, &err), RELOAD_NOTHING);
    WAIT_FOR(reload_look(reload, &err) == RELOAD_GOOD);
    assert_true(agent_uses(a, first)); /* its output is as it was */
    assert_int_equal(change("default: {type: lines, path: /dev/null}",
                            "{id: b, type: ticker, count: 10, data_stream: {dataset: b}}", &n),
                     CXD_OK);
    WAIT_FOR(reload_look(reload, &err) == RELOAD_GOOD);
}

static void test_a_changed_stream_goes_on_from_its_cursor(void **state)
{
    static const char *const files[] = {"lines.txt", NULL};
    struct apply_counts n;
    char inputs[200];

    (void)state;
    run(NULL, "{id: a, type: ticker, count: 3000}");
    for (int i = 1; i <= 10; i++) {
        WAIT_FOR(delivered() >= (int64_t)i * 3000 - 2000);
        (void)snprintf(inputs, sizeof inputs, "{id: a, type: ticker, count: %d}", (i + 1) * 3000);
        assert_int_equal(change(NULL, inputs, &n), CXD_OK);
        assert_int_equal(n.changed, 1);
    }
    WAIT_FOR(delivered() == 33000);
    stop();
    ticks_check(files, 33000);
}

static void test_another_destination(void **state)
{
    static const char *const files[] = {"lines.txt", "other.txt", NULL};
    struct apply_counts n;
    struct agent_tally t;
    char outputs[200];

    (void)state;
    run(NULL, "{id: a, type: ticker, count: 20000}");
    WAIT_FOR(delivered() > 100);
    (void)snprintf(outputs, sizeof outputs, "default: {type: lines, path: %s/other.txt}", folder);
    assert_int_equal(change(outputs, "{id: a, type: ticker, count: 40000}", &n), CXD_OK);
    assert_int_equal(n.changed, 2);
    WAIT_FOR(delivered() == 40000);
    stop();
    agent_tally(a, &t);
    assert_int_equal(t.collected, 40000);
    assert_int_equal(t.held, 0);
    ticks_check(files, 40000);
}

/* Even when there is nothing to send for a long time, which would tell how it is. */
static void test_another_destination_has_nothing_of_the_troubles_before(void **state)
{
    struct apply_counts n;
    char reason[UNIT_REASON_MAX];
    char outputs[200];

    (void)state;
    run(NULL, "{id: a, type: ticker, count: 1}");
    WAIT_FOR(delivered() == 1);
    unit_health(stream_of("a")->output->unit, CXD_DEGRADED, "nobody listens there");
    (void)snprintf(outputs, sizeof outputs, "default: {type: lines, path: %s/other.txt}", folder);
    assert_int_equal(change(outputs, "{id: a, type: ticker, count: 1}", &n), CXD_OK);
    assert_int_equal(unit_health_get(stream_of("a")->output->unit, reason), CXD_HEALTHY);
    assert_string_equal(reason, "");
}

static void test_a_queue_on_disk_is_kept(void **state)
{
    static const char *const files[] = {"lines.txt", NULL};
    struct apply_counts n;
    struct agent_tally t;
    char outputs[300];

    (void)state;
    for (int i = 0; i < 4; i++) {
        char inputs[100];
        (void)snprintf(outputs, sizeof outputs,
                       "default: {type: lines, path: %s/lines.txt, queue.disk: {max_size: 64MiB, "
                       "segment_size: %dMiB}}",
                       folder, 1 + i);
        (void)snprintf(inputs, sizeof inputs, "{id: a, type: ticker, count: %d}", (i + 1) * 5000);
        if (i == 0) {
            run(outputs, inputs);
        } else {
            assert_int_equal(change(outputs, inputs, &n), CXD_OK);
            assert_int_equal(n.changed, 2);
        }
        WAIT_FOR(delivered() > i * 5000);
    }
    WAIT_FOR(delivered() == 20000);
    stop();
    agent_tally(a, &t);
    assert_int_equal(t.collected, 20000);
    assert_int_equal(t.lost, 0);
    assert_int_equal(t.collected + t.found, t.delivered + t.queued + t.dead + t.dropped);
    ticks_check(files, 20000);
}

static int has_line(const char *name, const char *words)
{
    char *text = file_slurp(folder, name, NULL);
    int r = strstr(text, words) != NULL;

    free(text);
    return r;
}

/* Nobody waits for what is on its way: it is delivered all the same, and moves no cursor that is somebody else's. */
static void test_what_is_left_on_its_way_comes_again(void **state)
{
    static const char *const files[] = {"lines.txt", NULL};
    struct apply_counts n;
    struct agent_tally t;

    (void)state;
    patience = "0s";
    run(NULL, "{id: a, type: ticker, count: 100000}");
    for (int i = 0; i < 30; i++) {
        char inputs[200];
        (void)snprintf(inputs, sizeof inputs, "{id: a, type: ticker, count: %d}", 100001 + i);
        assert_int_equal(change(NULL, inputs, &n), CXD_OK);
    }
    patience = "20s";
    assert_int_equal(change(NULL, "{id: a, type: ticker, count: 100040}", &n), CXD_OK);
    stop();
    agent_tally(a, &t);
    assert_int_equal(t.collected, t.delivered);
    agent_close(a);
    reload_close(reload);
    reload = NULL;
    run(NULL, "{id: a, type: ticker, count: 100040}"); /* from the cursor that was saved */
    WAIT_FOR(has_line("lines.txt", "\\\"tick\\\":100039}"));
    stop();
    assert_true(ticks_seen(files, 100040) >= 100040);
}

static void test_what_cannot_work_changes_nothing(void **state)
{
    struct apply_counts n;
    struct runner *runner;
    struct policy other;

    (void)state;
    run(NULL, "{id: a, type: ticker, count: 1000000000}");
    runner = stream_of("a")->runner;
    assert_int_equal(change(NULL, "{id: a, type: tocker}", &n), CXD_CONFIG);
    assert_non_null(strstr(err.text, "there is no input module of type \"tocker\""));
    other = policy_of(NULL, "{id: a, type: ticker, count: 1000000000}");
    other.plan->settings.data_path = "/elsewhere"; /* --path.data goes before it */
    other.plan->settings.module_paths = conf_find(other.root, "agent");
    assert_int_equal(reload_policy(reload, &other, &n, &err), CXD_UNSUPPORTED);
    assert_non_null(strstr(err.text, "agent.modules.path can't change while the agent runs"));
    other = policy_of(NULL, "{id: a, type: ticker, count: 1000000000}");
    other.plan->settings.data_path = "/elsewhere";
    assert_int_equal(reload_policy(reload, &other, &n, &err), CXD_OK);
    assert_int_equal(n.same, 2);
    assert_ptr_equal(stream_of("a")->runner, runner);
}

/* The new output is refused when it is opened, which the check does not do: what ran before runs again. */
static void test_a_half_way_failure_is_undone(void **state)
{
    static const char *const files[] = {"lines.txt", NULL};
    struct apply_counts n;

    (void)state;
    run(NULL, "{id: a, type: ticker, count: 20000}, {id: b, type: ticker, count: 1, "
              "data_stream: {dataset: b}, processors: [{sieve: {every: 1}}]}");
    WAIT_FOR(delivered() > 100);
    assert_true(change("default: {type: lines, path: /none/such/folder/lines.txt}",
                       "{id: a, type: ticker, count: 30000}", &n) < 0);
    assert_non_null(strstr(err.text, "/none/such"));
    assert_false(n.is_broken);
    assert_non_null(stream_of("b"));
    WAIT_FOR(delivered() == 20000);
    stop();
    ticks_check(files, 20000);
}

static void test_what_fails_on_probation_is_taken_back(void **state)
{
    struct apply_counts n;
    enum reload_news news = RELOAD_NOTHING;

    (void)state;
    run(NULL, "{id: a, type: ticker, count: 1000000000}");
    WAIT_FOR(delivered() > 100);
    assert_int_equal(change(NULL, "{id: a, type: ticker, count: 1000000000, stuck: 1}", &n),
                     CXD_OK);
    WAIT_FOR((news = reload_look(reload, &err)) != RELOAD_NOTHING);
    assert_int_equal(news, RELOAD_BACK);
    assert_non_null(strstr(err.text, "input a: ticker: stuck at"));
    int64_t before = delivered();
    WAIT_FOR(delivered() > before);
    /* one that was Failed before may stay so: it is not the new policy's fault */
    assert_int_equal(change(NULL, "{id: a, type: ticker, count: 1000000000}", &n), CXD_OK);
    WAIT_FOR((news = reload_look(reload, &err)) != RELOAD_NOTHING);
    assert_int_equal(news, RELOAD_GOOD);
}

static void test_what_was_failed_before_is_not_taken_back(void **state)
{
    struct apply_counts n;
    enum reload_news news = RELOAD_NOTHING;
    char reason[UNIT_REASON_MAX];

    (void)state;
    run(NULL, "{id: a, type: ticker, count: 1000, stuck: 1}");
    WAIT_FOR(unit_health_get(stream_of("a")->unit, reason) == CXD_FAILED);
    assert_int_equal(change(NULL, "{id: a, type: ticker, count: 1000, stuck: 2}", &n), CXD_OK);
    WAIT_FOR((news = reload_look(reload, &err)) != RELOAD_NOTHING);
    assert_int_equal(news, RELOAD_GOOD);
}

static void *watch_run(void *arg)
{
    atomic_int *is_over = arg;

    while (!atomic_load(is_over)) {
        struct agent_tally t;
        char *text = agent_report(a);
        assert_non_null(text);
        free(text);
        agent_tally(a, &t);
        assert_true(t.collected >= t.dropped);
    }
    return NULL;
}

/* Readers of the status beside many changes. */
static void test_it_is_watched_meanwhile(void **state)
{
    static const char *const inputs[] = {
        "{id: a, type: ticker, count: 1000000000}",
        "{id: b, type: ticker, count: 1000000000}, {id: a, type: ticker, count: 1000000000}",
        "{id: c, type: ticker, count: 7}",
        "{id: a, type: ticker, count: 1000000001}, {id: c, type: ticker, count: 8}"};
    static atomic_int is_over;
    struct apply_counts n;
    pthread_t watcher;

    (void)state;
    run(NULL, inputs[0]);
    assert_int_equal(pthread_create(&watcher, NULL, watch_run, &is_over), 0);
    for (int i = 1; i < 40; i++) {
        assert_int_equal(change(NULL, inputs[i % 4], &n), CXD_OK);
    }
    atomic_store(&is_over, 1);
    (void)pthread_join(watcher, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_what_is_the_same_goes_on, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_changed_stream_goes_on_from_its_cursor, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_another_destination, setup, teardown),
        cmocka_unit_test_setup_teardown(test_another_destination_has_nothing_of_the_troubles_before,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_queue_on_disk_is_kept, setup, teardown),
        cmocka_unit_test_setup_teardown(test_what_is_left_on_its_way_comes_again, setup, teardown),
        cmocka_unit_test_setup_teardown(test_what_cannot_work_changes_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_half_way_failure_is_undone, setup, teardown),
        cmocka_unit_test_setup_teardown(test_what_fails_on_probation_is_taken_back, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_what_was_failed_before_is_not_taken_back, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_it_is_watched_meanwhile, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
