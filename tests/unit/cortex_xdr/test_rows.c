/* test_rows.c: replies that are not what they should be: numbers of any size and kind, members that lack or are something else. */
#include "fake.h"

#include "rows.h"

static struct heap heap = {&fake_host, NULL};
static struct region region;
static struct cxd_error err;
static struct rows rows;

static int read_reply(const char *type, const char *body)
{
    region_clear(&region);
    err = (struct cxd_error)CXD_ERROR_INIT;
    rows = (struct rows){NULL, -7, -7};
    return rows_read(&region, profile_find((struct cxd_bytes){type, strlen(type)}),
                     (struct cxd_bytes){body, strlen(body)}, &rows, &err);
}

static void test_totals_of_any_kind(void **state)
{
    static const struct {
        const char *text;
        int64_t total;
    } cases[] = {
        {"250", 250},  {"\"250\"", -1}, /* not said, then: pages are read to their end */
        {"2.5e2", -1}, {"1e400", -1},   {"99999999999999999999999999", -1}, {"-5", -5},
        {"null", -1},  {"[]", -1},      {"9223372036854775807", INT64_MAX},
    };
    char body[200];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        (void)snprintf(body, sizeof body, "{\"reply\":{\"total_count\":%s,\"incidents\":[{},{}]}}",
                       cases[i].text);
        assert_int_equal(read_reply("incidents", body), 0);
        assert_int_equal(rows.count, 2);
        assert_int_equal(rows.total, cases[i].total);
    }
}

static void test_replies_of_another_shape(void **state)
{
    static const struct {
        const char *body;
        int status;
        const char *text;
    } cases[] = {
        {"", CXD_TRUNCATED, "JSON"},
        {"{", CXD_TRUNCATED, "JSON"},
        {"{\"reply\":{\"incidents\":[}}", CXD_MALFORMED, "JSON"},
        {"Too many requests", CXD_MALFORMED, "JSON"},
        {"null", CXD_MALFORMED, "no \"reply\" object"},
        {"{}", CXD_MALFORMED, "no \"reply\" object"},
        {"{\"reply\":[]}", CXD_MALFORMED, "no \"reply\" object"},
        {"{\"reply\":null}", CXD_MALFORMED, "no \"reply\" object"},
        {"{\"reply\":{}}", CXD_MALFORMED, "no list \"incidents\""},
        {"{\"reply\":{\"incidents\":{}}}", CXD_MALFORMED, "no list \"incidents\""},
        {"{\"reply\":{\"incidents\":null}}", CXD_MALFORMED, "no list \"incidents\""},
        {"{\"reply\":{\"alerts\":[]}}", CXD_MALFORMED, "no list \"incidents\""},
        {"{\"reply\":{\"err_code\":401,\"err_msg\":\"no\\u0007\"}}", CXD_AUTH, "401"},
        {"{\"reply\":{\"err_code\":429}}", CXD_THROTTLED, "too many"},
        {"{\"reply\":{\"err_code\":999999999999,\"err_msg\":{}}}", CXD_SERVER, "500"},
        {"{\"reply\":{\"err_code\":\"500\",\"incidents\":null}}", CXD_MALFORMED, "no list"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int status = read_reply("incidents", cases[i].body);

        if (status != cases[i].status || strstr(err.text, cases[i].text) == NULL) {
            fail_msg("case %zu: %d \"%s\"", i, status, err.text);
        }
        assert_null(rows.list);
        assert_null(strchr(err.text, 7));
    }
}

static void test_times_of_any_kind(void **state)
{
    static const struct {
        const char *text;
        int64_t ms; /* -1: none */
    } cases[] = {
        {"1760000000000", 1760000000000},
        {"1.76E12", 1760000000000},
        {"1760000000000.7", 1760000000000},
        {"\"1760000000000\"", -1},
        {"null", -1},
        {"1e300", -1},
        {"-1e3", -1},
        {"{}", -1},
        {"[1]", -1},
    };
    char body[200];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t ms = -1;
        bool has;

        (void)snprintf(body, sizeof body, "{\"reply\":{\"data\":[{\"TIMESTAMP\":%s}]}}",
                       cases[i].text);
        assert_int_equal(read_reply("cortex_xdr/audit_agent", body), 0);
        has = rows_time(&region, profile_find(CXD_LIT("audit_agent")), rows.list->first, &ms);
        assert_int_equal(has, cases[i].ms >= 0);
        assert_int_equal(ms, cases[i].ms);
    }
}

static int begin(void **state)
{
    (void)state;
    fake_reset();
    region_init(&region, &heap, 1u << 20);
    return 0;
}

static int end(void **state)
{
    (void)state;
    region_done(&region);
    assert_int_equal(fake.held, 0);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_totals_of_any_kind, begin, end),
        cmocka_unit_test_setup_teardown(test_replies_of_another_shape, begin, end),
        cmocka_unit_test_setup_teardown(test_times_of_any_kind, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
