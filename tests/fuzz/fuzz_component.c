/* fuzz_component.c: what Elastic Agent sends, of any bytes: refused, or units whose configurations are JSON and a policy that YAML's reader
 * can take. The first byte says whether it is the connection info. */
#include "fuzz.h"

#include "base/scan.h"
#include "config/conf.h"
#include "front/component/chunk.h"
#include "front/component/desired.h"
#include "front/component/startup.h"

#include <string.h>

static void source_check(const struct buf *source)
{
    struct arena *arena = arena_new(4096, 64u << 20);
    struct scan scan = {.count = 0};
    struct scan_fault fault;
    int r;

    FUZZ_CHECK(arena != NULL);
    r = scan_record(&scan, (struct cxd_bytes){source->ptr, source->len}, arena, &fault);
    FUZZ_CHECK(r == CXD_OK || fault.status == CXD_TOO_LARGE);
    scan_done(&scan);
    arena_free(arena);
}

static void policy_check(const struct expected *e)
{
    static int lines[EXPECTED_UNITS_MAX];
    const struct desired_options options = {.data_path = "/a \"folder\""};
    struct cxd_error err = CXD_ERROR_INIT;
    struct arena *arena = arena_new(4096, 64u << 20);
    struct conf *root = NULL;
    struct buf policy;

    buf_init(&policy, 16u << 20);
    if (desired_write(e, &options, &policy, lines) == CXD_OK) {
        int r = conf_read_text(DESIRED_NAME, policy.ptr, policy.len, arena, &root, &err);
        /* keys that stand twice, and the limits of a policy */
        FUZZ_CHECK(r == CXD_OK || err.text[0] != '\0');
        FUZZ_CHECK(strstr(err.text, "not YAML") == NULL);
    }
    buf_done(&policy);
    arena_free(arena);
}

/* As a part of a set: it is one by its end, or passed over. */
static void parts_check(struct expected *first, struct cxd_bytes message)
{
    struct cxd_error err = CXD_ERROR_INIT;
    struct chunk chunk;
    struct expected set;
    struct expected next;
    size_t count = first->count;
    int has_time = first->has_time;
    int r;

    chunk_init(&chunk);
    r = chunk_join(&chunk, first, &set);
    FUZZ_CHECK(r == (!has_time || count == 0));
    if (r == 1) {
        FUZZ_CHECK(set.count == count);
        expected_done(&set);
    } else if (expected_parse(message, &next, &err) == CXD_OK) {
        r = chunk_join(&chunk, &next, &set);
        FUZZ_CHECK(count > EXPECTED_UNITS_MAX / 2 ? r == CXD_TOO_LARGE
                                                  : r == 0 && chunk.set.count == 2 * count);
    }
    chunk_done(&chunk);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cxd_error err = CXD_ERROR_INIT;
    struct cxd_bytes message = {(const char *)data + 1, size - 1};
    struct startup startup;
    struct expected e;

    if (size == 0) {
        return 0;
    }
    if ((data[0] & 1) != 0) {
        startup_init(&startup);
        if (startup_parse(message, &startup, &err) == CXD_OK) {
            FUZZ_CHECK(startup.address[0] != '\0' && startup.token.len > 0);
            FUZZ_CHECK(startup.token.ptr[startup.token.len] == '\0');
        } else {
            FUZZ_CHECK(err.text[0] != '\0');
        }
        startup_done(&startup);
        return 0;
    }
    if (expected_parse(message, &e, &err) != CXD_OK) {
        FUZZ_CHECK(err.text[0] != '\0' && e.units == NULL);
        return 0;
    }
    for (size_t i = 0; i < e.count; i++) {
        if (e.units[i].has_config) {
            source_check(&e.units[i].source);
        }
    }
    policy_check(&e);
    parts_check(&e, message);
    return 0;
}
