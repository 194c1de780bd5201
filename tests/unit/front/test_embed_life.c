/*
 * test_embed_life.c: handles as they live and end: two of them, stale ones, calls that wait, a stop and a close beside them, many
 * threads on one, a module that hangs; and the process around them as it was.
 */
#include "embed_bench.h"

#include <pthread.h>
#include <signal.h>
#include <sys/stat.h>

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

static void test_two_handles(void **state)
{
    uint64_t a = bench_start("{\"once\":true}", bench_policy("count: 30", ""));
    uint64_t b;
    static struct pulled p;

    (void)state;
    assert_int_equal(bench_try("{}", bench_policy("count: 1", ""), &b), CXD_E_BUSY);
    b = bench_start_in("{\"once\":true}", bench_policy("count: 40", ""), "other");
    assert_true(a != b);
    assert_int_equal(bench_pull(a, PULL_MS, &p), CXD_E_OK);
    assert_int_equal(p.meta[2], 30);
    assert_int_equal(cxd_ack(b, p.meta[0] + 1, CXD_DELIVERED), CXD_E_HANDLE);
    assert_int_equal(cxd_ack(a, p.meta[0], CXD_DELIVERED), CXD_E_OK);
    assert_int_equal(cxd_close(a, PULL_MS), CXD_E_OK);
    assert_int_equal(bench_pull(b, PULL_MS, &p), CXD_E_OK);
    assert_int_equal(p.meta[2], 40);
    assert_int_equal(cxd_close(b, 0), CXD_E_AGAIN);
    assert_int_equal(cxd_close(b, 0), CXD_E_HANDLE);
    assert_int_equal(cxd_start(a), CXD_E_HANDLE);
    assert_int_equal(cxd_pull(a, 1, 0, p.buf, 1, p.meta), CXD_E_HANDLE);
    assert_int_equal(cxd_ack(a, 1, 0), CXD_E_HANDLE);
    assert_int_equal(cxd_wake(0), CXD_E_HANDLE);
    assert_int_equal(cxd_stop(UINT64_MAX, 0), CXD_E_HANDLE);
}

static void *wait_run(void *arg)
{
    uint64_t *h = arg;
    struct pulled *p = malloc(sizeof *p);
    intptr_t code = cxd_pull(*h, CXD_FORMAT_FRAMES, UINT32_MAX, p->buf, sizeof p->buf, p->meta);

    free(p);
    return (void *)code;
}

static void test_a_wake_and_a_close_end_a_wait(void **state)
{
    uint64_t h = bench_start("{}", bench_policy("count: 0", ""));
    static struct pulled p;
    pthread_t thread;
    void *code;

    (void)state;
    assert_int_equal(cxd_wake(h), CXD_E_OK); /* nobody waits: the next one's */
    assert_int_equal(bench_pull(h, UINT32_MAX, &p), CXD_E_AGAIN);
    assert_int_equal(pthread_create(&thread, NULL, wait_run, &h), 0);
    assert_int_equal(cxd_wake(h), CXD_E_OK);
    (void)pthread_join(thread, &code);
    assert_int_equal((intptr_t)code, CXD_E_AGAIN);
    assert_int_equal(pthread_create(&thread, NULL, wait_run, &h), 0);
    assert_int_equal(cxd_close(h, 0), CXD_E_OK); /* nothing was collected */
    (void)pthread_join(thread, &code);
    assert_true((intptr_t)code == CXD_E_CLOSED || (intptr_t)code == CXD_E_HANDLE ||
                (intptr_t)code == CXD_E_END);
}

static void test_a_stop_lets_the_rest_be_pulled(void **state)
{
    uint64_t h = bench_start("{}", bench_policy("count: 300", ""));
    static struct pulled p;
    int64_t next = 0;

    (void)state;
    WAIT_FOR(bench_status_number(h, "collected") == 300);
    assert_int_equal(cxd_stop(h, 0), CXD_E_AGAIN);
    while (bench_pull(h, PULL_MS, &p) == CXD_E_OK) {
        next = bench_expect(&p, next);
        assert_int_equal(cxd_ack(h, p.meta[0], CXD_DELIVERED), CXD_E_OK);
    }
    assert_int_equal(next, 300);
    assert_int_equal(cxd_stop(h, PULL_MS), CXD_E_OK);
    assert_int_equal(bench_pull(h, 0, &p), CXD_E_END);
    assert_int_equal(cxd_close(h, 0), CXD_E_OK);
    assert_int_equal(bench_cursor(), 300);
}

struct puller {
    uint64_t h;
    _Atomic int64_t documents;
};

static void *puller_run(void *arg)
{
    struct puller *w = arg;
    struct pulled *p = malloc(sizeof *p);
    unsigned turn = 0;

    assert_non_null(p);
    while (bench_pull(w->h, PULL_MS, p) == CXD_E_OK) {
        if (++turn % 7 == 0) {
            assert_int_equal(cxd_ack(w->h, p->meta[0], CXD_UNDELIVERED), CXD_E_OK);
        } else {
            assert_int_equal(cxd_ack(w->h, p->meta[0], CXD_DELIVERED), CXD_E_OK);
            w->documents += (int64_t)p->meta[2];
        }
    }
    free(p);
    return NULL;
}

static void *teller_run(void *arg)
{
    struct puller *w = arg;
    uint8_t buf[65536];
    uint64_t need;

    while (cxd_status(w->h, buf, sizeof buf, &need) == CXD_E_OK) {
        (void)cxd_log(buf, sizeof buf, &need);
        (void)cxd_wake(0);
    }
    return NULL;
}

static void test_many_threads_on_one_handle(void **state)
{
    struct puller w = {
        .h = bench_start("{\"once\":true}", bench_policy("count: 60000", "queue.mem: {bytes: 1MiB, "
                                                                         "batch_bytes: 4KiB}"))};
    pthread_t pullers[4];
    pthread_t teller;

    (void)state;
    assert_int_equal(pthread_create(&teller, NULL, teller_run, &w), 0);
    for (size_t i = 0; i < COUNT(pullers); i++) {
        assert_int_equal(pthread_create(&pullers[i], NULL, puller_run, &w), 0);
    }
    for (size_t i = 0; i < COUNT(pullers); i++) {
        (void)pthread_join(pullers[i], NULL);
    }
    puller_run(&w); /* one that was given back after the others had gone */
    assert_int_equal(w.documents, 60000);
    assert_int_equal(cxd_close(w.h, PULL_MS), CXD_E_OK);
    (void)pthread_join(teller, NULL);
    assert_int_equal(bench_cursor(), 60000);
}

/* The process is the host's: masks, handlers, folder and file mode are as they were. */
static void test_the_process_is_left_alone(void **state)
{
    sigset_t before;
    sigset_t after;
    struct sigaction pipe_before;
    struct sigaction pipe_after;
    mode_t mask = umask(0);
    uint64_t h;

    (void)state;
    (void)umask(mask);
    (void)pthread_sigmask(SIG_BLOCK, NULL, &before);
    (void)sigaction(SIGPIPE, NULL, &pipe_before);
    h = bench_start("{}", bench_policy("count: 10", ""));
    bench_close(h);
    (void)pthread_sigmask(SIG_BLOCK, NULL, &after);
    (void)sigaction(SIGPIPE, NULL, &pipe_after);
    assert_int_equal(umask(mask), mask);
    for (int i = 1; i < NSIG; i++) {
        assert_int_equal(sigismember(&before, i), sigismember(&after, i));
    }
    assert_ptr_equal(pipe_before.sa_handler, pipe_after.sa_handler);
}

static void test_log_lines_are_the_hosts_to_drain(void **state)
{
    uint64_t h;
    uint8_t buf[65536];
    uint64_t need = 0;

    (void)state;
    while (cxd_log(buf, sizeof buf, &need) == CXD_E_OK) {
    }
    assert_int_equal(cxd_log(buf, sizeof buf, &need), CXD_E_AGAIN);
    h = bench_open("{}", "inputs: [{type: ticker, count: 1}]\nnonsense: 1\n");
    assert_int_equal(cxd_log(buf, 5, &need), CXD_E_TOOSMALL);
    assert_int_equal(cxd_log(buf, sizeof buf, &need), CXD_E_OK);
    json_lines_check((char *)buf, need);
    assert_non_null(memmem(buf, need, "nonsense", 8));
    assert_int_equal(cxd_close(h, 0), CXD_E_OK); /* never started */
}

/* A module that never comes back: the caller does, and other handles are as good as ever. */
static void test_a_module_that_hangs(void **state)
{
    char options[1024];
    uint64_t other;
    uint64_t h;
    static struct pulled p;

    (void)state;
    (void)snprintf(options, sizeof options, "{\"modules\":[\"%s/tests/modules/stubborn\"]}",
                   getenv("CXD_BUILD_DIR"));
    h = bench_start_in(options, "inputs: [{type: hang-poll}]", "hangs");
    WAIT_FOR(bench_log_says("mole: open"));
    assert_int_equal(cxd_stop(h, 50), CXD_E_AGAIN);
    assert_int_equal(cxd_close(h, 50), CXD_E_MODULE);
    assert_int_equal(cxd_stop(h, 0), CXD_E_HANDLE);
    assert_int_equal(bench_try_in(options, "inputs: [{type: hang-poll}]", "hangs", &other),
                     CXD_E_BUSY); /* its folder is not free */
    other = bench_start("{\"once\":true}", bench_policy("count: 3", ""));
    assert_int_equal(bench_pull(other, PULL_MS, &p), CXD_E_OK);
    assert_int_equal(cxd_ack(other, p.meta[0], CXD_DELIVERED), CXD_E_OK);
    assert_int_equal(cxd_close(other, PULL_MS), CXD_E_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_wake_and_a_close_end_a_wait, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_stop_lets_the_rest_be_pulled, setup, teardown),
        cmocka_unit_test_setup_teardown(test_two_handles, setup, teardown),
        cmocka_unit_test_setup_teardown(test_many_threads_on_one_handle, setup, teardown),
        cmocka_unit_test_setup_teardown(test_the_process_is_left_alone, setup, teardown),
        cmocka_unit_test_setup_teardown(test_log_lines_are_the_hosts_to_drain, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_module_that_hangs, setup,
                                        teardown), /* last: it stays */
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
