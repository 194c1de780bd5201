/* test_chain.c: processors in their order, until one decides; every instance that was opened is closed. */
#include "rig.h"

#include "fake_processor.h"

static struct rig rig;
static struct chain *chain;

static int setup(void **state)
{
    (void)state;
    rig_open(&rig, NULL);
    chain = intake_chain(rig.intake);
    fake_processor_trace[0] = '\0';
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    rig_close(&rig);
    return fake_processor_open_count;
}

static int add(const char *what, const char *letter, struct cxd_error *err)
{
    return chain_add(chain, &fake_processor_module, fake_processor_options(what, letter),
                     &intake_processor_ops, rig.intake, err);
}

static int run(struct cxd_error *err)
{
    struct cxd_event *ev = NULL;

    assert_int_equal(rig.host->event_new(&rig.self, &ev, NULL), CXD_OK);
    return chain_run(chain, ev, err);
}

static void test_in_order_to_the_end(void **state)
{
    (void)state;
    assert_int_equal(run(NULL), CXD_KEEP); /* no processor at all */
    assert_int_equal(add("keep", "a", NULL), CXD_OK);
    assert_int_equal(add("keep", "b", NULL), CXD_OK);
    assert_int_equal(add("keep", "c", NULL), CXD_OK);
    assert_int_equal(run(NULL), CXD_KEEP);
    assert_int_equal(run(NULL), CXD_KEEP);
    assert_string_equal(fake_processor_trace, "abcabc");
    assert_int_equal(rig_count(&rig, "fake_processed_total"), 6);
}

static void test_discard_ends_it(void **state)
{
    (void)state;
    assert_int_equal(add("keep", "a", NULL), CXD_OK);
    assert_int_equal(add("discard", "b", NULL), CXD_OK);
    assert_int_equal(add("keep", "c", NULL), CXD_OK);
    assert_int_equal(run(NULL), CXD_DISCARD);
    assert_string_equal(fake_processor_trace, "ab");
}

static void test_failure_names_the_processor(void **state)
{
    struct cxd_error err = CXD_ERROR_INIT;

    (void)state;
    assert_int_equal(add("fail", "a", NULL), CXD_OK);
    assert_int_equal(add("keep", "b", NULL), CXD_OK);
    assert_int_equal(run(&err), CXD_MALFORMED);
    assert_string_equal(err.text, "processor fake: not to its taste");
    assert_string_equal(fake_processor_trace, "a");
    assert_int_equal(run(NULL), CXD_MALFORMED);
}

static void test_failure_without_words_gets_some(void **state)
{
    struct cxd_error err = CXD_ERROR_INIT;

    (void)state;
    assert_int_equal(add("silent", "a", NULL), CXD_OK);
    assert_int_equal(run(&err), CXD_MALFORMED);
    assert_int_equal(err.status, CXD_MALFORMED);
    assert_string_equal(err.text, "processor fake: malformed data (no reason given)");
}

static void test_an_inputs_function_is_not_a_processors(void **state)
{
    struct cxd_error err = CXD_ERROR_INIT;

    (void)state;
    assert_int_equal(add("emit", "a", NULL), CXD_OK);
    assert_int_equal(run(&err), CXD_UNSUPPORTED);
    assert_string_equal(err.text, "processor fake: only inputs emit events");
    assert_string_equal(fake_processor_trace, "a");
}

static void test_open_that_fails_adds_nothing(void **state)
{
    struct cxd_error err = CXD_ERROR_INIT;

    (void)state;
    assert_int_equal(add("keep", "a", NULL), CXD_OK);
    assert_int_equal(add("open-fails", "b", &err), CXD_CONFIG);
    assert_string_equal(err.text, "processor fake: does not like it");
    assert_int_equal(add("half-open", "c", &err), CXD_IO);
    assert_int_equal(fake_processor_open_count, 1);
    assert_int_equal(run(NULL), CXD_KEEP);
    assert_string_equal(fake_processor_trace, "a");
}

static void test_no_more_than_its_number(void **state)
{
    struct cxd_error err = CXD_ERROR_INIT;

    (void)state;
    for (int i = 0; i < CHAIN_MAX; i++) {
        assert_int_equal(add("keep", "a", NULL), CXD_OK);
    }
    assert_int_equal(add("keep", "a", &err), CXD_CONFIG);
    assert_string_equal(err.text, "more than 64 processors in one stream");
    assert_int_equal(run(NULL), CXD_KEEP);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(test_in_order_to_the_end),
        CASE(test_discard_ends_it),
        CASE(test_failure_names_the_processor),
        CASE(test_failure_without_words_gets_some),
        CASE(test_an_inputs_function_is_not_a_processors),
        CASE(test_open_that_fails_adds_nothing),
        CASE(test_no_more_than_its_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
