/* test_bulk.c: bulk bodies, their packing, and the turns of nodes. */
#include "bulk.h"
#include "fake_host.h"
#include "hosts.h"
#include "pack.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <zlib.h>

#include <cmocka.h>

static const struct cxd_doc three[] = {{CXD_LIT("{\"a\":1}"), CXD_LIT("id1"), CXD_LIT("logs-a-b")},
                                       {CXD_LIT("{\"b\":2}"), {NULL, 0}, CXD_LIT("logs-a-b")},
                                       {CXD_LIT("{\"c\":3}"), CXD_LIT("id3"), CXD_LIT("logs-c-d")}};

static const char three_text[] =
    "{\"create\":{\"_index\":\"logs-a-b\",\"_id\":\"id1\"}}\n{\"a\":1}\n"
    "{\"create\":{\"_index\":\"logs-a-b\"}}\n{\"b\":2}\n"
    "{\"create\":{\"_index\":\"logs-c-d\",\"_id\":\"id3\"}}\n{\"c\":3}\n";

static void test_documents_become_action_and_source_lines(void **state)
{
    struct bulk bulk;
    char text[512];
    size_t len = 0;

    (void)state;
    fake_reset();
    bulk_init(&bulk, &fake_host, NULL);
    for (int round = 0; round < 2; round++) { /* the second time in memory that is there */
        len = 0;
        assert_int_equal(bulk_encode(&bulk, three, 3), CXD_OK);
        for (size_t i = 0; i < bulk.part_count; i++) {
            memcpy(text + len, bulk.parts[i].ptr, bulk.parts[i].len);
            len += bulk.parts[i].len;
        }
        assert_int_equal(len, sizeof three_text - 1);
        assert_memory_equal(text, three_text, len);
        assert_int_equal(bulk.bytes, len);
    }
    assert_ptr_equal(bulk.parts[1].ptr, three[0].source.ptr); /* not copied */
    bulk_done(&bulk);
    assert_int_equal(fake.live, 0);
}

static void test_a_request_holds_what_fits_and_one_at_least(void **state)
{
    struct bulk bulk;

    (void)state;
    fake_reset();
    bulk_init(&bulk, &fake_host, NULL);
    assert_int_equal(bulk_cut(&bulk, three, 3, 1), 1);
    assert_int_equal(bulk_cut(&bulk, three, 3, 1000), 3);
    assert_int_equal(bulk_cut(&bulk, three, 0, 1000), 0);
    for (uint64_t max = 1; max < 200; max++) {
        for (int named = 0; named < 2; named++) {
            uint32_t n;

            bulk.pipeline = named ? CXD_LIT("own") : (struct cxd_bytes){NULL, 0};
            n = bulk_cut(&bulk, three, 3, max);
            assert_int_equal(bulk_encode(&bulk, three, n), CXD_OK);
            assert_true(n == 1 || bulk.bytes <= max);
        }
    }
    bulk_done(&bulk);
    assert_int_equal(fake.live, 0);
}

static void test_a_streams_pipeline_stands_in_each_action(void **state)
{
    static const char wanted[] =
        "{\"create\":{\"_index\":\"logs-a-b\",\"_id\":\"id1\",\"pipeline\":\"own\"}}\n";
    struct bulk bulk;

    (void)state;
    fake_reset();
    bulk_init(&bulk, &fake_host, NULL);
    bulk.pipeline = CXD_LIT("own");
    assert_int_equal(bulk_encode(&bulk, three, 3), CXD_OK);
    assert_int_equal(bulk.parts[0].len, sizeof wanted - 1);
    assert_memory_equal(bulk.parts[0].ptr, wanted, sizeof wanted - 1);
    assert_memory_equal(bulk.parts[2].ptr,
                        "\n{\"create\":{\"_index\":\"logs-a-b\",\"pipeline\":\"own\"}}\n",
                        bulk.parts[2].len);
    bulk_done(&bulk);
}

static void test_encoding_survives_failing_memory(void **state)
{
    (void)state;
    for (uint64_t n = 1; n <= 2; n++) {
        struct bulk bulk;

        fake_reset();
        fake.fail_at = n;
        bulk_init(&bulk, &fake_host, NULL);
        assert_int_equal(bulk_encode(&bulk, three, 3), CXD_NOMEM);
        assert_int_equal(bulk_encode(&bulk, three, 3), CXD_OK);
        bulk_done(&bulk);
        assert_int_equal(fake.live, 0);
    }
}

/* Pieces of many lengths, among them longer than the stage, come out of gzip as they went in. */
static void test_packed_pieces_unpack_to_the_same(void **state)
{
    static char data[500000];
    static char back[sizeof data + 1];
    struct pack *pack = calloc(1, sizeof *pack);
    struct cxd_bytes parts[64];
    struct cxd_error err;
    uint32_t seed = 7;

    (void)state;
    fake_reset();
    for (size_t i = 0; i < sizeof data; i++) {
        seed = seed * 1664525 + 1013904223;
        data[i] = (char)(seed >> 24); /* does not shrink: the buffer must grow */
    }
    assert_int_equal(pack_init(pack, &fake_host, NULL, 1, &err), CXD_OK);
    for (int round = 0; round < 20; round++) {
        z_stream z = {0};
        struct cxd_bytes body;
        size_t at = 0;
        size_t count = 0;

        for (; count < 64 && at < sizeof data; count++) {
            size_t len;

            seed = seed * 1664525 + 1013904223;
            len = (seed >> 8) % (round % 2 == 0 ? 3000 : 150000);
            len = len < sizeof data - at ? len : sizeof data - at;
            parts[count] = (struct cxd_bytes){data + at, len};
            at += len;
        }
        assert_int_equal(pack_parts(pack, parts, count, &body, &err), CXD_OK);
        assert_int_equal(inflateInit2(&z, 31), Z_OK);
        z.next_in = (Bytef *)(uintptr_t)body.ptr;
        z.avail_in = (uInt)body.len;
        z.next_out = (Bytef *)back;
        z.avail_out = sizeof back;
        assert_int_equal(inflate(&z, Z_FINISH), Z_STREAM_END);
        assert_int_equal(z.avail_in, 0);
        assert_int_equal(z.total_out, at);
        assert_memory_equal(back, data, at);
        (void)inflateEnd(&z);
    }
    pack_done(pack);
    free(pack);
    assert_int_equal(fake.live, 0);
}

static int add(struct hosts *h, const char *text, const char *protocol, const char *path)
{
    struct hosts_defaults defaults = {protocol, path};

    return hosts_add(h, (struct cxd_bytes){text, strlen(text)}, &defaults, NULL);
}

static void test_host_names_are_completed(void **state)
{
    static const char *const rows[][4] = {
        {"es1", "http", "", "http://es1:9200"},
        {"es1:9243", "https", "", "https://es1:9243"},
        {"https://es1", "http", "", "https://es1:9200"},
        {"https://es1:443/", "http", "", "https://es1:443"},
        {"https://es1:443/a/b/", "http", "c", "https://es1:443/a/b"},
        {"es1", "http", "/proxy/es/", "http://es1:9200/proxy/es"},
        {"[::1]", "http", "", "http://[::1]:9200"},
        {"[::1]:9201", "http", "", "http://[::1]:9201"},
        {"http://[fe80::1]:9201/x", "https", "", "http://[fe80::1]:9201/x"}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct hosts hosts = {.count = 0};

        assert_int_equal(add(&hosts, rows[i][0], rows[i][1], rows[i][2]), CXD_OK);
        assert_string_equal(hosts.rows[0].url, rows[i][3]);
    }
}

static void test_wrong_hosts_are_refused_without_showing_a_password(void **state)
{
    static const char *const rows[] = {"",      "http://",   "es1:0", "es1:70000",
                                       "es1:x", "ftp://es1", "es 1",  "es1/a?b=c",
                                       "es1:",  "::1",       "[::1",  "http://u:secret@es1",
                                       "es1\n"};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct hosts hosts = {.count = 0};
        struct hosts_defaults defaults = {"http", ""};
        struct cxd_error err = CXD_ERROR_INIT;

        assert_int_equal(
            hosts_add(&hosts, (struct cxd_bytes){rows[i], strlen(rows[i])}, &defaults, &err),
            CXD_CONFIG);
        assert_int_equal(hosts.count, 0);
        assert_null(strstr(err.text, "secret"));
    }
}

static void test_nodes_take_turns_and_failed_ones_rest_longer_each_time(void **state)
{
    struct hosts h = {.count = 0};
    int64_t rest = HOSTS_REST_FIRST_MS;

    (void)state;
    assert_int_equal(add(&h, "a", "http", ""), CXD_OK);
    assert_int_equal(add(&h, "b", "http", ""), CXD_OK);
    assert_int_equal(add(&h, "c", "http", ""), CXD_OK);
    for (int i = 0; i < 6; i++) {
        assert_int_equal(hosts_take(&h, 0, 0), i % 3);
    }
    for (int i = 0; i < 8; i++) {
        hosts_failed(&h, 1, 1000);
        assert_int_equal(h.rows[1].rest_until_ms, 1000 + rest);
        rest = rest * 2 > HOSTS_REST_MAX_MS ? HOSTS_REST_MAX_MS : rest * 2;
    }
    assert_int_equal(hosts_take(&h, 0, 1500), 0);
    assert_int_equal(hosts_take(&h, 0, 1500), 2);
    assert_int_equal(hosts_take(&h, 0, 1500), 0);
    assert_int_equal(hosts_take(&h, 0, 61000), 1); /* awake again */
    hosts_good(&h, 1);
    assert_int_equal(hosts_take(&h, 0, 1500), 2);
    hosts_failed(&h, 1, 2000);
    assert_int_equal(h.rows[1].rest_until_ms, 3000); /* short again after a success */
    hosts_failed(&h, 0, 5000);
    hosts_failed(&h, 2, 4000);
    assert_int_equal(hosts_take(&h, 0, 2000), 1); /* all rest: the one that wakes first */
    assert_int_equal(hosts_take(&h, 1u << 1, 2000), 2);
    assert_int_equal(hosts_take(&h, 7, 2000), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_documents_become_action_and_source_lines),
        cmocka_unit_test(test_a_request_holds_what_fits_and_one_at_least),
        cmocka_unit_test(test_a_streams_pipeline_stands_in_each_action),
        cmocka_unit_test(test_encoding_survives_failing_memory),
        cmocka_unit_test(test_packed_pieces_unpack_to_the_same),
        cmocka_unit_test(test_host_names_are_completed),
        cmocka_unit_test(test_wrong_hosts_are_refused_without_showing_a_password),
        cmocka_unit_test(test_nodes_take_turns_and_failed_ones_rest_longer_each_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
