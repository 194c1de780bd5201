/* test_file_crash.c: the file output killed, cut, full and out of memory: each event once, lines whole. */
#include "file_bench.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void test_a_repeat_is_a_duplicate_also_after_reopening(void **state)
{
    void *out = open_ok(bson_new());

    (void)state;
    assert_int_equal(send_docs(out, 0, 100), CXD_OK);
    assert_int_equal(send_docs(out, 50, 100), CXD_OK);
    assert_int_equal(results(100, CXD_RESULT_DUPLICATE), 50);
    ops()->close(out);
    out = open_ok(bson_new());
    assert_int_equal(send_docs(out, 0, 160), CXD_OK);
    assert_int_equal(results(160, CXD_RESULT_DUPLICATE), 150);
    assert_int_equal(results(160, CXD_RESULT_DELIVERED), 10);
    assert_each_once(INDEX ".ndjson", 160);
    ops()->close(out);
}

/* Cuts the data file to every length from the second batch on: what a crash in any moment of its writing leaves. */
static void test_a_cut_anywhere_ends_with_each_once(void **state)
{
    size_t whole;
    size_t line = strlen("{\"n\":0,\"text\":\"some words to fill\"}\n");
    void *out;

    (void)state;
    for (size_t cut = 0; cut <= 3 * line; cut++) {
        out = open_ok(bson_new());
        assert_int_equal(send_docs(out, 0, 6), CXD_OK);
        ops()->close(out);
        free(slurp(INDEX ".ndjson", &whole));
        assert_int_equal(truncate(path_of(INDEX ".ndjson"), (off_t)(whole - cut)), 0);
        out = open_ok(bson_new());
        assert_int_equal(send_docs(out, 0, 6), CXD_OK);
        assert_int_equal(results(6, CXD_RESULT_DELIVERED), (cut + line - 1) / line);
        assert_each_once(INDEX ".ndjson", 6);
        assert_int_equal(send_docs(out, 0, 9), CXD_OK);
        assert_each_once(INDEX ".ndjson", 9);
        ops()->close(out);
        assert_int_equal(unlink(path_of(INDEX ".ndjson")), 0);
    }
}

/* The journal cut anywhere (loss of power): nothing may be lost, what is not known may come twice. */
static void test_a_cut_journal_loses_nothing(void **state)
{
    struct stat st;
    void *out;

    (void)state;
    for (off_t cut = 0; cut <= 32 + 6 * 16; cut += 3) {
        out = open_ok(bson_new());
        assert_int_equal(send_docs(out, 0, 6), CXD_OK);
        ops()->close(out);
        assert_int_equal(stat(path_of("." INDEX ".ids"), &st), 0);
        assert_int_equal(st.st_size, 32 + 6 * 16);
        assert_int_equal(truncate(path_of("." INDEX ".ids"), st.st_size - cut), 0);
        out = open_ok(bson_new());
        assert_int_equal(send_docs(out, 0, 9), CXD_OK);
        assert_int_equal(results(9, CXD_RESULT_DUPLICATE), cut > 96 ? 0 : 6 - (cut + 15) / 16);
        assert_int_equal(results(9, CXD_RESULT_PENDING), 0);
        ops()->close(out);
        assert_int_equal(unlink(path_of(INDEX ".ndjson")), 0);
        assert_int_equal(unlink(path_of("." INDEX ".ids")), 0);
    }
}

static void test_a_foreign_data_file_is_not_trusted(void **state)
{
    void *out = open_ok(bson_new());
    char other[600];
    int fd;

    (void)state;
    assert_int_equal(send_docs(out, 0, 6), CXD_OK);
    ops()->close(out);
    memset(other, 'x', sizeof other);
    other[sizeof other - 1] = '\n';
    fd = open(path_of(INDEX ".ndjson"), O_WRONLY | O_TRUNC);
    assert_int_equal(write(fd, other, sizeof other), sizeof other);
    (void)close(fd);
    out = open_ok(bson_new());
    assert_int_equal(send_docs(out, 0, 6), CXD_OK);
    assert_int_equal(results(6, CXD_RESULT_DELIVERED), 6);
    ops()->close(out);
}

static void test_a_full_disk_leaves_whole_lines_and_the_batch_pending(void **state)
{
    struct rlimit old;
    struct rlimit low;
    void *out = open_ok(bson_new());
    size_t before;
    size_t after;

    (void)state;
    assert_int_equal(send_docs(out, 0, 2000), CXD_OK);
    free(slurp(INDEX ".ndjson", &before));
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    low = old;
    low.rlim_cur = before + 1000; /* some lines and a half still fit */
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &low), 0);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(send_docs(out, 2000, 2000), CXD_FULL);
        assert_int_equal(results(2000, CXD_RESULT_PENDING), 2000);
        free(slurp(INDEX ".ndjson", &after));
        assert_int_equal(after, before);
    }
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    assert_int_equal(send_docs(out, 2000, 2000), CXD_OK);
    assert_int_equal(results(2000, CXD_RESULT_DELIVERED), 2000);
    assert_each_once(INDEX ".ndjson", 4000);
    ops()->close(out);
}

static void test_the_journal_is_bounded_and_turns_over(void **state)
{
    bson_t *doc = bson_new();
    struct stat st;
    void *out;

    (void)state;
    BSON_APPEND_INT64(doc, "remember_ids", 1000);
    out = open_ok(doc);
    for (uint32_t i = 0; i < 100; i++) {
        assert_int_equal(send_docs(out, i * 100, 100), CXD_OK);
    }
    ops()->close(out);
    assert_int_equal(stat(path_of("." INDEX ".ids"), &st), 0);
    assert_true(st.st_size <= 32 + 600 * 16);
    assert_int_equal(stat(path_of("." INDEX ".ids.old"), &st), 0);
    assert_true(st.st_size <= 32 + 600 * 16);
    doc = bson_new();
    BSON_APPEND_INT64(doc, "remember_ids", 1000);
    out = open_ok(doc);
    assert_int_equal(send_docs(out, 9500, 501), CXD_OK);
    assert_int_equal(results(501, CXD_RESULT_DUPLICATE), 500);
    assert_each_once(INDEX ".ndjson", 10001);
    ops()->close(out);
}

/* A child writes as fast as it can and is killed at some moment; the next one begins a good way back. */
static void test_kill_at_any_moment_ends_with_each_once(void **state)
{
    unsigned seed = (unsigned)getpid();
    uint32_t start = 0;

    (void)state;
    print_message("seed %u\n", seed);
    for (int round = 0; round < 15; round++) {
        int pipe_fds[2];
        uint32_t reached = start;
        uint32_t n;
        pid_t child;

        assert_int_equal(pipe(pipe_fds), 0);
        child = fork();
        if (child == 0) {
            bson_t *doc = bson_new();
            void *out = NULL;

            BSON_APPEND_UTF8(doc, "sync", "none");
            if (open_with(doc, &out) != CXD_OK) {
                _exit(1);
            }
            for (n = start; n < 2000000; n += 200) {
                if (send_docs(out, n, 200) != CXD_OK ||
                    write(pipe_fds[1], &n, sizeof n) != sizeof n) {
                    _exit(2);
                }
            }
            _exit(0);
        }
        (void)close(pipe_fds[1]);
        for (int reads = 1 + rand_r(&seed) % 40; reads > 0; reads--) {
            assert_int_equal(read(pipe_fds[0], &reached, sizeof reached), sizeof reached);
        }
        assert_int_equal(kill(child, SIGKILL), 0);
        assert_int_equal(waitpid(child, NULL, 0), child);
        while (read(pipe_fds[0], &n, sizeof n) == sizeof n) {
            reached = n;
        }
        (void)close(pipe_fds[0]);
        start = reached >= 1000 ? (reached - (uint32_t)(rand_r(&seed) % 1000)) / 200 * 200 : 0;
    }
    {
        void *out = open_ok(bson_new());
        char *text;
        uint32_t lines = 0;

        assert_int_equal(send_docs(out, start, 4000), CXD_OK);
        ops()->close(out);
        text = slurp(INDEX ".ndjson", NULL);
        for (const char *c = strchr(text, '\n'); c != NULL; c = strchr(c + 1, '\n')) {
            lines++;
        }
        free(text);
        assert_true(lines >= start + 4000);
        assert_each_once(INDEX ".ndjson", lines);
    }
}

static void test_each_failing_allocation_is_survived(void **state)
{
    void *out = NULL;
    int r = CXD_NOMEM;

    (void)state;
    for (uint64_t n = 1; n < 20 && r != CXD_OK; n++) {
        fake.allocations = 0;
        fake.fail_at = n;
        r = open_with(bson_new(), &out);
        if (r == CXD_OK) {
            r = send_docs(out, 0, 10);
            if (r != CXD_OK) {
                assert_int_equal(r, CXD_NOMEM);
                assert_int_equal(results(10, CXD_RESULT_PENDING), 10);
                fake.fail_at = 0;
                assert_int_equal(send_docs(out, 0, 10), CXD_OK);
                assert_int_equal(unlink(path_of(INDEX ".ndjson")), 0);
            }
            ops()->close(out);
        } else {
            assert_int_equal(r, CXD_NOMEM);
        }
        assert_int_equal(fake.live, 0);
    }
    assert_int_equal(r, CXD_OK);
    assert_true(fake.allocations >= 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_a_repeat_is_a_duplicate_also_after_reopening),
        CASE(test_a_cut_anywhere_ends_with_each_once),
        CASE(test_a_cut_journal_loses_nothing),
        CASE(test_a_foreign_data_file_is_not_trusted),
        CASE(test_a_full_disk_leaves_whole_lines_and_the_batch_pending),
        CASE(test_the_journal_is_bounded_and_turns_over),
        CASE(test_kill_at_any_moment_ends_with_each_once),
        CASE(test_each_failing_allocation_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
