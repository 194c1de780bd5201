/*
 * test_cursor.c: the law of the cursor under random buckets: late arrivals, older times, overwriting, deletion, unfinished
 * objects, restarts at any point, a mark that moves.
 */
#include "cursor_doc.h"
#include "test.h"

#include <stdio.h>

#include "io/doc.h"

#define MODEL_MAX 400

struct model_object {
    char name[24];
    int64_t generation;
    uint32_t created_s;
    bool present;
    bool finished;
};

struct model {
    struct cursor cursor;
    struct model_object objects[MODEL_MAX];
    size_t count;
    int64_t now_s;
    int64_t generation;
    size_t soft_max;
    bool any_time;          /* created at any time, not when it appears */
    size_t refused_entries; /* most entries that done ever had */
};

static uint32_t chance(uint32_t below)
{
    return fake_random(below);
}

static void model_appear(struct model *m)
{
    struct model_object *o;
    uint32_t number = chance(60);

    if (m->count == MODEL_MAX) {
        return;
    }
    o = &m->objects[m->count++];
    (void)snprintf(o->name, sizeof o->name, "o%02u", number);
    for (size_t i = 0; i + 1 < m->count; i++) { /* an overwrite ends the older generation */
        if (m->objects[i].present && strcmp(m->objects[i].name, o->name) == 0) {
            m->objects[i].present = false;
        }
    }
    o->generation = ++m->generation;
    o->created_s = (uint32_t)(m->any_time ? 1000000 + (int64_t)chance(900000) : m->now_s);
    o->present = true;
}

static int order(const void *a, const void *b)
{
    return strcmp(((const struct model_object *)a)->name, ((const struct model_object *)b)->name);
}

static struct object listed(const struct model_object *o)
{
    return (struct object){.name = bytes_of(o->name),
                           .generation = o->generation,
                           .size = 1,
                           .created_s = o->created_s};
}

/* A listing, and a random part of the work it finds. */
static void model_pass(struct model *m)
{
    struct cursor_pass pass = {.began_s = m->now_s, .soft_max = m->soft_max, .settle_s = 3600};
    struct model_object *todo[MODEL_MAX];
    struct cursor_open *opens[MODEL_MAX];
    size_t todo_count = 0;
    size_t work;

    qsort(m->objects, m->count, sizeof m->objects[0], order);
    cursor_pass_begin(&m->cursor);
    for (size_t i = 0; i < m->count; i++) {
        struct model_object *o = &m->objects[i];
        struct object object = listed(o);
        struct cursor_open *open = NULL;
        int class;

        if (!o->present) {
            continue;
        }
        class = cursor_classify(&m->cursor, &object, true, m->now_s * 1000, &open);
        if (o->finished) {
            assert_int_equal(class, CURSOR_DONE); /* never twice */
            continue;
        }
        assert_true(class == CURSOR_NEW || class == CURSOR_GO_ON); /* never passed over */
        if (class == CURSOR_NEW && (!pass.has_waiting || o->created_s < pass.waiting_oldest_s)) {
            pass.has_waiting = true;
            pass.waiting_oldest_s = o->created_s;
        }
        todo[todo_count] = o;
        opens[todo_count++] = open;
    }
    assert_true(cursor_pass_end(&m->cursor, &pass) >= 0);
    m->refused_entries =
        m->cursor.done.count > m->refused_entries ? m->cursor.done.count : m->refused_entries;
    for (work = chance((uint32_t)todo_count + 1); work > 0; work--) {
        size_t at = chance((uint32_t)todo_count);
        struct object object = listed(todo[at]);

        if (opens[at] == NULL) {
            assert_int_equal(cursor_begin(&m->cursor, &object, &opens[at]), 0);
        }
        opens[at]->offset += 10;
        if (chance(3) > 0) { /* the others stay half-way */
            assert_int_equal(cursor_finish(&m->cursor, opens[at]), 0);
            todo[at]->finished = true;
            todo[at] = todo[--todo_count];
            opens[at] = opens[todo_count];
        }
    }
}

static void model_restart(struct model *m)
{
    struct cxd_builder *b = doc_new();
    struct cursor *read;
    size_t count;
    struct cxd_bytes doc;

    assert_int_equal(cursor_doc_write(&fake_heap, b, &m->cursor, 1, &doc), 0);
    assert_int_equal(cursor_doc_read(&fake_heap, doc, &read, &count, NULL), 0);
    assert_int_equal(count, 1);
    assert_int_equal(read[0].done.count, m->cursor.done.count);
    assert_int_equal(read[0].open_count, m->cursor.open_count);
    assert_int_equal(read[0].mark_s, m->cursor.mark_s);
    read[0].lookback_s = m->cursor.lookback_s;
    cursor_done(&m->cursor);
    m->cursor = read[0];
    read[0].heap = NULL;
    cursor_doc_free(&fake_heap, read, count);
    doc_free(b);
}

static void model_run(uint64_t seed, bool any_time, size_t soft_max)
{
    struct model *m = calloc(1, sizeof *m);

    assert_non_null(m);
    fake_reset();
    fake.chance = seed;
    m->now_s = 2000000;
    m->any_time = any_time;
    m->soft_max = soft_max;
    assert_int_equal(cursor_init(&m->cursor, &fake_heap, CXD_LIT("b"), CXD_LIT("")), 0);
    for (int step = 0; step < 300; step++) {
        m->now_s += chance(900);
        for (uint32_t n = chance(4); n > 0; n--) {
            model_appear(m);
        }
        if (chance(3) == 0 && m->count > 0) {
            m->objects[chance((uint32_t)m->count)].present = false;
        }
        model_pass(m);
        if (chance(3) == 0) {
            model_restart(m);
        }
    }
    for (int i = 0; i < 200; i++) { /* all there is gets done */
        model_pass(m);
    }
    for (size_t i = 0; i < m->count; i++) {
        assert_true(!m->objects[i].present || m->objects[i].finished);
    }
    if (!any_time && soft_max < 50) {
        assert_true(m->cursor.mark_s > 0); /* the mark moved, and no entry is kept twice */
    }
    if (any_time) {
        assert_int_equal(m->cursor.mark_s, -1); /* exact: nothing was folded */
    }
    assert_true(m->cursor.done.count <= 60 + 1);
    cursor_done(&m->cursor);
    free(m);
    assert_int_equal(fake.live, 0);
}

static void test_any_order_and_time(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        model_run(seed, true, 8192);
    }
}

static void test_folded_into_the_mark(void **state)
{
    (void)state;
    for (uint64_t seed = 100; seed <= 160; seed++) {
        model_run(seed, false, 8);
    }
}

/* Thousands of objects through a small exact part: the state stays small, an object is taken once. */
static void test_state_is_bounded(void **state)
{
    struct cursor c;
    struct cursor_open *open;
    size_t most = 0;

    (void)state;
    assert_int_equal(cursor_init(&c, &fake_heap, CXD_LIT("b"), CXD_LIT("p/")), 0);
    for (uint32_t round = 0; round < 40; round++) {
        struct cursor_pass pass = {
            .began_s = 1000000 + (int64_t)round * 4000 + 4000, .soft_max = 512, .settle_s = 3600};

        cursor_pass_begin(&c);
        for (uint32_t n = 0; n <= round * 100 + 99; n++) { /* nothing is ever deleted */
            char name[32];
            struct object o = {.generation = 1, .created_s = 1000000 + n * 40};
            int class;

            (void)snprintf(name, sizeof name, "p/%08x", n * 2654435761u); /* names without order */
            o.name = bytes_of(name);
            class = cursor_classify(&c, &o, true, 0, &open);
            assert_int_equal(class, n < round * 100 ? CURSOR_DONE : CURSOR_NEW);
            if (class == CURSOR_NEW) {
                assert_int_equal(cursor_begin(&c, &o, &open), 0);
            }
        }
        assert_true(cursor_pass_end(&c, &pass) >= 0);
        while (c.open != NULL) {
            assert_int_equal(cursor_finish(&c, c.open), 0);
        }
        most = c.done.count > most ? c.done.count : most;
    }
    assert_true(most <= 512 + 100 + 90); /* soft limit, one round, one settling time */
    cursor_done(&c);
    assert_int_equal(fake.live, 0);
}

static void test_waiting_object_holds_the_mark(void **state)
{
    struct cursor c;
    struct cursor_pass pass = {.began_s = 9000000, .soft_max = 2, .settle_s = 3600};
    struct cursor_open *open;

    (void)state;
    assert_int_equal(cursor_init(&c, &fake_heap, CXD_LIT("b"), CXD_LIT("")), 0);
    for (uint32_t i = 0; i < 10; i++) {
        char name[8];
        struct object o = {.generation = 1, .created_s = 100 + i};

        (void)snprintf(name, sizeof name, "%u", i);
        o.name = bytes_of(name);
        assert_int_equal(cursor_begin(&c, &o, &open), 0);
        assert_int_equal(cursor_finish(&c, open), 0);
    }
    pass.has_waiting = true;
    pass.waiting_oldest_s = 105;
    assert_int_equal(cursor_pass_end(&c, &pass), 1);
    assert_int_equal(c.mark_s, 104);
    assert_int_equal(c.done.count, 5);
    cursor_done(&c);
}

static void test_lookback_moves_the_start(void **state)
{
    struct cursor c;
    struct cursor_open *open = NULL;
    const struct cursor_pass pass = {.began_s = 9000000, .soft_max = 100, .settle_s = 3600};

    (void)state;
    assert_int_equal(cursor_init(&c, &fake_heap, CXD_LIT("b"), CXD_LIT("")), 0);
    c.lookback_s = 100;
    for (int round = 0; round < 3; round++) {
        cursor_pass_begin(&c);
        for (uint32_t i = 0; i < 10; i++) {
            char name[8];
            struct object o = {.generation = 1, .created_s = 1000 + i * 50};
            int class;

            (void)snprintf(name, sizeof name, "n%u", i);
            o.name = bytes_of(name);
            if (round > 0 && strcmp(name, c.start.len > 0 ? c.start.ptr : "") < 0) {
                assert_int_equal(cursor_classify(&c, &o, true, 0, &open), CURSOR_DONE);
                continue;
            }
            class = cursor_classify(&c, &o, true, 0, &open);
            if (class == CURSOR_NEW &&
                i != 4) { /* n4 is filtered on its way and stays unfinished */
                assert_int_equal(cursor_begin(&c, &o, &open), 0);
            }
        }
        assert_true(cursor_pass_end(&c, &pass) >= 0);
        while (c.open != NULL) {
            assert_int_equal(cursor_finish(&c, c.open), 0);
        }
    }
    assert_string_equal(c.start.ptr, "n4"); /* unfinished: it holds the start, though it is old */
    cursor_done(&c);
}

static void test_overwritten_half_way_starts_over(void **state)
{
    struct cursor c;
    struct cursor_open *open;
    struct object o = {.name = CXD_LIT("x"), .generation = 1, .created_s = 5};

    (void)state;
    assert_int_equal(cursor_init(&c, &fake_heap, CXD_LIT("b"), CXD_LIT("")), 0);
    assert_int_equal(cursor_begin(&c, &o, &open), 0);
    open->offset = 77;
    cursor_pass_begin(&c);
    assert_int_equal(cursor_classify(&c, &o, true, 0, &open), CURSOR_GO_ON);
    assert_int_equal(open->offset, 77);
    assert_int_equal(cursor_classify(&c, &o, true, 0, &open), CURSOR_LATER); /* listed twice */
    cursor_pass_begin(&c);
    o.generation = 2;
    assert_int_equal(cursor_classify(&c, &o, true, 0, &open), CURSOR_NEW);
    assert_int_equal(c.open_count, 0);
    cursor_done(&c);
}

static void put_int(struct cxd_builder *b, const char *name, int64_t number)
{
    assert_int_equal(doc_put(b, name, &(struct cxd_scalar){.type = CXD_INT, .number = number}), 0);
}

static void test_foreign_documents_are_refused(void **state)
{
    struct cxd_builder *b = doc_new();
    struct cursor *read;
    size_t count;
    struct cxd_error err = CXD_ERROR_INIT;

    (void)state;
    put_int(b, "v", CURSOR_VERSION + 1);
    assert_int_equal(cursor_doc_read(&fake_heap, doc_bytes(b), &read, &count, &err),
                     CXD_UNSUPPORTED);
    assert_non_null(strstr(err.text, "newer version"));
    doc_reset(b);
    put_int(b, "v", 0);
    assert_int_equal(cursor_doc_read(&fake_heap, doc_bytes(b), &read, &count, &err), CXD_CORRUPT);
    doc_reset(b);
    put_int(b, "v", 1);
    assert_int_equal(cursor_doc_read(&fake_heap, doc_bytes(b), &read, &count, &err), CXD_CORRUPT);
    doc_push(b, "buckets", 1);
    doc_push(b, "", 0);
    put_int(b, "name", 1);
    doc_pop(b);
    doc_pop(b);
    assert_int_equal(cursor_doc_read(&fake_heap, doc_bytes(b), &read, &count, &err), CXD_CORRUPT);
    doc_free(b);
    assert_int_equal(cursor_doc_read(&fake_heap, (struct cxd_bytes){NULL, 0}, &read, &count, &err),
                     0);
    assert_int_equal(count, 0);
    assert_int_equal(fake.live, 0);
}

static void test_each_allocation_may_fail(void **state)
{
    struct cursor c;
    struct cxd_builder *b = doc_new();
    struct cxd_bytes doc;

    (void)state;
    assert_int_equal(cursor_init(&c, &fake_heap, CXD_LIT("b"), CXD_LIT("")), 0);
    for (uint32_t i = 0; i < 300; i++) {
        char name[8];
        struct object o = {.generation = 1, .created_s = i};
        struct cursor_open *open;

        (void)snprintf(name, sizeof name, "%u", i);
        o.name = bytes_of(name);
        assert_int_equal(cursor_begin(&c, &o, &open), 0);
        if (i > 3) {
            assert_int_equal(cursor_finish(&c, open), 0);
        }
    }
    assert_int_equal(cursor_doc_write(&fake_heap, b, &c, 1, &doc), 0);
    cursor_done(&c);
    for (uint64_t n = 1;; n++) {
        struct cursor *read = NULL;
        size_t count = 0;
        int status;

        fake.allocations = 0;
        fake.fail_at = n;
        status = cursor_doc_read(&fake_heap, doc, &read, &count, NULL);
        if (fake.allocations < n) {
            assert_int_equal(status, 0);
            fake.fail_at = 0;
            cursor_doc_free(&fake_heap, read, count);
            break;
        }
        assert_int_equal(status, CXD_NOMEM);
        assert_int_equal(fake.live, 0);
    }
    assert_int_equal(fake.live, 0);
    doc_free(b);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_any_order_and_time, test_clean),
        cmocka_unit_test_setup(test_folded_into_the_mark, test_clean),
        cmocka_unit_test_setup(test_state_is_bounded, test_clean),
        cmocka_unit_test_setup(test_waiting_object_holds_the_mark, test_clean),
        cmocka_unit_test_setup(test_lookback_moves_the_start, test_clean),
        cmocka_unit_test_setup(test_overwritten_half_way_starts_over, test_clean),
        cmocka_unit_test_setup(test_foreign_documents_are_refused, test_clean),
        cmocka_unit_test_setup(test_each_allocation_may_fail, test_clean),
    };

    return cmocka_run_group_tests_name("gcs cursor", tests, NULL, NULL);
}
