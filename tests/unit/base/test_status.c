/* test_status.c: one row for each number, and errors that carry their context. */
#include "base/status.h"

#include "test.h"

#define NUMBER(number, name, class_, text) (number),
static const int numbers[] = {CXD_STATUS_LIST(NUMBER)};
#undef NUMBER

static void test_numbers_names_and_texts_are_distinct(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(numbers); i++) {
        assert_int_equal(numbers[i], -(int)i); /* frozen: no number moves, none is left out */
        assert_string_not_equal(status_name(numbers[i]), "UNKNOWN");
        assert_true(strlen(status_text(numbers[i])) > 1);
        for (size_t k = 0; k < i; k++) {
            assert_string_not_equal(status_name(numbers[i]), status_name(numbers[k]));
            assert_string_not_equal(status_text(numbers[i]), status_text(numbers[k]));
        }
    }
}

static void test_classes(void **state)
{
    (void)state;
    assert_int_equal(status_class(CXD_OK), CXD_CLASS_OK);
    assert_int_equal(status_class(CXD_END), CXD_CLASS_OK);
    assert_int_equal(status_class(CXD_TIMEOUT), CXD_CLASS_RETRY);
    assert_int_equal(status_class(CXD_THROTTLED), CXD_CLASS_RETRY);
    assert_int_equal(status_class(CXD_FULL), CXD_CLASS_RETRY);
    assert_int_equal(status_class(CXD_MALFORMED), CXD_CLASS_DROP);
    assert_int_equal(status_class(CXD_FORBIDDEN), CXD_CLASS_AUTH);
    assert_int_equal(status_class(CXD_TLS), CXD_CLASS_CONFIG);
    assert_int_equal(status_class(CXD_NOMEM), CXD_CLASS_FATAL);
    assert_int_equal(status_class(CXD_INVALID), CXD_CLASS_BUG);
}

static void test_a_number_of_nobody(void **state)
{
    (void)state;
    assert_string_equal(status_name(-999), "UNKNOWN");
    assert_string_equal(status_name(1), "UNKNOWN");
    assert_string_equal(status_text(-999), "unknown status");
    assert_int_equal(status_class(-999), CXD_CLASS_BUG);
}

static void test_context_goes_in_front(void **state)
{
    struct cxd_error err = CXD_ERROR_INIT;
    char lengthy[600];

    (void)state;
    assert_int_equal(cxd_error_set(&err, CXD_IO, "cannot read %d", 5), CXD_IO);
    err.http_status = 503;
    assert_int_equal(cxd_error_wrap(&err, "object %s", "a.gz"), CXD_IO);
    assert_string_equal(err.text, "object a.gz: cannot read 5");
    assert_int_equal(err.http_status, 503);
    memset(lengthy, 'y', sizeof lengthy - 1);
    lengthy[sizeof lengthy - 1] = '\0';
    assert_int_equal(cxd_error_wrap(&err, "%s", lengthy), CXD_IO);
    assert_int_equal(strlen(err.text), sizeof err.text - 1);
    assert_int_equal(cxd_error_set(NULL, CXD_IO, "nobody"), CXD_IO);
    assert_int_equal(cxd_error_wrap(NULL, "nobody"), CXD_BUG);
}

static void test_a_failure_without_words_gets_some(void **state)
{
    struct cxd_error err = CXD_ERROR_INIT;

    (void)state;
    status_explain(&err, CXD_TIMEOUT);
    assert_int_equal(err.status, CXD_TIMEOUT);
    assert_string_equal(err.text, "time limit reached (no reason given)");
    (void)cxd_error_set(&err, CXD_IO, "words");
    status_explain(&err, CXD_TIMEOUT);
    assert_int_equal(err.status, CXD_IO);
    assert_string_equal(err.text, "words");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers_names_and_texts_are_distinct),
        cmocka_unit_test(test_classes),
        cmocka_unit_test(test_a_number_of_nobody),
        cmocka_unit_test(test_context_goes_in_front),
        cmocka_unit_test(test_a_failure_without_words_gets_some),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
