/* test_track.c: what the prefix law does not say: memory at the end, cursors that cannot be kept. */
#include "rig.h"

static struct batch *sent(struct rig *rig, int64_t cursor)
{
    struct batch *b = batch_new(1000);
    struct cxd_bytes doc = cursor_make(cursor);

    assert_non_null(b);
    assert_int_equal(buf_add(&b->cursor, doc.ptr, doc.len), 0);
    track_add(rig->track, b);
    return b;
}

static void test_settled_behind_an_open_one_goes_with_the_track(void **state)
{
    struct rig rig;
    struct batch *first;

    (void)state;
    rig_open(&rig, NULL);
    first = sent(&rig, 1);
    assert_null(track_settle(rig.track, sent(&rig, 2)));
    assert_null(track_settle(rig.track, sent(&rig, 3)));
    assert_int_equal(rig_cursor(&rig), -1);
    track_free(rig.track); /* leaks show at the end of the process */
    rig.track = NULL;
    batch_free(first);
    rig_close(&rig);
}

static void test_a_cursor_that_is_no_document_leaves_the_one_before(void **state)
{
    struct rig rig;
    struct batch *b;

    (void)state;
    rig_open(&rig, NULL);
    b = sent(&rig, 1);
    batch_free(track_settle(rig.track, b));
    b = sent(&rig, 2);
    memcpy(b->cursor.ptr, "garbage", 7);
    batch_free(track_settle(rig.track, b));
    assert_int_equal(rig_cursor(&rig), 1);
    assert_int_equal(registry_flush(rig.registry, NULL), CXD_OK);
    rig_close(&rig);
}

static void test_lag_is_the_age_of_the_oldest_that_is_open(void **state)
{
    struct rig rig;
    struct batch *first;
    struct batch *second;

    (void)state;
    rig_open(&rig, NULL);
    assert_int_equal(track_lag_ms(rig.track, 5000), 0);
    first = sent(&rig, 1);
    first->opened_ms = 1000;
    second = sent(&rig, 2);
    second->opened_ms = 3000;
    assert_int_equal(track_lag_ms(rig.track, 5000), 4000);
    assert_int_equal(track_lag_ms(rig.track, 500), 0); /* a clock's step is no age */
    assert_null(track_settle(rig.track, second));
    assert_int_equal(track_lag_ms(rig.track, 5000), 4000);
    for (struct batch *b = track_settle(rig.track, first); b != NULL;) {
        struct batch *next = b->track_next;
        batch_free(b);
        b = next;
    }
    assert_int_equal(track_lag_ms(rig.track, 5000), 0);
    rig_close(&rig);
}

static int64_t marks_made(struct rig *rig)
{
    int64_t made;

    (void)rig->host->marks_true(&rig->self, &made);
    return made;
}

static int64_t marks_true(struct rig *rig)
{
    int64_t made;

    return rig->host->marks_true(&rig->self, &made);
}

/* Hands over what is open; the batch, as a worker gets it. */
static struct batch *taken(struct rig *rig)
{
    intake_flush(rig->intake, 0);
    return queue_take(rig->queue, 0);
}

/* What a worker does when all its documents have arrived. */
static void settled(struct rig *rig, struct batch *b)
{
    struct batch *run = track_settle(rig->track, b);

    while (run != NULL) {
        struct batch *next = run->track_next;

        queue_settle(rig->queue, run);
        run = next;
    }
}

static void test_a_mark_is_true_when_all_before_it_is_settled(void **state)
{
    struct rig rig;
    struct batch *first, *second;

    (void)state;
    rig_open(&rig, NULL);
    assert_int_equal(marks_true(&rig), 0);
    assert_int_equal(rig_mark(&rig, 1), 0);
    assert_int_equal(rig_mark(&rig, 2), 0); /* takes over the one before */
    first = taken(&rig);
    assert_int_equal(rig_mark(&rig, 3), 0);
    second = taken(&rig);
    assert_int_equal(marks_made(&rig), 3);
    assert_int_equal(marks_true(&rig), 0);
    settled(&rig, second);
    assert_int_equal(marks_true(&rig), 0); /* the older one is not safe */
    settled(&rig, first);
    assert_int_equal(marks_true(&rig), 3);
    rig_close(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lag_is_the_age_of_the_oldest_that_is_open),
        cmocka_unit_test(test_settled_behind_an_open_one_goes_with_the_track),
        cmocka_unit_test(test_a_mark_is_true_when_all_before_it_is_settled),
        cmocka_unit_test(test_a_cursor_that_is_no_document_leaves_the_one_before),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
