/* test_split.c: elements of an array, and the law that it does not matter where the bytes are cut. */
#include "base/split.h"
#include "cores.h"
#include "cxd/status.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* Elements joined by newlines; parts of one element are joined as a caller would. */
struct collected {
    char text[512];
    size_t len;
    size_t elements;
    size_t rest; /* bytes left in the last chunk behind the array */
};

static void add(struct collected *c, const char *ptr, size_t len)
{
    assert_true(c->len + len <= sizeof c->text);
    memcpy(c->text + c->len, ptr, len);
    c->len += len;
}

/* One chunk, exactly as long as its block. Returns the last step. */
static int feed(struct split *s, const char *ptr, size_t len, struct collected *c)
{
    char *copy = exact_copy(ptr, len);
    struct cxd_bytes in = {copy, len};
    struct cxd_bytes part = {0};
    int step;

    while ((step = split_next(s, &in, &part)) == SPLIT_ELEMENT) {
        add(c, part.ptr, part.len);
        add(c, "\n", 1);
        c->elements++;
    }
    if (step == SPLIT_MORE) {
        assert_int_equal(in.len, 0);
        add(c, part.ptr, part.len);
    }
    c->rest = in.len;
    free(copy);
    return step;
}

static void assert_collected(const char *text, const char *want, size_t elements)
{
    struct split s = {0};
    struct collected c = {0};

    assert_int_equal(feed(&s, text, strlen(text), &c), SPLIT_END);
    assert_true(split_is_closed(&s));
    assert_int_equal(c.elements, elements);
    assert_int_equal(c.len, strlen(want));
    assert_memory_equal(c.text, want, c.len);
}

static const char mixed[] =
    " \n[ {\"a\":[1,{\"b\":\"],}\\\"[\"}]} ,\t\"x,]\\\\\" , 12,\r\n[[],[1]],null,\"\\\\\\\"\"]  ";
static const char mixed_want[] =
    "{\"a\":[1,{\"b\":\"],}\\\"[\"}]} \n\"x,]\\\\\" \n12\n[[],[1]]\nnull\n"
    "\"\\\\\\\"\"\n";

static void test_elements_end_at_commas_of_the_outer_array_only(void **state)
{
    (void)state;
    assert_collected(mixed, mixed_want, 6);
    assert_collected("[1]", "1\n", 1);
    assert_collected("[]", "", 0);
    assert_collected(" [ ] ", "", 0);
}

static void test_a_missing_element_is_an_empty_one(void **state)
{
    (void)state;
    assert_collected("[1,,2]", "1\n\n2\n", 3);
    assert_collected("[1, ]", "1\n\n", 2);
    assert_collected("[,]", "\n\n", 2);
}

static void test_the_array_is_closed_or_not(void **state)
{
    static const char *const open[] = {"", " ", "[", "[1", "[1,", "[\"]", "[{]"};
    static const char *const closed[] = {"[]", "[1]", "[1,]", "[{}]", "[\"\"] x"};

    (void)state;
    for (size_t i = 0; i < sizeof open / sizeof open[0]; i++) {
        struct split s = {0};
        struct collected c = {0};
        assert_int_equal(feed(&s, open[i], strlen(open[i]), &c), SPLIT_MORE);
        assert_false(split_is_closed(&s));
    }
    for (size_t i = 0; i < sizeof closed / sizeof closed[0]; i++) {
        struct split s = {0};
        struct collected c = {0};
        assert_int_equal(feed(&s, closed[i], strlen(closed[i]), &c), SPLIT_END);
        assert_true(split_is_closed(&s));
    }
}

static void test_what_follows_the_array_is_left_to_the_caller(void **state)
{
    struct split s = {0};
    struct collected c = {0};

    (void)state;
    assert_int_equal(feed(&s, "[1] x", 5, &c), SPLIT_END);
    assert_int_equal(c.rest, 2);
    assert_int_equal(feed(&s, "[2]", 3, &c), SPLIT_END);
    assert_int_equal(c.rest, 3);
}

static void test_what_is_no_array_is_refused(void **state)
{
    struct split s = {0};
    struct collected c = {0};

    (void)state;
    assert_int_equal(feed(&s, " ", 1, &c), SPLIT_MORE);
    assert_int_equal(feed(&s, " {}", 3, &c), CXD_MALFORMED);
}

static void test_it_does_not_matter_where_the_bytes_are_cut(void **state)
{
    size_t len = sizeof mixed - 1;

    (void)state;
    for (size_t first = 0; first <= len; first++) {
        for (size_t second = first; second <= len; second++) {
            struct split s = {0};
            struct collected c = {0};
            (void)feed(&s, mixed, first, &c); /* the whole is judged below */
            (void)feed(&s, mixed + first, second - first, &c);
            (void)feed(&s, mixed + second, len - second, &c);
            assert_true(split_is_closed(&s));
            assert_int_equal(c.elements, 6);
            assert_int_equal(c.len, sizeof mixed_want - 1);
            assert_memory_equal(c.text, mixed_want, c.len);
        }
    }
}

static void test_byte_by_byte_is_the_same_too(void **state)
{
    struct split s = {0};
    struct collected c = {0};

    (void)state;
    for (size_t i = 0; i < sizeof mixed - 1; i++) {
        (void)feed(&s, mixed + i, 1, &c); /* the whole is judged below */
    }
    assert_int_equal(c.len, sizeof mixed_want - 1);
    assert_memory_equal(c.text, mixed_want, c.len);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_elements_end_at_commas_of_the_outer_array_only),
        cmocka_unit_test(test_a_missing_element_is_an_empty_one),
        cmocka_unit_test(test_the_array_is_closed_or_not),
        cmocka_unit_test(test_what_follows_the_array_is_left_to_the_caller),
        cmocka_unit_test(test_what_is_no_array_is_refused),
        cmocka_unit_test(test_it_does_not_matter_where_the_bytes_are_cut),
        cmocka_unit_test(test_byte_by_byte_is_the_same_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
