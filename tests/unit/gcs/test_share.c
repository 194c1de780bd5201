/* test_share.c: low-water marks, messages of the shared topic, and what a policy may say of it. No broker. */
#include "share/ref.h"
#include "share/water.h"
#include "test.h"

#include <stdio.h>

static void test_offsets_are_committed_without_gaps(void **state)
{
    struct water *w = calloc(1, sizeof *w);

    (void)state;
    assert_non_null(w);
    for (int64_t offset = 10; offset < 15; offset++) {
        assert_true(water_take(w, offset));
    }
    assert_int_equal(water_advance(w, 100), -1);
    water_done(w, 11, 3);
    water_done(w, 13, 1);
    assert_int_equal(water_advance(w, 100), -1); /* 10 is under way */
    water_done(w, 10, 2);
    assert_int_equal(water_advance(w, 1), -1); /* done, and not safe yet */
    assert_true(water_waits(w, 1));
    assert_int_equal(water_advance(w, 2), 11);
    assert_int_equal(water_advance(w, 3), 12);
    assert_false(water_waits(w, 3)); /* 13 is safe, behind one that is under way */
    water_done(w, 12, 0);
    water_done(w, 9, 0); /* another's */
    water_done(w, 99, 0);
    assert_int_equal(water_advance(w, 3), 14);
    assert_int_equal(w->count, 1);
    free(w);
}

static void test_offsets_may_skip_and_never_go_back(void **state)
{
    struct water *w = calloc(1, sizeof *w);

    (void)state;
    assert_non_null(w);
    assert_true(water_take(w, 5));
    assert_true(water_take(w, 9)); /* compaction leaves gaps */
    assert_false(water_take(w, 9));
    assert_false(water_take(w, 7));
    water_done(w, 5, 0);
    water_done(w, 9, 0);
    assert_int_equal(water_advance(w, 0), 10);
    free(w);
}

static void test_a_full_window_takes_no_more(void **state)
{
    struct water *w = calloc(1, sizeof *w);

    (void)state;
    assert_non_null(w);
    for (int64_t round = 0; round < 3; round++) { /* the ring turns */
        int64_t first = round * 5000;

        for (int64_t i = 0; i < (int64_t)WATER_MAX; i++) {
            assert_true(water_take(w, first + i));
        }
        assert_true(water_is_full(w));
        assert_false(water_take(w, first + 4000));
        for (int64_t i = (int64_t)WATER_MAX - 1; i > 0; i--) {
            water_done(w, first + i, round);
        }
        assert_int_equal(water_advance(w, round), -1);
        water_done(w, first, round);
        assert_int_equal(water_advance(w, round), first + (int64_t)WATER_MAX);
    }
    free(w);
}

/* Whatever the order: what is committed is the longest run of what is done and safe. */
static void test_marks_in_any_order(void **state)
{
    struct water *w = calloc(1, sizeof *w);

    (void)state;
    assert_non_null(w);
    for (int round = 0; round < 300; round++) {
        int64_t marks[24];
        int64_t safe = fake_random(6);
        int64_t wanted = -1;

        *w = (struct water){.first = fake_random(WATER_MAX)};
        for (int64_t i = 0; i < 24; i++) {
            assert_true(water_take(w, i));
            marks[i] = fake_random(10) == 0 ? -1 : (int64_t)fake_random(7);
            if (marks[i] >= 0) {
                water_done(w, i, marks[i]);
            }
        }
        for (int64_t i = 0; i < 24 && marks[i] >= 0 && marks[i] <= safe; i++) {
            wanted = i + 1;
        }
        assert_int_equal(water_advance(w, safe), wanted);
    }
    free(w);
}

static void test_references_come_back_as_written(void **state)
{
    struct text text;
    struct ref ref = {.epoch = 5,
                      .bucket = CXD_LIT("bkt"),
                      .not_before_ms = 1790000000123,
                      .rounds = 3,
                      .object = {.name = CXD_LIT("a \"b\"\n\xC3\xA4.gz"),
                                 .content_type = CXD_LIT("text/plain"),
                                 .generation = INT64_MAX - 5,
                                 .size = 0,
                                 .updated_ms = 1790000000000,
                                 .created_s = 1790000000}};
    struct ref got;

    (void)state;
    text_init(&text, &fake_heap, 65536);
    ref_write_object(&text, &ref);
    assert_int_equal(ref_read(text_bytes(&text), &got, NULL), 0);
    assert_int_equal(got.kind, REF_OBJECT);
    assert_int_equal(got.epoch, 5);
    assert_int_equal(got.rounds, 3);
    assert_true(got.not_before_ms == ref.not_before_ms);
    assert_true(got.object.generation == ref.object.generation);
    assert_int_equal(got.object.size, 0);
    assert_true(got.object.updated_ms == ref.object.updated_ms);
    assert_int_equal(got.object.created_s, ref.object.created_s);
    assert_int_equal(got.object.name.len, ref.object.name.len);
    assert_memory_equal(got.object.name.ptr, ref.object.name.ptr, ref.object.name.len);
    assert_memory_equal(got.object.content_type.ptr, "text/plain", 10);
    assert_int_equal(got.object.content_encoding.len, 0);
    ref_done(&got);
    text_done(&text);
}

static void test_facts_come_back_as_written(void **state)
{
    struct done_entry entries[3];
    struct done_entry entry;
    struct text text;
    struct ref got;

    (void)state;
    for (int i = 0; i < 3; i++) {
        char name[8];
        (void)snprintf(name, sizeof name, "n%d", i);
        entries[i] = done_entry(&fake_heap, bytes_of(name), i, 1790000000u + (uint32_t)i);
    }
    text_init(&text, &fake_heap, 65536);
    ref_write_listed(&text, 0, CXD_LIT("bkt"), CXD_LIT("p/"), 1789990000, entries, 3);
    assert_int_equal(ref_read(text_bytes(&text), &got, NULL), 0);
    assert_int_equal(got.kind, REF_LISTED);
    assert_int_equal(got.mark_s, 1789990000);
    assert_memory_equal(got.prefix.ptr, "p/", 2);
    for (size_t i = 0; i < 3; i++) {
        assert_true(ref_entry(&got, i, &entry));
        assert_memory_equal(&entry, &entries[i], sizeof entry);
    }
    assert_false(ref_entry(&got, 3, &entry));
    ref_done(&got);
    ref_write_listed(&text, 0, CXD_LIT("bkt"), CXD_LIT(""), -1, NULL, 0);
    assert_int_equal(ref_read(text_bytes(&text), &got, NULL), 0);
    assert_int_equal(got.mark_s, -1);
    assert_false(ref_entry(&got, 0, &entry));
    ref_done(&got);
    ref_write_anew(&text, 1790000000000);
    assert_int_equal(ref_read(text_bytes(&text), &got, NULL), 0);
    assert_int_equal(got.kind, REF_ANEW);
    assert_true(got.epoch == 1790000000000);
    ref_done(&got);
    text_done(&text);
}

#define OBJECT "{\"v\":1,\"kind\":\"object\",\"bucket\":\"b\",\"name\":\"n\",\"generation\":1"

static void test_what_is_no_message_of_ours(void **state)
{
    static const struct {
        const char *text;
        int status;
    } rows[] = {
        {"", CXD_MALFORMED},
        {"[]", CXD_MALFORMED},
        {"{}", CXD_MALFORMED},
        {"{\"v\":1}", CXD_MALFORMED},
        {"{\"v\":\"1\",\"kind\":\"anew\"}", CXD_MALFORMED},
        {"{\"v\":0,\"kind\":\"anew\"}", CXD_MALFORMED},
        {"{\"v\":2,\"kind\":\"anew\"}", CXD_UNSUPPORTED},
        {"{\"v\":1,\"kind\":\"other\",\"bucket\":\"b\"}", CXD_MALFORMED},
        {"{\"v\":1,\"kind\":\"anew\",\"epoch\":-1}", CXD_MALFORMED},
        {"{\"v\":1,\"kind\":\"object\",\"name\":\"n\",\"generation\":1}", CXD_MALFORMED},
        {"{\"v\":1,\"kind\":\"object\",\"bucket\":\"b\",\"generation\":1}", CXD_MALFORMED},
        {"{\"v\":1,\"kind\":\"object\",\"bucket\":\"b\",\"name\":\"\",\"generation\":1}",
         CXD_MALFORMED},
        {"{\"v\":1,\"kind\":\"object\",\"bucket\":\"b\",\"name\":\"n\"}", CXD_MALFORMED},
        {"{\"v\":1,\"kind\":\"object\",\"bucket\":\"b\",\"name\":\"n\",\"generation\":-1}",
         CXD_MALFORMED},
        {"{\"v\":1,\"kind\":\"object\",\"bucket\":\"b\",\"name\":\"n\",\"generation\":1.5}",
         CXD_MALFORMED},
        {"{\"v\":1,\"kind\":\"object\",\"bucket\":\"b\",\"name\":\"a\\u0000b\",\"generation\":1}",
         CXD_MALFORMED},
        {OBJECT ",\"size\":-2}", CXD_MALFORMED},
        {OBJECT ",\"created\":4294967296}", CXD_MALFORMED},
        {OBJECT ",\"rounds\":1001}", CXD_MALFORMED},
        {OBJECT ",\"not_before\":-5}", CXD_MALFORMED},
        {OBJECT "} more", CXD_MALFORMED},
        {OBJECT, CXD_MALFORMED},
        {"{\"v\":1,\"kind\":\"listed\",\"bucket\":\"b\",\"done\":\"00\"}", CXD_MALFORMED},
        {"{\"v\":1,\"kind\":\"listed\",\"bucket\":\"b\",\"done\":"
         "\"0001020304050607080900000000000G\"}",
         CXD_MALFORMED},
        {"{\"v\":1,\"kind\":\"listed\",\"bucket\":\"b\",\"mark\":-2}", CXD_MALFORMED},
        {OBJECT ",\"of a later day\":{\"a\":[1]}}", 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct cxd_error err = CXD_ERROR_INIT;
        struct ref ref = {0};
        int status = ref_read(bytes_of(rows[i].text), &ref, &err);

        if (status != rows[i].status) {
            print_error("row %zu: %s: %d, %s\n", i, rows[i].text, status, err.text);
        }
        assert_int_equal(status, rows[i].status);
        ref_done(&ref);
    }
}

static void test_a_message_that_is_too_large(void **state)
{
    size_t len = REF_MAX + 1;
    char *text = malloc(len);
    struct cxd_error err = CXD_ERROR_INIT;
    struct ref ref;

    (void)state;
    assert_non_null(text);
    memset(text, ' ', len);
    assert_int_equal(ref_read((struct cxd_bytes){text, len}, &ref, &err), CXD_TOO_LARGE);
    free(text);
}

/* The largest message that is written is read. */
static void test_a_full_fact_is_read(void **state)
{
    struct done_entry *entries = calloc(REF_LISTED_MAX, sizeof *entries);
    struct text text;
    struct ref got;

    (void)state;
    assert_non_null(entries);
    text_init(&text, &fake_heap, REF_MAX);
    ref_write_listed(&text, INT64_MAX - 1, CXD_LIT("bkt"), CXD_LIT("p"), 1, entries,
                     REF_LISTED_MAX);
    assert_int_equal(text.status, 0);
    assert_int_equal(ref_read(text_bytes(&text), &got, NULL), 0);
    ref_done(&got);
    text_done(&text);
    free(entries);
}

#define ONE                                                                                        \
    "{\"project_id\":\"proj\",\"alternative_host\":\"http://"                                      \
    "gcs\",\"buckets\":[{\"name\":\"bkt\"}]"
#define TIMES ",\"timeout\":30000,\"session_timeout\":30000"

static void assert_refused(const char *options, const char *why)
{
    const struct cxd_input_ops *ops = fake_module()->ops;
    struct cxd_error err = CXD_ERROR_INIT;
    void *instance = NULL;
    int status = ops->open(&fake_host, FAKE_SELF, fake_options(options), &instance, &err);

    assert_true(status < 0);
    if (strstr(err.text, why) == NULL) {
        print_error("%s: %s\n", options, err.text);
    }
    assert_non_null(strstr(err.text, why));
    assert_null(strstr(err.text, "geheim"));
    assert_int_equal(fake.live, 0);
}

static void test_options_that_are_wrong(void **state)
{
    static const char *const rows[][2] = {
        {ONE ",\"coordination\":\"zookeeper\"}", "none or kafka"},
        {ONE ",\"coordination\":\"kafka\"}", "kafka.hosts"},
        {ONE ",\"coordination\":\"kafka\",\"kafka\":{\"hosts\":[\"h\"]" TIMES "}}", "kafka.topic"},
        {ONE ",\"coordination\":\"kafka\",\"kafka\":{\"hosts\":[\"h\"],\"topic\":\"a b\"" TIMES
             "}}",
         "kafka.topic"},
        {ONE ",\"coordination\":\"kafka\",\"kafka\":{\"hosts\":[\"a,b\"],\"topic\":\"t\"" TIMES
             "}}",
         "kafka.hosts.0"},
        {ONE ",\"coordination\":\"kafka\",\"kafka\":{\"hosts\":[\"h\"],\"topic\":\"t\","
             "\"timeout\":1,\"session_timeout\":30000}}",
         "kafka.timeout"},
        {ONE ",\"coordination\":\"kafka\",\"kafka\":{\"hosts\":[\"h\"],\"topic\":\"t\","
             "\"timeout\":1000,\"session_timeout\":30}}",
         "kafka.session_timeout"},
        {ONE ",\"coordination\":\"kafka\",\"kafka\":{\"hosts\":[\"h\"],\"topic\":\"t\","
             "\"password\":\"geheim\"" TIMES "}}",
         "need username"},
        {ONE
         ",\"coordination\":\"kafka\",\"kafka\":{\"hosts\":[\"h\"],\"topic\":\"t\",\"username\":"
         "\"u\",\"password\":\"geheim\",\"sasl\":{\"mechanism\":\"geheim\"}" TIMES "}}",
         "sasl.mechanism"},
        {ONE ",\"coordination\":\"kafka\",\"kafka\":{\"hosts\":[\"h\"],\"topic\":\"t\",\"ssl\":"
             "{\"certificate_authorities\":[\"/nowhere\"]}" TIMES "}}",
         "/nowhere"},
        {ONE ",\"lookback\":1000,\"coordination\":\"kafka\",\"kafka\":{\"hosts\":[\"h\"],\"topic\":"
             "\"t\"" TIMES "}}",
         "lookback"},
    };
    struct cxd_error err = CXD_ERROR_INIT;

    (void)state;
    if (fake_lacks_kafka()) {
        assert_refused(rows[1][0], "librdkafka");
        skip();
    }
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_refused(rows[i][0], rows[i][1]);
    }
    (void)err;
}

/* `cortexd test input` takes no place in the group: it looks at the bucket by itself. */
static void test_where_nobody_acknowledges_it_works_alone(void **state)
{
    void *in;

    (void)state;
    if (fake_lacks_kafka()) {
        skip();
    }
    (void)fake_put_text("a", "{\"a\":1}\n", 1780000000000);
    in = fake_open(
        ONE ",\"poll\":false,\"coordination\":\"kafka\",\"kafka\":{\"hosts\":[\"127.0.0.1:1\"],"
            "\"topic\":\"t\"" TIMES "}}");
    assert_int_equal(fake_poll_until(in, CXD_POLL_FINISHED, 20, NULL), CXD_POLL_FINISHED);
    assert_int_equal(fake_events(FAKE_EVENT), 1);
    fake_close(in);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_offsets_are_committed_without_gaps, test_clean),
        cmocka_unit_test_setup(test_offsets_may_skip_and_never_go_back, test_clean),
        cmocka_unit_test_setup(test_a_full_window_takes_no_more, test_clean),
        cmocka_unit_test_setup(test_marks_in_any_order, test_clean),
        cmocka_unit_test_setup(test_references_come_back_as_written, test_clean),
        cmocka_unit_test_setup(test_facts_come_back_as_written, test_clean),
        cmocka_unit_test_setup(test_what_is_no_message_of_ours, test_clean),
        cmocka_unit_test_setup(test_a_message_that_is_too_large, test_clean),
        cmocka_unit_test_setup(test_a_full_fact_is_read, test_clean),
        cmocka_unit_test_setup(test_options_that_are_wrong, test_clean),
        cmocka_unit_test_setup(test_where_nobody_acknowledges_it_works_alone, test_clean),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
