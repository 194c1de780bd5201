/* test_regex.c: what matches, what does not, and what may not take for ever. */
#include "test.h"

#include "io/regex.h"
#include "starve.h"

#include <time.h>

static struct cxd_bytes bytes_of(const char *text)
{
    return (struct cxd_bytes){text, strlen(text)};
}

static void test_matches(void **state)
{
    static const struct {
        const char *pattern;
        const char *text;
        int is_match;
    } rows[] = {{"", "", 1},
                {"^endpoint/.*\\.json\\.gz$", "endpoint/2024/a.json.gz", 1},
                {"^endpoint/.*\\.json\\.gz$", "endpoint/2024/a.json", 0},
                {"(?i)ALERT", "an alert", 1},
                {"^\\p{L}+$", "größe", 1},
                {"^.$", "\xc3\xa4", 1},
                {"(?P<name>a)\\d{2,3}", "xa12", 1},
                {"a",
                 "\xff\xfe"
                 "a",
                 1},
                {"^.+$", "\xff", 0},
                {"\\z", "x\n", 1}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct cxd_regex *re = NULL;

        assert_int_equal(regex_new(rows[i].pattern, &re, NULL), 0);
        assert_int_equal(regex_match(re, bytes_of(rows[i].text)), rows[i].is_match);
        assert_int_equal(regex_match(re, bytes_of(rows[i].text)), rows[i].is_match);
        regex_free(re);
    }
    regex_free(NULL);
}

static void test_bad_patterns_name_the_place(void **state)
{
    struct cxd_error err = CXD_ERROR_INIT;
    struct cxd_regex *re = NULL;
    char big[REGEX_PATTERN_MAX + 2];

    (void)state;
    assert_int_equal(regex_new("abc(def", &re, &err), CXD_CONFIG);
    assert_non_null(strstr(err.text, "at offset 7: missing closing parenthesis"));
    assert_int_equal(regex_new("a\\Cb", &re, &err), CXD_CONFIG);
    assert_int_equal(regex_new("\xff", &re, &err), CXD_CONFIG);
    assert_int_equal(regex_new(NULL, &re, &err), CXD_INVALID);
    memset(big, 'a', sizeof big);
    big[sizeof big - 1] = '\0';
    assert_int_equal(regex_new(big, &re, &err), CXD_TOO_LARGE);
    memset(big, '(', 100);
    big[100] = '\0';
    assert_int_equal(regex_new(big, &re, &err), CXD_CONFIG);
    assert_null(re);
}

static void test_no_pattern_holds_the_thread(void **state)
{
    static const char *const patterns[] = {"^(a+)+$", "^(a|aa)+$", "(.*)*(.*)*(.*)*b$"};
    char text[5000];

    (void)state;
    memset(text, 'a', sizeof text);
    text[sizeof text - 1] = 'c';
    for (size_t i = 0; i < sizeof patterns / sizeof patterns[0]; i++) {
        struct cxd_regex *re = NULL;
        clock_t start = clock();

        assert_int_equal(regex_new(patterns[i], &re, NULL), 0);
        assert_true(regex_match(re, (struct cxd_bytes){text, sizeof text}) == CXD_TIMEOUT ||
                    i == 2);
        assert_true((clock() - start) / (double)CLOCKS_PER_SEC < 2);
        assert_int_equal(regex_match(re, bytes_of("")), 0); /* and it is fit for the next */
        regex_free(re);
    }
}

static void test_groups_are_found(void **state)
{
    struct cxd_bytes groups[4];
    struct cxd_bytes text = bytes_of("id=7 user=ann; id=8");
    struct cxd_regex *re = NULL;

    (void)state;
    assert_int_equal(regex_new("id=(\\d)( user=(\\w+))?", &re, NULL), 0);
    assert_int_equal(regex_find(re, text, 0, groups, 4), 4);
    assert_true(groups[0].ptr == text.ptr && groups[0].len == 13);
    assert_true(groups[3].len == 3 && memcmp(groups[3].ptr, "ann", 3) == 0);
    assert_int_equal(regex_find(re, text, 13, groups, 4), 4);
    assert_true(groups[1].len == 1 && groups[1].ptr[0] == '8');
    assert_null(groups[2].ptr);
    assert_int_equal(regex_find(re, text, 0, groups, 2), 2); /* no room for the rest */
    assert_int_equal(regex_find(re, text, 18, groups, 4), 0);
    assert_int_equal(regex_find(re, text, 99, groups, 4), 0);
    regex_free(re);
}

static void test_no_memory_is_an_error(void **state)
{
    struct cxd_regex *re = NULL;

    (void)state;
    starve_at(1);
    assert_int_equal(regex_new("a", &re, NULL), CXD_NOMEM);
    starve_at(0);
    assert_null(re);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_matches),
        cmocka_unit_test(test_bad_patterns_name_the_place),
        cmocka_unit_test(test_groups_are_found),
        cmocka_unit_test(test_no_pattern_holds_the_thread),
        cmocka_unit_test(test_no_memory_is_an_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
