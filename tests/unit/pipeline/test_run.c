/* test_run.c: what the input's thread makes of each result of a poll and of an open. */
#include "run_bench.h"

static void test_more_means_at_once_until_finished(void **state)
{
    static const struct fake_step steps[] = {
        {.result = CXD_POLL_MORE, .emits = 1},
        {.result = CXD_POLL_MORE, .emits = 1},
        {.result = CXD_POLL_FINISHED, .emits = 1, .cursor = 3},
    };
    int has_failed = 7;

    (void)state;
    bench_start(steps, COUNT(steps), 0, 0);
    WAIT_FOR(runner_has_ended(runner, &has_failed));
    assert_false(has_failed);
    assert_int_equal(bench_polls(), 3);
    WAIT_FOR(atomic_load(&fake_input.ended) == 1);
    assert_int_equal(bench_drain(), 3);
    assert_int_equal(rig_cursor(&rig), 3);
}

static void test_idle_flushes_and_waits_its_time(void **state)
{
    static const struct fake_step steps[] = {
        {.result = CXD_POLL_IDLE, .wait_ms = 60, .emits = 2, .cursor = 2},
        {.result = CXD_POLL_WAITING, .wait_ms = 3600000},
    };
    int64_t first_ms;

    (void)state;
    bench_start(steps, COUNT(steps), 0, 0);
    WAIT_FOR(bench_polls() >= 1);
    first_ms = atomic_load(&fake_input.last_poll_ms);
    WAIT_FOR(bench_drain() == 2); /* an idle input's events do not wait for more */
    assert_int_equal(rig_cursor(&rig), 2);
    WAIT_FOR(bench_polls() == 2);
    assert_true(atomic_load(&fake_input.last_poll_ms) - first_ms >= 59);
    bench_stop(); /* out of an hour's wait */
    assert_int_equal(bench_polls(), 2);
}

static void test_once_ends_at_idle_but_not_at_waiting(void **state)
{
    static const struct fake_step steps[] = {
        {.result = CXD_POLL_WAITING, .wait_ms = 1, .emits = 1},
        {.result = CXD_POLL_WAITING, .wait_ms = 1, .emits = 1},
        {.result = CXD_POLL_IDLE, .wait_ms = 1, .emits = 1},
    };
    int has_failed = 7;

    (void)state;
    bench_start(steps, COUNT(steps), 1, 3);
    WAIT_FOR(runner_has_ended(runner, &has_failed));
    assert_false(has_failed);
    assert_int_equal(bench_polls(), 3);
    assert_int_equal(bench_drain(), 3);
}

static void test_once_with_something_still_owed_has_failed(void **state)
{
    static const struct fake_step steps[] = {
        {.result = CXD_POLL_IDLE, .health = CXD_DEGRADED},
    };
    int has_failed = 0;

    (void)state;
    bench_start(steps, COUNT(steps), 1, 3);
    WAIT_FOR(runner_has_ended(runner, &has_failed));
    assert_true(has_failed);
}

static void test_retry_waits_at_least_what_was_asked(void **state)
{
    static const struct fake_step steps[] = {
        {.result = CXD_POLL_RETRY, .why = "busy", .retry_after_ms = 1100},
        {.result = CXD_POLL_IDLE, .wait_ms = 3600000},
    };
    int64_t first_ms;

    (void)state;
    bench_start(steps, COUNT(steps), 0, 0);
    WAIT_FOR(bench_health() == CXD_DEGRADED);
    first_ms = atomic_load(&fake_input.last_poll_ms);
    bench_reason_is("busy");
    WAIT_FOR(bench_polls() == 2);
    assert_true(atomic_load(&fake_input.last_poll_ms) - first_ms >= 1099);
    assert_int_equal(atomic_load(&fake_input.opens), 1); /* the instance is the same */
}

static void test_a_negative_result_without_words_is_a_retry(void **state)
{
    static const struct fake_step steps[] = {
        {.result = CXD_TIMEOUT},
        {.result = CXD_POLL_FINISHED},
    };

    (void)state;
    bench_start(steps, COUNT(steps), 0, 0);
    WAIT_FOR(bench_health() == CXD_DEGRADED);
    bench_reason_is("time limit reached (no reason given)");
    WAIT_FOR(runner_has_ended(runner, NULL));
    assert_int_equal(bench_polls(), 2);
}

static void test_failed_waits_long_and_ends_at_once_when_stopped(void **state)
{
    static const struct fake_step steps[] = {{.result = CXD_POLL_FAILED, .why = "no right"}};
    int64_t start_ms = clock_mono_ms();

    (void)state;
    bench_start(steps, COUNT(steps), 0, 0);
    WAIT_FOR(bench_health() == CXD_FAILED);
    bench_reason_is("no right");
    (void)usleep(50000);
    assert_int_equal(bench_polls(), 1);
    bench_stop();
    assert_true(clock_mono_ms() - start_ms < 10000);
}

static void test_once_gives_up_when_only_a_person_can_help(void **state)
{
    static const struct fake_step steps[] = {{.result = CXD_POLL_FAILED, .why = "no right"}};
    int has_failed = 0;

    (void)state;
    bench_start(steps, COUNT(steps), 1, 8);
    WAIT_FOR(runner_has_ended(runner, &has_failed));
    assert_true(has_failed);
    assert_int_equal(bench_polls(), 1);
    assert_int_equal(bench_health(), CXD_FAILED);
}

static void test_once_gives_up_after_its_tries(void **state)
{
    static const struct fake_step steps[] = {{.result = CXD_POLL_RETRY, .why = "busy"}};
    int has_failed = 0;

    (void)state;
    bench_start(steps, COUNT(steps), 1, 2);
    WAIT_FOR(runner_has_ended(runner, &has_failed));
    assert_true(has_failed);
    assert_int_equal(bench_polls(), 2);
}

static void test_open_is_tried_again(void **state)
{
    static const struct fake_step steps[] = {{.result = CXD_POLL_FINISHED}};

    (void)state;
    fake_input_script(steps, COUNT(steps));
    fake_input.open_failures = 1;
    fake_input.open_status = CXD_CONNECT;
    fake_input.is_half_open = 1;
    bench_start(NULL, 0, 0, 0);
    WAIT_FOR(bench_health() == CXD_DEGRADED);
    bench_reason_is("cannot open");
    WAIT_FOR(runner_has_ended(runner, NULL));
    assert_int_equal(atomic_load(&fake_input.opens), 2);
    assert_int_equal(bench_polls(), 1);
}

static void test_an_open_that_a_person_must_mend_is_failed(void **state)
{
    static const struct fake_step steps[] = {{.result = CXD_POLL_FINISHED}};

    (void)state;
    fake_input_script(steps, COUNT(steps));
    fake_input.open_failures = 1;
    fake_input.open_status = CXD_AUTH;
    bench_start(NULL, 0, 0, 0);
    WAIT_FOR(bench_health() == CXD_FAILED);
    bench_stop();
    assert_int_equal(bench_polls(), 0);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)
    const struct CMUnitTest tests[] = {
        CASE(test_more_means_at_once_until_finished),
        CASE(test_idle_flushes_and_waits_its_time),
        CASE(test_once_ends_at_idle_but_not_at_waiting),
        CASE(test_once_with_something_still_owed_has_failed),
        CASE(test_retry_waits_at_least_what_was_asked),
        CASE(test_a_negative_result_without_words_is_a_retry),
        CASE(test_failed_waits_long_and_ends_at_once_when_stopped),
        CASE(test_once_gives_up_when_only_a_person_can_help),
        CASE(test_once_gives_up_after_its_tries),
        CASE(test_open_is_tried_again),
        CASE(test_an_open_that_a_person_must_mend_is_failed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
