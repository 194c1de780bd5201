/*
 * test_fleet_week.c: a policy server that is away for a week, by counting the waits instead of waiting: few requests, a line when it goes
 * and one when it is back, and what is told of it meanwhile.
 */
#include "base/arena.h"
#include "base/log.h"
#include "config/conf.h"
#include "front/fleet/fleet_inner.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define WEEK_MS (7 * 86400000ll)

static struct fleet *fleet;
static struct arena *arena;
static char folder[] = "/tmp/week.XXXXXX";
static int log_fd = -1;

static int setup(void **state)
{
    char text[300];
    struct cxd_error err = CXD_ERROR_INIT;
    struct policy file = {.arena = NULL};

    (void)state;
    assert_non_null(mkdtemp(folder));
    log_fd = open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    assert_true(log_fd >= 0);
    log_setup(log_fd, CXD_LOG_INFO);
    file.arena = arena_new(4096, 1u << 20);
    (void)snprintf(text, sizeof text,
                   "policy: {url: \"https://fleet.invalid/edge.yml\", allow_unsigned: true, poll: "
                   "60s}\nagent.path.data: %s\n",
                   folder);
    assert_int_equal(conf_read_text("boot.yml", text, strlen(text), file.arena, &file.root, &err),
                     CXD_OK);
    if (fleet_open(&file, NULL, standing_new(), &fleet, &err) != CXD_OK) {
        fail_msg("%s", err.text);
    }
    return 0;
}

static int teardown(void **state)
{
    char command[80];
    struct standing *standing = fleet->standing;

    (void)state;
    fleet_close(fleet);
    standing_free(standing);
    arena_free(arena);
    (void)close(log_fd);
    (void)snprintf(command, sizeof command, "rm -r %s", folder);
    return system(command);
}

/* How often the log says it. */
static int said(const char *words)
{
    static char text[1u << 20];
    ssize_t len;
    int count = 0;

    log_flush();
    len = pread(log_fd, text, sizeof text - 1, 0);
    assert_true(len >= 0);
    text[len] = '\0';
    for (const char *at = strstr(text, words); at != NULL; at = strstr(at + 1, words)) {
        count++;
    }
    return count;
}

static void test_a_week_without_the_server(void **state)
{
    struct cxd_error err = CXD_ERROR_INIT;
    struct standing_view v;
    int64_t passed_ms = 0;
    int64_t most_ms = 0;
    int requests = 0;

    (void)state;
    while (passed_ms < WEEK_MS) {
        int64_t wait_ms;
        (void)cxd_error_set(&err, CXD_CONNECT, "fleet.invalid: no answer after %d ms",
                            requests % 7); /* as libcurl says it */
        fleet_outage_tell(fleet, CXD_CONNECT, &err);
        wait_ms = fleet_wait_next(fleet, CXD_CONNECT, -1);
        assert_true(wait_ms > 0);
        most_ms = wait_ms > most_ms ? wait_ms : most_ms;
        passed_ms += wait_ms;
        requests++;
    }
    assert_true(most_ms <= 600000); /* back within ten minutes */
    assert_true(most_ms > 300000);
    assert_in_range(requests, 1000, 3500);
    assert_int_equal(said("no policy from the server"), 1);
    standing_get(fleet->standing, &v);
    assert_int_equal(v.server, STANDING_AWAY);
    assert_true(v.turn < 5); /* or each request would be news to those who report it */
    assert_string_equal(v.server_why, "fleet.invalid: no answer after 0 ms");
    fleet_outage_tell(fleet, CXD_END, &err);
    assert_int_equal(said("the server answers again"), 1);
    assert_true(fleet_wait_next(fleet, CXD_END, -1) <=
                72000); /* as ever: a minute, give or take a fifth */
    standing_get(fleet->standing, &v);
    assert_int_equal(v.server, STANDING_UP);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_week_without_the_server, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
