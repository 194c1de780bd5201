/* test_file.c: the file output through its module entry, on real files in a temporary folder. */
#include "fake_host.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

CXD_EXTERN const struct cxd_module *cxd_module_entry(const struct cxd_host *host,
                                                     struct cxd_error *err);

#define DOCS_MAX 4096
#define INDEX "logs-panw_cortex_xdr.event-default"

static char folder[64];
static struct cxd_error err;
static struct cxd_outcome outcomes[DOCS_MAX];
static struct cxd_doc docs[DOCS_MAX];
static char texts[DOCS_MAX][96];
static char ids[DOCS_MAX][32];

static const struct cxd_output_ops *ops(void)
{
    return cxd_module_entry(&fake_host, NULL)->ops;
}

static int open_with(bson_t *doc, void **ret_instance)
{
    int r;

    BSON_APPEND_UTF8(doc, "path", folder);
    doc = fake_options(cxd_module_entry(&fake_host, NULL)->options, doc);
    r = ops()->open(&fake_host, NULL, fake_bytes(doc), ret_instance, &err);
    bson_destroy(doc);
    return r;
}

static void *open_ok(bson_t *doc)
{
    void *instance = NULL;
    int r = open_with(doc, &instance);

    if (r != CXD_OK) {
        print_error("open: %s\n", err.text);
    }
    assert_int_equal(r, CXD_OK);
    return instance;
}

/* Documents number first to first + count - 1 as a batch for one data stream. */
static struct cxd_batch batch_of(const char *index, uint32_t first, uint32_t count)
{
    struct cxd_batch batch = {.size = sizeof batch, .count = count, .docs = docs};

    memset(outcomes, 0, sizeof outcomes);
    for (uint32_t i = 0; i < count; i++) {
        int len = snprintf(texts[i], sizeof texts[i], "{\"n\":%u,\"text\":\"some words to fill\"}",
                           first + i);
        int id_len = snprintf(ids[i], sizeof ids[i], "id-%u", first + i);

        docs[i] = (struct cxd_doc){.source = {texts[i], (size_t)len},
                                   .id = {ids[i], (size_t)id_len},
                                   .index = {index, strlen(index)}};
        batch.bytes += (size_t)len;
    }
    return batch;
}

static int send_docs(void *instance, uint32_t first, uint32_t count)
{
    struct cxd_batch batch = batch_of(INDEX, first, count);

    return ops()->send(instance, &batch, outcomes, &err);
}

static uint32_t results(uint32_t count, uint32_t result)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < count; i++) {
        n += outcomes[i].result == result;
    }
    return n;
}

static char *path_of(const char *name)
{
    static char path[512];

    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static char *slurp(const char *name, size_t *ret_len)
{
    struct stat st;
    char *text;
    int fd = open(path_of(name), O_RDONLY);

    assert_true(fd >= 0);
    assert_int_equal(fstat(fd, &st), 0);
    text = calloc(1, (size_t)st.st_size + 1);
    assert_non_null(text);
    assert_int_equal(read(fd, text, (size_t)st.st_size), st.st_size);
    (void)close(fd);
    if (ret_len != NULL) {
        *ret_len = (size_t)st.st_size;
    }
    return text;
}

/* The numbers 0 to count - 1 stand in the file, each once, in whole lines. */
static void assert_each_once(const char *name, uint32_t count)
{
    char *text = slurp(name, NULL);
    unsigned char *seen = calloc(count, 1);
    char *rest = text;
    uint32_t lines = 0;

    assert_non_null(seen);
    for (char *end = strchr(rest, '\n'); end != NULL; end = strchr(rest, '\n')) {
        unsigned n;

        *end = '\0';
        assert_true(end > rest && end[-1] == '}');
        assert_int_equal(sscanf(rest, "{\"n\":%u,", &n), 1);
        assert_true(n < count);
        assert_int_equal(seen[n], 0);
        seen[n] = 1;
        lines++;
        rest = end + 1;
    }
    assert_string_equal(rest, "");
    assert_int_equal(lines, count);
    free(seen);
    free(text);
}

static void test_documents_become_lines(void **state)
{
    void *out = open_ok(bson_new());
    struct stat st;
    char *text;

    (void)state;
    assert_int_equal(send_docs(out, 0, 3), CXD_OK);
    assert_int_equal(results(3, CXD_RESULT_DELIVERED), 3);
    text = slurp(INDEX ".ndjson", NULL);
    assert_string_equal(text, "{\"n\":0,\"text\":\"some words to fill\"}\n"
                              "{\"n\":1,\"text\":\"some words to fill\"}\n"
                              "{\"n\":2,\"text\":\"some words to fill\"}\n");
    free(text);
    assert_int_equal(stat(path_of(INDEX ".ndjson"), &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    ops()->close(out);
}

static void test_metadata_wraps_the_document(void **state)
{
    bson_t *doc = bson_new();
    struct cxd_batch batch;
    void *out;
    char *text;

    (void)state;
    BSON_APPEND_BOOL(doc, "metadata", 1);
    BSON_APPEND_UTF8(doc, "permissions", "0640");
    out = open_ok(doc);
    batch = batch_of("logs-a-b", 7, 2);
    docs[1].id = (struct cxd_bytes){NULL, 0};
    assert_int_equal(ops()->send(out, &batch, outcomes, &err), CXD_OK);
    text = slurp("logs-a-b.ndjson", NULL);
    assert_string_equal(text, "{\"_index\":\"logs-a-b\",\"_id\":\"id-7\",\"_source\":{\"n\":7,"
                              "\"text\":\"some words to fill\"}}\n"
                              "{\"_index\":\"logs-a-b\",\"_source\":{\"n\":8,\"text\":"
                              "\"some words to fill\"}}\n");
    free(text);
    ops()->close(out);
}

static void test_many_lines_go_beyond_one_writev(void **state)
{
    void *out = open_ok(bson_new());

    (void)state;
    assert_int_equal(send_docs(out, 0, DOCS_MAX), CXD_OK);
    assert_int_equal(send_docs(out, DOCS_MAX, DOCS_MAX), CXD_OK);
    assert_each_once(INDEX ".ndjson", DOCS_MAX * 2);
    ops()->close(out);
}

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

static void test_the_same_id_twice_in_a_batch_is_written_once(void **state)
{
    void *out = open_ok(bson_new());
    struct cxd_batch batch = batch_of(INDEX, 0, 4);

    (void)state;
    docs[3] = docs[1];
    assert_int_equal(ops()->send(out, &batch, outcomes, &err), CXD_OK);
    assert_int_equal(outcomes[1].result, CXD_RESULT_DELIVERED);
    assert_int_equal(outcomes[3].result, CXD_RESULT_DUPLICATE);
    assert_each_once(INDEX ".ndjson", 3);
    ops()->close(out);
}

static void test_documents_without_id_are_all_written(void **state)
{
    void *out = open_ok(bson_new());
    size_t len;

    (void)state;
    for (int i = 0; i < 2; i++) {
        struct cxd_batch batch = batch_of(INDEX, 0, 2);

        docs[0].id.len = 0;
        docs[1].id.len = 0;
        assert_int_equal(ops()->send(out, &batch, outcomes, &err), CXD_OK);
        assert_int_equal(results(2, CXD_RESULT_DELIVERED), 2);
    }
    free(slurp(INDEX ".ndjson", &len));
    assert_int_equal(len, 4 * strlen("{\"n\":0,\"text\":\"some words to fill\"}\n"));
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

static void test_rotation_keeps_lines_whole_and_ids_known(void **state)
{
    bson_t *doc = bson_new();
    uint32_t sent = 0;
    void *out;
    struct stat st;

    (void)state;
    BSON_APPEND_INT64(doc, "rotate_every_size", 65536);
    BSON_APPEND_INT64(doc, "number_of_files", 3);
    out = open_ok(doc);
    for (; sent < 12000; sent += 1000) {
        assert_int_equal(send_docs(out, sent, 1000), CXD_OK);
    }
    assert_int_equal(send_docs(out, 0, 4000), CXD_OK); /* files gone, ids known */
    assert_int_equal(results(4000, CXD_RESULT_DUPLICATE), 4000);
    ops()->close(out);
    assert_int_equal(stat(path_of(INDEX ".ndjson.00000001"), &st), -1);
    assert_int_equal(stat(path_of(INDEX ".ndjson.00000011"), &st), 0);
    assert_int_equal(stat(path_of(INDEX ".ndjson.00000010"), &st), 0);
    assert_int_equal(stat(path_of(INDEX ".ndjson.00000009"), &st), -1);
    out = open_ok(bson_new());
    assert_int_equal(send_docs(out, 8000, 4000), CXD_OK);
    assert_int_equal(results(4000, CXD_RESULT_DUPLICATE), 4000);
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

static void test_a_file_moved_or_emptied_by_others_is_made_anew(void **state)
{
    char from[512];
    char *text;
    void *out = open_ok(bson_new());

    (void)state;
    assert_int_equal(send_docs(out, 0, 5), CXD_OK);
    (void)snprintf(from, sizeof from, "%s", path_of(INDEX ".ndjson"));
    assert_int_equal(rename(from, path_of("moved")), 0);
    assert_int_equal(send_docs(out, 3, 4), CXD_OK);
    assert_int_equal(results(4, CXD_RESULT_DUPLICATE), 2);
    text = slurp(INDEX ".ndjson", NULL);
    assert_int_equal(strncmp(text, "{\"n\":5,", 7), 0);
    free(text);
    assert_int_equal(truncate(from, 0), 0);
    assert_int_equal(send_docs(out, 0, 8), CXD_OK);
    assert_int_equal(results(8, CXD_RESULT_DUPLICATE), 7);
    text = slurp(INDEX ".ndjson", NULL);
    assert_int_equal(strncmp(text, "{\"n\":7,", 7), 0);
    free(text);
    ops()->close(out);
}

static void test_names_that_are_no_file_names_are_refused(void **state)
{
    static const char *const bad[] = {"../x", ".x", "", "a/b", "A", "-x", "a b"};
    void *out = open_ok(bson_new());
    struct cxd_batch batch = batch_of(INDEX, 0, 8);

    (void)state;
    for (size_t i = 0; i < 7; i++) {
        docs[i].index = (struct cxd_bytes){bad[i], strlen(bad[i])};
    }
    assert_int_equal(ops()->send(out, &batch, outcomes, &err), CXD_OK);
    assert_int_equal(results(8, CXD_RESULT_REJECTED), 7);
    assert_true(outcomes[0].reason.len > 10);
    assert_int_equal(outcomes[7].result, CXD_RESULT_DELIVERED);
    ops()->close(out);
}

static void test_more_data_streams_than_open_files(void **state)
{
    void *out = open_ok(bson_new());
    char names[100][16];

    (void)state;
    for (int round = 0; round < 2; round++) {
        struct cxd_batch batch = batch_of(INDEX, 0, 100);

        for (size_t i = 0; i < 100; i++) {
            int len = snprintf(names[i], sizeof names[i], "s-%zu", i);

            docs[i].index = (struct cxd_bytes){names[i], (size_t)len};
        }
        assert_int_equal(ops()->send(out, &batch, outcomes, &err), CXD_OK);
        assert_int_equal(results(100, round == 0 ? CXD_RESULT_DELIVERED : CXD_RESULT_DUPLICATE),
                         100);
    }
    ops()->close(out);
}

static void test_a_second_writer_is_refused(void **state)
{
    void *out = open_ok(bson_new());
    void *second = NULL;

    (void)state;
    assert_int_equal(open_with(bson_new(), &second), CXD_CONFIG);
    assert_non_null(strstr(err.text, "another output"));
    assert_null(second);
    ops()->close(out);
    ops()->close(open_ok(bson_new()));
}

static void test_wrong_options_are_named(void **state)
{
    static const struct {
        const char *name;
        const char *text;
        int64_t number;
    } rows[] = {{"permissions", "0888", 0},   {"permissions", "0400", 0},
                {"permissions", "", 0},       {"sync", "always", 0},
                {"sync_interval", NULL, 5},   {"rotate_every_size", NULL, 5},
                {"number_of_files", NULL, 1}, {"remember_ids", NULL, 99999999}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        bson_t *doc = bson_new();
        void *out = NULL;

        if (rows[i].text != NULL) {
            BSON_APPEND_UTF8(doc, rows[i].name, rows[i].text);
        } else {
            BSON_APPEND_INT64(doc, rows[i].name, rows[i].number);
        }
        assert_int_equal(open_with(doc, &out), CXD_CONFIG);
        assert_non_null(strstr(err.text, rows[i].name));
    }
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

static int setup(void **state)
{
    (void)state;
    fake_reset();
    (void)signal(SIGXFSZ, SIG_IGN);
    (void)snprintf(folder, sizeof folder, "/tmp/cxd-file-XXXXXX");
    return mkdtemp(folder) == NULL ? -1 : 0;
}

static int teardown(void **state)
{
    pid_t child = fork();

    (void)state;
    if (child == 0) {
        (void)execlp("rm", "rm", "-rf", folder, (char *)NULL);
        _exit(127);
    }
    (void)waitpid(child, NULL, 0);
    return fake.live == 0 ? 0 : -1; /* a leak fails the test */
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_documents_become_lines),
        CASE(test_metadata_wraps_the_document),
        CASE(test_many_lines_go_beyond_one_writev),
        CASE(test_a_repeat_is_a_duplicate_also_after_reopening),
        CASE(test_the_same_id_twice_in_a_batch_is_written_once),
        CASE(test_documents_without_id_are_all_written),
        CASE(test_a_cut_anywhere_ends_with_each_once),
        CASE(test_a_cut_journal_loses_nothing),
        CASE(test_a_foreign_data_file_is_not_trusted),
        CASE(test_a_full_disk_leaves_whole_lines_and_the_batch_pending),
        CASE(test_rotation_keeps_lines_whole_and_ids_known),
        CASE(test_the_journal_is_bounded_and_turns_over),
        CASE(test_a_file_moved_or_emptied_by_others_is_made_anew),
        CASE(test_names_that_are_no_file_names_are_refused),
        CASE(test_more_data_streams_than_open_files),
        CASE(test_a_second_writer_is_refused),
        CASE(test_wrong_options_are_named),
        CASE(test_kill_at_any_moment_ends_with_each_once),
        CASE(test_each_failing_allocation_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
