/* test_input.c: the cel input's loop: state, cursors, more to come, limits, and what becomes of failures. */
#include "rig.h"

static int rig_try(const char *json, struct cxd_error *err)
{
    return rig_try_as(settings_options, json, NULL, err);
}

static void rig_open(const char *json)
{
    struct cxd_error err = CXD_ERROR_INIT;

    if (rig_try(json, &err) < 0) {
        fail_msg("open: %s", err.text);
    }
}

static int reset(void **state)
{
    (void)state;
    fake_reset();
    return 0;
}

static int done(void **state)
{
    (void)state;
    fake_reset();
    return 0;
}

#define URL "'resource':{'url':'https://api.example/x'}"

static void events_are(size_t count, ...)
{
    va_list wanted;

    assert_int_equal(fake.event_count, count);
    va_start(wanted, count);
    for (size_t i = 0; i < count; i++) {
        assert_string_equal(fake.events[i], va_arg(wanted, const char *));
    }
    va_end(wanted);
}

static void test_the_state_goes_from_one_evaluation_to_the_next(void **state)
{
    (void)state;
    rig_open("{" URL ",'state':{'n':1},"
             "'program':\"state.with({'events':[{'message':string(state.n)+state.url}],"
             "'n':int(state.n)+1,'want_more':state.n<3})\"}");
    assert_int_equal(rig_period(), CXD_POLL_IDLE);
    events_are(3, "1https://api.example/x", "2https://api.example/x", "3https://api.example/x");
    assert_int_equal(fake.health, CXD_HEALTHY);
    rig_later(60000);
    assert_int_equal(rig_period(), CXD_POLL_IDLE);
    assert_string_equal(fake.events[3], "4https://api.example/x");
    rig_close();
}

static void test_periods_begin_at_their_interval(void **state)
{
    struct cxd_error err = CXD_ERROR_INIT;
    int64_t wait_ms = 0;

    (void)state;
    rig_open("{" URL ",'interval':5000,'program':\"{'events':[]}\"}");
    assert_int_equal(stream_poll(rig, &wait_ms, &err), CXD_POLL_IDLE);
    assert_int_equal(wait_ms, 5000);
    rig_later(4000);
    assert_int_equal(stream_poll(rig, &wait_ms, &err), CXD_POLL_IDLE);
    assert_int_equal(wait_ms, 1000);
    rig_close();
}

static void test_one_cursor_stands_behind_the_last_event(void **state)
{
    (void)state;
    rig_open("{" URL ",'program':\"{'events':[{'message':'a'},{'message':'b'}],"
             "'cursor':{'at':9007199254740993u,'t':now}}\"}");
    assert_int_equal(rig_period(), CXD_POLL_IDLE);
    assert_int_equal(fake.mark_count, 1);
    assert_int_equal(fake.marked_events, 2);
    assert_string_equal(rig_cursor(),
                        "{\"at\":\"9007199254740993\",\"t\":\"2023-11-14T22:13:20.123Z\"}");
    rig_close();
}

static void test_each_event_has_its_cursor_and_a_restart_goes_on(void **state)
{
    (void)state;
    rig_open("{" URL ",'program':\"{'events':[{'message':'a'},{'message':'b'}],"
             "'cursor':[{'at':1},{'at':2}]}\"}");
    assert_int_equal(rig_period(), CXD_POLL_IDLE);
    assert_int_equal(fake.mark_count, 2);
    assert_string_equal(rig_cursor(), "{\"at\":2}");
    rig_close();
    fake_forget();
    rig_open("{" URL ",'state':{'cursor':{'at':0}},"
             "'program':\"{'events':[{'message':string(state.cursor.at)}]}\"}");
    assert_int_equal(rig_period(), CXD_POLL_IDLE);
    events_are(1, "2");
    rig_close();
}

static void test_a_cursor_of_the_options_is_where_to_begin(void **state)
{
    (void)state;
    rig_open("{" URL ",'state_json':\"{\\\"cursor\\\":{\\\"at\\\":7}}\","
             "'program':\"{'events':[{'message':string(state.cursor.at)}]}\"}");
    assert_int_equal(rig_period(), CXD_POLL_IDLE);
    events_are(1, "7");
    rig_close();
}

static void test_a_list_of_cursors_that_does_not_fit_moves_nothing(void **state)
{
    (void)state;
    rig_open("{" URL ",'program':\"{'events':[{'message':'a'},{'message':'b'}],"
             "'cursor':[{'at':1}]}\"}");
    assert_int_equal(rig_period(), CXD_POLL_IDLE);
    assert_int_equal(fake.mark_count, 0);
    assert_int_equal(fake.event_count, 2);
    assert_int_equal(fake.health, CXD_DEGRADED);
    rig_close();
}

static void test_no_events_end_a_period_but_keep_the_cursor(void **state)
{
    (void)state;
    rig_open("{" URL ",'program':\"{'events':[],'want_more':true,'cursor':{'at':3}}\"}");
    assert_int_equal(rig_period(), CXD_POLL_IDLE);
    assert_string_equal(rig_cursor(), "{\"at\":3}");
    rig_close();
    rig_open("{" URL ",'want_more_when_empty':true,'state':{'n':0},"
             "'program':\"state.with({'events':[],'want_more':state.n<4.0,'n':int(state.n)+1,"
             "'cursor':{'at':int(state.n)}})\"}");
    assert_int_equal(rig_period(), CXD_POLL_IDLE);
    assert_string_equal(rig_cursor(), "{\"at\":4}");
    rig_close();
}

static void test_a_single_object_is_one_event_unless_it_tells_of_an_error(void **state)
{
    (void)state;
    rig_open("{" URL ",'program':\"{'events':{'message':'one'},'cursor':{'at':1}}\"}");
    assert_int_equal(rig_period(), CXD_POLL_IDLE);
    events_are(1, "one");
    assert_string_equal(rig_cursor(), "{\"at\":1}");
    assert_int_equal(fake.health, CXD_HEALTHY);
    rig_close();
    fake_forget();
    rig_open("{" URL ",'program':\"{'events':{'error':{'code':'401','id':'401 Unauthorized',"
             "'message':'GET https://h/?key=abc: no'}},'cursor':{'at':2},'want_more':true}\"}");
    assert_int_equal(rig_period(), CXD_POLL_IDLE);
    assert_int_equal(fake.event_count, 0);
    assert_string_equal(rig_cursor(), "{\"at\":1}");
    assert_int_equal(fake.health, CXD_DEGRADED);
    assert_string_equal(
        fake.reason, "the program reports an error: 401 Unauthorized: GET https://h/?******** no");
    rig_close();
}

static void test_a_failed_evaluation_is_told_with_its_place_and_tried_again(void **state)
{
    (void)state;
    rig_open("{" URL ",'state':{'n':0},"
             "'program':\"state.with({'events':[{'message':string(1 / int(state.n))}]})\"}");
    assert_int_equal(rig_period(), CXD_POLL_IDLE);
    assert_int_equal(fake.event_count, 0);
    assert_int_equal(fake.health, CXD_DEGRADED);
    assert_string_equal(fake.reason, "failed evaluation: 1:43: division by zero");
    assert_true(fake_logged("^"));
    rig_later(60000);
    assert_int_equal(rig_period(), CXD_POLL_IDLE);
    assert_int_equal(fake.health, CXD_DEGRADED);
    rig_close();
}

static void test_health_comes_back_with_a_good_period(void **state)
{
    static const struct fake_reply replies[] = {{.status = 404, .body = "{}"},
                                                {.body = "{\"m\":\"x\"}"}};

    (void)state;
    fake_script(replies, 2);
    rig_open("{" URL ",'program':\"get(state.url).as(r, r.StatusCode == 200 ? "
             "{'events':[{'message':r.Body.decode_json().m}]} : "
             "{'events':{'error':{'message':r.Status}}})\"}");
    assert_int_equal(rig_period(), CXD_POLL_IDLE);
    assert_int_equal(fake.health, CXD_DEGRADED);
    assert_string_equal(fake.reason, "the program reports an error: 404 Not Found");
    rig_later(60000);
    assert_int_equal(rig_period(), CXD_POLL_IDLE);
    assert_int_equal(fake.health, CXD_HEALTHY);
    events_are(1, "x");
    rig_close();
}

static void test_results_that_are_none(void **state)
{
    static const char *const programs[] = {
        "{" URL ",'program':\"{'event':[]}\"}", "{" URL ",'program':'1'}",
        "{" URL ",'program':\"{'events':1}\"}", "{" URL ",'program':\"{'events':[1]}\"}"};

    (void)state;
    for (size_t i = 0; i < sizeof programs / sizeof programs[0]; i++) {
        fake.health = CXD_HEALTHY;
        rig_open(programs[i]);
        assert_int_equal(rig_period(), CXD_POLL_IDLE);
        assert_int_equal(fake.health, CXD_DEGRADED);
        assert_int_equal(fake.event_count, 0);
        rig_close();
    }
}

static void test_the_number_of_evaluations_is_bounded(void **state)
{
    (void)state;
    rig_open("{" URL ",'max_executions':3,'state':{},"
             "'program':\"{'events':[{'message':string(remaining_executions)}],"
             "'want_more':true}\"}");
    assert_int_equal(rig_period(), CXD_POLL_IDLE);
    events_are(3, "3", "2", "1");
    assert_int_equal(fake.health, CXD_DEGRADED);
    rig_later(60000);
    assert_int_equal(rig_period(), CXD_POLL_IDLE);
    assert_int_equal(fake.event_count, 6);
    rig_close();
}

static void test_a_program_that_is_wrong_is_refused_with_its_place(void **state)
{
    struct cxd_error err = CXD_ERROR_INIT;

    (void)state;
    assert_int_equal(rig_try("{" URL ",'program':\"{'events': nonsense(1)}\"}", &err), CXD_CONFIG);
    assert_non_null(strstr(err.text, "program: 1:"));
    assert_non_null(strchr(err.text, '^'));
    assert_int_equal(fake.held, 0);
    assert_int_equal(rig_try("{" URL ",'regexp':{'n':'(a)\\\\1'},'program':'{}'}", &err),
                     CXD_CONFIG);
    assert_non_null(strstr(err.text, "regexp.n"));
    assert_int_equal(rig_try("{" URL ",'program':'{}','state':{'secret':1},"
                             "'secret_state':{'a':'b'}}",
                             &err),
                     CXD_CONFIG);
    assert_int_equal(rig_try("{" URL ",'program':'{}','auth':{'basic':{'user':'u',"
                             "'password':'p'},'token':{'value':'v'}}}",
                             &err),
                     CXD_CONFIG);
    assert_int_equal(fake.held, 0);
}

static void test_members_beside_the_message_stand_in_the_document(void **state)
{
    (void)state;
    rig_open("{" URL ",'program':\"{'events':[{'message':'m','a.b':1,'c':{'d':[true,null]},"
             "'e':b'xy'},{'n':5}]}\"}");
    assert_int_equal(rig_period(), CXD_POLL_IDLE);
    events_are(2, "m", "{\"n\":5}");
    rig_close();
}

static void test_secrets_are_shown_nowhere(void **state)
{
    static const struct fake_reply replies[] = {{.status = 400, .body = "bad geheimes-wort"}};

    (void)state;
    fake_script(replies, 1);
    rig_open("{" URL ",'secret_state':{'key':'geheimes-wort'},'state':{'own':'auch-geheim'},"
             "'redact':{'fields':['own']},"
             "'program':\"request('GET', state.url).with({'Header':{'X-Name':[state.secret.key]}})"
             ".do_request().as(r, debug('reply', string(r.Body)).as(b, "
             "{'events':{'error':{'message':b+state.own}}}))\"}");
    assert_int_equal(rig_period(), CXD_POLL_IDLE);
    assert_non_null(strstr(fake.requests[0].headers, "*X-Name: geheimes-wort"));
    assert_non_null(strstr(fake.reason, "bad *****"));
    for (int i = 0; i < fake.log_count; i++) {
        assert_null(strstr(fake.logs[i], "geheimes-wort"));
        assert_null(strstr(fake.logs[i], "auch-geheim"));
    }
    assert_true(fake_logged("state: {"));
    assert_true(fake_logged("debug reply: \"bad ****"));
    rig_close();
}

static void test_environment_only_as_far_as_allowed(void **state)
{
    (void)state;
    assert_int_equal(setenv("RIG_SEEN", "yes", 1), 0);
    assert_int_equal(setenv("RIG_HIDDEN", "no", 1), 0);
    rig_open("{" URL ",'allowed_environment':['RIG_SEEN'],'regexp':{'w':'([a-z])s$'},"
             "'program':\"{'events':[{'message':env.encode_json()+useragent"
             "+'yes'.re_find_submatch('w')[1]}]}\"}");
    assert_int_equal(rig_period(), CXD_POLL_IDLE);
    events_are(1, "{\"RIG_SEEN\":\"yes\"}cortexde");
    rig_close();
}

static void test_a_stop_leaves_nothing_half_done(void **state)
{
    static const struct fake_reply replies[] = {{.body = "{}"}};
    struct cxd_error err = CXD_ERROR_INIT;
    int64_t wait_ms = 0;

    (void)state;
    fake_script(replies, 1);
    rig_open("{" URL ",'program':\"{'events':[{'message':string(try(get(state.url), 'e').e)}],"
             "'cursor':{'at':1}}\"}");
    fake.is_stopping = 1;
    assert_int_equal(stream_poll(rig, &wait_ms, &err), CXD_POLL_MORE);
    assert_int_equal(fake.event_count, 0);
    assert_int_equal(fake.mark_count, 0);
    rig_close();
}

/* Every allocation of the host failing in turn: the poll says so or the events are whole, and nothing is left behind. */
static void test_failing_allocations(void **state)
{
    static const struct fake_reply replies[] = {{.body = "{\"l\":[\"a\",\"b\"]}"}};
    static const char options[] =
        "{" URL ",'state':{'s':'x'},'secret_state':{'k':'geheimes-wort'},'redact':{'fields':['s']},"
        "'auth':{'basic':{'user':'u','password':'passwort'}},"
        "'program':\"get(state.url).as(r, r.Body.decode_json().l.map(e, {'message':e,'f':[1]})"
        ".as(l, state.with({'events':l,'cursor':l.map(e, {'at':e.message})})))\"}";
    uint64_t n = 0;
    uint64_t asked;

    (void)state;
    do {
        struct cxd_error err = CXD_ERROR_INIT;
        int status;

        fake_reset();
        fake_script(replies, 1);
        fake.fail_at = ++n;
        status = rig_try(options, &err);
        if (status < 0) {
            assert_int_equal(status, CXD_NOMEM);
            assert_int_equal(fake.held, 0);
        } else {
            int result = rig_period();

            assert_true(result == CXD_POLL_IDLE || result == CXD_POLL_RETRY);
            assert_true(fake.event_count <= 2);
            if (result == CXD_POLL_IDLE && fake.health == CXD_HEALTHY) {
                assert_string_equal(rig_cursor(), "{\"at\":\"b\"}");
            }
            rig_close();
        }
        asked = fake.asked;
    } while (asked >= n);
    assert_true(n > 15);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_the_state_goes_from_one_evaluation_to_the_next, reset,
                                        done),
        cmocka_unit_test_setup_teardown(test_periods_begin_at_their_interval, reset, done),
        cmocka_unit_test_setup_teardown(test_one_cursor_stands_behind_the_last_event, reset, done),
        cmocka_unit_test_setup_teardown(test_each_event_has_its_cursor_and_a_restart_goes_on, reset,
                                        done),
        cmocka_unit_test_setup_teardown(test_a_cursor_of_the_options_is_where_to_begin, reset,
                                        done),
        cmocka_unit_test_setup_teardown(test_a_list_of_cursors_that_does_not_fit_moves_nothing,
                                        reset, done),
        cmocka_unit_test_setup_teardown(test_no_events_end_a_period_but_keep_the_cursor, reset,
                                        done),
        cmocka_unit_test_setup_teardown(
            test_a_single_object_is_one_event_unless_it_tells_of_an_error, reset, done),
        cmocka_unit_test_setup_teardown(
            test_a_failed_evaluation_is_told_with_its_place_and_tried_again, reset, done),
        cmocka_unit_test_setup_teardown(test_health_comes_back_with_a_good_period, reset, done),
        cmocka_unit_test_setup_teardown(test_results_that_are_none, reset, done),
        cmocka_unit_test_setup_teardown(test_the_number_of_evaluations_is_bounded, reset, done),
        cmocka_unit_test_setup_teardown(test_a_program_that_is_wrong_is_refused_with_its_place,
                                        reset, done),
        cmocka_unit_test_setup_teardown(test_members_beside_the_message_stand_in_the_document,
                                        reset, done),
        cmocka_unit_test_setup_teardown(test_secrets_are_shown_nowhere, reset, done),
        cmocka_unit_test_setup_teardown(test_environment_only_as_far_as_allowed, reset, done),
        cmocka_unit_test_setup_teardown(test_a_stop_leaves_nothing_half_done, reset, done),
        cmocka_unit_test_setup_teardown(test_failing_allocations, reset, done),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
