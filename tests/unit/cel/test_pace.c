/*
 * test_pace.c: how fast requests follow each other: options, what programs tell, long waits.
 */
#include "sender_words.h"

static void test_requests_keep_their_pace(void **state)
{
    static const struct fake_reply replies[] = {
        {.body = "a"}, {.body = "a"}, {.body = "a"}, {.body = "a"}, {.body = "a"}};
    int64_t before;

    (void)state;
    SCRIPT(replies);
    open_with("{'resource':{" URL ",'rate_limit':{'limit':2,'burst':2}},"
              "'program':\"[1,2,3,4].map(x, get(state.url)).as(l, {'events':[]})\"}");
    before = fake.mono_ms;
    assert_int_equal(rig_period(), CXD_POLL_IDLE);
    assert_int_equal(fake.request_count, 4);
    assert_in_range(fake.mono_ms - before, 850, 1500);
    rig_close();
}

static void test_a_rate_that_the_program_tells(void **state)
{
    static const struct fake_reply replies[] = {{.body = "a"}, {.body = "a"}};
    int64_t before;

    (void)state;
    SCRIPT(replies);
    open_with("{'interval':1000,'resource':{" URL "},"
              "'program':\"get(state.url).as(r, {'events':[],'rate_limit':{'rate':0,'burst':1,"
              "'next':5,'reset':now+duration('90s')}})\"}");
    before = fake.mono_ms;
    assert_int_equal(rig_period(), CXD_POLL_IDLE);
    rig_later(1000);
    assert_int_equal(rig_period(), CXD_POLL_IDLE);
    assert_int_equal(fake.request_count, 2);
    assert_in_range(fake.mono_ms - before, 90000, 92000);
    rig_close();
}

static void test_too_many_requests_told_by_status_code_is_waited_for(void **state)
{
    int64_t before;

    (void)state;
    open_with("{'state':{'n':0},'resource':{" URL "},"
              "'program':\"state.with(state.n < 1.0 ? {'events':[{'message':'not yet'}],'n':1,"
              "'status_code':429,'header':{'Retry-After':['30']}} : "
              "{'events':[{'message':'now'}],'status_code':200})\"}");
    before = fake.mono_ms;
    assert_int_equal(rig_period(), CXD_POLL_IDLE);
    assert_int_equal(fake.event_count, 1);
    assert_string_equal(fake.events[0], "now");
    assert_in_range(fake.mono_ms - before, 30000, 30100);
    rig_close();
    open_with("{'resource':{" URL "},'program':\"{'events':[{'message':'x'}],"
              "'status_code':500}\"}");
    assert_int_equal(rig_period(), CXD_POLL_IDLE);
    assert_int_equal(fake.event_count, 1);
    assert_int_equal(fake.health, CXD_DEGRADED);
    assert_string_equal(fake.reason, "failed http request with status 500");
    rig_close();
}

static void test_pace(void **state)
{
    struct rate rate;

    (void)state;
    rate_init(&rate, -1, 1, 0);
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(rate_take(&rate, 0), 0);
    }
    rate_init(&rate, 4, 2, 1000);
    assert_int_equal(rate_take(&rate, 1000), 0);
    assert_int_equal(rate_take(&rate, 1000), 0);
    assert_in_range(rate_take(&rate, 1000), 249, 251);
    assert_int_equal(rate_take(&rate, 1251), 0);
    assert_int_equal(rate_take(&rate, 90000), 0);
    assert_int_equal(rate_take(&rate, 90000), 0);
    assert_true(rate_take(&rate, 90000) > 0); /* saved-up time is worth no more than the burst */
    rate_hold(&rate, 5000, 1, 90000);
    assert_int_equal(rate_take(&rate, 92000), 3000);
    assert_true(rate_take(&rate, 96000) >= 0);
    rate_set(&rate, 0, 1, 96000);
    (void)rate_take(&rate, 96000);
    assert_int_equal(rate_take(&rate, 97000), RATE_WAIT_MAX_MS);
}

static int told;
static void tell(struct cxd_self *self, int health, const char *reason)
{
    (void)self;
    told += health == CXD_DEGRADED && strcmp(reason, "the server answers 503") == 0;
    fake.health = health;
}

static void test_a_long_wait_is_told_and_taken_back(void **state)
{
    static const struct fake_reply replies[] = {{.status = 503, .headers = "Retry-After: 40\n"},
                                                {.body = "good"}};

    (void)state;
    told = 0;
    SCRIPT(replies);
    open_with("{'resource':{" URL "}" ASK("get(state.url)") "}");
    rig_host.health = tell;
    assert_int_equal(rig_period(), CXD_POLL_IDLE);
    assert_int_equal(told, 1);
    assert_int_equal(fake.health, CXD_HEALTHY);
    rig_close();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_requests_keep_their_pace),
        TEST(test_a_rate_that_the_program_tells),
        TEST(test_too_many_requests_told_by_status_code_is_waited_for),
        TEST(test_pace),
        TEST(test_a_long_wait_is_told_and_taken_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
