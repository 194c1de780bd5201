/* test_spool_torture.c: the queue on disk with each allocation failing in turn: an error, never a loss of what was durable. */
#include "pipeline/spool.h"

#include "../io/starve.h"
#include "rig.h"

static char folder[64];
static struct unit stream = {.id = "stream-1"};

static struct batch *batch_make(unsigned number)
{
    struct batch *b = batch_new(1 << 20);

    assert_non_null(b);
    b->stream = &stream;
    b->index = CXD_LIT("logs-a-b");
    assert_int_equal(buf_add_format(&b->text, "{\"n\":%u}", number), CXD_OK);
    assert_int_equal(batch_add(b, 0, CXD_LIT("id")), CXD_OK);
    batch_seal(b);
    return b;
}

/* One whole turn; the number of batches that are durable afterwards. Everything may fail but the end. */
static unsigned turn(unsigned from, struct batch **batches, unsigned count)
{
    const struct spool_spec spec = {.folder = folder, .segment_bytes = 512};
    struct spool *s = NULL;
    struct batch *b = NULL;
    struct spool_read read;
    unsigned durable = 0;

    if (spool_open(&spec, &s, NULL) != CXD_OK) {
        return 0;
    }
    for (unsigned i = 0; i < count; i++) {
        if (spool_append(s, batches[from + i], NULL) == CXD_OK && spool_sync(s, NULL) == CXD_OK) {
            durable++;
        } else {
            break;
        }
    }
    b = batch_new(1 << 20);
    for (int i = 0; b != NULL && i < 8; i++) {
        batch_clear(b);
        if (spool_next(s, b, &read, NULL) != CXD_OK) {
            break;
        }
    }
    batch_free(b);
    spool_close(s);
    return durable;
}

/* All that is there, in order; the last number. */
static unsigned check(unsigned wanted)
{
    const struct spool_spec spec = {.folder = folder, .segment_bytes = 512};
    struct cxd_error err = CXD_ERROR_INIT;
    struct spool *s = NULL;
    struct batch *b = batch_new(1 << 20);
    struct spool_read read;
    unsigned number = 0;

    assert_int_equal(spool_open(&spec, &s, &err), CXD_OK);
    while (spool_next(s, b, &read, &err) == CXD_OK) {
        char text[32];
        (void)snprintf(text, sizeof text, "{\"n\":%u}", number);
        assert_int_equal(b->docs[0].source.len, strlen(text));
        assert_memory_equal(b->docs[0].source.ptr, text, strlen(text));
        number++;
        batch_clear(b);
    }
    assert_int_equal(number, wanted);
    assert_int_equal(spool_losses(s)->events, 0);
    spool_close(s);
    batch_free(b);
    return number;
}

static void test_memory_that_fails_loses_nothing(void **state)
{
    struct batch *batches[4096];
    unsigned durable = 0;

    (void)state;
    folder_make(folder);
    for (unsigned i = 0; i < COUNT(batches); i++) {
        batches[i] = batch_make(i);
    }
    for (unsigned n = 1; n < 120; n++) {
        starve_at((int)n);
        durable += turn(durable, batches, 3);
        starve_at(0);
        if (n % 10 == 0) {
            (void)check(durable);
        }
    }
    assert_true(durable > 100);
    (void)check(durable);
    for (unsigned i = 0; i < COUNT(batches); i++) {
        batch_free(batches[i]);
    }
    folder_remove(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_memory_that_fails_loses_nothing)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
