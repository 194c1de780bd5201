/*
 * decode.h: records out of a stream of bytes. Pure, incremental, without memory of its own.
 *
 * The stream is NDJSON, or JSON arrays when its first non-blank byte is `[`; a BOM at its start is dropped. The caller
 * keeps what is left in *in after DECODE_MORE and presents it again with further bytes behind it: what was looked at once
 * is not looked at again.
 */
#pragma once

#include <cxd/abi.h>

#include <stdbool.h>
#include <stdint.h>

#define DECODE_HEAD 65536u /* bytes kept of a record over the limit */

enum decode_form {
    DECODE_UNKNOWN = 0, /* at a place where `[` begins an array */
    DECODE_LINES,
    DECODE_ARRAY,    /* between two elements of an array */
    DECODE_LINE_REST /* within a line over the limit, whose head was given */
};

enum decode_result {
    DECODE_RECORD, /* *ret_record is one record, inside the bytes given */
    DECODE_TOO_LARGE, /* *ret_record is the head of one over the limit; the rest of it will be skipped */
    DECODE_MORE,      /* needs more bytes behind the ones left in *in */
    DECODE_END        /* all is consumed; only after at_end */
};

struct decode_record {
    struct cxd_bytes text;
    int64_t offset; /* of its first byte in the stream */
    int64_t line;   /* from 1 */
};

struct decode {
    size_t max;       /* bytes of one record */
    int64_t offset;   /* of the first byte in *in */
    int64_t line;     /* number of the line that byte is in */
    size_t scanned;   /* bytes of *in looked at already */
    int64_t newlines; /* in them (arrays) */
    uint32_t depth;   /* arrays: open containers */
    uint8_t form;     /* enum decode_form */
    bool inside;      /* arrays: within an element */
    bool text;        /* arrays: within a string */
    bool escape;      /* arrays: behind a backslash */
    bool skipping;    /* the rest of a record over the limit */
};

/* At the start of a stream (0, 1, DECODE_UNKNOWN) or where an earlier one stopped: offset, line and decode_place's form. */
void decode_init(struct decode *d, size_t max, int64_t offset, int64_t line, enum decode_form form);
/* Whether one can go on from d->offset later, and in which form. False within an array's element over the limit. */
bool decode_place(const struct decode *d, enum decode_form *ret_form);
/* at_end: nothing will follow *in. */
enum decode_result decode_next(struct decode *d, struct cxd_bytes *in, bool at_end,
                               struct decode_record *ret_record);
