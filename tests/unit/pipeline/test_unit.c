/* test_unit.c: health that speaks when it changes, counters that many threads add to. */
#include "pipeline/unit.h"

#include "base/log.h"

#include "test.h"

#include <fcntl.h>
#include <unistd.h>

static int pipe_fds[2];
static struct unit unit;

static int setup(void **state)
{
    (void)state;
    unit_init(&unit, "stream-1", "inputs.fake");
    if (pipe(pipe_fds) != 0 || fcntl(pipe_fds[0], F_SETFL, O_NONBLOCK) != 0) {
        return -1;
    }
    log_setup(pipe_fds[1], CXD_LOG_INFO);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    log_setup(STDERR_FILENO, CXD_LOG_INFO);
    (void)close(pipe_fds[0]);
    (void)close(pipe_fds[1]);
    unit_done(&unit);
    return 0;
}

/* What was logged since the last call. */
static const char *said(void)
{
    static char text[8192];
    ssize_t len = read(pipe_fds[0], text, sizeof text - 1);

    text[len > 0 ? len : 0] = '\0';
    return text;
}

static void test_a_change_is_said_once(void **state)
{
    char reason[UNIT_REASON_MAX];

    (void)state;
    assert_int_equal(unit_health_get(&unit, reason), CXD_HEALTHY);
    unit_health(&unit, CXD_HEALTHY, NULL);
    assert_string_equal(said(), "");
    unit_health(&unit, CXD_DEGRADED, "no connection");
    assert_non_null(strstr(said(), "stream-1 is Degraded: no connection"));
    for (int i = 0; i < 100; i++) {
        unit_health(&unit, CXD_DEGRADED, "no connection");
    }
    assert_string_equal(said(), "");
    unit_health(&unit, CXD_DEGRADED, "still none");
    assert_non_null(strstr(said(), "stream-1 is Degraded: still none"));
    unit_health(&unit, CXD_FAILED, "still none");
    assert_non_null(strstr(said(), "\"log.level\":\"error\""));
    assert_int_equal(unit_health_get(&unit, reason), CXD_FAILED);
    assert_string_equal(reason, "still none");
    unit_health(&unit, CXD_HEALTHY, NULL);
    assert_non_null(strstr(said(), "stream-1 is Healthy\""));
    assert_int_equal(unit_health_get(&unit, reason), CXD_HEALTHY);
    assert_string_equal(reason, "");
}

static void test_a_long_reason_is_cut_and_still_compared(void **state)
{
    char long_reason[1000];
    char reason[UNIT_REASON_MAX];

    (void)state;
    memset(long_reason, 'r', sizeof long_reason - 1);
    long_reason[sizeof long_reason - 1] = '\0';
    unit_health(&unit, CXD_DEGRADED, long_reason);
    (void)said();
    unit_health(&unit, CXD_DEGRADED, long_reason);
    assert_string_equal(said(), "");
    (void)unit_health_get(&unit, reason);
    assert_int_equal(strlen(reason), UNIT_REASON_MAX - 1);
}

static const char *const names[] = {"a_total", "b_total", "c_total"};

static void *count_much(void *arg)
{
    (void)arg;
    for (int i = 0; i < 30000; i++) {
        unit_count(&unit, names[i % 3], 1);
        if (i % 100 == 0) {
            unit_health(&unit, i % 200 == 0 ? CXD_HEALTHY : CXD_DEGRADED, "r");
        }
    }
    return NULL;
}

static void test_counters_of_several_threads(void **state)
{
    pthread_t threads[4];
    int used = 0;

    (void)state;
    log_setup(pipe_fds[1], CXD_LOG_ERROR);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, count_much, NULL), 0);
    }
    for (int i = 0; i < 4; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    }
    for (int i = 0; i < 3; i++) {
        assert_int_equal(unit_counter_get(&unit, names[i]), 40000);
    }
    for (int i = 0; i < UNIT_COUNTERS; i++) {
        used += atomic_load(&unit.counters[i].name) != NULL;
    }
    assert_int_equal(used, 3); /* no name took two places */
    assert_int_equal(unit_counter_get(&unit, "none"), 0);
}

static void test_equal_names_from_two_modules_are_one(void **state)
{
    char copy[] = "a_total";

    (void)state;
    unit_count(&unit, names[0], 2);
    unit_count(&unit, copy, 3);
    assert_int_equal(unit_counter_get(&unit, "a_total"), 5);
    unit_count(&unit, names[0], -1);
    assert_int_equal(unit_counter_get(&unit, copy), 4);
}

static void test_too_many_names_share_one_place(void **state)
{
    static char many[50][8];
    int64_t sum = 0;

    (void)state;
    for (int i = 0; i < 50; i++) {
        (void)snprintf(many[i], sizeof many[i], "n%d", i);
        unit_count(&unit, many[i], 1);
        unit_count(&unit, many[i], 1);
    }
    for (int i = 0; i < UNIT_COUNTERS - 1; i++) {
        assert_int_equal(unit_counter_get(&unit, many[i]), 2);
        sum += 2;
    }
    assert_int_equal(unit_counter_get(&unit, many[40]), 0);
    assert_int_equal(unit_counter_get(&unit, "other"), 100 - sum);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(test_a_change_is_said_once),
        CASE(test_a_long_reason_is_cut_and_still_compared),
        CASE(test_counters_of_several_threads),
        CASE(test_equal_names_from_two_modules_are_one),
        CASE(test_too_many_names_share_one_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
