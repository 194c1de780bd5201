/* test_run_stop.c: the input's thread without credit, stopped in every place, and started again when the intake broke. */
#include "run_bench.h"

static void test_without_credit_nothing_is_polled(void **state)
{
    static const struct fake_step steps[] = {{.result = CXD_POLL_MORE, .emits = 5}};
    unsigned before;
    unsigned documents = 0;

    (void)state;
    bench_start(steps, COUNT(steps), 0, 0);
    WAIT_FOR(!queue_credit(rig.queue, 0)); /* nobody takes: it fills */
    before = bench_polls();
    (void)usleep(30000);
    assert_true(bench_polls() <= before + 1);
    assert_true(queue_held(rig.queue) < 3000);
    while (bench_polls() < before + 10) {
        documents += bench_drain();
    }
    bench_stop();
    documents += bench_drain();
    assert_int_equal(documents, 5 * bench_polls());
}

static void test_a_stop_while_there_is_no_credit(void **state)
{
    static const struct fake_step steps[] = {{.result = CXD_POLL_MORE, .emits = 5, .cursor = 1}};

    (void)state;
    bench_start(steps, COUNT(steps), 0, 0);
    WAIT_FOR(!queue_credit(rig.queue, 0));
    bench_stop();
    assert_int_equal(bench_drain(), 5 * bench_polls()); /* the open batch was handed over */
    assert_int_equal(rig_cursor(&rig), 1);
}

static void test_a_stop_in_the_middle_of_a_poll(void **state)
{
    static const struct fake_step steps[] = {
        {.result = CXD_POLL_MORE, .is_stuck = 1, .emits = 1, .cursor = 9}};

    (void)state;
    bench_start(steps, COUNT(steps), 0, 0);
    WAIT_FOR(bench_polls() == 1);
    bench_stop(); /* the first interrupt comes too early for this module */
    assert_true(atomic_load(&fake_input.is_waiting));
    assert_int_equal(bench_polls(), 1);
    assert_int_equal(bench_drain(), 1);
    assert_int_equal(rig_cursor(&rig), 9);
}

static void test_a_broken_intake_starts_again_from_the_stored_cursor(void **state)
{
    static const struct fake_step steps[] = {
        {.result = CXD_POLL_MORE, .emits = 1, .cursor = 1}, {.result = CXD_POLL_IDLE, .wait_ms = 1},
        {.result = CXD_POLL_MORE, .emits = 1, .cursor = 2}, /* there is no memory for this one */
        {.result = CXD_POLL_MORE, .emits = 1, .cursor = 3}, {.result = CXD_POLL_FINISHED},
    };
    unsigned documents = 0;

    (void)state;
    assert_int_equal(registry_put(rig.registry, "stream-1", cursor_make(50)), CXD_OK);
    bench_start(steps, 2, 0, 0);
    WAIT_FOR((documents += bench_drain()) == 1);
    assert_int_equal(atomic_load(&fake_input.cursor), 50);
    assert_int_equal(rig_cursor(&rig), 1);
    bench_stop();
    atomic_store(&rig.stopping, 0);

    fake_input_script(steps + 2, 3);
    for (int i = 0; i < 5; i++) { /* no batch is in store */
        struct batch *b = queue_batch(rig.queue);
        batch_free(b);
    }
    atomic_store(&fail_batches, 1);
    bench_start(NULL, 0, 0, 0);
    WAIT_FOR(runner_has_ended(runner, NULL));
    assert_int_equal(atomic_load(&fake_input.opens), 2);
    assert_int_equal(atomic_load(&fake_input.cursor), 1);
    assert_int_equal(bench_drain(), 1);
    assert_int_equal(rig_cursor(&rig), 3);
}

static void test_once_a_broken_intake_gives_up_too(void **state)
{
    static const struct fake_step steps[] = {{.result = CXD_POLL_MORE, .emits = 1, .cursor = 2}};
    int has_failed = 0;

    (void)state;
    atomic_store(&fail_batches, 100);
    bench_start(steps, COUNT(steps), 1, 2);
    WAIT_FOR(runner_has_ended(runner, &has_failed));
    atomic_store(&fail_batches, 0);
    assert_true(has_failed);
    assert_int_equal(rig_cursor(&rig), -1);
    assert_int_equal(bench_drain(), 0);
}

static void test_a_stop_before_anything(void **state)
{
    static const struct fake_step steps[] = {{.result = CXD_POLL_MORE}};

    (void)state;
    atomic_store(&rig.stopping, 1);
    bench_start(steps, COUNT(steps), 0, 0);
    WAIT_FOR(runner_has_ended(runner, NULL));
    assert_int_equal(bench_polls(), 0);
    runner_free(NULL);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)
    const struct CMUnitTest tests[] = {
        CASE(test_without_credit_nothing_is_polled),
        CASE(test_a_stop_while_there_is_no_credit),
        CASE(test_a_stop_in_the_middle_of_a_poll),
        CASE(test_a_broken_intake_starts_again_from_the_stored_cursor),
        CASE(test_once_a_broken_intake_gives_up_too),
        CASE(test_a_stop_before_anything),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
