/* test_chunk.c: sets of units in several messages, both ways. */
#include "front/component/chunk.h"
#include "front/component/wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct chunk chunk;
static struct expected set;

static int setup(void **state)
{
    (void)state;
    chunk_init(&chunk);
    expected_init(&set);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    chunk_done(&chunk);
    expected_done(&set);
    return 0;
}

/* A message of units first .. last (none when last is smaller), of this time; -1: without a time. */
static struct expected part(int first, int last, int64_t seconds, uint64_t features_idx)
{
    struct cxd_error err = CXD_ERROR_INIT;
    struct expected e;
    struct buf message;

    buf_init(&message, 1u << 20);
    for (int i = first; i <= last; i++) {
        struct buf unit;
        char id[16];
        (void)snprintf(id, sizeof id, "u%d", i);
        buf_init(&unit, 4096);
        assert_int_equal(wire_put_text(&unit, 1, id), CXD_OK);
        assert_int_equal(wire_put_bytes(&unit, 5, "\x0a\x00", 2), CXD_OK);
        assert_int_equal(wire_put_bytes(&message, 1, unit.ptr, unit.len), CXD_OK);
        buf_done(&unit);
    }
    assert_int_equal(wire_put_varint(&message, 4, features_idx), CXD_OK);
    if (seconds >= 0) {
        const char time[4] = {0x08, (char)seconds, 0x10, 1};
        assert_int_equal(wire_put_bytes(&message, 7, time, sizeof time), CXD_OK);
    }
    assert_int_equal(expected_parse((struct cxd_bytes){message.ptr, message.len}, &e, &err),
                     CXD_OK);
    buf_done(&message);
    return e;
}

static int join(struct expected e)
{
    expected_done(&set);
    return chunk_join(&chunk, &e, &set);
}

static void test_parts_become_one_set(void **state)
{
    (void)state;
    assert_int_equal(join(part(1, 2, 5, 7)), 0);
    assert_int_equal(join(part(3, 3, 5, 0)), 0);
    assert_int_equal(join(part(1, 0, 5, 0)), 1);
    assert_int_equal(set.count, 3);
    assert_int_equal(set.features_idx, 7);
    assert_string_equal(set.units[2].id, "u3");
    assert_true(set.units[2].has_config);
}

static void test_a_message_without_a_time_is_whole(void **state)
{
    (void)state;
    assert_int_equal(join(part(1, 2, 5, 7)), 0);
    assert_int_equal(join(part(9, 9, -1, 8)), 1); /* the set before is over */
    assert_int_equal(set.count, 1);
    assert_int_equal(join(part(1, 0, 5, 6)), 1); /* and this is one of no units */
    assert_int_equal(set.count, 0);
    assert_int_equal(set.features_idx, 6);
}

static void test_a_newer_set_begins_anew_and_an_older_one_is_passed_over(void **state)
{
    (void)state;
    assert_int_equal(join(part(1, 2, 5, 7)), 0);
    assert_int_equal(join(part(3, 3, 6, 8)), 0);
    assert_int_equal(join(part(4, 4, 5, 9)), 0);
    assert_int_equal(join(part(1, 0, 5, 9)), 0);
    assert_int_equal(join(part(1, 0, 6, 9)), 1);
    assert_int_equal(set.count, 1);
    assert_string_equal(set.units[0].id, "u3");
    assert_int_equal(set.features_idx, 8);
}

static void test_a_set_has_an_end(void **state)
{
    (void)state;
    assert_int_equal(join(part(1, 200, 5, 7)), 0);
    assert_int_equal(join(part(1, 56, 5, 7)), 0);
    assert_int_equal(join(part(1, 1, 5, 7)), CXD_TOO_LARGE);
    assert_int_equal(join(part(1, 0, 5, 7)), 1); /* what was, is lost */
    assert_int_equal(set.count, 0);
}

struct seen {
    size_t messages;
    size_t units;
    size_t heads; /* messages that say who we are */
    size_t times; /* messages with the set's time */
    size_t longest;
    size_t last_units;
    size_t fail_at; /* 0: never */
};

static int message_see(void *owner, struct cxd_bytes message)
{
    struct seen *s = owner;
    struct wire_field f;
    int has_token = 0;

    s->messages++;
    s->last_units = 0;
    s->longest = message.len > s->longest ? message.len : s->longest;
    while (wire_next(&message, &f) > 0) {
        has_token |= f.number == 1 && f.bytes.len == 5 && memcmp(f.bytes.ptr, "token", 5) == 0;
        s->last_units += f.number == 2;
        s->heads += f.number == 3;
        if (f.number == 7) {
            s->times++;
            assert_memory_equal(f.bytes.ptr, "\x08\x03\x10\x80\x89\x7a", 6); /* 3 s, 2 ms */
        }
    }
    assert_int_equal(message.len, 0);
    assert_true(has_token);
    s->units += s->last_units;
    return s->messages == s->fail_at ? CXD_END : CXD_OK;
}

static void observed_fill(struct observed *o, int count)
{
    observed_init(o);
    for (int i = 0; i < count; i++) {
        char id[16];
        struct observed_unit *u;
        (void)snprintf(id, sizeof id, "u%d", i);
        u = observed_add(o, UNIT_INPUT, id);
        assert_non_null(u);
        memset(u->message, 'm', 100);
        u->message[100] = '\0';
    }
}

static void test_a_report_goes_in_parts_where_it_is_too_large(void **state)
{
    struct observed o;
    struct seen seen = {0};
    struct chunk_spec spec = {.token = "token",
                              .is_first = 1,
                              .max = 1 << 20,
                              .now_ms = 3002,
                              .send = message_see,
                              .owner = &seen};

    (void)state;
    observed_fill(&o, 50);
    assert_int_equal(chunk_write(&o, &spec), CXD_OK);
    assert_true(seen.messages == 1 && seen.units == 50 && seen.times == 0 && seen.heads == 1);
    seen = (struct seen){0};
    spec.max = 1000;
    assert_int_equal(chunk_write(&o, &spec), CXD_OK);
    assert_in_range(seen.messages, 6, 10);
    assert_true(seen.units == 50 && seen.times == seen.messages && seen.heads == 1);
    assert_true(seen.last_units == 0 && seen.longest <= 1000);
    seen = (struct seen){.fail_at = 2};
    assert_int_equal(chunk_write(&o, &spec), CXD_END);
    assert_int_equal(seen.messages, 2);
    seen = (struct seen){0};
    spec.max = 10; /* a unit at a time, each beyond it */
    assert_int_equal(chunk_write(&o, &spec), CXD_OK);
    assert_int_equal(seen.messages, 51);
    observed_done(&o);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(test_parts_become_one_set),
        CASE(test_a_message_without_a_time_is_whole),
        CASE(test_a_newer_set_begins_anew_and_an_older_one_is_passed_over),
        CASE(test_a_set_has_an_end),
        CASE(test_a_report_goes_in_parts_where_it_is_too_large),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
