/*
 * The Cortex API simulator as a program, over TLS: keys, pages, gzip, limits and faults as a client meets them, and a small
 * collector that has to end with exactly the rows that the simulator says it must have.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zlib.h>

#include <cmocka.h>

#include "client.h"
#include "cortex_auth.h"

#define START_MS 1760000000000LL
#define SPAN_MS 86400000LL
#define ALERTS_V1 "/public_api/v1/alerts/get_alerts_multi_events"
#define ALERTS_V2 "/public_api/v2/alerts/get_alerts_multi_events"
#define INCIDENTS "/public_api/v1/incidents/get_incidents"
#define EXTRA "/public_api/v1/incidents/get_incident_extra_data"
#define ALL "{\"request_data\":{}}"

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

static void ask_as(struct client *client, const char *path, const char *body,
                   const char *const headers[4])
{
    client->bearer[0] = 0;
    client_do(client,
              &(struct client_send){.base = client->cortex,
                                    .path = path,
                                    .body = body,
                                    .body_len = strlen(body),
                                    .headers = {"Content-Type: application/json", headers[0],
                                                headers[1], headers[2], headers[3]}});
}

static void ask(struct client *client, const char *path, const char *body)
{
    static const char *const STANDARD[4] = {"x-xdr-auth-id: 1",
                                            "Authorization: standard-key-of-the-simulator"};
    ask_as(client, path, body, STANDARD);
}

static void control(struct client *client, const char *method, const char *path)
{
    client->bearer[0] = 0;
    client_do(client,
              &(struct client_send){.method = method, .base = client->control, .path = path});
    assert_int_equal(client->status, 200);
}

static void faults(struct client *client, const char *rules)
{
    client_do(client, &(struct client_send){.method = "PUT",
                                            .base = client->control,
                                            .path = "/_sim/fault",
                                            .body = rules,
                                            .body_len = strlen(rules)});
    assert_int_equal(client->status, 200);
}

static void ask_signed(struct client *client, const char *key, const char *nonce, int64_t time_ms)
{
    char timestamp[24], digest[CORTEX_DIGEST_BYTES], lines[3][160];
    snprintf(timestamp, sizeof timestamp, "%lld", (long long)time_ms);
    assert_true(cortex_auth_digest(key, nonce, timestamp, digest));
    snprintf(lines[0], sizeof lines[0], "Authorization: %s", digest);
    snprintf(lines[1], sizeof lines[1], "x-xdr-nonce: %s", nonce);
    snprintf(lines[2], sizeof lines[2], "x-xdr-timestamp: %s", timestamp);
    const char *const headers[4] = {"x-xdr-auth-id: 2", lines[0], lines[1], lines[2]};
    ask_as(client, INCIDENTS, ALL, headers);
}

static void test_keys_open_and_the_rest_is_401(void **state)
{
    struct client *client = *state;
    static const char *const BAD[][4] = {
        {NULL},
        {"x-xdr-auth-id: 1", NULL},
        {"x-xdr-auth-id: 1", "Authorization: Bearer standard-key-of-the-simulator"},
        {"x-xdr-auth-id: 2", "Authorization: advanced-key-of-the-simulator"},
        {"x-xdr-auth-id: 9", "Authorization: standard-key-of-the-simulator"}};
    for (unsigned i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
        ask_as(client, INCIDENTS, ALL, BAD[i]);
        assert_int_equal(client->status, 401);
        assert_string_equal(client->body,
                            "{\"reply\": {\"err_code\": 401, \"err_msg\": \"Public API request "
                            "unauthorized\", \"err_extra\": null}}");
    }
    ask(client, INCIDENTS, ALL);
    assert_int_equal(client->status, 200);
    static const char KEY[] = "advanced-key-of-the-simulator";
    int64_t now_ms = time(NULL) * 1000LL;
    ask_signed(client, KEY, "n1", now_ms);
    assert_int_equal(client->status, 200);
    ask_signed(client, KEY, "n1", now_ms);
    assert_int_equal(client->status, 401);
    ask_signed(client, KEY, "n2", now_ms - 301000);
    assert_int_equal(client->status, 401);
    ask_signed(client, KEY, "n3", START_MS);
    assert_int_equal(client->status, 200);
    ask_signed(client, "another key", "n4", now_ms);
    assert_int_equal(client->status, 401);
    /* A request is counted when it is over, at the latest when the next one on the connection begins. */
    ask(client, INCIDENTS, ALL);
    control(client, "GET", "/_sim/stats");
    assert_string_equal(client_member(client, "/cortex/requests/incidents/401"), "8");
    assert_string_equal(client_member(client, "/cortex/api/unauthorized/nonce_twice"), "1");
    assert_string_equal(client_member(client, "/cortex/api/unauthorized/wrong_time"), "1");
}

static void test_nothing_is_there_before_its_time(void **state)
{
    struct client *client = *state;
    static const char *const PATHS[] = {ALERTS_V1, ALERTS_V2 "/", INCIDENTS "/",
                                        "/public_api/v1/audits/management_logs/",
                                        "/public_api/v1/audits/agents_reports"};
    control(client, "POST", "/_sim/cortex/clock?ms=1759999999999");
    for (unsigned i = 0; i < 5; i++) {
        ask(client, PATHS[i], ALL);
        assert_int_equal(client->status, 200);
        assert_string_equal(client_member(client, "/reply/total_count"), "0");
        assert_string_equal(client_member(client, "/reply/result_count"), "0");
    }
    assert_non_null(strstr(client->headers, "Date: Thu, 09 Oct 2025 08:53:19 GMT"));
    control(client, "GET", "/_sim/cortex/expected?kind=alerts");
    assert_string_equal(client_member(client, "/count"), "0");
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
        ask(client, stream->path, body);
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
    control(client, "GET", path);
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
    control(client, "POST", "/_sim/cortex/clock?ms=1760000000000");
    for (int64_t step = 0; step < 14; step++) {
        int64_t from_ms = START_MS + step * SPAN_MS / 10;
        char path[80];
        snprintf(path, sizeof path, "/_sim/cortex/clock?advance=%lld", SPAN_MS / 10);
        control(client, "POST", path);
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
    control(client, "GET", "/_sim/cortex/expected?kind=incidents&what=all");
    assert_in_range(atol(client_member(client, "/count")), harvests[1].rows, 1300);
    control(client, "GET", "/_sim/cortex/expected?kind=incidents");
    assert_string_equal(client_member(client, "/count"), "260");
}

static void test_a_reply_is_packed_when_asked_for(void **state)
{
    struct client *client = *state;
    static const char *const PACKED[4] = {"x-xdr-auth-id: 1",
                                          "Authorization: standard-key-of-the-simulator",
                                          "Accept-Encoding: gzip, deflate"};
    ask(client, ALERTS_V1, ALL);
    char *plain = client->body;
    size_t plain_len = client->body_len;
    client->body = NULL;
    assert_null(strstr(client->headers, "Content-Encoding"));
    ask_as(client, ALERTS_V1, ALL, PACKED);
    assert_non_null(strstr(client->headers, "Content-Encoding: gzip"));
    assert_true(client->body_len < plain_len / 3);
    char *out = malloc(plain_len + 1);
    z_stream stream = {.next_in = (unsigned char *)client->body,
                       .avail_in = (unsigned)client->body_len,
                       .next_out = (unsigned char *)out,
                       .avail_out = (unsigned)plain_len + 1};
    assert_int_equal(inflateInit2(&stream, 15 + 16), Z_OK);
    assert_int_equal(inflate(&stream, Z_FINISH), Z_STREAM_END);
    assert_int_equal(stream.total_out, plain_len);
    assert_memory_equal(out, plain, plain_len);
    inflateEnd(&stream);
    free(out);
    free(plain);
}

static void test_bad_requests_get_the_vendors_words(void **state)
{
    struct client *client = *state;
    static const struct {
        const char *path, *body, *status, *extra;
    } CASES[] = {
        {INCIDENTS, "{}", "500", "Missing required param: request_data"},
        {INCIDENTS, "{\"request_data\":{}", "400", "The body is not a JSON object"},
        {INCIDENTS, "{\"request_data\":{}} x", "400", "The body is not a JSON object"},
        {INCIDENTS, "", "400", "The body is not a JSON object"},
        {ALERTS_V1,
         "{\"request_data\":{\"filters\":[{\"field\":\"detection_timestamp\",\"operator\":\"gte\","
         "\"value\":1}]}}",
         "500", "Invalid filter field: detection_timestamp"},
        {"/public_api/v1/alerts/get_everything", ALL, "500", "Unknown API call"},
        {"/public_api/v2/incidents/get_incidents", ALL, "500", "Unknown API call"},
        {EXTRA, "{\"request_data\":{\"incident_id\":\"77\"}}", "500", "Incident not found"},
        {EXTRA, "{\"request_data\":{}}", "400", "Missing required param: incident_id"},
    };
    for (unsigned i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        ask(client, CASES[i].path, CASES[i].body);
        assert_string_equal(client_member(client, "/reply/err_code"), CASES[i].status);
        assert_string_equal(client_member(client, "/reply/err_extra"), CASES[i].extra);
        assert_int_equal(client->status, atol(CASES[i].status));
    }
    /* A sixth of a minute's three is left, of which the two above took theirs. */
    ask(client, EXTRA, "{\"request_data\":{\"incident_id\":\"1007\",\"alerts_limit\":2}}");
    assert_int_equal(client->status, 200);
    assert_string_equal(client_member(client, "/reply/incident/incident_id"), "1007");
    assert_string_equal(client_member(client, "/reply/alerts/total_count"), "3");
    assert_string_equal(client_member(client, "/reply/alerts/data/2"), "");
    assert_string_not_equal(client_member(client, "/reply/alerts/data/1/alert_id"), "");
    ask(client, EXTRA, "{\"request_data\":{\"incident_id\":\"1007\"}}");
    assert_int_equal(client->status, 429);
    assert_string_equal(client->body, "Too many requests");
}

static void test_faults_strike_the_api(void **state)
{
    struct client *client = *state;
    faults(client,
           "[{\"server\":\"cortex\",\"kind\":\"alerts_v1\",\"status\":429,\"retry_after\":\"7\","
           "\"count\":1},{\"kind\":\"alerts_v1\",\"status\":500,\"count\":1},{\"kind\":"
           "\"alerts_v1\",\"status\":502,\"count\":1},{\"kind\":\"alerts_v1\",\"bad_json\":true,"
           "\"count\":1},{\"kind\":\"audit_management\",\"cut\":500,\"end\":\"reset\",\"count\":1},"
           "{\"kind\":\"incidents\",\"status\":200,\"body\":\"{\\\"reply\\\":{\\\"err_code\\\":500}"
           "}\","
           "\"count\":1}]");
    ask(client, ALERTS_V1, ALL);
    assert_int_equal(client->status, 429);
    assert_string_equal(client->body, "Too many requests");
    assert_non_null(strstr(client->headers, "Retry-After: 7"));
    ask(client, ALERTS_V1, ALL);
    assert_string_equal(client_member(client, "/reply/err_code"), "500");
    ask(client, ALERTS_V1, ALL);
    assert_int_equal(client->status, 502);
    assert_null(client_json(client));
    ask(client, ALERTS_V1, ALL);
    assert_int_equal(client->status, 200);
    assert_null(client_json(client));
    ask(client, "/public_api/v1/audits/management_logs", ALL);
    assert_int_not_equal(client->rc, CURLE_OK);
    ask(client, INCIDENTS, ALL);
    assert_int_equal(client->status, 200);
    assert_string_equal(client->body, "{\"reply\":{\"err_code\":500}}");
    ask(client, ALERTS_V1, ALL);
    assert_string_equal(client_member(client, "/reply/result_count"), "100");
    control(client, "POST", "/_sim/down?server=cortex&ms=300");
    do {
        ask(client, ALERTS_V1, ALL);
    } while (client->rc != CURLE_OK);
    assert_int_equal(client->status, 200);
}

static void test_endpoints_are_seen_again(void **state)
{
    struct client *client = *state;
    static const char OLDEST[] = "{\"request_data\":{\"search_to\":1,\"sort\":{\"field\":"
                                 "\"first_seen\",\"keyword\":\"asc\"}}}";
    char last[2][32], id[2][64];
    for (unsigned i = 0; i < 2; i++) {
        ask(client, "/public_api/v1/endpoints/get_endpoint/", OLDEST);
        assert_string_equal(client_member(client, "/reply/total_count"), "20");
        snprintf(last[i], sizeof last[i], "%.30s",
                 client_member(client, "/reply/endpoints/0/last_seen"));
        snprintf(id[i], sizeof id[i], "%.60s",
                 client_member(client, "/reply/endpoints/0/endpoint_id"));
        control(client, "POST", "/_sim/cortex/clock?advance=86400000");
    }
    assert_string_equal(id[0], id[1]);
    assert_true(atoll(last[1]) > atoll(last[0]));
    ask(client, "/public_api/v1/endpoints/get_endpoints", "");
    assert_int_equal(client->status, 200);
    assert_string_not_equal(client_member(client, "/reply/19/agent_id"), "");
}

static void test_a_tenants_limit_is_for_all_calls_together(void **state)
{
    (void)state;
    static const char *const LIMITED[] = {
        "--plain", "--cortex-rate",   "5",  "--cortex-retry-after",
        "2",       "--cortex-alerts", "10", NULL};
    static const char *const PATHS[] = {ALERTS_V1, INCIDENTS, ALERTS_V2};
    struct client client;
    assert_true(client_start(&client, program, LIMITED));
    unsigned fine = 0, many = 0;
    for (unsigned i = 0; i < 15; i++) {
        ask(&client, PATHS[i % 3], ALL);
        fine += client.status == 200;
        if (client.status == 429) {
            many++;
            assert_string_equal(client.body, "Too many requests");
            assert_non_null(strstr(client.headers, "Retry-After: 2"));
        }
    }
    assert_int_equal(fine + many, 15);
    assert_in_range(fine, 5, 14);
    control(&client, "GET", "/_sim/stats");
    assert_int_equal(atol(client_member(&client, "/cortex/api/too_many")), many);
    /* Without a clock of its own, the last row has just come. */
    assert_string_equal(client_member(&client, "/cortex/api/rows/alerts/visible"), "10");
    assert_int_equal(client_stop(&client), 0);
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: test_sim_cortex PROGRAM\n");
        return 2;
    }
    program = argv[1];
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_keys_open_and_the_rest_is_401),
        cmocka_unit_test(test_nothing_is_there_before_its_time),
        cmocka_unit_test(test_a_collector_ends_with_what_is_expected),
        cmocka_unit_test(test_a_reply_is_packed_when_asked_for),
        cmocka_unit_test(test_bad_requests_get_the_vendors_words),
        cmocka_unit_test(test_faults_strike_the_api),
        cmocka_unit_test(test_endpoints_are_seen_again),
        cmocka_unit_test(test_a_tenants_limit_is_for_all_calls_together),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
