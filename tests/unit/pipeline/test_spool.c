/* test_spool.c: what is on the disk comes back as it was: restarts, keys, disks that are full or fail. */
#include "spool_rig.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

static void test_comes_back_over_segments_and_a_restart(void **state)
{
    struct spool *s = spool_open_ok();

    (void)state;
    spool_put(s, 0, 100, 50);
    assert_true(spool_segments(NULL) > 3);
    for (int i = 0; i < 30; i++) {
        assert_int_equal(spool_get(s, 50), i);
    }
    spool_put(s, 100, 110, 50); /* while it is read */
    for (int i = 30; i < 110; i++) {
        assert_int_equal(spool_get(s, 50), i);
    }
    assert_int_equal(spool_get(s, 50), -1);
    assert_true(spool_is_read(s));
    spool_put(s, 110, 120, 50);
    spool_close(s);
    s = spool_open_ok(); /* nothing was settled: all of it again */
    assert_int_equal(spool_end(s).seq, 120);
    for (int i = 0; i < 120; i++) {
        assert_int_equal(spool_get(s, 50), i);
    }
    assert_int_equal(spool_get(s, 50), -1);
    assert_int_equal(spool_losses(s)->events, 0);
    spool_close(s);
}

static void test_what_is_settled_goes_and_does_not_come_again(void **state)
{
    struct cxd_error err = CXD_ERROR_INIT;
    struct spool *s = spool_open_ok();
    uint64_t bytes;

    (void)state;
    spool_put(s, 0, 100, 50);
    bytes = spool_bytes(s);
    assert_int_equal(spool_settle(s, (struct batch_place){60, 180}, &err), CXD_OK);
    assert_true(spool_bytes(s) < bytes / 2 + 4096);
    spool_close(s);
    s = spool_open_ok();
    assert_int_equal(spool_settled(s).seq, 60);
    assert_int_equal(spool_settled(s).events, 180);
    for (int i = 60; i < 100; i++) {
        assert_int_equal(spool_get(s, 50), i);
    }
    assert_int_equal(spool_get(s, 50), -1);
    assert_int_equal(spool_settle(s, spool_end(s), &err), CXD_OK);
    assert_int_equal(spool_bytes(s), 0);
    spool_put(s, 100, 101, 50);
    assert_int_equal(spool_get(s, 50), 100);
    assert_int_equal(spool_end(s).events, 301);
    spool_close(s);
}

static void test_a_lost_place_sends_all_that_is_there_again(void **state)
{
    struct cxd_error err = CXD_ERROR_INIT;
    struct spool *s = spool_open_ok();
    char path[128];
    int first;

    (void)state;
    spool_put(s, 0, 100, 50);
    assert_int_equal(spool_settle(s, (struct batch_place){60, 180}, &err), CXD_OK);
    spool_close(s);
    (void)snprintf(path, sizeof path, "%s/place.bson", spool_folder);
    assert_int_equal(truncate(path, 20), 0);
    s = spool_open_ok();
    first = spool_get(s, 50);
    assert_true(first > 0 && first <= 60); /* of the oldest segment */
    for (int i = first + 1; i < 100; i++) {
        assert_int_equal(spool_get(s, 50), i);
    }
    assert_int_equal(spool_losses(s)->events, 0);
    spool_close(s);
}

/* A disk without room for the place: what is settled as a whole makes room, and the rest comes back from where it begins. */
static void test_a_place_that_cannot_be_saved_still_lets_settled_segments_go(void **state)
{
    struct cxd_error err = CXD_ERROR_INIT;
    struct spool *s = spool_open_ok();
    unsigned before;
    char path[128];
    int first;

    (void)state;
    spool_put(s, 0, 100, 50);
    before = spool_segments(NULL);
    (void)snprintf(path, sizeof path, "%s/place.bson.new", spool_folder);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_true(spool_settle(s, (struct batch_place){60, 180}, &err) < 0);
    assert_true(spool_segments(NULL) < before);
    assert_int_equal(spool_settled(s).seq, 0);
    spool_close(s);
    s = spool_open_ok();
    first = spool_get(s, 50);
    assert_true(first > 0 && first <= 60); /* of the oldest segment that is left */
    for (int i = first + 1; i < 100; i++) {
        assert_int_equal(spool_get(s, 50), i);
    }
    assert_int_equal(spool_losses(s)->events, 0);
    assert_int_equal(rmdir(path), 0);
    assert_int_equal(spool_settle(s, spool_end(s), &err), CXD_OK);
    spool_close(s);
}

static void test_a_batch_of_many_parts(void **state)
{
    struct spool *s = spool_open_ok();

    (void)state;
    spool_put(s, 4, 5, 6 << 20); /* five documents of 6 MiB */
    spool_put(s, 5, 6, 10);
    spool_close(s);
    s = spool_open_ok();
    assert_int_equal(spool_get(s, 6 << 20), 4);
    assert_int_equal(spool_get(s, 10), 5);
    assert_int_equal(spool_get(s, 10), -1);
    spool_close(s);
}

static struct seal_key key_of(char letter)
{
    char path[128];
    struct seal_key key;
    struct cxd_error err = CXD_ERROR_INIT;
    int fd;

    (void)snprintf(path, sizeof path, "%s/key", spool_folder);
    (void)unlink(path);
    fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    for (int i = 0; i < 64; i++) {
        assert_int_equal(write(fd, &letter, 1), 1);
    }
    (void)close(fd);
    if (seal_key_read(path, &key, &err) != CXD_OK) {
        fail_msg("%s", err.text);
    }
    return key;
}

static void assert_no_text(const char *path, unsigned number)
{
    size_t len;
    char *text = file_slurp(spool_folder, path + strlen(spool_folder) + 1, &len);

    (void)number;
    assert_null(memmem(text, len, "pad", 3));
    assert_null(memmem(text, len, "logs-x", 6));
    assert_null(memmem(text, len, "stream-1", 8));
    free(text);
}

static void test_sealed_is_unreadable_and_another_key_is_refused_not_skipped(void **state)
{
    struct seal_key key = key_of('a');
    struct seal_key other = key_of('b');
    struct cxd_error err = CXD_ERROR_INIT;
    struct spool *s = NULL;

    (void)state;
    assert_int_equal(spool_open_with(&key, &s, &err), CXD_OK);
    spool_put(s, 0, 20, 50);
    spool_close(s);
    assert_true(spool_segments(assert_no_text) > 0);
    s = NULL;
    assert_int_equal(spool_open_with(NULL, &s, &err), CXD_CONFIG);
    assert_non_null(strstr(err.text, "key"));
    err = (struct cxd_error)CXD_ERROR_INIT;
    assert_int_equal(spool_open_with(&other, &s, &err), CXD_CONFIG);
    assert_null(s);
    assert_int_equal(spool_open_with(&key, &s, &err), CXD_OK);
    for (int i = 0; i < 20; i++) {
        assert_int_equal(spool_get(s, 50), i);
    }
    assert_int_equal(spool_get(s, 50), -1);
    spool_close(s);
}

static void test_a_key_that_others_can_read_is_refused(void **state)
{
    struct cxd_error err = CXD_ERROR_INIT;
    struct seal_key key = key_of('c');
    char path[128];

    (void)state;
    (void)snprintf(path, sizeof path, "%s/key", spool_folder);
    assert_int_equal(chmod(path, 0640), 0);
    assert_int_equal(seal_key_read(path, &key, &err), CXD_FORBIDDEN);
    assert_int_equal(chmod(path, 0600), 0);
    assert_int_equal(truncate(path, 30), 0);
    err = (struct cxd_error)CXD_ERROR_INIT;
    assert_int_equal(seal_key_read(path, &key, &err), CXD_CONFIG);
    assert_null(strstr(err.text, "ccc"));
}

static void test_one_process_at_a_time(void **state)
{
    struct cxd_error err = CXD_ERROR_INIT;
    struct spool *s = spool_open_ok();
    struct spool *second = NULL;

    (void)state;
    assert_int_equal(spool_open_with(NULL, &second, &err), CXD_EXISTS);
    assert_null(second);
    spool_close(s);
}

static void test_a_folder_that_is_a_file_is_said_so(void **state)
{
    struct cxd_error err = CXD_ERROR_INIT;
    struct spool *s = NULL;
    char path[128];
    const struct spool_spec spec = {.folder = path, .segment_bytes = 4096};

    (void)state;
    (void)snprintf(path, sizeof path, "%s/file", spool_folder);
    (void)close(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    assert_true(spool_open(&spec, &s, &err) < 0);
    assert_null(s);
    assert_non_null(strstr(err.text, path));
}

static void test_a_full_disk_leaves_what_was_there_and_goes_on_later(void **state)
{
    struct cxd_error err = CXD_ERROR_INIT;
    struct spool *s = spool_open_ok();
    struct batch *b = batch_new(SIZE_MAX / 2);

    (void)state;
    spool_put(s, 0, 30, 50);
    for (int round = 0; round < 3; round++) {
        atomic_store(&disk_write_good, round);
        atomic_store(&disk_write_errno, ENOSPC);
        spool_fill(b, 4, round == 0 ? 50 : 4 << 20); /* in parts: the second, the third fails */
        assert_int_equal(spool_append(s, b, &err), CXD_FULL);
        atomic_store(&disk_write_errno, 0);
    }
    spool_put(s, 30, 40, 50);
    for (int i = 0; i < 40; i++) {
        assert_int_equal(spool_get(s, 50), i);
    }
    assert_int_equal(spool_get(s, 50), -1);
    assert_int_equal(spool_losses(s)->events, 0);
    spool_close(s);
    batch_free(b);
}

static void test_a_sync_that_fails_takes_back_what_was_not_durable(void **state)
{
    struct cxd_error err = CXD_ERROR_INIT;
    struct spool *s = spool_open_ok();
    struct batch *b = batch_new(SIZE_MAX / 2);

    (void)state;
    spool_put(s, 0, 3, 50);
    spool_fill(b, 3, 50);
    assert_int_equal(spool_append(s, b, &err), CXD_OK);
    assert_int_equal(b->after.seq, 4);
    atomic_store(&disk_sync_errno, EIO);
    assert_int_equal(spool_sync(s, &err), CXD_IO);
    atomic_store(&disk_sync_errno, 0);
    assert_int_equal(spool_end(s).seq, 3);
    spool_put(s, 3, 6, 50); /* again, into a new segment */
    for (int i = 0; i < 6; i++) {
        assert_int_equal(spool_get(s, 50), i);
    }
    assert_int_equal(spool_get(s, 50), -1);
    spool_close(s);
    s = spool_open_ok();
    for (int i = 0; i < 6; i++) {
        assert_int_equal(spool_get(s, 50), i);
    }
    assert_int_equal(spool_get(s, 50), -1);
    spool_close(s);
    batch_free(b);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, spool_setup, spool_teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_comes_back_over_segments_and_a_restart),
        TEST(test_what_is_settled_goes_and_does_not_come_again),
        TEST(test_a_place_that_cannot_be_saved_still_lets_settled_segments_go),
        TEST(test_a_lost_place_sends_all_that_is_there_again),
        TEST(test_a_batch_of_many_parts),
        TEST(test_sealed_is_unreadable_and_another_key_is_refused_not_skipped),
        TEST(test_a_key_that_others_can_read_is_refused),
        TEST(test_one_process_at_a_time),
        TEST(test_a_folder_that_is_a_file_is_said_so),
        TEST(test_a_full_disk_leaves_what_was_there_and_goes_on_later),
        TEST(test_a_sync_that_fails_takes_back_what_was_not_durable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
