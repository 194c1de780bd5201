/* test_redact.c: no part of a secret is left, whatever order and whatever company it came in. */
#include "base/redact.h"

#include "cxd/status.h"

#include "test.h"

static int forget(void **state)
{
    (void)state;
    redact_clear();
    return 0;
}

static void check(const char *text, const char *wanted)
{
    char copy[256];

    (void)snprintf(copy, sizeof copy, "%s", text);
    redact_text(copy, strlen(copy));
    assert_string_equal(copy, wanted);
}

static void add(const char *secret)
{
    assert_int_equal(redact_add(secret, strlen(secret)), CXD_OK);
}

static void test_every_place_is_masked(void **state)
{
    (void)state;
    add("s3cret-key");
    check("s3cret-key", "**********");
    check("a s3cret-key, s3cret-keys3cret-key.", "a **********, ********************.");
    check("s3cret-ke", "s3cret-ke");
    check("", "");
}

static void test_short_ones_would_eat_text(void **state)
{
    (void)state;
    add("abcde");
    add("");
    check("abcde", "abcde");
    add("abcdef");
    check("abcdef", "******");
}

static void test_a_secret_within_another_does_not_shield_it(void **state)
{
    (void)state;
    add("geheim-schluessel");
    add("geheim");
    check("key geheim-schluessel", "key *****************");
    redact_clear();
    add("geheim");
    add("geheim-schluessel");
    check("key geheim-schluessel", "key *****************");
    check("nur geheim", "nur ******");
}

static void test_bytes_of_any_kind(void **state)
{
    char text[] = {'a', 0, 1, 2, (char)0xff, '"', '\\', 'z', 'b'};
    static const char secret[] = {0, 1, 2, (char)0xff, '"', '\\', 'z'};

    (void)state;
    assert_int_equal(redact_add(secret, sizeof secret), CXD_OK);
    redact_text(text, sizeof text);
    assert_memory_equal(text, "a*******b", sizeof text);
}

static void test_the_head_of_a_secret_at_a_cut_goes_too(void **state)
{
    char text[] = "the key is s3cret-k";
    char whole[] = "the key is gone";
    char tiny[] = "ends with s3c";

    (void)state;
    add("s3cret-key-of-the-house");
    redact_cut(text, strlen(text));
    assert_string_equal(text, "the key is ********");
    redact_cut(whole, strlen(whole));
    assert_string_equal(whole, "the key is gone");
    redact_cut(tiny, strlen(tiny));
    assert_string_equal(tiny, "ends with ***");
}

static void test_cleared_means_forgotten(void **state)
{
    (void)state;
    add("s3cret-key");
    redact_clear();
    check("s3cret-key", "s3cret-key");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_every_place_is_masked, forget),
        cmocka_unit_test_teardown(test_short_ones_would_eat_text, forget),
        cmocka_unit_test_teardown(test_a_secret_within_another_does_not_shield_it, forget),
        cmocka_unit_test_teardown(test_bytes_of_any_kind, forget),
        cmocka_unit_test_teardown(test_the_head_of_a_secret_at_a_cut_goes_too, forget),
        cmocka_unit_test_teardown(test_cleared_means_forgotten, forget),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
