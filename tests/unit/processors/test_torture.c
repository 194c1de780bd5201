/*
 * test_torture.c: every example and case of a group of processors with each allocation failing in turn, while it opens and while it
 * runs. Each failure is told as such, nothing is left behind, and the same chain does the same document rightly afterwards.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka needs the four above first */
#include <cmocka.h>

#include "harness/chain_rig.h"
#include "harness/examples.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TRIES_MAX 3000

static const char *group;
static size_t failed_total;

/* Opens it with each allocation failing, then for good. NULL: its policy is wrong on purpose. */
static struct chain_rig *open_tortured(const struct example *ex)
{
    for (size_t n = 1; n < TRIES_MAX; n++) {
        struct chain_rig *rig = NULL;
        struct cxd_error err = CXD_ERROR_INIT;
        size_t asked;
        int r;
        chain_rig_fail_at(n);
        r = chain_rig_open(ex->yaml, &rig, &err);
        asked = chain_rig_asked();
        chain_rig_fail_at(0);
        if (asked < n) { /* nothing failed */
            assert_int_equal(r == CXD_OK, ex->error == NULL);
            return rig;
        }
        if (r != CXD_NOMEM) {
            fail_msg("%s:%d: opened with allocation %zu failing: %d %s", ex->title, ex->line, n, r,
                     err.text);
        }
        assert_non_null(strstr(err.text, "memory"));
        assert_int_equal(chain_rig_held(), 0);
        failed_total++;
    }
    fail_msg("%s:%d: no end of allocations", ex->title, ex->line);
    return NULL;
}

static char *run(struct chain_rig *rig, const struct example *ex, size_t n, int *ret_status)
{
    struct cxd_error err = CXD_ERROR_INIT;
    char *out = NULL;

    *ret_status = chain_rig_run(rig, ex->in, n, &out, &err);
    if (*ret_status < 0) {
        assert_non_null(strstr(err.text, "memory"));
    }
    return out;
}

static void run_tortured(struct chain_rig *rig, const struct example *ex)
{
    for (size_t n = 1; n < TRIES_MAX; n++) {
        int status;
        char *out = run(rig, ex, n, &status);
        size_t asked = chain_rig_asked();
        free(out);
        if (asked < n) {
            assert_true(status >= 0);
            return;
        }
        if (status != CXD_NOMEM) {
            fail_msg("%s:%d: allocation %zu failed and nobody says so: %d", ex->title, ex->line, n,
                     status);
        }
        failed_total++;
    }
    fail_msg("%s:%d: no end of allocations", ex->title, ex->line);
}

static void torture_page(const char *path)
{
    struct example *examples = NULL;
    size_t count = examples_read(path, &examples);

    for (size_t i = 0; i < count; i++) {
        struct chain_rig *rig = open_tortured(&examples[i]);
        if (rig != NULL) {
            run_tortured(rig, &examples[i]);
        }
        chain_rig_close(rig);
        assert_int_equal(chain_rig_held(), 0);
    }
    examples_free(examples, count);
}

static void test_every_allocation_failing(void **state)
{
    char path[256];

    (void)state;
    (void)chain_rig_catalog();
    (void)snprintf(path, sizeof path, "processors/%s/README.md", group);
    torture_page(path);
    (void)snprintf(path, sizeof path, "tests/golden/processors/%s.md", group);
    torture_page(path);
    print_message("%s: %zu allocations failed, one at a time\n", group, failed_total);
    assert_true(failed_total > 100);
}

/* What stands in the document after a failure is what stood there before, whatever had been done already. */
static void test_the_same_chain_again(void **state)
{
    struct example *examples = NULL;
    char path[256];
    size_t count;

    (void)state;
    (void)snprintf(path, sizeof path, "processors/%s/README.md", group);
    count = examples_read(path, &examples);
    for (size_t i = 0; i < count; i++) {
        struct chain_rig *rig = NULL;
        struct cxd_error err = CXD_ERROR_INIT;
        char *first;
        char *again;
        int status;
        if (strcmp(examples[i].title, "rate_limit") == 0) {
            continue; /* whose second document is one too many */
        }
        assert_int_equal(chain_rig_open(examples[i].yaml, &rig, &err), CXD_OK);
        first = run(rig, &examples[i], 0, &status);
        for (size_t n = 1; n < 8; n++) {
            free(run(rig, &examples[i], n, &status));
        }
        again = run(rig, &examples[i], 0, &status);
        assert_int_equal(first == NULL, again == NULL);
        if (first != NULL && strcmp(first, again) != 0 &&
            strchr(examples[i].out, '<') == NULL) { /* chance and time may differ */
            fail_msg("%s: first %s, then %s", examples[i].title, first, again);
        }
        free(first);
        free(again);
        chain_rig_close(rig);
    }
    examples_free(examples, count);
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_allocation_failing),
        cmocka_unit_test(test_the_same_chain_again),
    };

    group = argc > 1 ? argv[1] : "fields";
    return cmocka_run_group_tests(tests, NULL, NULL);
}
