/* test_registry_store.c: cursors in a store that others write as well: versions, losing, failures, forgetting. */
#include "rig.h"

#include "cxd/module.h"
#include "io/doc.h"

struct shelf { /* of one document */
    struct buf content;
    int64_t sequence; /* -1: none */
    int reads;
    int writes;
    int status; /* the next calls fail with it; 0 */
};

static struct shelf shelf;

static int shelf_read(void *owner, const char *id, struct buf *cursor,
                      struct cxd_version *ret_version, struct cxd_error *err)
{
    struct shelf *s = owner;

    (void)id;
    s->reads++;
    if (s->status != 0) {
        return cxd_error_set(err, s->status, "away");
    }
    *ret_version = (struct cxd_version){s->sequence, s->sequence < 0 ? -1 : 1};
    return buf_add(cursor, s->content.ptr, s->content.len);
}

static int shelf_write(void *owner, const char *id, struct cxd_bytes cursor,
                       struct cxd_version *version, struct cxd_error *err)
{
    struct shelf *s = owner;

    (void)id;
    s->writes++;
    if (s->status != 0) {
        return cxd_error_set(err, s->status, "away");
    }
    if (version->sequence != s->sequence) {
        return cxd_error_set(err, CXD_EXISTS, "another version");
    }
    buf_clear(&s->content);
    s->sequence++;
    *version = (struct cxd_version){s->sequence, 1};
    return buf_add(&s->content, cursor.ptr, cursor.len);
}

static int setup(void **state)
{
    (void)state;
    shelf = (struct shelf){.sequence = -1};
    buf_init(&shelf.content, 1u << 20);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    buf_done(&shelf.content);
    return 0;
}

static struct registry *registry_new(void)
{
    const struct registry_store store = {.read = shelf_read, .write = shelf_write, .owner = &shelf};
    struct registry *r = NULL;

    assert_int_equal(registry_open_store(&store, 3600000, NULL, &r, NULL), CXD_OK);
    return r;
}

static int64_t get(struct registry *r)
{
    struct cxd_bytes cursor = {NULL, 0};
    int64_t number;

    assert_int_equal(registry_get(r, "s", &cursor, NULL), CXD_OK);
    number = cursor.len > 0 ? cursor_number(cursor) : -1;
    free((void *)(uintptr_t)cursor.ptr);
    return number;
}

static void put(struct registry *r, int64_t number)
{
    assert_int_equal(registry_put(r, "s", cursor_make(number)), CXD_OK);
}

static void test_one_run_after_the_other(void **state)
{
    struct registry *r = registry_new();

    (void)state;
    assert_int_equal(get(r), -1);
    put(r, 1);
    assert_int_equal(registry_flush(r, NULL), CXD_OK);
    put(r, 2);
    assert_int_equal(registry_flush(r, NULL), CXD_OK);
    registry_close(r);
    assert_int_equal(shelf.sequence, 1);
    r = registry_new();
    assert_int_equal(get(r), 2);
    assert_int_equal(get(r), 2);
    assert_int_equal(shelf.reads, 2); /* each registry asks once */
    put(r, 3);
    assert_int_equal(registry_flush(r, NULL), CXD_OK);
    assert_int_equal(registry_flush(r, NULL), CXD_OK); /* nothing new: nothing written */
    assert_true(shelf.writes <= 4); /* the keeper may have written the same before us */
    assert_int_equal(shelf.sequence, 2);
    registry_close(r);
}

static void test_the_second_of_two_loses(void **state)
{
    struct registry *one = registry_new();
    struct registry *two = registry_new();

    (void)state;
    assert_int_equal(get(one), -1);
    assert_int_equal(get(two), -1);
    put(one, 1);
    assert_int_equal(registry_flush(one, NULL), CXD_OK);
    put(two, 7);
    assert_int_equal(registry_flush(two, NULL), CXD_OK);
    assert_true(registry_is_lost(two, "s"));
    assert_true(registry_is_lost(two, NULL));
    assert_false(registry_is_lost(one, NULL));
    put(two, 8); /* it is not written any more, whatever comes */
    assert_int_equal(registry_flush(two, NULL), CXD_OK);
    assert_int_equal(shelf.sequence, 0);
    put(one, 2);
    assert_int_equal(registry_flush(one, NULL), CXD_OK);
    assert_int_equal(shelf.sequence, 1);
    registry_close(two);
    registry_close(one);
}

static void test_failures_are_tried_again(void **state)
{
    struct registry *r = registry_new();
    struct cxd_bytes cursor = {NULL, 0};

    (void)state;
    shelf.status = CXD_CONNECT;
    assert_int_equal(registry_get(r, "s", &cursor, NULL), CXD_CONNECT);
    shelf.status = 0;
    assert_int_equal(get(r), -1);
    shelf.status = CXD_CONNECT;
    put(r, 5);
    assert_int_equal(registry_flush(r, NULL), CXD_CONNECT);
    shelf.status = 0;
    assert_int_equal(registry_flush(r, NULL), CXD_OK);
    assert_int_equal(shelf.sequence, 0);
    assert_false(registry_is_lost(r, NULL));
    registry_close(r);
}

static void test_what_is_damaged_is_no_cursor(void **state)
{
    struct registry *r = registry_new();
    struct cxd_bytes cursor = {NULL, 0};

    (void)state;
    assert_int_equal(buf_add(&shelf.content, "damaged", 7), CXD_OK);
    shelf.sequence = 3;
    assert_int_equal(registry_get(r, "s", &cursor, NULL), CXD_CORRUPT);
    registry_close(r);
}

static void test_forgetting_is_written(void **state)
{
    struct registry *r = registry_new();

    (void)state;
    assert_int_equal(get(r), -1);
    put(r, 1);
    assert_int_equal(registry_flush(r, NULL), CXD_OK);
    assert_int_equal(registry_drop(r, "s"), CXD_OK);
    assert_int_equal(registry_flush(r, NULL), CXD_OK);
    assert_int_equal(shelf.content.len, 0);
    registry_close(r);
    r = registry_new();
    assert_int_equal(get(r), -1);
    registry_close(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_one_run_after_the_other, setup, teardown),
        cmocka_unit_test_setup_teardown(test_the_second_of_two_loses, setup, teardown),
        cmocka_unit_test_setup_teardown(test_failures_are_tried_again, setup, teardown),
        cmocka_unit_test_setup_teardown(test_what_is_damaged_is_no_cursor, setup, teardown),
        cmocka_unit_test_setup_teardown(test_forgetting_is_written, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
