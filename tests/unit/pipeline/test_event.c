/* test_event.c: the event as modules see it. */
#include "pipeline/event.h"

#include "base/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct cxd_event *open_event(size_t message_max, size_t memory_max)
{
    struct event_limits limits = {.message_max = message_max, .memory_max = memory_max};
    struct cxd_event *ev = NULL;

    assert_int_equal(event_open(&limits, &ev), CXD_OK);
    return ev;
}

static struct cxd_value raw(const char *text, int kind)
{
    return (struct cxd_value){.ptr = text, .len = (uint32_t)strlen(text), .kind = (uint8_t)kind};
}

static struct cxd_bytes bytes(const char *text)
{
    return (struct cxd_bytes){text, strlen(text)};
}

static void assert_rendered(struct cxd_event *ev, const char *want)
{
    struct buf out;

    buf_init(&out, 1 << 20);
    assert_int_equal(event_render(ev, &out), CXD_OK);
    assert_int_equal(out.len, strlen(want));
    assert_memory_equal(out.ptr, want, out.len);
    buf_done(&out);
}

static void test_a_new_event_is_empty(void **state)
{
    struct cxd_event *ev = open_event(0, 0);

    (void)state;
    assert_int_equal(event_message(ev).len, 0);
    assert_null(event_id(ev).ptr);
    assert_rendered(ev, "{}");
    event_close(ev);
    event_close(NULL);
}

static void test_the_message_is_scanned_once(void **state)
{
    struct cxd_event *ev = open_event(0, 0);
    const struct cxd_record *record = NULL;
    const struct cxd_record *again = NULL;
    char text[] = "{\"a\":1,\"b\":\"x\"}";

    (void)state;
    event_set_message(ev, bytes(text));
    assert_int_equal(event_record(ev, &record, NULL), CXD_OK);
    assert_int_equal(record->count, 2);
    text[0] = '!'; /* a second scan would fail */
    assert_int_equal(event_record(ev, &again, NULL), CXD_OK);
    assert_ptr_equal(record, again);
    event_set_message(ev, bytes("{}"));
    assert_int_equal(event_record(ev, &record, NULL), CXD_OK);
    assert_int_equal(record->count, 0);
    event_close(ev);
}

static void test_a_refusal_is_remembered_with_its_text(void **state)
{
    struct cxd_event *ev = open_event(0, 0);
    const struct cxd_record *record = NULL;
    struct cxd_error err = CXD_ERROR_INIT;
    char text[] = "{\"a\" 1}";

    (void)state;
    event_set_message(ev, bytes(text));
    assert_int_equal(event_record(ev, &record, &err), CXD_MALFORMED);
    assert_string_equal(err.text, "byte 5: expected ':' behind a name");
    text[4] = ':';
    text[5] = ' ';
    err.text[0] = '\0';
    assert_int_equal(event_record(ev, &record, &err), CXD_MALFORMED);
    assert_string_equal(err.text, "byte 5: expected ':' behind a name");
    assert_null(record);
    event_close(ev);
}

static void test_a_record_over_the_limit_is_too_large(void **state)
{
    struct cxd_event *ev = open_event(8, 0);
    const struct cxd_record *record = NULL;
    struct cxd_error err = CXD_ERROR_INIT;

    (void)state;
    event_set_message(ev, CXD_LIT("{\"a\":12}"));
    assert_int_equal(event_record(ev, &record, &err), CXD_OK);
    event_set_message(ev, CXD_LIT("{\"a\":123}"));
    assert_int_equal(event_record(ev, &record, &err), CXD_TOO_LARGE);
    assert_string_equal(err.text, "byte 8: the record is larger than the limit");
    event_close(ev);
}

static void test_limits_that_cannot_be_are_refused(void **state)
{
    struct cxd_event *ev = NULL;
    struct event_limits too_long = {.message_max = (size_t)UINT32_MAX + 1};
    struct event_limits too_much = {.memory_max = SIZE_MAX};

    (void)state;
    assert_int_equal(event_open(&too_long, &ev), CXD_INVALID);
    assert_int_equal(event_open(&too_much, &ev), CXD_INVALID);
    assert_null(ev);
}

static void test_put_sets_and_replaces_in_place(void **state)
{
    struct cxd_event *ev = open_event(0, 0);
    struct cxd_node *root = event_root(ev);
    struct cxd_node *host;

    (void)state;
    assert_non_null(node_put(ev, root, CXD_LIT("a"), raw("1", CXD_KIND_NUMBER)));
    host = node_put(ev, root, CXD_LIT("host"),
                    (struct cxd_value){.kind = CXD_KIND_OBJECT, .flags = CXD_VALUE_TREE});
    assert_non_null(host);
    assert_non_null(node_put(ev, host, CXD_LIT("name"), raw("x\\n", CXD_KIND_STRING)));
    assert_non_null(node_put(ev, root, CXD_LIT("z"), raw("[1,null]", CXD_KIND_LIST)));
    assert_rendered(ev, "{\"a\":1,\"host\":{\"name\":\"x\\n\"},\"z\":[1,null]}");
    assert_ptr_equal(node_find(ev, root, CXD_LIT("host")), host);
    assert_ptr_equal(node_put(ev, root, CXD_LIT("host"), raw("", CXD_KIND_TRUE)), host);
    assert_non_null(node_put(ev, root, CXD_LIT(""), raw("2", CXD_KIND_NUMBER)));
    assert_rendered(ev, "{\"a\":1,\"host\":true,\"z\":[1,null],\"\":2}");
    assert_null(node_put(ev, host, CXD_LIT("k"), raw("1", CXD_KIND_NUMBER)));
    assert_null(node_find(ev, host, CXD_LIT("k")));
    assert_null(node_find(ev, root, CXD_LIT("k")));
    event_close(ev);
}

static void test_text_containers_expand_when_they_are_entered(void **state)
{
    struct cxd_event *ev = open_event(0, 0);
    struct cxd_node *root = event_root(ev);
    struct cxd_node *node = node_put(
        ev, root, CXD_LIT("o"),
        raw("{ \"a\" : {\"b\": [ 1, 2]}, \"\\u0063\" : \"t\", \"d\":{} }", CXD_KIND_OBJECT));
    struct cxd_node *inner;

    (void)state;
    inner = node_find(ev, node, CXD_LIT("c"));
    assert_non_null(inner);
    assert_int_equal(inner->value.kind, CXD_KIND_STRING);
    assert_int_equal(node->value.flags, CXD_VALUE_TREE);
    inner = node_find(ev, node, CXD_LIT("a"));
    assert_int_equal(inner->value.flags, 0);
    assert_non_null(node_put(ev, inner, CXD_LIT("n"), raw("null", CXD_KIND_NULL)));
    inner = node_find(ev, node, CXD_LIT("d"));
    assert_int_equal(inner->value.flags, CXD_VALUE_DIRTY);
    assert_int_equal(node_expand(ev, inner), CXD_OK);
    assert_int_equal(inner->value.flags, CXD_VALUE_TREE);
    assert_null(inner->first);
    assert_rendered(ev, "{\"o\":{\"a\":{\"b\":[ 1, 2],\"n\":null},\"c\":\"t\",\"d\":{}}}");
    event_close(ev);
}

static void test_a_list_expands_to_nodes_without_names(void **state)
{
    struct cxd_event *ev = open_event(0, 0);
    struct cxd_node *list =
        node_put(ev, event_root(ev), CXD_LIT("l"), raw("[1,[2],\"\"]", CXD_KIND_LIST));

    (void)state;
    assert_null(node_find(ev, list, CXD_LIT("1")));
    assert_int_equal(node_expand(ev, list), CXD_OK);
    assert_int_equal(node_expand(ev, list), CXD_OK);
    assert_null(list->first->key);
    assert_ptr_equal(list->first->next->next, list->last);
    assert_int_equal(node_expand(ev, list->first), CXD_OK);
    assert_int_equal(list->first->value.kind, CXD_KIND_NUMBER);
    assert_rendered(ev, "{\"l\":[1,[2],\"\"]}");
    event_close(ev);
}

static void test_a_broken_container_stays_what_it_was(void **state)
{
    struct cxd_event *ev = open_event(0, 0);
    struct cxd_node *node =
        node_put(ev, event_root(ev), CXD_LIT("o"), raw("{\"a\"}", CXD_KIND_OBJECT));

    (void)state;
    assert_int_equal(node_expand(ev, node), CXD_MALFORMED);
    assert_int_equal(node->value.flags, 0);
    assert_null(node_find(ev, node, CXD_LIT("a")));
    assert_null(node_put(ev, node, CXD_LIT("a"), raw("1", CXD_KIND_NUMBER)));
    event_close(ev);
}

static void test_of_twins_find_takes_the_last_and_put_leaves_one(void **state)
{
    struct cxd_event *ev = open_event(0, 0);
    struct cxd_node *node =
        node_put(ev, event_root(ev), CXD_LIT("o"),
                 raw("{\"a\":1,\"b\":2,\"a\":3,\"c\":4,\"a\":5}", CXD_KIND_OBJECT));

    (void)state;
    assert_memory_equal(node_find(ev, node, CXD_LIT("a"))->value.ptr, "5", 1);
    assert_non_null(node_put(ev, node, CXD_LIT("a"), raw("6", CXD_KIND_NUMBER)));
    assert_non_null(node_put(ev, node, CXD_LIT("d"), raw("7", CXD_KIND_NUMBER)));
    assert_rendered(ev, "{\"o\":{\"a\":6,\"b\":2,\"c\":4,\"d\":7}}");
    event_close(ev);
}

static void test_text_of_a_value(void **state)
{
    struct cxd_event *ev = open_event(0, 0);
    struct cxd_value value = raw("plain", CXD_KIND_STRING);
    struct cxd_bytes text = {0};

    (void)state;
    assert_int_equal(value_text(ev, &value, &text), CXD_OK);
    assert_ptr_equal(text.ptr, value.ptr);
    value = raw("a\\\\b\\u00e9", CXD_KIND_STRING);
    value.flags = CXD_VALUE_ESCAPED;
    assert_int_equal(value_text(ev, &value, &text), CXD_OK);
    assert_int_equal(text.len, 5);
    assert_memory_equal(text.ptr, "a\\b\xc3\xa9", 5);
    value.flags = CXD_VALUE_TEXT;
    assert_int_equal(value_text(ev, &value, &text), CXD_OK);
    assert_ptr_equal(text.ptr, value.ptr);
    value = raw("\\udead", CXD_KIND_STRING);
    value.flags = CXD_VALUE_ESCAPED;
    assert_int_equal(value_text(ev, &value, &text), CXD_MALFORMED);
    value = raw("1", CXD_KIND_NUMBER);
    assert_int_equal(value_text(ev, &value, &text), CXD_INVALID);
    event_close(ev);
}

static void test_an_id_is_copied_and_safe(void **state)
{
    static const char *const bad[] = {"a b", "a\"", "a\\", "a\n", "\xc3\xa9", "\x7f"};
    struct cxd_event *ev = open_event(0, 0);
    char id[66];

    (void)state;
    memset(id, 'i', sizeof id);
    event_set_id(ev, (struct cxd_bytes){id, 64});
    id[0] = 'x';
    assert_int_equal(event_id(ev).len, 64);
    assert_memory_equal(event_id(ev).ptr, "iiii", 4);
    event_set_id(ev, (struct cxd_bytes){id, 65});
    assert_null(event_id(ev).ptr);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        event_set_id(ev, CXD_LIT("good"));
        assert_int_equal(event_id(ev).len, 4);
        event_set_id(ev, bytes(bad[i]));
        assert_null(event_id(ev).ptr);
    }
    event_set_id(ev, CXD_LIT("good"));
    event_reset(ev);
    assert_null(event_id(ev).ptr);
    event_close(ev);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_new_event_is_empty),
        cmocka_unit_test(test_the_message_is_scanned_once),
        cmocka_unit_test(test_a_refusal_is_remembered_with_its_text),
        cmocka_unit_test(test_a_record_over_the_limit_is_too_large),
        cmocka_unit_test(test_limits_that_cannot_be_are_refused),
        cmocka_unit_test(test_put_sets_and_replaces_in_place),
        cmocka_unit_test(test_text_containers_expand_when_they_are_entered),
        cmocka_unit_test(test_a_list_expands_to_nodes_without_names),
        cmocka_unit_test(test_a_broken_container_stays_what_it_was),
        cmocka_unit_test(test_of_twins_find_takes_the_last_and_put_leaves_one),
        cmocka_unit_test(test_text_of_a_value),
        cmocka_unit_test(test_an_id_is_copied_and_safe),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
