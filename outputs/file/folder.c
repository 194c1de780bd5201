/*
 * folder.c: cuts a batch into its data streams and writes each. Knows batches and outcomes; the files are stream.c's.
 *
 * After any failure everything is closed and forgotten, and read again from the disk at the next batch: there is one truth.
 */
#include "folder.h"

#include "fd.h"
#include "line.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* Makes path and what is missing above it. */
static int path_make(const char *path, struct cxd_error *err)
{
    char part[PATH_MAX];
    size_t len = strlen(path);

    if (len == 0 || len >= sizeof part) {
        return cxd_error_set(err, CXD_CONFIG, "path: between 1 and %zu bytes", sizeof part - 1);
    }
    memcpy(part, path, len + 1);
    for (size_t i = 1; i <= len; i++) {
        if (part[i] != '/' && part[i] != '\0') {
            continue;
        }
        part[i] = '\0';
        if (mkdir(part, 0750) != 0 && errno != EEXIST) {
            return fd_error(err, "make the folder", part);
        }
        part[i] = i < len ? '/' : '\0';
    }
    return CXD_OK;
}

static int folder_lock(struct folder *f, const char *path, struct cxd_error *err)
{
    f->lock_fd = openat(f->fd, ".lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (f->lock_fd < 0) {
        return fd_error(err, "open the lock in", path);
    }
    if (flock(f->lock_fd, LOCK_EX | LOCK_NB) == 0) {
        return CXD_OK;
    }
    if (errno == EWOULDBLOCK) {
        return cxd_error_set(err, CXD_CONFIG,
                             "%s is written to by another output already: give each its own path",
                             path);
    }
    return fd_error(err, "lock", path);
}

int folder_open(struct folder *f, const struct cxd_host *host, struct cxd_self *self,
                const struct stream_rules *rules, const char *path, struct cxd_error *err)
{
    int r;

    f->host = host;
    f->self = self;
    f->rules = *rules;
    f->fd = -1;
    f->lock_fd = -1;
    seen_init(&f->seen, host, self, rules->remember_count);
    r = path_make(path, err);
    if (r != CXD_OK) {
        return r;
    }
    f->fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (f->fd < 0) {
        return fd_error(err, "open the folder", path);
    }
    return folder_lock(f, path, err);
}

static void folder_reset(struct folder *f)
{
    while (f->stream_count > 0) {
        stream_close(&f->streams[--f->stream_count]);
    }
    seen_clear(&f->seen);
}

/* The place for one more stream: a free one, or that of the stream used longest ago. */
static int slot_take(struct folder *f, struct stream **ret_slot, struct cxd_error *err)
{
    struct stream *oldest = &f->streams[0];
    int r;

    if (f->stream_count < FOLDER_OPEN_MAX) {
        *ret_slot = &f->streams[f->stream_count++];
        return CXD_OK;
    }
    for (uint32_t i = 1; i < f->stream_count; i++) {
        oldest = f->streams[i].used < oldest->used ? &f->streams[i] : oldest;
    }
    r = stream_sync(oldest, 0, 1, err);
    stream_close(oldest);
    *ret_slot = oldest;
    return r;
}

static int stream_get(struct folder *f, struct cxd_bytes index, struct stream **ret_stream,
                      struct cxd_error *err)
{
    struct stream *slot = NULL;
    int r;

    for (uint32_t i = 0; i < f->stream_count; i++) {
        struct stream *s = &f->streams[i];

        if (strlen(s->name) == index.len && memcmp(s->name, index.ptr, index.len) == 0) {
            s->used = f->batch_number;
            *ret_stream = s;
            return CXD_OK;
        }
    }
    r = slot_take(f, &slot, err);
    if (r == CXD_OK) {
        stream_init(slot, f->host, f->self, &f->rules, f->fd);
        slot->used = f->batch_number;
        r = stream_open(slot, index, &f->seen, err);
    }
    *ret_stream = slot;
    return r;
}

/* All documents from `first` on that go where docs[first] goes; *ret_bytes: the length of the new lines. */
static int picks_gather(struct folder *f, const struct cxd_batch *batch, uint32_t first,
                        const struct stream *s, uint32_t *ret_count, uint64_t *ret_bytes)
{
    struct cxd_bytes index = batch->docs[first].index;
    uint32_t count = 0;
    uint64_t bytes = 0;

    for (uint32_t i = first; i < batch->count; i++) {
        const struct cxd_doc *doc = &batch->docs[i];
        struct stream_pick *pick = &f->picks[count];

        if (doc->index.len != index.len || memcmp(doc->index.ptr, index.ptr, index.len) != 0) {
            continue;
        }
        *pick = (struct stream_pick){.doc = i};
        if (doc->id.len > 0 && f->rules.remember_count > 0) {
            int is_new;

            pick->hash = ids_hash(&s->ids, doc->id);
            is_new = seen_add(&f->seen, pick->hash);
            if (is_new < 0) {
                return is_new;
            }
            pick->is_known = !is_new;
        }
        bytes += pick->is_known ? 0 : line_len(doc, f->rules.with_metadata);
        count++;
    }
    *ret_count = count;
    *ret_bytes = bytes;
    return CXD_OK;
}

static void outcomes_set(const struct folder *f, uint32_t count, struct cxd_outcome *outcomes)
{
    for (uint32_t i = 0; i < count; i++) {
        outcomes[f->picks[i].doc].result =
            f->picks[i].is_known ? CXD_RESULT_DUPLICATE : CXD_RESULT_DELIVERED;
    }
}

/* The documents of one data stream, from the first of them on. */
static int part_send(struct folder *f, const struct cxd_batch *batch, uint32_t first,
                     struct cxd_outcome *outcomes, struct cxd_error *err)
{
    struct stream *s;
    uint32_t count;
    uint64_t bytes;
    int r = stream_get(f, batch->docs[first].index, &s, err);

    if (r == CXD_OK) {
        r = stream_ready(s, &f->seen, err); /* before the journal's key is used */
    }
    if (r != CXD_OK) {
        return r;
    }
    r = picks_gather(f, batch, first, s, &count, &bytes);
    if (r != CXD_OK) {
        return cxd_error_set(err, r, "out of memory remembering ids");
    }
    r = stream_turn(s, bytes, err);
    if (r == CXD_OK) {
        r = stream_write(s, batch, f->picks, count, f->rows, err);
    }
    if (r == CXD_OK) {
        outcomes_set(f, count, outcomes);
    }
    return r;
}

static int scratch_ensure(struct folder *f, uint32_t count, struct cxd_error *err)
{
    if (count <= f->scratch_count) {
        return CXD_OK;
    }
    f->host->free(f->self, f->picks);
    f->host->free(f->self, f->rows);
    f->scratch_count = 0;
    f->picks = f->host->alloc(f->self, (size_t)count * sizeof f->picks[0]);
    f->rows = f->host->alloc(f->self, (size_t)count * sizeof f->rows[0]);
    if (f->picks == NULL || f->rows == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "out of memory for a batch of %u documents", count);
    }
    f->scratch_count = count;
    return CXD_OK;
}

int folder_send(struct folder *f, const struct cxd_batch *batch, struct cxd_outcome *outcomes,
                struct cxd_error *err)
{
    int64_t now_ms;
    int r = scratch_ensure(f, batch->count, err);

    f->batch_number++;
    for (uint32_t i = 0; r == CXD_OK && i < batch->count; i++) {
        if (outcomes[i].result != CXD_RESULT_PENDING) {
            continue;
        }
        if (!line_is_name(batch->docs[i].index)) {
            outcomes[i].result = CXD_RESULT_REJECTED;
            outcomes[i].reason = CXD_LIT("the data stream's name cannot be a file's name");
            continue;
        }
        r = part_send(f, batch, i, outcomes, err);
    }
    now_ms = f->host->mono_ms(f->self);
    for (uint32_t i = 0; r == CXD_OK && i < f->stream_count; i++) {
        r = stream_sync(&f->streams[i], now_ms, 0, err);
    }
    if (r != CXD_OK) {
        folder_reset(f);
    }
    return r;
}

void folder_done(struct folder *f)
{
    for (uint32_t i = 0; i < f->stream_count; i++) {
        (void)stream_sync(&f->streams[i], 0, 1,
                          NULL); /* as far as it goes: nobody is left to ask */
    }
    folder_reset(f);
    seen_done(&f->seen);
    if (f->host != NULL) {
        f->host->free(f->self, f->picks);
        f->host->free(f->self, f->rows);
        fd_close(&f->fd);
        fd_close(&f->lock_fd); /* with it the lock */
    }
    *f = (struct folder){.fd = -1, .lock_fd = -1};
}
