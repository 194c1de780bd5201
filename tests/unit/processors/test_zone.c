/* test_zone.c: zones by name, compared with the C library's own reading of the same files, at changes and between them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka needs the four above first */
#include <cmocka.h>

#include "pipeline/bind.h"
#include "zone.h"
#include "zone_rule.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char *const zones[] = {
    "Europe/Berlin",     "Europe/Dublin",   "Europe/London",    "America/New_York",
    "America/Sao_Paulo", "America/Caracas", "Australia/Sydney", "Australia/Lord_Howe",
    "Asia/Kolkata",      "Asia/Tehran",     "Asia/Tokyo",       "Africa/Casablanca",
    "Pacific/Apia",      "Pacific/Chatham", "Antarctica/Troll", "Etc/UTC"};

static const struct kind kind = {.name = "test"};

static struct base *base_make(void)
{
    struct base *b = bind_host()->alloc(NULL, sizeof *b);

    assert_non_null(b);
    b->kind = &kind;
    b->host = bind_host();
    return b;
}

static struct cxd_bytes bytes_of(const char *text)
{
    return (struct cxd_bytes){text, strlen(text)};
}

static long offset_of_library(time_t seconds)
{
    struct tm local;

    assert_non_null(localtime_r(&seconds, &local));
    return local.tm_gmtoff;
}

/* Half-hour steps through the changes of 2020 to 2060, and times between 1902 and 2100. */
static size_t zone_compare(const char *name)
{
    struct base *b = base_make();
    const struct zone *zone = NULL;
    struct cxd_error err = CXD_ERROR_INIT;
    uint64_t random = 12345;
    size_t count = 0;

    if (zone_read(b, bytes_of(name), &zone, &err) != CXD_OK) {
        fail_msg("%s: %s", name, err.text);
    }
    assert_int_equal(setenv("TZ", name, 1), 0);
    tzset();
    for (int i = 0; i < 40000; i++, count++) {
        time_t at = 1577836800 + (time_t)i * 31557; /* 40 years; steps that fall on every hour */
        random = random * 6364136223846793005u + 1442695040888963407u;
        at = i % 2 == 0 ? at : (time_t)(random >> 31) % 6248000000 - 2145916800;
        if (zone_offset(zone, at) != offset_of_library(at)) {
            fail_msg("%s at %lld: %d, the library says %ld", name, (long long)at,
                     zone_offset(zone, at), offset_of_library(at));
        }
        /* a time of the zone's clocks leads back to itself, unless it comes twice */
        if (zone_offset(zone, at - 10800) == zone_offset(zone, at + 10800)) {
            assert_int_equal(zone_offset_local(zone, at + zone_offset(zone, at)),
                             zone_offset(zone, at));
        }
    }
    base_close(b);
    return count;
}

static void test_the_library_says_the_same(void **state)
{
    size_t count = 0;

    (void)state;
    if (access("/usr/share/zoneinfo/Europe/Berlin", R_OK) != 0) {
        print_message("skipped: there are no zones on this machine (tzdata)\n");
        skip();
    }
    for (size_t i = 0; i < sizeof zones / sizeof zones[0]; i++) {
        count += zone_compare(zones[i]);
    }
    print_message("%zu times\n", count);
}

static void test_rules(void **state)
{
    static const struct {
        const char *text;
        bool is_good;
    } cases[] = {{"UTC0", true},
                 {"<+0330>-3:30", true},
                 {"CET-1CEST,M3.5.0,M10.5.0/3", true},
                 {"IST-1GMT0,M10.5.0,M3.5.0/1", true},
                 {"<-03>3<-02>,M3.5.0/-2,M10.5.0/-1", true},
                 {"EST5EDT,J60,J300/4:30:15", true},
                 {"XXX-2YYY,0/0,365/167", true},
                 {"", false},
                 {"CET", false},
                 {"CE-1", false},
                 {"CET-1CEST", false},
                 {"CET-1CEST,M3.5.0", false},
                 {"CET-1CEST,M13.5.0,M10.5.0", false},
                 {"CET-1CEST,M3.6.0,M10.5.0", false},
                 {"CET-1CEST,M3.5.7,M10.5.0", false},
                 {"CET-1CEST,M3.5.0,M10.5.0/3x", false},
                 {"<+0330-3:30", false}};
    struct zone_rule rule;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        if (zone_rule_read(bytes_of(cases[i].text), &rule) != cases[i].is_good) {
            fail_msg("%s", cases[i].text);
        }
    }
    assert_true(zone_rule_read(bytes_of("CET-1CEST,M3.5.0,M10.5.0/3"), &rule));
    assert_int_equal(zone_rule_offset(&rule, 4867088399), 3600); /* 2124-03-26 00:59:59 UTC */
    assert_int_equal(zone_rule_offset(&rule, 4867088400), 7200);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_library_says_the_same),
        cmocka_unit_test(test_rules),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
