/*
 * A small collector of the Cortex API simulator: window by window, as the tenant's clock goes on, it has to end with exactly
 * the rows that the simulator says it must have.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "client.h"

#define START_MS 1760000000000LL
#define SPAN_MS 86400000LL
#define ALERTS_V2 "/public_api/v2/alerts/get_alerts_multi_events"
#define INCIDENTS "/public_api/v1/incidents/get_incidents"

static const char *program;

static const char *const ARGUMENTS[] = {"--cortex-alerts",
                                        "700",
                                        "--cortex-incidents",
                                        "260",
                                        "--cortex-audits",
                                        "150",
                                        "--cortex-reports",
                                        "150",
                                        "--cortex-start",
                                        "1760000000000",
                                        "--cortex-span",
                                        "86400000",
                                        "--cortex-clock",
                                        "1760000000000",
                                        "--cortex-rate",
                                        "0",
                                        "--cortex-extra-rate",
                                        "3",
                                        "--cortex-burst",
                                        "30",
                                        "--max-seconds",
                                        "120",
                                        NULL};

static int start(void **state)
{
    static struct client client;
    *state = &client;
    curl_global_init(CURL_GLOBAL_ALL);
    return client_start(&client, program, ARGUMENTS) ? 0 : -1;
}

static int stop(void **state)
{
    int rc = client_stop(*state);
    curl_global_cleanup();
    return rc;
}

/* What a small collector has, one line for each row or version: ID MS. */
struct harvest {
    char *text;
    size_t len;
    unsigned rows;
};

static void harvest_add(struct harvest *harvest, const char *id, const char *time_ms)
{
    char line[96];
    int len = snprintf(line, sizeof line, "%s %s\n", id, time_ms);
    harvest->text = realloc(harvest->text, harvest->len + (size_t)len + 1);
    assert_non_null(harvest->text);
    bool known = harvest->len && strstr(harvest->text, line);
    if (!known) {
        memcpy(harvest->text + harvest->len, line, (size_t)len + 1);
        harvest->len += (size_t)len;
        harvest->rows++;
    }
}

struct stream {
    const char *path, *filter, *list, *id, *time, *kind;
};

/* Pages through a closed window. */
static void collect(struct client *client, const struct stream *stream, int64_t from_ms,
                    int64_t to_ms, struct harvest *harvest)
{
    size_t count = 1;
    for (unsigned from = 0; count; from += 100) {
        char body[512];
        snprintf(
            body, sizeof body,
            "{\"request_data\":{\"search_from\":%u,\"search_to\":%u,\"sort\":{\"field\":\"%s\","
            "\"keyword\":\"asc\"},\"filters\":[{\"field\":\"%s\",\"operator\":\"gte\",\"value\":%"
            "lld},"
            "{\"field\":\"%s\",\"operator\":\"lte\",\"value\":%lld}]}}",
            from, from + 100, stream->filter, stream->filter, (long long)from_ms, stream->filter,
            (long long)to_ms);
        client_cortex(client, stream->path, body);
        assert_int_equal(client->status, 200);
        struct json_object *tree = client_json(client), *rows = NULL;
        assert_int_equal(json_pointer_get(tree, stream->list, &rows), 0);
        count = json_object_array_length(rows);
        for (size_t i = 0; i < count; i++) {
            struct json_object *row = json_object_array_get_idx(rows, i), *id = NULL, *at = NULL;
            assert_true(json_object_object_get_ex(row, stream->id, &id));
            assert_true(json_object_object_get_ex(row, stream->time, &at));
            harvest_add(harvest, json_object_get_string(id), json_object_get_string(at));
        }
        json_object_put(tree);
    }
}

/* Exactly the lines that the simulator expects. */
static void compare(struct client *client, const struct harvest *harvest, const char *query)
{
    char path[160];
    unsigned lines = 0;
    snprintf(path, sizeof path, "/_sim/cortex/expected?format=lines&%s", query);
    client_control(client, "GET", path);
    for (char *line = client->body; *line; lines++) {
        char *end = strchr(line, '\n');
        assert_non_null(end);
        char kept = end[1];
        end[1] = 0;
        assert_non_null(strstr(harvest->text ? harvest->text : "", line));
        end[1] = kept;
        line = end + 1;
    }
    assert_int_equal(lines, harvest->rows);
}

static void test_a_collector_ends_with_what_is_expected(void **state)
{
    struct client *client = *state;
    static const struct stream STREAMS[] = {
        {ALERTS_V2, "server_creation_time", "/reply/alerts", "alert_id", "local_insert_ts",
         "kind=alerts"},
        {INCIDENTS, "modification_time", "/reply/incidents", "incident_id", "modification_time",
         "kind=incidents&what=served"},
        {"/public_api/v1/audits/management_logs", "timestamp", "/reply/data", "AUDIT_ID",
         "AUDIT_INSERT_TIME", "kind=audit_management"}};
    struct harvest harvests[3] = {{.rows = 0}};
    client_control(client, "POST", "/_sim/cortex/clock?ms=1760000000000");
    for (int64_t step = 0; step < 14; step++) {
        int64_t from_ms = START_MS + step * SPAN_MS / 10;
        char path[80];
        snprintf(path, sizeof path, "/_sim/cortex/clock?advance=%lld", SPAN_MS / 10);
        client_control(client, "POST", path);
        for (unsigned i = 0; i < 3; i++) {
            collect(client, &STREAMS[i], from_ms, from_ms + SPAN_MS / 10, &harvests[i]);
        }
    }
    assert_int_equal(harvests[0].rows, 700);
    assert_int_equal(harvests[2].rows, 150);
    for (unsigned i = 0; i < 3; i++) {
        compare(client, &harvests[i], STREAMS[i].kind);
        free(harvests[i].text);
    }
    /* Modified incidents came again; a version that was gone before the next look is not expected. */
    assert_in_range(harvests[1].rows, 300, 1300);
    client_control(client, "GET", "/_sim/cortex/expected?kind=incidents&what=all");
    assert_in_range(atol(client_member(client, "/count")), harvests[1].rows, 1300);
    client_control(client, "GET", "/_sim/cortex/expected?kind=incidents");
    assert_string_equal(client_member(client, "/count"), "260");
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: test_sim_cortex_collect PROGRAM\n");
        return 2;
    }
    program = argv[1];
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_collector_ends_with_what_is_expected),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
