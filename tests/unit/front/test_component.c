/* test_component.c: the messages of Elastic Agent's control protocol: read at every cut, written, and made a policy. */
#include "base/redact.h"
#include "config/conf.h"
#include "front/component/asked.h"
#include "front/component/desired.h"
#include "front/component/diagnose.h"
#include "front/component/observed.h"
#include "front/component/startup.h"
#include "front/component/wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct buf message;
static struct cxd_error err;

static int setup(void **state)
{
    (void)state;
    buf_init(&message, 1u << 20);
    err = (struct cxd_error)CXD_ERROR_INIT;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    buf_done(&message);
    return 0;
}

/* {"a": 1, "b": ["x ${y} \"", true, null, 1.5]} as google.protobuf.Struct, as protoc's own writer makes it */
static const char structure[] =
    "\x0a\x0e\x0a\x01"
    "a\x12\x09\x11\x00\x00\x00\x00\x00\x00\xf0\x3f"
    "\x0a\x26\x0a\x01"
    "b\x12\x21\x32\x1f\x0a\x0a\x1a\x08"
    "x ${y} \"\x0a\x02\x20\x01\x0a\x02\x08\x00\x0a\x09\x11\x00\x00\x00\x00\x00\x00\xf8\x3f";

static struct cxd_bytes bytes(const struct buf *b)
{
    return (struct cxd_bytes){b->ptr, b->len};
}

static void test_a_struct_becomes_json(void **state)
{
    struct buf out;
    struct cxd_bytes whole = {structure, sizeof structure - 1};

    (void)state;
    buf_init(&out, 4096);
    assert_int_equal(expected_json(whole, &out), CXD_OK);
    assert_int_equal(buf_add(&out, "", 1), CXD_OK);
    assert_string_equal(out.ptr, "{\"a\":1,\"b\":[\"x $${y} \\\"\",true,null,1.5]}");
    for (size_t cut = 1; cut < whole.len;
         cut++) { /* cut short it is whole at the borders of members, or refused */
        int r;
        buf_clear(&out);
        r = expected_json((struct cxd_bytes){structure, cut}, &out);
        assert_true(r == CXD_MALFORMED || (r == CXD_OK && cut == 16));
    }
    buf_done(&out);
}

static void test_depth_has_an_end(void **state)
{
    struct buf inner;
    struct buf out;
    int deep = 0;

    (void)state;
    buf_init(&inner, 1u << 20);
    buf_init(&out, 1u << 20);
    for (int i = 0; i < 100; i++) { /* a list in a list */
        struct buf value;
        struct buf list;
        buf_init(&value, 1u << 20);
        buf_init(&list, 1u << 20);
        assert_int_equal(wire_put_bytes(&value, 6, inner.ptr, inner.len), CXD_OK);
        assert_int_equal(wire_put_bytes(&list, 1, value.ptr, value.len), CXD_OK);
        buf_done(&inner);
        buf_done(&value);
        inner = list;
        buf_clear(&message);
        assert_int_equal(wire_put_text(&message, 1, "k"), CXD_OK);
        buf_init(&value, 1u << 20);
        assert_int_equal(wire_put_bytes(&value, 6, inner.ptr, inner.len), CXD_OK);
        assert_int_equal(wire_put_bytes(&message, 2, value.ptr, value.len), CXD_OK);
        buf_init(&list, 1u << 20);
        assert_int_equal(wire_put_bytes(&list, 1, message.ptr, message.len), CXD_OK);
        buf_clear(&out);
        deep += expected_json(bytes(&list), &out) == CXD_TOO_DEEP;
        buf_done(&value);
        buf_done(&list);
    }
    assert_in_range(deep, 40, 60);
    buf_done(&inner);
    buf_done(&out);
}

static void unit_put(const char *id, int type, int state, uint64_t idx, const char *source,
                     size_t len)
{
    struct buf unit;
    struct buf config;

    buf_init(&unit, 1u << 16);
    buf_init(&config, 1u << 16);
    assert_int_equal(wire_put_text(&unit, 1, id), CXD_OK);
    assert_int_equal(wire_put_varint(&unit, 2, (uint64_t)type), CXD_OK);
    assert_int_equal(wire_put_varint(&unit, 3, (uint64_t)state), CXD_OK);
    assert_int_equal(wire_put_varint(&unit, 4, idx), CXD_OK);
    if (source != NULL) {
        assert_int_equal(wire_put_bytes(&config, 1, source, len), CXD_OK);
        assert_int_equal(wire_put_bytes(&unit, 5, config.ptr, config.len), CXD_OK);
    }
    assert_int_equal(wire_put_bytes(&message, 1, unit.ptr, unit.len), CXD_OK);
    buf_done(&unit);
    buf_done(&config);
}

static int is_two(void *owner, const char *id)
{
    (void)owner;
    return strcmp(id, "two") == 0;
}

static void test_units_become_a_policy(void **state)
{
    static int lines[EXPECTED_UNITS_MAX];
    struct desired_options options = {.data_path = "/d"};
    struct arena *arena = arena_new(4096, 1u << 20);
    struct conf *root = NULL;
    struct expected first;
    struct expected second;
    struct buf policy;

    (void)state;
    buf_init(&policy, 1u << 20);
    unit_put("one", UNIT_INPUT, STATE_HEALTHY, 1, structure, sizeof structure - 1);
    unit_put("out", UNIT_OUTPUT, STATE_HEALTHY, 1, structure, sizeof structure - 1);
    unit_put("gone", UNIT_INPUT, STATE_STOPPED, 1, structure, sizeof structure - 1);
    unit_put("two", UNIT_INPUT, STATE_HEALTHY, 4, structure, sizeof structure - 1);
    assert_int_equal(wire_put_bytes(&message, 3, "\x12\x02\x08\x01", 4),
                     CXD_OK); /* names in full */
    assert_int_equal(expected_parse(bytes(&message), &first, &err), CXD_OK);
    assert_true(first.is_fqdn);
    assert_int_equal(first.count, 4);
    assert_int_equal(desired_write(&first, &options, &policy, lines), CXD_OK);
    assert_int_equal(conf_read_text("p", policy.ptr, policy.len, arena, &root, &err), CXD_OK);
    assert_string_equal(conf_text(root, "outputs.default.a", ""), "1");
    assert_string_equal(conf_text(root, "agent.path.data", ""), "/d");
    assert_string_equal(conf_text(root, "agent.features.fqdn.enabled", ""), "true");
    assert_string_equal(conf_find(root, "inputs")->first->first->next->first->text, "x ${y} \"");
    assert_int_equal(conf_find(root, "inputs")->first->line, lines[0]);
    assert_int_equal(conf_find(root, "inputs")->first->next->line, lines[3]);
    assert_int_equal(lines[2], 0);
    /* what was known is not sent again */
    buf_clear(&message);
    unit_put("out", UNIT_OUTPUT, STATE_HEALTHY, 1, NULL, 0);
    unit_put("two", UNIT_INPUT, STATE_HEALTHY, 4, NULL, 0);
    unit_put("new", UNIT_INPUT, STATE_HEALTHY, 1, NULL, 0);
    assert_int_equal(expected_parse(bytes(&message), &second, &err), CXD_OK);
    desired_complete(&second, &first);
    assert_true(second.units[1].has_config && second.units[2].has_config);
    assert_false(second.units[0].has_config); /* "new": inputs come first, by id */
    expected_done(&first);
    assert_int_equal(desired_write(&second, &options, &policy, lines), CXD_OK);
    assert_true(lines[1] > 0 && lines[0] == 0);
    assert_non_null(expected_find(&second, UNIT_INPUT, "two"));
    assert_null(expected_find(&second, UNIT_OUTPUT, "two"));
    /* one that is refused is left out, and the places move up */
    options.is_left_out = is_two;
    second.units[0].has_config = 1;
    assert_int_equal(buf_add_text(&second.units[0].source, "{\"type\":\"x\"}"), CXD_OK);
    assert_int_equal(desired_write(&second, &options, &policy, lines), CXD_OK);
    assert_int_equal(lines[1], 0);
    assert_int_equal(lines[0], 4);
    assert_int_equal(conf_read_text("p", policy.ptr, policy.len, arena, &root, &err), CXD_OK);
    assert_string_equal(conf_text(conf_find(root, "inputs")->first, "type", ""), "x");
    assert_int_equal(conf_find(root, "inputs")->first->line, 4);
    /* inputs wait for their output */
    second.units[2].state = STATE_STOPPED;
    assert_int_equal(desired_write(&second, &options, &policy, lines), CXD_OK);
    assert_int_equal(lines[0], 0);
    second.units[2].has_config = 0;
    assert_int_equal(desired_write(&second, &options, &policy, lines), CXD_NOT_FOUND);
    expected_done(&second);
    buf_done(&policy);
    arena_free(arena);
}

/* Elastic Agent's order is that of a map. */
static void test_the_same_units_in_any_order_are_the_same_policy(void **state)
{
    static const char *const orders[2][3] = {{"a", "b", "c"}, {"c", "a", "b"}};
    static int lines[EXPECTED_UNITS_MAX];
    const struct desired_options options = {.data_path = "/d"};
    struct expected nothing = {.units = NULL};
    struct buf policies[2];

    (void)state;
    for (int i = 0; i < 2; i++) {
        struct expected e;
        buf_clear(&message);
        for (int k = 0; k < 3; k++) {
            char source[] = "\x0a\x08\x0a\x01k\x12\x03\x1a\x01?";
            source[9] = orders[i][k][0];
            unit_put(orders[i][k], UNIT_INPUT, STATE_HEALTHY, 1, source, 10);
        }
        unit_put("out", UNIT_OUTPUT, STATE_HEALTHY, 1, structure, sizeof structure - 1);
        assert_int_equal(expected_parse(bytes(&message), &e, &err), CXD_OK);
        desired_complete(&e, &nothing);
        buf_init(&policies[i], 1u << 16);
        assert_int_equal(desired_write(&e, &options, &policies[i], lines), CXD_OK);
        expected_done(&e);
    }
    assert_int_equal(policies[0].len, policies[1].len);
    assert_memory_equal(policies[0].ptr, policies[1].ptr, policies[0].len);
    buf_done(&policies[0]);
    buf_done(&policies[1]);
}

static void test_a_message_cut_anywhere(void **state)
{
    struct expected e;

    (void)state;
    unit_put("one", UNIT_INPUT, STATE_HEALTHY, 1, structure, sizeof structure - 1);
    for (size_t cut = 1; cut < message.len; cut++) {
        assert_int_equal(expected_parse((struct cxd_bytes){message.ptr, cut}, &e, &err),
                         CXD_MALFORMED);
        assert_int_equal(e.count, 0);
    }
}

static void info_put(int without)
{
    static const char *const texts[] = {"host:1", "name", "token", "ca", "cert", "key"};

    buf_clear(&message);
    for (int i = 0; i < 6; i++) {
        if (i != without) {
            assert_int_equal(wire_put_text(&message, (uint32_t)i + 1, texts[i]), CXD_OK);
        }
    }
    if (without != 6) {
        assert_int_equal(wire_put_bytes(&message, 7, "\x00\x01\x04", 3), CXD_OK);
    }
    assert_int_equal(wire_put_varint(&message, 9, 1000), CXD_OK);
    assert_int_equal(wire_put_varint(&message, 99, 1), CXD_OK); /* of a later version */
}

static void test_connection_info(void **state)
{
    struct startup s;

    (void)state;
    info_put(-1);
    startup_init(&s);
    assert_int_equal(startup_parse(bytes(&message), &s, &err), CXD_OK);
    assert_string_equal(s.address, "host:1");
    assert_string_equal(s.token.ptr, "token");
    assert_int_equal(s.message_max, 1000);
    startup_done(&s);
    for (int i = 0; i < 7; i++) {
        info_put(i);
        startup_init(&s);
        assert_int_equal(startup_parse(bytes(&message), &s, &err),
                         i == 6 ? CXD_UNSUPPORTED : CXD_CONFIG);
        startup_done(&s);
    }
}

static void test_what_is_told(void **state)
{
    struct observed a;
    struct observed b;
    struct observed_unit *u;
    struct buf streams;
    struct wire_field f;
    struct cxd_bytes in;
    int units = 0;

    (void)state;
    observed_init(&a);
    observed_init(&b);
    buf_init(&streams, 4096);
    u = observed_add(&a, UNIT_INPUT, "one");
    assert_non_null(u);
    u->state = STATE_DEGRADED;
    assert_int_equal(observed_stream(&streams, "s", STATE_DEGRADED, "slow"), CXD_OK);
    assert_int_equal(observed_streams_end(u, &streams), CXD_OK);
    assert_false(observed_is_same(&a, &b));
    assert_int_equal(observed_write(&a, "the-token", 1, &message), CXD_OK);
    in = bytes(&message);
    while (wire_next(&in, &f) > 0) {
        if (f.number == 1) {
            assert_memory_equal(f.bytes.ptr, "the-token", 9);
        } else if (f.number == 2) {
            struct cxd_bytes unit = f.bytes;
            units++;
            while (wire_next(&unit, &f) > 0) {
                if (f.number == 6) {
                    struct buf json;
                    buf_init(&json, 4096);
                    assert_int_equal(expected_json(f.bytes, &json), CXD_OK);
                    assert_int_equal(buf_add(&json, "", 1), CXD_OK);
                    assert_string_equal(
                        json.ptr,
                        "{\"streams\":{\"s\":{\"status\":\"DEGRADED\",\"error\":\"slow\"}}}");
                    buf_done(&json);
                }
            }
        }
    }
    assert_int_equal(in.len, 0);
    assert_int_equal(units, 1);
    observed_done(&a);
    assert_true(observed_is_same(&a, &b));
    buf_done(&streams);
}

static size_t fields_count(struct cxd_bytes in, uint32_t number)
{
    struct wire_field f;
    size_t count = 0;

    while (wire_next(&in, &f) > 0) {
        count += f.number == number;
    }
    assert_int_equal(in.len, 0);
    return count;
}

static void test_actions_and_their_answers(void **state)
{
    struct action_file files[2] = {{.name = "a", .filename = "a.json", .description = "A"},
                                   {.name = "b", .filename = "b.json", .description = "B"}};
    struct action a;
    struct buf out;

    (void)state;
    buf_init(&out, 1u << 16);
    assert_int_equal(wire_put_text(&message, 1, "id-1"), CXD_OK);
    assert_int_equal(wire_put_text(&message, 2, "name"), CXD_OK);
    assert_int_equal(wire_put_text(&message, 4, "unit"), CXD_OK);
    assert_int_equal(wire_put_varint(&message, 5, 1), CXD_OK);
    assert_int_equal(wire_put_varint(&message, 6, 1), CXD_OK);
    assert_int_equal(wire_put_varint(&message, 7, UINT64_MAX), CXD_OK); /* of a later version */
    for (size_t cut = 0; cut < message.len; cut++) {
        int r = action_parse((struct cxd_bytes){message.ptr, cut}, &a);
        assert_true(r == CXD_MALFORMED || (r == CXD_OK && strcmp(a.id, "id-1") == 0));
    }
    assert_int_equal(action_parse(bytes(&message), &a), CXD_OK);
    assert_string_equal(a.unit_id, "unit");
    assert_true(a.type == ACTION_DIAGNOSTICS && a.unit_type == 1 && a.level > ACTION_UNIT);

    for (int i = 0; i < 2; i++) {
        buf_init(&files[i].content, 64);
        assert_int_equal(buf_add_text(&files[i].content, "{}"), CXD_OK);
    }
    assert_int_equal(action_files_write("t", "id-1", files, 2, 1500, &out), CXD_OK);
    assert_int_equal(fields_count(bytes(&out), 5), 2);
    buf_clear(&out);
    assert_int_equal(action_refuse_write("t", "id-1", "no \"such\"", &out), CXD_OK);
    assert_non_null(memmem(out.ptr, out.len, "{\"error\":\"no \\\"such\\\"\"}", 23));
    buf_done(&files[0].content);
    buf_done(&files[1].content);
    buf_done(&out);
}

static void test_what_is_asked_waits_in_order(void **state)
{
    struct asked asked;
    struct action a = {.id = "0"};
    struct buf answer;
    int count = 0;

    (void)state;
    asked_init(&asked);
    while (asked_put(&asked, &a)) {
        a.id[0]++;
        count++;
    }
    assert_int_equal(count, ASKED_MAX);
    for (int i = 0; i < count; i++) {
        assert_true(asked_take(&asked, &a));
        assert_int_equal(a.id[0], '0' + i);
    }
    assert_false(asked_take(&asked, &a));
    for (int i = 0; i < ASKED_MAX + 2; i++) { /* the last two are dropped */
        buf_init(&answer, 64);
        assert_int_equal(buf_add(&answer, "0123456789" + i, 1), CXD_OK);
        asked_answer(&asked, &answer);
    }
    assert_true(asked_answer_take(&asked, &answer));
    assert_int_equal(answer.ptr[0], '0');
    buf_done(&answer);
    asked_done(&asked); /* with those that nobody took */
}

static void test_a_configuration_is_shown_without_secrets(void **state)
{
    static const char source[] =
        "{\"type\":\"x\",\"api_key\":\"ab\",\"n\":[1,true,null],\"ssl.key\":null,"
        "\"u\":\"https://me:pass-of-mine@host/\",\"secrets\":{\"a\":{\"b\":[\"c\",2]}}}";
    struct buf out;

    (void)state;
    buf_init(&out, 4096);
    assert_int_equal(diagnose_config((struct cxd_bytes){source, sizeof source - 1}, &out), CXD_OK);
    assert_int_equal(buf_add(&out, "", 1), CXD_OK);
    assert_string_equal(out.ptr, "{\"type\":\"x\",\"api_key\":\"(hidden)\",\"n\":[1,true,null],"
                                 "\"ssl.key\":null,\"u\":\"https://me:************@host/\","
                                 "\"secrets\":{\"a\":{\"b\":[\"(hidden)\",\"(hidden)\"]}}}");
    buf_clear(&out);
    assert_int_not_equal(diagnose_config((struct cxd_bytes){"{", 1}, &out), CXD_OK);
    assert_int_equal(out.len, 0);
    redact_clear();
    buf_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_struct_becomes_json, setup, teardown),
        cmocka_unit_test_setup_teardown(test_depth_has_an_end, setup, teardown),
        cmocka_unit_test_setup_teardown(test_units_become_a_policy, setup, teardown),
        cmocka_unit_test_setup_teardown(test_the_same_units_in_any_order_are_the_same_policy, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_a_message_cut_anywhere, setup, teardown),
        cmocka_unit_test_setup_teardown(test_connection_info, setup, teardown),
        cmocka_unit_test_setup_teardown(test_what_is_told, setup, teardown),
        cmocka_unit_test_setup_teardown(test_actions_and_their_answers, setup, teardown),
        cmocka_unit_test_setup_teardown(test_what_is_asked_waits_in_order, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_configuration_is_shown_without_secrets, setup,
                                        teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
