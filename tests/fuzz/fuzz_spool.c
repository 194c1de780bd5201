/*
 * fuzz_spool.c: foreign bytes as a record of the disk queue, as what lies in one, and as a whole segment. What comes out holds
 * together; a good batch behind foreign bytes comes back.
 */
#include "fuzz.h"

#include "base/log.h"
#include "pipeline/spool.h"
#include "pipeline/spool_item.h"
#include "pipeline/unit.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct unit stream = {.id = "fuzz"};

static void batch_check(const struct batch *b)
{
    const char *end = b->text.ptr + b->text.len;
    const char *at = b->text.ptr;

    for (uint32_t i = 0; i < b->count; i++) {
        FUZZ_CHECK(b->docs[i].source.ptr == at);
        at += b->docs[i].source.len + b->docs[i].id.len;
        FUZZ_CHECK(at <= end);
    }
    FUZZ_CHECK(b->index.ptr >= b->text.ptr && b->index.ptr + b->index.len <= end);
}

/* As what a record holds. */
static void unpack(struct cxd_bytes bytes, uint32_t count)
{
    struct batch *b = batch_new(1 << 24);
    struct cxd_bytes id;
    struct buf again;

    FUZZ_CHECK(b != NULL);
    buf_init(&again, 1 << 24);
    if (spool_item_unpack(bytes, count, b, &id) == CXD_OK) {
        struct unit own = {.id = id.ptr};
        batch_check(b);
        FUZZ_CHECK(id.ptr[id.len] == '\0');
        b->stream = &own;
        if (strlen(id.ptr) == id.len) { /* packed again it is the same */
            FUZZ_CHECK(spool_item_pack(b, &again) == CXD_OK);
            FUZZ_CHECK(again.len == bytes.len && memcmp(again.ptr, bytes.ptr, again.len) == 0);
        }
    } else {
        FUZZ_CHECK(b->count == 0 && b->text.len == 0);
    }
    buf_done(&again);
    batch_free(b);
}

static void record(struct cxd_bytes bytes)
{
    struct spool_head head;
    struct buf out;

    buf_init(&out, 1 << 24);
    if (spool_item_read(bytes, &head) == CXD_OK) {
        FUZZ_CHECK(head.bytes.ptr >= bytes.ptr &&
                   head.bytes.ptr + head.bytes.len <= bytes.ptr + bytes.len);
        if (spool_item_open(&head, NULL, &out) == CXD_OK) {
            unpack((struct cxd_bytes){out.ptr, out.len}, head.count);
        }
    }
    buf_done(&out);
}

static const char *folder(void)
{
    static char path[64];

    if (path[0] == '\0') {
        (void)snprintf(path, sizeof path, "%s/cortexd-fuzz.XXXXXX",
                       access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
        FUZZ_CHECK(mkdtemp(path) != NULL);
    }
    return path;
}

static void folder_empty(void)
{
    DIR *dir = opendir(folder());
    const struct dirent *entry;

    FUZZ_CHECK(dir != NULL);
    while ((entry = readdir(dir)) != NULL) {
        (void)unlinkat(dirfd(dir), entry->d_name, 0); /* the two that are folders stay */
    }
    (void)closedir(dir);
}

/* As a segment, with a good batch behind it in the next. */
static void segment(const uint8_t *data, size_t size)
{
    const struct spool_spec spec = {.folder = folder(), .segment_bytes = 1 << 20};
    struct spool *s = NULL;
    struct batch *b = batch_new(1 << 24);
    struct spool_read read;
    char path[256];
    int is_found = 0;
    int fd;

    FUZZ_CHECK(b != NULL);
    folder_empty();
    (void)snprintf(path, sizeof path, "%s/00000001-0000000000000000.seg", folder());
    fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    FUZZ_CHECK(fd >= 0 && write(fd, data, size) == (ssize_t)size);
    (void)close(fd);
    if (spool_open(&spec, &s, NULL) == CXD_OK) {
        b->stream = &stream;
        b->index = CXD_LIT("logs-a-b");
        FUZZ_CHECK(buf_add_text(&b->text, "{\"good\":1}") == CXD_OK);
        FUZZ_CHECK(batch_add(b, 0, CXD_LIT("id")) == CXD_OK);
        batch_seal(b);
        FUZZ_CHECK(spool_append(s, b, NULL) == CXD_OK && spool_sync(s, NULL) == CXD_OK);
        do {
            batch_clear(b);
            fd = spool_next(s, b, &read, NULL);
            if (fd == CXD_OK) {
                batch_check(b);
                is_found |= b->count == 1 && b->docs[0].source.len == 10 &&
                            memcmp(b->docs[0].source.ptr, "{\"good\":1}", 10) == 0;
            }
        } while (fd == CXD_OK);
        FUZZ_CHECK(fd == CXD_END && is_found);
        spool_close(s);
    }
    batch_free(b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cxd_bytes bytes = {(const char *)data, size};

    if (size > 1 << 20) {
        return 0;
    }
    log_setup(2, -1); /* nothing: it would be said for each damage */
    record(bytes);
    if (size > 0) {
        unpack((struct cxd_bytes){bytes.ptr + 1, size - 1}, data[0] % 8);
    }
    segment(data, size);
    return 0;
}
