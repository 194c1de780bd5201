/* test_buf.c: the limit holds to the byte, whatever its size; a failure changes nothing. */
#include "base/buf.h"

#include "cxd/status.h"

#include "test.h"

static void test_every_limit_is_reached_and_not_passed(void **state)
{
    static const size_t limits[] = {0, 1, 2, 100, 255, 256, 257, 300, 511, 512, 513, 1000, 65537};

    (void)state;
    for (size_t i = 0; i < COUNT(limits); i++) {
        struct buf b;
        buf_init(&b, limits[i]);
        for (size_t at = 0; at < limits[i]; at++) {
            assert_int_equal(buf_add(&b, at % 2 ? "a" : "b", 1), CXD_OK);
            assert_true(b.cap <= limits[i]);
        }
        assert_int_equal(b.len, limits[i]);
        assert_int_equal(buf_add(&b, "x", 1), CXD_TOO_LARGE);
        assert_int_equal(buf_add(&b, "", 0), CXD_OK);
        assert_int_equal(b.len, limits[i]);
        for (size_t at = 0; at < limits[i]; at++) {
            assert_int_equal(b.ptr[at], at % 2 ? 'a' : 'b');
        }
        buf_done(&b);
    }
}

static void test_one_big_step_grows_enough(void **state)
{
    struct buf b;

    (void)state;
    buf_init(&b, 100000);
    assert_int_equal(buf_add(&b, "abc", 3), CXD_OK);
    assert_int_equal(buf_reserve(&b, 99997), CXD_OK);
    assert_int_equal(b.cap, 100000);
    assert_int_equal(buf_reserve(&b, 99998), CXD_TOO_LARGE);
    assert_int_equal(buf_reserve(&b, SIZE_MAX), CXD_TOO_LARGE);
    assert_memory_equal(b.ptr, "abc", 3);
    buf_done(&b);
}

static void test_a_format_is_whole_or_absent(void **state)
{
    struct buf b;

    (void)state;
    buf_init(&b, 8);
    assert_int_equal(buf_add_format(&b, "%d-%s", 17, "abc"), CXD_OK);
    assert_int_equal(b.len, 6);
    assert_memory_equal(b.ptr, "17-abc", 6);
    assert_int_equal(buf_add_format(&b, "%s", "xyz"), CXD_TOO_LARGE);
    assert_int_equal(b.len, 6);
    assert_int_equal(buf_add_text(&b, "!"), CXD_OK);
    assert_memory_equal(b.ptr, "17-abc!", 7);
    buf_done(&b);
}

static void test_clear_keeps_memory_and_done_gives_it_back(void **state)
{
    struct buf b;
    const char *ptr;

    (void)state;
    buf_init(&b, 1000);
    assert_int_equal(buf_add_text(&b, "hello"), CXD_OK);
    ptr = b.ptr;
    buf_clear(&b);
    assert_int_equal(b.len, 0);
    assert_int_equal(buf_add_text(&b, "again"), CXD_OK);
    assert_ptr_equal(b.ptr, ptr);
    buf_done(&b);
    assert_null(b.ptr);
    assert_int_equal(b.cap, 0);
    buf_done(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_limit_is_reached_and_not_passed),
        cmocka_unit_test(test_one_big_step_grows_enough),
        cmocka_unit_test(test_a_format_is_whole_or_absent),
        cmocka_unit_test(test_clear_keeps_memory_and_done_gives_it_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
