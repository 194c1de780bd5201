/* test_event_memory.c: the event's memory: its bound, every allocation failing, none in the steady state. malloc is wrapped. */
#include "pipeline/event.h"

#include "base/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Counts allocations; the one numbered fail_at (from 1) gives NULL. 0: none fails. */
static unsigned long alloc_count;
static unsigned long fail_at;

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *ptr, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *ptr, size_t size);

static int is_failing(void)
{
    return ++alloc_count == fail_at;
}

void *__wrap_malloc(size_t size)
{
    return is_failing() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return is_failing() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *ptr, size_t size)
{
    return is_failing() ? NULL : __real_realloc(ptr, size);
}

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

static void test_memory_of_one_event_is_bounded(void **state)
{
    struct cxd_event *ev = open_event(0, 1000);

    (void)state;
    assert_non_null(event_alloc(ev, 1000));
    assert_null(event_alloc(ev, 1));
    assert_int_equal(event_lack(ev), CXD_TOO_LARGE);
    assert_null(node_put(ev, event_root(ev), CXD_LIT("a"), raw("1", CXD_KIND_NUMBER)));
    assert_int_equal(event_lack(ev), CXD_TOO_LARGE);
    event_reset(ev);
    assert_non_null(event_alloc(ev, 999));
    event_close(ev);
}

/* What a processor does, in small: touches every path that allocates. Returns the first failure's status. */
static int work(struct cxd_event *ev, struct buf *out)
{
    const struct cxd_record *record = NULL;
    struct cxd_bytes text;
    struct cxd_node *node;
    int r;

    event_reset(ev);
    buf_clear(out);
    event_set_message(ev, CXD_LIT("{\"\\u0061\":\"x\\ty\",\"o\":{\"k\":[1,2]},\"n\":1.5}"));
    r = event_record(ev, &record, NULL);
    if (r != CXD_OK) {
        return r;
    }
    r = value_text(ev, &record->fields[0].value, &text);
    if (r != CXD_OK) {
        return r;
    }
    node = node_put(ev, event_root(ev), CXD_LIT("o"), record->fields[1].value);
    if (node == NULL) {
        return event_lack(ev);
    }
    r = node_expand(ev, node);
    if (r != CXD_OK) {
        return r;
    }
    if (node_put(ev, node, CXD_LIT("t"),
                 (struct cxd_value){.ptr = text.ptr,
                                    .len = (uint32_t)text.len,
                                    .kind = CXD_KIND_STRING,
                                    .flags = CXD_VALUE_TEXT}) == NULL) {
        return event_lack(ev);
    }
    return event_render(ev, out);
}

static void test_every_allocation_may_fail_and_nothing_leaks(void **state)
{
    struct event_limits limits = {0};
    int r = CXD_NOMEM;
    unsigned long failures = 0;

    (void)state;
    while (r != CXD_OK) {
        struct cxd_event *ev = NULL;
        struct buf out;
        buf_init(&out, 1 << 16);
        alloc_count = 0;
        fail_at = ++failures;
        r = event_open(&limits, &ev);
        if (r == CXD_OK) {
            r = work(ev, &out);
        }
        fail_at = 0;
        assert_true(r == CXD_OK || r == CXD_NOMEM);
        if (r != CXD_OK && ev != NULL) {
            assert_int_equal(work(ev, &out),
                             CXD_OK); /* the same event is good for the next record */
        }
        if (ev != NULL) {
            assert_int_equal(out.len, strlen("{\"o\":{\"k\":[1,2],\"t\":\"x\\ty\"}}"));
        }
        buf_done(&out);
        event_close(ev);
    }
    assert_true(failures > 5);
}

static void test_the_usual_record_costs_no_allocation(void **state)
{
    struct cxd_event *ev = open_event(0, 0);
    struct buf out;

    (void)state;
    buf_init(&out, 1 << 16);
    assert_int_equal(work(ev, &out), CXD_OK);
    alloc_count = 0;
    for (int i = 0; i < 100; i++) {
        assert_int_equal(work(ev, &out), CXD_OK);
    }
#if !defined(__SANITIZE_ADDRESS__) /* there the arena takes every piece from malloc on purpose */
    assert_int_equal(alloc_count, 0);
#endif
    buf_done(&out);
    event_close(ev);
}

static void test_records_that_are_larger_soon_cost_none_either(void **state)
{
    struct cxd_event *ev = open_event(0, 0);

    (void)state;
    for (int round = 0; round < 3; round++) {
        alloc_count = 0;
        for (int i = 0; i < 600; i++) {
            assert_non_null(event_alloc(ev, 1000));
        }
        event_reset(ev);
    }
#if !defined(__SANITIZE_ADDRESS__)
    assert_int_equal(alloc_count, 0);
#endif
    event_close(ev);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_memory_of_one_event_is_bounded),
        cmocka_unit_test(test_every_allocation_may_fail_and_nothing_leaks),
        cmocka_unit_test(test_the_usual_record_costs_no_allocation),
        cmocka_unit_test(test_records_that_are_larger_soon_cost_none_either),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
