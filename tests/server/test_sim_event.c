/*
 * The generator: same seed, same bytes; every line an object; no id twice; sizes and ratio as promised.
 */
#include <json-c/json.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include <cmocka.h>

#include "event.h"
#include "idset.h"
#include "pack.h"
#include "strict.h"

enum { EVENTS = 20000 };

static void test_same_seed_gives_same_bytes_in_any_order(void **state)
{
    (void)state;
    struct generator *one = event_open(7, 2048), *two = event_open(7, 2048),
                     *other = event_open(8, 2048);
    assert_non_null(one);
    assert_non_null(two);
    assert_non_null(other);
    char first[EVENT_BYTES_MAX], second[EVENT_BYTES_MAX];
    unsigned differing = 0;
    for (uint64_t i = 0; i < 500; i++) {
        size_t len = event_write(one, i, first);
        event_write(two, 499 - i, second);
        assert_int_equal(event_write(two, i, second), len);
        assert_memory_equal(first, second, len);
        differing += event_write(other, i, second) != len || memcmp(first, second, len) != 0;
    }
    assert_int_equal(differing, 500);
    event_close(one);
    event_close(two);
    event_close(other);
}

static void check_member(struct json_object *event, const char *key, enum json_type type)
{
    struct json_object *value = NULL;
    assert_true(json_object_object_get_ex(event, key, &value));
    assert_int_equal(json_object_get_type(value), type);
}

static void test_every_line_is_an_event_with_an_id_of_its_own(void **state)
{
    (void)state;
    struct generator *gen = event_open(42, 2048);
    struct idset ids = {.size = 0};
    char line[EVENT_BYTES_MAX];
    for (uint64_t i = 0; i < EVENTS; i++) {
        size_t len = event_write(gen, i, line);
        assert_int_equal(line[len - 1], '\n');
        assert_null(memchr(line, '\n', len - 1));
        struct json_tokener *tokener = json_tokener_new_ex(8);
        assert_true(strict_is_json(line, len, 8));
        struct json_object *event = json_tokener_parse_ex(tokener, line, (int)len);
        assert_int_equal(json_tokener_get_error(tokener), json_tokener_success);
        check_member(event, "agent_hostname", json_type_string);
        check_member(event, "event_version", json_type_int);
        struct json_object *id = NULL;
        assert_true(json_object_object_get_ex(event, "_id", &id) ||
                    json_object_object_get_ex(event, "uuid", &id));
        assert_int_equal(idset_add(&ids, "", 0, json_object_get_string(id),
                                   (size_t)json_object_get_string_len(id)),
                         IDSET_NEW);
        json_object_put(event);
        json_tokener_free(tokener);
    }
    assert_int_equal(ids.count, EVENTS);
    idset_done(&ids);
    event_close(gen);
}

static void test_time_never_falls(void **state)
{
    (void)state;
    for (uint64_t i = 1; i < EVENTS; i++) {
        assert_true(event_time_ms(i) >= event_time_ms(i - 1));
    }
    assert_int_equal(event_time_ms(0) / 1000, EVENT_EPOCH_MS / 1000);
}

/* Average within 5 %, each event between 1 KB and 10 KB; whole text returned for the ratio. */
static char *write_many(unsigned average, size_t *ret_len)
{
    struct generator *gen = event_open(3, average);
    char *text = malloc((size_t)EVENTS * EVENT_BYTES_MAX / 2), *at = text;
    assert_non_null(text);
    for (uint64_t i = 0; i < EVENTS; i++) {
        size_t len = event_write(gen, i, at);
        assert_in_range(len, 1000, 10240);
        at += len;
    }
    event_close(gen);
    *ret_len = (size_t)(at - text);
    double share = (double)*ret_len / EVENTS / average;
    assert_true(share > 0.95 && share < 1.05);
    return text;
}

static void test_sizes_are_as_asked_for(void **state)
{
    (void)state;
    static const unsigned AVERAGES[] = {EVENT_AVERAGE_MIN, 3000, EVENT_AVERAGE_MAX};
    for (unsigned i = 0; i < 3; i++) {
        size_t len = 0;
        free(write_many(AVERAGES[i], &len));
    }
    assert_null(event_open(1, EVENT_AVERAGE_MIN - 1));
    assert_null(event_open(1, EVENT_AVERAGE_MAX + 1));
}

static void test_gzip_makes_a_seventh_of_it(void **state)
{
    (void)state;
    size_t len = 0;
    char *text = write_many(2048, &len);
    uLongf packed_len = compressBound(len);
    unsigned char *packed = malloc(packed_len);
    assert_int_equal(compress2(packed, &packed_len, (unsigned char *)text, len, 6), Z_OK);
    double ratio = (double)len / (double)packed_len;
    assert_true(ratio > 6.0 && ratio < 8.5);
    free(packed);
    free(text);
}

struct plain {
    char *text;
    size_t len;
};

static bool collect(void *owner, const char *data, size_t len)
{
    struct plain *plain = owner;
    memcpy(plain->text + plain->len, data, len);
    plain->len += len;
    return true;
}

/* What pack writes, zlib's own gzread reads; what it writes in several members, unpack reads, split anywhere. */
static void test_packed_members_come_back_however_they_are_split(void **state)
{
    (void)state;
    static const size_t STEPS[] = {1, 7, 4096, 1 << 20};
    size_t len = 0;
    char *text = write_many(2048, &len);
    len = 300000;
    FILE *file = tmpfile();
    struct pack *pack = pack_open(fileno(file));
    struct pack_sum sum;
    assert_true(pack_write(pack, text, 100000));
    assert_true(pack_member(pack));
    assert_true(pack_write(pack, text + 100000, 200000));
    assert_true(pack_close(pack, &sum));
    unsigned char *packed = malloc(sum.bytes);
    rewind(file);
    assert_int_equal(fread(packed, 1, sum.bytes, file), sum.bytes);
    struct plain plain = {.text = malloc(len)};
    for (unsigned i = 0; i < 4; i++) {
        struct unpack *unpack = unpack_new();
        plain.len = 0;
        for (size_t at = 0; at < sum.bytes; at += STEPS[i]) {
            size_t part = sum.bytes - at < STEPS[i] ? sum.bytes - at : STEPS[i];
            assert_true(at == 0 || !unpack_is_complete(unpack) || plain.len == 100000);
            assert_true(unpack_feed(unpack, packed + at, part, collect, &plain));
        }
        assert_true(unpack_is_complete(unpack));
        assert_int_equal(plain.len, len);
        assert_memory_equal(plain.text, text, len);
        unpack_free(unpack);
    }
    rewind(file);
    gzFile reader = gzdopen(dup(fileno(file)), "rb");
    memset(plain.text, 0, len);
    assert_int_equal(gzread(reader, plain.text, (unsigned)len), len);
    assert_memory_equal(plain.text, text, len);
    gzclose(reader);
    packed[sum.bytes / 2] ^= 0x40;
    struct unpack *unpack = unpack_new();
    plain.len = 0;
    assert_false(unpack_feed(unpack, packed, sum.bytes, collect, &plain) &&
                 unpack_is_complete(unpack));
    unpack_free(unpack);
    fclose(file);
    free(packed);
    free(plain.text);
    free(text);
}

static void test_checksums_are_those_of_the_known_vectors(void **state)
{
    (void)state;
    struct pack_summer *summer = pack_summer_new();
    struct pack_sum sum;
    pack_summer_add(summer, "1234", 4);
    pack_summer_add(summer, "56789", 5);
    pack_summer_get(summer, &sum);
    assert_int_equal(sum.crc32c, 0xe3069283);
    assert_int_equal(sum.bytes, 9);
    static const unsigned char MD5[] = {0x25, 0xf9, 0xe7, 0x94, 0x32, 0x3b, 0x45, 0x38,
                                        0x85, 0xf5, 0x18, 0x1f, 0x1b, 0x62, 0x4d, 0x0b};
    assert_memory_equal(sum.md5, MD5, sizeof MD5);
    pack_summer_free(summer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_seed_gives_same_bytes_in_any_order),
        cmocka_unit_test(test_every_line_is_an_event_with_an_id_of_its_own),
        cmocka_unit_test(test_time_never_falls),
        cmocka_unit_test(test_sizes_are_as_asked_for),
        cmocka_unit_test(test_gzip_makes_a_seventh_of_it),
        cmocka_unit_test(test_packed_members_come_back_however_they_are_split),
        cmocka_unit_test(test_checksums_are_those_of_the_known_vectors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
