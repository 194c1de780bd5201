/* test_seen.c: SipHash against its published vectors, and the bounded memory of hashes. */
#include "fake_host.h"
#include "seen.h"
#include "siphash.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void test_siphash_gives_the_published_vectors(void **state)
{
    static const uint64_t expected[] = {UINT64_C(0x726fdb47dd0e0e31), UINT64_C(0x74f839c593dc67fd)};
    unsigned char key[SIPHASH_KEY_LEN];
    char in[15];

    (void)state;
    for (size_t i = 0; i < sizeof key; i++) {
        key[i] = (unsigned char)i;
    }
    for (size_t i = 0; i < sizeof in; i++) {
        in[i] = (char)i;
    }
    assert_int_equal(siphash(key, in, 0), expected[0]);
    assert_int_equal(siphash(key, in, 1), expected[1]);
    assert_int_equal(siphash(key, in, 15), UINT64_C(0xa129ca6149be45e5));
}

static void test_what_was_added_is_known(void **state)
{
    struct seen seen;

    (void)state;
    fake_reset();
    seen_init(&seen, &fake_host, NULL, 100000);
    for (uint64_t i = 1; i <= 20000; i++) {
        assert_int_equal(seen_add(&seen, i * UINT64_C(0x9e3779b97f4a7c15)), 1);
    }
    for (uint64_t i = 1; i <= 20000; i++) {
        assert_int_equal(seen_add(&seen, i * UINT64_C(0x9e3779b97f4a7c15)), 0);
    }
    assert_int_equal(seen_add(&seen, 0), 1);
    assert_int_equal(seen_add(&seen, 0), 0);
    seen_clear(&seen);
    assert_int_equal(seen_add(&seen, UINT64_C(0x9e3779b97f4a7c15)), 1);
    seen_done(&seen);
    assert_int_equal(fake.live, 0);
}

static void test_the_oldest_half_is_forgotten_and_memory_is_bounded(void **state)
{
    struct seen seen;

    (void)state;
    fake_reset();
    seen_init(&seen, &fake_host, NULL, 1000);
    for (uint64_t i = 1; i <= 100000; i++) {
        assert_int_equal(seen_add(&seen, i), 1);
        if (i > 500) {
            assert_int_equal(seen_add(&seen, i - 499), 0);
        }
    }
    assert_true(seen.now.count + seen.before.count <= 1000);
    assert_true(seen.now.cap + seen.before.cap <= 2 * 4096);
    assert_int_equal(seen_add(&seen, 1), 1);
    seen_done(&seen);
    assert_int_equal(fake.live, 0);
}

static void test_no_memory_is_an_error_and_nothing_leaks(void **state)
{
    (void)state;
    for (uint64_t n = 1; n <= 3; n++) {
        struct seen seen;
        int r = 1;

        fake_reset();
        fake.fail_at = n;
        seen_init(&seen, &fake_host, NULL, 100000);
        for (uint64_t i = 1; i <= 20000 && r == 1; i++) {
            r = seen_add(&seen, i);
        }
        assert_int_equal(r, CXD_NOMEM);
        seen_done(&seen);
        assert_int_equal(fake.live, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_siphash_gives_the_published_vectors),
        cmocka_unit_test(test_what_was_added_is_known),
        cmocka_unit_test(test_the_oldest_half_is_forgotten_and_memory_is_bounded),
        cmocka_unit_test(test_no_memory_is_an_error_and_nothing_leaks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
