/*
 * stream.c: one append for each batch, and the tail set right when it fails. Knows files, not batches of several streams.
 *
 * Order of writing, which is what makes a crash harmless: rows of the journal, then lines, then fdatasync, then the answer.
 */
#include "stream.h"

#include "fd.h"
#include "line.h"
#include "rotate.h"
#include "tail.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#define STREAM_IOV_MAX IOV_MAX

void stream_init(struct stream *s, const struct cxd_host *host, struct cxd_self *self,
                 const struct stream_rules *rules, int folder)
{
    *s = (struct stream){
        .host = host, .self = self, .rules = rules, .folder = folder, .fd = -1, .unsynced_ms = -1};
    ids_init(&s->ids, host, self, folder);
}

static int data_sync(struct stream *s, struct cxd_error *err)
{
    if (fdatasync(s->fd) != 0) {
        return fd_error(err, "sync", s->file);
    }
    s->unsynced_ms = -1;
    return CXD_OK;
}

/* A new file's name must be safe, too; and its rights are those of the policy, whatever the umask. */
static int file_make(struct stream *s, struct cxd_error *err)
{
    int flags = O_RDWR | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;

    s->fd = openat(s->folder, s->file, flags | O_CREAT | O_EXCL, s->rules->mode);
    if (s->fd < 0 && errno == EEXIST) {
        s->fd = openat(s->folder, s->file, flags);
        return s->fd < 0 ? fd_error(err, "open", s->file) : CXD_OK;
    }
    if (s->fd < 0 || fchmod(s->fd, s->rules->mode) != 0) {
        return fd_error(err, "create", s->file);
    }
    if (s->rules->sync != STREAM_SYNC_NONE && fsync(s->folder) != 0) {
        return fd_error(err, "sync the folder of", s->file);
    }
    return CXD_OK;
}

static int file_open(struct stream *s, struct cxd_error *err)
{
    struct stat st;
    uint64_t cut = 0;
    int r = file_make(s, err);

    if (r != CXD_OK) {
        return r;
    }
    if (fstat(s->fd, &st) != 0) {
        return fd_error(err, "stat", s->file);
    }
    if (!S_ISREG(st.st_mode)) {
        return cxd_error_set(err, CXD_CONFIG, "%s is not a regular file", s->file);
    }
    r = tail_cut(s->fd, (uint64_t)st.st_size, s->file, &cut, err);
    if (r != CXD_OK) {
        return r;
    }
    s->len = (uint64_t)st.st_size - cut;
    if (cut > 0) {
        char text[400];
        int len =
            snprintf(text, sizeof text, "%s: cut a torn line of %" PRIu64 " bytes", s->file, cut);
        s->host->log(s->self, CXD_LOG_WARN, text, (size_t)len);
    }
    /* lines of a killed process are about to be known again, thus to count as delivered: safe first */
    return s->rules->sync == STREAM_SYNC_BATCH ? data_sync(s, err) : CXD_OK;
}

int stream_open(struct stream *s, struct cxd_bytes name, struct seen *seen, struct cxd_error *err)
{
    int r;

    if (name.len >= sizeof s->name) {
        return cxd_error_set(err, CXD_BUG, "unchecked name of a data stream");
    }
    if (name.ptr != s->name) {
        memcpy(s->name, name.ptr, name.len);
        s->name[name.len] = '\0';
    }
    (void)snprintf(s->file, sizeof s->file, "%s.ndjson", s->name); /* fits: name is shorter */
    s->ids.mode = s->rules->mode;
    r = file_open(s, err);
    if (r == CXD_OK) {
        r = ids_open(&s->ids, s->name, s->fd, s->len, seen, err);
    }
    if (r != CXD_OK) {
        stream_close(s);
    }
    return r;
}

int stream_sync(struct stream *s, int64_t now_ms, int is_forced, struct cxd_error *err)
{
    if (s->fd < 0 || s->unsynced_ms < 0 ||
        (!is_forced && now_ms - s->unsynced_ms < s->rules->sync_interval_ms)) {
        return CXD_OK;
    }
    return data_sync(s, err);
}

/* Is the file we have open still the one under its name, as long as we left it? */
static int is_ours(const struct stream *s)
{
    struct stat named;
    struct stat open_;

    return fstat(s->fd, &open_) == 0 &&
           fstatat(s->folder, s->file, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
           named.st_ino == open_.st_ino && named.st_dev == open_.st_dev &&
           (uint64_t)open_.st_size == s->len;
}

int stream_ready(struct stream *s, struct seen *seen, struct cxd_error *err)
{
    int r;

    if (is_ours(s)) {
        return CXD_OK;
    }
    r = stream_sync(s, 0, 1, err); /* moved, deleted or cut: what it had counts as delivered */
    if (r == CXD_OK) {
        r = ids_mark(&s->ids, err);
    }
    if (r == CXD_OK) {
        stream_close(s);
        r = stream_open(s, (struct cxd_bytes){s->name, strlen(s->name)}, seen, err);
    }
    return r;
}

int stream_turn(struct stream *s, uint64_t more, struct cxd_error *err)
{
    uint64_t limit = s->rules->rotate_size > 0 ? s->rules->rotate_size : IDS_END_MAX;
    int r;

    if (more == 0 || s->len == 0 || (s->len <= limit && more <= limit - s->len)) {
        return CXD_OK;
    }
    r = s->rules->sync == STREAM_SYNC_NONE ? CXD_OK : data_sync(s, err);
    if (r == CXD_OK) {
        r = ids_mark(&s->ids, err);
    }
    if (r == CXD_OK) {
        r = rotate_file(s->folder, s->file, s->rules->files_max, err);
    }
    if (r == CXD_OK) {
        fd_close(&s->fd);
        r = file_open(s, err);
    }
    return r;
}

/* One row for each new document with an id; *ret_end is where the file will end. */
static uint32_t rows_make(const struct stream *s, const struct cxd_batch *batch,
                          const struct stream_pick *picks, uint32_t count, struct ids_row *rows,
                          uint64_t *ret_end)
{
    uint64_t end = s->len;
    uint32_t row_count = 0;

    for (uint32_t i = 0; i < count; i++) {
        if (picks[i].is_known) {
            continue;
        }
        end += line_len(&batch->docs[picks[i].doc], s->rules->with_metadata);
        if (picks[i].hash != 0) {
            rows[row_count++] = (struct ids_row){picks[i].hash, end};
        }
    }
    *ret_end = end;
    return row_count;
}

static int lines_write(struct stream *s, const struct cxd_batch *batch,
                       const struct stream_pick *picks, uint32_t count, struct cxd_error *err)
{
    struct iovec parts[STREAM_IOV_MAX];
    int part_count = 0;

    for (uint32_t i = 0; i < count; i++) {
        if (picks[i].is_known) {
            continue;
        }
        if (part_count > STREAM_IOV_MAX - LINE_PARTS_MAX) {
            int r = fd_append(s->fd, parts, part_count, s->file, err);

            if (r != CXD_OK) {
                return r;
            }
            part_count = 0;
        }
        part_count +=
            line_parts(&batch->docs[picks[i].doc], s->rules->with_metadata, parts + part_count);
    }
    return fd_append(s->fd, parts, part_count, s->file, err);
}

int stream_write(struct stream *s, const struct cxd_batch *batch, const struct stream_pick *picks,
                 uint32_t count, struct ids_row *rows, struct cxd_error *err)
{
    uint64_t end;
    uint32_t row_count = rows_make(s, batch, picks, count, rows, &end);
    int r;

    if (end == s->len) {
        return CXD_OK; /* nothing new */
    }
    r = ids_append(&s->ids, rows, row_count, err);
    if (r != CXD_OK) {
        return r;
    }
    r = lines_write(s, batch, picks, count, err);
    if (r == CXD_OK && s->rules->sync == STREAM_SYNC_BATCH) {
        r = data_sync(s, err);
    }
    if (r != CXD_OK) {
        if (ftruncate(s->fd, (off_t)s->len) == 0) {
            ids_cut(&s->ids, row_count); /* lines first: a row without line does no harm */
        }
        return r;
    }
    s->len = end;
    if (s->rules->sync == STREAM_SYNC_INTERVAL && s->unsynced_ms < 0) {
        s->unsynced_ms = s->host->mono_ms(s->self);
    }
    return CXD_OK;
}

void stream_close(struct stream *s)
{
    fd_close(&s->fd);
    ids_close(&s->ids);
}
