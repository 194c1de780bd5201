/*
 * The Cortex API simulator as a program, over TLS: keys, gzip, limits and faults as a client meets them.
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

static void ask_signed(struct client *client, const char *key, const char *nonce, int64_t time_ms)
{
    char timestamp[24], digest[CORTEX_DIGEST_BYTES], lines[3][160];
    snprintf(timestamp, sizeof timestamp, "%lld", (long long)time_ms);
    assert_true(cortex_auth_digest(key, nonce, timestamp, digest));
    snprintf(lines[0], sizeof lines[0], "Authorization: %s", digest);
    snprintf(lines[1], sizeof lines[1], "x-xdr-nonce: %s", nonce);
    snprintf(lines[2], sizeof lines[2], "x-xdr-timestamp: %s", timestamp);
    const char *const headers[4] = {"x-xdr-auth-id: 2", lines[0], lines[1], lines[2]};
    client_cortex_as(client, INCIDENTS, ALL, headers);
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
        client_cortex_as(client, INCIDENTS, ALL, BAD[i]);
        assert_int_equal(client->status, 401);
        assert_string_equal(client->body,
                            "{\"reply\": {\"err_code\": 401, \"err_msg\": \"Public API request "
                            "unauthorized\", \"err_extra\": null}}");
    }
    client_cortex(client, INCIDENTS, ALL);
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
    client_cortex(client, INCIDENTS, ALL);
    client_control(client, "GET", "/_sim/stats");
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
    client_control(client, "POST", "/_sim/cortex/clock?ms=1759999999999");
    for (unsigned i = 0; i < 5; i++) {
        client_cortex(client, PATHS[i], ALL);
        assert_int_equal(client->status, 200);
        assert_string_equal(client_member(client, "/reply/total_count"), "0");
        assert_string_equal(client_member(client, "/reply/result_count"), "0");
    }
    assert_non_null(strstr(client->headers, "Date: Thu, 09 Oct 2025 08:53:19 GMT"));
    client_control(client, "GET", "/_sim/cortex/expected?kind=alerts");
    assert_string_equal(client_member(client, "/count"), "0");
}

static void test_a_reply_is_packed_when_asked_for(void **state)
{
    struct client *client = *state;
    client_control(client, "POST", "/_sim/cortex/clock?ms=1760200000000");
    static const char *const PACKED[4] = {"x-xdr-auth-id: 1",
                                          "Authorization: standard-key-of-the-simulator",
                                          "Accept-Encoding: gzip, deflate"};
    client_cortex(client, ALERTS_V1, ALL);
    char *plain = client->body;
    size_t plain_len = client->body_len;
    client->body = NULL;
    assert_null(strstr(client->headers, "Content-Encoding"));
    client_cortex_as(client, ALERTS_V1, ALL, PACKED);
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
        client_cortex(client, CASES[i].path, CASES[i].body);
        assert_string_equal(client_member(client, "/reply/err_code"), CASES[i].status);
        assert_string_equal(client_member(client, "/reply/err_extra"), CASES[i].extra);
        assert_int_equal(client->status, atol(CASES[i].status));
    }
    /* The two above took from the three of a minute as well. */
    client_cortex(client, EXTRA,
                  "{\"request_data\":{\"incident_id\":\"1007\",\"alerts_limit\":2}}");
    assert_int_equal(client->status, 200);
    assert_string_equal(client_member(client, "/reply/incident/incident_id"), "1007");
    assert_string_equal(client_member(client, "/reply/alerts/total_count"), "3");
    assert_string_equal(client_member(client, "/reply/alerts/data/2"), "");
    assert_string_not_equal(client_member(client, "/reply/alerts/data/1/alert_id"), "");
    for (unsigned i = 0; i < 10 && client->status != 429; i++) {
        client_cortex(client, EXTRA, "{\"request_data\":{\"incident_id\":\"1007\"}}");
    }
    assert_int_equal(client->status, 429);
    assert_string_equal(client->body, "Too many requests");
}

static void test_faults_strike_the_api(void **state)
{
    struct client *client = *state;
    assert_true(client_fault_rules(
        client,
        "[{\"server\":\"cortex\",\"kind\":\"alerts_v1\",\"status\":429,\"retry_after\":\"7\","
        "\"count\":1},{\"kind\":\"alerts_v1\",\"status\":500,\"count\":1},{\"kind\":"
        "\"alerts_v1\",\"status\":502,\"count\":1},{\"kind\":\"alerts_v1\",\"bad_json\":true,"
        "\"count\":1},{\"kind\":\"audit_management\",\"cut\":500,\"end\":\"reset\",\"count\":1},"
        "{\"kind\":\"incidents\",\"status\":200,\"body\":\"{\\\"reply\\\":{\\\"err_code\\\":500}"
        "}\","
        "\"count\":1}]"));
    client_cortex(client, ALERTS_V1, ALL);
    assert_int_equal(client->status, 429);
    assert_string_equal(client->body, "Too many requests");
    assert_non_null(strstr(client->headers, "Retry-After: 7"));
    client_cortex(client, ALERTS_V1, ALL);
    assert_string_equal(client_member(client, "/reply/err_code"), "500");
    client_cortex(client, ALERTS_V1, ALL);
    assert_int_equal(client->status, 502);
    assert_null(client_json(client));
    client_cortex(client, ALERTS_V1, ALL);
    assert_int_equal(client->status, 200);
    assert_null(client_json(client));
    client_cortex(client, "/public_api/v1/audits/management_logs", ALL);
    assert_int_not_equal(client->rc, CURLE_OK);
    client_cortex(client, INCIDENTS, ALL);
    assert_int_equal(client->status, 200);
    assert_string_equal(client->body, "{\"reply\":{\"err_code\":500}}");
    client_cortex(client, ALERTS_V1, ALL);
    assert_string_equal(client_member(client, "/reply/result_count"), "100");
    client_control(client, "POST", "/_sim/down?server=cortex&ms=300");
    for (int i = 0; i < 1000 && client->rc == CURLE_OK; i++) {
        client_cortex(client, ALERTS_V1, ALL); /* the main thread takes it down, presently */
    }
    do {
        client_cortex(client, ALERTS_V1, ALL);
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
        client_cortex(client, "/public_api/v1/endpoints/get_endpoint/", OLDEST);
        assert_string_equal(client_member(client, "/reply/total_count"), "20");
        snprintf(last[i], sizeof last[i], "%.30s",
                 client_member(client, "/reply/endpoints/0/last_seen"));
        snprintf(id[i], sizeof id[i], "%.60s",
                 client_member(client, "/reply/endpoints/0/endpoint_id"));
        client_control(client, "POST", "/_sim/cortex/clock?advance=86400000");
    }
    assert_string_equal(id[0], id[1]);
    assert_true(atoll(last[1]) > atoll(last[0]));
    client_cortex(client, "/public_api/v1/endpoints/get_endpoints", "");
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
        client_cortex(&client, PATHS[i % 3], ALL);
        fine += client.status == 200;
        if (client.status == 429) {
            many++;
            assert_string_equal(client.body, "Too many requests");
            assert_non_null(strstr(client.headers, "Retry-After: 2"));
        }
    }
    assert_int_equal(fine + many, 15);
    assert_in_range(fine, 1, 14);
    client_control(&client, "GET", "/_sim/stats");
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
        cmocka_unit_test(test_a_reply_is_packed_when_asked_for),
        cmocka_unit_test(test_bad_requests_get_the_vendors_words),
        cmocka_unit_test(test_faults_strike_the_api),
        cmocka_unit_test(test_endpoints_are_seen_again),
        cmocka_unit_test(test_a_tenants_limit_is_for_all_calls_together),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
