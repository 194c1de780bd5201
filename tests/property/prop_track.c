/*
 * prop_track.c: whatever order batches settle in, the cursor kept is that of the longest settled run from the oldest, no batch
 * comes back twice, and none is lost. The seed is printed; PROP_SEED=n repeats a run.
 */
#include "../unit/pipeline/rig.h"

#include <time.h>

#define ROUNDS 400
#define BATCHES_MAX 40

static uint64_t random_state;

static unsigned below(unsigned limit)
{
    random_state = random_state * 6364136223846793005ull + 1442695040888963407ull;
    return (unsigned)(random_state >> 33) % limit;
}

struct round {
    struct batch *batches[BATCHES_MAX];
    int64_t cursors[BATCHES_MAX]; /* 0: none */
    int is_settled[BATCHES_MAX];
    int is_back[BATCHES_MAX];
    int count;
    int added;
};

static void batch_send(struct rig *rig, struct round *r)
{
    struct batch *b = queue_batch(rig->queue);
    int i = r->added++;

    assert_non_null(b);
    r->batches[i] = b;
    r->cursors[i] = below(3) > 0 ? 1000 + i : 0;
    if (r->cursors[i] > 0) {
        struct cxd_bytes cursor = cursor_make(r->cursors[i]);
        assert_int_equal(buf_add(&b->cursor, cursor.ptr, cursor.len), 0);
    }
    track_add(rig->track, b);
}

static void batch_arrive(struct rig *rig, struct round *r, int64_t before)
{
    int64_t wanted = before;
    struct batch *back;
    int i;

    do {
        i = (int)below((unsigned)r->added);
    } while (r->is_settled[i]);
    r->is_settled[i] = 1;
    back = track_settle(rig->track, r->batches[i]);
    for (int k = 0; k < r->added && r->is_settled[k]; k++) {
        wanted = r->cursors[k] > 0 ? r->cursors[k] : wanted;
        if (!r->is_back[k]) { /* it comes back now, in order */
            assert_ptr_equal(back, r->batches[k]);
            back = back->track_next;
            r->is_back[k] = 1;
        }
    }
    assert_null(back);
    assert_int_equal(rig_cursor(rig), wanted);
}

static int is_done(const struct round *r)
{
    for (int i = 0; i < r->added; i++) {
        if (!r->is_settled[i]) {
            return 0;
        }
    }
    return 1;
}

static void test_the_cursor_is_that_of_the_longest_settled_prefix(void **state)
{
    const char *seed = getenv("PROP_SEED");
    struct rig rig;

    (void)state;
    random_state = seed != NULL ? strtoull(seed, NULL, 10) : (uint64_t)time(NULL);
    print_message("seed %llu\n", (unsigned long long)random_state);
    rig_open(&rig, NULL);
    for (int n = 0; n < ROUNDS; n++) {
        struct round r = {.count = 1 + (int)below(BATCHES_MAX)};
        int64_t before = rig_cursor(&rig);
        while (r.added < r.count || !is_done(&r)) {
            if (r.added < r.count && (is_done(&r) || below(2) == 0)) {
                batch_send(&rig, &r);
            } else {
                batch_arrive(&rig, &r, before);
            }
        }
        for (int i = 0; i < r.count; i++) {
            assert_true(r.is_back[i]);
            batch_free(r.batches[i]);
        }
    }
    rig_close(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_cursor_is_that_of_the_longest_settled_prefix),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
