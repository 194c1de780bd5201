/* test_send.c: the workers of an output with scripted outcomes: delivered, put off, refused, failed, and stopped in between. */
#include "rig.h"

#include "fake_output.h"
#include "pipeline/send.h"

#include <pthread.h>

static struct rig rig;
static struct sender *sender;
static struct sender_spec spec;

static int setup(void **state)
{
    static const struct rig_spec usual = {
        .queue_bytes = 1 << 20, .batch_bytes = 1 << 16, .dead_bytes = 1200, .is_message_kept = 1};

    (void)state;
    rig_open(&rig, &usual);
    memset(&fake_output, 0, sizeof fake_output);
    sender = NULL;
    spec = (struct sender_spec){.id = "default",
                                .module = &fake_output_module,
                                .queue = rig.queue,
                                .unit = &rig.output,
                                .dead = rig.dead,
                                .workers = 1,
                                .backoff_first_ms = 1,
                                .backoff_max_ms = 4,
                                .host = rig.host,
                                .stopping = &rig.stopping};
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    sender_stop(sender);
    rig_close(&rig);
    return (int)atomic_load(&fake_output.open_now);
}

static void start(fake_send_fn send)
{
    fake_output.send = send;
    assert_int_equal(sender_open(&spec, &sender, NULL), CXD_OK);
    assert_int_equal(sender_start(sender, NULL), CXD_OK);
}

/* One batch of `count` events, and the cursor behind it. */
static void batch_send(int count, int64_t cursor)
{
    for (int i = 0; i < count; i++) {
        char record[32];
        (void)snprintf(record, sizeof record, "event %d", i);
        assert_int_equal(rig_emit(&rig, record), CXD_OK);
    }
    assert_int_equal(rig_mark(&rig, cursor), CXD_OK);
    intake_flush(rig.intake, 0);
}

static int is_event(const struct cxd_doc *doc, int number)
{
    char words[48];

    (void)snprintf(words, sizeof words, "\"message\":\"event %d\"", number);
    return memmem(doc->source.ptr, doc->source.len, words, strlen(words)) != NULL;
}

static int all_delivered(unsigned call, const struct cxd_batch *batch, struct cxd_outcome *out,
                         struct cxd_error *err)
{
    (void)call;
    (void)err;
    for (uint32_t i = 0; i < batch->count; i++) {
        out[i].result = CXD_RESULT_DELIVERED;
    }
    return CXD_OK;
}

static int health(void)
{
    char reason[UNIT_REASON_MAX];

    return unit_health_get(&rig.output, reason);
}

static void health_wait(int wanted, const char *words)
{
    char reason[UNIT_REASON_MAX];

    WAIT_FOR(unit_health_get(&rig.output, reason) == wanted && strstr(reason, words) != NULL);
}

static void test_delivered_batches_move_the_cursor(void **state)
{
    (void)state;
    start(all_delivered);
    batch_send(3, 1);
    batch_send(4, 2);
    WAIT_FOR(queue_is_empty(rig.queue, 10));
    assert_int_equal(rig_cursor(&rig), 2);
    assert_int_equal(rig_count(&rig, "events_delivered_total"), 7);
    assert_int_equal(unit_counter_get(&rig.output, "events_delivered_total"), 7);
    assert_true(rig_count(&rig, "bytes_delivered_total") > 7 * 50);
    assert_int_equal(health(), CXD_HEALTHY);
    batch_send(0, 3); /* a cursor alone asks nothing of the destination */
    WAIT_FOR(rig_cursor(&rig) == 3);
    assert_int_equal(atomic_load(&fake_output.calls), 2);
}

/* Of 6 events: 0 delivered, 1 there already, 2 and 4 put off, 3 refused, 5 a number that is no outcome. */
static int mixed(unsigned call, const struct cxd_batch *batch, struct cxd_outcome *out,
                 struct cxd_error *err)
{
    static const uint32_t first[] = {CXD_RESULT_DELIVERED, CXD_RESULT_DUPLICATE, CXD_RESULT_PENDING,
                                     CXD_RESULT_REJECTED,  CXD_RESULT_PENDING,   77};
    uint64_t bytes = 0;

    (void)err;
    for (uint32_t i = 0; i < batch->count; i++) {
        assert_int_equal(out[i].result, CXD_RESULT_PENDING);
        bytes += batch->docs[i].source.len;
    }
    assert_int_equal(batch->bytes, bytes);
    if (call == 1) {
        assert_int_equal(batch->count, 6);
        for (uint32_t i = 0; i < 6; i++) {
            assert_true(is_event(&batch->docs[i], (int)i));
            out[i].result = first[i];
            out[i].reason = (struct cxd_bytes)CXD_LIT("field [a] is no date");
        }
        return CXD_OK;
    }
    if (call == 2) { /* those put off come alone and in their order */
        assert_int_equal(batch->count, 3);
        assert_true(is_event(&batch->docs[0], 2));
        assert_true(is_event(&batch->docs[1], 4));
        assert_true(is_event(&batch->docs[2], 5));
        out[1].result = CXD_RESULT_DELIVERED;
        return CXD_OK;
    }
    assert_int_equal(batch->count, 2);
    assert_true(is_event(&batch->docs[0], 2));
    assert_true(is_event(&batch->docs[1], 5));
    return all_delivered(call, batch, out, err);
}

static void test_each_outcome_has_its_end(void **state)
{
    char *text;

    (void)state;
    start(mixed);
    batch_send(6, 1);
    WAIT_FOR(queue_is_empty(rig.queue, 10));
    assert_int_equal(atomic_load(&fake_output.calls), 3);
    assert_int_equal(rig_cursor(&rig), 1);
    assert_int_equal(rig_count(&rig, "events_delivered_total"), 5);
    assert_int_equal(rig_count(&rig, "events_duplicate_total"), 1);
    assert_int_equal(rig_count(&rig, "events_dead_lettered_total"), 1);
    text = file_slurp(rig.folder, "dead_letter/dead.ndjson", NULL);
    assert_int_equal(lines_count(text), 1);
    assert_non_null(strstr(text, "\"stage\":\"output\",\"status\":\"REJECTED\","
                                 "\"reason\":\"field [a] is no date\""));
    assert_non_null(strstr(text, "\"message\":\"event 3\""));
    free(text);
    health_wait(CXD_HEALTHY, "");
}

static int fails_thrice(unsigned call, const struct cxd_batch *batch, struct cxd_outcome *out,
                        struct cxd_error *err)
{
    switch (call) {
    case 1:
        return cxd_error_set(err, CXD_CONNECT, "nobody there");
    case 2:
        out[0].result = CXD_RESULT_DELIVERED; /* counts although the call failed */
        (void)cxd_error_set(err, CXD_THROTTLED, "slowly");
        err->retry_after_ms = 150;
        return CXD_THROTTLED;
    case 3:
        assert_int_equal(batch->count, 1);
        return CXD_TIMEOUT; /* without words */
    default:
        return all_delivered(call, batch, out, err);
    }
}

static void test_a_failed_call_is_made_again(void **state)
{
    int64_t start_ms = clock_mono_ms();

    (void)state;
    start(fails_thrice);
    batch_send(2, 1);
    WAIT_FOR(queue_is_empty(rig.queue, 10));
    assert_true(clock_mono_ms() - start_ms >= 149);
    assert_int_equal(atomic_load(&fake_output.calls), 4);
    assert_int_equal(rig_count(&rig, "events_delivered_total"), 2);
    assert_int_equal(rig_cursor(&rig), 1);
}

static int says_nothing(unsigned call, const struct cxd_batch *batch, struct cxd_outcome *out,
                        struct cxd_error *err)
{
    (void)call;
    (void)batch;
    (void)out;
    (void)err;
    return CXD_TIMEOUT;
}

static int no_right(unsigned call, const struct cxd_batch *batch, struct cxd_outcome *out,
                    struct cxd_error *err)
{
    (void)call;
    (void)batch;
    (void)out;
    return cxd_error_set(err, CXD_AUTH, "the key is not accepted");
}

static void test_health_tells_what_is_wrong(void **state)
{
    (void)state;
    start(says_nothing);
    batch_send(1, 1);
    health_wait(CXD_DEGRADED, "time limit reached (no reason given)");
    sender_stop(sender);
    sender = NULL;
    assert_int_equal(rig_cursor(&rig), -1);
    assert_int_equal(queue_held(rig.queue) > 0, 1); /* given back */
}

static void test_what_a_person_must_mend_is_failed(void **state)
{
    (void)state;
    spec.backoff_max_ms = 100000;
    start(no_right);
    batch_send(1, 1);
    health_wait(CXD_FAILED, "the key is not accepted");
    (void)usleep(20000);
    assert_int_equal(atomic_load(&fake_output.calls),
                     1); /* at half the longest wait, not the first */
}

static int all_refused(unsigned call, const struct cxd_batch *batch, struct cxd_outcome *out,
                       struct cxd_error *err)
{
    (void)call;
    (void)err;
    for (uint32_t i = 0; i < batch->count; i++) {
        out[i].result = CXD_RESULT_REJECTED;
        out[i].reason = (struct cxd_bytes)CXD_LIT("no");
    }
    return CXD_OK;
}

static void test_a_full_dead_letter_store_holds_the_batch(void **state)
{
    int64_t buried;

    (void)state;
    start(all_refused);
    batch_send(30, 1);
    health_wait(CXD_DEGRADED, "is full");
    sender_stop(sender);
    sender = NULL;
    buried = rig_count(&rig, "events_dead_lettered_total");
    assert_in_range(buried, 1, 29);
    assert_int_equal(rig_count(&rig, "events_delivered_total"), 0);
    assert_int_equal(rig_cursor(&rig), -1); /* what could not be kept comes again */
}

static atomic_int is_within;

static int within_until_interrupted(unsigned call, const struct cxd_batch *batch,
                                    struct cxd_outcome *out, struct cxd_error *err)
{
    unsigned before;

    (void)call;
    (void)batch;
    out[0].result = CXD_RESULT_DELIVERED;
    atomic_store(&is_within, 1);
    (void)usleep(20000); /* an interrupt in this time is lost on this output */
    before = atomic_load(&fake_output.interrupts);
    while (atomic_load(&fake_output.interrupts) == before) {
        (void)usleep(500);
    }
    return cxd_error_set(err, CXD_STOPPED, "interrupted");
}

static void test_a_stop_in_the_middle_leaves_the_batch_unsettled(void **state)
{
    (void)state;
    atomic_store(&is_within, 0);
    start(within_until_interrupted);
    batch_send(3, 1);
    WAIT_FOR(atomic_load(&is_within));
    sender_stop(sender);
    sender = NULL;
    assert_int_equal(rig_cursor(&rig), -1);
    assert_int_equal(rig_count(&rig, "events_delivered_total"), 1);
    assert_false(queue_is_empty(rig.queue, 0));
}

static void test_a_stop_out_of_a_long_wait(void **state)
{
    int64_t start_ms = clock_mono_ms();

    (void)state;
    spec.backoff_first_ms = 3600000;
    spec.backoff_max_ms = 3600000;
    start(says_nothing);
    batch_send(1, 1);
    WAIT_FOR(health() == CXD_DEGRADED);
    sender_stop(sender);
    sender = NULL;
    assert_true(clock_mono_ms() - start_ms < 10000);
    sender_stop(NULL);
}

/* The first batch hangs until the others have gone through. */
static int first_is_slow(unsigned call, const struct cxd_batch *batch, struct cxd_outcome *out,
                         struct cxd_error *err)
{
    if (is_event(&batch->docs[0], 0) && batch->count == 1) {
        int64_t until_ms = clock_mono_ms() + WAIT_MAX_MS;
        while (atomic_load(&fake_output.documents) < 41 && clock_mono_ms() < until_ms) {
            (void)usleep(500);
        }
        assert_int_equal(rig_cursor(&rig),
                         -1); /* later ones may be settled: no cursor passes this */
    }
    return all_delivered(call, batch, out, err);
}

static void test_several_workers_and_one_order_of_cursors(void **state)
{
    (void)state;
    spec.workers = 3;
    start(first_is_slow);
    batch_send(1, 1);
    for (int i = 2; i <= 21; i++) {
        batch_send(2, i);
    }
    WAIT_FOR(queue_is_empty(rig.queue, 10));
    assert_int_equal(rig_cursor(&rig), 21);
    assert_int_equal(rig_count(&rig, "events_delivered_total"), 41);
}

static void test_one_instance_that_cannot_open_closes_the_others(void **state)
{
    struct cxd_error err = CXD_ERROR_INIT;

    (void)state;
    spec.workers = 4;
    fake_output.open_failures = 3;
    assert_int_equal(sender_open(&spec, &sender, &err), CXD_CONFIG);
    assert_null(sender);
    assert_string_equal(err.text, "output default: hosts: nobody");
    assert_int_equal(atomic_load(&fake_output.open_now), 0);
}

static void test_setup_is_the_modules_when_it_has_one(void **state)
{
    struct cxd_error err = CXD_ERROR_INIT;

    (void)state;
    assert_int_equal(sender_open(&spec, &sender, NULL), CXD_OK);
    assert_int_equal(sender_setup(sender, "logs-a", CXD_LIT("{}"), &err), CXD_OK);
    assert_int_equal(sender_setup(sender, "logs-a", CXD_LIT(""), &err), CXD_IO);
    sender_stop(sender);
    spec.module = &fake_output_old_module;
    assert_int_equal(sender_open(&spec, &sender, NULL), CXD_OK);
    assert_int_equal(sender_setup(sender, "logs-a", CXD_LIT(""), &err), CXD_OK);
    fake_output.send = all_delivered;
    assert_int_equal(sender_start(sender, NULL), CXD_OK);
    queue_close(rig.queue);
}

/* As a change of the policy does it while the output is at work. */
static void test_one_without_a_queue_sets_up_and_ends_beside_another(void **state)
{
    struct sender *apart = NULL;

    (void)state;
    start(all_delivered);
    spec.queue = NULL;
    assert_int_equal(sender_open(&spec, &apart, NULL), CXD_OK);
    assert_int_equal(sender_setup(apart, "logs-a", CXD_LIT("{}"), NULL), CXD_OK);
    sender_stop(apart);
    batch_send(3, 1);
    WAIT_FOR(queue_is_empty(rig.queue, 10));
    assert_int_equal(rig_cursor(&rig), 1);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(test_delivered_batches_move_the_cursor),
        CASE(test_each_outcome_has_its_end),
        CASE(test_a_failed_call_is_made_again),
        CASE(test_health_tells_what_is_wrong),
        CASE(test_what_a_person_must_mend_is_failed),
        CASE(test_a_full_dead_letter_store_holds_the_batch),
        CASE(test_a_stop_in_the_middle_leaves_the_batch_unsettled),
        CASE(test_a_stop_out_of_a_long_wait),
        CASE(test_several_workers_and_one_order_of_cursors),
        CASE(test_one_instance_that_cannot_open_closes_the_others),
        CASE(test_setup_is_the_modules_when_it_has_one),
        CASE(test_one_without_a_queue_sets_up_and_ends_beside_another),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
