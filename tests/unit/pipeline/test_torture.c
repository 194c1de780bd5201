/*
 * test_torture.c: the n-th allocation fails, for every n, on the way of an event and in what is kept on disk: a clean error, no
 * leak (AddressSanitizer looks), nothing counted that is not there, and all of it there once memory is back.
 */
#include "rig.h"

#include "../io/starve.h"
#include "base/log.h"
#include "fake_output.h"
#include "fake_processor.h"
#include "io/doc.h"
#include "pipeline/send.h"

#define EVENTS 40

static struct rig rig;

static const struct rig_spec small = {
    .queue_bytes = 1 << 20, .batch_bytes = 400, .dead_bytes = 1 << 20, .is_message_kept = 1};

/* Settles what waits; the documents in it. */
static unsigned drain(void)
{
    unsigned documents = 0;
    struct batch *b;

    while ((b = queue_take(rig.queue, 0)) != NULL) {
        struct batch *run;
        documents += b->count;
        run = track_settle(b->track, b);
        while (run != NULL) {
            struct batch *next = run->track_next;
            queue_settle(rig.queue, run);
            run = next;
        }
    }
    return documents;
}

static int reject(int number)
{
    struct cxd_error why = CXD_ERROR_INIT;
    struct cxd_event *ev = NULL;
    char record[64];
    int r = rig.host->event_new(&rig.self, &ev, &why);

    if (r != CXD_OK) {
        return r;
    }
    (void)cxd_error_set(&why, CXD_MALFORMED, "record %d", number);
    (void)snprintf(record, sizeof record, "{\"n\": %d", number);
    rig.host->event_set_message(ev, (struct cxd_bytes){record, strlen(record)});
    return rig.host->reject(&rig.self, ev, &why);
}

/* As an input: from event `from` on to the end, every seventh rejected; stops at the first failure. The next to send. */
static int events_send(int from)
{
    for (int i = from; i < EVENTS; i++) {
        char record[1024];
        int r;
        (void)snprintf(record, sizeof record, "{\"n\":%d,\"text\":\"%0*d\\u00e4\"}", i,
                       1 + i % 50 * 7, i);
        r = i % 7 == 6 ? reject(i) : rig_emit(&rig, record);
        if (r == CXD_OK && i % 5 == 4) {
            struct cxd_builder *b = doc_new();
            struct cxd_scalar n = doc_int(i + 1);
            r = b != NULL ? doc_put(b, "n", &n) : CXD_NOMEM;
            r = r == CXD_OK ? rig.host->mark(&rig.self, doc_bytes(b), NULL) : r;
            doc_free(b);
        }
        if (r != CXD_OK) {
            assert_int_equal(r, CXD_NOMEM);
            return i;
        }
    }
    return EVENTS;
}

static void test_the_way_of_an_event(void **state)
{
    int has_failed = 1;
    int broken = 0;

    (void)state;
    for (int n = 1; has_failed; n++) {
        unsigned documents;
        int64_t cursor;
        rig_open(&rig, &small);
        assert_int_equal(chain_add(intake_chain(rig.intake), &fake_processor_module,
                                   fake_processor_options("keep", "p"), &intake_processor_ops,
                                   rig.intake, NULL),
                         CXD_OK);
        starve_at(n);
        (void)events_send(0);
        has_failed = starve_happened();
        starve_at(0);
        if (intake_is_broken(rig.intake)) {
            broken++;
            intake_restart(rig.intake);
        }
        intake_flush(rig.intake, 0);
        documents = drain();
        cursor = rig_cursor(&rig);
        cursor = cursor < 0 ? 0 : cursor;
        /* no cursor stands behind an event that is not safe */
        assert_true(documents + (unsigned)rig_count(&rig, "events_dead_lettered_total") >=
                    (unsigned)cursor);
        assert_int_equal(rig_count(&rig, "events_collected_total"),
                         documents + rig_count(&rig, "events_dead_lettered_total"));
        assert_int_equal(events_send((int)cursor), EVENTS); /* memory is back */
        intake_flush(rig.intake, 0);
        documents += drain();
        assert_int_equal(rig_cursor(&rig), EVENTS);
        assert_true(documents >= EVENTS - EVENTS / 7);
        rig_close(&rig);
    }
    assert_true(broken > 3);
    assert_int_equal(fake_processor_open_count, 0);
}

static int64_t stored(struct registry *r, const char *id)
{
    struct cxd_bytes cursor = {NULL, 0};
    int64_t number;

    assert_int_equal(registry_get(r, id, &cursor, NULL), CXD_OK);
    number = cursor_number(cursor);
    free((void *)cursor.ptr);
    return number;
}

/* Opens, puts two cursors, reads one, writes. The first failure. */
static int registry_work(const char *folder, const struct cxd_bytes cursors[2],
                         struct cxd_error *err)
{
    struct registry *r = NULL;
    struct cxd_bytes copy = {NULL, 0};
    int status = registry_open(folder, 3600000, NULL, &r, err);

    if (status != CXD_OK) {
        assert_null(r);
        return status;
    }
    status = registry_put(r, "one", cursors[0]);
    status = status != CXD_OK ? status : registry_put(r, "new", cursors[1]);
    status = status != CXD_OK ? status : registry_get(r, "two", &copy, err);
    free((void *)copy.ptr);
    (void)registry_flush(r, err); /* also after a failure: what is there must be writable */
    registry_close(r);
    return status;
}

static void test_the_registry(void **state)
{
    char cursor_one[64];
    char cursor_new[64];
    struct cxd_bytes cursors[2];
    int has_failed = 1;
    int failures = 0;

    (void)state;
    cursors[0] = cursor_make(11);
    memcpy(cursor_one, cursors[0].ptr, cursors[0].len);
    cursors[0].ptr = cursor_one;
    cursors[1] = cursor_make(33);
    memcpy(cursor_new, cursors[1].ptr, cursors[1].len);
    cursors[1].ptr = cursor_new;
    for (int n = 1; has_failed; n++) {
        struct cxd_error err = CXD_ERROR_INIT;
        struct registry *r = NULL;
        char folder[64];
        int status;
        folder_make(folder);
        assert_int_equal(registry_open(folder, 3600000, NULL, &r, NULL), CXD_OK);
        assert_int_equal(registry_put(r, "one", cursor_make(1)), CXD_OK);
        assert_int_equal(registry_put(r, "two", cursor_make(2)), CXD_OK);
        assert_int_equal(registry_flush(r, NULL), CXD_OK);
        registry_close(r);
        starve_at(n);
        status = registry_work(folder, cursors, &err);
        has_failed = starve_happened();
        starve_at(0);
        assert_true(status == CXD_OK || status == CXD_NOMEM);
        failures += status != CXD_OK;
        assert_int_equal(registry_open(folder, 3600000, NULL, &r, NULL), CXD_OK);
        assert_true(stored(r, "one") == 1 || stored(r, "one") == 11);
        assert_int_equal(stored(r, "two"), 2);
        assert_true(stored(r, "new") == -1 || stored(r, "new") == 33);
        if (!has_failed) {
            assert_int_equal(stored(r, "one"), 11);
            assert_int_equal(stored(r, "new"), 33);
        }
        registry_close(r);
        folder_remove(folder);
    }
    assert_true(failures > 3);
}

static void test_the_dead_letters(void **state)
{
    static char big[100000];
    struct dead_letter letter = {.stage = "input",
                                 .stream = "s",
                                 .data_stream = CXD_LIT("logs-a-b"),
                                 .status = CXD_MALFORMED,
                                 .reason = CXD_LIT("because"),
                                 .fields = CXD_LIT("{\"a\":1}")};
    int has_failed = 1;

    (void)state;
    memset(big, 'b', sizeof big);
    for (int n = 1; has_failed; n++) {
        struct cxd_error err = CXD_ERROR_INIT;
        struct dead *dead = NULL;
        char folder[64];
        size_t put = 0;
        size_t len = 0;
        char *text;
        int r;
        folder_make(folder);
        starve_at(n);
        r = dead_open(folder, 1 << 24, &dead, &err);
        for (int i = 0; i < 4 && dead != NULL; i++) {
            letter.message = (struct cxd_bytes){big, 1u << (i * 5)};
            r = dead_put(dead, &letter, &err);
            put += r == CXD_OK;
            assert_true(r == CXD_OK || (r == CXD_NOMEM && err.text[0] != '\0'));
        }
        has_failed = starve_happened();
        starve_at(0);
        assert_true(dead != NULL || (r == CXD_NOMEM && err.text[0] != '\0'));
        if (dead != NULL) {
            assert_int_equal(dead_put(dead, &letter, NULL), CXD_OK);
            text = file_slurp(folder, "dead_letter/dead.ndjson", &len);
            json_lines_check(text, len);
            assert_int_equal(lines_count(text), put + 1);
            free(text);
            assert_int_equal(put, has_failed ? 3 : 4);
        }
        dead_close(dead);
        folder_remove(folder);
    }
}

static int starve_number; /* in the worker's thread, from its first call on */

static int refuse_every_third(unsigned call, const struct cxd_batch *batch, struct cxd_outcome *out,
                              struct cxd_error *err)
{
    (void)err;
    for (uint32_t i = 0; i < batch->count; i++) {
        out[i].result = i % 3 == 2 ? CXD_RESULT_REJECTED : CXD_RESULT_DELIVERED;
        out[i].reason = (struct cxd_bytes)CXD_LIT("no");
    }
    if (call == 1) {
        starve_at(starve_number);
    }
    return CXD_OK;
}

static void test_the_workers(void **state)
{
    (void)state;
    for (starve_number = 1; starve_number <= 3; starve_number++) {
        struct sender_spec spec = {.id = "default",
                                   .module = &fake_output_module,
                                   .unit = &rig.output,
                                   .workers = 1,
                                   .backoff_first_ms = 1,
                                   .backoff_max_ms = 4,
                                   .host = NULL,
                                   .stopping = &rig.stopping};
        struct sender *sender = NULL;
        char *text;
        rig_open(&rig, &small);
        memset(&fake_output, 0, sizeof fake_output);
        fake_output.send = refuse_every_third;
        spec.queue = rig.queue;
        spec.dead = rig.dead;
        spec.host = rig.host;
        assert_int_equal(sender_open(&spec, &sender, NULL), CXD_OK);
        for (int i = 0; i < 3;
             i++) { /* batches of growing numbers, so that the worker must grow, too */
            for (int k = 0; k < 1 + i; k++) {
                assert_int_equal(rig_emit(&rig, "x"), CXD_OK);
            }
            assert_int_equal(rig_mark(&rig, i + 1), CXD_OK);
            intake_flush(rig.intake, 0);
        }
        assert_int_equal(sender_start(sender, NULL), CXD_OK);
        WAIT_FOR(queue_is_empty(rig.queue, 10));
        sender_stop(sender);
        assert_int_equal(rig_count(&rig, "events_delivered_total"), 5);
        assert_int_equal(rig_count(&rig, "events_dead_lettered_total"), 1);
        assert_in_range(rig_cursor(&rig), 1,
                        3); /* a cursor without memory waits for the next one */
        text = file_slurp(rig.folder, "dead_letter/dead.ndjson", NULL);
        assert_int_equal(lines_count(text), 1);
        free(text);
        rig_close(&rig);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_way_of_an_event),
        cmocka_unit_test(test_the_registry),
        cmocka_unit_test(test_the_dead_letters),
        cmocka_unit_test(test_the_workers),
    };
    log_setup(STDERR_FILENO, CXD_LOG_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
