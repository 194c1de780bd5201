/* test_shape.c: fields laid over an event, nulls taken out of it. */
#include "pipeline/shape.h"

#include "base/buf.h"
#include "pipeline/event.h"
#include "test.h"

static struct cxd_event *ev;

static int setup(void **state)
{
    (void)state;
    return event_open(&(struct event_limits){0}, &ev);
}

static int teardown(void **state)
{
    (void)state;
    event_close(ev);
    return 0;
}

static struct cxd_node *put(const char *key, const char *json, int kind)
{
    struct cxd_node *node = node_put(
        ev, event_root(ev), (struct cxd_bytes){key, strlen(key)},
        (struct cxd_value){.ptr = json, .len = (uint32_t)strlen(json), .kind = (uint8_t)kind});

    assert_non_null(node);
    return node;
}

static int lay(const char *json)
{
    return shape_lay(ev, (struct cxd_bytes){json, strlen(json)});
}

static void rendered(const char *want)
{
    struct buf out;

    buf_init(&out, 1 << 20);
    assert_int_equal(event_render(ev, &out), CXD_OK);
    assert_int_equal(buf_add(&out, "", 1), CXD_OK);
    assert_string_equal(out.ptr, want);
    buf_done(&out);
}

static void test_objects_are_laid_into_objects(void **state)
{
    (void)state;
    (void)put("agent", "{\"id\":1,\"name\":\"x\"}", CXD_KIND_OBJECT);
    (void)put("tags", "[\"a\"]", CXD_KIND_LIST);
    (void)put("input", "{\"type\":\"t\"}", CXD_KIND_OBJECT);
    assert_int_equal(lay("{\"agent\":{\"name\":{\"a\":\"\\n\"},\"more\":[1,null]},\"tags\":[],"
                         "\"input\":7,\"new\":{\"b\":{}}}"),
                     CXD_OK);
    rendered("{\"agent\":{\"id\":1,\"name\":{\"a\":\"\\n\"},\"more\":[1,null]},\"tags\":[],"
             "\"input\":7,\"new\":{\"b\":{}}}");
}

static void test_a_text_that_is_no_object_is_refused(void **state)
{
    (void)state;
    assert_int_equal(lay("{\"a\":"), CXD_MALFORMED);
    rendered("{}");
}

static void test_null_members_go_and_elements_stay(void **state)
{
    (void)state;
    (void)put("first", "null", CXD_KIND_NULL);
    (void)put("o", "{\"a\":null,\"b\":{\"c\":null},\"l\":[null,{\"d\":null,\"e\":0}],\"s\":\"\"}",
              CXD_KIND_OBJECT);
    (void)put("l", "[null,1,[null]]", CXD_KIND_LIST);
    (void)put("last", "null", CXD_KIND_NULL);
    assert_int_equal(shape_drop_nulls(ev, NULL), CXD_OK);
    (void)put("behind", "1", CXD_KIND_NUMBER); /* the list's end is right, too */
    rendered("{\"o\":{\"b\":{},\"l\":[null,{\"e\":0}],\"s\":\"\"},\"l\":[null,1,[null]],"
             "\"behind\":1}");
}

static void test_what_is_known_is_not_read_again(void **state)
{
    struct cxd_node *known = put("known", "{this is never scanned", CXD_KIND_OBJECT);

    (void)state;
    (void)put("x", "{\"a\":null}", CXD_KIND_OBJECT);
    assert_int_equal(shape_drop_nulls(ev, known), CXD_OK);
    rendered("{\"known\":{this is never scanned,\"x\":{}}");
    assert_int_equal(shape_drop_nulls(ev, NULL), CXD_MALFORMED);
}

static void test_too_deep_a_tree_is_an_error(void **state)
{
    static struct cxd_node chain[80];

    (void)state;
    for (size_t i = 0; i < COUNT(chain); i++) {
        chain[i].value = (struct cxd_value){.kind = CXD_KIND_OBJECT, .flags = CXD_VALUE_TREE};
        chain[i].key = "k";
        chain[i].key_len = 1;
        chain[i].first = i + 1 < COUNT(chain) ? &chain[i + 1] : NULL;
        chain[i].last = chain[i].first;
    }
    event_root(ev)->first = &chain[0];
    event_root(ev)->last = &chain[0];
    assert_int_equal(shape_drop_nulls(ev, NULL), CXD_TOO_DEEP);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(test_objects_are_laid_into_objects),
        CASE(test_a_text_that_is_no_object_is_refused),
        CASE(test_null_members_go_and_elements_stay),
        CASE(test_what_is_known_is_not_read_again),
        CASE(test_too_deep_a_tree_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
