/*
 * What the API makes of a request: filters against a plain look at every row, orders, pages and refusals.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cortex_query.h"

#define START_MS 1760000000000LL
#define SPAN_MS 86400000LL
#define NOW_MS (START_MS + SPAN_MS)

static const struct cortex_shape SHAPE = {
    .seed = 3,
    .rows = {1500, 400, 200, 200, 30},
    .start_ms = START_MS,
    .span_ms = SPAN_MS,
    .burst = 8,
    .late = 100,
    .changes = 4,
};

/* Runs a request at a time; 0, or the status of the refusal. */
static unsigned ask(const struct cortex_set *set, const char *text, int64_t now_ms,
                    struct cortex_page *ret_page)
{
    struct cortex_query query;
    struct cortex_refusal refusal;
    struct json_object *data = json_tokener_parse(text);
    assert_non_null(data);
    bool ok = cortex_query_read(&query, set, data, &refusal);
    if (ok) {
        assert_true(cortex_query_run(&query, &SHAPE, now_ms, ret_page));
    } else {
        struct json_object *extra = json_tokener_parse(refusal.extra);
        assert_non_null(extra);
        json_object_put(extra);
    }
    json_object_put(data);
    return ok ? 0 : refusal.status;
}

static int64_t detected_ms(uint64_t alert)
{
    return cortex_insert_ms(&SHAPE, CORTEX_ALERTS, alert) -
           cortex_delay_ms(&SHAPE, CORTEX_ALERTS, alert);
}

static void test_each_clock_filters_on_its_own_time(void **state)
{
    (void)state;
    int64_t from_ms = START_MS + SPAN_MS / 4, to_ms = START_MS + SPAN_MS / 2;
    static const char *const NAMES[] = {"creation_time", "server_creation_time"};
    for (unsigned clock = 0; clock < 2; clock++) {
        char text[400];
        struct cortex_page page;
        uint64_t wanted = 0;
        for (uint64_t i = 0; i < SHAPE.rows[CORTEX_ALERTS]; i++) {
            int64_t at = clock ? cortex_insert_ms(&SHAPE, CORTEX_ALERTS, i) : detected_ms(i);
            wanted += at >= from_ms && at <= to_ms;
        }
        snprintf(text, sizeof text,
                 "{\"filters\":[{\"field\":\"%s\",\"operator\":\"gte\",\"value\":%lld},"
                 "{\"value\":%lld,\"operator\":\"lte\",\"field\":\"%s\"}]}",
                 NAMES[clock], (long long)from_ms, (long long)to_ms, NAMES[clock]);
        assert_int_equal(ask(&cortex_alert_set, text, NOW_MS, &page), 0);
        assert_int_equal(page.total, wanted);
        assert_in_range(wanted, 200, 600);
    }
}

static void test_bounds_include_their_own_millisecond(void **state)
{
    (void)state;
    int64_t at = cortex_insert_ms(&SHAPE, CORTEX_ALERTS, 700);
    char text[400];
    struct cortex_page page;
    snprintf(
        text, sizeof text,
        "{\"filters\":[{\"field\":\"server_creation_time\",\"operator\":\"gte\",\"value\":%lld},"
        "{\"field\":\"server_creation_time\",\"operator\":\"lte\",\"value\":%lld}]}",
        (long long)at, (long long)at);
    assert_int_equal(ask(&cortex_alert_set, text, NOW_MS, &page), 0);
    uint64_t same =
        cortex_visible(&SHAPE, CORTEX_ALERTS, at) - cortex_visible(&SHAPE, CORTEX_ALERTS, at - 1);
    assert_true(same >= 1);
    assert_int_equal(page.total, same);
}

/* Collects all rows by pages of 100 and checks the order; the sum of the ranks' falls is returned. */
static void check_pages(const struct cortex_set *set, const char *sort, const char *keyword,
                        unsigned step)
{
    static unsigned char seen[2000];
    memset(seen, 0, sizeof seen);
    const struct cortex_field *field = NULL;
    for (unsigned i = 0; i < set->field_count; i++) {
        field = strcmp(set->fields[i].name, sort) == 0 ? &set->fields[i] : field;
    }
    assert_non_null(field);
    bool rises = *keyword == 'a', is_first = true;
    int64_t last = 0;
    uint64_t from = 0;
    struct cortex_page page = {.count = 1};
    while (page.count) {
        char text[300];
        snprintf(text, sizeof text,
                 "{\"search_to\":%llu,\"sort\":{\"keyword\":\"%s\",\"field\":\"%s\"},"
                 "\"search_from\":%llu}",
                 (unsigned long long)from + step, keyword, sort, (unsigned long long)from);
        assert_int_equal(ask(set, text, NOW_MS, &page), 0);
        assert_int_equal(page.total, SHAPE.rows[set->kind]);
        for (unsigned i = 0; i < page.count; i++) {
            const struct cortex_row row = {&SHAPE, page.numbers[i], NOW_MS};
            struct cortex_value value;
            field->get(&row, &value);
            assert_true(is_first || (rises ? value.rank >= last : value.rank <= last));
            assert_int_equal(seen[row.number]++, 0);
            last = value.rank;
            is_first = false;
        }
        from += page.count;
    }
    assert_int_equal(from, SHAPE.rows[set->kind]);
}

static void test_pages_give_every_row_once_in_order(void **state)
{
    (void)state;
    check_pages(&cortex_alert_set, "server_creation_time", "asc", 100);
    check_pages(&cortex_alert_set, "creation_time", "desc", 97);
    check_pages(&cortex_alert_set, "severity", "DESC", 100);
    check_pages(&cortex_incident_set, "modification_time", "asc", 100);
    check_pages(&cortex_audit_set, "sub_type", "asc", 50);
    check_pages(&cortex_report_set, "timestamp", "desc", 100);
    check_pages(&cortex_endpoint_set, "last_seen", "asc", 7);
}

static void test_pages_are_a_hundred_rows_at_most(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        unsigned count;
    } CASES[] = {{"{}", 100},
                 {"{\"search_from\":0,\"search_to\":300}", 100},
                 {"{\"search_from\":10,\"search_to\":20}", 10},
                 {"{\"search_from\":20,\"search_to\":10}", 0},
                 {"{\"search_from\":1450}", 50},
                 {"{\"search_from\":1450,\"search_to\":0}", 50},
                 {"{\"search_from\":1500,\"search_to\":1600}", 0},
                 {"{\"search_from\":9000000000000000000,\"search_to\":9000000000000000100}", 0},
                 {"{\"search_to\":null,\"search_from\":null,\"filters\":null,\"sort\":null}", 100}};
    for (unsigned i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        struct cortex_page page;
        assert_int_equal(ask(&cortex_alert_set, CASES[i].text, NOW_MS, &page), 0);
        assert_int_equal(page.total, 1500);
        assert_int_equal(page.count, CASES[i].count);
    }
}

static void test_total_count_stops_at_9999(void **state)
{
    (void)state;
    struct cortex_query query = {.set = &cortex_audit_set};
    const struct cortex_row moment = {&SHAPE, 0, NOW_MS};
    static const uint64_t TOTALS[] = {9998, 9999, 10000, 123456};
    for (unsigned i = 0; i < 4; i++) {
        struct cortex_page page = {.total = TOTALS[i]};
        struct buffer out;
        char wanted[64];
        buffer_init(&out, 1000);
        cortex_query_write(&query, &page, &moment, CORTEX_FORM_V1, &out);
        snprintf(wanted, sizeof wanted, "{\"reply\":{\"total_count\":%s,\"result_count\":0,",
                 i ? "9999" : "9998");
        assert_memory_equal(out.data, wanted, strlen(wanted));
        buffer_done(&out);
    }
}

static const struct {
    const struct cortex_set *set;
    const char *text;
    uint64_t total; /* UINT64_MAX: some, but not all */
} OPERATORS[] = {
    {&cortex_alert_set,
     "{\"filters\":[{\"field\":\"alert_id_list\",\"operator\":\"in\",\"value\":[100003,100009,"
     "5]}]}",
     2},
    {&cortex_alert_set,
     "{\"filters\":[{\"field\":\"alert_id_list\",\"operator\":\"in\",\"value\":[\"100003\"]}]}", 1},
    {&cortex_alert_set,
     "{\"filters\":[{\"field\":\"severity\",\"operator\":\"in\",\"value\":[\"high\","
     "\"critical\"]}]}",
     UINT64_MAX},
    {&cortex_alert_set,
     "{\"filters\":[{\"field\":\"alert_source\",\"operator\":\"in\",\"value\":[\"none "
     "such\"]}]}",
     0},
    {&cortex_incident_set,
     "{\"filters\":[{\"field\":\"incident_id_list\",\"operator\":\"in\",\"value\":[\"1000\","
     "\"1399\","
     "\"1400\"]}]}",
     2},
    {&cortex_incident_set,
     "{\"filters\":[{\"field\":\"status\",\"operator\":\"eq\",\"value\":\"new\"}]}", UINT64_MAX},
    {&cortex_incident_set,
     "{\"filters\":[{\"field\":\"starred\",\"operator\":\"eq\",\"value\":true}]}", UINT64_MAX},
    {&cortex_incident_set,
     "{\"filters\":[{\"field\":\"description\",\"operator\":\"contains\",\"value\":\"sweep\"}]"
     "}",
     UINT64_MAX},
    {&cortex_incident_set,
     "{\"filters\":[{\"field\":\"alert_sources\",\"operator\":\"in\",\"value\":[\"XDR "
     "BIOC\"]}]}",
     UINT64_MAX},
    {&cortex_audit_set,
     "{\"filters\":[{\"field\":\"type\",\"operator\":\"in\",\"value\":[\"AUTH\"]},{\"field\":"
     "\"result\","
     "\"operator\":\"in\",\"value\":[\"SUCCESS\"]}]}",
     UINT64_MAX},
    {&cortex_report_set,
     "{\"filters\":[{\"field\":\"category\",\"operator\":\"in\",\"value\":[\"status\"]}]}",
     UINT64_MAX},
    {&cortex_endpoint_set,
     "{\"filters\":[{\"field\":\"endpoint_status\",\"operator\":\"eq\",\"value\":\"connected\"}"
     "]}",
     UINT64_MAX},
    {&cortex_endpoint_set,
     "{\"filters\":[{\"field\":\"platform\",\"operator\":\"in\",\"value\":\"linux\"}]}",
     UINT64_MAX},
};

static void test_operators_do_what_they_say(void **state)
{
    (void)state;
    for (unsigned i = 0; i < sizeof OPERATORS / sizeof OPERATORS[0]; i++) {
        struct cortex_page page;
        assert_int_equal(ask(OPERATORS[i].set, OPERATORS[i].text, NOW_MS, &page), 0);
        if (OPERATORS[i].total == UINT64_MAX) {
            assert_in_range(page.total, 1, SHAPE.rows[OPERATORS[i].set->kind] - 1);
        } else {
            assert_int_equal(page.total, OPERATORS[i].total);
        }
    }
}

static void test_eq_and_neq_share_the_rows(void **state)
{
    (void)state;
    struct cortex_page is, is_not;
    assert_int_equal(
        ask(&cortex_incident_set,
            "{\"filters\":[{\"field\":\"status\",\"operator\":\"eq\",\"value\":\"new\"}]}", NOW_MS,
            &is),
        0);
    assert_int_equal(
        ask(&cortex_incident_set,
            "{\"filters\":[{\"field\":\"status\",\"operator\":\"neq\",\"value\":\"new\"}]}", NOW_MS,
            &is_not),
        0);
    assert_int_equal(is.total + is_not.total, SHAPE.rows[CORTEX_INCIDENTS]);
}

static void test_incidents_move_while_they_are_paged(void **state)
{
    (void)state;
    static const char FIRST[] =
        "{\"search_from\":0,\"search_to\":100,\"sort\":{\"field\":\"modification_time\","
        "\"keyword\":\"asc\"}}";
    struct cortex_page before, after;
    assert_int_equal(ask(&cortex_incident_set, FIRST, START_MS + SPAN_MS / 2, &before), 0);
    assert_int_equal(ask(&cortex_incident_set, FIRST, START_MS + SPAN_MS * 3 / 4, &after), 0);
    unsigned kept = 0;
    for (unsigned i = 0; i < 100; i++) {
        for (unsigned at = 0; at < 100; at++) {
            kept += before.numbers[i] == after.numbers[at];
        }
    }
    assert_in_range(kept, 1, 90);
}

static void test_what_the_vendor_refuses_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        unsigned status;
    } CASES[] = {
        {"{\"filters\":[{\"field\":\"local_insert_ts\",\"operator\":\"gte\",\"value\":1}]}", 500},
        {"{\"filters\":[{\"field\":\"a\\\"b\",\"operator\":\"gte\",\"value\":1}]}", 500},
        {"{\"filters\":[{\"field\":\"creation_time\",\"operator\":\"in\",\"value\":[1]}]}", 500},
        {"{\"filters\":[{\"field\":\"creation_time\",\"operator\":\"gt\",\"value\":1}]}", 500},
        {"{\"filters\":[{\"field\":\"creation_time\",\"operator\":\"gte\",\"value\":\"1\"}]}", 500},
        {"{\"filters\":[{\"field\":\"creation_time\",\"operator\":\"gte\",\"value\":1.5}]}", 500},
        {"{\"filters\":[{\"field\":\"severity\",\"operator\":\"in\",\"value\":[]}]}", 500},
        {"{\"filters\":[{\"field\":\"severity\",\"operator\":\"in\",\"value\":{}}]}", 500},
        {"{\"filters\":[{\"field\":\"severity\",\"operator\":\"in\",\"value\":null}]}", 500},
        {"{\"filters\":[{\"field\":\"severity\",\"operator\":\"in\"}]}", 500},
        {"{\"filters\":[7]}", 500},
        {"{\"filters\":{}}", 400},
        {"{\"sort\":{\"field\":\"alert_id\",\"keyword\":\"asc\"}}", 500},
        {"{\"sort\":{\"field\":\"severity\",\"keyword\":\"up\"}}", 500},
        {"{\"sort\":\"severity\"}", 400},
        {"{\"search_from\":-1}", 400},
        {"{\"search_from\":\"0\"}", 400},
        {"{\"search_to\":[1]}", 400},
        {"[]", 400},
        {"7", 400},
    };
    for (unsigned i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        struct cortex_page page;
        assert_int_equal(ask(&cortex_alert_set, CASES[i].text, NOW_MS, &page), CASES[i].status);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_clock_filters_on_its_own_time),
        cmocka_unit_test(test_bounds_include_their_own_millisecond),
        cmocka_unit_test(test_pages_give_every_row_once_in_order),
        cmocka_unit_test(test_pages_are_a_hundred_rows_at_most),
        cmocka_unit_test(test_total_count_stops_at_9999),
        cmocka_unit_test(test_operators_do_what_they_say),
        cmocka_unit_test(test_eq_and_neq_share_the_rows),
        cmocka_unit_test(test_incidents_move_while_they_are_paged),
        cmocka_unit_test(test_what_the_vendor_refuses_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
