/*
 * Who may call the Cortex API simulator, how often, and what time it is there.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cortex_auth.h"
#include "cortex_clock.h"
#include "cortex_limit.h"

/* sha256 of "abc" in two cuts, and of all three parts together: both known. */
static void test_the_digest_is_that_of_the_parts_in_a_row(void **state)
{
    (void)state;
    static const char ABC[] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    char digest[CORTEX_DIGEST_BYTES];
    assert_true(cortex_auth_digest("a", "b", "c", digest));
    assert_string_equal(digest, ABC);
    assert_true(cortex_auth_digest("ab", "", "c", digest));
    assert_string_equal(digest, ABC);
}

static enum cortex_verdict sign(struct cortex_auth *auth, const char *key, const char *nonce,
                                const char *timestamp)
{
    char digest[CORTEX_DIGEST_BYTES];
    assert_true(cortex_auth_digest(key, nonce, timestamp, digest));
    const struct cortex_credentials it = {"2", digest, nonce, timestamp};
    return cortex_auth_check(auth, &it, 1000000, 5000000);
}

static void test_keys_are_checked_each_in_its_way(void **state)
{
    (void)state;
    struct cortex_auth *auth = cortex_auth_new("1:plain", "2:secret", 1000);
    assert_non_null(auth);
    static const struct {
        struct cortex_credentials it;
        enum cortex_verdict verdict;
    } CASES[] = {{{"1", "plain", NULL, NULL}, CORTEX_WELCOME},
                 {{"1", "plaim", NULL, NULL}, CORTEX_WRONG_KEY},
                 {{"1", "plain ", NULL, NULL}, CORTEX_WRONG_KEY},
                 {{"1", NULL, NULL, NULL}, CORTEX_NO_KEY},
                 {{NULL, "plain", NULL, NULL}, CORTEX_NO_KEY},
                 {{"3", "plain", NULL, NULL}, CORTEX_NO_KEY},
                 {{"2", "secret", NULL, NULL}, CORTEX_WRONG_KEY},
                 {{"2", "secret", "n", "1000000"}, CORTEX_WRONG_KEY},
                 {{"2", "plain", NULL, NULL}, CORTEX_WRONG_KEY}};
    for (unsigned i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        assert_int_equal(cortex_auth_check(auth, &CASES[i].it, 1000000, 1000000), CASES[i].verdict);
    }
    assert_int_equal(sign(auth, "secret", "one", "1000000"), CORTEX_WELCOME);
    assert_int_equal(sign(auth, "secret", "one", "1000000"), CORTEX_NONCE_TWICE);
    assert_int_equal(sign(auth, "secret", "one", "1000001"), CORTEX_NONCE_TWICE);
    assert_int_equal(sign(auth, "secret", "two", "1001000"), CORTEX_WELCOME);
    assert_int_equal(sign(auth, "secret", "three", "1001001"), CORTEX_WRONG_TIME);
    assert_int_equal(sign(auth, "secret", "four", "998999"), CORTEX_WRONG_TIME);
    assert_int_equal(sign(auth, "secret", "five", "5000000"), CORTEX_WELCOME);
    assert_int_equal(sign(auth, "secret", "six", "1000000x"), CORTEX_WRONG_TIME);
    assert_int_equal(sign(auth, "plain", "seven", "1000000"), CORTEX_WRONG_KEY);
    cortex_auth_free(auth);
    assert_null(cortex_auth_new("1:a", "1:b", 0));
    assert_null(cortex_auth_new("1a", "2:b", 0));
    assert_null(cortex_auth_new(":a", "2:b", 0));
    assert_null(cortex_auth_new("1:", "2:b", 0));
}

static void test_the_limit_gives_so_many_and_fills_again(void **state)
{
    (void)state;
    struct cortex_limit limit;
    cortex_limit_init(&limit, 10, 1000);
    unsigned given = 0;
    for (unsigned i = 0; i < 25; i++) {
        given += cortex_limit_take(&limit, 5000);
    }
    assert_int_equal(given, 10);
    assert_false(cortex_limit_take(&limit, 5099));
    assert_true(cortex_limit_take(&limit, 5200));
    for (unsigned i = 0; i < 25; i++) {
        given += cortex_limit_take(&limit, 60000);
    }
    assert_int_equal(given, 20);
    cortex_limit_done(&limit);
    cortex_limit_init(&limit, 0, 1000);
    for (unsigned i = 0; i < 1000; i++) {
        assert_true(cortex_limit_take(&limit, 1));
    }
    cortex_limit_done(&limit);
}

static void test_the_clock_stands_jumps_and_runs(void **state)
{
    (void)state;
    struct cortex_clock clock;
    cortex_clock_init(&clock, 1000);
    assert_int_equal(cortex_clock_now(&clock), 1000);
    cortex_clock_advance(&clock, 500);
    assert_int_equal(cortex_clock_now(&clock), 1500);
    cortex_clock_run(&clock, 1000);
    int64_t now_ms = cortex_clock_now(&clock);
    while (cortex_clock_now(&clock) < now_ms + 5000) {
    }
    cortex_clock_set(&clock, 42);
    assert_int_equal(cortex_clock_now(&clock), 42);
    assert_int_equal(cortex_clock_rate(&clock), 0);
    cortex_clock_done(&clock);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_digest_is_that_of_the_parts_in_a_row),
        cmocka_unit_test(test_keys_are_checked_each_in_its_way),
        cmocka_unit_test(test_the_limit_gives_so_many_and_fills_again),
        cmocka_unit_test(test_the_clock_stands_jumps_and_runs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
