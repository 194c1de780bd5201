/*
 * test_embed.c: the exported functions as a foreign program calls them: batches pulled, acknowledged, given back; cursors saved for
 * what was acknowledged only; small buffers, dead letters, what is wrong in options and policies. Its life: test_embed_life.c.
 */
#include "embed_bench.h"

#include "base/scan.h"
#include "pipeline/registry.h"

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
        cmocka_unit_test_setup_teardown(test_a_queue_on_disk, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
