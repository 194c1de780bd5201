/*
 * test_embed_apply.c: another policy for a handle that runs: what changes goes on from its cursor, what is on its way is the host's, what
 * cannot work changes nothing; and pulls, looks, a stop and a close beside a change.
 */
#include "embed_bench.h"

#include "base/clock.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>

#define PULL_MS 20000

static int setup(void **state)
{
    (void)state;
    return bench_setup();
}

static int teardown(void **state)
{
    (void)state;
    bench_teardown();
    return 0;
}

static int32_t apply(uint64_t h, const char *policy, uint64_t revision)
{
    return cxd_apply(h, (const uint8_t *)policy, strlen(policy), revision);
}

static void apply_good(uint64_t h, const char *policy, uint64_t revision)
{
    char said[600];
    int32_t code = apply(h, policy, revision);

    if (code != CXD_E_OK) {
        bench_error(h, said);
        fail_msg("apply: %d \"%s\"", code, said);
    }
}

static int64_t pull_and_ack(uint64_t h, int64_t next)
{
    static struct pulled p;

    assert_int_equal(bench_pull(h, PULL_MS, &p), CXD_E_OK);
    next = bench_expect(&p, next);
    assert_int_equal(cxd_ack(h, p.meta[0], CXD_DELIVERED), CXD_E_OK);
    return next;
}

static void test_a_changed_stream_goes_on_from_its_cursor(void **state)
{
    uint64_t h = bench_start("{}", bench_policy("count: 10", ""));
    int64_t next = 0;

    (void)state;
    while (next < 10) {
        next = pull_and_ack(h, next);
    }
    assert_int_equal(bench_status_number(h, "revision"), 0);
    /* the name and the options of the output, and the bounds of its queue, are nothing to a desk that stands */
    apply_good(h,
               "outputs: {other: {type: no-such-output, hosts: [x]}}\n"
               "inputs: [{id: t, type: ticker, use_output: other, count: 25}]\n"
               "agent: {registry.flush: 10ms, queue.mem: {bytes: 1MiB}}\n",
               7);
    assert_int_equal(bench_status_number(h, "revision"), 7);
    while (next < 25) {
        next = pull_and_ack(h, next);
    }
    apply_good(h, bench_policy("count: 25", ""), 8);
    assert_int_equal(bench_status_number(h, "collected"), 25);
    assert_int_equal(bench_status_number(h, "delivered"), 25);
    assert_int_equal(cxd_close(h, PULL_MS), CXD_E_OK);
    assert_int_equal(bench_cursor(), 25);
}

static void test_what_cannot_work_changes_nothing(void **state)
{
    uint64_t h = bench_open("{}", bench_policy("count: 5", ""));
    char said[600];

    (void)state;
    assert_int_equal(apply(h, bench_policy("count: 9", ""), 1), CXD_E_STATE);
    assert_int_equal(cxd_start(h), CXD_E_OK);
    assert_int_equal(apply(h, "inputs: []", 2), CXD_E_CONFIG);
    bench_error(h, said);
    assert_non_null(strstr(said, "no input is enabled"));
    assert_int_equal(apply(h, bench_policy("count: many", ""), 2), CXD_E_CONFIG);
    assert_int_equal(cxd_apply(h, NULL, 0, 2), CXD_E_CONFIG);
    assert_int_equal(cxd_apply(h, NULL, 1, 2), CXD_E_INVAL);
    assert_int_equal(bench_status_number(h, "revision"), 0);
    assert_int_equal(pull_and_ack(h, 0), 5);
    assert_int_equal(cxd_stop(h, PULL_MS), CXD_E_OK);
    assert_int_equal(apply(h, bench_policy("count: 9", ""), 3), CXD_E_STATE);
    assert_int_equal(cxd_close(h, 0), CXD_E_OK);
    assert_int_equal(apply(h, bench_policy("count: 9", ""), 3), CXD_E_HANDLE);
}

struct side {
    uint64_t handle;
    uint64_t item;
    atomic_int is_over;
    int32_t code;
};

static void *ack_later(void *arg)
{
    struct side *s = arg;

    (void)poll(NULL, 0, 300);
    s->code = cxd_ack(s->handle, s->item, CXD_DELIVERED);
    return NULL;
}

static void test_what_the_host_holds_is_waited_for(void **state)
{
    struct side s = {.handle = bench_start("{}", bench_policy("count: 10", ""))};
    static struct pulled p;
    pthread_t thread;
    int64_t from_ms;

    (void)state;
    assert_int_equal(bench_pull(s.handle, PULL_MS, &p), CXD_E_OK);
    s.item = p.meta[0];
    assert_int_equal(pthread_create(&thread, NULL, ack_later, &s), 0);
    from_ms = clock_mono_ms();
    apply_good(s.handle, bench_policy("count: 20", ""), 1);
    assert_in_range(clock_mono_ms() - from_ms, 200, 4500);
    (void)pthread_join(thread, NULL);
    assert_int_equal(s.code, CXD_E_OK);
    assert_int_equal(pull_and_ack(s.handle, p.meta[2] < 10 ? (int64_t)p.meta[2] : 10),
                     p.meta[2] < 10 ? 10 : 20);
    bench_close(s.handle);
}

static void test_what_is_held_for_long_comes_again(void **state)
{
    uint64_t h = bench_start("{}", bench_policy("count: 10", ""));
    static struct pulled p;

    (void)state;
    assert_int_equal(bench_pull(h, PULL_MS, &p), CXD_E_OK);
    assert_int_equal(bench_expect(&p, 0), 10);
    apply_good(h, bench_policy("count: 11", ""), 1);
    assert_int_equal(cxd_ack(h, p.meta[0], CXD_DELIVERED), CXD_E_OK);
    assert_int_equal(pull_and_ack(h, 0), 11);
    assert_int_equal(cxd_close(h, PULL_MS), CXD_E_OK);
    assert_int_equal(bench_cursor(), 11);
}

static void *close_later(void *arg)
{
    struct side *s = arg;

    (void)poll(NULL, 0, 300);
    s->code = cxd_close(s->handle, 0);
    return NULL;
}

static void test_a_close_does_not_wait_for_a_change(void **state)
{
    struct side s = {.handle = bench_start("{}", bench_policy("count: 10", ""))};
    static struct pulled p;
    pthread_t thread;
    int64_t from_ms = clock_mono_ms();

    (void)state;
    assert_int_equal(bench_pull(s.handle, PULL_MS, &p), CXD_E_OK);
    assert_int_equal(pthread_create(&thread, NULL, close_later, &s), 0);
    assert_int_equal(apply(s.handle, bench_policy("count: 20", ""), 1), CXD_E_CLOSED);
    (void)pthread_join(thread, NULL);
    assert_int_equal(s.code, CXD_E_AGAIN);
    assert_in_range(clock_mono_ms() - from_ms, 200, 4500);
}

/* Batches are acknowledged by one thread, the status read by another, while policies change. */
static void *host_run(void *arg)
{
    struct side *s = arg;
    struct pulled *p = malloc(sizeof *p);

    assert_non_null(p);
    while (!atomic_load(&s->is_over)) {
        int32_t code = bench_pull(s->handle, 20, p);
        if (code == CXD_E_OK) {
            code = cxd_ack(s->handle, p->meta[0], CXD_DELIVERED);
        }
        if (code != CXD_E_OK && code != CXD_E_AGAIN && code != CXD_E_END) {
            s->code = code;
        }
    }
    free(p);
    return NULL;
}

static void *look_run(void *arg)
{
    struct side *s = arg;

    while (!atomic_load(&s->is_over)) {
        assert_true(bench_status_number(s->handle, "collected") >= 0);
    }
    return NULL;
}

static void test_changes_beside_a_host_at_work(void **state)
{
    struct side s = {.handle = bench_start("{\"once\":true}", bench_policy("count: 50", ""))};
    pthread_t threads[2];
    char policy[64];

    (void)state;
    assert_int_equal(pthread_create(&threads[0], NULL, host_run, &s), 0);
    assert_int_equal(pthread_create(&threads[1], NULL, look_run, &s), 0);
    for (int i = 1; i <= 30; i++) {
        (void)snprintf(policy, sizeof policy, "count: %d", 50 + 50 * i);
        apply_good(s.handle, bench_policy(policy, ""), (uint64_t)i);
    }
    WAIT_FOR(bench_status_number(s.handle, "delivered") >= 1550);
    atomic_store(&s.is_over, 1);
    (void)pthread_join(threads[0], NULL);
    (void)pthread_join(threads[1], NULL);
    assert_int_equal(s.code, CXD_E_OK);
    assert_int_equal(bench_status_number(s.handle, "revision"), 30);
    assert_int_equal(bench_status_number(s.handle, "delivered"), 1550);
    assert_int_equal(cxd_close(s.handle, PULL_MS), CXD_E_OK);
    assert_int_equal(bench_cursor(), 1550);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(test_a_changed_stream_goes_on_from_its_cursor),
        CASE(test_what_cannot_work_changes_nothing),
        CASE(test_what_the_host_holds_is_waited_for),
        CASE(test_what_is_held_for_long_comes_again),
        CASE(test_a_close_does_not_wait_for_a_change),
        CASE(test_changes_beside_a_host_at_work),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
