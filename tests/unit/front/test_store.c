/* test_store.c: the keystore file: what goes in comes out, and only whole and with its key. */
#include "front/keystore/store.h"
#include "io/file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
/* cmocka wants these before it */
#include <cmocka.h>
#include <unistd.h>

#define PATH "test_store.keystore"

static const struct seal_key key = {.bytes = {1, 2, 3}, .mark = {9}};

static struct cxd_bytes text(const char *t)
{
    return (struct cxd_bytes){t, strlen(t)};
}

static void test_round(void **state)
{
    struct cxd_error err = CXD_ERROR_INIT;
    struct cxd_bytes value;
    struct store s;
    struct store back;

    (void)state;
    store_init(&s);
    assert_int_equal(store_put(&s, text("A"), text("first"), &err), CXD_OK);
    assert_int_equal(store_put(&s, text("B.c-d_e"), text("two\nlines"), &err), CXD_OK);
    assert_int_equal(store_put(&s, text("A"), text("third"), &err), CXD_OK);
    assert_int_equal(store_save(PATH, &key, &s, &err), CXD_OK);
    store_done(&s);
    assert_int_equal(store_open(PATH, &key, &back, &err), CXD_OK);
    assert_int_equal(store_find(&back, text("A"), &value), 1);
    assert_int_equal(value.len, 5);
    assert_memory_equal(value.ptr, "third", 5);
    assert_int_equal(store_find(&back, text("B.c-d_e"), &value), 1);
    assert_memory_equal(value.ptr, "two\nlines", value.len);
    assert_int_equal(store_find(&back, text("B"), &value), 0);
    assert_int_equal(store_remove(&back, text("A"), &err), CXD_OK);
    assert_int_equal(store_remove(&back, text("A"), &err), CXD_NOT_FOUND);
    assert_int_equal(store_find(&back, text("B.c-d_e"), &value), 1);
    store_done(&back);
}

/* Every byte of the file counts, and so does each that is missing. */
static void test_tampered(void **state)
{
    struct cxd_error err = CXD_ERROR_INIT;
    struct buf file;
    struct store s;

    (void)state;
    store_init(&s);
    assert_int_equal(store_put(&s, text("NAME"), text("the value"), &err), CXD_OK);
    assert_int_equal(store_save(PATH, &key, &s, &err), CXD_OK);
    store_done(&s);
    buf_init(&file, 4096);
    assert_int_equal(file_read(PATH, &file, NULL, &err), CXD_OK);
    for (size_t i = 0; i < file.len; i++) {
        file.ptr[i] ^= 1;
        assert_int_equal(file_replace(PATH, (struct cxd_bytes){file.ptr, file.len}, 0600, &err), 0);
        file.ptr[i] ^= 1;
        assert_int_equal(store_open(PATH, &key, &s, &err), CXD_CORRUPT);
        assert_int_equal(file_replace(PATH, (struct cxd_bytes){file.ptr, i}, 0600, &err), 0);
        assert_int_equal(store_open(PATH, &key, &s, &err), CXD_CORRUPT);
    }
    buf_done(&file);
}

static void test_limits(void **state)
{
    static char large[STORE_VALUE_MAX + 1];
    struct cxd_error err = CXD_ERROR_INIT;
    char name[32];
    struct store s;

    (void)state;
    memset(large, 'x', sizeof large);
    store_init(&s);
    assert_int_equal(store_put(&s, text(""), text("value"), &err), CXD_INVALID);
    assert_int_equal(store_put(&s, text("a b"), text("value"), &err), CXD_INVALID);
    assert_int_equal(store_put(&s, text("env.A"), text("value"), &err), CXD_INVALID);
    assert_int_equal(store_put(&s, text("A"), text(""), &err), CXD_INVALID);
    assert_int_equal(store_put(&s, text("A"), (struct cxd_bytes){"a\0b", 3}, &err), CXD_INVALID);
    assert_int_equal(store_put(&s, text("A"), (struct cxd_bytes){large, sizeof large}, &err),
                     CXD_TOO_LARGE);
    assert_int_equal(store_put(&s, text("A"), (struct cxd_bytes){large, STORE_VALUE_MAX}, &err), 0);
    for (int i = 1; i < STORE_ENTRIES_MAX; i++) {
        (void)snprintf(name, sizeof name, "n%d", i);
        assert_int_equal(store_put(&s, text(name), text("v"), &err), CXD_OK);
    }
    assert_int_equal(store_put(&s, text("more"), text("v"), &err), CXD_TOO_LARGE);
    assert_int_equal(store_put(&s, text("n7"), text("w"), &err), CXD_OK);
    store_done(&s);
}

static int file_gone(void **state)
{
    (void)state;
    (void)unlink(PATH);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_round, file_gone),
        cmocka_unit_test_teardown(test_tampered, file_gone),
        cmocka_unit_test(test_limits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
