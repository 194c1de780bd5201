/* test_index_name.c: names with dates in them, against the C library's calendar. */
#include "pipeline/index_name.h"

#include "test.h"

#include <time.h>

static const struct index_words words = {.name = "cortexd", .version = "1.2.0"};

static const char *name_at(const char *pattern, int64_t wall_ms)
{
    static char out[INDEX_NAME_MAX + 1];
    struct cxd_error err = CXD_ERROR_INIT;
    struct index_name name;
    uint32_t len;

    if (index_name_read(pattern, &words, &name, &err) != CXD_OK) {
        fail_msg("%s", err.text);
    }
    len = index_name_write(&name, wall_ms, out);
    out[len] = '\0';
    return out;
}

static void refused(const char *pattern, const char *word)
{
    struct cxd_error err = CXD_ERROR_INIT;
    struct index_name name;

    assert_int_equal(index_name_read(pattern, &words, &name, &err), CXD_CONFIG);
    if (strstr(err.text, word) == NULL) {
        fail_msg("\"%s\" does not say \"%s\"", err.text, word);
    }
}

static void test_names_without_a_date(void **state)
{
    struct index_name name;

    (void)state;
    assert_string_equal(name_at("Plain-Name", 0), "plain-name");
    assert_string_equal(name_at("%{[agent.name]}-%{[agent.version]}-x", 0), "cortexd-1.2.0-x");
    assert_int_equal(index_name_read("x", &words, &name, NULL), CXD_OK);
    assert_false(name.is_dated);
}

static void test_dates_are_the_events_in_utc(void **state)
{
    const int64_t at_ms = 1706751296789; /* 2024-02-01T01:34:56.789Z */

    (void)state;
    assert_string_equal(name_at("a-%{+yyyy.MM.dd}", at_ms), "a-2024.02.01");
    assert_string_equal(name_at("a-%{+yy-M-d'-of-'HHmmss}", at_ms), "a-24-2-1-of-013456");
    assert_string_equal(name_at("%{+DDD}x%{+xxxx.ww}", at_ms), "032x2024.05");
    assert_string_equal(name_at("a-%{+yyyy.MM.dd}", -1), "a-1969.12.31");
}

static void test_every_day_agrees_with_the_librarys_calendar(void **state)
{
    (void)state;
    for (int64_t day = -9000; day < 47000; day++) {
        time_t seconds = (time_t)(day * 86400 + 43200);
        struct tm tm;
        char want[64];

        assert_non_null(gmtime_r(&seconds, &tm));
        assert_int_not_equal(strftime(want, sizeof want, "%Y.%m.%d-%j-%G.%V", &tm), 0);
        assert_string_equal(name_at("%{+yyyy.MM.dd}-%{+DDD}-%{+xxxx.ww}", (int64_t)seconds * 1000),
                            want);
    }
}

static void test_what_no_destination_takes_is_refused(void **state)
{
    char text[400];

    (void)state;
    refused("", "expected 1 to 255");
    refused("-x", "expected 1 to 255");
    refused("a/b", "expected 1 to 255");
    refused("a b", "expected 1 to 255");
    refused("%{[message]}", "\"%{[message]}\" is not known");
    refused("%{+yyyy", "without its");
    refused("a-%{+qq}", "\"qq\"");
    refused("a-%{+MMM}", "\"MMM\"");
    refused("a-%{+'x}", "a quote does not end");
    refused("a\001b", "control character");
    memset(text, 'a', sizeof text);
    text[sizeof text - 1] = '\0';
    refused(text, "255");
    (void)memcpy(text + 200,
                 "%{+yyyy}%{+yyyy}%{+yyyy}%{+yyyy}%{+yyyy}%{+yyyy}%{+yyyy}%{+yyyy}"
                 "%{+yyyy}%{+yyyy}%{+yyyy}%{+yyyy}%{+yyyy}%{+yyyy}",
                 112);
    text[312] = '\0';
    refused(text, "255");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names_without_a_date),
        cmocka_unit_test(test_dates_are_the_events_in_utc),
        cmocka_unit_test(test_every_day_agrees_with_the_librarys_calendar),
        cmocka_unit_test(test_what_no_destination_takes_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
