/* test_intake_keys.c: a stream's own fields, nulls, index and pipeline, from emit to batch. */
#include "rig.h"

#include "pipeline/batch.h"
#include "pipeline/index_name.h"

static struct rig rig;
static struct rig_spec spec;

static int setup(void **state)
{
    (void)state;
    spec = (struct rig_spec){
        .queue_bytes = 1 << 20, .batch_bytes = 4096, .dead_bytes = 1 << 20, .is_message_kept = 1};
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    rig_close(&rig);
    return 0;
}

/* An event with a member `extra` of this JSON text. */
static void emit_with(const char *extra)
{
    struct cxd_event *ev = NULL;
    struct cxd_error err = CXD_ERROR_INIT;

    assert_int_equal(rig.host->event_new(&rig.self, &ev, &err), CXD_OK);
    rig.host->event_set_message(ev, CXD_LIT("m"));
    assert_non_null(rig.host->node_put(
        ev, rig.host->event_root(ev), CXD_LIT("extra"),
        (struct cxd_value){.ptr = extra, .len = (uint32_t)strlen(extra), .kind = CXD_KIND_OBJECT}));
    assert_int_equal(rig.host->emit(&rig.self, ev, &err), CXD_OK);
}

static struct batch *batch_next(void)
{
    struct batch *b;

    intake_flush(rig.intake, 0);
    b = queue_take(rig.queue, 0);
    assert_non_null(b);
    return b;
}

static void batch_done(struct batch *b)
{
    for (struct batch *run = track_settle(b->track, b), *next; run != NULL; run = next) {
        next = run->track_next;
        queue_settle(rig.queue, run);
    }
}

static void document_is(struct batch *b, uint32_t i, const char *behind_the_time)
{
    struct cxd_bytes source = b->docs[i].source;
    size_t skipped = sizeof "{\"@timestamp\":\"2026-01-31T12:34:56.789Z\"," - 1;
    char text[1024];

    assert_true(source.len > skipped && source.len < sizeof text);
    (void)snprintf(text, sizeof text, "%.*s", (int)(source.len - skipped), source.ptr + skipped);
    assert_string_equal(text, behind_the_time);
}

static void test_every_event_carries_the_policys_fields(void **state)
{
    struct batch *b;

    (void)state;
    spec.laid = CXD_LIT("{\"fields\":{\"team\":\"soc\",\"e\":{}}}");
    rig_open(&rig, &spec);
    assert_int_equal(rig_emit(&rig, "one"), CXD_OK);
    assert_int_equal(rig_emit(&rig, "two"), CXD_OK);
    b = batch_next();
    document_is(b, 0, "\"fields\":{\"team\":\"soc\",\"e\":{}},\"message\":\"one\"}");
    document_is(b, 1, "\"fields\":{\"team\":\"soc\",\"e\":{}},\"message\":\"two\"}");
    batch_done(b);
}

static void test_an_inputs_nulls_are_left_out(void **state)
{
    struct batch *b;

    (void)state;
    spec.laid = CXD_LIT("{\"x\":{\"y\":1}}");
    rig_open(&rig, &spec);
    emit_with("{\"a\":null,\"b\":[null,{\"c\":null}],\"d\":0}");
    b = batch_next();
    document_is(b, 0, "\"x\":{\"y\":1},\"extra\":{\"b\":[null,{}],\"d\":0},\"message\":\"m\"}");
    batch_done(b);
}

static void test_keep_null_lets_them_through(void **state)
{
    struct batch *b;

    (void)state;
    spec.is_null_kept = 1;
    rig_open(&rig, &spec);
    emit_with("{\"a\":null}");
    b = batch_next();
    document_is(b, 0, "\"extra\":{\"a\":null},\"message\":\"m\"}");
    batch_done(b);
}

static void test_text_that_is_no_json_becomes_a_dead_letter(void **state)
{
    char *text;

    (void)state;
    rig_open(&rig, &spec);
    emit_with("{\"a\":nul");
    text = file_slurp(rig.folder, "dead_letter/dead.ndjson", NULL);
    assert_non_null(text);
    assert_non_null(strstr(text, "nulls cannot be taken out"));
    free(text);
    assert_int_equal(rig_count(&rig, "events_dead_lettered_total"), 1);
}

static void test_a_batch_knows_its_pipeline_and_dated_index(void **state)
{
    static const struct index_words words = {.name = "cortexd", .version = "1"};
    static struct index_name name;
    char before[INDEX_NAME_MAX + 1] = "";
    char after[INDEX_NAME_MAX + 1] = "";
    char got[INDEX_NAME_MAX + 1] = "";
    struct batch *b;

    (void)state;
    assert_int_equal(index_name_read("x-%{+yyyy.MM.dd-HH.mm.ss}", &words, &name, NULL), CXD_OK);
    spec.dated = &name;
    spec.pipeline = CXD_LIT("own");
    rig_open(&rig, &spec);
    (void)index_name_write(&name, clock_wall_ms(), before);
    assert_int_equal(rig_emit(&rig, "one"), CXD_OK);
    (void)index_name_write(&name, clock_wall_ms(), after);
    b = batch_next();
    assert_memory_equal(b->pipeline.ptr, "own", 3);
    memcpy(got, b->docs[0].index.ptr, b->docs[0].index.len);
    assert_true(strcmp(before, got) <= 0 && strcmp(got, after) <= 0);
    assert_int_equal(strlen(got), strlen(before));
    batch_done(b);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(test_every_event_carries_the_policys_fields),
        CASE(test_an_inputs_nulls_are_left_out),
        CASE(test_keep_null_lets_them_through),
        CASE(test_text_that_is_no_json_becomes_a_dead_letter),
        CASE(test_a_batch_knows_its_pipeline_and_dated_index),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
