/*
 * test_place.c: where addresses of alerts are, by databases that are written here: texts, lists, what is missing, what is broken.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka needs the four above first */
#include <cmocka.h>

#include "database.h"
#include "harness/mapper.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[] = "/tmp/cxd-place-XXXXXX";
static char city_path[64];
static char asn_path[64];

static void put_names(struct database_data *data, const char *key, const char *name)
{
    database_text(data, key);
    database_map(data, 1);
    database_text(data, "names");
    database_map(data, 1);
    database_text(data, "en");
    database_text(data, name);
}

/* All that a place can have. */
static void make_whole(struct database_data *data)
{
    database_map(data, 5);
    put_names(data, "continent", "Europe");
    put_names(data, "city", "Link\xc3\xb6ping");
    database_text(data, "country");
    database_map(data, 2);
    database_text(data, "iso_code");
    database_text(data, "SE");
    database_text(data, "names");
    database_map(data, 1);
    database_text(data, "en");
    database_text(data, "Sweden");
    database_text(data, "subdivisions");
    database_list(data, 1);
    database_map(data, 2);
    database_text(data, "iso_code");
    database_text(data, "E");
    database_text(data, "names");
    database_map(data, 1);
    database_text(data, "en");
    database_text(data, "County");
    database_text(data, "location");
    database_map(data, 2);
    database_text(data, "latitude");
    database_double(data, 58.4167);
    database_text(data, "longitude");
    database_double(data, 15.0);
}

/* A region without a country, a place off the earth. */
static void make_odd(struct database_data *data)
{
    database_map(data, 3);
    put_names(data, "continent", "Asia");
    database_text(data, "subdivisions");
    database_list(data, 1);
    database_map(data, 1);
    database_text(data, "iso_code");
    database_text(data, "X");
    database_text(data, "location");
    database_map(data, 2);
    database_text(data, "latitude");
    database_double(data, 91);
    database_text(data, "longitude");
    database_double(data, 0);
}

static int set_up(void **state)
{
    static struct database_data whole;
    static struct database_data odd;
    static struct database_data network;
    struct database_row cities[2];
    struct database_row networks[1];

    (void)state;
    assert_non_null(mkdtemp(folder));
    (void)snprintf(city_path, sizeof city_path, "%s/city.mmdb", folder);
    (void)snprintf(asn_path, sizeof asn_path, "%s/asn.mmdb", folder);
    make_whole(&whole);
    make_odd(&odd);
    database_map(&network, 2);
    database_text(&network, "autonomous_system_number");
    database_number(&network, 29518);
    database_text(&network, "autonomous_system_organization");
    database_text(&network, "Net \"A\"");
    cities[0] = (struct database_row){{89, 160, 0, 0}, 16, (char *)whole.bytes, whole.len};
    cities[1] = (struct database_row){{1, 2, 3, 0}, 24, (char *)odd.bytes, odd.len};
    networks[0] = (struct database_row){{1, 2, 3, 0}, 24, (char *)network.bytes, network.len};
    assert_int_equal(database_write(city_path, "GeoLite2-City", cities, 2), 0);
    assert_int_equal(database_write(asn_path, "GeoLite2-ASN", networks, 1), 0);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    (void)unlink(city_path);
    (void)unlink(asn_path);
    return rmdir(folder);
}

static void open_mapper(struct mapper *mapper, const char *city, const char *asn)
{
    const struct harness_option options[] = {
        {.name = "data_stream", .text = "alerts-v2"},
        {.name = "geoip.database", .text = city != NULL ? city : ""},
        {.name = "asn.database", .text = asn != NULL ? asn : ""},
        {0},
    };
    struct cxd_error err = CXD_ERROR_INIT;
    int status = mapper_open(mapper, options, &err);

    if (status != CXD_OK) {
        fail_msg("%s", err.text);
    }
}

/* The member of a mapped document as text; the n-th allocation fails. NULL: no memory. */
static char *map_member(struct mapper *mapper, const char *message, const char *member, size_t n)
{
    struct json_object *input = json_object_new_object();
    struct json_object *document = NULL;
    struct json_object *found = NULL;
    struct cxd_error err = CXD_ERROR_INIT;
    char *text = NULL;
    int status;

    assert_int_equal(json_object_object_add(input, "message", json_object_new_string(message)), 0);
    mapper->fail_at = n;
    status = mapper_run(mapper, input, &document, NULL, &err);
    assert_true(status == CXD_OK || (n > 0 && status == CXD_NOMEM));
    if (status == CXD_OK) {
        assert_true(json_object_object_get_ex(document, member, &found));
        text = strdup(json_object_to_json_string_ext(found, JSON_C_TO_STRING_PLAIN));
        assert_non_null(text);
    }
    json_object_put(document);
    json_object_put(input);
    return text;
}

static void check(struct mapper *mapper, const char *message, const char *member,
                  const char *expected)
{
    char *text = map_member(mapper, message, member, 0);

    assert_string_equal(text, expected);
    free(text);
}

#define WHOLE                                                                                      \
    "\"geo\":{\"continent_name\":\"Europe\",\"country_name\":\"Sweden\",\"country_iso_code\":"     \
    "\"SE\",\"region_name\":\"County\",\"city_name\":\"Link\xc3\xb6ping\",\"region_iso_code\":"    \
    "\"SE-E\",\"location\":{\"lat\":58.4167,\"lon\":15.0}}"
#define NETWORK "\"as\":{\"number\":29518,\"organization\":{\"name\":\"Net \\\"A\\\"\"}}"

static void test_both_databases(void **state)
{
    struct mapper mapper;

    (void)state;
    open_mapper(&mapper, city_path, asn_path);
    check(&mapper, "{\"action_local_ip\":[\"89.160.20.128\"]}", "source",
          "{\"ip\":[\"89.160.20.128\"]," WHOLE "}");
    check(&mapper, "{\"action_remote_ip\":[\"1.2.3.4\"]}", "destination",
          "{\"ip\":[\"1.2.3.4\"],\"geo\":{\"continent_name\":\"Asia\"}," NETWORK "}");
    /* each database takes the first address that it knows */
    check(&mapper, "{\"action_local_ip\":[\"9.9.9.9\",\"89.160.1.1\",\"1.2.3.4\"]}", "source",
          "{\"ip\":[\"9.9.9.9\",\"89.160.1.1\",\"1.2.3.4\"]," WHOLE "," NETWORK "}");
    check(&mapper, "{\"action_local_ip\":[\"9.9.9.9\"],\"action_local_ip_v6\":[\"::1\"]}", "source",
          "{\"ip\":[\"9.9.9.9\",\"::1\"]}");
    mapper_close(&mapper);
    assert_int_equal(harness_held(), 0);
}

static void test_one_database_or_none(void **state)
{
    struct mapper mapper;

    (void)state;
    open_mapper(&mapper, NULL, asn_path);
    check(&mapper, "{\"action_local_ip\":[\"1.2.3.4\"]}", "source",
          "{\"ip\":[\"1.2.3.4\"]," NETWORK "}");
    mapper_close(&mapper);
    open_mapper(&mapper, NULL, NULL);
    check(&mapper, "{\"action_local_ip\":[\"1.2.3.4\"]}", "source", "{\"ip\":[\"1.2.3.4\"]}");
    mapper_close(&mapper);
    assert_int_equal(harness_held(), 0);
}

static void test_every_failing_allocation_is_told(void **state)
{
    static const char message[] = "{\"action_local_ip\":[\"89.160.1.1\",\"1.2.3.4\"]}";
    struct mapper mapper;
    char *expected;
    size_t failed = 0;

    (void)state;
    open_mapper(&mapper, city_path, asn_path);
    expected = map_member(&mapper, message, "source", 0);
    for (size_t n = 1;; n++) {
        char *text = map_member(&mapper, message, "source", n);
        if (text != NULL) {
            assert_string_equal(text, expected);
            free(text);
            if (mapper.asked < n) {
                break;
            }
        }
        failed += text == NULL;
    }
    assert_true(failed > 5);
    free(expected);
    mapper_close(&mapper);
    assert_int_equal(harness_held(), 0);
}

static void test_what_is_no_database_is_refused(void **state)
{
    const struct harness_option absent[] = {{.name = "geoip.database", .text = "/nowhere"}, {0}};
    const struct harness_option broken[] = {{.name = "asn.database", .text = "/etc/passwd"}, {0}};
    struct cxd_error err = CXD_ERROR_INIT;
    struct mapper mapper;

    (void)state;
    assert_int_equal(mapper_open(&mapper, absent, &err), CXD_CONFIG);
    assert_non_null(strstr(err.text, "/nowhere"));
    mapper_close(&mapper);
    assert_int_equal(mapper_open(&mapper, broken, &err), CXD_CONFIG);
    assert_non_null(strstr(err.text, "/etc/passwd"));
    mapper_close(&mapper);
    assert_int_equal(harness_held(), 0);
}

/*
 * A database with any byte of its tree and data changed gives something or nothing, but does no harm. Not so its description at
 * the end: the library itself loses memory when it refuses one.
 */
static void test_broken_databases_do_no_harm(void **state)
{
    static unsigned char bytes[8192];
    const unsigned char *end;
    char path[64];
    size_t len;
    FILE *file = fopen(city_path, "rb");

    (void)state;
    assert_non_null(file);
    len = fread(bytes, 1, sizeof bytes, file);
    (void)fclose(file);
    (void)snprintf(path, sizeof path, "%s/broken.mmdb", folder);
    end = memmem(bytes, len, "MaxMind.com", 11);
    assert_non_null(end);
    for (size_t at = 0; bytes + at < end; at++) {
        const struct harness_option options[] = {{.name = "data_stream", .text = "alerts-v2"},
                                                 {.name = "geoip.database", .text = path},
                                                 {0}};
        struct cxd_error err = CXD_ERROR_INIT;
        struct mapper mapper;
        bytes[at] ^= 0xff;
        file = fopen(path, "wb");
        assert_non_null(file);
        assert_int_equal(fwrite(bytes, 1, len, file), len);
        assert_int_equal(fclose(file), 0);
        bytes[at] ^= 0xff;
        if (mapper_open(&mapper, options, &err) == CXD_OK) {
            free(map_member(&mapper, "{\"action_local_ip\":[\"89.160.1.1\"]}", "source", 0));
        }
        mapper_close(&mapper);
    }
    (void)unlink(path);
    assert_int_equal(harness_held(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_both_databases),
        cmocka_unit_test(test_one_database_or_none),
        cmocka_unit_test(test_every_failing_allocation_is_told),
        cmocka_unit_test(test_what_is_no_database_is_refused),
        cmocka_unit_test(test_broken_databases_do_no_harm),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
