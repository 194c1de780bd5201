/* table.c: see the header. */
#include "table.h"

struct row *rows;
size_t row_count;
void (*between)(size_t request);
size_t page_cap = 100;
static char *reply;

static int row_order(const void *left, const void *right)
{
    const struct row *a = left;
    const struct row *b = right;

    return a->time_ms != b->time_ms ? (a->time_ms < b->time_ms ? -1 : 1)
           : a->id < b->id          ? -1
                                    : a->id > b->id;
}

int64_t number_behind(const char *text, const char *what)
{
    const char *at = strstr(text, what);

    assert_non_null(at);
    return strtoll(at + strlen(what), NULL, 10);
}

struct fake_reply answer_api(const struct fake_request *request)
{
    int64_t from = number_behind(request->body, "\"gte\",\"value\":");
    int64_t to = number_behind(request->body, "\"lte\",\"value\":");
    size_t search_from = (size_t)number_behind(request->body, "\"search_from\":");
    size_t search_to = (size_t)number_behind(request->body, "\"search_to\":");
    size_t matches = 0;
    size_t given = 0;
    size_t len;

    if (between != NULL) {
        between(fake.request_count);
    }
    if (search_to - search_from > page_cap) {
        search_to = search_from + page_cap;
    }
    qsort(rows, row_count, sizeof *rows, row_order);
    free(reply);
    reply = malloc(40000);
    len = (size_t)sprintf(reply, "{\"reply\":{\"incidents\":[");
    for (size_t i = 0; i < row_count; i++) {
        if (rows[i].time_ms < from || rows[i].time_ms > to) {
            continue;
        }
        if (matches >= search_from && matches < search_to) {
            len += (size_t)sprintf(
                reply + len, "%s{\"incident_id\":\"%d\",\"modification_time\":%lld,\"version\":%d}",
                given++ > 0 ? "," : "", rows[i].id, (long long)rows[i].time_ms, rows[i].version);
        }
        matches++;
    }
    (void)sprintf(reply + len, "],\"total_count\":%zu,\"result_count\":%zu}}",
                  matches > 9999 ? 9999 : matches, given);
    return (struct fake_reply){.body = reply};
}

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

int look(void)
{
    struct cxd_error err = CXD_ERROR_INIT;
    int64_t wait_ms = 0;

    for (int i = 0; i < 20000; i++) {
        int result = input_poll(instance, &wait_ms, &err);

        if (result == CXD_POLL_IDLE || result == CXD_POLL_FAILED) {
            return result;
        }
        if (result == CXD_POLL_RETRY) {
            wait_ms = err.retry_after_ms > 1000 ? err.retry_after_ms : 1000;
        }
        if (result != CXD_POLL_MORE) {
            fake.mono_ms += wait_ms;
            fake.wall_ms += wait_ms;
        }
    }
    fail_msg("no end");
    return 0;
}

void later(int64_t ms)
{
    fake.mono_ms += ms;
    fake.wall_ms += ms;
}

void rows_make(size_t count, int64_t first_ms, int64_t step_ms)
{
    free(rows);
    rows = calloc(count + 5000, sizeof *rows);
    row_count = count;
    for (size_t i = 0; i < count; i++) {
        rows[i] = (struct row){(int)i, first_ms + (int64_t)i * step_ms, 1};
    }
}

size_t came(int id, int version)
{
    char front[60];
    char back[30];
    size_t count = 0;

    (void)snprintf(front, sizeof front, "{\"incident_id\":\"%d\",", id);
    (void)snprintf(back, sizeof back, "\"version\":%d}", version);
    for (size_t i = 0; i < fake.event_count; i++) {
        const char *event = fake.events[i] + (fake.events[i][0] == '!');

        count += strncmp(event, front, strlen(front)) == 0 && strstr(event, back) != NULL;
    }
    return count;
}

void expect_each_once(size_t count)
{
    unsigned char *seen = calloc(count, 1);

    for (size_t i = 0; i < fake.event_count; i++) {
        size_t id = (size_t)number_behind(fake.events[i], "\"incident_id\":\"");

        assert_true(id < count);
        assert_int_equal(seen[id], 0);
        seen[id] = 1;
    }
    assert_int_equal(fake.event_count, count);
    free(seen);
}

int table_teardown(void **state)
{
    (void)state;
    fake_reset();
    free(rows);
    free(reply);
    rows = NULL;
    reply = NULL;
    return 0;
}

int table_setup(void **state)
{
    static int64_t begin_ms; /* a monotonic clock goes on from test to test: tenants outlive them */

    (void)state;
    fake_reset();
    fake.answer = answer_api;
    begin_ms += INT64_C(1000000000000);
    fake.mono_ms = begin_ms;
    between = NULL;
    return 0;
}
