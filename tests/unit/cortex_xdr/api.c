/* api.c: see the header. */
#include "api.h"

#include <time.h>

struct api api;
void *api_instance;
static char *reply;
static char headers[120];
static char domain[40];
static int64_t epoch_ms;

int64_t api_now(void)
{
    return fake.wall_ms + api.skew_ms;
}

void api_add(int id, int64_t time_ms, int64_t visible_ms)
{
    assert_true(api.count < API_ROWS);
    api.rows[api.count++] = (struct api_row){id, time_ms, id, visible_ms};
}

int64_t api_number(const char *text, const char *what)
{
    const char *at = strstr(text, what);

    if (at == NULL) {
        fail_msg("no %s in %s", what, text);
        return 0;
    }
    return strtoll(at + strlen(what), NULL, 10);
}

static int by_time(const void *left, const void *right)
{
    const struct api_row *a = left;
    const struct api_row *b = right;

    return a->time_ms != b->time_ms ? (a->time_ms < b->time_ms ? -1 : 1) : a->id - b->id;
}

static int by_sort(const void *left, const void *right)
{
    const struct api_row *a = left;
    const struct api_row *b = right;

    return a->sort_ms != b->sort_ms ? (a->sort_ms < b->sort_ms ? -1 : 1) : a->id - b->id;
}

static const char *date_write(void)
{
    time_t seconds = (time_t)(api_now() / 1000);
    struct tm tm;

    if (api.has_no_date) {
        return "Content-Type: application/json\n";
    }
    assert_non_null(gmtime_r(&seconds, &tm));
    assert_int_not_equal(
        strftime(headers, sizeof headers, "Date: %a, %d %b %Y %H:%M:%S GMT\n", &tm), 0);
    return headers;
}

struct fake_reply api_answer(const struct fake_request *request)
{
    int64_t from = api_number(request->body, "\"gte\",\"value\":");
    int64_t to = strstr(request->body, "\"lte\"") != NULL
                     ? api_number(request->body, "\"lte\",\"value\":")
                     : INT64_MAX;
    size_t first = (size_t)api_number(request->body, "\"search_from\":");
    size_t matches = 0;
    size_t given = 0;
    size_t len;

    if (api.before != NULL) {
        api.before(fake.request_count);
    }
    qsort(api.rows, api.count, sizeof *api.rows,
          strstr(request->body, "\"sort\":{\"field\":\"first_seen\"") != NULL ? by_sort : by_time);
    free(reply);
    reply = malloc(20000);
    len = (size_t)snprintf(reply, 20000, "{\"reply\":{\"%s\":[", api.list);
    for (size_t i = 0; i < api.count; i++) {
        const struct api_row *row = &api.rows[i];

        if (row->time_ms < from || row->time_ms > to || row->visible_ms > api_now()) {
            continue;
        }
        if (matches >= first && matches < first + 100) {
            len += (size_t)snprintf(reply + len, 20000 - len, "%s{\"id\":%d,\"%s\":%lld}",
                                    given++ > 0 ? "," : "", row->id, api.clock,
                                    (long long)row->time_ms);
        }
        matches++;
    }
    (void)snprintf(reply + len, 20000 - len, "],\"total_count\":%zu,\"result_count\":%zu}}",
                   matches > 9999 ? 9999 : matches, given);
    return (struct fake_reply){.body = reply, .headers = date_write()};
}

void api_new_tenant(void)
{
    static unsigned tenants;

    (void)snprintf(domain, sizeof domain, "tenant-%u.example", tenants++);
}

int api_setup(void **state)
{
    (void)state;
    fake_reset();
    memset(&api, 0, sizeof api);
    api.list = "incidents";
    api.clock = "modification_time";
    fake.answer = api_answer;
    epoch_ms += INT64_C(1000000000000);
    fake.mono_ms = epoch_ms;
    api_new_tenant();
    return 0;
}

int api_teardown(void **state)
{
    (void)state;
    fake_reset();
    free(reply);
    reply = NULL;
    return 0;
}

void api_begin(const char *type, const char *more)
{
    struct cxd_error err = CXD_ERROR_INIT;
    char json[600];

    (void)snprintf(json, sizeof json,
                   "{'type': 'cortex_xdr/%s', 'domain': '%s', 'api_token': 'the-key', "
                   "'token_id': '7'%s}",
                   type, domain, more);
    api_instance = NULL;
    if (input_open(&fake_host, NULL, fake_options(config_options, json), &api_instance, &err) < 0) {
        fail_msg("open: %s", err.text);
    }
}

void api_finish(void)
{
    input_close(api_instance);
    assert_int_equal(fake.held, 0);
}

void api_later(int64_t ms)
{
    fake.mono_ms += ms;
    fake.wall_ms += ms;
}

int api_look(void)
{
    struct cxd_error err = CXD_ERROR_INIT;
    int64_t wait_ms = 0;

    for (int i = 0; i < 20000; i++) {
        int result = input_poll(api_instance, &wait_ms, &err);

        if (result == CXD_POLL_IDLE || result == CXD_POLL_FAILED) {
            return result;
        }
        if (result == CXD_POLL_RETRY) {
            wait_ms = err.retry_after_ms > 1000 ? err.retry_after_ms : 1000;
        }
        if (result != CXD_POLL_MORE) {
            api_later(wait_ms);
        }
    }
    fail_msg("no end");
    return 0;
}

size_t api_came(int id)
{
    char part[40];
    size_t count = 0;

    (void)snprintf(part, sizeof part, "{\"id\":%d,", id);
    for (size_t i = 0; i < fake.event_count; i++) {
        count += strncmp(fake.events[i], part, strlen(part)) == 0;
    }
    return count;
}

void api_expect_each_once(void)
{
    for (size_t i = 0; i < api.count; i++) {
        if (api_came(api.rows[i].id) != 1) {
            fail_msg("row %d came %zu times", api.rows[i].id, api_came(api.rows[i].id));
        }
    }
    assert_int_equal(fake.event_count, api.count);
}
