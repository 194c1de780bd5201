/* test_arena.c: aligned pieces that do not overlap, a limit over all blocks, one life. */
#include "base/arena.h"

#include "test.h"

static void test_pieces_are_aligned_and_apart(void **state)
{
    struct arena *a = arena_new(256, 1 << 20);
    char *pieces[200];

    (void)state;
    assert_non_null(a);
    for (size_t i = 0; i < COUNT(pieces); i++) {
        pieces[i] = arena_alloc(a, i + 1);
        assert_non_null(pieces[i]);
        assert_int_equal((uintptr_t)pieces[i] % 16, 0);
        memset(pieces[i], (int)i, i + 1);
    }
    for (size_t i = 0; i < COUNT(pieces); i++) {
        for (size_t at = 0; at <= i; at++) {
            assert_int_equal((unsigned char)pieces[i][at], i);
        }
    }
    arena_free(a);
}

static void test_a_piece_of_nothing_is_a_pointer_too(void **state)
{
    struct arena *a = arena_new(256, 1 << 20);

    (void)state;
    assert_non_null(a);
    assert_non_null(arena_alloc(a, 0));
    assert_non_null(arena_alloc(a, 0));
    arena_free(a);
}

static void test_the_limit_holds_over_all_blocks(void **state)
{
    struct arena *a = arena_new(64, 1024);
    size_t got = 0;

    (void)state;
    assert_non_null(a);
    assert_null(arena_alloc(a, 1025));
    assert_null(arena_alloc(a, SIZE_MAX));
    assert_null(arena_alloc(a, SIZE_MAX - 16));
    while (arena_alloc(a, 64) != NULL) {
        got += 64;
    }
    assert_int_equal(got, 1024);
    assert_int_equal(arena_used(a), 1024);
    arena_reset(a);
    assert_int_equal(arena_used(a), 0);
    assert_non_null(arena_alloc(a, 512));
    arena_free(a);
}

static void test_a_copy_ends_with_nul(void **state)
{
    struct arena *a = arena_new(64, 1024);
    const char *copy;

    (void)state;
    assert_non_null(a);
    copy = arena_copy(a, "abcdef", 3);
    assert_non_null(copy);
    assert_string_equal(copy, "abc");
    copy = arena_copy(a, NULL, 0);
    assert_non_null(copy);
    assert_string_equal(copy, "");
    assert_null(arena_copy(a, "x", SIZE_MAX));
    arena_free(a);
    arena_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pieces_are_aligned_and_apart),
        cmocka_unit_test(test_a_piece_of_nothing_is_a_pointer_too),
        cmocka_unit_test(test_the_limit_holds_over_all_blocks),
        cmocka_unit_test(test_a_copy_ends_with_nul),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
