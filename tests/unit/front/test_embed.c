/*
 * test_embed.c: the exported functions as a foreign program calls them: batches pulled, acknowledged, given back; cursors saved for
 * what was acknowledged only; stale handles and numbers, small buffers, calls from many threads, a close beside them.
 */
#include "embed_bench.h"

#include "base/scan.h"
#include "pipeline/registry.h"

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

static void test_versions_and_build(void **state)
{
    uint8_t buf[512];
    uint64_t need = 0;

    (void)state;
    assert_int_equal(cxd_abi_version() >> 16, CXD_EMBED_MAJOR);
    assert_int_equal(cxd_build_info(buf, 3, &need), CXD_E_TOOSMALL);
    assert_true(need > 3);
    assert_int_equal(cxd_build_info(buf, sizeof buf, &need), CXD_E_OK);
    buf[need] = '\0';
    assert_non_null(strstr((char *)buf, "\"module_abi\":\"1."));
    assert_int_equal(cxd_build_info(NULL, 1, &need), CXD_E_INVAL);
    assert_int_equal(cxd_build_info(buf, 1, NULL), CXD_E_INVAL);
}

/* Everything once, in order; then the end; then a next run has nothing. */
static void test_all_is_pulled_once(void **state)
{
    uint64_t h = bench_open("{\"once\":true}", bench_policy("count: 1000", ""));
    static struct pulled p;
    int64_t next = 0;
    int32_t code;

    (void)state;
    assert_int_equal(cxd_pull(h, CXD_FORMAT_FRAMES, 0, p.buf, sizeof p.buf, p.meta),
                     CXD_E_STATE); /* not started */
    assert_int_equal(cxd_start(h), CXD_E_OK);
    assert_int_equal(cxd_start(h), CXD_E_STATE);
    while ((code = bench_pull(h, PULL_MS, &p)) == CXD_E_OK) {
        next = bench_expect(&p, next);
        assert_int_equal(cxd_ack(h, p.meta[0], CXD_DELIVERED), CXD_E_OK);
        assert_int_equal(cxd_ack(h, p.meta[0], CXD_DELIVERED), CXD_E_HANDLE);
    }
    assert_int_equal(code, CXD_E_END);
    assert_int_equal(next, 1000);
    assert_int_equal(cxd_close(h, PULL_MS), CXD_E_OK);
    assert_int_equal(bench_cursor(), 1000);
    h = bench_start("{\"once\":true}", bench_policy("count: 1000", ""));
    assert_int_equal(bench_pull(h, PULL_MS, &p), CXD_E_END);
    assert_int_equal(cxd_close(h, PULL_MS), CXD_E_OK);
}

static void test_what_was_not_acknowledged_comes_again(void **state)
{
    static const char small[] = "queue.mem: {bytes: 1MiB, batch_bytes: 4KiB}";
    uint64_t h = bench_start("{\"once\":true}", bench_policy("count: 500", small));
    static struct pulled first;
    static struct pulled p;
    int64_t next;

    (void)state;
    assert_int_equal(bench_pull(h, PULL_MS, &first), CXD_E_OK);
    next = bench_expect(&first, 0);
    assert_int_equal(cxd_ack(h, first.meta[0], CXD_UNDELIVERED), CXD_E_OK);
    assert_int_equal(bench_pull(h, PULL_MS, &p), CXD_E_OK); /* before all others */
    assert_int_equal(bench_expect(&p, 0), next);
    assert_true(p.meta[0] != first.meta[0]);
    while (next < 150) { /* the ticker marks each hundred */
        assert_int_equal(cxd_ack(h, p.meta[0], CXD_DELIVERED), CXD_E_OK);
        assert_int_equal(bench_pull(h, PULL_MS, &p), CXD_E_OK);
        next = bench_expect(&p, next);
    }
    while (bench_pull(h, PULL_MS, &first) == CXD_E_OK) { /* held, never said a word of */
    }
    assert_int_equal(cxd_close(h, 50), CXD_E_AGAIN);
    next = bench_cursor();
    assert_int_equal(next, 100); /* of what was acknowledged, no more */
    h = bench_start("{\"once\":true}", bench_policy("count: 500", small));
    while (bench_pull(h, PULL_MS, &p) == CXD_E_OK) {
        next = bench_expect(&p, next);
        assert_int_equal(cxd_ack(h, p.meta[0], CXD_DELIVERED), CXD_E_OK);
    }
    assert_int_equal(next, 500);
    assert_int_equal(cxd_close(h, PULL_MS), CXD_E_OK);
}

/* Inputs wait when the host does not settle; no cursor passes a batch that is still out. */
static void test_back_pressure_and_the_longest_run(void **state)
{
    uint64_t h = bench_start("{}", bench_policy("count: 100000", "queue.mem: {bytes: 1MiB, "
                                                                 "batch_bytes: 128KiB}"));
    static struct pulled p[16];
    uint32_t held = 0;

    (void)state;
    while (held < 16 && bench_pull(h, held > 2 ? 500 : PULL_MS, &p[held]) == CXD_E_OK) {
        held++;
    }
    assert_in_range(held, 2, 9); /* 1 MiB of them, and no more */
    assert_int_equal(bench_status_number(h, "pulled_batches"), held);
    (void)bench_expect(&p[0], 0);
    for (uint32_t i = 1; i < held; i++) {
        assert_int_equal(cxd_ack(h, p[i].meta[0], CXD_DELIVERED), CXD_E_OK);
    }
    assert_int_equal(cxd_stop(h, 0), CXD_E_AGAIN);
    assert_int_equal(cxd_close(h, 0), CXD_E_AGAIN);
    assert_int_equal(bench_cursor(), -1);
}

static void test_a_small_buffer_consumes_nothing(void **state)
{
    uint64_t h = bench_start("{\"once\":true}", bench_policy("count: 10", ""));
    static struct pulled p;
    uint64_t need;
    int32_t code;

    (void)state;
    WAIT_FOR((code = cxd_pull(h, CXD_FORMAT_FRAMES, 100, p.buf, 10, p.meta)) != CXD_E_AGAIN);
    assert_int_equal(code, CXD_E_TOOSMALL);
    need = p.meta[1];
    assert_int_equal(cxd_pull(h, CXD_FORMAT_FRAMES, 0, p.buf, need - 1, p.meta), CXD_E_TOOSMALL);
    assert_int_equal(cxd_pull(h, CXD_FORMAT_FRAMES, 0, NULL, 0, p.meta), CXD_E_TOOSMALL);
    assert_int_equal(cxd_pull(h, CXD_FORMAT_FRAMES, 0, p.buf, need, p.meta), CXD_E_OK);
    assert_int_equal(p.meta[1], need);
    assert_int_equal(bench_expect(&p, 0), 10);
    assert_int_equal(cxd_close(h, 0), CXD_E_AGAIN);
}

static void test_lines_for_bulk(void **state)
{
    static const char wanted[] = "{\"create\":{\"_index\":\"logs-generic-default\",\"_id\":\"tick-"
                                 "0\",\"pipeline\":\"p\"}}\n{";
    uint64_t h = bench_start("{\"once\":true}", bench_policy("count: 2, pipeline: p", ""));
    static struct pulled p;

    (void)state;
    assert_int_equal(cxd_pull(h, 3, 0, p.buf, sizeof p.buf, p.meta), CXD_E_INVAL);
    assert_int_equal(cxd_pull(h, CXD_FORMAT_BULK, PULL_MS, p.buf, sizeof p.buf - 1, p.meta),
                     CXD_E_OK);
    p.buf[p.meta[1]] = '\0';
    assert_int_equal(p.meta[2], 2);
    assert_int_equal(lines_count((char *)p.buf), 4);
    assert_memory_equal(p.buf, wanted, sizeof wanted - 1);
    json_lines_check((char *)p.buf, p.meta[1]);
    assert_int_equal(cxd_close(h, 0), CXD_E_AGAIN);
}

static void test_rejected_documents_are_dead_letters(void **state)
{
    uint64_t h = bench_start("{\"once\":true}", bench_policy("count: 5", ""));
    const uint8_t reason[] = "the mapping does not fit";
    static struct pulled p;
    char *dead;

    (void)state;
    assert_int_equal(bench_pull(h, PULL_MS, &p), CXD_E_OK);
    assert_int_equal(cxd_reject(h, p.meta[0], 5, reason, sizeof reason - 1), CXD_E_INVAL);
    assert_int_equal(cxd_reject(h, p.meta[0], 3, reason, sizeof reason - 1), CXD_E_OK);
    assert_int_equal(cxd_reject(h, p.meta[0], 3, reason, sizeof reason - 1), CXD_E_STATE);
    assert_int_equal(cxd_ack(h, p.meta[0], CXD_DELIVERED), CXD_E_OK);
    assert_int_equal(cxd_reject(h, p.meta[0], 1, reason, sizeof reason - 1), CXD_E_HANDLE);
    assert_int_equal(bench_status_number(h, "dead_lettered"), 1);
    assert_int_equal(bench_status_number(h, "delivered"), 4);
    assert_int_equal(cxd_close(h, PULL_MS), CXD_E_OK);
    dead = file_slurp(bench_folder(), "dead_letter/dead.ndjson", NULL);
    assert_non_null(dead);
    assert_non_null(strstr(dead, "the mapping does not fit"));
    assert_non_null(strstr(dead, "tick-3"));
    free(dead);
}

static void test_wrong_options_and_policies(void **state)
{
    static const struct {
        const char *options;
        const char *policy;
        int32_t code;
        const char *says;
    } cases[] = {
        {"[]", "x: y", CXD_E_CONFIG, "options"},
        {"{\"once\":1}", "x: y", CXD_E_CONFIG, "once: expected true or false"},
        {"{\"modules\":\"x\"}", "x: y", CXD_E_CONFIG, "modules: expected a list"},
        {"{\"modules\":[\"/none/such\"]}", "inputs: [{type: ticker, count: 1}]", CXD_E_MODULE,
         "/none/such"},
        {"{\"variables\":{\"a\":1}}", "x: y", CXD_E_CONFIG, "variables: expected a text"},
        {"{\"log_level\":\"loud\"}", "inputs: [{type: ticker, count: 1}]", CXD_E_CONFIG,
         "log_level"},
        {"{}", "", CXD_E_CONFIG, "no policy"},
        {"{\"policy_path\":\"/none/such\"}", "", CXD_E_IO, "/none/such"},
        {"{}", "inputs: {", CXD_E_CONFIG, "policy:"},
        {"{}", "inputs: [{type: tocker}]", CXD_E_CONFIG, "no input module of type \"tocker\""},
        {"{}", "inputs: [{type: ticker, count: '${NOT_THERE_AT_ALL}'}]", CXD_E_CONFIG,
         "NOT_THERE_AT_ALL"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint64_t h = 77;
        char said[600];
        int32_t code = bench_try(cases[i].options, cases[i].policy, &h);
        bench_error(0, said);
        if (code != cases[i].code || strstr(said, cases[i].says) == NULL || h != 77) {
            fail_msg("%s %s: %d \"%s\"", cases[i].options, cases[i].policy, code, said);
        }
    }
    assert_int_equal(cxd_open(NULL, 3, NULL, 0, &(uint64_t){0}), CXD_E_INVAL);
    assert_int_equal(cxd_open(NULL, 0, NULL, 0, NULL), CXD_E_INVAL);
}

/* What the host gives for ${NAME} is used before the environment, and stays out of what is said. */
static void test_variables(void **state)
{
    uint64_t h = bench_start("{\"once\":true,\"variables\":{\"MANY\":\"25\",\"a.b\":\"x\\u0041\"}}",
                             bench_policy("count: '${MANY}', tags: ['${a.b}']", ""));
    static struct pulled p;

    (void)state;
    assert_int_equal(bench_pull(h, PULL_MS, &p), CXD_E_OK);
    assert_int_equal(p.meta[2], 25);
    assert_non_null(memmem(p.buf, p.meta[1], "[\"xA\"]", 6));
    assert_int_equal(cxd_close(h, 0), CXD_E_AGAIN);
    assert_int_equal(bench_try("{\"variables\":{\"KEY\":\"secret-of-the-host\"}}",
                               "inputs: [{type: 'x${KEY}'}]", &h),
                     CXD_E_CONFIG);
    {
        char said[600];
        bench_error(0, said);
        assert_null(strstr(said, "secret-of-the-host"));
        assert_non_null(strstr(said, "******"));
    }
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

static void test_a_policy_is_checked_and_not_applied(void **state)
{
    uint64_t h = bench_start("{}", bench_policy("count: 1", ""));
    const char *good = bench_policy("count: 9", "");
    char said[600];

    (void)state;
    assert_int_equal(cxd_apply(h, (const uint8_t *)good, strlen(good), 2), CXD_E_UNSUPPORTED);
    assert_int_equal(cxd_apply(h, (const uint8_t *)"inputs: []", 10, 2), CXD_E_CONFIG);
    bench_error(h, said);
    assert_non_null(strstr(said, "no input is enabled"));
    assert_int_equal(cxd_apply(h, NULL, 0, 2), CXD_E_CONFIG);
    bench_close(h);
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

static void test_a_queue_on_disk(void **state)
{
    const char *policy =
        bench_policy("count: 2000", "queue.disk: {max_size: 16MiB, segment_size: 1MiB}");
    uint64_t h = bench_start("{\"once\":true}", policy);
    static struct pulled p;
    int64_t next = 0;
    int32_t code;

    (void)state;
    while ((code = bench_pull(h, PULL_MS, &p)) == CXD_E_OK) {
        next = bench_expect(&p, next);
        assert_int_equal(cxd_ack(h, p.meta[0], CXD_DELIVERED), CXD_E_OK);
    }
    assert_int_equal(code, CXD_E_END);
    assert_int_equal(next, 2000);
    assert_int_equal(cxd_close(h, PULL_MS), CXD_E_OK);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_versions_and_build, setup, teardown),
        cmocka_unit_test_setup_teardown(test_all_is_pulled_once, setup, teardown),
        cmocka_unit_test_setup_teardown(test_what_was_not_acknowledged_comes_again, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_back_pressure_and_the_longest_run, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_small_buffer_consumes_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(test_lines_for_bulk, setup, teardown),
        cmocka_unit_test_setup_teardown(test_rejected_documents_are_dead_letters, setup, teardown),
        cmocka_unit_test_setup_teardown(test_wrong_options_and_policies, setup, teardown),
        cmocka_unit_test_setup_teardown(test_variables, setup, teardown),
        cmocka_unit_test_setup_teardown(test_two_handles, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_policy_is_checked_and_not_applied, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_wake_and_a_close_end_a_wait, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_stop_lets_the_rest_be_pulled, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_queue_on_disk, setup, teardown),
        cmocka_unit_test_setup_teardown(test_many_threads_on_one_handle, setup, teardown),
        cmocka_unit_test_setup_teardown(test_the_process_is_left_alone, setup, teardown),
        cmocka_unit_test_setup_teardown(test_log_lines_are_the_hosts_to_drain, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_module_that_hangs, setup,
                                        teardown), /* last: it stays */
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
