/*
 * test_gzip.c: both engines against zlib itself: any split gives the same, members join, damage is found and what came before
 * it is delivered. Random choices come from a seed that is printed; CXD_SEED repeats a run.
 */
#include "test.h"

#include "io/gzip.h"
#include "starve.h"

#include <zlib.h>

enum { TEXT_LEN = 200000, PACKED_MAX = 400000 };

static uint64_t seed_now;

static uint32_t dice(uint32_t sides)
{
    seed_now = seed_now * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(seed_now >> 33) % sides;
}

static char text[TEXT_LEN];

/* Log-like text with some noise in it: blocks of several kinds. */
static void text_make(void)
{
    static const char *const words[] = {"{\"agent\":", "\"action\"", "null",
                                        "1732480000",  "svchost",    ",\"path\":\"C:\\\\Windows\"",
                                        "}\n"};
    size_t at = 0;

    while (at < TEXT_LEN) {
        const char *word = words[dice(7)];
        size_t len = strlen(word);

        if (dice(9) == 0) {
            text[at++] = (char)dice(256);
            continue;
        }
        len = len < TEXT_LEN - at ? len : TEXT_LEN - at;
        memcpy(text + at, word, len);
        at += len;
    }
}

/* A member made by zlib, with every optional part of the head when is_rich. */
static size_t member_make(const char *data, size_t len, int level, int is_rich, unsigned char *out,
                          size_t room)
{
    gz_header head = {.time = 1,
                      .extra = (Bytef *)"ab\2\0xy",
                      .extra_len = 6,
                      .name = (Bytef *)"events-0001.json",
                      .comment = (Bytef *)"a comment",
                      .hcrc = 1};
    z_stream z = {0};

    assert_int_equal(deflateInit2(&z, level, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY), Z_OK);
    if (is_rich) {
        assert_int_equal(deflateSetHeader(&z, &head), Z_OK);
    }
    z.next_in = (Bytef *)(uintptr_t)data;
    z.avail_in = (uInt)len;
    z.next_out = out;
    z.avail_out = (uInt)room;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    (void)deflateEnd(&z);
    return z.total_out;
}

struct outcome {
    int status;
    size_t len;
    char data[2 * TEXT_LEN + 64];
};

static struct outcome got;

/* Reads all of packed in pieces of at most in_max into rooms of at most out_max. */
static void read_all(struct cxd_gzip *z, const unsigned char *packed, size_t len, uint32_t in_max,
                     uint32_t out_max)
{
    size_t at = 0;

    got.status = 0;
    got.len = 0;
    while (got.status == 0 || (got.status == CXD_END && at < len)) {
        size_t piece = 1 + dice(in_max);
        size_t room = 1 + dice(out_max);
        size_t written = 99;
        struct cxd_bytes in;

        piece = piece < len - at ? piece : len - at;
        room = room < sizeof got.data - got.len ? room : sizeof got.data - got.len;
        assert_true(room > 0);
        in = (struct cxd_bytes){.ptr = (const char *)packed + at, .len = piece};
        got.status = gzip_step(z, &in, got.data + got.len, room, &written, 0, NULL);
        assert_true(written <= room);
        assert_true(in.len <= piece);
        if (got.status == 0 && at == len && written == 0) {
            return; /* truncated */
        }
        at += piece - in.len;
        got.len += written;
    }
}

static struct cxd_gzip *reader_of(void **state)
{
    struct cxd_gzip *z = NULL;

    assert_int_equal(gzip_new_with(*(enum gzip_engine *)*state, -1, &z, NULL), 0);
    return z;
}

static unsigned char packed[PACKED_MAX];

static void test_any_split_reads_the_same(void **state)
{
    static const size_t lens[] = {0, 1, 2, 300, 40000, TEXT_LEN};
    struct cxd_gzip *z = reader_of(state);

    for (size_t i = 0; i < sizeof lens / sizeof lens[0]; i++) {
        for (int round = 0; round < 24; round++) {
            int level = round % 10;
            size_t len = member_make(text, lens[i], level, round & 1, packed, sizeof packed);
            uint32_t in_max = round < 4 ? 1 : 1 + dice(round < 12 ? 20 : 70000);
            uint32_t out_max = round < 3 && lens[i] < 5000 ? 1 : 1 + dice(round < 12 ? 300 : 90000);

            assert_int_equal(gzip_reset(z), 0);
            read_all(z, packed, len, in_max, out_max);
            assert_int_equal(got.status, CXD_END);
            assert_int_equal(got.len, lens[i]);
            assert_memory_equal(got.data, text, lens[i]);
        }
    }
    gzip_free(z);
}

static void test_members_and_padding_are_one_stream(void **state)
{
    struct cxd_gzip *z = reader_of(state);

    for (int round = 0; round < 60; round++) {
        size_t len = 0;
        size_t text_len = 0;

        while (text_len < 30000) {
            size_t piece = dice(4) == 0 ? 0 : dice(12000);

            len += member_make(text + text_len, piece, 1 + (int)dice(9), (int)dice(2), packed + len,
                               sizeof packed - len);
            text_len += piece;
            if (dice(3) == 0) {
                size_t zeros = dice(700);

                memset(packed + len, 0, zeros);
                len += zeros;
            }
        }
        assert_int_equal(gzip_reset(z), 0);
        read_all(z, packed, len, round < 10 ? 1 : 1 + dice(9000), 1 + dice(20000));
        assert_int_equal(got.status, CXD_END);
        assert_int_equal(got.len, text_len);
        assert_memory_equal(got.data, text, text_len);
    }
    gzip_free(z);
}

static void test_end_is_told_again_and_more_may_follow(void **state)
{
    struct cxd_gzip *z = reader_of(state);
    size_t len = member_make("one", 3, 6, 0, packed, sizeof packed);
    char out[16];
    size_t written = 9;
    struct cxd_bytes in = {.ptr = (char *)packed, .len = len};

    assert_int_equal(gzip_step(z, &(struct cxd_bytes){0}, out, 16, &written, 0, NULL), 0);
    assert_int_equal(written, 0);
    assert_int_equal(gzip_step(z, &in, out, sizeof out, &written, 0, NULL), CXD_END);
    assert_int_equal(written, 3);
    assert_int_equal(gzip_step(z, &in, out, sizeof out, &written, 1, NULL), CXD_END);
    assert_int_equal(written, 0);
    in = (struct cxd_bytes){.ptr = (char *)packed, .len = len};
    assert_int_equal(gzip_step(z, &in, out, sizeof out, &written, 0, NULL), CXD_END);
    assert_int_equal(written, 3);
    gzip_free(z);
}

static void test_truncation_never_looks_like_the_end(void **state)
{
    struct cxd_gzip *z = reader_of(state);
    size_t len = member_make(text, 3000, 6, 1, packed, sizeof packed);

    for (size_t cut = 0; cut < len; cut++) {
        assert_int_equal(gzip_reset(z), 0);
        read_all(z, packed, cut, 1 + dice(2000), 1 + dice(2000));
        assert_int_equal(got.status, 0);
        assert_true(got.len <= 3000);
        assert_memory_equal(got.data, text, got.len);
    }
    assert_true(got.len > 2900); /* whole content but for the checksum */
    gzip_free(z);
}

static void test_damage_is_found_wherever_it_is(void **state)
{
    struct cxd_gzip *z = reader_of(state);
    size_t len = member_make(text, 3000, 6, 0, packed, sizeof packed);
    int found = 0;

    for (size_t at = 0; at < len; at++) {
        packed[at] ^= (unsigned char)(1u << dice(8));
        assert_int_equal(gzip_reset(z), 0);
        read_all(z, packed, len, 1 + dice(2000), 1 + dice(2000));
        len = member_make(text, 3000, 6, 0, packed, sizeof packed);
        if (got.status ==
            CXD_END) { /* it meant nothing: a time, a flag, another way to say the same */
            assert_int_equal(got.len, 3000);
            assert_memory_equal(got.data, text, 3000);
        } else if (got.status != 0) { /* or a length that now asks for more */
            assert_int_equal(got.status, CXD_MALFORMED);
            found++;
        }
    }
    assert_true(found > (int)len * 9 / 10);
    gzip_free(z);
}

static void test_what_came_before_garbage_is_delivered(void **state)
{
    struct cxd_gzip *z = reader_of(state);
    struct cxd_error err = CXD_ERROR_INIT;
    struct cxd_bytes in;
    size_t written = 0;
    size_t len;

    for (int round = 0; round < 20; round++) {
        len = member_make(text, 5000, 6, 0, packed, sizeof packed);
        memcpy(packed + len, "\0\0garbage", 9);
        assert_int_equal(gzip_reset(z), 0);
        read_all(z, packed, len + 9, round == 0 ? 100000 : 1 + dice(900), 100000);
        assert_int_equal(got.status, CXD_MALFORMED);
        assert_int_equal(got.len, 5000);
        assert_memory_equal(got.data, text, 5000);
    }
    in = (struct cxd_bytes){.ptr = (char *)packed, .len = len}; /* the failure stays until reset */
    assert_int_equal(gzip_step(z, &in, got.data, 100, &written, 0, &err), CXD_MALFORMED);
    assert_int_equal(written, 0);
    assert_non_null(strstr(err.text, "garbage"));
    gzip_reset(z);
    in = (struct cxd_bytes){.ptr = "{\"plain\":1}\n{\"plain\":2}\n", .len = 24};
    assert_int_equal(gzip_step(z, &in, got.data, 100, &written, 0, &err), CXD_MALFORMED);
    assert_non_null(strstr(err.text, "header"));
    gzip_free(z);
}

/* Writes text in random pieces. */
static size_t write_all(struct cxd_gzip *z, size_t text_len, uint32_t in_max, uint32_t out_max)
{
    size_t len = 0;
    size_t at = 0;
    int r = 0;

    while (r == 0) {
        size_t piece = 1 + dice(in_max);
        size_t room = 1 + dice(out_max);
        size_t written = 0;
        struct cxd_bytes in;

        piece = piece < text_len - at ? piece : text_len - at;
        room = room < sizeof packed - len ? room : sizeof packed - len;
        assert_true(room > 0);
        in = (struct cxd_bytes){.ptr = text + at, .len = piece};
        r = gzip_step(z, &in, packed + len, room, &written, at + piece == text_len, NULL);
        at += piece - in.len;
        len += written;
    }
    assert_int_equal(r, CXD_END);
    assert_int_equal(at, text_len);
    return len;
}

static void unpack_by_zlib(size_t len, size_t text_len)
{
    z_stream z = {.next_in = packed,
                  .avail_in = (uInt)len,
                  .next_out = (Bytef *)got.data,
                  .avail_out = sizeof got.data};

    assert_int_equal(inflateInit2(&z, 31), Z_OK);
    assert_int_equal(inflate(&z, Z_FINISH), Z_STREAM_END);
    assert_int_equal(z.avail_in, 0);
    assert_int_equal(z.total_out, text_len);
    assert_memory_equal(got.data, text, text_len);
    (void)inflateEnd(&z);
}

static void test_zlib_reads_what_we_write(void **state)
{
    enum gzip_engine engine = *(enum gzip_engine *)*state;
    static const size_t lens[] = {0, 1, 300, 70000, TEXT_LEN};
    size_t packed_at[10] = {0};

    for (int level = engine == GZIP_ISAL ? 1 : 0; level <= 9; level++) {
        struct cxd_gzip *z = NULL;

        assert_int_equal(gzip_new_with(engine, level, &z, NULL), 0);
        for (int round = 0; round < 15; round++) {
            size_t text_len = lens[(size_t)round % 5];
            size_t len = write_all(z, text_len, round < 5 ? 100000 : 1 + dice(3000),
                                   round < 5 ? 400000 : 1 + dice(3000));

            unpack_by_zlib(len, text_len);
            packed_at[level] = len;
            assert_int_equal(gzip_reset(z), 0);
        }
        assert_true(gzip_memory(z) < 640 * 1024);
        gzip_free(z);
    }
    assert_true(engine == GZIP_ISAL || packed_at[9] <= packed_at[1]);
    assert_true(packed_at[1] < TEXT_LEN / 2);
    assert_true(engine == GZIP_ISAL || packed_at[0] > TEXT_LEN);
}

static void test_memory_does_not_grow(void **state)
{
    struct cxd_gzip *z = reader_of(state);
    size_t len = member_make(text, TEXT_LEN, 6, 0, packed, sizeof packed);
    size_t memory;

    read_all(z, packed, len, 5000, 5000);
    memory = gzip_memory(z);
    assert_true(memory > 1000 && memory < 128 * 1024);
    for (int i = 0; i < 20; i++) {
        gzip_reset(z);
        read_all(z, packed, len, 5000, 5000);
        assert_int_equal(gzip_memory(z), memory);
    }
    gzip_free(z);
}

static void test_no_memory_is_an_error(void **state)
{
    enum gzip_engine engine = *(enum gzip_engine *)*state;

    for (int level = -1; level <= 9; level += 2) {
        struct cxd_gzip *z = NULL;
        int n = 0;
        int r;

        do {
            starve_at(++n);
            r = gzip_new_with(engine, level, &z, NULL);
            assert_int_equal(r, starve_happened() ? CXD_NOMEM : 0);
        } while (r != 0);
        starve_at(0);
        assert_true(n > 2);
        gzip_free(z);
    }
}

static void test_no_memory_while_reading_is_an_error(void **state)
{
    size_t len = member_make(text, 50000, 6, 0, packed, sizeof packed);
    struct cxd_gzip *z = reader_of(state);

    starve_at(1);
    read_all(z, packed, len, 1000, 1000);
    assert_int_equal(got.status, starve_happened() ? CXD_NOMEM : CXD_END);
    starve_at(0);
    gzip_free(z);
}

static void test_wrong_arguments_are_refused(void **state)
{
    struct cxd_gzip *z = NULL;

    (void)state;
    assert_int_equal(gzip_new(10, &z, NULL), CXD_INVALID);
    assert_int_equal(gzip_new(-2, &z, NULL), CXD_INVALID);
    assert_int_equal(gzip_new_with(GZIP_ISAL, 0, &z, NULL), CXD_UNSUPPORTED);
    assert_null(z);
    assert_int_equal(gzip_new(0, &z, NULL), 0);
    assert_string_equal(gzip_engine_name(z), "zlib");
    gzip_free(z);
    gzip_free(NULL);
}

static enum gzip_engine zlib = GZIP_ZLIB;
static enum gzip_engine isal = GZIP_ISAL;

#define BOTH(test)                                                                                 \
    {#test " (zlib)", test, NULL, NULL, &zlib},                                                    \
    {                                                                                              \
#test " (isal)", test, NULL, NULL, &isal                                                   \
    }

int main(void)
{
    static const struct CMUnitTest tests[] = {
        BOTH(test_any_split_reads_the_same),
        BOTH(test_members_and_padding_are_one_stream),
        BOTH(test_end_is_told_again_and_more_may_follow),
        BOTH(test_truncation_never_looks_like_the_end),
        BOTH(test_damage_is_found_wherever_it_is),
        BOTH(test_what_came_before_garbage_is_delivered),
        BOTH(test_zlib_reads_what_we_write),
        BOTH(test_memory_does_not_grow),
        BOTH(test_no_memory_is_an_error),
        BOTH(test_no_memory_while_reading_is_an_error),
        cmocka_unit_test(test_wrong_arguments_are_refused),
    };
    const char *given = getenv("CXD_SEED");
    struct cxd_gzip *z = NULL;

    seed_now = given != NULL ? strtoull(given, NULL, 10) : 20261124;
    printf("seed %llu\n", (unsigned long long)seed_now);
    text_make();
    if (gzip_new_with(GZIP_ISAL, -1, &z, NULL) == CXD_UNSUPPORTED) {
        printf("ISA-L is not built in: its tests run on zlib\n");
        isal = GZIP_ZLIB;
    }
    gzip_free(z);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
