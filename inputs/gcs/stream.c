/*
 * stream.c: raw bytes of an object to records.
 *
 * Knows gzip by its magic bytes; names and headers are not believed. Inflating is the host's. Thread: the instance's.
 */
#include "stream.h"

#include <string.h>

void stream_init(struct stream *s, const struct heap *h, size_t max)
{
    *s = (struct stream){.heap = h, .max = max};
}

void stream_done(struct stream *s)
{
    if (s->heap != NULL) {
        if (s->gzip != NULL) {
            s->heap->host->gzip_free(s->gzip);
        }
        heap_free(s->heap, s->buf);
        s->gzip = NULL;
        s->buf = NULL;
        s->room = 0;
    }
}

static int stream_reset_gzip(struct stream *s, struct cxd_error *err)
{
    if (s->gzip == NULL) {
        return s->heap->host->gzip_new(s->heap->self, -1, &s->gzip, err);
    }
    if (s->heap->host->gzip_reset(s->gzip) < 0) {
        return cxd_error_set(err, CXD_NOMEM, "inflate cannot be reset");
    }
    return 0;
}

int stream_begin(struct stream *s, const struct cursor_open *open, bool ranged,
                 struct cxd_error *err)
{
    if (s->room >
        8 * STREAM_BLOCK) { /* one long record of the past does not hold memory for ever */
        heap_free(s->heap, s->buf);
        s->buf = NULL;
        s->room = 0;
    }
    s->at = s->len = 0;
    s->received = 0;
    s->head_len = 0;
    s->gzip_end = s->gzip_more = false;
    s->skip = ranged ? 0 : open->offset;
    s->data = ranged ? CURSOR_DATA_PLAIN : CURSOR_DATA_UNKNOWN;
    decode_init(&s->decode, s->max, open->offset, open->line, (enum decode_form)open->form);
    (void)err;
    return 0;
}

/* Moves the torn record to the front and makes room for a block behind it. */
static int stream_reserve(struct stream *s, struct cxd_error *err)
{
    size_t left = s->len - s->at;
    size_t room = s->room > 0 ? s->room : STREAM_BLOCK + STREAM_BLOCK / 4;
    char *moved;

    if (s->at > 0 && left > 0) {
        memmove(s->buf, s->buf + s->at, left);
    }
    s->at = 0;
    s->len = left;
    while (room - left < STREAM_BLOCK) {
        room *= 2; /* left is at most max and a block, so this ends */
    }
    if (room == s->room) {
        return 0;
    }
    moved = heap_grow(s->heap, s->buf, room, 1);
    if (moved == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "record buffer of %zu bytes: out of memory", room);
    }
    s->buf = moved;
    s->room = room;
    return 0;
}

/* Counts decoded bytes in, without those that were delivered before. */
static void stream_append(struct stream *s, size_t len)
{
    size_t drop = s->skip < (int64_t)len ? (size_t)s->skip : len;

    if (drop > 0) {
        memmove(s->buf + s->len, s->buf + s->len + drop, len - drop);
        s->skip -= (int64_t)drop;
    }
    s->len += len - drop;
}

static void stream_feed_plain(struct stream *s, struct cxd_bytes *in)
{
    size_t len = in->len < STREAM_BLOCK ? in->len : STREAM_BLOCK;

    if (len > 0) {
        memcpy(s->buf + s->len, in->ptr, len);
        in->ptr += len;
        in->len -= len;
        stream_append(s, len);
    }
}

static int stream_feed_gzip(struct stream *s, struct cxd_bytes *in, struct cxd_error *err)
{
    size_t room = STREAM_BLOCK;
    size_t written = 0;
    int status;

    status = s->heap->host->gzip_step(s->gzip, in, s->buf + s->len, room, &written, 0, err);
    if (status < 0 && status != CXD_END) {
        return status;
    }
    s->gzip_end = status == CXD_END; /* until another member follows */
    s->gzip_more = !s->gzip_end && written == room;
    stream_append(s, written);
    return 0;
}

/* The first two bytes tell gzip from text. They go through the decoder like all others. */
static int stream_sniff(struct stream *s, struct cxd_bytes *in, bool at_end, struct cxd_error *err)
{
    struct cxd_bytes head;
    int status = 0;

    while (s->head_len < 2 && in->len > 0) {
        s->head[s->head_len++] = (unsigned char)*in->ptr++;
        in->len--;
    }
    if (s->head_len < 2 && !at_end) {
        return 0;
    }
    head = (struct cxd_bytes){(const char *)s->head, s->head_len};
    if (s->head_len == 2 && s->head[0] == 0x1f && s->head[1] == 0x8b) {
        s->data = CURSOR_DATA_GZIP;
        status = stream_reset_gzip(s, err);
        return status < 0 ? status : stream_feed_gzip(s, &head, err); /* a header: no output yet */
    }
    s->data = CURSOR_DATA_PLAIN;
    stream_feed_plain(s, &head);
    return 0;
}

int stream_feed(struct stream *s, struct cxd_bytes *in, bool at_end, struct cxd_error *err)
{
    size_t before = in->len;
    int status = stream_reserve(s, err);

    if (status == 0 && s->data == CURSOR_DATA_UNKNOWN) {
        status = stream_sniff(s, in, at_end, err);
        s->received += (int64_t)(before - in->len);
        return status;
    }
    if (status == 0 && s->data == CURSOR_DATA_PLAIN) {
        stream_feed_plain(s, in);
    } else if (status == 0) {
        status = stream_feed_gzip(s, in, err);
    }
    s->received += (int64_t)(before - in->len);
    return status;
}

enum decode_result stream_next(struct stream *s, bool at_end, struct decode_record *ret_record)
{
    struct cxd_bytes left = {s->buf + s->at, s->len - s->at};
    enum decode_result result;

    if (s->buf == NULL) {
        left = (struct cxd_bytes){"", 0};
    }
    result = decode_next(&s->decode, &left, at_end, ret_record);
    s->at = s->len - left.len;
    return result;
}

bool stream_is_whole(const struct stream *s)
{
    return s->data != CURSOR_DATA_GZIP || s->gzip_end;
}
