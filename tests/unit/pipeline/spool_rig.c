/* spool_rig.c: see the header. */
#include "spool_rig.h"

#include <dirent.h>

char spool_folder[64];
static struct unit stream = {.id = "stream-1"};

int spool_setup(void **state)
{
    (void)state;
    folder_make(spool_folder);
    return 0;
}

int spool_teardown(void **state)
{
    (void)state;
    atomic_store(&disk_write_errno, 0);
    atomic_store(&disk_sync_errno, 0);
    folder_remove(spool_folder);
    return 0;
}

int spool_open_with(const struct seal_key *key, struct spool **ret_spool, struct cxd_error *err)
{
    const struct spool_spec spec = {.folder = spool_folder, .segment_bytes = 4096, .key = key};

    return spool_open(&spec, ret_spool, err);
}

struct spool *spool_open_ok(void)
{
    struct cxd_error err = CXD_ERROR_INIT;
    struct spool *s = NULL;

    if (spool_open_with(NULL, &s, &err) != CXD_OK) {
        fail_msg("%s", err.text);
    }
    return s;
}

/* Documents of this batch: `number % 5 + 1`, of growing length; every second one has an id. */
void spool_fill(struct batch *b, unsigned number, size_t pad)
{
    static const char index[] = "logs-x-default";

    batch_clear(b);
    b->index = (struct cxd_bytes){index, sizeof index - 1};
    b->stream = &stream;
    b->pipeline = number % 3 == 0 ? CXD_LIT("pipe-x") : (struct cxd_bytes){NULL, 0};
    for (unsigned i = 0; i <= number % 5; i++) {
        size_t start = b->text.len;
        char id[32];
        int id_len = snprintf(id, sizeof id, "id-%u-%u", number, i);
        assert_int_equal(buf_add_format(&b->text, "{\"n\":%u,\"i\":%u,\"pad\":\"", number, i), 0);
        assert_int_equal(buf_reserve(&b->text, pad), 0);
        memset(b->text.ptr + b->text.len, 'a' + (int)(number % 26), pad);
        b->text.len += pad;
        assert_int_equal(buf_add_text(&b->text, "\"}"), 0);
        assert_int_equal(
            batch_add(b, start, (struct cxd_bytes){id, i % 2 == 0 ? (size_t)id_len : 0}), 0);
    }
    batch_seal(b);
}

static void assert_same(const struct batch *a, const struct batch *b)
{
    assert_int_equal(a->count, b->count);
    assert_int_equal(a->pipeline.len, b->pipeline.len);
    assert_true(a->pipeline.len == 0 ||
                memcmp(a->pipeline.ptr, b->pipeline.ptr, a->pipeline.len) == 0);
    for (uint32_t i = 0; i < a->count; i++) {
        assert_int_equal(a->docs[i].source.len, b->docs[i].source.len);
        assert_memory_equal(a->docs[i].source.ptr, b->docs[i].source.ptr, a->docs[i].source.len);
        assert_int_equal(a->docs[i].id.len, b->docs[i].id.len);
        assert_true(a->docs[i].id.len == 0 ||
                    memcmp(a->docs[i].id.ptr, b->docs[i].id.ptr, a->docs[i].id.len) == 0);
        assert_int_equal(b->docs[i].index.len, a->docs[i].index.len);
        assert_memory_equal(a->docs[i].index.ptr, b->docs[i].index.ptr, a->docs[i].index.len);
    }
}

void spool_put(struct spool *s, unsigned from, unsigned to, size_t pad)
{
    struct batch *b = batch_new(SIZE_MAX / 2);
    struct cxd_error err = CXD_ERROR_INIT;

    for (unsigned n = from; n < to; n++) {
        spool_fill(b, n, pad);
        if (spool_append(s, b, &err) != CXD_OK) {
            fail_msg("%s", err.text);
        }
    }
    assert_int_equal(spool_sync(s, &err), CXD_OK);
    batch_free(b);
}

/* The number of the next batch, its content checked; -1: no more. */
int spool_get(struct spool *s, size_t pad)
{
    struct batch *b = batch_new(SIZE_MAX / 2);
    struct batch *wanted = batch_new(SIZE_MAX / 2);
    struct cxd_error err = CXD_ERROR_INIT;
    struct spool_read read;
    unsigned number = 0;
    int r = spool_next(s, b, &read, &err);

    if (r == CXD_OK) {
        for (const char *at = b->docs[0].source.ptr + 5; *at >= '0' && *at <= '9'; at++) {
            number = number * 10 + (unsigned)(*at - '0');
        }
        spool_fill(wanted, number, pad);
        assert_same(wanted, b);
        assert_string_equal(read.stream.ptr, "stream-1");
    } else if (r != CXD_END) {
        fail_msg("%s", err.text);
    }
    batch_free(b);
    batch_free(wanted);
    return r == CXD_OK ? (int)number : -1;
}

/* Calls fn for each segment, in order of their names. */
unsigned spool_segments(void (*fn)(const char *path, unsigned number))
{
    struct dirent **list;
    int count = scandir(spool_folder, &list, NULL, alphasort);
    unsigned found = 0;

    assert_true(count >= 0);
    for (int i = 0; i < count; i++) {
        size_t len = strlen(list[i]->d_name);
        if (len > 4 && strcmp(list[i]->d_name + len - 4, ".seg") == 0) {
            char path[512];
            (void)snprintf(path, sizeof path, "%s/%s", spool_folder, list[i]->d_name);
            if (fn != NULL) {
                fn(path, found);
            }
            found++;
        }
        free(list[i]);
    }
    free(list);
    return found;
}
