/* poll_bench.c: see the header. */
#include "poll_bench.h"

const char page1[] =
    "{\"reply\":{\"total_count\":3,\"result_count\":2,\"alerts\":["
    "{\"alert_id\":\"1\",\"big\":12345678901234567890123,\"cost\":1.10,\"events\":[{\"e\":1},{"
    "\"e\":2}],\"detection_timestamp\":1700000000001},"
    "{\"alert_id\":\"2\",\"events\":[],\"detection_timestamp\":1700000000002}]}}";
const char page2[] =
    "{\"reply\":{\"total_count\":3,\"result_count\":1,\"alerts\":["
    "{\"alert_id\":\"3\",\"events\":null,\"detection_timestamp\":1700000000003}]}}";
const char empty[] = "{\"reply\":{\"total_count\":0,\"result_count\":0,\"alerts\":[]}}";

void *instance;

void begin(const char *json)
{
    struct cxd_error err = CXD_ERROR_INIT;

    instance = NULL;
    if (input_open(&fake_host, NULL, fake_options(config_options, json), &instance, &err) < 0) {
        fail_msg("open: %s", err.text);
    }
}

void finish(void)
{
    input_close(instance);
    assert_int_equal(fake.held, 0);
}

/* Polls until the interval is over, moving the clock over every wait. */
int interval(void)
{
    struct cxd_error err = CXD_ERROR_INIT;
    int64_t wait_ms = 0;
    int result;

    for (int i = 0; i < 5000; i++) {
        result = input_poll(instance, &wait_ms, &err);
        if (result == CXD_POLL_WAITING) {
            assert_true(wait_ms > 0);
            fake.mono_ms += wait_ms;
            fake.wall_ms += wait_ms;
        } else if (result != CXD_POLL_MORE) {
            return result;
        }
    }
    fail_msg("no end");
    return -1;
}

void next_interval(int64_t ms)
{
    fake.mono_ms += ms;
    fake.wall_ms += ms;
}

void expect_open_error(const char *json, const char *part)
{
    struct cxd_error err = CXD_ERROR_INIT;
    void *none = NULL;

    if (input_open(&fake_host, NULL, fake_options(config_options, json), &none, &err) == 0) {
        input_close(none);
        fail_msg("opens: %s", json);
    }
    if (strstr(err.text, part) == NULL) {
        fail_msg("\"%s\" has no \"%s\"", err.text, part);
    }
    assert_int_equal(fake.held, 0);
}

int setup(void **state)
{
    (void)state;
    fake_reset();
    return 0;
}
