/* test_intake.c: from emit, reject and mark to batches in the queue; what is lost for want of memory lets no cursor pass. */
#include "rig.h"

#include "fake_processor.h"
#include "pipeline/batch.h"

#include <pthread.h>

static struct rig rig;
static int fail_batches; /* the next allocations of batches that give NULL */

struct batch *__real_batch_new(size_t limit);
struct batch *__wrap_batch_new(size_t limit);

struct batch *__wrap_batch_new(size_t limit)
{
    if (fail_batches > 0) {
        fail_batches--;
        return NULL;
    }
    return __real_batch_new(limit);
}

static int setup(void **state)
{
    static const struct rig_spec spec = {
        .queue_bytes = 1 << 20, .batch_bytes = 200, .dead_bytes = 2000, .is_message_kept = 1};

    (void)state;
    rig_open(&rig, &spec);
    fake_processor_trace[0] = '\0';
    fail_batches = 0;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    rig_close(&rig);
    return fake_processor_open_count;
}

static void processor(const char *what)
{
    assert_int_equal(chain_add(intake_chain(rig.intake), &fake_processor_module,
                               fake_processor_options(what, "p"), &intake_processor_ops, rig.intake,
                               NULL),
                     CXD_OK);
}

/* The next batch, settled; its documents, joined by newlines, in a static buffer. "": none waits. */
static const char *batch_next(uint32_t *ret_count)
{
    static char text[1 << 16];
    struct batch *b = queue_take(rig.queue, 0);
    struct batch *run;
    size_t at = 0;

    text[0] = '\0';
    *ret_count = 0;
    if (b == NULL) {
        return text;
    }
    for (uint32_t i = 0; i < b->count; i++) {
        at += (size_t)snprintf(text + at, sizeof text - at, "%.*s\n", (int)b->docs[i].source.len,
                               b->docs[i].source.ptr);
        assert_memory_equal(b->docs[i].index.ptr, "logs-test.thing-default", 23);
    }
    *ret_count = b->count;
    run = track_settle(b->track, b);
    while (run != NULL) {
        struct batch *next = run->track_next;
        queue_settle(rig.queue, run);
        run = next;
    }
    return text;
}

static void test_events_become_documents_in_batches(void **state)
{
    uint32_t count;
    const char *text;

    (void)state;
    for (int i = 0; i < 10; i++) {
        char record[32];
        (void)snprintf(record, sizeof record, "record %d", i);
        assert_int_equal(rig_emit(&rig, record), CXD_OK);
    }
    text = batch_next(&count);
    assert_in_range(count, 2, 4); /* 200 bytes, and the one that filled it */
    json_lines_check(text, strlen(text));
    assert_non_null(strstr(text, "\"message\":\"record 0\""));
    assert_non_null(strstr(text, "\"@timestamp\":\"20"));
    assert_int_equal(rig_count(&rig, "events_collected_total"), 10);
    intake_flush(rig.intake, 0);
    for (uint32_t all = count; all < 10; all += count) {
        assert_string_not_equal(batch_next(&count), "");
    }
    assert_string_equal(batch_next(&count), "");
}

static void test_a_batch_waits_for_its_age(void **state)
{
    uint32_t count;
    int64_t start_ms = clock_mono_ms();

    (void)state;
    assert_int_equal(rig_emit(&rig, "x"), CXD_OK);
    intake_flush(rig.intake, 3600000);
    assert_string_equal(batch_next(&count), "");
    while (count == 0) {
        intake_flush(rig.intake, 20);
        (void)batch_next(&count);
    }
    assert_true(clock_mono_ms() - start_ms >= 19);
    assert_int_equal(count, 1);
    intake_flush(rig.intake, 0); /* nothing is open: nothing comes */
    assert_true(queue_is_empty(rig.queue, 0));
}

static void test_the_cursor_is_kept_once_its_events_are_settled(void **state)
{
    uint32_t count;

    (void)state;
    assert_int_equal(rig_emit(&rig, "one"), CXD_OK);
    assert_int_equal(rig_mark(&rig, 1), CXD_OK);
    assert_int_equal(rig_emit(&rig, "two"), CXD_OK);
    assert_int_equal(rig_mark(&rig, 2), CXD_OK);
    intake_flush(rig.intake, 0);
    assert_int_equal(rig_cursor(&rig), -1);
    (void)batch_next(&count);
    assert_int_equal(count, 2);
    assert_int_equal(rig_cursor(&rig), 2);
    assert_int_equal(rig_mark(&rig, 3), CXD_OK); /* no event: a cursor alone travels, too */
    intake_flush(rig.intake, 0);
    (void)batch_next(&count);
    assert_int_equal(count, 0);
    assert_int_equal(rig_cursor(&rig), 3);
}

static void test_a_cursor_that_is_no_document_is_the_inputs_fault(void **state)
{
    struct cxd_error err = CXD_ERROR_INIT;

    (void)state;
    assert_true(rig.host->mark(&rig.self, CXD_LIT("garbage"), &err) < 0);
    assert_non_null(strstr(err.text, "stream-1: the cursor is no BSON document"));
}

static void test_discarded_events_are_counted(void **state)
{
    uint32_t count;

    (void)state;
    processor("discard");
    assert_int_equal(rig_emit(&rig, "x"), CXD_OK);
    intake_flush(rig.intake, 0);
    assert_string_equal(batch_next(&count), "");
    assert_int_equal(rig_count(&rig, "events_collected_total"), 1);
    assert_int_equal(rig_count(&rig, "events_dropped_total"), 1);
}

static void test_a_failing_processor_buries_the_event(void **state)
{
    size_t len;
    char *text;

    (void)state;
    processor("fail");
    assert_int_equal(rig_emit(&rig, "raw \"record\""), CXD_OK);
    text = file_slurp(rig.folder, "dead_letter/dead.ndjson", &len);
    json_lines_check(text, len);
    assert_int_equal(lines_count(text), 1);
    assert_non_null(strstr(text, "\"stage\":\"processor\",\"status\":\"MALFORMED\""));
    assert_non_null(strstr(text, "processor fake: not to its taste"));
    assert_non_null(strstr(text, "\"message\":\"raw \\\"record\\\"\""));
    free(text);
    assert_int_equal(rig_count(&rig, "events_collected_total"), 1);
    assert_int_equal(rig_count(&rig, "events_dead_lettered_total"), 1);
    assert_false(intake_is_broken(rig.intake));
}

static int reject(const char *record)
{
    struct cxd_error why = CXD_ERROR_INIT;
    struct cxd_event *ev = NULL;
    int r = rig.host->event_new(&rig.self, &ev, &why);

    if (r != CXD_OK) {
        return r;
    }
    (void)cxd_error_set(&why, CXD_TOO_LARGE, "line 3 is too long");
    rig.host->event_set_message(ev, (struct cxd_bytes){record, strlen(record)});
    return rig.host->reject(&rig.self, ev, &why);
}

static void test_a_rejected_record_is_kept_with_its_reason(void **state)
{
    char *text;

    (void)state;
    assert_int_equal(reject("head of it"), CXD_OK);
    text = file_slurp(rig.folder, "dead_letter/dead.ndjson", NULL);
    assert_non_null(strstr(text, "\"stage\":\"input\",\"status\":\"TOO_LARGE\","
                                 "\"reason\":\"line 3 is too long\",\"stream\":\"stream-1\""));
    assert_non_null(strstr(text, "\"message\":\"head of it\""));
    free(text);
    assert_int_equal(rig_count(&rig, "events_dead_lettered_total"), 1);
}

static void *stop_soon(void *arg)
{
    char reason[UNIT_REASON_MAX];

    (void)arg;
    while (unit_health_get(&rig.stream, reason) == CXD_HEALTHY) {
        (void)usleep(500);
    }
    assert_non_null(strstr(reason, "is full"));
    atomic_store(&rig.stopping, 1);
    queue_wake(rig.queue);
    return NULL;
}

static void test_a_full_store_holds_the_input_until_it_is_stopped(void **state)
{
    pthread_t thread;
    int64_t collected = 0;
    int r = CXD_OK;
    uint32_t count;

    (void)state;
    assert_int_equal(rig_mark(&rig, 1), CXD_OK);
    assert_int_equal(pthread_create(&thread, NULL, stop_soon, NULL), 0);
    while (r == CXD_OK) {
        r = reject("x");
        collected += r == CXD_OK;
    }
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(r, CXD_FULL);
    assert_true(intake_is_broken(rig.intake));
    assert_int_equal(rig_count(&rig, "events_collected_total"), collected);
    assert_int_equal(rig_count(&rig, "events_dead_lettered_total"), collected);
    assert_int_equal(rig_mark(&rig, 2), CXD_OK); /* goes nowhere: the lost record lies before it */
    intake_flush(rig.intake, 0);
    (void)batch_next(&count);
    assert_int_equal(rig_cursor(&rig), 1);
}

static void test_no_memory_breaks_the_intake_and_stops_its_cursor(void **state)
{
    uint32_t count;

    (void)state;
    fail_batches = 1;
    assert_int_equal(rig_emit(&rig, "lost"), CXD_NOMEM);
    assert_true(intake_is_broken(rig.intake));
    assert_int_equal(rig_count(&rig, "events_collected_total"), 0);
    assert_int_equal(rig_emit(&rig, "behind it"), CXD_OK);
    assert_int_equal(rig_mark(&rig, 7), CXD_OK);
    assert_int_equal(rig_count(&rig, "events_collected_total"), 1);
    intake_restart(rig.intake); /* both come again */
    assert_int_equal(rig_count(&rig, "events_collected_total"), 0);
    assert_false(intake_is_broken(rig.intake));
    intake_flush(rig.intake, 0);
    assert_string_equal(batch_next(&count), "");
    assert_int_equal(rig_cursor(&rig), -1);
    assert_int_equal(rig_emit(&rig, "lost"), CXD_OK);
    assert_int_equal(rig_emit(&rig, "behind it"), CXD_OK);
    assert_int_equal(rig_mark(&rig, 7), CXD_OK);
    intake_flush(rig.intake, 0);
    (void)batch_next(&count);
    assert_int_equal(count, 2);
    assert_int_equal(rig_cursor(&rig), 7);
    assert_int_equal(rig_count(&rig, "events_collected_total"), 2);
}

static void test_a_processor_without_memory_breaks_it_too(void **state)
{
    (void)state;
    processor("nomem");
    assert_int_equal(rig_emit(&rig, "x"), CXD_NOMEM);
    assert_true(intake_is_broken(rig.intake));
    assert_int_equal(rig_count(&rig, "events_dead_lettered_total"), 0);
}

static void test_the_stored_cursor_is_what_the_input_sees(void **state)
{
    (void)state;
    assert_int_equal(cursor_number(rig.host->cursor(&rig.self)), -1);
    intake_set_cursor(rig.intake, cursor_make(5));
    assert_int_equal(cursor_number(rig.host->cursor(&rig.self)), 5);
    intake_set_cursor(rig.intake, (struct cxd_bytes){NULL, 0});
    assert_null(rig.host->cursor(&rig.self).ptr);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(test_events_become_documents_in_batches),
        CASE(test_a_batch_waits_for_its_age),
        CASE(test_the_cursor_is_kept_once_its_events_are_settled),
        CASE(test_a_cursor_that_is_no_document_is_the_inputs_fault),
        CASE(test_discarded_events_are_counted),
        CASE(test_a_failing_processor_buries_the_event),
        CASE(test_a_rejected_record_is_kept_with_its_reason),
        CASE(test_a_full_store_holds_the_input_until_it_is_stopped),
        CASE(test_no_memory_breaks_the_intake_and_stops_its_cursor),
        CASE(test_a_processor_without_memory_breaks_it_too),
        CASE(test_the_stored_cursor_is_what_the_input_sees),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
