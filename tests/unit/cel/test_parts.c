/* test_parts.c: the pieces below the language: pool, maps, numbers, digests, calendar. */
#include "lang/dict.h"
#include "lang/moment.h"
#include "lang/number.h"
#include "lang/zone.h"
#include "lib/codec.h"
#include "lib/digest.h"
#include "lib/json_text.h"
#include "stage.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void test_a_pool_keeps_its_limit(void **state)
{
    struct pool pool;
    size_t total = 0;

    (void)state;
    pool_init(&pool, 100000);
    while (pool_alloc(&pool, 1000) != NULL) {
        total += 1000;
    }
    assert_int_equal(pool.status, CXD_TOO_LARGE);
    assert_true(total >= 50000 && pool.used <= 100000);
    assert_null(pool_array(&pool, SIZE_MAX / 2, 3));
    assert_null(pool_alloc(&pool, SIZE_MAX));
    pool_clear(&pool);
    assert_non_null(pool_alloc(&pool, 1000));
    pool_done(&pool);
    pool_done(&pool);
}

/* Only the newest piece, only where there is room; nothing else moves or is given out twice. */
static void test_the_newest_piece_may_stretch(void **state)
{
    struct pool pool;
    char *first;
    char *second;
    char *third;

    (void)state;
    pool_init(&pool, 100000);
    first = pool_alloc(&pool, 10);
    second = pool_alloc(&pool, 10);
    memset(second, 's', 10);
    assert_false(pool_stretch(&pool, first, 10, 20));
    assert_false(pool_stretch(&pool, second, 10, SIZE_MAX));
    assert_false(pool_stretch(&pool, second, 10, 1 << 20));
    if (pool_stretch(&pool, second, 10,
                     1000)) { /* not with the sanitizer, for which each piece stands alone */
        memset(second + 10, 's', 990);
        third = pool_alloc(&pool, 10);
        assert_true(third >= second + 1000);
        memset(third, 't', 10);
        assert_int_equal(second[999], 's');
    }
    pool_done(&pool);
}

static void test_maps_find_what_was_put(void **state)
{
    struct pool pool;
    char names[500][8];
    struct dict *dict;

    (void)state;
    pool_init(&pool, (size_t)1 << 20);
    dict = dict_new(&pool, 1001);
    for (int i = 0; i < 500; i++) {
        int len = snprintf(names[i], sizeof names[i], "k%d", i);
        assert_true(dict_put(dict, value_string(names[i], (size_t)len), value_int(i)));
        assert_true(dict_put(dict, value_int(i), value_int(-i)));
    }
    assert_false(dict_put(dict, value_uint(7), value_int(77)));
    assert_true(dict_put(dict, value_int(-1), value_int(5)));
    assert_int_equal(dict->count, 1001);
    for (int i = 0; i < 500; i++) {
        assert_int_equal(dict_find_text(dict, names[i], strlen(names[i]))->i, i);
    }
    assert_int_equal(dict_find(dict, value_double(7.0))->i, 77);
    assert_null(dict_find(dict, value_double(7.5)));
    assert_null(dict_find(dict, value_uint(UINT64_MAX))); /* the bits of -1 */
    assert_null(dict_find(dict, value_bool(true)));
    assert_null(dict_find(dict, value_null()));
    pool_done(&pool);
}

static void test_doubles_are_written_so_that_they_read_back(void **state)
{
    struct pool pool;
    uint64_t bits = 88172645463325252ull;

    (void)state;
    pool_init(&pool, (size_t)64 << 20);
    for (int i = 0; i < 100000; i++) {
        struct sink out = sink_on(&pool);
        double d;
        double back = 0;
        bits ^= bits << 13;
        bits ^= bits >> 7;
        bits ^= bits << 17;
        memcpy(&d, &bits, sizeof d);
        if (!isfinite(d)) {
            continue;
        }
        number_put_json(&out, d);
        assert_true(number_read((struct cxd_bytes){out.text, out.len}, &back));
        assert_true(back == d);
        assert_true(strtod(pool_copy(&pool, out.text, out.len), NULL) == d);
        if (i % 1000 == 0) {
            pool_clear(&pool);
        }
    }
    pool_done(&pool);
}

static void text_is(void (*put)(struct sink *, double), double d, const char *text)
{
    struct pool pool;
    struct sink out;

    pool_init(&pool, 4096);
    out = sink_on(&pool);
    put(&out, d);
    assert_int_equal(out.len, strlen(text));
    assert_memory_equal(out.text, text, out.len);
    pool_done(&pool);
}

static void put_general(struct sink *sink, double d)
{
    number_put_general(sink, d, 6);
}

static void test_numbers_look_as_go_writes_them(void **state)
{
    (void)state;
    text_is(number_put_json, 1e20, "100000000000000000000");
    text_is(number_put_json, 1e21, "1e+21");
    text_is(number_put_json, 0.000001, "0.000001");
    text_is(number_put_json, 1e-7, "1e-7");
    text_is(number_put_json, -0.0, "-0");
    text_is(number_put_json, 0.1 + 0.2, "0.30000000000000004");
    text_is(number_put_json, 5e-324, "5e-324");
    text_is(put_general, 1000000, "1e+06");
    text_is(put_general, 123456, "123456");
    text_is(put_general, 0.0001, "0.0001");
    text_is(put_general, 0.00001, "1e-05");
}

static void test_whole_numbers_stay_exact(void **state)
{
    static const uint64_t numbers[] = {0,
                                       1,
                                       (1ull << 53) - 1,
                                       1ull << 53,
                                       (1ull << 53) + 1,
                                       (1ull << 62) + 1,
                                       (1ull << 63) - 1,
                                       1ull << 63,
                                       (1ull << 63) + 1023,
                                       UINT64_MAX - 1,
                                       UINT64_MAX};

    (void)state;
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        struct value v = value_whole(true, numbers[i]);
        uint64_t magnitude = 0;
        bool negative = false;
        assert_int_equal(v.kind, VALUE_DOUBLE);
        if (numbers[i] <= 1ull << 53) {
            assert_false(value_whole_get(v, &negative, &magnitude));
            assert_true(v.d == -(double)numbers[i]);
            continue;
        }
        assert_true(value_whole_get(v, &negative, &magnitude));
        assert_true(negative && magnitude == numbers[i]);
    }
}

static void hex_is(const unsigned char *digest, size_t len, const char *hex)
{
    for (size_t i = 0; i < len; i++) {
        char two[3];
        (void)snprintf(two, sizeof two, "%02x", digest[i]);
        assert_memory_equal(two, hex + 2 * i, 2);
    }
}

static void test_digests_of_the_standards(void **state)
{
    unsigned char out[20];
    char million[1000];

    (void)state;
    digest_md5("", 0, out);
    hex_is(out, 16, "d41d8cd98f00b204e9800998ecf8427e");
    digest_md5("12345678901234567890123456789012345678901234567890123456789012345678901234567890",
               80, out);
    hex_is(out, 16, "57edf4a22be3c955ac49da2e2107b67a");
    digest_sha1("abc", 3, out);
    hex_is(out, 20, "a9993e364706816aba3e25717850c26c9cd0d89d");
    digest_sha1("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 56, out);
    hex_is(out, 20, "84983e441c3bd26ebaae4aa1f95129e5e54670f1");
    memset(million, 'a', sizeof million);
    digest_sha1(million, sizeof million, out);
    hex_is(out, 20, "291e9a6c66994949b57ba5e650361e98fc36b1ba");
}

static void test_the_calendar_goes_both_ways(void **state)
{
    (void)state;
    for (int64_t day = -800000; day < 3000000; day += 13) {
        struct moment_civil c = moment_split(day * 86400 + 12345);
        assert_true(moment_join(&c) == day * 86400 + 12345);
        assert_true(c.day <= moment_month_days(c.year, c.month));
    }
    assert_int_equal(moment_split(0).weekday, 4);
    assert_int_equal(moment_split(MOMENT_MIN).year, 1);
    assert_int_equal(moment_split(MOMENT_MAX).year, 9999);
}

static void test_zones_agree_with_the_system(void **state)
{
    static const char *const names[] = {"America/New_York", "Europe/Vienna", "Asia/Kathmandu",
                                        "Australia/Lord_Howe", "America/Sao_Paulo"};

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        int32_t offset = 1;
        (void)setenv("TZ", names[i], 1);
        tzset();
        for (int64_t at = -1500000000; at < 4000000000; at += 40000003) {
            struct tm tm;
            time_t t = (time_t)at;
            assert_non_null(localtime_r(&t, &tm));
            assert_true(zone_offset((struct cxd_bytes){names[i], strlen(names[i])}, at, &offset));
            assert_int_equal(offset, tm.tm_gmtoff);
        }
    }
    assert_false(zone_offset(CXD_LIT("No/Such"), 0, &(int32_t){0}));
    assert_false(zone_offset(CXD_LIT("/etc/passwd"), 0, &(int32_t){0}));
    assert_false(zone_offset(CXD_LIT("Europe"), 0, &(int32_t){0}));
}

static void test_base64_is_strict(void **state)
{
    static const struct {
        const char *text;
        int padded;
        bool ok;
    } cases[] = {{"", 1, true},          {"YQ==", 1, true},  {"YWI=", 1, true},
                 {"YQ", 1, false},       {"YQ", 0, true},    {"YQ==", 0, false},
                 {"YQ", -1, true},       {"Y", -1, false},   {"YQ=", 1, false},
                 {"YQ==YQ==", 1, false}, {"Y Q=", 1, false}, {"YW\nI=", 1, true},
                 {"====", 1, false},     {"YQ===", 1, false}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct pool pool;
        struct sink out;
        size_t at = 0;
        pool_init(&pool, 4096);
        out = sink_on(&pool);
        bool ok = codec_read_base64(&out, (struct cxd_bytes){cases[i].text, strlen(cases[i].text)},
                                    cases[i].padded, &at);
        if (ok != cases[i].ok) {
            fail_msg("%s", cases[i].text);
        }
        pool_done(&pool);
    }
}

static void test_a_program_may_run_often(void **state)
{
    struct stage stage;

    (void)state;
    stage_play(&stage, "[1, 2, 3].map(x, x * 2).encode_json()", NULL, NULL);
    for (int i = 0; i < 1000; i++) {
        pool_clear(&stage.pool);
        stage.result = program_run(stage.program, &stage.run, NULL);
        assert_string_equal(stage_json(&stage), "\"[2,4,6]\"");
    }
    assert_true(stage.pool.used <= 65536);
    stage_done(&stage);
}

/* Quotes and backslashes at every place: what was written three times over is read back as often. */
static void test_text_within_text(struct run *run, struct sink text)
{
    struct sink out = text;
    struct value problem;

    for (int i = 0; i < 3; i++) {
        struct value v = value_string(out.text, out.len);
        struct value back;
        out = sink_on(run->pool);
        assert_true(json_text_put(run, &out, v, &problem));
        back = json_text_read_all(run, (struct cxd_bytes){out.text, out.len}, 0);
        assert_int_equal(back.kind, VALUE_STRING);
        assert_int_equal(back.len, v.len);
        assert_memory_equal(back.text, v.text, v.len);
    }
}

/* Every length around the steps that strings are taken in, with each kind of byte at each place of it. */
static void test_json_strings_of_every_length(void **state)
{
    static const struct {
        const char *raw;
        const char *written;
    } rows[] = {{"\"", "\\\""},      {"\\", "\\\\"},
                {"<", "\\u003c"},    {">", "\\u003e"},
                {"&", "\\u0026"},    {"\n", "\\n"},
                {"\x1f", "\\u001f"}, {"\xc3\xa4", "\xc3\xa4"},
                {" ", " "},          {"\xe2\x80\xa8", "\\u2028"},
                {"#", "#"},          {"\x7f", "\x7f"}};
    struct pool pool;
    struct run run = {.pool = &pool, .cost_left = 1000000};
    struct value problem;
    char raw[160];
    char written[160];

    (void)state;
    pool_init(&pool, 1u << 20);
    for (size_t r = 0; r < sizeof rows / sizeof rows[0]; r++) {
        for (int i = 0; i < 40 * 20; i++) {
            static const char fill[] = "abcdefghijklmnopqrstuvwxyz0123456789ABCD";
            struct sink out = sink_on(&pool);
            struct value back;
            int at = i / 20;
            int rest = i % 20;
            int len = snprintf(raw, sizeof raw, "%.*s%s%.*s", at, fill, rows[r].raw, rest, fill);

            (void)snprintf(written, sizeof written, "\"%.*s%s%.*s\"", at, fill, rows[r].written,
                           rest, fill);
            assert_true(json_text_put(&run, &out, value_string(raw, (size_t)len), &problem));
            assert_int_equal(out.len, strlen(written));
            assert_memory_equal(out.text, written, out.len);
            back = json_text_read_all(&run, (struct cxd_bytes){out.text, out.len}, 0);
            assert_int_equal(back.kind, VALUE_STRING);
            assert_int_equal(back.len, len);
            assert_memory_equal(back.text, raw, (size_t)len);
            test_text_within_text(&run, out);
            pool_clear(&pool);
        }
    }
    pool_done(&pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_pool_keeps_its_limit),
        cmocka_unit_test(test_the_newest_piece_may_stretch),
        cmocka_unit_test(test_maps_find_what_was_put),
        cmocka_unit_test(test_doubles_are_written_so_that_they_read_back),
        cmocka_unit_test(test_numbers_look_as_go_writes_them),
        cmocka_unit_test(test_whole_numbers_stay_exact),
        cmocka_unit_test(test_digests_of_the_standards),
        cmocka_unit_test(test_the_calendar_goes_both_ways),
        cmocka_unit_test(test_zones_agree_with_the_system),
        cmocka_unit_test(test_base64_is_strict),
        cmocka_unit_test(test_a_program_may_run_often),
        cmocka_unit_test(test_json_strings_of_every_length),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
