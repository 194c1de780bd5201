/*
 * stream.h: the bytes of one object, inflated where they are gzip, cut into records.
 *
 * One buffer: decoded bytes are written behind what is left of the record that is not whole yet, so a whole record always lies
 * in one piece and is handed over without a copy. The buffer is as large as the longest record needs, never more than
 * max_line_size and a block. One owner, one thread.
 */
#pragma once

#include "cursor.h"
#include "decode.h"

#define STREAM_BLOCK 131072u /* bytes decoded in one step */

struct stream {
    const struct heap *heap; /* borrowed */
    struct cxd_gzip *gzip;   /* kept from object to object */
    char *buf;
    size_t at;   /* first byte not given yet */
    size_t len;  /* end of the decoded bytes */
    size_t room; /* allocated */
    size_t max;  /* bytes of one record */
    struct decode decode;
    int64_t skip;     /* decoded bytes that were delivered before */
    int64_t received; /* bytes of the object fed */
    unsigned char head[2];
    uint8_t head_len;
    uint8_t data;   /* enum cursor_data */
    bool gzip_end;  /* the gzip stream is complete */
    bool gzip_more; /* output filled the room: there may be more without input */
};

void stream_init(struct stream *s, const struct heap *h, size_t max);
void stream_done(struct stream *s);
/* Ready for an object from its first byte (or, ranged, from open->offset on), giving records from open->offset on. */
int stream_begin(struct stream *s, const struct cursor_open *open, bool ranged,
                 struct cxd_error *err);
/* Takes from *in what one step can use. at_end: nothing follows. CXD_MALFORMED: not gzip after all. */
int stream_feed(struct stream *s, struct cxd_bytes *in, bool at_end, struct cxd_error *err);
/* Whether stream_feed has something to do without further input. */
static inline bool stream_is_pending(const struct stream *s)
{
    return s->gzip_more;
}
enum decode_result stream_next(struct stream *s, bool at_end, struct decode_record *ret_record);
bool stream_is_whole(const struct stream *s); /* at the end of input: nothing is missing inside */
