/* test_trouble.c: every way a request can fail: what the host is told, what happens next, and that nothing is lost. */
#include "test.h"

#include <stdio.h>

#define ONE "{\"project_id\":\"proj\",\"alternative_host\":\"http://gcs\","
#define BUCKET "\"buckets\":[{\"name\":\"bkt\"}],\"poll\":false}"
#define POLLED "\"buckets\":[{\"name\":\"bkt\"}],\"poll_interval\":15000}"

static const int64_t old_ms = 1780000000000;
static const char lines[] = "{\"n\":1}\n{\"n\":2}\n{\"n\":3}\n{\"n\":4}\n";

static void *open_with_key(const char *rest)
{
    char *json = NULL;
    size_t len;
    FILE *out = open_memstream(&json, &len);
    void *in;

    fprintf(out, "{\"project_id\":\"proj\",\"auth\":{\"credentials_json\":{\"account_key\":\"");
    for (const char *c = fake_key_json(); *c != '\0'; c++) {
        fprintf(out, *c == '"' || *c == '\\' ? "\\%c" : "%c", *c);
    }
    fprintf(out, "\"}},%s", rest);
    fclose(out);
    fake.wants_token = true;
    in = fake_open(json);
    free(json);
    return in;
}

static void finish(void *in, size_t events)
{
    assert_int_equal(fake_poll_until(in, CXD_POLL_FINISHED, 200, NULL), CXD_POLL_FINISHED);
    assert_int_equal(fake_events(FAKE_EVENT), events);
    for (size_t i = 0; i < events; i++) {
        char text[16];

        (void)snprintf(text, sizeof text, "{\"n\":%zu}", i + 1);
        assert_string_equal(fake_item(FAKE_EVENT, i)->text, text);
    }
    assert_int_equal(fake.health, CXD_HEALTHY);
    fake_close(in);
}

static void test_token_is_fetched_and_renewed(void **state)
{
    void *in;

    (void)state;
    (void)fake_put_text("a", lines, old_ms);
    in = open_with_key(POLLED);
    assert_int_equal(fake_poll_until(in, CXD_POLL_IDLE, 50, NULL), CXD_POLL_IDLE);
    assert_int_equal(fake_events(FAKE_EVENT), 4);
    assert_int_equal(fake.token_count, 1);
    assert_non_null(strstr(fake.urls, "POST https://oauth2.example/token"));
    fake.mono_ms += 54 * 60000;
    assert_int_equal(fake_poll_until(in, CXD_POLL_IDLE, 50, NULL), CXD_POLL_IDLE);
    assert_int_equal(fake.token_count, 1);
    fake.mono_ms += 2 * 60000; /* five minutes before its end */
    assert_int_equal(fake_poll_until(in, CXD_POLL_IDLE, 50, NULL), CXD_POLL_IDLE);
    assert_int_equal(fake.token_count, 2);
    assert_null(fake.logs != NULL ? strstr(fake.logs, "token-") : NULL);
    fake_close(in);
}

static void test_refused_token_is_renewed_once(void **state)
{
    struct cxd_error err = CXD_ERROR_INIT;
    void *in;

    (void)state;
    (void)fake_put_text("a", lines, old_ms);
    in = open_with_key(POLLED);
    assert_int_equal(fake_poll_until(in, CXD_POLL_IDLE, 50, NULL), CXD_POLL_IDLE);
    fake.token_number = 2; /* the old one is no longer good */
    (void)fake_put_text("b", "{\"n\":5}\n", old_ms);
    assert_int_equal(fake_poll_until(in, CXD_POLL_IDLE, 50, &err), CXD_POLL_IDLE);
    assert_int_equal(fake.token_count, 2);
    assert_int_equal(fake_events(FAKE_EVENT), 5);
    assert_int_equal(fake.health, CXD_HEALTHY);
    fake_fault((struct fake_fault){.where = FAKE_LIST, .times = 2, .http_status = 401});
    assert_int_equal(fake_poll_until(in, CXD_POLL_FAILED, 50, &err), CXD_POLL_FAILED);
    assert_int_equal(err.status, CXD_AUTH);
    assert_non_null(strstr(err.text, "collector@project.iam.example"));
    assert_int_equal(fake.health, CXD_FAILED);
    assert_int_equal(fake_poll_until(in, CXD_POLL_IDLE, 50, &err), CXD_POLL_IDLE);
    assert_int_equal(fake.health, CXD_HEALTHY);
    fake_close(in);
}

static void test_refused_token_during_a_download(void **state)
{
    (void)state;
    (void)fake_put_text("a", lines, old_ms);
    fake_fault((struct fake_fault){.where = FAKE_MEDIA, .times = 1, .http_status = 401});
    finish(open_with_key(BUCKET), 4);
    assert_int_equal(fake.token_count, 2);
}

static void test_token_endpoint_troubles(void **state)
{
    struct cxd_error err = CXD_ERROR_INIT;
    void *in;

    (void)state;
    (void)fake_put_text("a", lines, old_ms);
    fake_fault((struct fake_fault){
        .where = FAKE_TOKEN, .times = 1, .http_status = 503, .retry_after = "9"});
    fake_fault((struct fake_fault){.where = FAKE_TOKEN,
                                   .times = 1,
                                   .http_status = 400,
                                   .body = "{\"error\":\"invalid_grant\"}"});
    in = open_with_key(BUCKET);
    assert_int_equal(fake_poll_until(in, CXD_POLL_RETRY, 50, &err), CXD_POLL_RETRY);
    assert_int_equal(err.retry_after_ms, 9000);
    assert_int_equal(fake.health, CXD_DEGRADED);
    assert_int_equal(fake_poll_until(in, CXD_POLL_FAILED, 50, &err), CXD_POLL_FAILED);
    assert_non_null(strstr(err.text, "invalid_grant"));
    assert_int_equal(fake.health, CXD_FAILED);
    finish(in, 4);
}

/* One failing list reply, the result it leads to, and recovery. */
static void list_trouble(int http_status, const char *body, int result, int status,
                         const char *words)
{
    struct cxd_error err = CXD_ERROR_INIT;
    void *in;

    fake_reset();
    (void)fake_put_text("a", lines, old_ms);
    fake_fault((struct fake_fault){.where = FAKE_LIST,
                                   .times = 1,
                                   .http_status = http_status,
                                   .body = body,
                                   .retry_after = http_status == 429 ? "5" : NULL});
    in = fake_open(ONE BUCKET);
    assert_int_equal(fake_poll_until(in, result, 20, &err), result);
    assert_int_equal(err.status, status);
    assert_int_equal(err.http_status, http_status);
    assert_int_equal(err.retry_after_ms, http_status == 429 ? 5000 : -1);
    if (strstr(err.text, words) == NULL) {
        fail_msg("%s", err.text);
    }
    assert_int_equal(fake.health, result == CXD_POLL_FAILED ? CXD_FAILED : CXD_DEGRADED);
    assert_string_equal(fake.health_text, err.text);
    finish(in, 4);
}

static void test_list_replies(void **state)
{
    (void)state;
    list_trouble(403, "", CXD_POLL_FAILED, CXD_FORBIDDEN, "roles/storage.objectViewer");
    list_trouble(403, "{\"error\":{\"errors\":[{\"reason\":\"rateLimitExceeded\"}]}}",
                 CXD_POLL_RETRY, CXD_THROTTLED, "slow down");
    list_trouble(404, "{}", CXD_POLL_FAILED, CXD_NOT_FOUND, "bkt does not exist");
    list_trouble(401, "", CXD_POLL_FAILED, CXD_AUTH, "auth.credentials_json.account_key");
    list_trouble(429, "", CXD_POLL_RETRY, CXD_THROTTLED, "HTTP 429");
    list_trouble(503, "<html>", CXD_POLL_RETRY, CXD_SERVER, "HTTP 503");
    list_trouble(400, "", CXD_POLL_RETRY, CXD_PROTOCOL, "HTTP 400");
}

static void test_list_transport_troubles(void **state)
{
    static const struct {
        int status;
        int result;
    } rows[] = {{CXD_CONNECT, CXD_POLL_RETRY},
                {CXD_IO, CXD_POLL_RETRY},
                {CXD_TIMEOUT, CXD_POLL_RETRY},
                {CXD_TLS, CXD_POLL_FAILED}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct cxd_error err = CXD_ERROR_INIT;
        void *in;

        fake_reset();
        (void)fake_put_text("a", lines, old_ms);
        fake_fault(
            (struct fake_fault){.where = FAKE_LIST, .times = 1, .start_status = rows[i].status});
        in = fake_open(ONE BUCKET);
        assert_int_equal(fake_poll_until(in, rows[i].result, 20, &err), rows[i].result);
        assert_int_equal(err.status, rows[i].status);
        finish(in, 4);
    }
}

static void test_list_that_is_no_list(void **state)
{
    struct cxd_error err = CXD_ERROR_INIT;
    void *in;

    (void)state;
    (void)fake_put_text("a", lines, old_ms);
    fake_fault(
        (struct fake_fault){.where = FAKE_LIST, .times = 1, .http_status = 200, .body = "x"});
    fake_fault((struct fake_fault){
        .where = FAKE_LIST, .times = 1, .http_status = 200, .body = "{\"items\":[{}]}"});
    in = fake_open(ONE BUCKET);
    assert_int_equal(fake_poll_until(in, CXD_POLL_RETRY, 20, &err), CXD_POLL_RETRY);
    assert_int_equal(err.status, CXD_PROTOCOL);
    assert_int_equal(fake_poll_until(in, CXD_POLL_RETRY, 20, &err), CXD_POLL_RETRY);
    assert_non_null(strstr(err.text, "no usable name"));
    finish(in, 4);
}

/* A download that breaks off twice in the middle of a record goes on where it stopped. */
static void broken(bool gzip, int status, bool no_range)
{
    void *in;

    fake_reset();
    (void)(gzip ? fake_put_gzip : fake_put_text)("a", lines, old_ms);
    fake_fault((struct fake_fault){.where = FAKE_MEDIA,
                                   .times = 1,
                                   .break_status = status,
                                   .break_after = 19,
                                   .no_range = no_range});
    fake_fault((struct fake_fault){.where = FAKE_MEDIA,
                                   .times = 1,
                                   .break_status = status,
                                   .break_after = 10,
                                   .no_range = no_range});
    fake_fault((struct fake_fault){.where = FAKE_MEDIA, .times = 9, .no_range = no_range});
    fake.piece_max = 4;
    in = fake_open(ONE BUCKET);
    finish(in, 4);
    assert_int_equal(fake.media_count, 3);
    if (!gzip) {
        assert_non_null(strstr(fake.urls, "bytes=16-"));
    }
}

static void test_broken_downloads_go_on(void **state)
{
    static const int all[] = {CXD_IO, CXD_TIMEOUT, CXD_TRUNCATED, CXD_END};

    (void)state;
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        broken(false, all[i], false);
        broken(false, all[i], true);
        broken(true, all[i], false);
    }
}

static void test_truncated_gzip_is_reported(void **state)
{
    size_t len;
    char *text = calloc(1, 100000);
    char *packed;
    size_t delivered;
    const struct fake_item *dead;
    void *in;

    (void)state;
    assert_non_null(text);
    for (int i = 0; i < 1000; i++) {
        (void)snprintf(text + strlen(text), 64, "{\"n\":%d,\"x\":\"%08x\"}\n", i,
                       (unsigned)i * 2654435761u);
    }
    packed = fake_gzip(text, strlen(text), &len);
    (void)fake_put("cut.gz", packed, len / 2, old_ms);
    (void)fake_put_text("b", lines, old_ms + 1000);
    in = fake_open(ONE BUCKET);
    assert_int_equal(fake_poll_until(in, CXD_POLL_FINISHED, 200, NULL), CXD_POLL_FINISHED);
    delivered = fake_events(FAKE_EVENT) - 4;
    assert_in_range(delivered, 200, 999);
    assert_int_equal(fake_events(FAKE_REJECT), 1);
    dead = fake_item(FAKE_REJECT, 0);
    assert_non_null(strstr(dead->reason, "gs://bkt/cut.gz: gzip ends early"));
    assert_non_null(strstr(dead->text, "\"object\":\"gs://bkt/cut.gz\""));
    assert_non_null(strstr(dead->text, "\"bytes_delivered\":"));
    assert_int_equal(fake.media_count, 4); /* three attempts, and b */
    assert_int_equal(fake.failed_total, 1);
    assert_int_equal(fake.expired_total, 1);
    assert_int_equal(fake.health, CXD_DEGRADED);
    assert_non_null(strstr(fake.health_text, "cut.gz"));
    fake_restart(in, fake_last_mark(fake.item_count));
    in = fake_open(ONE BUCKET); /* reported once, not on every run */
    assert_int_equal(fake_poll_until(in, CXD_POLL_FINISHED, 200, NULL), CXD_POLL_FINISHED);
    assert_int_equal(fake.item_count, 0);
    fake_close(in);
    free(packed);
    free(text);
}

static void test_damaged_gzip_is_reported(void **state)
{
    struct fake_object *o;
    void *in;

    (void)state;
    o = fake_put_gzip("a", lines, old_ms);
    o->data[o->len - 5] ^= 1; /* its checksum */
    in = fake_open(ONE BUCKET);
    assert_int_equal(fake_poll_until(in, CXD_POLL_FINISHED, 200, NULL), CXD_POLL_FINISHED);
    assert_int_equal(fake_events(FAKE_EVENT), 4);
    assert_int_equal(fake_events(FAKE_REJECT), 1);
    fake_close(in);
}

static void test_failing_object_is_set_aside_then_buried(void **state)
{
    struct cxd_error err = CXD_ERROR_INIT;
    void *in;

    (void)state;
    (void)fake_put_text("a", lines, old_ms);
    (void)fake_put_text("bad", "{\"x\":1}\n{\"x\":2,\"fill\":\"................\"}\n",
                        old_ms + 1000);
    fake_fault((struct fake_fault){.where = FAKE_MEDIA,
                                   .object = "bad",
                                   .times = 100,
                                   .break_status = CXD_IO,
                                   .break_after = 11});
    in = fake_open(ONE POLLED);
    assert_int_equal(fake_poll_until(in, CXD_POLL_WAITING, 100, &err), CXD_POLL_WAITING);
    for (int i = 0; i < 20 && fake.failed_total == 0; i++) {
        (void)fake_poll(in, &err);
    }
    assert_int_equal(fake.failed_total, 1);
    assert_int_equal(fake.health, CXD_DEGRADED);
    assert_int_equal(fake_events(FAKE_EVENT), 5); /* the whole line of bad is delivered */
    for (int i = 0; i < 20000 && fake.expired_total == 0; i++) {
        (void)fake_poll(in, &err);
        if (i % 200 == 199) { /* deaths in between: the rounds are kept */
            const struct fake_item *mark = fake_last_mark(fake.item_count);

            fake_restart(in, mark);
            in = fake_open(ONE POLLED);
        }
    }
    assert_int_equal(fake.expired_total, 1);
    assert_int_equal(fake.failed_total, 6);
    assert_int_equal(fake_events(FAKE_REJECT), 1);
    assert_non_null(strstr(fake_item(FAKE_REJECT, 0)->reason, "given up after 8 bytes"));
    for (int i = 0; i < 20; i++) {
        (void)fake_poll(in, &err);
    }
    assert_int_equal(fake.health, CXD_HEALTHY);
    fake_close(in);
}

static void test_set_aside_object_comes_through_later(void **state)
{
    void *in;

    (void)state;
    (void)fake_put_text("a", lines, old_ms);
    fake_fault((struct fake_fault){
        .where = FAKE_MEDIA, .times = 3, .break_status = CXD_IO, .break_after = 3});
    in = fake_open(ONE POLLED);
    for (int i = 0; i < 100 && fake_events(FAKE_EVENT) < 4; i++) {
        (void)fake_poll(in, NULL);
    }
    assert_int_equal(fake.failed_total, 1);
    assert_int_equal(fake_events(FAKE_EVENT), 4);
    assert_int_equal(fake.health, CXD_HEALTHY);
    fake_close(in);
}

static void test_object_gone_between_list_and_get(void **state)
{
    void *in;

    (void)state;
    (void)fake_put_text("a", lines, old_ms);
    (void)fake_put_text("gone", "{\"x\":1}\n", old_ms);
    fake_fault(
        (struct fake_fault){.where = FAKE_MEDIA, .object = "gone", .times = 1, .http_status = 404});
    in = fake_open(ONE BUCKET);
    finish(in, 4);
    assert_non_null(strstr(fake.logs, "gs://bkt/gone: deleted or overwritten"));
}

static void test_download_replies(void **state)
{
    static const struct {
        int http_status;
        int result;
        int64_t retry_after;
    } rows[] = {
        {429, CXD_POLL_RETRY, 7000}, {503, CXD_POLL_RETRY, 7000}, {403, CXD_POLL_FAILED, 7000}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct cxd_error err = CXD_ERROR_INIT;
        void *in;

        fake_reset();
        (void)fake_put_text("a", lines, old_ms);
        fake_fault((struct fake_fault){.where = FAKE_MEDIA,
                                       .times = 1,
                                       .http_status = rows[i].http_status,
                                       .retry_after = "7"});
        in = fake_open(ONE BUCKET);
        assert_int_equal(fake_poll_until(in, rows[i].result, 20, &err), rows[i].result);
        assert_int_equal(err.retry_after_ms, rows[i].retry_after);
        assert_non_null(strstr(err.text, "object a: "));
        finish(in, 4);
    }
}

static void test_output_that_refuses_loses_nothing(void **state)
{
    struct cxd_error err = CXD_ERROR_INIT;
    void *in;

    (void)state;
    (void)fake_put_gzip("a", lines, old_ms);
    fake.emit_status = CXD_IO;
    in = fake_open(ONE BUCKET);
    assert_int_equal(fake_poll_until(in, CXD_POLL_RETRY, 20, &err), CXD_POLL_RETRY);
    assert_non_null(strstr(err.text, "emit fails on order"));
    finish(in, 4);
}

static void test_one_bad_bucket_does_not_stop_the_other(void **state)
{
    struct cxd_error err = CXD_ERROR_INIT;
    void *in;

    (void)state;
    (void)fake_put_text("a", lines, old_ms);
    fake_fault((struct fake_fault){
        .where = FAKE_LIST, .object = "/b/nope/", .times = 1000, .http_status = 404});
    in = fake_open(ONE "\"buckets\":[{\"name\":\"nope\"},{\"name\":\"bkt\"}],\"poll\":false}");
    assert_int_equal(fake_poll_until(in, CXD_POLL_FAILED, 100, &err), CXD_POLL_FAILED);
    assert_int_equal(fake_events(FAKE_EVENT), 4);
    assert_non_null(strstr(err.text, "bucket nope does not exist"));
    assert_int_equal(fake.health, CXD_FAILED);
    fake_close(in);
}

static void test_stop_ends_a_poll(void **state)
{
    const struct cxd_input_ops *ops = fake_module()->ops;
    struct cxd_error err = CXD_ERROR_INIT;
    int64_t wait_ms;
    void *in;

    (void)state;
    (void)fake_put_text("a", lines, old_ms);
    in = fake_open(ONE BUCKET);
    fake.is_stopping = 1;
    assert_int_equal(ops->poll(in, &wait_ms, &err), CXD_POLL_MORE);
    ops->interrupt(in);
    fake_close(in);
}

static void test_newer_cursor_is_refused(void **state)
{
    const struct cxd_input_ops *ops = fake_module()->ops;
    struct cxd_error err = CXD_ERROR_INIT;
    struct cxd_bytes doc = fake_options("{\"v\":9}");
    void *in = NULL;

    (void)state;
    fake.cursor = malloc(doc.len);
    assert_non_null(fake.cursor);
    memcpy(fake.cursor, doc.ptr, doc.len);
    fake.cursor_len = doc.len;
    assert_int_equal(ops->open(&fake_host, FAKE_SELF, fake_options(ONE BUCKET), &in, &err),
                     CXD_UNSUPPORTED);
    assert_non_null(strstr(err.text, "upgrade the agent"));
    assert_int_equal(fake.live, 0);
    (void)fake_options(NULL);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_token_is_fetched_and_renewed, test_clean),
        cmocka_unit_test_setup(test_refused_token_is_renewed_once, test_clean),
        cmocka_unit_test_setup(test_refused_token_during_a_download, test_clean),
        cmocka_unit_test_setup(test_token_endpoint_troubles, test_clean),
        cmocka_unit_test_setup(test_list_replies, test_clean),
        cmocka_unit_test_setup(test_list_transport_troubles, test_clean),
        cmocka_unit_test_setup(test_list_that_is_no_list, test_clean),
        cmocka_unit_test_setup(test_broken_downloads_go_on, test_clean),
        cmocka_unit_test_setup(test_truncated_gzip_is_reported, test_clean),
        cmocka_unit_test_setup(test_damaged_gzip_is_reported, test_clean),
        cmocka_unit_test_setup(test_failing_object_is_set_aside_then_buried, test_clean),
        cmocka_unit_test_setup(test_set_aside_object_comes_through_later, test_clean),
        cmocka_unit_test_setup(test_object_gone_between_list_and_get, test_clean),
        cmocka_unit_test_setup(test_download_replies, test_clean),
        cmocka_unit_test_setup(test_output_that_refuses_loses_nothing, test_clean),
        cmocka_unit_test_setup(test_one_bad_bucket_does_not_stop_the_other, test_clean),
        cmocka_unit_test_setup(test_stop_ends_a_poll, test_clean),
        cmocka_unit_test_setup(test_newer_cursor_is_refused, test_clean),
    };

    (void)unsetenv("GOOGLE_APPLICATION_CREDENTIALS");
    return cmocka_run_group_tests_name("gcs trouble", tests, NULL, NULL);
}
