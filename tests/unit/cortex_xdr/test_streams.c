/* test_streams.c: what the streams do not share: reports that arrive late, endpoints that never stand still. */
#include "api.h"

static void test_reports_that_arrive_late(void **state)
{
    int id = 0;

    (void)state;
    api.list = "data";
    api.clock = "TIMESTAMP";
    for (int64_t minute = 0; minute < 2880;
         minute += 5) { /* every seventh comes up to 23 hours late */
        int64_t time_ms = api_now() + minute * 60 * SECOND;
        int64_t late_ms = id % 7 == 0 ? (int64_t)(id * 37 % 23) * HOUR + 30 * 60 * SECOND : 0;

        api_add(id++, time_ms, time_ms + late_ms);
    }
    api_begin("audit_agent", "");
    for (int look = 0; look < 80; look++) {
        assert_int_equal(api_look(), CXD_POLL_IDLE);
        if (look % 11 == 5) { /* rows of the overlap are known after a start, too */
            api_finish();
            api_begin("audit_agent", "");
        }
        api_later(HOUR);
    }
    assert_int_equal(api_look(), CXD_POLL_IDLE);
    api_expect_each_once();
    api_finish();
}

static void test_the_first_look_back_is_no_longer_than_wanted(void **state)
{
    (void)state;
    api.list = "data";
    api.clock = "TIMESTAMP";
    api_begin("audit_agent", ", 'initial_interval': '1h', 'overlap': '10h'");
    assert_int_equal(api_look(), CXD_POLL_IDLE);
    assert_int_equal(api_number(fake.requests[0].body, "\"gte\",\"value\":"), fake.wall_ms - HOUR);
    assert_int_equal(fake.request_count, 1);
    api_later(HOUR);
    assert_int_equal(api_look(), CXD_POLL_IDLE);
    assert_int_equal(api_number(fake.requests[1].body, "\"gte\",\"value\":"),
                     fake.wall_ms - HOUR - 120 * SECOND - 10 * HOUR);
    api_finish();
}

/* While a page is read, endpoints report. */
static void report(size_t request)
{
    for (size_t i = 0; i < api.count; i++) {
        struct api_row *row = &api.rows[i];

        if (row->id % 10 != 9 && (row->id + (int)request) % 3 == 0) {
            row->time_ms = api_now();
        }
    }
}

static void test_endpoints_that_report_all_the_time(void **state)
{
    (void)state;
    api.list = "endpoints";
    api.clock = "last_seen";
    for (int id = 0; id < 450; id++) {
        api_add(id, api_now() - (id % 10 == 9 ? 5 * HOUR : 10 * SECOND), 0);
    }
    api.before = report;
    api_begin("endpoints", "");
    for (int look = 1; look <= 5; look++) {
        assert_int_equal(api_look(), CXD_POLL_IDLE);
        for (int id = 0; id < 450; id++) {
            if (id % 10 == 9) { /* away: once and not again */
                assert_int_equal(api_came(id), 1);
            } else {
                assert_true(api_came(id) >= (size_t)look);
            }
        }
        api_later(300 * SECOND);
    }
    assert_null(strstr(fake.requests[0].body, "\"lte\""));
    assert_non_null(
        strstr(fake.requests[0].body, "\"sort\":{\"field\":\"first_seen\",\"keyword\":\"asc\"}"));
    api_finish();
}

static void test_paths_and_fields(void **state)
{
    static const struct {
        const char *type, *list, *path, *filter, *sort;
    } cases[] = {
        {"alerts-v1", "alerts", "alerts/get_alerts_multi_events", "server_creation_time",
         "server_creation_time"},
        {"incidents", "incidents", "incidents/get_incidents", "modification_time",
         "modification_time"},
        {"audit_management", "data", "audits/management_logs", "timestamp", "timestamp"},
        {"audit_agent", "data", "audits/agents_reports", "timestamp", "timestamp"},
        {"endpoints", "endpoints", "endpoints/get_endpoint", "last_seen", "first_seen"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char part[120];

        api.list = cases[i].list;
        api_later(10 * SECOND);
        free(fake.cursor);
        fake.cursor = NULL;
        fake.cursor_len = 0;
        fake_forget();
        api_begin(cases[i].type, "");
        assert_int_equal(api_look(), CXD_POLL_IDLE);
        (void)snprintf(part, sizeof part, "/public_api/v1/%s", cases[i].path);
        assert_string_equal(strstr(fake.requests[0].url, "/public_api"), part);
        (void)snprintf(part, sizeof part, "{\"field\":\"%s\",\"operator\":\"gte\"",
                       cases[i].filter);
        assert_non_null(strstr(fake.requests[0].body, part));
        (void)snprintf(part, sizeof part, "\"sort\":{\"field\":\"%s\",\"keyword\":\"asc\"}",
                       cases[i].sort);
        assert_non_null(strstr(fake.requests[0].body, part));
        api_finish();
    }
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, api_setup, api_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_reports_that_arrive_late),
        CASE(test_the_first_look_back_is_no_longer_than_wanted),
        CASE(test_endpoints_that_report_all_the_time),
        CASE(test_paths_and_fields),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
