/*
 * test_torture_embed.c: the n-th allocation fails, for every n, from the options to the last acknowledgement. Each time a code that
 * says so, nothing left behind (AddressSanitizer looks), and in the end every document was had once acknowledged.
 */
#include "embed_bench.h"

#include "../io/starve.h"

static struct pulled p;

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

/* Nothing asked of the caller's thread that may not fail. The first code that is no success. */
static int32_t whole_way(uint64_t *documents)
{
    const char *policy = bench_policy("count: 300, tags: ['${A}']", "");
    uint64_t h = 0;
    uint8_t text[65536];
    uint64_t need;
    int32_t code = bench_try("{\"once\":true,\"variables\":{\"A\":\"value-of-a\"}}", policy, &h);
    int32_t first;

    if (code != CXD_E_OK) {
        return code;
    }
    first = cxd_status(h, text, sizeof text, &need);
    code = cxd_start(h);
    first = first != CXD_E_OK ? first : code;
    while (code == CXD_E_OK || code == CXD_E_NOMEM) {
        code = bench_pull(h, 20000, &p);
        first = first != CXD_E_OK || code == CXD_E_END ? first : code;
        if (code == CXD_E_OK) {
            code = cxd_reject(h, p.meta[0], 0, (const uint8_t *)"no", 2);
            first = first != CXD_E_OK ? first : code;
            assert_int_equal(cxd_ack(h, p.meta[0], CXD_DELIVERED), CXD_E_OK);
            *documents += p.meta[2];
            code = CXD_E_OK;
        }
    }
    code = cxd_apply(h, (const uint8_t *)policy, strlen(policy), 1);
    first = first != CXD_E_OK || code == CXD_E_UNSUPPORTED ? first : code;
    code = cxd_close(h, 20000);
    return first != CXD_E_OK ? first : code;
}

static void test_every_allocation_may_fail(void **state)
{
    int has_failed = 1;
    int failures = 0;

    (void)state;
    for (int n = 1; has_failed; n++) {
        uint64_t documents = 0;
        int32_t code;
        folder_remove(bench_folder());
        (void)bench_setup();
        starve_at(n);
        code = whole_way(&documents);
        has_failed = starve_happened();
        starve_at(0);
        if (code != CXD_E_OK) {
            failures++;
            char said[600];
            bench_error(0, said);
            /* within a policy it is said with the line, as what is wrong there is */
            if (code != CXD_E_NOMEM && strstr(said, "memory") == NULL) {
                fail_msg("allocation %d: code %d, \"%s\"", n, code, said);
            }
        }
        assert_true(documents >= 300 || code != CXD_E_OK);
    }
    print_message("%d failures\n", failures);
    assert_true(failures > 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_every_allocation_may_fail, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
