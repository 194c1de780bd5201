/* test_run_table.c: every pair of state and event has the next state that the flow asks for, written down here by rule. */
#include "pipeline/run.h"

#include "test.h"

/* What should follow, said by rules and not by a second copy of the table. */
static enum run_state wanted(enum run_state state, enum run_event event)
{
    if (state == RUN_STOPPING || event == RUN_STOP || event == RUN_FINISHED) {
        return RUN_STOPPING; /* no way back, and from everywhere */
    }
    switch (event) {
    case RUN_RETRY:
    case RUN_FAILED:
    case RUN_BROKEN:
        return RUN_BACKOFF;
    case RUN_SHORT:
        return RUN_NO_CREDIT;
    case RUN_OPENED:
    case RUN_MORE:
        return RUN_POLLING;
    case RUN_PAUSE:
        /* a pause before the instance is there is none of its own: it is opened after the wait */
        return state == RUN_STARTING ? RUN_BACKOFF : RUN_IDLE;
    default: /* RUN_WAITED: who waits before an instance is there opens it, others poll */
        return state == RUN_STARTING || state == RUN_BACKOFF ? RUN_STARTING : RUN_POLLING;
    }
}

static void test_every_cell(void **state)
{
    int cells = 0;

    (void)state;
    for (int s = 0; s < RUN_STATES; s++) {
        for (int e = 0; e < RUN_EVENTS; e++) {
            if (run_next((enum run_state)s, (enum run_event)e) !=
                wanted((enum run_state)s, (enum run_event)e)) {
                fail_msg("state %d, event %d: %d, wanted %d", s, e,
                         run_next((enum run_state)s, (enum run_event)e),
                         wanted((enum run_state)s, (enum run_event)e));
            }
            cells++;
        }
    }
    assert_int_equal(cells, 60);
}

static void test_from_every_state_a_stop_ends_it(void **state)
{
    (void)state;
    for (int s = 0; s < RUN_STATES; s++) {
        assert_int_equal(run_next((enum run_state)s, RUN_STOP), RUN_STOPPING);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_cell),
        cmocka_unit_test(test_from_every_state_a_stop_ends_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
