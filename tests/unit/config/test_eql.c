/* test_eql.c: conditions of inputs: what is true, what is false, and what is refused, with the place. */
#include "config/eql.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static int run(const char *text, bool *ret, struct cxd_error *err)
{
    struct arena *arena = arena_new(4096, 1u << 20);
    int r;

    assert_non_null(arena);
    r = eql_test(text, strlen(text), arena, ret, err);
    arena_free(arena);
    return r;
}

struct row {
    const char *text;
    bool is_true;
};

static void test_values(void **state)
{
    static const struct row rows[] = {
        {"${host.platform} == 'linux'", true},
        {"${host.platform} == \"windows\"", false},
        {"${env.CXD_EQL_SET} == 'a}b|c'", true},
        {"${env.CXD_EQL_NOT} == null", true},
        {"${env.CXD_EQL_NOT} == 'x'", false},
        {"${env.CXD_EQL_NOT|env.CXD_EQL_SET} != 'x'", true},
        {"${env.CXD_EQL_NOT:'d'} == 'd'", true},
        {"1 + 2 * 3 == 7 and not false", true},
        {"(1 + 2) * 3 == 9", true},
        {"7 / 2 == 3", true},
        {"7.5 / 2 == 3.75", true},
        {"7 % 4 == 3 && -1 < 0", true},
        {"8 - 3 - 2 == 3", true},
        {"true or false and false", true},
        {"NOT (1 >= 2) AND 'a' < 'b'", true},
        {"!true || 1 != 1", false},
        {"arrayContains([1, 2, 'x'], 'x')", true},
        {"arrayContains([1, 2], '1')", false},
        {"hasKey({a: 1, 'b c': 2}, 'z', 'b c')", true},
        {"hasKey({}, 'a')", false},
        {"length('abc') == 3 and length([1,2]) == 2 and length({a: 1}) == 1", true},
        {"add(1, 2) == 3 and subtract(3, 1) == 2 and multiply(2, 4) == 8", true},
        {"divide(9, 3) == 3 and modulo(9, 4) == 1", true},
        {"concat('a', 1, true, null) == 'a1truenull'", true},
        {"startsWith('cortex', 'cor') and endsWith('cortex', 'tex')", true},
        {"startsWith('cortex', 'tex') or endsWith('cortex', 'cor')", false},
        {"startsWith('aba', 'ba')", false},
        {"indexOf('cortex', 'tex') == 3 and indexOf('a', 'b') == -1", true},
        {"stringContains('cortex', 'rte')", true},
        {"match('web-12', '^db', '^web-[0-9]+$')", true},
        {"match(${env.CXD_EQL_NOT}, 'x')", false},
        {"number('12') == 12 and string(12) == '12'", true},
        {"'it\\'s' == \"it's\"", true},
        {"[1, [2]] == [1, [2]] and {a: 1, b: 2} == {b: 2, a: 1}", true},
    };

    (void)state;
    assert_int_equal(setenv("CXD_EQL_SET", "a}b|c", 1), 0);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct cxd_error err = CXD_ERROR_INIT;
        bool is_true = !rows[i].is_true;
        int r = run(rows[i].text, &is_true, &err);
        if (r != CXD_OK || is_true != rows[i].is_true) {
            fail_msg("%s: %d %s", rows[i].text, is_true, err.text);
        }
    }
}

static void test_refusals(void **state)
{
    static const char *const rows[][2] = {
        {"", "at byte 1: ends where a value is expected"},
        {"1 +", "ends where a value is expected"},
        {"frob('a')", "there is no function \"frob\""},
        {"linux == 'linux'", "at byte 1: \"linux\": a text needs quotes, a variable ${}"},
        {"'linux", "at byte 1: a text without its closing '"},
        {"${host.platform", "\"${\" without \"}\""},
        {"true true", "at byte 6: \"true\": expected an operator here"},
        {"'text'", "a condition needs true or false, not a text"},
        {"1 and true", "and needs true or false, not a number"},
        {"true or frob(1)", "there is no function"},
        {"1 < 'a'", "a number and a text have no order"},
        {"1 / 0 == 1", "division by zero"},
        {"length('a', 'b') == 1", "length: expected 1 argument, not 2"},
        {"match('a', '(')", "match: "},
        {"arrayContains('a', 'a')", "arrayContains needs a list first, not a text"},
        {"[1 2] == 1", "expected , or ] here"},
        {"(true", "expected ) here"},
        {"12x == 1", "\"12x\" is no number"},
        {"((((((((((((((((((((((((((((((((((((true))))))))))))))))))))))))))))))))))))",
         "nested deeper than 32"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct cxd_error err = CXD_ERROR_INIT;
        bool is_true = true;
        int r = run(rows[i][0], &is_true, &err);
        if (r >= 0 || strstr(err.text, rows[i][1]) == NULL) {
            fail_msg("%s: %d, %s", rows[i][0], r, err.text);
        }
    }
}

static void test_a_long_condition_ends(void **state)
{
    struct cxd_error err = CXD_ERROR_INIT;
    static char text[EQL_MAX_LEN + 2];
    bool is_true = true;

    (void)state;
    memset(text, ' ', sizeof text - 1);
    assert_int_equal(run(text, &is_true, &err), CXD_TOO_LARGE);
    for (size_t i = 0; i + 2 < EQL_MAX_LEN; i += 2) {
        memcpy(text + i, "1+", 2);
    }
    text[EQL_MAX_LEN - 2] = '\0';
    assert_true(run(text, &is_true, &err) < 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_a_long_condition_ends),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
