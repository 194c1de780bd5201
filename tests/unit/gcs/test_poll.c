/* test_poll.c: the input as a whole against a bucket in memory: what is delivered, in which form, and with what cursor. */
#include "test.h"

#include <stdio.h>

#define ONE "{\"project_id\":\"proj\",\"alternative_host\":\"http://gcs\","
#define BUCKET "\"buckets\":[{\"name\":\"bkt\"}],\"poll\":false}"
#define BUCKET_POLLED "\"buckets\":[{\"name\":\"bkt\"}],\"poll_interval\":15000}"

static const int64_t old_ms = 1780000000000;

static void assert_message(size_t index, const char *text)
{
    assert_string_equal(fake_item(FAKE_EVENT, index)->text, text);
}

static void test_events_of_a_gzip_object(void **state)
{
    void *in;
    struct cxd_error err = CXD_ERROR_INIT;

    (void)state;
    (void)fake_put_gzip("d/a b.gz", "{\"a\":1}\n{\"b\":2}\n", old_ms);
    in = fake_open(ONE BUCKET);
    assert_int_equal(fake_poll_until(in, CXD_POLL_FINISHED, 20, &err), CXD_POLL_FINISHED);
    assert_int_equal(fake_events(FAKE_EVENT), 2);
    assert_message(0, "{\"a\":1}");
    assert_string_equal(
        fake_item(FAKE_EVENT, 1)->document,
        "{\"gcs\":{\"storage\":{\"bucket\":{\"name\":\"bkt\"},\"object\":{\"name\":\"d/a b.gz\","
        "\"content_type\":\"application/x-ndjson\"}}},\"log\":{\"file\":{\"path\":"
        "\"gs://bkt/d/a b.gz\"},\"offset\":8},\"cloud\":{\"provider\":\"google cloud\"}}");
    assert_int_equal(fake.health, CXD_HEALTHY);
    assert_int_equal(fake.events_total, 2);
    assert_non_null(strstr(fake.urls, "GET http://gcs/storage/v1/b/bkt/o/d%2Fa%20b.gz?alt=media"));
    fake_close(in);
}

static void test_all_forms_of_objects(void **state)
{
    static const char two[] = "{\"x\":1}\n{\"x\":2}";
    size_t a_len, b_len;
    char *a = fake_gzip("{\"g\":1}\n{\"g\"", 12, &a_len);
    char *b = fake_gzip(":2}\n", 4, &b_len);
    void *in;

    (void)state;
    a = realloc(a, a_len + b_len);
    memcpy(a + a_len, b, b_len);
    (void)fake_put_text("1-array.json", "[ {\"a\":1},\n {\"a\":2}\n]\n", old_ms);
    (void)fake_put_text("2-bom.gz", "\xEF\xBB\xBF{\"b\":1}\r\n",
                        old_ms);                               /* not gzip, whatever its name */
    (void)fake_put("3-members.txt", a, a_len + b_len, old_ms); /* gzip, two members */
    (void)fake_put_text("4-plain", two, old_ms);
    (void)fake_put_text("5-empty", "", old_ms);
    (void)fake_put_text("6-short", "7", old_ms);
    free(a);
    free(b);
    fake.piece_max = 3;
    in = fake_open(ONE "\"max_workers\":1," BUCKET);
    assert_int_equal(fake_poll_until(in, CXD_POLL_FINISHED, 5000, NULL), CXD_POLL_FINISHED);
    assert_int_equal(fake_events(FAKE_EVENT), 7);
    assert_message(0, "{\"a\":1}");
    assert_message(1, "{\"a\":2}");
    assert_message(2, "{\"b\":1}");
    assert_message(3, "{\"g\":1}");
    assert_message(4, "{\"g\":2}");
    assert_message(5, "{\"x\":1}");
    assert_message(6, "{\"x\":2}");
    assert_int_equal(fake_events(FAKE_REJECT), 1); /* a bare 7 is no record */
    assert_null(strstr(fake.urls, "5-empty"));
    fake_close(in);
}

static void test_malformed_line_goes_to_the_dead_letters(void **state)
{
    const struct fake_item *dead;
    void *in;

    (void)state;
    (void)fake_put_gzip("bad.gz", "{\"a\":1}\n{\"b\":\n\n[1]\n{\"c\":3}\n", old_ms);
    in = fake_open(ONE BUCKET);
    assert_int_equal(fake_poll_until(in, CXD_POLL_FINISHED, 20, NULL), CXD_POLL_FINISHED);
    assert_int_equal(fake_events(FAKE_EVENT), 2);
    assert_message(1, "{\"c\":3}");
    assert_int_equal(fake_events(FAKE_REJECT), 2);
    dead = fake_item(FAKE_REJECT, 0);
    assert_string_equal(dead->text, "{\"b\":");
    assert_non_null(strstr(dead->reason, "gs://bkt/bad.gz line 2, offset 8: "));
    assert_non_null(strstr(fake_item(FAKE_REJECT, 1)->reason, "line 4, offset 15: "));
    assert_non_null(strstr(dead->document, "\"offset\":8"));
    fake_close(in);
}

static void test_line_over_the_limit(void **state)
{
    size_t long_len = 200000;
    char *text = malloc(long_len + 64);
    const struct fake_item *dead;
    void *in;

    (void)state;
    assert_non_null(text);
    memcpy(text, "{\"a\":1}\n", 8);
    memset(text + 8, 'x', long_len);
    strcpy(text + 8 + long_len, "\n{\"c\":3}\n");
    (void)fake_put_gzip("long.gz", text, old_ms);
    free(text);
    in = fake_open(ONE "\"max_line_size\":100000," BUCKET);
    assert_int_equal(fake_poll_until(in, CXD_POLL_FINISHED, 20, NULL), CXD_POLL_FINISHED);
    assert_int_equal(fake_events(FAKE_EVENT), 2);
    assert_message(1, "{\"c\":3}");
    assert_int_equal(fake_events(FAKE_REJECT), 1);
    dead = fake_item(FAKE_REJECT, 0);
    assert_int_equal(dead->len, 65536);
    assert_non_null(strstr(dead->reason, "line 2, offset 8: record is larger than max_line_size"));
    fake_close(in);
}

/* A text of `count` records of about 40 bytes. */
static char *records(const char *tag, int count)
{
    char *text;
    size_t len;
    FILE *out = open_memstream(&text, &len);

    for (int i = 0; i < count; i++) {
        fprintf(out, "{\"object\":\"%s\",\"number\":%d,\"fill\":\"%08x\"}\n", tag, i,
                (unsigned)i * 2654435761u);
    }
    fclose(out);
    return text;
}

/* Every record of `tag` was emitted, in order, exactly `times`. */
static void assert_records(const char *tag, int count, int times)
{
    int *seen = calloc((size_t)count, sizeof *seen);
    char head[64];

    (void)snprintf(head, sizeof head, "{\"object\":\"%s\",\"number\":", tag);
    for (size_t i = 0; i < fake.item_count; i++) {
        const struct fake_item *item = &fake.items[i];

        if (item->kind == FAKE_EVENT && strncmp(item->text, head, strlen(head)) == 0) {
            int number = atoi(item->text + strlen(head));

            assert_in_range(number, 0, count - 1);
            seen[number]++;
        }
    }
    for (int i = 0; i < count; i++) {
        if (seen[i] != times) {
            fail_msg("%s: record %d came %d times, not %d", tag, i, seen[i], times);
        }
    }
    free(seen);
}

static void test_large_object_comes_in_bounded_polls(void **state)
{
    char *text = records("big", 120000); /* about 6 MB */
    struct cxd_error err = CXD_ERROR_INIT;
    void *in;
    int polls = 0;
    int result = CXD_POLL_MORE;

    (void)state;
    (void)fake_put_gzip("big.gz", text, old_ms);
    in = fake_open(ONE BUCKET);
    while (result == CXD_POLL_MORE) {
        size_t before = fake_events(FAKE_EVENT);
        size_t bytes;

        result = fake_poll(in, &err);
        bytes = (fake_events(FAKE_EVENT) - before) * 60;
        assert_true(bytes < 2 * 1048576);
        polls++;
    }
    assert_int_equal(result, CXD_POLL_FINISHED);
    assert_true(polls >= 5);
    assert_true(fake_events(FAKE_MARK) >= 5);
    assert_records("big", 120000, 1);
    free(text);
    fake_close(in);
}

static void test_downloads_run_side_by_side(void **state)
{
    char name[16];
    void *in;
    int64_t most = 0;

    (void)state;
    for (int i = 0; i < 12; i++) {
        char *text;

        (void)snprintf(name, sizeof name, "o%02d", i);
        text = records(name, 50);
        (void)fake_put_gzip(name, text, old_ms + i * 1000);
        free(text);
    }
    fake.piece_max = 40;
    in = fake_open(ONE "\"max_workers\":4," BUCKET);
    for (int i = 0; i < 2000 && fake_poll(in, NULL) != CXD_POLL_FINISHED; i++) {
        most = fake.transfers > most ? fake.transfers : most;
    }
    assert_true(most <= 4);
    for (int i = 0; i < 12; i++) {
        (void)snprintf(name, sizeof name, "o%02d", i);
        assert_records(name, 50, 1);
    }
    fake_close(in);
}

static void test_pages_prefix_selectors_and_epoch(void **state)
{
    char name[32];
    void *in;

    (void)state;
    for (int i = 0; i < 25; i++) {
        (void)snprintf(name, sizeof name, "p/%02d.gz", i);
        (void)fake_put_text(name, "{}\n", old_ms + i * 1000);
        (void)snprintf(name, sizeof name, "q/%02d.gz", i);
        (void)fake_put_text(name, "{}\n", old_ms);
    }
    in = fake_open(
        ONE "\"batch_size\":4,\"prefix\":\"p/\",\"timestamp_epoch\":1780000005,"
            "\"file_selectors\":[{\"regex\":\"0[0-9]\\\\.gz$\"},{\"regex\":\"^p/20\"}]," BUCKET);
    assert_int_equal(fake_poll_until(in, CXD_POLL_FINISHED, 50, NULL), CXD_POLL_FINISHED);
    assert_int_equal(fake_events(FAKE_EVENT), 6); /* 05 to 09, and 20 */
    assert_int_equal(fake.list_count, 7);
    fake_close(in);
}

static void test_late_arrivals_are_collected_once(void **state)
{
    void *in;

    (void)state;
    (void)fake_put_text("m", "{\"n\":1}\n", old_ms);
    in = fake_open(ONE BUCKET_POLLED);
    assert_int_equal(fake_poll_until(in, CXD_POLL_IDLE, 20, NULL), CXD_POLL_IDLE);
    assert_int_equal(fake_events(FAKE_EVENT), 1);
    (void)fake_put_text("a", "{\"n\":2}\n", old_ms - 86400000); /* smaller name, older */
    (void)fake_put_text("z", "{\"n\":3}\n", old_ms - 5);
    (void)fake_put_text("m", "{\"n\":4}\n", old_ms); /* overwritten, the same time */
    assert_int_equal(fake_poll_until(in, CXD_POLL_IDLE, 20, NULL), CXD_POLL_IDLE);
    assert_int_equal(fake_events(FAKE_EVENT), 4);
    fake_delete("a");
    for (int i = 0; i < 5; i++) {
        assert_int_equal(fake_poll_until(in, CXD_POLL_IDLE, 20, NULL), CXD_POLL_IDLE);
    }
    assert_int_equal(fake_events(FAKE_EVENT), 4);
    fake_restart(in, fake_last_mark(fake.item_count));
    in = fake_open(ONE BUCKET_POLLED);
    assert_int_equal(fake_poll_until(in, CXD_POLL_IDLE, 20, NULL), CXD_POLL_IDLE);
    assert_int_equal(fake_events(FAKE_EVENT), 0);
    fake_close(in);
}

static void test_bucket_that_left_the_policy_keeps_its_place(void **state)
{
    static const char other[] = ONE "\"buckets\":[{\"name\":\"other\"}],\"poll\":false}";
    void *in;

    (void)state;
    (void)fake_put_text("m", "{\"n\":1}\n", old_ms);
    in = fake_open(ONE BUCKET);
    assert_int_equal(fake_poll_until(in, CXD_POLL_FINISHED, 20, NULL), CXD_POLL_FINISHED);
    fake_restart(in, fake_last_mark(fake.item_count));
    in = fake_open(other); /* the fake serves every bucket the same */
    assert_int_equal(fake_poll_until(in, CXD_POLL_FINISHED, 20, NULL), CXD_POLL_FINISHED);
    assert_int_equal(fake_events(FAKE_EVENT), 1);
    fake_restart(in, fake_last_mark(fake.item_count));
    in = fake_open(ONE BUCKET);
    assert_int_equal(fake_poll_until(in, CXD_POLL_FINISHED, 20, NULL), CXD_POLL_FINISHED);
    assert_int_equal(fake_events(FAKE_EVENT), 0);
    fake_close(in);
}

static void test_options_refused(void **state)
{
    static const char *const rows[][2] = {
        {"{\"buckets\":[{\"name\":\"b\"}]}", "project_id"},
        {"{\"project_id\":\"p\",\"buckets\":[]}", "buckets"},
        {"{\"project_id\":\"p\",\"buckets\":[{\"name\":\"b\"}]}", "no credentials"},
        {ONE "\"buckets\":[{\"name\":\"\"}]}", "name"},
        {ONE "\"buckets\":[{\"name\":\"b\",\"max_workers\":0}]}", "max_workers"},
        {ONE "\"buckets\":[{\"name\":\"b\",\"parse_json\":true}]}", "parse_json"},
        {ONE "\"buckets\":[{\"name\":\"b\"},{\"name\":\"b\",\"prefix\":\"x\"}]}", "overlap"},
        {ONE "\"buckets\":[{\"name\":\"b\",\"file_selectors\":[{\"regex\":\"(\"}]}]}",
         "file_selectors"},
        {ONE "\"retry\":{\"max_attempts\":0}," BUCKET, "max_attempts"},
        {ONE "\"auth\":{\"credentials_json\":{\"account_key\":\"{}\"}}," BUCKET, "client_email"},
        {ONE "\"auth\":{\"credentials_file\":{\"path\":\"/nonexistent/key\"}}," BUCKET,
         "/nonexistent/key"},
        {"{\"project_id\":\"p\",\"alternative_host\":\"gcs\"," BUCKET, "alternative_host"},
    };
    const struct cxd_input_ops *ops = fake_module()->ops;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct cxd_error err = CXD_ERROR_INIT;
        void *in = NULL;

        assert_true(ops->open(&fake_host, FAKE_SELF, fake_options(rows[i][0]), &in, &err) < 0);
        if (strstr(err.text, rows[i][1]) == NULL) {
            fail_msg("%s: %s", rows[i][1], err.text);
        }
        assert_null(in);
        assert_int_equal(fake.live, 0);
    }
    (void)fake_options(NULL);
}

/*
 * Random objects, pieces, faults and moments of death. After a death the store holds the mark of a random acknowledged prefix;
 * what was delivered after it may come again, everything else comes exactly once.
 */
static void deaths(uint64_t seed)
{
    static char delivered[16][256];
    char name[16];
    void *in;
    int result = CXD_POLL_MORE;

    fake_reset();
    fake.chance = seed;
    memset(delivered, 0, sizeof delivered);
    for (int i = 0; i < 16; i++) {
        char *text;

        (void)snprintf(name, sizeof name, "o%02d", i);
        text = records(name, 1 + (int)fake_random(200));
        (void)(fake_random(2) ? fake_put_gzip : fake_put_text)(name, text,
                                                               old_ms + fake_random(9) * 1000);
        free(text);
    }
    for (int i = 0; i < 8; i++) {
        static const int breaks[] = {CXD_IO, CXD_TIMEOUT, CXD_END, CXD_TRUNCATED};

        fake_fault((struct fake_fault){.where = FAKE_MEDIA,
                                       .times = 1 + (int)fake_random(2),
                                       .break_status = breaks[fake_random(4)],
                                       .break_after = fake_random(3000),
                                       .no_range = fake_random(2)});
    }
    fake.piece_max = 1 + fake_random(2000);
    for (int life = 0; result != CXD_POLL_FINISHED; life++) {
        int polls = life < 12 ? 1 + (int)fake_random(12) : 10000;
        size_t acked;

        in = fake_open(ONE BUCKET);
        result = CXD_POLL_MORE;
        for (; polls > 0 && result != CXD_POLL_FINISHED; polls--) {
            result = fake_poll(in, NULL);
        }
        assert_true(life < 30);
        acked = result == CXD_POLL_FINISHED ? fake.item_count
                                            : fake_random((uint32_t)fake.item_count + 1);
        while (acked > 0 && fake.items[acked - 1].kind != FAKE_MARK) {
            acked--; /* what is behind the last mark may come again */
        }
        for (size_t i = 0; i < acked; i++) {
            int object, number;

            if (fake.items[i].kind == FAKE_EVENT) {
                assert_int_equal(sscanf(fake.items[i].text, "{\"object\":\"o%d\",\"number\":%d",
                                        &object, &number),
                                 2);
                assert_int_equal(delivered[object][number]++, 0); /* once */
            }
        }
        assert_int_equal(fake_events(FAKE_REJECT), 0);
        fake_restart(in, fake_last_mark(acked));
        if (result == CXD_POLL_FINISHED && fake.health != CXD_HEALTHY) {
            fake.wall_ms += 7 * 3600000; /* one was set aside: a later run takes it up */
            result = CXD_POLL_MORE;
        }
    }
    for (int i = 0; i < 16; i++) {
        const struct fake_object *o = NULL;
        char *text;

        (void)snprintf(name, sizeof name, "o%02d", i);
        for (size_t j = 0; j < fake.object_count; j++) {
            o = strcmp(fake.objects[j].name, name) == 0 ? &fake.objects[j] : o;
        }
        assert_non_null(o);
        text = records(name, 200);
        for (int n = 0; n < 200; n++) { /* a run without a gap, and at least one */
            assert_true(delivered[i][n] <= (n == 0 ? 1 : delivered[i][n - 1]));
        }
        assert_int_equal(delivered[i][0], 1);
        free(text);
        if ((unsigned char)o->data[0] != 0x1f) {
            size_t lines = 0;
            size_t got = 0;

            for (size_t j = 0; j < o->len; j++) {
                lines += o->data[j] == '\n';
            }
            while (got < 200 && delivered[i][got]) {
                got++;
            }
            assert_int_equal(got, lines);
        }
    }
}

static void test_deaths_at_any_moment(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 40; seed++) {
        deaths(seed * 7919);
    }
}

static void test_each_allocation_may_fail(void **state)
{
    static const char options[] = ONE BUCKET;
    const struct cxd_input_ops *ops = fake_module()->ops;
    bool reached = true;

    (void)state;
    for (uint64_t n = 1; reached; n++) {
        struct cxd_error err = CXD_ERROR_INIT;
        char *text = records("a", 30);
        void *in = NULL;
        int status;

        fake_reset();
        (void)fake_put_gzip("a", text, old_ms);
        (void)fake_put_text("b", "[{\"b\":1},{\"b\":2}]", old_ms);
        free(text);
        fake.piece_max = 100;
        fake.fail_at = n;
        status = ops->open(&fake_host, FAKE_SELF, fake_options(options), &in, &err);
        if (status < 0) {
            assert_int_equal(status, CXD_NOMEM);
            assert_int_equal(fake.live, 0);
            continue;
        }
        assert_int_equal(fake_poll_until(in, CXD_POLL_FINISHED, 300, &err), CXD_POLL_FINISHED);
        reached = fake.allocations >= n;
        /* a record that found no memory for its event is a dead letter; none is missing, none came twice */
        assert_int_equal(fake_events(FAKE_EVENT) + fake_events(FAKE_REJECT), 32);
        assert_true(fake_events(FAKE_REJECT) <= 1);
        fake.fail_at = 0;
        fake_close(in);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_events_of_a_gzip_object, test_clean),
        cmocka_unit_test_setup(test_all_forms_of_objects, test_clean),
        cmocka_unit_test_setup(test_malformed_line_goes_to_the_dead_letters, test_clean),
        cmocka_unit_test_setup(test_line_over_the_limit, test_clean),
        cmocka_unit_test_setup(test_large_object_comes_in_bounded_polls, test_clean),
        cmocka_unit_test_setup(test_downloads_run_side_by_side, test_clean),
        cmocka_unit_test_setup(test_pages_prefix_selectors_and_epoch, test_clean),
        cmocka_unit_test_setup(test_late_arrivals_are_collected_once, test_clean),
        cmocka_unit_test_setup(test_bucket_that_left_the_policy_keeps_its_place, test_clean),
        cmocka_unit_test_setup(test_options_refused, test_clean),
        cmocka_unit_test_setup(test_deaths_at_any_moment, test_clean),
        cmocka_unit_test_setup(test_each_allocation_may_fail, test_clean),
    };

    (void)unsetenv("GOOGLE_APPLICATION_CREDENTIALS");
    return cmocka_run_group_tests_name("gcs poll", tests, NULL, NULL);
}
