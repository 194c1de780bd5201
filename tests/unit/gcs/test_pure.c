/* test_pure.c: numbers, times, addresses, list replies, verdicts, the bounded queue. */
#include "list.h"
#include "pending.h"
#include "stamp.h"
#include "test.h"
#include "url.h"
#include "verdict.h"

static void test_numbers(void **state)
{
    int64_t number;

    (void)state;
    assert_true(number_parse("9223372036854775807", 19, &number));
    assert_true(number == INT64_MAX);
    assert_true(number_parse("-9223372036854775808", 20, &number));
    assert_true(number == INT64_MIN);
    assert_false(number_parse("9223372036854775808", 19, &number));
    assert_false(number_parse("99999999999999999999", 20, &number));
    assert_false(number_parse("", 0, &number));
    assert_false(number_parse("-", 1, &number));
    assert_false(number_parse("1 ", 2, &number));
    assert_false(number_parse("+1", 2, &number));
}

static void test_times(void **state)
{
    static const struct {
        const char *text;
        int64_t ms;
    } rows[] = {
        {"1970-01-01T00:00:00Z", 0},
        {"2026-01-02T03:04:05.678Z", 1767323045678},
        {"2024-02-29T23:59:59.9999999Z", 1709251199999},
        {"2000-03-01T00:00:00+01:00", 951865200000},
        {"2000-03-01T00:00:00-00:30", 951870600000},
        {"2026-01-02T03:04:05.5Z", 1767323045500},
    };
    static const char *const bad[] = {"",
                                      "2026-01-02",
                                      "2026-13-02T03:04:05Z",
                                      "2026-01-02T03:04:05",
                                      "2026-01-02T03:04:05.",
                                      "2026-01-02T03:04:05Zx",
                                      "x026-01-02T03:04:05Z",
                                      "2026-01-02T03:04:05+1:00"};
    int64_t ms;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_true(stamp_parse(rows[i].text, strlen(rows[i].text), &ms));
        assert_int_equal(ms, rows[i].ms);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_false(stamp_parse(bad[i], strlen(bad[i]), &ms));
    }
}

static void test_addresses(void **state)
{
    struct text url;
    struct url_list ask = {.bucket = CXD_LIT("b"),
                           .prefix = CXD_LIT("a/ b"),
                           .start = CXD_LIT("x&y"),
                           .page_token = CXD_LIT("=+"),
                           .page_size = 7};

    (void)state;
    text_init(&url, &fake_heap, 4096);
    url_list(&url, CXD_LIT("https://h/storage/v1"), &ask);
    assert_int_equal(url.status, 0);
    assert_text(url,
                "https://h/storage/v1/b/b/o?maxResults=7&prefix=a%2F%20b&startOffset=x%26y"
                "&pageToken=%3D%2B&fields=items%28name%2Cgeneration%2Csize%2Cupdated%2CtimeCreated"
                "%2CcontentType%2CcontentEncoding%29%2CnextPageToken");
    text_clear(&url);
    url_media(&url, CXD_LIT("https://h/storage/v1"), CXD_LIT("b"), CXD_LIT("d/\xC3\xA4?#%"), 42);
    assert_text(url, "https://h/storage/v1/b/b/o/d%2F%C3%A4%3F%23%25?alt=media&generation=42");
    text_done(&url);
    assert_int_equal(fake.live, 0);
}

static void test_base_address(void **state)
{
    static const char *const rows[][2] = {
        {"", "https://storage.googleapis.com/storage/v1"},
        {"http://127.0.0.1:4443", "http://127.0.0.1:4443/storage/v1"},
        {"http://127.0.0.1:4443//", "http://127.0.0.1:4443/storage/v1"},
        {"https://h/storage/v1/", "https://h/storage/v1"},
        {"https://h/proxy", "https://h/proxy/storage/v1"},
    };
    struct cxd_error err;
    struct text base;

    (void)state;
    text_init(&base, &fake_heap, 4096);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        text_clear(&base);
        assert_int_equal(url_base(&base, bytes_of(rows[i][0]), &err), 0);
        assert_text(base, rows[i][1]);
    }
    text_clear(&base);
    assert_int_equal(url_base(&base, CXD_LIT("ftp://x"), &err), CXD_CONFIG);
    assert_int_equal(url_base(&base, CXD_LIT("http://"), &err), CXD_CONFIG);
    text_done(&base);
}

static void test_list_reply(void **state)
{
    static const char reply[] =
        "{\"items\":[{\"name\":\"a\\u00e4\",\"generation\":\"1712345678901234\",\"size\":\"10\","
        "\"updated\":\"2026-01-02T03:04:05.678Z\",\"timeCreated\":\"2026-01-01T00:00:00Z\","
        "\"contentType\":\"x/y\",\"contentEncoding\":\"gzip\",\"more\":{}},"
        "{\"name\":\"b\",\"generation\":5}],\"nextPageToken\":\"t\"}\n";
    struct list_page page;
    struct object o;
    struct cxd_error err;

    (void)state;
    assert_int_equal(list_parse(CXD_LIT(reply), &page, &err), 0);
    assert_int_equal(page.count, 2);
    assert_memory_equal(page.next_token.ptr, "t", 2);
    assert_int_equal(list_object(&page, 0, &o, &err), 0);
    assert_int_equal(o.name.len, 3);
    assert_memory_equal(o.name.ptr, "a\xC3\xA4", 3);
    assert_int_equal(o.generation, 1712345678901234);
    assert_int_equal(o.size, 10);
    assert_int_equal(o.updated_ms, 1767323045678);
    assert_int_equal(o.created_s, 1767225600);
    assert_memory_equal(o.content_encoding.ptr, "gzip", 5);
    assert_int_equal(list_object(&page, 1, &o, &err), 0);
    assert_int_equal(o.size, -1);
    assert_int_equal(o.updated_ms, -1);
    assert_true(o.created_s == LIST_TIME_UNKNOWN);
    list_page_done(&page);
    assert_int_equal(list_parse(CXD_LIT("{}"), &page, &err), 0);
    assert_int_equal(page.count, 0);
    list_page_done(&page);
}

static void test_list_reply_refused(void **state)
{
    static const char *const bad[] = {"", "[]", "{", "{} x", "{\"items\":{}}", "null"};
    static const char *const items[] = {"{\"items\":[1]}",
                                        "{\"items\":[{\"generation\":\"1\"}]}",
                                        "{\"items\":[{\"name\":\"\",\"generation\":\"1\"}]}",
                                        "{\"items\":[{\"name\":\"a\"}]}",
                                        "{\"items\":[{\"name\":\"a\",\"generation\":\"-1\"}]}",
                                        "{\"items\":[{\"name\":\"a\",\"generation\":\"1x\"}]}"};
    struct list_page page;
    struct object o;
    struct cxd_error err;
    char deep[200] = "";

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(list_parse(bytes_of(bad[i]), &page, &err), CXD_PROTOCOL);
    }
    for (size_t i = 0; i < sizeof items / sizeof items[0]; i++) {
        assert_int_equal(list_parse(bytes_of(items[i]), &page, &err), 0);
        assert_int_equal(list_object(&page, 0, &o, &err), CXD_PROTOCOL);
        list_page_done(&page);
    }
    memset(deep, '[', sizeof deep - 1);
    assert_int_equal(list_parse(bytes_of(deep), &page, &err), CXD_PROTOCOL);
}

static void test_error_reasons(void **state)
{
    char reason[16];

    (void)state;
    list_error_reason(CXD_LIT("{\"error\":{\"errors\":[{\"reason\":\"rateLimit\"}]}}"), reason, 16);
    assert_string_equal(reason, "rateLimit");
    list_error_reason(CXD_LIT("{\"error\":{\"errors\":[{\"reason\":\"a b\\n\"}]}}"), reason, 16);
    assert_string_equal(reason, "a");
    list_error_reason(CXD_LIT("<html>"), reason, 16);
    assert_string_equal(reason, "");
    list_error_reason(CXD_LIT("{\"error\":\"x\"}"), reason, 16);
    assert_string_equal(reason, "");
}

static void test_verdicts(void **state)
{
    (void)state;
    assert_int_equal(verdict_of_reply(VERDICT_ASK_LIST, 200, ""), VERDICT_OK);
    assert_int_equal(verdict_of_reply(VERDICT_ASK_MEDIA, 206, ""), VERDICT_OK);
    assert_int_equal(verdict_of_reply(VERDICT_ASK_LIST, 206, ""), VERDICT_REFUSED);
    assert_int_equal(verdict_of_reply(VERDICT_ASK_LIST, 403, ""), VERDICT_DENIED);
    assert_int_equal(verdict_of_reply(VERDICT_ASK_LIST, 403, "rateLimitExceeded"),
                     VERDICT_THROTTLED);
    assert_int_equal(verdict_of_reply(VERDICT_ASK_LIST, 404, ""), VERDICT_MISSING);
    assert_int_equal(verdict_of_reply(VERDICT_ASK_MEDIA, 404, ""), VERDICT_GONE);
    assert_int_equal(verdict_of_reply(VERDICT_ASK_MEDIA, 429, ""), VERDICT_THROTTLED);
    assert_int_equal(verdict_of_reply(VERDICT_ASK_MEDIA, 503, ""), VERDICT_SERVER);
    assert_int_equal(verdict_of_reply(VERDICT_ASK_MEDIA, 302, ""), VERDICT_OBJECT);
    assert_int_equal(verdict_of_reply(VERDICT_ASK_LIST, 400, ""), VERDICT_REFUSED);
    assert_int_equal(verdict_of_status(CXD_TLS), VERDICT_CONFIG);
    assert_int_equal(verdict_of_status(CXD_TIMEOUT), VERDICT_OBJECT);
    assert_int_equal(verdict_of_status(CXD_CONNECT), VERDICT_CONNECT);
}

static void test_pending_keeps_the_oldest(void **state)
{
    struct pending p;
    struct job *job;
    char name[8];

    (void)state;
    pending_init(&p, &fake_heap, 10);
    for (uint32_t i = 0; i < 100; i++) {
        (void)snprintf(name, sizeof name, "n%02u", i);
        assert_int_equal(
            pending_offer(&p, &(struct object){.name = bytes_of(name), .created_s = (i * 37) % 100},
                          NULL),
            0);
    }
    assert_true(p.cut);
    pending_sort(&p);
    for (uint32_t i = 0; i < 10; i++) {
        job = pending_take(&p);
        assert_int_equal(job->object.created_s, i);
        assert_int_equal(job->object.name.len, 3);
        heap_free(&fake_heap, job);
    }
    assert_null(pending_take(&p));
    pending_done(&p);
    assert_int_equal(fake.live, 0);
}

/* Long names: fewer of them, the oldest all the same. */
static void test_pending_is_bounded_in_bytes(void **state)
{
    static char name[1024];
    struct pending p;
    struct job *job;
    uint32_t count = 0;

    (void)state;
    memset(name, 'n', sizeof name);
    pending_init(&p, &fake_heap, 40);
    for (uint32_t i = 0; i < 100; i++) {
        struct object object = {.name = {name, i % 2 == 0 ? sizeof name : 3},
                                .created_s = (i * 37) % 100};
        assert_int_equal(pending_offer(&p, &object, NULL), 0);
        assert_true(p.bytes <= 40 * PENDING_BYTES);
    }
    assert_true(p.cut);
    pending_sort(&p);
    while ((job = pending_take(&p)) != NULL) {
        assert_int_equal(job->object.created_s, count++);
        heap_free(&fake_heap, job);
    }
    assert_in_range(count, 8, 20); /* of 512 bytes on average */
    pending_done(&p);
    assert_int_equal(fake.live, 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_numbers, test_clean),
        cmocka_unit_test_setup(test_times, test_clean),
        cmocka_unit_test_setup(test_addresses, test_clean),
        cmocka_unit_test_setup(test_base_address, test_clean),
        cmocka_unit_test_setup(test_list_reply, test_clean),
        cmocka_unit_test_setup(test_list_reply_refused, test_clean),
        cmocka_unit_test_setup(test_error_reasons, test_clean),
        cmocka_unit_test_setup(test_verdicts, test_clean),
        cmocka_unit_test_setup(test_pending_keeps_the_oldest, test_clean),
        cmocka_unit_test_setup(test_pending_is_bounded_in_bytes, test_clean),
    };

    return cmocka_run_group_tests_name("gcs pure", tests, NULL, NULL);
}
