/* elastic_bench.c: what several tests of one output share. */
#include "elastic_bench.h"

#include <stdlib.h>

struct cxd_error err;
struct cxd_outcome outcomes[DOCS_MAX];
struct cxd_doc docs[DOCS_MAX];
static char *sources[DOCS_MAX];
static char ids[DOCS_MAX][16];

const struct cxd_output_ops *ops(void)
{
    return cxd_module_entry(&fake_host, NULL)->ops;
}

int open_with(bson_t *doc, void **ret_instance)
{
    int r;

    if (!bson_has_field(doc, "hosts")) {
        bson_t hosts;

        bson_append_array_begin(doc, "hosts", -1, &hosts);
        BSON_APPEND_UTF8(&hosts, "0", "https://es1:9243");
        BSON_APPEND_UTF8(&hosts, "1", "https://es2:9243");
        bson_append_array_end(doc, &hosts);
    }
    doc = fake_options(cxd_module_entry(&fake_host, NULL)->options, doc);
    err = (struct cxd_error)CXD_ERROR_INIT;
    r = ops()->open(&fake_host, NULL, fake_bytes(doc), ret_instance, &err);
    bson_destroy(doc);
    return r;
}

void *open_ok(bson_t *doc)
{
    void *instance = NULL;

    if (open_with(doc, &instance) != CXD_OK) {
        print_error("open: %s\n", err.text);
    }
    assert_non_null(instance);
    return instance;
}

void docs_free(void)
{
    for (size_t i = 0; i < DOCS_MAX; i++) {
        free(sources[i]);
        sources[i] = NULL;
    }
}

/* count documents of len bytes each. */
struct cxd_batch batch_of(uint32_t count, size_t len)
{
    struct cxd_batch batch = {.size = sizeof batch, .count = count, .docs = docs};

    docs_free();
    memset(outcomes, 0, sizeof outcomes);
    err = (struct cxd_error)CXD_ERROR_INIT;
    for (uint32_t i = 0; i < count; i++) {
        sources[i] = malloc(len + 1);
        assert_non_null(sources[i]);
        memset(sources[i], 'x', len);
        memcpy(sources[i], "{\"a\":\"", 6);
        memcpy(sources[i] + len - 2, "\"}", 3);
        (void)snprintf(ids[i], sizeof ids[i], "id%u", i);
        docs[i] =
            (struct cxd_doc){{sources[i], len}, {ids[i], strlen(ids[i])}, CXD_LIT("logs-a-b")};
        batch.bytes += len;
    }
    return batch;
}

int send_docs(void *out, uint32_t count, size_t len)
{
    struct cxd_batch batch = batch_of(count, len);

    return ops()->send(out, &batch, outcomes, &err);
}

uint32_t results(uint32_t count, uint32_t result)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < count; i++) {
        n += outcomes[i].result == result;
    }
    return n;
}

int bench_setup(void **state)
{
    (void)state;
    fake_reset();
    return 0;
}

int bench_teardown(void **state)
{
    int live = (int)fake.live;

    (void)state;
    docs_free();
    fake_reset();
    return live == 0 ? 0 : -1;
}
