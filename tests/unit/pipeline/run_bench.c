/* run_bench.c: see the header. */
#include "run_bench.h"

struct rig rig;
struct runner *runner;
atomic_int fail_batches;

struct batch *__real_batch_new(size_t limit);
struct batch *__wrap_batch_new(size_t limit);

struct batch *__wrap_batch_new(size_t limit)
{
    if (atomic_load(&fail_batches) > 0) {
        atomic_fetch_sub(&fail_batches, 1);
        return NULL;
    }
    return __real_batch_new(limit);
}

int bench_setup(void **state)
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

void bench_start(const struct fake_step *steps, size_t count, int is_once, unsigned tries)
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

void bench_stop(void)
{
    atomic_store(&rig.stopping, 1);
    runner_interrupt(runner);
    runner_free(runner);
    runner = NULL;
}

int bench_teardown(void **state)
{
    (void)state;
    if (runner != NULL) {
        bench_stop();
    }
    rig_close(&rig);
    return (int)atomic_load(&fake_input.open_now); /* each instance was closed */
}

unsigned bench_polls(void)
{
    return atomic_load(&fake_input.polls);
}

/* Settles what waits in the queue; the number of documents. */
unsigned bench_drain(void)
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

int bench_health(void)
{
    char reason[UNIT_REASON_MAX];

    return unit_health_get(&rig.stream, reason);
}

void bench_reason_is(const char *wanted)
{
    char reason[UNIT_REASON_MAX];

    (void)unit_health_get(&rig.stream, reason);
    assert_string_equal(reason, wanted);
}
