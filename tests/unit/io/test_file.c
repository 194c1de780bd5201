/* test_file.c: reading with limits, replacing at once, folders, and the lock between two processes. */
#include "test.h"

#include "io/file.h"
#include "starve.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[] = "/tmp/cxd-file-XXXXXX";

static const char *in_folder(const char *name)
{
    static char paths[4][128];
    static int at;

    at = (at + 1) % 4;
    (void)snprintf(paths[at], sizeof paths[at], "%s/%s", folder, name);
    return paths[at];
}

static mode_t mode_of(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 ? st.st_mode & 07777 : 0;
}

static void test_what_is_put_is_read(void **state)
{
    const char *path = in_folder("a");
    struct file_access access;
    struct buf content;

    (void)state;
    buf_init(&content, 1000000);
    assert_int_equal(file_read(path, &content, NULL, NULL), CXD_NOT_FOUND);
    assert_int_equal(file_replace(path, CXD_LIT("first"), 0600, NULL), 0);
    assert_int_equal(file_replace(path, CXD_LIT("second, longer"), 0640, NULL), 0);
    assert_int_equal(file_read(path, &content, &access, NULL), 0);
    assert_int_equal(content.len, 14);
    assert_memory_equal(content.ptr, "second, longer", 14);
    assert_int_equal(access.mode, 0640);
    assert_int_equal(access.uid, geteuid());
    assert_true(access.is_own && access.is_group_readable && !access.is_world_readable);
    assert_true(!access.is_foreign_writable && access.modified_ms > 1700000000000);
    assert_int_equal(chmod(path, 0606), 0);
    assert_int_equal(file_read(path, &content, &access, NULL), 0); /* appends */
    assert_int_equal(content.len, 28);
    assert_true(access.is_world_readable && access.is_foreign_writable);
    assert_int_equal(access.is_group_readable, 0);
    assert_int_equal(file_replace(path, (struct cxd_bytes){0}, 0600, NULL), 0);
    buf_clear(&content);
    assert_int_equal(file_read(path, &content, NULL, NULL), 0);
    assert_int_equal(content.len, 0);
    assert_int_equal(mode_of(in_folder("a.new")), 0);
    assert_int_equal(file_remove(path, NULL), 0);
    assert_int_equal(file_remove(path, NULL), 0);
    buf_done(&content);
}

static void test_limits_hold(void **state)
{
    const char *path = in_folder("b");
    struct cxd_error err = CXD_ERROR_INIT;
    struct buf content;
    static char big[200001];

    (void)state;
    memset(big, 'x', sizeof big);
    assert_int_equal(file_replace(path, (struct cxd_bytes){big, sizeof big}, 0600, NULL), 0);
    buf_init(&content, sizeof big - 1);
    assert_int_equal(file_read(path, &content, NULL, &err), CXD_TOO_LARGE);
    assert_int_equal(content.len, 0);
    assert_non_null(strstr(err.text, "over 200000 bytes"));
    buf_done(&content);
    buf_init(&content, sizeof big);
    assert_int_equal(file_read(path, &content, NULL, &err), 0);
    assert_int_equal(content.len, sizeof big);
    buf_done(&content);
    starve_at(1);
    assert_int_equal(file_read(path, &content, NULL, &err), CXD_NOMEM);
    starve_at(0);
    assert_int_equal(file_remove(path, NULL), 0);
}

static void test_only_regular_files_are_read(void **state)
{
    const char *fifo = in_folder("fifo");
    struct cxd_error err = CXD_ERROR_INIT;
    struct buf content;

    (void)state;
    buf_init(&content, 100);
    assert_int_equal(mkfifo(fifo, 0600), 0);
    assert_int_equal(file_read(fifo, &content, NULL, &err), CXD_INVALID); /* and does not hang */
    assert_non_null(strstr(err.text, fifo));
    assert_int_equal(file_read(folder, &content, NULL, NULL), CXD_INVALID);
    assert_int_equal(file_read("/dev/zero", &content, NULL, NULL), CXD_INVALID);
    assert_int_equal(file_remove(fifo, NULL), 0);
    buf_done(&content);
}

static void test_a_failed_replacement_leaves_the_old_file(void **state)
{
    const char *path = in_folder("c");
    const char *aside = in_folder("c.new");
    struct buf content;

    (void)state;
    buf_init(&content, 100);
    assert_int_equal(file_replace(path, CXD_LIT("old"), 0600, NULL), 0);
    assert_int_equal(mkdir(aside, 0700), 0); /* in the way of the new file */
    assert_true(file_replace(path, CXD_LIT("new"), 0600, NULL) < 0);
    assert_int_equal(file_read(path, &content, NULL, NULL), 0);
    assert_memory_equal(content.ptr, "old", 3);
    assert_int_equal(rmdir(aside), 0);
    assert_int_equal(symlink("/nonexistent/elsewhere", aside), 0); /* nor is a link followed */
    assert_true(file_replace(path, CXD_LIT("new"), 0600, NULL) < 0);
    assert_int_equal(file_replace(in_folder("no/such/folder"), CXD_LIT("x"), 0600, NULL),
                     CXD_NOT_FOUND);
    (void)unlink(aside);
    assert_int_equal(file_remove(path, NULL), 0);
    buf_done(&content);
}

static void test_folders_are_made_with_those_above(void **state)
{
    struct cxd_error err = CXD_ERROR_INIT;
    mode_t before = umask(077);

    (void)state;
    assert_int_equal(file_make_folder(in_folder("x//y/z/"), 0750, NULL), 0);
    assert_int_equal(file_make_folder(in_folder("x/y/z"), 0700, NULL), 0); /* is there: untouched */
    umask(before);
    assert_int_equal(mode_of(in_folder("x")), 0750);
    assert_int_equal(mode_of(in_folder("x/y/z")), 0750);
    assert_int_equal(file_replace(in_folder("x/f"), CXD_LIT("f"), 0600, NULL), 0);
    assert_int_equal(file_make_folder(in_folder("x/f"), 0700, &err), CXD_EXISTS);
    assert_int_equal(file_make_folder("", 0700, &err), CXD_INVALID);
    assert_int_equal(file_make_folder("/", 0700, &err), 0);
    assert_int_equal(file_remove(in_folder("x/f"), NULL), 0);
    assert_int_equal(rmdir(in_folder("x/y/z")), 0);
    assert_int_equal(rmdir(in_folder("x/y")), 0);
    assert_int_equal(rmdir(in_folder("x")), 0);
}

/* In a process of its own: 0 when the lock is taken by `owner` and the text says so. */
static int try_lock(const char *path, pid_t owner)
{
    struct cxd_error err = CXD_ERROR_INIT;
    struct file_lock *lock = NULL;
    char words[64];
    int status;
    pid_t pid = fork();

    if (pid == 0) {
        int r = file_lock_take(path, &lock, &err);

        (void)snprintf(words, sizeof words, "in use by process %ld;", (long)owner);
        _exit(r == 0 ? 1 : r == CXD_EXISTS && strstr(err.text, words) != NULL ? 0 : 2);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WEXITSTATUS(status);
}

static void test_one_process_holds_the_lock(void **state)
{
    const char *path = in_folder("lock");
    struct file_lock *lock = NULL;
    struct file_lock *second = NULL;

    (void)state;
    assert_int_equal(file_lock_take(path, &lock, NULL), 0);
    assert_int_equal(try_lock(path, getpid()), 0);
    assert_int_equal(file_lock_take(path, &second, NULL), CXD_EXISTS); /* within one process, too */
    file_lock_free(lock);
    assert_int_equal(try_lock(path, getpid()),
                     1); /* free; that process ends, so it is free again */
    assert_int_equal(file_lock_take(path, &lock, NULL), 0);
    file_lock_free(lock);
    file_lock_free(NULL);
    assert_int_equal(file_remove(path, NULL), 0);
}

static int setup(void **state)
{
    (void)state;
    return mkdtemp(folder) == NULL;
}

static int teardown(void **state)
{
    (void)state;
    return rmdir(folder);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_put_is_read),
        cmocka_unit_test(test_limits_hold),
        cmocka_unit_test(test_only_regular_files_are_read),
        cmocka_unit_test(test_a_failed_replacement_leaves_the_old_file),
        cmocka_unit_test(test_folders_are_made_with_those_above),
        cmocka_unit_test(test_one_process_holds_the_lock),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
