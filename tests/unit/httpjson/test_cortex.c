/*
 * test_cortex.c: the Cortex XDR profiles against an API that really filters, sorts and pages a set of rows which grows and
 * changes while it is read: every version of every row exactly once.
 */
#include "fake.h"

#include "input.h"

#define DAY INT64_C(86400000)

/* The server's rows. */
struct row {
    int id;
    int64_t time_ms;
    int version;
};
static struct row *rows;
static size_t row_count;
static void (*between)(size_t request); /* what happens before a request is answered */
static size_t page_cap = 100;
static char *reply;

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

static struct fake_reply answer_api(const struct fake_request *request)
{
    int64_t from = number_behind(request->body, "\"gte\",\"value\":");
    int64_t to = number_behind(request->body, "\"lte\",\"value\":");
    size_t search_from = (size_t)number_behind(request->body, "\"search_from\":");
    size_t search_to = (size_t)number_behind(request->body, "\"search_to\":");
    size_t matches = 0;
    size_t given = 0;
    size_t len;

    if (between != NULL) {
        between(fake.request_count);
    }
    if (search_to - search_from > page_cap) {
        search_to = search_from + page_cap;
    }
    qsort(rows, row_count, sizeof *rows, row_order);
    free(reply);
    reply = malloc(40000);
    len = (size_t)sprintf(reply, "{\"reply\":{\"incidents\":[");
    for (size_t i = 0; i < row_count; i++) {
        if (rows[i].time_ms < from || rows[i].time_ms > to) {
            continue;
        }
        if (matches >= search_from && matches < search_to) {
            len += (size_t)sprintf(
                reply + len, "%s{\"incident_id\":\"%d\",\"modification_time\":%lld,\"version\":%d}",
                given++ > 0 ? "," : "", rows[i].id, (long long)rows[i].time_ms, rows[i].version);
        }
        matches++;
    }
    (void)sprintf(reply + len, "],\"total_count\":%zu,\"result_count\":%zu}}",
                  matches > 9999 ? 9999 : matches, given);
    return (struct fake_reply){.body = reply};
}

static void *instance;

#define OPTIONS(more)                                                                              \
    "{'type': 'cortex_xdr/incidents', 'domain': 'tenant.example', 'api_token': 'the-key', "        \
    "'token_id': '7'" more "}"

static void begin(const char *json)
{
    struct cxd_error err = CXD_ERROR_INIT;

    instance = NULL;
    if (input_open(&fake_host, NULL, fake_options(config_options, json), &instance, &err) < 0) {
        fail_msg("open: %s", err.text);
    }
}

static void finish(void)
{
    input_close(instance);
    assert_int_equal(fake.held, 0);
}

/* One poll after the other until there is nothing to do; failures are waited over. */
static int look(void)
{
    struct cxd_error err = CXD_ERROR_INIT;
    int64_t wait_ms = 0;

    for (int i = 0; i < 20000; i++) {
        int result = input_poll(instance, &wait_ms, &err);

        if (result == CXD_POLL_IDLE || result == CXD_POLL_FAILED) {
            return result;
        }
        if (result == CXD_POLL_RETRY) {
            wait_ms = err.retry_after_ms > 1000 ? err.retry_after_ms : 1000;
        }
        if (result != CXD_POLL_MORE) {
            fake.mono_ms += wait_ms;
            fake.wall_ms += wait_ms;
        }
    }
    fail_msg("no end");
    return 0;
}

static void later(int64_t ms)
{
    fake.mono_ms += ms;
    fake.wall_ms += ms;
}

static void rows_make(size_t count, int64_t first_ms, int64_t step_ms)
{
    free(rows);
    rows = calloc(count + 5000, sizeof *rows);
    row_count = count;
    for (size_t i = 0; i < count; i++) {
        rows[i] = (struct row){(int)i, first_ms + (int64_t)i * step_ms, 1};
    }
}

/* How often a version of a row came, as a record or (after a failed allocation) as a dead letter. */
static size_t came(int id, int version)
{
    char front[60];
    char back[30];
    size_t count = 0;

    (void)snprintf(front, sizeof front, "{\"incident_id\":\"%d\",", id);
    (void)snprintf(back, sizeof back, "\"version\":%d}", version);
    for (size_t i = 0; i < fake.event_count; i++) {
        const char *event = fake.events[i] + (fake.events[i][0] == '!');

        count += strncmp(event, front, strlen(front)) == 0 && strstr(event, back) != NULL;
    }
    return count;
}

static void expect_each_once(size_t count)
{
    unsigned char *seen = calloc(count, 1);

    for (size_t i = 0; i < fake.event_count; i++) {
        size_t id = (size_t)number_behind(fake.events[i], "\"incident_id\":\"");

        assert_true(id < count);
        assert_int_equal(seen[id], 0);
        seen[id] = 1;
    }
    assert_int_equal(fake.event_count, count);
    free(seen);
}

static void test_pages_of_a_closed_window(void **state)
{
    (void)state;
    rows_make(250, fake.wall_ms - DAY / 2, 1000);
    begin(OPTIONS(""));
    assert_int_equal(look(), CXD_POLL_IDLE);
    assert_int_equal(fake.request_count, 3);
    assert_string_equal(fake.requests[0].url,
                        "https://api-tenant.example/public_api/v1/incidents/get_incidents");
    assert_string_equal(fake.requests[1].body,
                        "{\"request_data\":{\"filters\":[{\"field\":\"modification_time\","
                        "\"operator\":\"gte\",\"value\":1699913600123},"
                        "{\"field\":\"modification_time\",\"operator\":\"lte\",\"value\":"
                        "1699999880123}],\"search_from\":100,\"search_to\":200,"
                        "\"sort\":{\"field\":\"modification_time\",\"keyword\":\"asc\"}}}");
    assert_non_null(strstr(fake.requests[0].headers, "*Authorization: the-key\n"));
    assert_non_null(strstr(fake.requests[0].headers, "x-xdr-auth-id: 7\n"));
    expect_each_once(250);
    assert_int_equal(fake.marked_events, 250);
    assert_int_equal(fake.health, CXD_HEALTHY);
    finish();
}

static void test_short_pages_are_not_the_end(void **state)
{
    (void)state;
    page_cap = 7;
    rows_make(40, fake.wall_ms - DAY / 2, 1000);
    begin(OPTIONS(""));
    assert_int_equal(look(), CXD_POLL_IDLE);
    page_cap = 100;
    expect_each_once(40);
    finish();
}

static void test_an_empty_window_moves_on(void **state)
{
    (void)state;
    rows_make(0, 0, 0);
    begin(OPTIONS(""));
    assert_int_equal(look(), CXD_POLL_IDLE);
    assert_int_equal(fake.mark_count, 1);
    later(300000);
    assert_int_equal(look(), CXD_POLL_IDLE);
    assert_int_equal(fake.mark_count, 2);
    assert_int_equal(number_behind(fake.requests[1].body, "\"gte\",\"value\":"),
                     number_behind(fake.requests[0].body, "\"lte\",\"value\":"));
    finish();
}

static void test_a_window_of_too_many_rows_is_split(void **state)
{
    (void)state;
    rows_make(25000, fake.wall_ms - DAY / 2, 1000);
    begin(OPTIONS(""));
    assert_int_equal(look(), CXD_POLL_IDLE);
    expect_each_once(25000);
    for (size_t i = 0; i < fake.request_count; i++) {
        assert_true(number_behind(fake.requests[i].body, "\"search_from\":") < 10000);
    }
    finish();
}

static void test_rows_of_one_millisecond_across_pages_and_windows(void **state)
{
    struct row *edge;

    (void)state;
    rows_make(350, fake.wall_ms - DAY / 2, 0);
    edge = &rows[row_count];
    for (int i = 0; i < 30; i++) {
        edge[i] = (struct row){1000 + i, fake.wall_ms - 120000,
                               1}; /* exactly at the end of the first window */
    }
    row_count += 30;
    begin(OPTIONS(""));
    assert_int_equal(look(), CXD_POLL_IDLE);
    assert_int_equal(fake.event_count, 380);
    finish(); /* and a restart: the edge is in the cursor */
    rows[row_count++] =
        (struct row){2000, fake.wall_ms - 120000, 1}; /* came late, at that very millisecond */
    later(300000);
    begin(OPTIONS(""));
    assert_int_equal(look(), CXD_POLL_IDLE);
    assert_int_equal(fake.event_count, 381);
    assert_int_equal(came(2000, 1), 1);
    finish();
}

static void modify_between(size_t request)
{
    if (request == 2) {
        for (size_t i = 0; i < row_count; i++) {
            if (rows[i].id == 10 || rows[i].id == 20 || rows[i].id == 30) {
                rows[i].time_ms =
                    fake.wall_ms - 1000; /* leaves the window: rows behind it move up */
                rows[i].version = 2;
            }
        }
    }
}

static void test_rows_modified_between_pages_hide_no_others(void **state)
{
    (void)state;
    rows_make(320, fake.wall_ms - DAY / 2, 1000);
    between = modify_between;
    begin(OPTIONS(""));
    assert_int_equal(look(), CXD_POLL_IDLE);
    assert_int_equal(fake.event_count, 320);
    for (int id = 0; id < 320; id++) {
        assert_int_equal(came(id, 1), 1);
    }
    later(300000);
    assert_int_equal(look(), CXD_POLL_IDLE);
    between = NULL;
    assert_int_equal(fake.event_count, 323);
    assert_int_equal(came(10, 2) + came(20, 2) + came(30, 2), 3);
    finish();
}

static void test_days_with_growth_change_and_restarts(void **state)
{
    int next_id = 50;
    uint64_t chance = 12345;

    (void)state;
    rows_make(50, fake.wall_ms - DAY / 2, 60000);
    begin(OPTIONS(""));
    for (int round = 0; round < 400; round++) {
        assert_int_equal(look(), CXD_POLL_IDLE);
        chance = chance * UINT64_C(6364136223846793005) + 1;
        for (uint64_t i = 0; i < chance >> 60; i++) {
            rows[row_count++] =
                (struct row){next_id++, fake.wall_ms - (int64_t)(chance >> 50) % 100000, 1};
        }
        if (round % 7 == 0) {
            struct row *r = &rows[(chance >> 33) % row_count];

            r->time_ms = fake.wall_ms;
            r->version++;
        }
        if (round % 13 == 0) { /* killed: what was handed over is known by the last mark */
            finish();
            begin(OPTIONS(""));
        }
        later(300000);
    }
    later(600000);
    assert_int_equal(look(), CXD_POLL_IDLE);
    for (size_t i = 0; i < row_count; i++) {
        assert_int_equal(came(rows[i].id, rows[i].version), 1);
    }
    finish();
}

static void test_errors_wait_and_are_no_records(void **state)
{
    static const struct {
        int status;
        const char *headers;
        const char *body;
        int result;
        const char *text;
        int64_t retry_ms;
    } cases[] = {
        {429, "Retry-After: 9\n", "", CXD_POLL_RETRY, "too many requests", 9000},
        {429, "", "Too many requests", CXD_POLL_RETRY, "too many requests", 1000},
        {401, "",
         "{\"reply\":{\"err_code\":401,\"err_msg\":\"Public API request "
         "unauthorized\",\"err_extra\":null}}",
         CXD_POLL_FAILED, "unauthorized", -1},
        {402, "", "", CXD_POLL_FAILED, "licence", -1},
        {403, "", "", CXD_POLL_FAILED, "role", -1},
        {500, "", "{\"reply\":{\"err_code\":500,\"err_msg\":\"An error\",\"err_extra\":\"x\"}}",
         CXD_POLL_RETRY, "An error", -1},
        {502, "", "<html>", CXD_POLL_RETRY, "502", -1},
        {200, "", "{\"reply\":{\"err_code\":500,\"err_msg\":\"Missing required param\"}}",
         CXD_POLL_RETRY, "Missing required param", -1},
        {200, "", "{\"reply\":{\"total_count\":1}}", CXD_POLL_RETRY, "no list \"incidents\"", -1},
        {200, "", "{\"incidents\":[]}", CXD_POLL_RETRY, "no \"reply\"", -1},
        {200, "", "[]", CXD_POLL_RETRY, "no \"reply\"", -1},
        {200, "", "{\"reply\":{\"incidents\":[", CXD_POLL_RETRY, "JSON", -1},
    };
    struct fake_reply (*api)(const struct fake_request *) = fake.answer;

    (void)state;
    rows_make(5, fake.wall_ms - DAY / 2, 1000);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct fake_reply bad = {
            .status = cases[i].status, .body = cases[i].body, .headers = cases[i].headers};
        struct cxd_error err = CXD_ERROR_INIT;
        int64_t wait_ms = 0;
        int result;

        later(10000);
        free(fake.cursor);
        fake.cursor = NULL;
        fake.cursor_len = 0;
        fake.answer = NULL;
        fake_script(&bad, 1);
        begin(OPTIONS(""));
        result = input_poll(instance, &wait_ms, &err);
        if (result != cases[i].result || strstr(err.text, cases[i].text) == NULL ||
            err.retry_after_ms != cases[i].retry_ms) {
            fail_msg("case %zu: %d \"%s\" %lld", i, result, err.text,
                     (long long)err.retry_after_ms);
        }
        assert_null(strstr(err.text, "the-key"));
        assert_int_equal(fake.event_count, 0);
        assert_int_equal(fake.mark_count, 0);
        later(10000);
        fake.answer = api;
        assert_int_equal(look(), CXD_POLL_IDLE);
        assert_int_equal(fake.event_count, 5);
        finish();
        fake_forget();
        fake.mark_count = 0;
    }
}

static void test_one_pace_for_all_streams_of_a_tenant(void **state)
{
    void *streams[3];
    int64_t times[64];
    size_t count = 0;
    size_t before = 0;

    (void)state;
    rows_make(1000, fake.wall_ms - DAY / 2, 1000);
    later(10000);
    for (int i = 0; i < 3; i++) {
        begin(OPTIONS(", 'requests_per_second': 10"));
        streams[i] = instance;
    }
    while (count < 30) {
        for (int i = 0; i < 3; i++) {
            struct cxd_error err = CXD_ERROR_INIT;
            int64_t wait_ms = 0;

            (void)input_poll(streams[i], &wait_ms, &err);
            if (fake.request_count > before && count < 64) {
                before = fake.request_count;
                times[count++] = fake.mono_ms;
            }
        }
        later(7);
    }
    for (size_t i = 10; i < count; i++) {
        assert_true(times[i] - times[i - 10] >=
                    1000); /* never more than ten in a second, wherever it begins */
    }
    for (int i = 0; i < 3; i++) {
        input_close(streams[i]);
    }
    /* another tenant is not slowed */
    begin("{'type': 'cortex_xdr/incidents', 'domain': 'other.example', 'api_token': 'k', "
          "'token_id': '7'}");
    {
        struct cxd_error err = CXD_ERROR_INIT;
        int64_t wait_ms = 0;

        assert_int_equal(input_poll(instance, &wait_ms, &err), CXD_POLL_MORE);
    }
    finish();
}

static void test_advanced_keys_are_hashed_anew(void **state)
{
    char hash[65];
    struct heap heap = {&fake_host, NULL};

    (void)state;
    rows_make(150, fake.wall_ms - DAY / 2, 1000);
    later(10000);
    begin(OPTIONS(", 'advanced_sec_level': true"));
    assert_int_equal(look(), CXD_POLL_IDLE);
    assert_int_equal(fake.request_count, 2);
    for (size_t i = 0; i < 2; i++) {
        char nonce[65];
        char stamp[20];
        const char *headers = fake.requests[i].headers;

        assert_null(strstr(headers, "the-key"));
        (void)snprintf(nonce, sizeof nonce, "%.64s", strstr(headers, "x-xdr-nonce: ") + 13);
        (void)snprintf(stamp, sizeof stamp, "%.13s", strstr(headers, "x-xdr-timestamp: ") + 17);
        assert_int_equal(
            strspn(nonce, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"), 64);
        assert_int_equal(query_hash(&heap, CXD_LIT("the-key"), nonce, stamp, hash), 0);
        assert_non_null(strstr(headers, hash));
    }
    assert_memory_not_equal(strstr(fake.requests[0].headers, "x-xdr-nonce: "),
                            strstr(fake.requests[1].headers, "x-xdr-nonce: "), 77);
    /* known answer: SHA-256 of "abc" */
    assert_int_equal(query_hash(&heap, CXD_LIT("a"), "b", "c", hash), 0);
    assert_string_equal(hash, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    finish();
}

static void test_alerts_come_once_for_each_event(void **state)
{
    const struct fake_reply replies[] = {
        {.body = "{\"reply\":{\"total_count\":2,\"alerts\":[{\"alert_id\":1,\"local_insert_ts\":"
                 "1699999000000,\"n\":12345678901234567890,\"events\":[{\"a\":1},{\"a\":2}]},"
                 "{\"alert_id\":2,\"local_insert_ts\":1699999000001,\"events\":null}]}}"}};

    (void)state;
    fake.answer = NULL;
    fake_script(replies, 1);
    later(10000);
    begin("{'type': 'cortex_xdr/alerts-v1', 'url': 'http://h:1/', 'api_token': 'k', 'token_id': "
          "'7'}");
    assert_int_equal(look(), CXD_POLL_IDLE);
    assert_string_equal(fake.requests[0].url,
                        "http://h:1/public_api/v1/alerts/get_alerts_multi_events");
    assert_non_null(strstr(fake.requests[0].body,
                           "\"sort\":{\"field\":\"server_creation_time\",\"keyword\":\"asc\"}"));
    assert_int_equal(fake.event_count, 3);
    assert_string_equal(fake.events[1], "{\"alert_id\":1,\"local_insert_ts\":1699999000000,\"n\":"
                                        "12345678901234567890,\"events\":{\"a\":2}}");
    assert_string_equal(fake.events[2],
                        "{\"alert_id\":2,\"local_insert_ts\":1699999000001,\"events\":null}");
    finish();
}

static void test_options_are_checked(void **state)
{
    static const struct {
        const char *json;
        const char *part;
    } cases[] = {
        {"{'type': 'cortex_xdr/cases', 'domain': 'd', 'api_token': 'k', 'token_id': '1'}", "type"},
        {"{'type': 'cortex_xdr', 'domain': 'd', 'api_token': 'k', 'token_id': '1'}", "type"},
        {"{'type': 'cortex_xdr/incidents', 'api_token': 'k', 'token_id': '1'}", "domain"},
        {"{'type': 'cortex_xdr/incidents', 'domain': 'd', 'api_token': 'a b', 'token_id': '1'}",
         "api_token"},
        {"{'type': 'cortex_xdr/incidents', 'domain': 'd', 'api_token': 'k', 'token_id': '1', "
         "'interval': 5}",
         "interval"},
        {"{'type': 'cortex_xdr/incidents', 'domain': 'd', 'api_token': 'k', 'token_id': '1', "
         "'requests_per_second': 0}",
         "requests_per_second"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct cxd_error err = CXD_ERROR_INIT;
        void *none = NULL;

        assert_true(input_open(&fake_host, NULL, fake_options(config_options, cases[i].json), &none,
                               &err) < 0);
        assert_non_null(strstr(err.text, cases[i].part));
        assert_int_equal(fake.held, 0);
    }
}

static void test_every_allocation_may_fail(void **state)
{
    uint64_t total;

    (void)state;
    rows_make(150, fake.wall_ms - DAY / 2, 1000);
    begin(OPTIONS(", 'advanced_sec_level': true"));
    assert_int_equal(look(), CXD_POLL_IDLE);
    finish();
    total = fake.asked;
    for (uint64_t n = 1; n <= total; n++) {
        struct cxd_error err = CXD_ERROR_INIT;
        int64_t mono_ms = fake.mono_ms + 10000;

        fake_reset();
        fake.answer = answer_api;
        fake.fail_at = n;
        fake.mono_ms = mono_ms;
        instance = NULL;
        if (input_open(&fake_host, NULL,
                       fake_options(config_options, OPTIONS(", 'advanced_sec_level': true")),
                       &instance, &err) < 0) {
            assert_int_equal(err.status, CXD_NOMEM);
        } else {
            later(10000);
            assert_int_equal(look(), CXD_POLL_IDLE);
            for (int id = 0; id < 150; id++) {
                assert_int_equal(came(id, 1), 1); /* a failure is retried where it stood */
            }
            input_close(instance);
        }
        assert_int_equal(fake.held, 0);
    }
}

static int teardown(void **state)
{
    (void)state;
    fake_reset();
    free(rows);
    free(reply);
    rows = NULL;
    reply = NULL;
    return 0;
}

static int setup(void **state)
{
    static int64_t begin_ms; /* a monotonic clock goes on from test to test: tenants outlive them */

    (void)state;
    fake_reset();
    fake.answer = answer_api;
    begin_ms += INT64_C(1000000000000);
    fake.mono_ms = begin_ms;
    between = NULL;
    return 0;
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_pages_of_a_closed_window),
        CASE(test_short_pages_are_not_the_end),
        CASE(test_an_empty_window_moves_on),
        CASE(test_a_window_of_too_many_rows_is_split),
        CASE(test_rows_of_one_millisecond_across_pages_and_windows),
        CASE(test_rows_modified_between_pages_hide_no_others),
        CASE(test_days_with_growth_change_and_restarts),
        CASE(test_errors_wait_and_are_no_records),
        CASE(test_one_pace_for_all_streams_of_a_tenant),
        CASE(test_advanced_keys_are_hashed_anew),
        CASE(test_alerts_come_once_for_each_event),
        CASE(test_options_are_checked),
        CASE(test_every_allocation_may_fail),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
