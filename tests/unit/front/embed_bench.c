/* embed_bench.c: see the header. */
#include "embed_bench.h"

#include "base/little.h"
#include "io/doc.h"

static char folder[64];

int bench_setup(void)
{
    folder_make(folder);
    return 0;
}

void bench_teardown(void)
{
    folder_remove(folder);
}

const char *bench_folder(void)
{
    return folder;
}

const char *bench_policy(const char *ticker, const char *agent)
{
    static char text[2][2048];
    static int turn;

    turn = !turn;
    (void)snprintf(text[turn], sizeof text[turn],
                   "inputs: [{id: t, type: ticker, %s}]\nagent: {%s%sregistry.flush: 10ms}\n",
                   ticker, agent, agent[0] != '\0' ? ", " : "");
    return text[turn];
}

int32_t bench_try_in(const char *options, const char *policy, const char *below,
                     uint64_t *ret_handle)
{
    char text[4096];
    /* of two members of a name the last counts: a test's own come last */
    int len = snprintf(
        text, sizeof text, "{\"data_dir\":\"%s/%s\",\"modules\":[\"%s/tests/modules/good\"]%s%s",
        folder, below, getenv("CXD_BUILD_DIR"), strlen(options) > 2 ? "," : "", options + 1);

    if (options[0] != '{') {
        len = snprintf(text, sizeof text, "%s", options);
    }
    return cxd_open((const uint8_t *)text, (uint64_t)len, (const uint8_t *)policy, strlen(policy),
                    ret_handle);
}

int32_t bench_try(const char *options, const char *policy, uint64_t *ret_handle)
{
    return bench_try_in(options, policy, "", ret_handle);
}

static uint64_t open_checked(const char *options, const char *policy, const char *below)
{
    uint64_t handle = 0;
    char said[600];
    int32_t code = bench_try_in(options, policy, below, &handle);

    if (code != CXD_E_OK) {
        bench_error(0, said);
        fail_msg("open: %d \"%s\"", code, said);
    }
    return handle;
}

uint64_t bench_open(const char *options, const char *policy)
{
    return open_checked(options, policy, "");
}

uint64_t bench_start_in(const char *options, const char *policy, const char *below)
{
    uint64_t handle = open_checked(options, policy, below);

    assert_int_equal(cxd_start(handle), CXD_E_OK);
    return handle;
}

uint64_t bench_start(const char *options, const char *policy)
{
    return bench_start_in(options, policy, "");
}

int32_t bench_pull(uint64_t handle, uint32_t timeout_ms, struct pulled *p)
{
    return cxd_pull(handle, CXD_FORMAT_FRAMES, timeout_ms, p->buf, sizeof p->buf, p->meta);
}

void bench_close(uint64_t handle)
{
    int32_t code = cxd_close(handle, 0);

    assert_true(code == CXD_E_OK || code == CXD_E_AGAIN);
}

int64_t bench_expect(const struct pulled *p, int64_t next)
{
    const char *at = (const char *)p->buf;
    uint32_t count = little_get32(at);
    const char *row = at + 16;
    uint64_t bytes = 0;

    assert_int_equal(count, p->meta[2]);
    assert_int_equal(little_get32(at + 4), 1);
    assert_int_equal(little_get32(at + 8), 20);
    at = row + (size_t)count * 8;
    assert_memory_equal(at, "tlogs-generic-default", 21);
    at += 21 + little_get32((const char *)p->buf + 12);
    for (uint32_t i = 0; i < count; i++, row += 8) {
        uint32_t doc_len = little_get32(row);
        uint32_t id_len = little_get32(row + 4);
        char id[32];
        int len = snprintf(id, sizeof id, "tick-%lld", (long long)next++);
        assert_int_equal(id_len, len);
        assert_memory_equal(at + doc_len, id, id_len);
        assert_int_equal(at[0], '{');
        assert_int_equal(at[doc_len - 1], '}');
        at += doc_len + id_len;
        bytes += doc_len;
    }
    assert_int_equal(at - (const char *)p->buf, p->meta[1]);
    assert_int_equal(bytes, p->meta[3]);
    return next;
}

int64_t bench_status_number(uint64_t handle, const char *name)
{
    char text[16384];
    char wanted[64];
    const char *at;
    uint64_t need = 0;

    assert_int_equal(cxd_status(handle, (uint8_t *)text, sizeof text - 1, &need), CXD_E_OK);
    text[need] = '\0';
    (void)snprintf(wanted, sizeof wanted, "\"%s\":", name);
    at = strstr(text, wanted);
    assert_non_null(at);
    return (int64_t)strtoull(at + strlen(wanted), NULL, 10);
}

void bench_error(uint64_t handle, char ret_text[600])
{
    uint64_t need = 0;

    assert_int_equal(cxd_error(handle, (uint8_t *)ret_text, 599, &need), CXD_E_OK);
    ret_text[need] = '\0';
}

int bench_log_says(const char *words)
{
    uint8_t lines[65536];
    uint64_t need = 0;

    return cxd_log(lines, sizeof lines, &need) == CXD_E_OK &&
           memmem(lines, need, words, strlen(words)) != NULL;
}

int64_t bench_cursor(void)
{
    struct registry *r = NULL;
    struct cxd_bytes cursor;
    struct cxd_error err = CXD_ERROR_INIT;
    int64_t next = -1;

    assert_int_equal(registry_open(folder, 1000, NULL, &r, &err), CXD_OK);
    assert_int_equal(registry_get(r, "t", &cursor, &err), CXD_OK);
    if (cursor.len > 0) {
        next = doc_get(cursor, "next").number;
    }
    free((char *)(uintptr_t)cursor.ptr);
    registry_close(r);
    return next;
}
