/* test_ingest.c: documents that the destination maps: event.dataset, ids that give way, a record that is no message. */
#include "base/buf.h"
#include "pipeline/event.h"
#include "pipeline/ingest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

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

static void is_document(const char *wanted)
{
    struct buf out;

    buf_init(&out, 1u << 16);
    assert_int_equal(event_render(ev, &out), CXD_OK);
    assert_int_equal(buf_add(&out, "", 1), CXD_OK);
    assert_string_equal(out.ptr, wanted);
    buf_done(&out);
}

static struct cxd_value json(const char *text, uint8_t kind)
{
    return (struct cxd_value){.ptr = text, .len = (uint32_t)strlen(text), .kind = kind};
}

static void test_dataset_joins_what_is_there(void **state)
{
    (void)state;
    assert_int_equal(ingest_dataset(ev, CXD_LIT("a.b")), CXD_OK);
    is_document("{\"event\":{\"dataset\":\"a.b\"}}");
    event_reset(ev);
    assert_non_null(
        node_put(ev, event_root(ev), CXD_LIT("event"), json("{\"created\":1}", CXD_KIND_OBJECT)));
    assert_int_equal(ingest_dataset(ev, CXD_LIT("a.b")), CXD_OK);
    is_document("{\"event\":{\"created\":1,\"dataset\":\"a.b\"}}");
}

static void test_dataset_leaves_what_it_must(void **state)
{
    (void)state;
    assert_non_null(node_put(ev, event_root(ev), CXD_LIT("event"),
                             json("{\"dataset\":\"own\"}", CXD_KIND_OBJECT)));
    assert_int_equal(ingest_dataset(ev, CXD_LIT("a.b")), CXD_OK);
    is_document("{\"event\":{\"dataset\":\"own\"}}");
    event_reset(ev);
    assert_non_null(node_put(ev, event_root(ev), CXD_LIT("event"), json("text", CXD_KIND_STRING)));
    assert_int_equal(ingest_dataset(ev, CXD_LIT("a.b")), CXD_OK);
    is_document("{\"event\":\"text\"}");
}

static void test_an_offered_id_gives_way(void **state)
{
    (void)state;
    event_offer_id(ev, CXD_LIT("where"));
    assert_int_equal(event_id(ev).len, 5);
    assert_true(event_is_id_offered(ev));
    event_set_id(ev, CXD_LIT("what"));
    assert_memory_equal(event_id(ev).ptr, "what", 4);
    assert_false(event_is_id_offered(ev));
    event_offer_id(ev, CXD_LIT("where"));
    assert_memory_equal(event_id(ev).ptr, "what", 4);
    event_reset(ev);
    event_offer_id(ev, CXD_LIT("not \" safe"));
    assert_int_equal(event_id(ev).len, 0);
    assert_false(event_is_id_offered(ev));
}

static void test_the_records_id(void **state)
{
    (void)state;
    ingest_id(ev); /* nothing to make it of */
    assert_int_equal(event_id(ev).len, 0);
    event_set_message(ev, CXD_LIT("{\"a\":1}"));
    event_offer_id(ev, CXD_LIT("where"));
    ingest_id(ev);
    assert_int_equal(event_id(ev).len, 27);
    assert_false(event_is_id_offered(ev));
    event_set_id(ev, CXD_LIT("own"));
    ingest_id(ev);
    assert_int_equal(event_id(ev).len, 3);
}

static void test_hidden_until_the_next_record(void **state)
{
    (void)state;
    assert_false(event_is_message_hidden(ev));
    event_hide_message(ev);
    assert_true(event_is_message_hidden(ev));
    event_reset(ev);
    assert_false(event_is_message_hidden(ev));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_dataset_joins_what_is_there, setup, teardown),
        cmocka_unit_test_setup_teardown(test_dataset_leaves_what_it_must, setup, teardown),
        cmocka_unit_test_setup_teardown(test_an_offered_id_gives_way, setup, teardown),
        cmocka_unit_test_setup_teardown(test_the_records_id, setup, teardown),
        cmocka_unit_test_setup_teardown(test_hidden_until_the_next_record, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
