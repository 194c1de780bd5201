/*
 * The Elasticsearch simulator as a program, over TLS: bulk in store and null mode, its faults, templates, counts.
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

static const char *program;

static const char *const ARGUMENTS[] = {"--api-key",     "sim:secret", "--max-body", "1M",
                                        "--max-seconds", "120",        NULL};

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

static void test_bulk_keeps_each_document_once(void **state)
{
    struct client *client = *state;
    static const char BODY[] = "{\"create\":{\"_index\":\"logs-a-b\",\"_id\":\"1\"}}\n{\"n\":1}\n"
                               "{\"index\":{\"_index\":\"plain\",\"_id\":\"1\"}}\n{\"n\":2}\n"
                               "{\"index\":{\"_index\":\"logs-a-b\",\"_id\":\"2\"}}\n{\"n\":3}\n"
                               "{\"create\":{\"_index\":\"plain\",\"_id\":\"3\"}}\n{\"n\":}\n"
                               "{\"create\":{\"_index\":\"plain\"}}\n{\"n\":4}\n";
    static const char *const ONE[] = {"201", "201", "400", "400", "201"};
    static const char *const TWO[] = {"409", "200", "400", "400", "201"};
    client_get(client, client->elastic, "/");
    assert_int_equal(client->status, 401);
    for (unsigned round = 0; round < 2; round++) {
        assert_true(client_bulk(client, "/_bulk", BODY, round == 0));
        assert_int_equal(client->status, 200);
        assert_non_null(strstr(client->headers, "X-Elastic-Product: Elasticsearch"));
        assert_string_equal(client_member(client, "/errors"), "true");
        for (unsigned i = 0; i < 5; i++) {
            char path[64];
            bool create = i == 0 || i > 2;
            snprintf(path, sizeof path, "/items/%u/%s/status", i, create ? "create" : "index");
            assert_string_equal(client_member(client, path), round ? TWO[i] : ONE[i]);
        }
    }
    assert_string_equal(client_member(client, "/items/0/create/error/type"),
                        "version_conflict_engine_exception");
    assert_true(client_bulk(client, "/plain/_count", "{}", false));
    assert_string_equal(client_member(client, "/count"), "3");
    assert_true(client_bulk(client, "/logs-*/_search", "{\"size\":5}", false));
    assert_string_equal(client_member(client, "/hits/hits/0/_source/n"), "1");
    assert_string_equal(client_member(client, "/hits/hits/1/_source/n"), "");
    assert_true(client_bulk(client, "/plain/_bulk?filter_path=items.*.status",
                            "{\"create\":{}}\n{}\n", true));
    assert_string_equal(client->body, "{\"items\":[{\"create\":{\"status\":201}}]}");
    /* Refused as a whole: the good first item is not kept. */
    assert_true(
        client_bulk(client, "/_bulk",
                    "{\"create\":{\"_index\":\"whole\",\"_id\":\"1\"}}\n{}\n{\"x\":1}\n{}\n", 0));
    assert_int_equal(client->status, 400);
    assert_true(client_bulk(client, "/whole/_count", "{}", false));
    assert_int_equal(client->status, 404);
    char *large = calloc(1, 2 << 20);
    memset(large, ' ', (2 << 20) - 1);
    assert_true(client_bulk(client, "/_bulk", "x", true));
    assert_int_equal(client->status, 400);
    client_do(client, &(struct client_send){.base = client->elastic,
                                            .path = "/_bulk",
                                            .body = large,
                                            .body_len = strlen(large)});
    assert_int_equal(client->status, 413);
    free(large);
}

static void test_bulk_faults_strike_items_or_only_the_reply(void **state)
{
    struct client *client = *state;
    static const char BODY[] = "{\"create\":{\"_index\":\"f\",\"_id\":\"1\"}}\n{}\n"
                               "{\"create\":{\"_index\":\"f\",\"_id\":\"2\"}}\n{}\n";
    static const char PATH[] = "/_bulk?filter_path=items.*.status,status";
    assert_true(client_faults(
        client, "[{\"kind\":\"bulk\",\"item_every\":2,\"item_status\":429,\"count\":1},"
                "{\"kind\":\"bulk\",\"status\":503,\"commit\":true,\"count\":1}]"));
    assert_true(client_bulk(client, PATH, BODY, true));
    assert_string_equal(
        client->body, "{\"items\":[{\"create\":{\"status\":201}},{\"create\":{\"status\":429}}]}");
    assert_true(client_bulk(client, PATH, BODY, true));
    assert_int_equal(client->status, 503);
    assert_true(client_bulk(client, PATH, BODY, true));
    assert_string_equal(
        client->body, "{\"items\":[{\"create\":{\"status\":409}},{\"create\":{\"status\":409}}]}");
}

static void test_templates_are_kept_and_make_data_streams(void **state)
{
    struct client *client = *state;
    static const char KEY[] = "Authorization: ApiKey c2ltOnNlY3JldA==";
    static const char BODY[] = "{\"index_patterns\":[\"my-*\"],\"data_stream\":{}}";
    client->bearer[0] = 0;
    client_do(client, &(struct client_send){.method = "PUT",
                                            .base = client->elastic,
                                            .path = "/_index_template/mine",
                                            .body = BODY,
                                            .body_len = sizeof BODY - 1,
                                            .headers = {KEY}});
    assert_string_equal(client_member(client, "/acknowledged"), "true");
    client_do(client, &(struct client_send){.base = client->elastic,
                                            .path = "/_index_template/mi*",
                                            .headers = {KEY}});
    assert_string_equal(client_member(client, "/index_templates/0/index_template/index_patterns/0"),
                        "my-*");
    assert_true(client_bulk(client, "/_bulk",
                            "{\"create\":{\"_index\":\"my-x\",\"_id\":\"1\"}}\n{}\n", true));
    assert_non_null(strstr(client_member(client, "/items/0/create/_index"), ".ds-my-x-"));
}

static void test_stats_add_up(void **state)
{
    struct client *client = *state;
    client->bearer[0] = 0;
    client_get(client, client->control, "/_sim/stats");
    assert_string_equal(client_member(client, "/elasticsearch/requests/bulk/503"), "1");
    assert_string_equal(client_member(client, "/storage/objects"), "0");
    long sum = 0, items = atol(client_member(client, "/elasticsearch/bulk/items"));
    static const char *const PARTS[] = {"created", "updated", "conflicts", "rejected"};
    for (unsigned i = 0; i < 4; i++) {
        char path[64];
        snprintf(path, sizeof path, "/elasticsearch/bulk/%s", PARTS[i]);
        sum += atol(client_member(client, path));
    }
    assert_true(items > 10);
    assert_int_equal(sum, items);
    assert_int_equal(atol(client_member(client, "/elasticsearch/bulk/distinct_ids")),
                     atol(client_member(client, "/elasticsearch/bulk/created")));
}

static void test_null_mode_counts_and_stop_stops(void **state)
{
    (void)state;
    static const char *const NULL_MODE[] = {"--null", "--plain", "--no-auth", NULL};
    struct client client;
    assert_true(client_start(&client, program, NULL_MODE));
    for (unsigned i = 0; i < 2; i++) {
        assert_true(client_bulk(&client, "/_bulk?filter_path=errors,items.*.status",
                                "{\"create\":{\"_index\":\"i\",\"_id\":\"1\"}}\n{not looked at\n",
                                i));
        assert_string_equal(client.body,
                            "{\"errors\":false,\"items\":[{\"create\":{\"status\":201}}]}");
    }
    client_do(&client, &(struct client_send){
                           .method = "POST", .base = client.control, .path = "/_sim/stop"});
    assert_int_equal(client.status, 200);
    assert_int_equal(client_wait(&client), 0);
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: test_sim_elastic PROGRAM\n");
        return 2;
    }
    program = argv[1];
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bulk_keeps_each_document_once),
        cmocka_unit_test(test_bulk_faults_strike_items_or_only_the_reply),
        cmocka_unit_test(test_templates_are_kept_and_make_data_streams),
        cmocka_unit_test(test_stats_add_up),
        cmocka_unit_test(test_null_mode_counts_and_stop_stops),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
