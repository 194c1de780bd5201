/* test_date.c: the Date of a reply. */
#include "fake.h"

#include "date.h"

static void test_dates(void **state)
{
    static const struct {
        const char *text;
        int64_t ms;
    } cases[] = {
        {"Thu, 01 Jan 1970 00:00:00 GMT", 0},
        {"Sun, 06 Nov 1994 08:49:37 GMT", 784111777000},
        {"Thu, 29 Feb 2024 23:59:59 GMT", 1709251199000},
        {"Fri, 01 Mar 2024 00:00:00 GMT", 1709251200000},
        {"Mon, 01 Mar 2100 00:00:00 GMT", 4107542400000},
        {"Tue, 29 Feb 2000 12:00:00 GMT", 951825600000},
        {"Fri, 31 Dec 9999 23:59:59 GMT", 253402300799000},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t ms = -1;

        assert_true(date_parse(cases[i].text, &ms));
        assert_int_equal(ms, cases[i].ms);
    }
}

static void test_anything_else_is_no_date(void **state)
{
    static const char *const cases[] = {NULL,
                                        "",
                                        "0",
                                        "Sunday, 06-Nov-94 08:49:37 GMT",
                                        "Sun Nov  6 08:49:37 1994",
                                        "Sun, 06 Nov 1994 08:49:37 UTC",
                                        "Sun, 06 Nov 1994 08:49:37 GMT ",
                                        "Sun, 00 Nov 1994 08:49:37 GMT",
                                        "Sun, 32 Nov 1994 08:49:37 GMT",
                                        "Sun, 06 Nov 1969 08:49:37 GMT",
                                        "Sun, 06 nov 1994 08:49:37 GMT",
                                        "Sun, 06 Nov 1994 24:00:00 GMT",
                                        "Sun, 06 Nov 1994 08:60:37 GMT",
                                        "Sun, 06 Nov 1994 08:49:61 GMT",
                                        "Sun, -6 Nov 1994 08:49:37 GMT",
                                        "Sun, 06 Nov 19 4 08:49:37 GMT",
                                        "Sun, 06 Nov 1994 08.49.37 GMT"};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t ms = 77;

        assert_false(date_parse(cases[i], &ms));
        assert_int_equal(ms, 77);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dates),
        cmocka_unit_test(test_anything_else_is_no_date),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
