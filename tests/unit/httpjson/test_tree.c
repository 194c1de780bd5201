/* test_tree.c: strings are searched eight bytes at a time, and nothing depends on where they begin. */
#include "fake.h"

#include "lib/tree.h"
#include "lib/utf.h"

static const char *slow_find(const char *ptr, const char *end, unsigned char below)
{
    while (ptr < end && *ptr != '"' && *ptr != '\\' && (unsigned char)*ptr >= below) {
        ptr++;
    }
    return ptr;
}

static void test_searching_finds_what_a_loop_finds(void **state)
{
    static const unsigned char bytes[] = {'"', '\\', 0x1f, 0,    ' ',  '!', '#',
                                          '[', ']',  0x7f, 0x80, 0xff, 'a', 'b'};
    uint64_t seed = 42;

    (void)state;
    for (int round = 0; round < 200000; round++) {
        char text[40];
        size_t len = 0;
        size_t want = (size_t)(round % 40);

        for (; len < want; len++) {
            seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
            /* mostly ordinary bytes, so that runs are long */
            text[len] = (seed >> 40) % 16 != 0 ? (char)('a' + (seed >> 50) % 26)
                                               : (char)bytes[(seed >> 50) % sizeof bytes];
        }
        assert_ptr_equal(utf_quote_find(text, text + len), slow_find(text, text + len, 0));
        assert_ptr_equal(utf_plain_end(text, text + len), slow_find(text, text + len, ' '));
    }
}

/* In memory that ends with the text: a read past it is seen by the sanitizer. */
static int check(const char *text, size_t len, struct tree_fault *fault)
{
    char *exact = malloc(len > 0 ? len : 1);
    int status;

    memcpy(exact, text, len);
    *fault = (struct tree_fault){0, "", 0};
    status = tree_check((struct cxd_bytes){exact, len}, NULL, fault);
    free(exact);
    return status;
}

static void test_a_string_of_any_length_at_any_place(void **state)
{
    struct tree_fault fault;
    char text[128];

    (void)state;
    for (int blanks = 0; blanks < 9; blanks++) {
        for (int letters = 0; letters < 40; letters++) {
            int len = snprintf(text, sizeof text, "%*s\"%.*s\"", blanks, "", letters,
                               "abcdefghijklmnopqrstuvwxyz0123456789abcdefghijkl");
            assert_int_equal(check(text, (size_t)len, &fault), 0);
            assert_int_equal(check(text, (size_t)len - 1, &fault), CXD_TRUNCATED);
            text[blanks + 1 + letters / 2] = letters > 0 ? '\n' : text[blanks + 1 + letters / 2];
            if (letters > 0) {
                assert_int_equal(check(text, (size_t)len, &fault), CXD_MALFORMED);
                assert_int_equal(fault.at, blanks + 1 + letters / 2);
            }
        }
    }
}

static void test_members_behind_long_and_escaped_strings(void **state)
{
    const struct heap heap = {&fake_host, NULL};
    static const char text[] = "{\"a\":{\"long \\\" }]\":\"0123456789\\\\\",\"b\":[\"]}\",{}]},"
                               "\"\\u0063\":7}  \n";
    struct region r;
    struct tree *root = NULL;
    struct tree *node;

    (void)state;
    fake_reset();
    region_init(&r, &heap, 1u << 20);
    assert_int_equal(tree_parse(&r, (struct cxd_bytes){text, sizeof text - 1}, &root, NULL), 0);
    assert_int_equal(root->text.len, sizeof text - 1 - 3);
    node = tree_path(&r, root, CXD_LIT("c"));
    assert_non_null(node);
    assert_memory_equal(node->text.ptr, "7", 1);
    node = tree_path(&r, root, CXD_LIT("a.b.0"));
    assert_non_null(node);
    assert_int_equal(node->text.len, 2);
    assert_memory_equal(node->text.ptr, "]}", 2);
    node = tree_path(&r, root, CXD_LIT("a.long \" }]"));
    assert_non_null(node);
    assert_memory_equal(tree_string(&r, node).ptr, "0123456789\\", 11);
    region_done(&r);
    assert_int_equal(fake.held, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_searching_finds_what_a_loop_finds),
        cmocka_unit_test(test_a_string_of_any_length_at_any_place),
        cmocka_unit_test(test_members_behind_long_and_escaped_strings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
