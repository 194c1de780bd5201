/*
 * The bucket as a program, over TLS: token, list, get, and every kind of fault as libcurl sees it.
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

static const char LIST[] = "/storage/v1/b/cortex-events/o";
static const char *program;

static const char *const ARGUMENTS[] = {
    "--events", "1500", "--objects", "8", "--member-events", "100", "--max-seconds", "120", NULL};

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

static void first_object(struct client *client, char path[1024])
{
    client_get(client, client->storage, LIST);
    assert_int_equal(client->status, 200);
    char *name = curl_easy_escape(client->curl, client_member(client, "/items/0/name"), 0);
    snprintf(path, 1024, "%s/%s?alt=media", LIST, name);
    curl_free(name);
}

static void test_only_a_signed_and_timely_assertion_gets_a_token(void **state)
{
    struct client *client = *state;
    client_get(client, client->storage, LIST);
    assert_int_equal(client->rc, CURLE_OK);
    assert_int_equal(client->status, 401);
    assert_string_equal(client_member(client, "/error/errors/0/reason"), "authError");
    long now = (long)time(NULL);
    const char *iss = "collector@cxd-simulator.iam.gserviceaccount.com";
    const struct {
        const char *iss, *scope, *aud;
        long iat, exp;
        const char *error;
    } CASES[] = {
        {"x@y", "/auth/devstorage.x", client->storage, now, now + 60, "invalid_grant"},
        {iss, "/auth/nothing", client->storage, now, now + 60, "invalid_scope"},
        {iss, "/auth/devstorage.x", "https://elsewhere", now, now + 60, "invalid_grant"},
        {iss, "/auth/devstorage.x", client->storage, now - 9000, now - 7000, "invalid_grant"},
        {iss, "/auth/devstorage.x", client->storage, now, now + 9000, "invalid_grant"},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        char claims[1024];
        snprintf(claims, sizeof claims,
                 "{\"iss\":\"%s\",\"scope\":\"%s\",\"aud\":\"%s/token\",\"iat\":%ld,\"exp\":%ld}",
                 CASES[i].iss, CASES[i].scope, CASES[i].aud, CASES[i].iat, CASES[i].exp);
        assert_false(client_token(client, claims));
        assert_int_equal(client->status, 400);
        assert_string_equal(client_member(client, "/error"), CASES[i].error);
    }
    static const char FORM[] = "grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer"
                               "&assertion=eyJhbGciOiJSUzI1NiJ9.e30.AAAA";
    client_do(client, &(struct client_send){.base = client->storage,
                                            .path = "/token",
                                            .body = FORM,
                                            .body_len = sizeof FORM - 1});
    assert_string_equal(client_member(client, "/error_description"), "Invalid JWT Signature.");
    assert_true(client_sign_in(client));
    client_get(client, client->storage, LIST);
    assert_int_equal(client->status, 200);
    client_do(client, &(struct client_send){
                          .method = "POST", .base = client->control, .path = "/_sim/revoke"});
    client_get(client, client->storage, LIST);
    assert_int_equal(client->status, 401);
}

static unsigned count_lines(const struct client *client)
{
    unsigned lines = 0;
    char *plain = malloc(1 << 20);
    z_stream stream = {.next_in = (unsigned char *)client->body,
                       .avail_in = (unsigned)client->body_len};
    assert_int_equal(inflateInit2(&stream, 15 + 16), Z_OK);
    int rc = Z_OK;
    while (rc == Z_OK) {
        stream.next_out = (unsigned char *)plain;
        stream.avail_out = 1 << 20;
        rc = inflate(&stream, Z_NO_FLUSH);
        size_t len = (1 << 20) - stream.avail_out;
        for (size_t i = 0; i < len; i++) {
            lines += plain[i] == '\n';
        }
        if (rc == Z_STREAM_END && stream.avail_in) {
            rc = inflateReset(&stream);
        }
    }
    assert_int_equal(rc, Z_STREAM_END);
    inflateEnd(&stream);
    free(plain);
    return lines;
}

static void test_all_events_come_by_list_and_get(void **state)
{
    struct client *client = *state;
    char token[512] = "", path[2048], last[512] = "";
    unsigned objects = 0, events = 0;
    assert_true(client_sign_in(client));
    do {
        snprintf(path, sizeof path,
                 "%s?maxResults=3&fields=items(name,size,kind),nextPageToken%s%s", LIST,
                 *token ? "&pageToken=" : "", token);
        client_get(client, client->storage, path);
        assert_int_equal(client->status, 200);
        assert_string_equal(client_member(client, "/kind"), "");
        char *escaped = curl_easy_escape(client->curl, client_member(client, "/nextPageToken"), 0);
        snprintf(token, sizeof token, "%s", escaped);
        curl_free(escaped);
        struct json_object *page = client_json(client), *items = NULL, *value = NULL;
        assert_true(json_object_object_get_ex(page, "items", &items));
        for (size_t i = 0; i < json_object_array_length(items); i++) {
            struct json_object *item = json_object_array_get_idx(items, i);
            json_object_object_get_ex(item, "name", &value);
            assert_true(strcmp(json_object_get_string(value), last) > 0);
            snprintf(last, sizeof last, "%s", json_object_get_string(value));
            char *name = curl_easy_escape(client->curl, last, 0);
            snprintf(path, sizeof path, "/download%s/%s?alt=media", LIST, name);
            curl_free(name);
            client_get(client, client->storage, path);
            assert_int_equal(client->status, 200);
            json_object_object_get_ex(item, "size", &value);
            assert_int_equal(client->body_len, json_object_get_int64(value));
            events += count_lines(client);
            objects++;
        }
        json_object_put(page);
    } while (*token);
    assert_int_equal(objects, 8);
    assert_int_equal(events, 1500);
}

static void test_conditions_and_ranges_of_a_get(void **state)
{
    struct client *client = *state;
    char path[1024], other[1200];
    assert_true(client_sign_in(client));
    first_object(client, path);
    client_get(client, client->storage, path);
    assert_non_null(strstr(client->headers, "x-goog-hash: crc32c="));
    assert_non_null(strstr(client->headers, "application/octet-stream"));
    char slice[11] = "";
    memcpy(slice, client->body + 10, 10);
    client_do(client, &(struct client_send){.base = client->storage,
                                            .path = path,
                                            .headers = {"Range: bytes=10-19"}});
    assert_int_equal(client->status, 206);
    assert_int_equal(client->body_len, 10);
    assert_memory_equal(client->body, slice, 10);
    assert_non_null(strstr(client->headers, "Content-Range: bytes 10-19/"));
    client_do(client, &(struct client_send){.base = client->storage,
                                            .path = path,
                                            .headers = {"Range: bytes=999999999-"}});
    assert_int_equal(client->status, 416);
    snprintf(other, sizeof other, "%s&ifGenerationMatch=1", path);
    client_get(client, client->storage, other);
    assert_int_equal(client->status, 412);
    snprintf(other, sizeof other, "%s&generation=1", path);
    client_get(client, client->storage, other);
    assert_int_equal(client->status, 404);
    client_get(client, client->storage, "/storage/v1/b/cortex-events/o/nothing");
    assert_int_equal(client->status, 404);
    assert_string_equal(client_member(client, "/error/message"),
                        "No such object: cortex-events/nothing");
    client_get(client, client->storage, "/cortex-events/nothing");
    assert_int_equal(client->status, 404);
    assert_non_null(strstr(client->body, "<Code>NoSuchKey</Code>"));
    client_get(client, client->storage, "/storage/v1/b/other/o");
    assert_int_equal(client->status, 404);
}

static void test_faults_as_a_client_sees_them(void **state)
{
    struct client *client = *state;
    char path[1024];
    assert_true(client_sign_in(client));
    first_object(client, path);
    static const struct {
        const char *rule;
        CURLcode rc;
        long status;
        size_t bytes; /* 0: any */
        double least_seconds;
    } CASES[] = {
        {"{\"kind\":\"media\",\"status\":503}", CURLE_OK, 503, 0, 0},
        {"{\"kind\":\"media\",\"delay_ms\":200}", CURLE_OK, 200, 0, 0.2},
        {"{\"kind\":\"media\",\"slow_bytes\":10000,\"slow_ms\":30}", CURLE_OK, 200, 0, 0.1},
        {"{\"kind\":\"media\",\"cut\":5000}", CURLE_PARTIAL_FILE, 200, 5000, 0},
        {"{\"kind\":\"media\",\"cut\":5000,\"end\":\"reset\"}", CURLE_RECV_ERROR, 200, 0, 0},
        {"{\"kind\":\"media\",\"end\":\"reset\"}", CURLE_RECV_ERROR, 0, 0, 0},
        {"{\"kind\":\"media\",\"cut\":5000,\"end\":\"stall\",\"stall_ms\":150}", CURLE_PARTIAL_FILE,
         200, 5000, 0.15},
        {"{\"kind\":\"media\",\"count\":1,\"status\":404,\"object\":\"nothing like it\"}", CURLE_OK,
         200, 0, 0},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        assert_true(client_faults(client, CASES[i].rule));
        client_get(client, client->storage, path);
        /* A connection that closes without TLS's farewell may be told by either code. */
        bool cut = CASES[i].rc == CURLE_PARTIAL_FILE && client->rc == CURLE_RECV_ERROR;
        assert_true(client->rc == CASES[i].rc || cut);
        assert_int_equal(client->status, CASES[i].status);
        assert_true(!CASES[i].bytes || CASES[i].bytes == client->body_len);
        assert_true(client->seconds >= CASES[i].least_seconds);
    }
    assert_true(client_faults(
        client, "[{\"kind\":\"list\",\"status\":429,\"retry_after\":\"7\",\"count\":1},"
                "{\"kind\":\"list\",\"bad_json\":true,\"count\":1}]"));
    client_get(client, client->storage, LIST);
    assert_int_equal(client->status, 429);
    assert_non_null(strstr(client->headers, "Retry-After: 7\r\n"));
    client_get(client, client->storage, LIST);
    assert_int_equal(client->status, 200);
    assert_null(client_json(client));
    client_get(client, client->storage, LIST);
    assert_non_null(strstr(client_member(client, "/kind"), "storage#objects"));
    assert_true(client_faults(client, "[]"));
}

static void test_a_server_that_is_down_refuses_and_comes_back(void **state)
{
    struct client *client = *state;
    assert_true(client_faults(
        client, "{\"server\":\"storage\",\"kind\":\"list\",\"down_ms\":300,\"count\":1}"));
    client_get(client, client->storage, LIST);
    assert_int_not_equal(client->rc, CURLE_OK);
    client_get(client, client->elastic, "/");
    assert_int_equal(client->rc, CURLE_OK);
    unsigned refused = 0;
    for (unsigned i = 0; i < 2000 && (i == 0 || client->rc != CURLE_OK); i++) {
        client_get(client, client->storage, LIST);
        refused += client->rc == CURLE_COULDNT_CONNECT;
        const struct timespec pause = {.tv_nsec = 5000000};
        nanosleep(&pause, NULL);
    }
    assert_int_equal(client->rc, CURLE_OK);
    assert_true(refused > 0);
    assert_true(client_faults(client, "[]"));
}

static void test_every_request_is_counted(void **state)
{
    struct client *client = *state;
    client->bearer[0] = 0;
    client_get(client, client->control, "/_sim/stats");
    assert_string_equal(client_member(client, "/storage/objects"), "8");
    assert_string_equal(client_member(client, "/storage/requests/list/429"), "1");
    assert_string_equal(client_member(client, "/storage/requests/media/206"), "1");
    assert_true(atol(client_member(client, "/storage/requests/media/0")) >= 1);
    assert_true(atol(client_member(client, "/storage/bytes_out")) > 500000);
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: test_sim_storage PROGRAM\n");
        return 2;
    }
    program = argv[1];
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_only_a_signed_and_timely_assertion_gets_a_token),
        cmocka_unit_test(test_all_events_come_by_list_and_get),
        cmocka_unit_test(test_conditions_and_ranges_of_a_get),
        cmocka_unit_test(test_faults_as_a_client_sees_them),
        cmocka_unit_test(test_a_server_that_is_down_refuses_and_comes_back),
        cmocka_unit_test(test_every_request_is_counted),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
