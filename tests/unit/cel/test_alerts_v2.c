/*
 * test_alerts_v2.c: the alerts v2 program against an API that really filters, sorts and pages rows which come, go and change
 * while it is read: every row exactly once, whatever happens.
 */
#include "rig.h"

#include "profile.h"

#include <time.h>

#define DAY INT64_C(86400000)

struct row {
    int id;
    int64_t time_ms;
};
static struct row *rows;
static size_t row_count;
static void (*between)(size_t request); /* what happens before a request is answered */
static int64_t skew_ms;                 /* of the tenant's clock against ours */
static int64_t lag_ms;                  /* between a row's time and when it can be asked for */
static char *reply;
static char date[64];
static int *came;

static int row_order(const void *left, const void *right)
{
    const struct row *a = left;
    const struct row *b = right;

    return a->time_ms != b->time_ms ? (a->time_ms < b->time_ms ? -1 : 1)
           : a->id < b->id          ? -1
                                    : a->id > b->id;
}

static int64_t number_behind(const char *text, const char *what)
{
    const char *at = strstr(text, what);

    assert_non_null(at);
    return strtoll(at + strlen(what), NULL, 10);
}

static void date_set(void)
{
    time_t seconds = (time_t)((fake.wall_ms + skew_ms) / 1000);
    struct tm tm;

    assert_non_null(gmtime_r(&seconds, &tm));
    assert_true(strftime(date, sizeof date, "Date: %a, %d %b %Y %H:%M:%S GMT\n", &tm) > 0);
    rig_headers = date;
}

/* A member comes before its name's in alphabetical order: "operator":"gte","value":N. */
static struct fake_reply answer_api(const struct fake_request *request)
{
    int64_t from = number_behind(request->body, "\"gte\",\"value\":");
    int64_t to = number_behind(request->body, "\"lte\",\"value\":");
    size_t search_from = (size_t)number_behind(request->body, "\"search_from\":");
    size_t search_to = (size_t)number_behind(request->body, "\"search_to\":");
    size_t matches = 0;
    size_t given = 0;
    size_t len;

    assert_non_null(strstr(request->url, "/public_api/v2/alerts/get_alerts_multi_events"));
    assert_int_equal(search_to - search_from, 100);
    assert_true(search_to <= 10000); /* more cannot be paged through */
    if (between != NULL) {
        between(fake.request_count);
    }
    date_set();
    qsort(rows, row_count, sizeof *rows, row_order);
    free(reply);
    reply = malloc(40000);
    len = (size_t)sprintf(reply, "{\"reply\":{\"alerts\":[");
    for (size_t i = 0; i < row_count; i++) {
        if (rows[i].time_ms < from || rows[i].time_ms > to ||
            rows[i].time_ms + lag_ms > fake.wall_ms + skew_ms) {
            continue;
        }
        if (matches >= search_from && matches < search_to) {
            len += (size_t)sprintf(
                reply + len, "%s{\"alert_id\":\"%d\",\"local_insert_ts\":%lld,\"events\":null}",
                given++ > 0 ? "," : "", rows[i].id, (long long)rows[i].time_ms);
        }
        matches++;
    }
    (void)sprintf(reply + len, "],\"total_count\":%zu,\"result_count\":%zu}}",
                  matches > 9999 ? 9999 : matches, given);
    return (struct fake_reply){.body = reply};
}

#define OPTIONS(more)                                                                              \
    "{'domain': 'tenant.example', 'api_token': 'the-very-key', 'token_id': '7'" more "}"

static int begin_try(const char *json, struct cxd_error *err)
{
    return rig_try_as(profile_options, json, profile_translate, err);
}

static void begin(const char *json)
{
    struct cxd_error err = CXD_ERROR_INIT;

    fake.answer = answer_api;
    if (begin_try(json, &err) < 0) {
        fail_msg("open: %s", err.text);
    }
}

static void rows_make(size_t count, int64_t first_ms, int64_t step_ms)
{
    free(rows);
    free(came);
    rows = calloc(count + 5000, sizeof *rows);
    came = calloc(count + 5000, sizeof *came);
    row_count = count;
    for (size_t i = 0; i < count; i++) {
        rows[i] = (struct row){(int)i, first_ms + (int64_t)i * step_ms};
    }
}

static void row_add(int64_t time_ms)
{
    rows[row_count] = (struct row){(int)row_count, time_ms};
    row_count++;
}

/* Adds up what came since the last call. */
static void collect(void)
{
    for (size_t i = 0; i < fake.event_count; i++) {
        came[number_behind(fake.events[i], "\"alert_id\":\"")]++;
    }
    fake_forget();
}

static void each_once(void)
{
    collect();
    for (size_t i = 0; i < row_count; i++) {
        if (came[i] != 1) {
            fail_msg("row %zu came %d times", i, came[i]);
        }
    }
}

static int reset(void **state)
{
    static int64_t
        begin_ms; /* a monotonic clock goes on from test to test: the tenant's pace outlives them */

    (void)state;
    begin_ms = fake.mono_ms > begin_ms ? fake.mono_ms : begin_ms;
    fake_reset();
    fake.mono_ms += begin_ms + DAY;
    between = NULL;
    skew_ms = 0;
    lag_ms = 0;
    rig_headers = NULL;
    return 0;
}

static int done(void **state)
{
    (void)reset(state);
    free(reply);
    reply = NULL;
    return 0;
}

static void test_pages_of_one_window_each_row_once(void **state)
{
    (void)state;
    rows_make(950, fake.wall_ms - DAY / 2, 3000);
    begin(OPTIONS());
    assert_int_equal(rig_period(), CXD_POLL_IDLE);
    assert_int_equal(fake.request_count, 11);
    assert_non_null(strstr(fake.requests[1].headers, "*Authorization: the-very-key\n"));
    assert_non_null(strstr(fake.requests[1].headers, "x-xdr-auth-id: 7\n"));
    assert_string_equal(fake.requests[1].url, "https://api-tenant.example/public_api/v2/alerts/"
                                              "get_alerts_multi_events");
    assert_int_equal(fake.health, CXD_HEALTHY);
    each_once();
    rig_close();
}

static void test_an_advanced_key_signs_each_request_anew(void **state)
{
    (void)state;
    rows_make(150, fake.wall_ms - DAY / 2, 3000);
    begin(OPTIONS(", 'advanced_sec_level': true"));
    assert_int_equal(rig_period(), CXD_POLL_IDLE);
    assert_non_null(strstr(fake.requests[1].headers, "x-xdr-timestamp: 17"));
    assert_string_not_equal(strstr(fake.requests[1].headers, "x-xdr-nonce"),
                            strstr(fake.requests[2].headers, "x-xdr-nonce"));
    assert_null(strstr(fake.requests[1].headers, "the-very-key"));
    each_once();
    rig_close();
}

static size_t refused_from;
static size_t refused_count;

/* 401 for some requests: a nonce that was used before. */
static struct fake_reply answer_refusing(const struct fake_request *request)
{
    if (fake.request_count > refused_from && fake.request_count <= refused_from + refused_count) {
        return (struct fake_reply){.status = 401, .body = "{\"reply\":{\"err_code\":401}}"};
    }
    return answer_api(request);
}

static void test_a_used_nonce_is_tried_once_more_with_another(void **state)
{
    (void)state;
    rows_make(350, fake.wall_ms - DAY / 2, 3000);
    begin(OPTIONS(", 'advanced_sec_level': true"));
    fake.answer = answer_refusing;
    refused_from = 2;
    refused_count = 1;
    assert_int_equal(rig_period(), CXD_POLL_IDLE);
    assert_string_not_equal(strstr(fake.requests[2].headers, "x-xdr-nonce"),
                            strstr(fake.requests[3].headers, "x-xdr-nonce"));
    assert_int_equal(fake.health, CXD_HEALTHY);
    each_once();
    rig_close();
}

static void test_a_key_that_is_refused_twice_is_told(void **state)
{
    (void)state;
    rows_make(350, fake.wall_ms - DAY / 2, 3000);
    begin(OPTIONS(", 'advanced_sec_level': true"));
    fake.answer = answer_refusing;
    refused_from = 2;
    refused_count = 2;
    (void)rig_period();
    assert_int_equal(fake.request_count, 4);
    assert_int_equal(fake.health, CXD_DEGRADED);
    assert_non_null(strstr(fake.reason, "401"));
    rig_later(300000);
    assert_int_equal(rig_period(), CXD_POLL_IDLE);
    assert_int_equal(fake.health, CXD_HEALTHY);
    each_once();
    rig_close();
}

static void test_pace_is_shared_by_all_streams_of_the_tenant(void **state)
{
    int64_t before;

    (void)state;
    rows_make(950, fake.wall_ms - DAY / 2, 3000);
    begin(OPTIONS(", 'requests_per_second': 4"));
    before = fake.mono_ms;
    rig_host.pace_hold("https://api-tenant.example", before + 5000); /* another stream met a 429 */
    assert_int_equal(rig_period(), CXD_POLL_IDLE);
    assert_int_equal(fake.request_count, 11);
    assert_true(fake.mono_ms - before >= 5000 + 10 * 250);
    each_once();
    rig_close();
}

/* Ten days, looked at every five minutes to an hour; restarts; rows of one millisecond; a skewed clock. */
static void days(int64_t skew)
{
    skew_ms = skew;
    rows_make(0, 0, 0);
    rows = realloc(rows, 6000 * sizeof *rows);
    free(came);
    came = calloc(6000, sizeof *came);
    begin(OPTIONS(", 'interval': 300000, 'initial_interval': 3600000"));
    for (int look = 0; look < 400; look++) {
        int64_t tenant = fake.wall_ms + skew_ms;

        for (int i = 0; i < look % 13; i++) {
            row_add(tenant - i % 3 - lag_ms / 2);
        }
        assert_int_equal(rig_period(), CXD_POLL_IDLE);
        rig_later(look % 7 == 0 ? 3600000 : 301000);
        collect();
        if (look % 11 == 5) {
            rig_close();
            begin(OPTIONS(", 'interval': 300000, 'initial_interval': 3600000"));
        }
    }
    rig_later(600000);
    assert_int_equal(rig_period(), CXD_POLL_IDLE);
    each_once();
    assert_int_equal(fake.health, CXD_HEALTHY);
    rig_close();
}

static void test_days_with_restarts(void **state)
{
    (void)state;
    days(0);
}

static void test_rows_that_can_be_asked_for_later(void **state)
{
    (void)state;
    lag_ms = 115000; /* within the two minutes that a row has to settle */
    days(0);
}

static void test_a_tenant_whose_clock_is_behind_or_ahead(void **state)
{
    (void)state;
    days(-1500000);
    fake_reset();
    days(1500000);
}

/* The window is open to nobody: what appears at its last millisecond after it was read comes with the next. */
static int64_t edge_ms;
static int edge_rows;
static void edge_watch(size_t request)
{
    edge_ms = number_behind(fake.requests[request - 1].body, "\"lte\",\"value\":");
    if (edge_rows > 0 && edge_ms > 0) {
        edge_rows--;
        row_add(edge_ms); /* there when the window is read: not to come again with the next */
    }
}

static void test_rows_at_the_edge_of_two_windows(void **state)
{
    (void)state;
    rows_make(20, fake.wall_ms - 3600000, 60000);
    between = edge_watch;
    edge_rows = 1;
    begin(OPTIONS(", 'settle': 0"));
    assert_int_equal(rig_period(), CXD_POLL_IDLE);
    assert_int_equal(row_count, 21);
    collect();
    row_add(edge_ms);
    row_add(edge_ms);
    rig_later(300000);
    assert_int_equal(rig_period(), CXD_POLL_IDLE);
    collect();
    row_add(edge_ms); /* now at the edge that is the next window's beginning */
    rig_close();
    rig_later(300000);
    begin(OPTIONS(", 'settle': 0"));
    assert_int_equal(rig_period(), CXD_POLL_IDLE);
    each_once();
    rig_close();
}

static void test_more_than_can_be_paged_is_halved(void **state)
{
    (void)state;
    rows_make(25000, fake.wall_ms - DAY / 2, 1500);
    begin(OPTIONS());
    assert_int_equal(rig_period(), CXD_POLL_IDLE);
    assert_true(fake.request_count < 320);
    each_once();
    rig_close();
}

static void rows_leave(size_t request)
{
    if (request == 4) { /* the first ten go: all others move up */
        for (size_t i = 0; i < row_count; i++) {
            rows[i].time_ms = rows[i].id < 10 ? fake.wall_ms + 1000 : rows[i].time_ms;
        }
    }
}

static void test_rows_that_leave_the_window_cost_no_other(void **state)
{
    (void)state;
    rows_make(700, fake.wall_ms - DAY / 2, 3000);
    between = rows_leave;
    begin(OPTIONS());
    assert_int_equal(rig_period(), CXD_POLL_IDLE);
    collect();
    for (size_t i = 10; i < row_count; i++) {
        assert_int_equal(came[i], 1);
    }
    rig_close();
}

static void test_an_empty_stretch_is_passed_without_waiting(void **state)
{
    (void)state;
    rows_make(5, fake.wall_ms - 3 * DAY / 2, 1000);
    begin(OPTIONS(", 'initial_interval': 2592000000")); /* 30 days */
    assert_int_equal(rig_period(), CXD_POLL_IDLE);
    assert_true(fake.request_count < 40);
    each_once();
    assert_true(number_behind(rig_cursor(), "\"time\":") > fake.wall_ms - 130000);
    rig_close();
}

static struct fake_reply answer_failing(const struct fake_request *request)
{
    static int n;

    date_set();
    switch (++n % 5) {
    case 0:
        return (struct fake_reply){.status = 500, .body = "{\"reply\":{\"err_code\":500}}"};
    case 1:
        return (struct fake_reply){.failure = CXD_CONNECT};
    case 2:
        return (struct fake_reply){.status = 200,
                                   .body = "{\"reply\":{\"err_code\":500,\"err_msg\":\"no\"}}"};
    case 3:
        return (struct fake_reply){.status = 200, .body = "{\"reply\":"};
    default:
        return answer_api(request);
    }
}

static void test_failures_lose_and_repeat_nothing(void **state)
{
    (void)state;
    rows_make(450, fake.wall_ms - DAY / 2, 3000);
    begin(OPTIONS());
    fake.answer = answer_failing;
    for (int i = 0; i < 60; i++) {
        assert_int_equal(rig_period(), CXD_POLL_IDLE);
        rig_later(300000);
    }
    each_once();
    rig_close();
}

static void test_settings_that_are_wrong(void **state)
{
    static const char *const wrong[] = {
        "{'api_token': 'k', 'token_id': '7'}",
        "{'url': 'tenant.example', 'api_token': 'k', 'token_id': '7'}",
        OPTIONS(", 'interval': 10"),
        OPTIONS(", 'settle': 36000000"),
        OPTIONS(", 'requests_per_second': 0"),
        OPTIONS(", 'advanced_sec_level': 'perhaps'"),
    };
    struct cxd_error err = CXD_ERROR_INIT;

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_int_equal(begin_try(wrong[i], &err), CXD_CONFIG);
        assert_int_equal(fake.held, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_pages_of_one_window_each_row_once, reset, done),
        cmocka_unit_test_setup_teardown(test_an_advanced_key_signs_each_request_anew, reset, done),
        cmocka_unit_test_setup_teardown(test_a_used_nonce_is_tried_once_more_with_another, reset,
                                        done),
        cmocka_unit_test_setup_teardown(test_a_key_that_is_refused_twice_is_told, reset, done),
        cmocka_unit_test_setup_teardown(test_pace_is_shared_by_all_streams_of_the_tenant, reset,
                                        done),
        cmocka_unit_test_setup_teardown(test_days_with_restarts, reset, done),
        cmocka_unit_test_setup_teardown(test_rows_that_can_be_asked_for_later, reset, done),
        cmocka_unit_test_setup_teardown(test_a_tenant_whose_clock_is_behind_or_ahead, reset, done),
        cmocka_unit_test_setup_teardown(test_rows_at_the_edge_of_two_windows, reset, done),
        cmocka_unit_test_setup_teardown(test_more_than_can_be_paged_is_halved, reset, done),
        cmocka_unit_test_setup_teardown(test_rows_that_leave_the_window_cost_no_other, reset, done),
        cmocka_unit_test_setup_teardown(test_an_empty_stretch_is_passed_without_waiting, reset,
                                        done),
        cmocka_unit_test_setup_teardown(test_failures_lose_and_repeat_nothing, reset, done),
        cmocka_unit_test_setup_teardown(test_settings_that_are_wrong, reset, done),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    free(rows);
    free(came);
    return failed;
}
