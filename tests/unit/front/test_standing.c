/* test_standing.c: which policy runs, which one is wanted, through all that can become of a policy. */
#include "base/redact.h"
#include "front/run/standing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct standing *s;
static struct standing_view v;

static void see(enum standing_state state, uint64_t running, uint64_t wanted, const char *why)
{
    standing_get(s, &v);
    assert_string_equal(standing_state_name(v.state), standing_state_name(state));
    assert_int_equal(v.running.revision, running);
    assert_int_equal(v.wanted.revision, wanted);
    assert_string_equal(v.why, why);
}

static void want(uint64_t revision, const char *hash)
{
    struct standing_policy p = {.id = "edge", .revision = revision};

    strcpy(p.hash, hash);
    standing_want(s, &p);
}

static void test_a_policy_from_a_server(void **state)
{
    struct standing_policy old = {.id = "edge", .revision = 4, .hash = "d"};
    unsigned turn;

    (void)state;
    s = standing_new();
    standing_server(s, "fleet", STANDING_UP, "");
    see(STANDING_WAITING, 0, 0, "");
    want(1, "a");
    standing_applied(s);
    standing_good(s);
    see(STANDING_RUNS, 1, 1, "");
    want(2, "b");
    standing_applied(s);
    see(STANDING_PROBATION, 2, 2, "");
    standing_back(s, "input x failed");
    see(STANDING_BACK, 1, 2, "input x failed");
    want(3, "c");
    standing_refused(s, "no such module");
    see(STANDING_REFUSED, 1, 3, "no such module");
    standing_known(s, &(struct standing_policy){.revision = 3, .hash = "c"}); /* offered again */
    see(STANDING_REFUSED, 1, 3, "no such module");
    standing_known(s, &old);
    standing_get(s, &v);
    assert_int_equal(v.wanted.revision, 4);
    assert_non_null(strstr(v.why, "before this start"));
    standing_want_file(s, "file", "9"); /* a laid out policy's own keys count for nothing */
    standing_get(s, &v);
    assert_int_equal(v.wanted.revision, 4);
    turn = v.turn;
    standing_server(s, "fleet", STANDING_UP, "");
    standing_get(s, &v);
    assert_int_equal(v.turn, turn); /* no news */
    standing_server(s, "fleet", STANDING_AWAY, "503");
    standing_get(s, &v);
    assert_int_not_equal(v.turn, turn);
    standing_free(s);
}

/* One that is refused during another's probation stays refused when that one has stood its time. */
static void test_refused_while_another_is_watched(void **state)
{
    (void)state;
    s = standing_new();
    standing_want_file(s, NULL, NULL);
    standing_applied(s);
    standing_good(s);
    standing_want_file(s, "edge", "12 of 20");
    standing_applied(s);
    standing_want_file(s, "edge", "13");
    standing_refused(s, "wrong");
    see(STANDING_REFUSED, 12, 13, "wrong");
    standing_good(s);
    see(STANDING_REFUSED, 12, 13, "wrong");
    standing_back(s, "late");
    see(STANDING_BACK, 12, 13, "late");
    assert_int_equal(redact_add("geheimnis", 9), 0);
    standing_refused(s, "key geheimnis is no key");
    standing_get(s, &v);
    assert_string_equal(v.why, "key ********* is no key");
    redact_clear();
    standing_free(s);
    standing_applied(NULL);
    standing_get(NULL, &v);
    assert_int_equal(v.state, STANDING_WAITING);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_policy_from_a_server),
        cmocka_unit_test(test_refused_while_another_is_watched),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
