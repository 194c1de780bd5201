/* test_spooler.c: inputs, disk and workers together: cursors move when batches are durable, and nothing is lost or twice. */
#include "pipeline/spooler.h"

#include "disk_fault.h"
#include "rig.h"

#include <errno.h>
#include <pthread.h>
#include <sys/stat.h>

struct place {
    struct rig rig;
    struct spooler *spooler;
    char folder[128];
    uint64_t max_bytes;
    size_t next_line;
};

static void disk_start(struct place *p)
{
    const struct spooler_spec spec = {.spool = {.folder = p->folder, .segment_bytes = 1 << 20},
                                      .max_bytes = p->max_bytes,
                                      .queue = p->rig.queue,
                                      .unit = &p->rig.output,
                                      .dead = p->rig.dead,
                                      .flush_ms = 20};
    struct cxd_error err = CXD_ERROR_INIT;

    if (spooler_open(&spec, &p->spooler, &err) != CXD_OK) {
        fail_msg("%s", err.text);
    }
    assert_int_equal(spooler_stream(p->spooler, &p->rig.stream), CXD_OK);
    assert_int_equal(spooler_start(p->spooler, &err), CXD_OK);
}

static void place_open(struct place *p, uint64_t max_bytes)
{
    static const struct rig_spec spec = {
        .queue_bytes = 64 << 10, .batch_bytes = 4096, .dead_bytes = 1 << 20, .is_message_kept = 1};

    *p = (struct place){.max_bytes = max_bytes};
    atomic_store(&disk_write_errno, 0);
    atomic_store(&disk_sync_errno, 0);
    rig_open(&p->rig, &spec);
    (void)snprintf(p->folder, sizeof p->folder, "%s/queue", p->rig.folder);
    disk_start(p);
}

static void place_close(struct place *p)
{
    spooler_free(p->spooler);
    rig_close(&p->rig);
}

/* The agent again, over the same folder. */
static void place_again(struct place *p)
{
    spooler_free(p->spooler);
    queue_free(p->rig.queue);
    p->rig.queue = queue_new(64 << 10, 4096);
    assert_non_null(p->rig.queue);
    disk_start(p);
}

/* Emits numbered records until there are `count`, each batch marked with the number behind it; waits for credit. */
static void emit(struct place *p, unsigned from, unsigned to)
{
    for (unsigned n = from; n < to; n++) {
        char record[400];
        (void)snprintf(record, sizeof record, "record %06u %0300d", n, 0);
        if (n % 16 == 0) {
            while (!queue_credit(p->rig.queue, 1000)) {
            }
        }
        assert_int_equal(rig_emit(&p->rig, record), CXD_OK);
        assert_int_equal(rig_mark(&p->rig, n + 1), CXD_OK);
    }
    intake_flush(p->rig.intake, 0);
}

static unsigned number_of(const struct cxd_doc *doc)
{
    const char *at = memmem(doc->source.ptr, doc->source.len, "record ", 7);
    unsigned number = 0;

    assert_non_null(at);
    for (int i = 0; i < 6; i++) {
        number = number * 10 + (unsigned)(at[7 + i] - '0');
    }
    return number;
}

/* Takes batches until `count` documents came, or some more, in order from `from`; settles them when asked. The next number. */
static unsigned deliver(struct place *p, unsigned from, unsigned count, int is_settled)
{
    struct batch *kept[4096];
    unsigned held = 0;
    unsigned to = from + count;

    while (from < to) {
        struct batch *b = queue_take(p->rig.queue, WAIT_MAX_MS);
        assert_non_null(b);
        assert_ptr_equal(b->stream, &p->rig.stream);
        for (uint32_t i = 0; i < b->count; i++) {
            assert_int_equal(number_of(&b->docs[i]), from);
            assert_int_equal(b->docs[i].index.len, strlen("logs-test.thing-default"));
            from++;
        }
        if (is_settled) {
            queue_settle(p->rig.queue, b);
        } else {
            kept[held++] = b;
        }
    }
    for (unsigned i = held; i > 0; i--) {
        queue_rewind(p->rig.queue, kept[i - 1]);
    }
    return from;
}

static void test_a_cursor_moves_when_the_batch_is_on_the_disk(void **state)
{
    struct place p;

    (void)state;
    place_open(&p, 16 << 20);
    emit(&p, 0, 40);
    assert_true(queue_is_safe(p.rig.queue, WAIT_MAX_MS));
    WAIT_FOR(rig_cursor(&p.rig) == 40);
    assert_false(queue_is_empty(p.rig.queue, 0));
    assert_int_equal(queue_events(p.rig.queue), 40);
    place_again(&p); /* the destination was never there */
    assert_int_equal(queue_events(p.rig.queue), 40);
    (void)deliver(&p, 0, 40, 1);
    assert_true(queue_is_empty(p.rig.queue, WAIT_MAX_MS));
    place_again(&p);
    assert_int_equal(queue_events(p.rig.queue), 0);
    assert_true(queue_is_empty(p.rig.queue, 0));
    place_close(&p);
}

static void test_no_cursor_stands_on_what_the_disk_refused(void **state)
{
    struct place p;
    char reason[UNIT_REASON_MAX];

    (void)state;
    place_open(&p, 16 << 20);
    emit(&p, 0, 8);
    WAIT_FOR(rig_cursor(&p.rig) == 8);
    atomic_store(&disk_write_good, 0);
    atomic_store(&disk_write_errno, ENOSPC);
    emit(&p, 8, 16);
    WAIT_FOR(unit_health_get(&p.rig.output, reason) == CXD_DEGRADED);
    assert_non_null(strstr(reason, "No space"));
    assert_false(queue_is_safe(p.rig.queue, 50));
    assert_int_equal(rig_cursor(&p.rig), 8);
    for (unsigned n = 16; queue_credit(p.rig.queue, 0); n++) { /* bounded by memory */
        assert_true(n < 1000);
        emit(&p, n, n + 1);
    }
    atomic_store(&disk_write_errno, 0);
    WAIT_FOR(queue_is_safe(p.rig.queue, 100));
    WAIT_FOR(unit_health_get(&p.rig.output, reason) == CXD_HEALTHY);
    WAIT_FOR(rig_cursor(&p.rig) > 16);
    (void)deliver(&p, 0, (unsigned)rig_cursor(&p.rig), 1);
    assert_true(queue_is_empty(p.rig.queue, WAIT_MAX_MS));
    place_close(&p);
}

static void test_a_sync_that_fails_keeps_the_cursor_and_loses_nothing(void **state)
{
    struct place p;
    char reason[UNIT_REASON_MAX];

    (void)state;
    place_open(&p, 16 << 20);
    atomic_store(&disk_sync_errno, EIO);
    emit(&p, 0, 30);
    WAIT_FOR(unit_health_get(&p.rig.output, reason) == CXD_DEGRADED);
    assert_int_equal(rig_cursor(&p.rig), -1);
    atomic_store(&disk_sync_errno, 0);
    WAIT_FOR(rig_cursor(&p.rig) == 30);
    (void)deliver(&p, 0, 30, 1);
    assert_true(queue_is_empty(p.rig.queue, WAIT_MAX_MS));
    place_close(&p);
}

struct producer {
    struct place *p;
    unsigned to;
};

static void *produce(void *arg)
{
    struct producer *work = arg;

    emit(work->p, 0, work->to);
    return NULL;
}

/* 20,000 documents are 8 MB: memory holds 64 KiB of them. */
static void test_what_memory_has_no_room_for_is_read_back_in_order(void **state)
{
    struct place p;
    struct producer work = {&p, 20000};
    pthread_t thread;
    unsigned at;

    (void)state;
    place_open(&p, 32 << 20);
    assert_int_equal(pthread_create(&thread, NULL, produce, &work), 0);
    at = deliver(&p, 0, 3000, 1); /* side by side */
    assert_int_equal(pthread_join(thread, NULL), 0);
    WAIT_FOR(rig_cursor(&p.rig) == 20000);
    at = deliver(&p, at, 7000, 1);
    place_again(&p);
    assert_int_equal(deliver(&p, at, 20000 - at, 1), 20000);
    assert_true(queue_is_empty(p.rig.queue, WAIT_MAX_MS));
    WAIT_FOR(queue_held(p.rig.queue) < 1 << 20); /* segments are gone but for the open one */
    assert_int_equal(unit_counter_get(&p.rig.output, "queue_events_lost_total"), 0);
    place_close(&p);
}

static void test_a_full_queue_gives_no_credit_until_segments_go(void **state)
{
    struct place p;
    unsigned count = 0;

    (void)state;
    place_open(&p, 4 << 20);
    while (count < 100000) {
        if (!queue_credit(p.rig.queue, 0) && queue_is_safe(p.rig.queue, WAIT_MAX_MS) &&
            !queue_credit(p.rig.queue, 100)) {
            break;
        }
        emit(&p, count, count + 1);
        count++;
    }
    assert_true(count < 100000);
    assert_in_range(queue_held(p.rig.queue), 3 << 20, 4 << 20);
    (void)deliver(&p, 0, count, 1);
    assert_true(queue_credit(p.rig.queue, WAIT_MAX_MS));
    place_close(&p);
}

static void test_what_was_taken_and_not_settled_comes_again(void **state)
{
    struct place p;

    (void)state;
    place_open(&p, 16 << 20);
    emit(&p, 0, 60);
    (void)deliver(&p, 0, 60, 0);
    place_again(&p);
    (void)deliver(&p, 0, 60, 1);
    assert_true(queue_is_empty(p.rig.queue, WAIT_MAX_MS));
    place_close(&p);
}

/* One worker holds the oldest while another goes through more batches than the window has. */
static void test_one_slow_batch_holds_the_place_and_memory_stays_bounded(void **state)
{
    struct place p;
    struct batch *oldest;
    unsigned seen = 0;

    (void)state;
    place_open(&p, 32 << 20);
    for (unsigned n = 0; n < 6000; n++) {
        while (!queue_credit(p.rig.queue, 1000)) {
        }
        emit(&p, n, n + 1);
    }
    oldest = queue_take(p.rig.queue, WAIT_MAX_MS);
    assert_non_null(oldest);
    for (;;) {
        struct batch *b = queue_take(p.rig.queue, 500);
        if (b == NULL) {
            break;
        }
        seen++;
        queue_settle(p.rig.queue, b);
    }
    assert_in_range(seen, 4000, 4096);
    queue_settle(p.rig.queue, oldest);
    (void)deliver(&p, seen + 1, 6000 - seen - 1, 1);
    assert_true(queue_is_empty(p.rig.queue, WAIT_MAX_MS));
    place_close(&p);
}

static void test_streams_of_an_earlier_policy_keep_their_name(void **state)
{
    struct place p;
    struct batch *b;

    (void)state;
    place_open(&p, 16 << 20);
    emit(&p, 0, 3);
    assert_true(queue_is_safe(p.rig.queue, WAIT_MAX_MS));
    WAIT_FOR(rig_cursor(&p.rig) == 3);
    p.rig.stream.id = "renamed";
    place_again(&p);
    b = queue_take(p.rig.queue, WAIT_MAX_MS);
    assert_non_null(b);
    assert_string_equal(b->stream->id, "stream-1");
    unit_count(b->stream, "events_delivered_total", 3);
    assert_int_equal(spooler_count(p.spooler, "events_delivered_total"), 3);
    queue_settle(p.rig.queue, b);
    place_close(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_cursor_moves_when_the_batch_is_on_the_disk),
        cmocka_unit_test(test_no_cursor_stands_on_what_the_disk_refused),
        cmocka_unit_test(test_a_sync_that_fails_keeps_the_cursor_and_loses_nothing),
        cmocka_unit_test(test_what_memory_has_no_room_for_is_read_back_in_order),
        cmocka_unit_test(test_a_full_queue_gives_no_credit_until_segments_go),
        cmocka_unit_test(test_what_was_taken_and_not_settled_comes_again),
        cmocka_unit_test(test_one_slow_batch_holds_the_place_and_memory_stays_bounded),
        cmocka_unit_test(test_streams_of_an_earlier_policy_keep_their_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
