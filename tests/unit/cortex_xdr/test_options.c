/*
 * test_options.c: how a tenant is named in a policy, for every kind of stream: addresses, keys, times, and memory that runs out.
 */
#include "fake.h"

#include "lib/optree.h"
#include "lib/tenant_options.h"

static const struct cxd_option rows[] = {
    TENANT_ROWS,
    {NULL, 0, 0, NULL, NULL, NULL},
};

static int setup(void **state)
{
    (void)state;
    fake_reset();
    return 0;
}

/* A name, and with it a key that is good. */
#define KEY(more) "{'api_token': 't', 'token_id': '7'" more "}"

static void expect(const char *json, const char *address, const char *reason)
{
    const struct heap heap = {&fake_host, NULL};
    struct cxd_error err = CXD_ERROR_INIT;
    struct tenant_options t;
    struct region r;
    int status;

    region_init(&r, &heap, 1u << 20);
    status = tenant_options_read(&r, optree_read(&r, fake_options(rows, json)), &t, &err);
    if (address != NULL && (status != 0 || strcmp(t.address.ptr, address) != 0)) {
        fail_msg("%s: %s", json, err.text);
    }
    if (reason != NULL && (status != CXD_CONFIG || strstr(err.text, reason) == NULL)) {
        fail_msg("%s: %d, %s", json, status, err.text);
    }
    region_done(&r);
    assert_int_equal(fake.held, 0);
}

static void test_a_tenant_has_an_address(void **state)
{
    (void)state;
    expect(KEY(", 'domain': 'x.xdr.eu.paloaltonetworks.com'"),
           "https://api-x.xdr.eu.paloaltonetworks.com", NULL);
    expect(KEY(", 'domain': 'api-x.example/'"), "https://api-x.example", NULL);
    expect(KEY(", 'domain': 'http://h:1//'"), "http://h:1", NULL);
    expect(KEY(", 'domain': 'x', 'url': 'https://other/'"), "https://other", NULL);
    expect(KEY(", 'domain': 'https://first', 'url': 'https://other'"), "https://first", NULL);
    expect(KEY(""), NULL, "domain is needed");
    expect(KEY(", 'url': 'h'"), NULL, "url: expected http:// or https://");
    expect(KEY(", 'domain': 'x', 'url': 'ftp://h'"), NULL, "url: expected");
}

static void test_long_addresses_are_refused(void **state)
{
    char json[300];

    (void)state;
    (void)snprintf(json, sizeof json, KEY(", 'domain': '%0178d'"), 1);
    expect(json,
           "https://api-000000000000000000000000000000000000000000000000000000000000000000000"
           "000000000000000000000000000000000000000000000000000000000000000000000000000000000"
           "0000000000000000000000000001",
           NULL);
    (void)snprintf(json, sizeof json, KEY(", 'domain': '%0179d'"), 1);
    expect(json, NULL, "domain: longer than 178 bytes");
    (void)snprintf(json, sizeof json, KEY(", 'url': 'http://%0184d'"), 1);
    expect(json, NULL, "url: longer");
}

static void test_keys_and_numbers_have_limits(void **state)
{
    static const char *const wrong[][2] = {
        {"{'api_token': 'a b', 'token_id': '7', 'domain': 'x'}", "api_token and token_id"},
        {"{'api_token': 'a', 'token_id': '7\\n', 'domain': 'x'}", "api_token and token_id"},
        {"{'api_token': '', 'token_id': '7', 'domain': 'x'}", "api_token and token_id"},
        {KEY(", 'domain': 'x', 'interval': 999"), "interval must be between 1 s"},
        {KEY(", 'domain': 'x', 'initial_interval': 31536000001"), "initial_interval"},
        {KEY(", 'domain': 'x', 'settle': 3600001"), "settle must be between 0 s and 3600 s"},
        {KEY(", 'domain': 'x', 'request_timeout': 600001"), "request_timeout"},
        {KEY(", 'domain': 'x', 'requests_per_second': 0"), "requests_per_second"},
        {KEY(", 'domain': 'x', 'requests_per_second': 1001"), "requests_per_second"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        expect(wrong[i][0], NULL, wrong[i][1]);
    }
}

static void test_memory_that_runs_out_is_an_error(void **state)
{
    const struct heap heap = {&fake_host, NULL};
    struct cxd_bytes doc = fake_options(rows, KEY(", 'domain': 'x'"));
    struct cxd_error err = CXD_ERROR_INIT;
    struct tenant_options t;
    int status = -1;

    (void)state;
    for (size_t max = 0; max < 20000 && status < 0; max += 16) {
        struct region r;
        struct tree *root;

        region_init(&r, &heap, max);
        root = optree_read(&r, doc);
        status = root == NULL || r.status < 0 ? CXD_NOMEM : tenant_options_read(&r, root, &t, &err);
        assert_true(status == 0 || r.status < 0);
        region_done(&r);
    }
    assert_int_equal(status, 0);
    assert_int_equal(fake.held, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_a_tenant_has_an_address, setup),
        cmocka_unit_test_setup(test_long_addresses_are_refused, setup),
        cmocka_unit_test_setup(test_keys_and_numbers_have_limits, setup),
        cmocka_unit_test_setup(test_memory_that_runs_out_is_an_error, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
