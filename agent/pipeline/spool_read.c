/*
 * spool_read.c: batches back from the disk, in order, over any damage. Only closed segments are read: the open one is closed
 * when the reader comes to it.
 */
#include "pipeline/spool_inner.h"

#include "base/cleanup.h"
#include "base/log.h"

#include <stdlib.h>
#include <string.h>

#define UNKNOWN UINT64_MAX
#define KEEP_MAX ((size_t)16 << 20)

void spool_reader_drop(struct spool *s)
{
    record_reader_close(s->reader);
    s->reader = NULL;
    s->next_part = 0;
    buf_clear(&s->parts);
}

static void assembly_drop(struct spool *s)
{
    s->next_part = 0;
    buf_clear(&s->parts);
    if (s->parts.cap > KEEP_MAX) {
        buf_done(&s->parts);
    }
}

/* Which segment the place `read` is in, for a reader that is in none yet; later ones follow by number. */
static const struct segment *segment_find(const struct spool *s)
{
    const struct segment *found = NULL;

    for (size_t i = 0; i < s->segment_count; i++) {
        const struct segment *g = &s->segments[i];
        if (s->has_read && g->number > s->read_number) {
            return g;
        }
        if (!s->has_read && (found == NULL || g->first_seq <= s->read.seq)) {
            found = g;
        }
    }
    return found;
}

static int reader_open(struct spool *s, const struct segment *g, struct cxd_error *err)
{
    _cleanup_(freep) char *path = NULL;
    uint64_t offset = s->read_offset;
    int r;

    if (s->log != NULL && g == &s->segments[s->segment_count - 1]) {
        spool_segment_close(s);
    }
    path = spool_segment_path(s, g);
    if (path == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "queue: out of memory");
    }
    r = record_reader_salvage(path, &s->reader, err);
    if (r == CXD_NOT_FOUND) {
        LOG(CXD_LOG_ERROR, "pipeline.spool", "%s: somebody took it away", path);
        r = CXD_OK; /* as if all of it were damaged */
    }
    if (r != CXD_OK) {
        return cxd_error_wrap(err, "queue");
    }
    if (s->reader != NULL && offset > 0) {
        record_reader_skip(s->reader, offset);
    }
    s->read_offset = 0;
    s->read_number = g->number;
    s->has_read = 1;
    s->seen_damages = 0;
    assembly_drop(s);
    return CXD_OK;
}

static void damages_note(struct spool *s, const struct record_tally *t)
{
    if (t->damaged > s->seen_damages) {
        s->loss.damages += t->damaged - s->seen_damages;
        s->seen_damages = t->damaged;
        LOG(CXD_LOG_ERROR, "pipeline.spool",
            "%s: segment %08x is damaged at %llu places; what is good in it is sent", s->folder,
            s->read_number, (unsigned long long)t->damaged);
    }
}

/* Takes the part in: 1 when the batch is complete; 0; CXD_CONFIG (another key), CXD_NOMEM. */
static int part_take(struct spool *s, const struct spool_head *head, struct cxd_error *err)
{
    const struct spool_head *first = &s->assembly;
    int r;

    if (head->seq < s->read.seq) {
        return 0;
    }
    if (head->part == 0) {
        assembly_drop(s);
        s->assembly = *head;
    } else if (head->part != s->next_part || head->seq != first->seq ||
               head->before != first->before || head->count != first->count) {
        assembly_drop(s);
        return 0;
    }
    r = spool_item_open(head, s->has_key ? &s->key : NULL, &s->parts);
    if (r == CXD_CORRUPT || r == CXD_TOO_LARGE) {
        assembly_drop(s);
        return 0;
    }
    if (r != CXD_OK) {
        assembly_drop(s);
        return cxd_error_set(err, r, "queue %s: %s", s->folder,
                             r == CXD_NOMEM ? "no memory for a batch"
                                            : "a part is sealed with another key");
    }
    s->next_part = head->part + 1;
    return head->is_last;
}

/* Says how many documents before this batch are missing. */
static void loss_note(struct spool *s, uint64_t before)
{
    if (s->read.events != UNKNOWN && before > s->read.events) {
        s->loss.events += before - s->read.events;
        LOG(CXD_LOG_ERROR, "pipeline.spool", "%s: %llu documents in damaged places cannot be sent",
            s->folder, (unsigned long long)(before - s->read.events));
    }
    s->read.events = before;
}

/* A complete batch: 1 when it is good. */
static int batch_make(struct spool *s, struct batch *b, struct spool_read *ret_read,
                      struct cxd_error *err)
{
    const struct spool_head head = s->assembly;
    int r = spool_item_unpack((struct cxd_bytes){s->parts.ptr, s->parts.len}, head.count, b,
                              &ret_read->stream);

    assembly_drop(s);
    if (r == CXD_NOMEM) {
        return cxd_error_set(err, r, "queue %s: no memory for a batch", s->folder);
    }
    if (r != CXD_OK) {
        return 0; /* counted with the next good one */
    }
    loss_note(s, head.before);
    s->read = (struct batch_place){head.seq + 1, head.before + head.count};
    ret_read->after = s->read;
    return 1;
}

/* The next record of the reader: 1 a batch, 0 go on, CXD_END the segment is through; or a failure. */
static int record_take(struct spool *s, struct batch *b, struct spool_read *ret_read,
                       struct cxd_error *err)
{
    struct cxd_bytes record;
    struct spool_head head;
    int r = record_next(s->reader, &record, err);

    damages_note(s, record_reader_tally(s->reader));
    if (r != CXD_OK) {
        return r;
    }
    r = spool_item_read(record, &head) == CXD_OK ? part_take(s, &head, err) : 0;
    return r == 1 ? batch_make(s, b, ret_read, err) : r;
}

int spool_is_read(const struct spool *s)
{
    return s->read.seq >= s->synced.seq;
}

int spool_next(struct spool *s, struct batch *b, struct spool_read *ret_read, struct cxd_error *err)
{
    while (!spool_is_read(s)) {
        int r = CXD_END;

        if (s->reader == NULL) {
            const struct segment *g = segment_find(s);
            if (g == NULL) {
                loss_note(s, s->synced.events);
                s->read = s->synced;
                break;
            }
            r = reader_open(s, g, err);
            if (r != CXD_OK) {
                return r;
            }
        }
        r = s->reader != NULL ? record_take(s, b, ret_read, err) : CXD_END;
        if (r == CXD_END) {
            spool_reader_drop(s);
        } else if (r < 0) {
            spool_reader_drop(s); /* and from the wanted batch again */
            s->has_read = 0;
            return r;
        } else if (r == 1) {
            return CXD_OK;
        }
    }
    return CXD_END;
}

void spool_pass(struct spool *s, const struct batch *b)
{
    s->read = b->after;
}

void spool_seek(struct spool *s, const struct batch *b)
{
    spool_reader_drop(s);
    s->read = (struct batch_place){b->after.seq - 1, b->after.events - b->count};
    s->read_offset = b->offset;
    s->read_number = b->segment - 1;
    s->has_read = 1;
}
