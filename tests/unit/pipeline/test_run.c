/* test_run.c: the input's thread with scripted inputs: when it polls, waits, backs off, starts again and stops. */
#include "rig.h"

#include "fake_input.h"
#include "pipeline/run.h"

#include <pthread.h>

static struct rig rig;
static struct runner *runner;

struct batch *__real_batch_new(size_t limit);
struct batch *__wrap_batch_new(size_t limit);
static atomic_int fail_batches;

struct batch *__wrap_batch_new(size_t limit)
{
    if (atomic_load(&fail_batches) > 0) {
        atomic_fetch_sub(&fail_batches, 1);
        return NULL;
    }
    return __real_batch_new(limit);
}

static int setup(void **state)
{
    static const struct rig_spec spec = {
        .queue_bytes = 1000, .batch_bytes = 400, .dead_bytes = 1 << 20, .is_message_kept = 1};

    (void)state;
    rig_open(&rig, &spec);
    runner = NULL;
    return 0;
}

static void ended(void *owner)
{
    atomic_fetch_add(&((struct fake_input *)owner)->ended, 1);
}

static void start(const struct fake_step *steps, size_t count, int is_once, unsigned tries)
{
    const struct runner_spec spec = {.id = "stream-1",
                                     .module = &fake_input_module,
                                     .intake = rig.intake,
                                     .queue = rig.queue,
                                     .registry = rig.registry,
                                     .unit = &rig.stream,
                                     .host = rig.host,
                                     .stopping = &rig.stopping,
                                     .flush_ms = 10,
                                     .is_once = is_once,
                                     .once_tries = tries,
                                     .ended = ended,
                                     .owner = &fake_input};

    if (steps != NULL) {
        fake_input_script(steps, count);
    }
    assert_int_equal(runner_start(&spec, &runner, NULL), CXD_OK);
}

static void stop(void)
{
    atomic_store(&rig.stopping, 1);
    runner_interrupt(runner);
    runner_free(runner);
    runner = NULL;
}

static int teardown(void **state)
{
    (void)state;
    if (runner != NULL) {
        stop();
    }
    rig_close(&rig);
    return (int)atomic_load(&fake_input.open_now); /* each instance was closed */
}

static unsigned polls(void)
{
    return atomic_load(&fake_input.polls);
}

/* Settles what waits in the queue; the number of documents. */
static unsigned drain(void)
{
    unsigned documents = 0;
    struct batch *b;

    while ((b = queue_take(rig.queue, 0)) != NULL) {
        struct batch *run;
        documents += b->count;
        run = track_settle(b->track, b);
        while (run != NULL) {
            struct batch *next = run->track_next;
            queue_settle(rig.queue, run);
            run = next;
        }
    }
    return documents;
}

static int health(void)
{
    char reason[UNIT_REASON_MAX];

    return unit_health_get(&rig.stream, reason);
}

static void reason_is(const char *wanted)
{
    char reason[UNIT_REASON_MAX];

    (void)unit_health_get(&rig.stream, reason);
    assert_string_equal(reason, wanted);
}

static void test_more_means_at_once_until_finished(void **state)
{
    static const struct fake_step steps[] = {
        {.result = CXD_POLL_MORE, .emits = 1},
        {.result = CXD_POLL_MORE, .emits = 1},
        {.result = CXD_POLL_FINISHED, .emits = 1, .cursor = 3},
    };
    int has_failed = 7;

    (void)state;
    start(steps, COUNT(steps), 0, 0);
    WAIT_FOR(runner_has_ended(runner, &has_failed));
    assert_false(has_failed);
    assert_int_equal(polls(), 3);
    WAIT_FOR(atomic_load(&fake_input.ended) == 1);
    assert_int_equal(drain(), 3);
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
    start(steps, COUNT(steps), 0, 0);
    WAIT_FOR(polls() >= 1);
    first_ms = atomic_load(&fake_input.last_poll_ms);
    WAIT_FOR(drain() == 2); /* an idle input's events do not wait for more */
    assert_int_equal(rig_cursor(&rig), 2);
    WAIT_FOR(polls() == 2);
    assert_true(atomic_load(&fake_input.last_poll_ms) - first_ms >= 59);
    stop(); /* out of an hour's wait */
    assert_int_equal(polls(), 2);
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
    start(steps, COUNT(steps), 1, 3);
    WAIT_FOR(runner_has_ended(runner, &has_failed));
    assert_false(has_failed);
    assert_int_equal(polls(), 3);
    assert_int_equal(drain(), 3);
}

static void test_once_with_something_still_owed_has_failed(void **state)
{
    static const struct fake_step steps[] = {
        {.result = CXD_POLL_IDLE, .health = CXD_DEGRADED},
    };
    int has_failed = 0;

    (void)state;
    start(steps, COUNT(steps), 1, 3);
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
    start(steps, COUNT(steps), 0, 0);
    WAIT_FOR(health() == CXD_DEGRADED);
    first_ms = atomic_load(&fake_input.last_poll_ms);
    reason_is("busy");
    WAIT_FOR(polls() == 2);
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
    start(steps, COUNT(steps), 0, 0);
    WAIT_FOR(health() == CXD_DEGRADED);
    reason_is("time limit reached (no reason given)");
    WAIT_FOR(runner_has_ended(runner, NULL));
    assert_int_equal(polls(), 2);
}

static void test_failed_waits_long_and_ends_at_once_when_stopped(void **state)
{
    static const struct fake_step steps[] = {{.result = CXD_POLL_FAILED, .why = "no right"}};
    int64_t start_ms = clock_mono_ms();

    (void)state;
    start(steps, COUNT(steps), 0, 0);
    WAIT_FOR(health() == CXD_FAILED);
    reason_is("no right");
    (void)usleep(50000);
    assert_int_equal(polls(), 1);
    stop();
    assert_true(clock_mono_ms() - start_ms < 10000);
}

static void test_once_gives_up_when_only_a_person_can_help(void **state)
{
    static const struct fake_step steps[] = {{.result = CXD_POLL_FAILED, .why = "no right"}};
    int has_failed = 0;

    (void)state;
    start(steps, COUNT(steps), 1, 8);
    WAIT_FOR(runner_has_ended(runner, &has_failed));
    assert_true(has_failed);
    assert_int_equal(polls(), 1);
    assert_int_equal(health(), CXD_FAILED);
}

static void test_once_gives_up_after_its_tries(void **state)
{
    static const struct fake_step steps[] = {{.result = CXD_POLL_RETRY, .why = "busy"}};
    int has_failed = 0;

    (void)state;
    start(steps, COUNT(steps), 1, 2);
    WAIT_FOR(runner_has_ended(runner, &has_failed));
    assert_true(has_failed);
    assert_int_equal(polls(), 2);
}

static void test_open_is_tried_again(void **state)
{
    static const struct fake_step steps[] = {{.result = CXD_POLL_FINISHED}};

    (void)state;
    fake_input_script(steps, COUNT(steps));
    fake_input.open_failures = 1;
    fake_input.open_status = CXD_CONNECT;
    fake_input.is_half_open = 1;
    start(NULL, 0, 0, 0);
    WAIT_FOR(health() == CXD_DEGRADED);
    reason_is("cannot open");
    WAIT_FOR(runner_has_ended(runner, NULL));
    assert_int_equal(atomic_load(&fake_input.opens), 2);
    assert_int_equal(polls(), 1);
}

static void test_an_open_that_a_person_must_mend_is_failed(void **state)
{
    static const struct fake_step steps[] = {{.result = CXD_POLL_FINISHED}};

    (void)state;
    fake_input_script(steps, COUNT(steps));
    fake_input.open_failures = 1;
    fake_input.open_status = CXD_AUTH;
    start(NULL, 0, 0, 0);
    WAIT_FOR(health() == CXD_FAILED);
    stop();
    assert_int_equal(polls(), 0);
}

static void test_without_credit_nothing_is_polled(void **state)
{
    static const struct fake_step steps[] = {{.result = CXD_POLL_MORE, .emits = 5}};
    unsigned before;
    unsigned documents = 0;

    (void)state;
    start(steps, COUNT(steps), 0, 0);
    WAIT_FOR(!queue_credit(rig.queue, 0)); /* nobody takes: it fills */
    before = polls();
    (void)usleep(30000);
    assert_true(polls() <= before + 1);
    assert_true(queue_held(rig.queue) < 3000);
    while (polls() < before + 10) {
        documents += drain();
    }
    stop();
    documents += drain();
    assert_int_equal(documents, 5 * polls());
}

static void test_a_stop_while_there_is_no_credit(void **state)
{
    static const struct fake_step steps[] = {{.result = CXD_POLL_MORE, .emits = 5, .cursor = 1}};

    (void)state;
    start(steps, COUNT(steps), 0, 0);
    WAIT_FOR(!queue_credit(rig.queue, 0));
    stop();
    assert_int_equal(drain(), 5 * polls()); /* the open batch was handed over */
    assert_int_equal(rig_cursor(&rig), 1);
}

static void test_a_stop_in_the_middle_of_a_poll(void **state)
{
    static const struct fake_step steps[] = {
        {.result = CXD_POLL_MORE, .is_stuck = 1, .emits = 1, .cursor = 9}};

    (void)state;
    start(steps, COUNT(steps), 0, 0);
    WAIT_FOR(polls() == 1);
    stop(); /* the first interrupt comes too early for this module */
    assert_true(atomic_load(&fake_input.is_waiting));
    assert_int_equal(polls(), 1);
    assert_int_equal(drain(), 1);
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
    start(steps, 2, 0, 0);
    WAIT_FOR((documents += drain()) == 1);
    assert_int_equal(atomic_load(&fake_input.cursor), 50);
    assert_int_equal(rig_cursor(&rig), 1);
    stop();
    atomic_store(&rig.stopping, 0);

    fake_input_script(steps + 2, 3);
    for (int i = 0; i < 5; i++) { /* no batch is in store */
        struct batch *b = queue_batch(rig.queue);
        batch_free(b);
    }
    atomic_store(&fail_batches, 1);
    start(NULL, 0, 0, 0);
    WAIT_FOR(runner_has_ended(runner, NULL));
    assert_int_equal(atomic_load(&fake_input.opens), 2);
    assert_int_equal(atomic_load(&fake_input.cursor), 1);
    assert_int_equal(drain(), 1);
    assert_int_equal(rig_cursor(&rig), 3);
}

static void test_once_a_broken_intake_gives_up_too(void **state)
{
    static const struct fake_step steps[] = {{.result = CXD_POLL_MORE, .emits = 1, .cursor = 2}};
    int has_failed = 0;

    (void)state;
    atomic_store(&fail_batches, 100);
    start(steps, COUNT(steps), 1, 2);
    WAIT_FOR(runner_has_ended(runner, &has_failed));
    atomic_store(&fail_batches, 0);
    assert_true(has_failed);
    assert_int_equal(rig_cursor(&rig), -1);
    assert_int_equal(drain(), 0);
}

static void test_a_stop_before_anything(void **state)
{
    static const struct fake_step steps[] = {{.result = CXD_POLL_MORE}};

    (void)state;
    atomic_store(&rig.stopping, 1);
    start(steps, COUNT(steps), 0, 0);
    WAIT_FOR(runner_has_ended(runner, NULL));
    assert_int_equal(polls(), 0);
    runner_free(NULL);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
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
        CASE(test_without_credit_nothing_is_polled),
        CASE(test_a_stop_while_there_is_no_credit),
        CASE(test_a_stop_in_the_middle_of_a_poll),
        CASE(test_a_broken_intake_starts_again_from_the_stored_cursor),
        CASE(test_once_a_broken_intake_gives_up_too),
        CASE(test_a_stop_before_anything),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
