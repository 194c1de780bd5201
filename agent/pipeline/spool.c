/* spool.c: opening and writing. */
#include "pipeline/spool_inner.h"

#include "base/cleanup.h"
#include "base/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PACKED_MAX ((size_t)512 << 20)
#define KEEP_MAX ((size_t)16 << 20) /* memory of one huge batch is not kept */

static int key_refuse(const char *path, const struct spool *s, struct cxd_error *err)
{
    return cxd_error_set(err, CXD_CONFIG,
                         s->has_key ? "queue %s was sealed with another key; give that one in "
                                      "queue.disk.key_file or move the folder away"
                                    : "queue %s is sealed; give its key in queue.disk.key_file or "
                                      "move the folder away",
                         path);
}

static int is_our_key(const struct spool *s, const struct spool_head *head)
{
    return s->has_key && memcmp(head->mark, s->key.mark, SEAL_MARK_LEN) == 0;
}

/* The last whole batch in the file; 1: there is one. */
static int segment_scan(struct spool *s, const struct segment *g, struct cxd_error *err)
{
    _cleanup_(freep) char *path = spool_segment_path(s, g);
    struct record_reader *reader = NULL;
    struct cxd_bytes record;
    struct spool_head head;
    int has_one = 0;
    int r;

    if (path == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "queue: out of memory");
    }
    r = record_reader_salvage(path, &reader, err);
    while (r == CXD_OK) {
        r = record_next(reader, &record, err);
        if (r != CXD_OK || spool_item_read(record, &head) != CXD_OK) {
            continue;
        }
        if (head.is_sealed && !is_our_key(s, &head)) {
            r = key_refuse(path, s, err);
        } else if (head.is_last && head.seq >= s->end.seq) {
            s->end = (struct batch_place){head.seq + 1, head.before + head.count};
            has_one = 1;
        }
    }
    if (r == CXD_END && record_reader_tally(reader)->tail > 0) {
        LOG(CXD_LOG_INFO, "pipeline.spool", "%s: %llu bytes of an unfinished write are left out",
            path, (unsigned long long)record_reader_tally(reader)->tail);
    }
    record_reader_close(reader);
    return r == CXD_END ? has_one : r;
}

int spool_end_find(struct spool *s, struct cxd_error *err)
{
    int r = 0;

    s->end = s->settled;
    for (size_t i = s->segment_count; i > 0 && r == 0; i--) {
        r = segment_scan(s, &s->segments[i - 1], err);
        if (r < 0) {
            return r;
        }
    }
    if (s->segment_count > 0) { /* segments that cannot be read at all still count */
        const struct segment *last = &s->segments[s->segment_count - 1];
        s->end.seq = s->end.seq < last->first_seq ? last->first_seq : s->end.seq;
    }
    s->synced = s->end;
    return CXD_OK;
}

/* The first good record of a segment. 1: there is one. */
static int segment_peek(const struct spool *s, const struct segment *g, struct spool_head *ret_head,
                        struct cxd_error *err)
{
    _cleanup_(freep) char *path = spool_segment_path(s, g);
    struct record_reader *reader = NULL;
    struct cxd_bytes record;
    int r;

    if (path == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "queue: out of memory");
    }
    r = record_reader_salvage(path, &reader, err);
    while (r == CXD_OK) {
        r = record_next(reader, &record, err);
        if (r == CXD_OK && spool_item_read(record, ret_head) == CXD_OK) {
            r = ret_head->is_sealed && !is_our_key(s, ret_head) ? key_refuse(path, s, err) : 1;
        }
    }
    record_reader_close(reader);
    return r == CXD_END ? 0 : r;
}

/* Reading begins where settling ended, or with the oldest batch that is there. */
static int start_find(struct spool *s, struct cxd_error *err)
{
    struct spool_head head;
    int r = spool_segments_prune(s, err);

    s->read = s->settled;
    if (r != CXD_OK || s->segment_count == 0) {
        return r;
    }
    r = segment_peek(s, &s->segments[0], &head, err);
    if (r >= 0 && s->settled.seq < s->segments[0].first_seq) { /* the saved place was lost */
        s->settled = (struct batch_place){s->segments[0].first_seq, r == 1 ? head.before : 0};
        s->read = s->settled;
        s->read.events = r == 1 ? head.before : UINT64_MAX; /* the first batch tells */
    }
    return r < 0 ? r : CXD_OK;
}

static int folder_take(struct spool *s, struct cxd_error *err)
{
    _cleanup_(freep) char *lock = NULL;
    int r = file_make_folder(s->folder, 0700, err);

    if (asprintf(&lock, "%s/spool.lock", s->folder) < 0) {
        lock = NULL;
        return cxd_error_set(err, CXD_NOMEM, "queue: out of memory");
    }
    return r != CXD_OK ? r : file_lock_take(lock, &s->lock, err);
}

int spool_open(const struct spool_spec *spec, struct spool **ret_spool, struct cxd_error *err)
{
    struct spool *s = calloc(1, sizeof *s);
    int r;

    if (s == NULL || (s->folder = strdup(spec->folder)) == NULL ||
        (s->builder = doc_new()) == NULL) {
        spool_close(s);
        return cxd_error_set(err, CXD_NOMEM, "queue: out of memory");
    }
    s->segment_bytes = spec->segment_bytes;
    s->next_number = 1; /* 0 is before all: see spool_seek */
    s->has_key = spec->key != NULL;
    if (s->has_key) {
        s->key = *spec->key;
    }
    buf_init(&s->packed, PACKED_MAX);
    buf_init(&s->scratch, DOC_SIZE_MAX);
    buf_init(&s->parts, PACKED_MAX);
    r = folder_take(s, err);
    r = r != CXD_OK ? r : spool_place_load(s, err);
    r = r != CXD_OK ? r : spool_segments_list(s, err);
    r = r != CXD_OK ? r : spool_end_find(s, err);
    r = r != CXD_OK ? r : start_find(s, err);
    if (r != CXD_OK) {
        spool_close(s);
        return r;
    }
    *ret_spool = s;
    return CXD_OK;
}

void spool_segment_close(struct spool *s)
{
    record_log_close(s->log);
    s->log = NULL;
}

static int segment_start(struct spool *s, struct cxd_error *err)
{
    struct segment g = {.number = s->next_number, .first_seq = s->end.seq};
    _cleanup_(freep) char *path = spool_segment_path(s, &g);
    int r;

    if (path == NULL || spool_segment_add(s, &g) != CXD_OK) {
        return cxd_error_set(err, CXD_NOMEM, "queue: out of memory");
    }
    r = record_log_open(path, &s->log, NULL, err);
    if (r != CXD_OK) {
        s->segment_count--;
        (void)file_remove(path, NULL); /* an empty one is removed at the next start */
        return r;
    }
    s->next_number++;
    s->segments[s->segment_count - 1].bytes = record_log_size(s->log);
    return CXD_OK;
}

static int part_append(struct spool *s, const struct spool_head *head, struct cxd_error *err)
{
    struct cxd_bytes record;
    int r = spool_item_write(s->builder, head, s->has_key ? &s->key : NULL, &s->scratch, &record);

    if (r != CXD_OK) {
        return cxd_error_set(err, r, "queue %s: a batch cannot be put into records", s->folder);
    }
    r = record_log_append(s->log, record, err);
    s->segments[s->segment_count - 1].bytes = record_log_size(s->log);
    return r == CXD_OK ? r : cxd_error_wrap(err, "queue %s", s->folder);
}

static int parts_append(struct spool *s, const struct batch *b, struct cxd_error *err)
{
    struct spool_head head = {.seq = s->end.seq, .before = s->end.events, .count = b->count};
    size_t at = 0;
    int r;

    do {
        size_t len = s->packed.len - at;
        len = len < SPOOL_PART_MAX ? len : SPOOL_PART_MAX;
        head.bytes = (struct cxd_bytes){s->packed.ptr + at, len};
        at += len;
        head.is_last = at == s->packed.len;
        r = part_append(s, &head, err);
        head.part++;
    } while (r == CXD_OK && !head.is_last);
    return r;
}

int spool_append(struct spool *s, struct batch *b, struct cxd_error *err)
{
    int r = CXD_OK;

    if (s->log != NULL && record_log_size(s->log) >= s->segment_bytes) {
        r = spool_sync(s, err);
        spool_segment_close(s);
    }
    if (r == CXD_OK && s->log == NULL) {
        r = segment_start(s, err);
    }
    if (r != CXD_OK) {
        return r;
    }
    buf_clear(&s->packed);
    b->offset = record_log_size(s->log);
    b->segment = s->segments[s->segment_count - 1].number;
    r = spool_item_pack(b, &s->packed);
    r = r != CXD_OK ? cxd_error_set(err, r, "queue: no memory for a batch")
                    : parts_append(s, b, err);
    if (s->packed.cap > KEEP_MAX) {
        buf_done(&s->packed);
    }
    if (r == CXD_OK) {
        s->end.seq++;
        s->end.events += b->count;
        b->after = s->end;
    }
    return r;
}

int spool_sync(struct spool *s, struct cxd_error *err)
{
    int r = s->log != NULL ? record_log_sync(s->log, err) : CXD_OK;

    if (r == CXD_OK) {
        s->synced = s->end;
        return CXD_OK;
    }
    spool_segment_close(s);
    s->end = s->synced;
    return cxd_error_wrap(err, "queue %s", s->folder);
}

/* On a full disk the place cannot be written. Segments that are settled as a whole may go all the same: what is before the first one
 * that is there counts as settled. How many went. */
static size_t settled_make_room(struct spool *s, struct batch_place place)
{
    const struct batch_place before = s->settled;
    size_t count = s->segment_count;

    s->settled = place;
    (void)spool_segments_prune(s, NULL); /* what could not be removed stays in the list */
    s->settled = before;
    return count - s->segment_count;
}

int spool_settle(struct spool *s, struct batch_place place, struct cxd_error *err)
{
    int r;

    if (place.seq == s->settled.seq) {
        return CXD_OK;
    }
    r = spool_place_save(s, place, err);
    if (r != CXD_OK && settled_make_room(s, place) > 0) {
        r = spool_place_save(s, place, err);
    }
    if (r != CXD_OK) {
        return r;
    }
    s->settled = place;
    if (s->log != NULL && place.seq == s->end.seq &&
        record_log_size(s->log) >= s->segment_bytes / 4) {
        spool_segment_close(s); /* all is through: nothing need stay */
    }
    return spool_segments_prune(s, err);
}

struct batch_place spool_settled(const struct spool *s)
{
    return s->settled;
}

struct batch_place spool_end(const struct spool *s)
{
    return s->end;
}

uint64_t spool_bytes(const struct spool *s)
{
    uint64_t bytes = 0;

    for (size_t i = 0; i < s->segment_count; i++) {
        bytes += s->segments[i].bytes;
    }
    return bytes;
}

const struct spool_loss *spool_losses(const struct spool *s)
{
    return &s->loss;
}

void spool_close(struct spool *s)
{
    if (s != NULL) {
        spool_reader_drop(s);
        if (s->log != NULL) {
            spool_segment_close(s);
            (void)spool_segments_prune(s, NULL); /* they go at the next start otherwise */
        }
        file_lock_free(s->lock);
        doc_free(s->builder);
        buf_done(&s->packed);
        buf_done(&s->scratch);
        buf_done(&s->parts);
        seal_key_wipe(&s->key);
        free(s->segments);
        free(s->folder);
        free(s);
    }
}
