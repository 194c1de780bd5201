/* test_queue.c: bytes bounded, order kept, nothing lost between threads. */
#include "pipeline/queue.h"
#include "pipeline/queue_age.h"

#include "base/clock.h"

#include "test.h"

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

/* A batch of this many bytes. */
static struct batch *batch_of(struct queue *q, size_t len, char mark)
{
    struct batch *b = queue_batch(q);

    assert_non_null(b);
    assert_int_equal(buf_reserve(&b->text, len), 0);
    memset(b->text.ptr, mark, len);
    b->text.len = len;
    return b;
}

static char take_mark(struct queue *q, struct batch **ret_batch)
{
    *ret_batch = queue_take(q, 0);
    return *ret_batch != NULL ? (*ret_batch)->text.ptr[0] : '-';
}

static void test_first_in_first_out(void **state)
{
    struct queue *q = queue_new(10000, 100);
    struct batch *b;

    (void)state;
    queue_push(q, batch_of(q, 10, 'a'));
    queue_push(q, batch_of(q, 10, 'b'));
    queue_push(q, batch_of(q, 10, 'c'));
    for (const char *wanted = "abc"; *wanted != '\0'; wanted++) {
        assert_int_equal(take_mark(q, &b), *wanted);
        queue_settle(q, b);
    }
    assert_int_equal(take_mark(q, &b), '-');
    queue_free(q);
}

static void test_what_is_taken_stays_counted_until_settled(void **state)
{
    struct queue *q = queue_new(1000, 400);
    struct batch *one;
    struct batch *two;

    (void)state;
    assert_true(queue_credit(q, 0));
    queue_push(q, batch_of(q, 400, 'a'));
    assert_true(queue_credit(q, 0));
    queue_push(q, batch_of(q, 400, 'b'));
    assert_false(queue_credit(q, 0));
    assert_int_equal(take_mark(q, &one), 'a');
    assert_int_equal(take_mark(q, &two), 'b');
    assert_int_equal(queue_held(q), 800);
    assert_false(queue_credit(q, 0));
    assert_false(queue_is_empty(q, 0));
    queue_settle(q, two);
    assert_int_equal(queue_held(q), 400);
    assert_true(queue_credit(q, 0));
    assert_false(queue_is_empty(q, 0));
    queue_settle(q, one);
    assert_int_equal(queue_held(q), 0);
    assert_true(queue_is_empty(q, 0));
    queue_free(q);
}

static void test_a_batch_above_the_limit_passes_an_empty_queue(void **state)
{
    struct queue *q = queue_new(1000, 2000);
    struct batch *b;

    (void)state;
    assert_true(queue_credit(q, 0));
    queue_push(q, batch_of(q, 50000, 'x'));
    assert_false(queue_credit(q, 0));
    assert_int_equal(take_mark(q, &b), 'x');
    assert_false(queue_credit(q, 0));
    queue_settle(q, b); /* far above the usual size: its memory is not kept */
    assert_true(queue_credit(q, 0));
    queue_free(q);
}

static void test_rewound_goes_to_the_front(void **state)
{
    struct queue *q = queue_new(10000, 100);
    struct batch *b;

    (void)state;
    queue_push(q, batch_of(q, 10, 'a'));
    queue_push(q, batch_of(q, 10, 'b'));
    assert_int_equal(take_mark(q, &b), 'a');
    queue_rewind(q, b);
    assert_int_equal(queue_held(q), 20);
    assert_int_equal(take_mark(q, &b), 'a');
    queue_settle(q, b);
    assert_int_equal(take_mark(q, &b), 'b');
    queue_rewind(q, b); /* into the empty queue: first and last */
    queue_push(q, batch_of(q, 10, 'c'));
    assert_int_equal(take_mark(q, &b), 'b');
    queue_settle(q, b);
    assert_int_equal(take_mark(q, &b), 'c');
    queue_settle(q, b);
    assert_true(queue_is_empty(q, 0));
    queue_free(q);
}

static void test_a_closed_queue_gives_nothing_and_keeps_all(void **state)
{
    struct queue *q = queue_new(10000, 100);

    (void)state;
    queue_push(q, batch_of(q, 10, 'a'));
    queue_close(q);
    assert_null(queue_take(q, -1));
    assert_int_equal(queue_held(q), 10);
    queue_free(q); /* with what is in it */
    queue_free(NULL);
}

static atomic_uint batches_made;

struct batch *__real_batch_new(size_t limit);
struct batch *__wrap_batch_new(size_t limit);

struct batch *__wrap_batch_new(size_t limit)
{
    atomic_fetch_add(&batches_made, 1);
    return __real_batch_new(limit);
}

static void test_the_steady_state_makes_no_batch(void **state)
{
    static const size_t sizes[] = {100, 1000, 65536, 100000, 1 << 20, 3 << 20};

    (void)state;
    for (size_t s = 0; s < COUNT(sizes); s++) {
        struct queue *q = queue_new(8 << 20, sizes[s]);
        atomic_store(&batches_made, 0);
        for (int i = 0; i < 20; i++) {
            struct batch *b;
            queue_push(q, batch_of(q, sizes[s] + 50, 'a')); /* full, and the event that filled it */
            assert_int_equal(take_mark(q, &b), 'a');
            assert_int_equal(b->count, 0);
            queue_settle(q, b);
        }
        assert_int_equal(atomic_load(&batches_made), 1);
        queue_free(q);
    }
}

struct waiter {
    struct queue *q;
    atomic_int is_in;
    atomic_int result;
};

static void *wait_credit(void *arg)
{
    struct waiter *w = arg;

    atomic_store(&w->is_in, 1);
    atomic_store(&w->result, queue_credit(w->q, WAIT_MAX_MS));
    return NULL;
}

static void *wait_pause(void *arg)
{
    struct waiter *w = arg;

    atomic_store(&w->is_in, 1);
    queue_pause(w->q, WAIT_MAX_MS);
    return NULL;
}

static void *wait_take(void *arg)
{
    struct waiter *w = arg;

    atomic_store(&w->is_in, 1);
    atomic_store(&w->result, queue_take(w->q, -1) != NULL);
    return NULL;
}

static void *wait_empty(void *arg)
{
    struct waiter *w = arg;

    atomic_store(&w->is_in, 1);
    atomic_store(&w->result, queue_is_empty(w->q, WAIT_MAX_MS));
    return NULL;
}

static pthread_t waiter_start(struct waiter *w, struct queue *q, void *(*run)(void *))
{
    pthread_t thread;

    *w = (struct waiter){.q = q};
    atomic_store(&w->result, -1);
    assert_int_equal(pthread_create(&thread, NULL, run, w), 0);
    WAIT_FOR(atomic_load(&w->is_in));
    (void)usleep(2000); /* most likely within the wait by now; the result is the same if not */
    return thread;
}

static void test_waits_end_when_their_reason_comes(void **state)
{
    struct queue *q = queue_new(100, 100);
    struct waiter w;
    struct batch *b;
    pthread_t thread;
    int64_t start_ms = clock_mono_ms();

    (void)state;
    queue_push(q, batch_of(q, 100, 'a'));
    thread = waiter_start(&w, q, wait_credit);
    assert_int_equal(take_mark(q, &b), 'a');
    queue_settle(q, b);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(atomic_load(&w.result), 1);

    queue_push(q, batch_of(q, 100, 'a'));
    thread = waiter_start(&w, q, wait_empty);
    assert_int_equal(take_mark(q, &b), 'a');
    queue_settle(q, b);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(atomic_load(&w.result), 1);

    thread = waiter_start(&w, q, wait_take);
    queue_close(q);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(atomic_load(&w.result), 0);
    assert_true(clock_mono_ms() - start_ms < WAIT_MAX_MS / 2);
    queue_free(q);
}

static void test_a_wake_ends_waits_for_credit_without_giving_it(void **state)
{
    struct queue *q = queue_new(100, 100);
    struct waiter w;
    pthread_t thread;

    (void)state;
    queue_push(q, batch_of(q, 100, 'a'));
    thread = waiter_start(&w, q, wait_credit);
    do {
        queue_wake(q); /* again, in case the thread was not waiting yet */
        (void)usleep(500);
    } while (atomic_load(&w.result) < 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(atomic_load(&w.result), 0);
    thread = waiter_start(&w, q, wait_pause);
    while (pthread_tryjoin_np(thread, NULL) != 0) {
        queue_wake(q);
        (void)usleep(500);
    }
    queue_free(q);
}

#define PRODUCERS 3
#define CONSUMERS 3
#define EACH 2000

static struct queue *shared;
static atomic_int seen[PRODUCERS][EACH];
static atomic_size_t most_held;

static void *produce(void *arg)
{
    uint32_t number = (uint32_t)(uintptr_t)arg;

    for (uint32_t i = 0; i < EACH; i++) {
        struct batch *b;
        while (!queue_credit(shared, 100)) {
        }
        b = batch_of(shared, 64 + i % 64, 'p');
        b->count = number;
        b->opened_ms = i;
        queue_push(shared, b);
    }
    return NULL;
}

static void *consume(void *arg)
{
    struct batch *b;
    unsigned turn = 0;

    (void)arg;
    while ((b = queue_take(shared, -1)) != NULL) {
        size_t held = queue_held(shared);
        size_t most = atomic_load(&most_held);
        while (held > most && !atomic_compare_exchange_weak(&most_held, &most, held)) {
        }
        if (++turn % 7 == 0) {
            queue_rewind(shared, b);
            continue;
        }
        (void)atomic_fetch_add(&seen[b->count][b->opened_ms], 1);
        queue_settle(shared, b);
    }
    return NULL;
}

static void test_every_batch_comes_through_once_between_threads(void **state)
{
    pthread_t producers[PRODUCERS];
    pthread_t consumers[CONSUMERS];

    (void)state;
    shared = queue_new(4096, 128);
    for (uintptr_t i = 0; i < CONSUMERS; i++) {
        assert_int_equal(pthread_create(&consumers[i], NULL, consume, NULL), 0);
    }
    for (uintptr_t i = 0; i < PRODUCERS; i++) {
        assert_int_equal(pthread_create(&producers[i], NULL, produce, (void *)i), 0);
    }
    for (int i = 0; i < PRODUCERS; i++) {
        assert_int_equal(pthread_join(producers[i], NULL), 0);
    }
    WAIT_FOR(queue_is_empty(shared, 100));
    queue_close(shared);
    for (int i = 0; i < CONSUMERS; i++) {
        assert_int_equal(pthread_join(consumers[i], NULL), 0);
    }
    for (int p = 0; p < PRODUCERS; p++) {
        for (int i = 0; i < EACH; i++) {
            assert_int_equal(atomic_load(&seen[p][i]), 1);
        }
    }
    /* each producer may have seen the same credit at once */
    assert_true(atomic_load(&most_held) <= 4096 + (PRODUCERS - 1) * 128);
    assert_int_equal(queue_held(shared), 0);
    queue_free(shared);
}

static void test_lag_is_the_age_of_the_oldest_that_is_not_settled(void **state)
{
    struct queue *q = queue_new(10000, 100);
    struct batch *b[3];

    (void)state;
    assert_int_equal(queue_lag_ms(q, 1000), 0);
    for (int i = 0; i < 3; i++) {
        b[i] = batch_of(q, 10, 'a');
        b[i]->opened_ms = 100 * (i + 1);
        queue_push(q, b[i]);
    }
    assert_int_equal(queue_lag_ms(q, 1000), 900);
    for (int i = 0; i < 3; i++) {
        assert_ptr_equal(queue_take(q, 0), b[i]);
    }
    queue_settle(q, b[1]);
    assert_int_equal(queue_lag_ms(q, 1000), 900);
    queue_rewind(q, b[0]);
    assert_int_equal(queue_lag_ms(q, 1000), 900);
    assert_ptr_equal(queue_take(q, 0), b[0]);
    queue_settle(q, b[0]);
    assert_int_equal(queue_lag_ms(q, 1000), 700);
    queue_settle(q, b[2]);
    assert_int_equal(queue_lag_ms(q, 1000), 0);
    queue_free(q);
}

/* Any run of documents and deliveries: never younger than it is, and older by no more than what the marks leave open. */
static void test_marks_of_a_disk_never_make_it_younger(void **state)
{
    static int64_t opened[4000];
    struct queue_age age = {.count = 0};
    uint64_t done = 0;
    int64_t now = 0;

    (void)state;
    srand(7);
    for (uint64_t i = 0; i < 4000; i++) {
        int64_t told;
        now += rand() % 700;
        opened[i] = now;
        queue_age_note(&age, i + 1, now);
        done += done < i && rand() % 3 == 0 ? (uint64_t)rand() % (i - done) / 50 : 0;
        told = queue_age_oldest(&age, done);
        assert_true(told >= 0 && told <= opened[done]);
        assert_true(opened[done] - told <= 1000 + 4 * (now - told) / (AGE_MARKS - 1));
    }
    assert_int_equal(queue_age_oldest(&age, 4000), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lag_is_the_age_of_the_oldest_that_is_not_settled),
        cmocka_unit_test(test_marks_of_a_disk_never_make_it_younger),
        cmocka_unit_test(test_first_in_first_out),
        cmocka_unit_test(test_what_is_taken_stays_counted_until_settled),
        cmocka_unit_test(test_a_batch_above_the_limit_passes_an_empty_queue),
        cmocka_unit_test(test_rewound_goes_to_the_front),
        cmocka_unit_test(test_a_closed_queue_gives_nothing_and_keeps_all),
        cmocka_unit_test(test_the_steady_state_makes_no_batch),
        cmocka_unit_test(test_waits_end_when_their_reason_comes),
        cmocka_unit_test(test_a_wake_ends_waits_for_credit_without_giving_it),
        cmocka_unit_test(test_every_batch_comes_through_once_between_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
