/* test_probe.c: a process that does as it likes, and what is said of it. The processes are shells. */
#include "gate/probe.h"

#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *const words[] = {"-c", NULL};

static int run(const char *script, int64_t limit_ms, struct cxd_bytes input, struct cxd_error *err)
{
    const struct probe probe = {.program = "/bin/sh", .words = words, .limit_ms = limit_ms};
    const char *const more[] = {script, NULL};

    *err = (struct cxd_error)CXD_ERROR_INIT;
    return probe_run(&probe, more, input, err);
}

static void says(const char *script, const char *text)
{
    struct cxd_error err;

    assert_int_equal(run(script, 10000, CXD_LIT(""), &err), CXD_MISFIT);
    if (strstr(err.text, text) == NULL) {
        fail_msg("\"%s\" is not in \"%s\"", text, err.text);
    }
}

static void test_one_that_comes_to_its_end(void **state)
{
    struct cxd_error err;

    (void)state;
    assert_int_equal(run("echo open; echo ok", 10000, CXD_LIT(""), &err), CXD_OK);
    assert_string_equal(err.text, "");
}

static void test_it_gets_what_it_is_given(void **state)
{
    struct cxd_error err;

    (void)state;
    assert_int_equal(run("read x; [ \"$x\" = seven ] && echo ok", 10000, CXD_LIT("seven\n"), &err),
                     CXD_OK);
    assert_int_equal(run("read x; [ \"$x\" = seven ] && echo ok", 10000, CXD_LIT("eight\n"), &err),
                     CXD_MISFIT);
}

static void test_what_it_was_about_is_named(void **state)
{
    (void)state;
    says("echo load; echo open; kill -SEGV $$", "crashed (Segmentation fault) in open");
    says("echo load; kill -ABRT $$", "crashed (Aborted) in load");
    says("kill -ABRT $$", "crashed (Aborted) in its start");
    says("echo open; exit 3", "crashed (exit code 3) in open");
}

/* Ending with 0 is not enough: a module that calls exit would else be welcome. */
static void test_an_end_without_its_last_word_is_a_crash(void **state)
{
    (void)state;
    says("echo open; exit 0", "crashed (exit code 0) in open");
    says("echo ok; echo more; exit 0", "in more");
    says("echo ok; exit 1", "crashed (exit code 1)");
}

static void test_much_that_is_said_is_no_trouble(void **state)
{
    struct cxd_error err;

    (void)state;
    assert_int_equal(run("i=0; while [ $i -lt 20000 ]; do echo a line of thirty bytes or so; "
                         "i=$((i + 1)); done; echo ok",
                         10000, CXD_LIT(""), &err),
                     CXD_OK);
    says("head -c 100000 /dev/zero; exit 2", "crashed (exit code 2)");
}

static void test_one_that_does_not_come_back(void **state)
{
    int64_t start_ms = clock_mono_ms();
    struct cxd_error err;

    (void)state;
    assert_int_equal(run("echo close; exec sleep 60", 200, CXD_LIT(""), &err), CXD_MISFIT);
    assert_string_equal(err.text, "did not come back from close within 0.2 s");
    assert_in_range(clock_mono_ms() - start_ms, 200, 20000);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* no child is left */
}

/* It must be possible to end it: what is blocked here is not blocked there. */
static void test_signals_are_as_they_were_born(void **state)
{
    struct cxd_error err;
    sigset_t set;
    sigset_t old;

    (void)state;
    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGTERM);
    assert_int_equal(sigprocmask(SIG_BLOCK, &set, &old), 0);
    assert_int_equal(run("echo open; kill -TERM $$; echo ok", 10000, CXD_LIT(""), &err),
                     CXD_MISFIT);
    assert_non_null(strstr(err.text, "crashed (Terminated) in open"));
    assert_int_equal(sigprocmask(SIG_SETMASK, &old, NULL), 0);
}

static void test_a_program_that_is_not_there(void **state)
{
    const struct probe probe = {.program = "/none/such", .words = words, .limit_ms = 1000};
    const char *const more[] = {"x", NULL};
    struct cxd_error err = CXD_ERROR_INIT;

    (void)state;
    assert_int_equal(probe_run(&probe, more, CXD_LIT(""), &err), CXD_IO);
    assert_non_null(strstr(err.text, "cannot be tried out: /none/such: No such file"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_that_comes_to_its_end),
        cmocka_unit_test(test_it_gets_what_it_is_given),
        cmocka_unit_test(test_what_it_was_about_is_named),
        cmocka_unit_test(test_an_end_without_its_last_word_is_a_crash),
        cmocka_unit_test(test_much_that_is_said_is_no_trouble),
        cmocka_unit_test(test_one_that_does_not_come_back),
        cmocka_unit_test(test_signals_are_as_they_were_born),
        cmocka_unit_test(test_a_program_that_is_not_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
