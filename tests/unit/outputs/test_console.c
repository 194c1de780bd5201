/* test_console.c: the console output on pipes in place of standard output. */
#include "fake_host.h"
#include "pretty.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

CXD_EXTERN const struct cxd_module *cxd_module_entry(const struct cxd_host *host,
                                                     struct cxd_error *err);

static struct cxd_error err;
static struct cxd_outcome outcomes[2000];
static struct cxd_doc docs[2000];
static int saved_stdout = -1;
static int ends[2];

static const struct cxd_output_ops *ops(void)
{
    return cxd_module_entry(&fake_host, NULL)->ops;
}

static void *open_ok(const char *flag)
{
    bson_t *doc = bson_new();
    void *out = NULL;

    if (flag != NULL) {
        BSON_APPEND_BOOL(doc, flag, 1);
    }
    doc = fake_options(cxd_module_entry(&fake_host, NULL)->options, doc);
    assert_int_equal(ops()->open(&fake_host, NULL, fake_bytes(doc), &out, &err), CXD_OK);
    bson_destroy(doc);
    return out;
}

static int send_docs(void *out, uint32_t count)
{
    struct cxd_batch batch = {.size = sizeof batch, .count = count, .docs = docs};

    memset(outcomes, 0, sizeof outcomes);
    for (uint32_t i = 0; i < count; i++) {
        docs[i] = (struct cxd_doc){.source = CXD_LIT("{\"a\":[1,{\"b\":\"x,\\\"}\"}],\"c\":{}}"),
                                   .id = CXD_LIT("id"),
                                   .index = CXD_LIT("logs-a-b")};
    }
    return ops()->send(out, &batch, outcomes, &err);
}

static void stdout_swap(void)
{
    (void)fflush(stdout);
    assert_int_equal(pipe(ends), 0);
    saved_stdout = dup(STDOUT_FILENO);
    assert_true(dup2(ends[1], STDOUT_FILENO) >= 0);
    (void)close(ends[1]);
}

static void stdout_restore(void)
{
    (void)dup2(saved_stdout, STDOUT_FILENO);
    (void)close(saved_stdout);
}

/* What a send of count documents wrote, as text. */
static char *written(const char *flag, uint32_t count, int *ret_status)
{
    char *text = calloc(1, 65536);
    void *out = open_ok(flag);
    ssize_t n;
    size_t len = 0;

    stdout_swap();
    *ret_status = send_docs(out, count);
    stdout_restore();
    while ((n = read(ends[0], text + len, 65535 - len)) > 0) {
        len += (size_t)n;
    }
    (void)close(ends[0]);
    ops()->close(out);
    return text;
}

static void test_documents_become_lines(void **state)
{
    int r;
    char *text = written(NULL, 2, &r);

    (void)state;
    assert_int_equal(r, CXD_OK);
    assert_string_equal(text, "{\"a\":[1,{\"b\":\"x,\\\"}\"}],\"c\":{}}\n"
                              "{\"a\":[1,{\"b\":\"x,\\\"}\"}],\"c\":{}}\n");
    assert_int_equal(outcomes[0].result, CXD_RESULT_DELIVERED);
    assert_int_equal(outcomes[1].result, CXD_RESULT_DELIVERED);
    free(text);
}

static void test_metadata_wraps_the_document(void **state)
{
    int r;
    char *text = written("metadata", 1, &r);

    (void)state;
    assert_string_equal(text,
                        "{\"_index\":\"logs-a-b\",\"_id\":\"id\",\"_source\":{\"a\":[1,{\"b\":"
                        "\"x,\\\"}\"}],\"c\":{}}}\n");
    free(text);
}

static void test_pretty_indents_and_keeps_values(void **state)
{
    int r;
    char *text = written("pretty", 1, &r);

    (void)state;
    assert_string_equal(text,
                        "{\n  \"a\": [\n    1,\n    {\n      \"b\": \"x,\\\"}\"\n    }\n  ],\n"
                        "  \"c\": {}\n}\n");
    free(text);
}

static void test_no_reader_is_a_failure_for_a_person(void **state)
{
    void *out = open_ok(NULL);
    int r;

    (void)state;
    stdout_swap();
    (void)close(ends[0]);
    r = send_docs(out, 2000);
    stdout_restore();
    assert_int_equal(r, CXD_CONFIG);
    assert_non_null(strstr(err.text, "no reader"));
    assert_int_equal(outcomes[0].result, CXD_RESULT_PENDING);
    ops()->close(out);
}

static void test_a_full_device_is_said(void **state)
{
    void *out = open_ok(NULL);
    int r;

    (void)state;
    (void)fflush(stdout);
    saved_stdout = dup(STDOUT_FILENO);
    ends[0] = open("/dev/full", O_WRONLY);
    assert_true(dup2(ends[0], STDOUT_FILENO) >= 0);
    r = send_docs(out, 3);
    stdout_restore();
    (void)close(ends[0]);
    assert_int_equal(r, CXD_FULL);
    assert_int_equal(outcomes[0].result, CXD_RESULT_PENDING);
    ops()->close(out);
}

/* A reader that takes nothing: what fits in the pipe is delivered, the stop is noticed, the next line begins on its own. */
static void test_a_stop_reaches_a_writer_nobody_reads(void **state)
{
    static const char line[] = "{\"a\":[1,{\"b\":\"x,\\\"}\"}],\"c\":{}}\n";
    void *out = open_ok(NULL);
    char *text = calloc(1, 200000);
    uint32_t delivered = 0;
    size_t len = 0;
    uint32_t whole = 0;
    ssize_t n;
    int r;

    (void)state;
    fake.is_stopping = 1;
    stdout_swap();
    (void)send_docs(out, 1000);
    r = send_docs(out, 2000);
    for (uint32_t i = 0; i < 2000; i++) {
        delivered += outcomes[i].result == CXD_RESULT_DELIVERED;
    }
    assert_int_equal(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
    while ((n = read(ends[0], text + len, 200000 - len)) > 0) {
        len += (size_t)n;
    }
    fake.is_stopping = 0;
    (void)send_docs(out, 1);
    stdout_restore();
    while ((n = read(ends[0], text + len, 200000 - len)) > 0) {
        len += (size_t)n;
    }
    (void)close(ends[0]);
    assert_int_equal(r, CXD_STOPPED);
    assert_true(delivered < 2000);
    for (const char *c = strstr(text, line); c != NULL; c = strstr(c + 1, line)) {
        whole++;
    }
    assert_int_equal(whole, 1000 + delivered + 1);
    assert_string_equal(text + len - (sizeof line - 1), line);
    free(text);
    ops()->close(out);
}

static void test_each_failing_allocation_is_survived(void **state)
{
    (void)state;
    for (uint64_t n = 1; n <= 2; n++) {
        bson_t *doc = fake_options(cxd_module_entry(&fake_host, NULL)->options, bson_new());
        void *out = NULL;
        int r;

        memset(outcomes, 0, sizeof outcomes);
        fake.allocations = 0;
        fake.fail_at = n;
        r = ops()->open(&fake_host, NULL, fake_bytes(doc), &out, &err);
        if (r == CXD_OK) {
            r = send_docs(out, 1);
            ops()->close(out);
        }
        assert_int_equal(r, CXD_NOMEM);
        assert_int_equal(outcomes[0].result, CXD_RESULT_PENDING);
        bson_destroy(doc);
    }
}

static int setup(void **state)
{
    (void)state;
    fake_reset();
    (void)signal(SIGPIPE, SIG_IGN);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    return fake.live == 0 ? 0 : -1;
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_documents_become_lines),
        CASE(test_metadata_wraps_the_document),
        CASE(test_pretty_indents_and_keeps_values),
        CASE(test_no_reader_is_a_failure_for_a_person),
        CASE(test_a_full_device_is_said),
        CASE(test_a_stop_reaches_a_writer_nobody_reads),
        CASE(test_each_failing_allocation_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
