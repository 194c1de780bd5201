/*
 * record.h: files of BSON records that survive a crash: a head with magic and version, then records, each with a magic,
 * its length, a CRC-32C of its bytes and one of this head, so that a length can be trusted where the bytes cannot.
 *
 * A torn tail is cut, a damaged record is skipped without losing the good ones behind it, a newer format is refused. A log is
 * appended to by one process; an image is a whole file in memory, to be put in place at once with file_replace.
 * Layout (little endian): "CXDREC\r\n" u32 version u32 crc-of-those-12-bytes, then
 * { u32 magic, u32 length, u32 crc-of-bytes, u32 crc-of-those-12-bytes, bytes }.
 */
#pragma once

#include "base/buf.h"
#include "cxd/abi.h"
#include "cxd/status.h"

enum {
    RECORD_VERSION = 1,
    RECORD_SIZE_MAX = 64 * 1024 * 1024, /* bytes of one record */
    RECORD_FILE_HEAD = 16,
    RECORD_HEAD = 16
};

/* What a reader saw. */
struct record_tally {
    uint64_t good;    /* records */
    uint64_t damaged; /* stretches of bytes that were skipped */
    uint64_t skipped; /* bytes in those */
    uint64_t tail; /* bytes of the torn tail, not counted above; known once the end was reached */
    uint64_t end;  /* offset behind the last good record */
};

/* Reading. CXD_NOT_FOUND, CXD_UNSUPPORTED (newer format), CXD_CORRUPT (not such a file), CXD_IO, CXD_NOMEM. */
struct record_reader;
int record_reader_open(const char *path, struct record_reader **ret_reader, struct cxd_error *err);
/* The same for a file whose head may be damaged: its good records are found all the same. A newer format is refused. */
int record_reader_salvage(const char *path, struct record_reader **ret_reader,
                          struct cxd_error *err);
/* Before the first record: goes on at this offset, where a record begins (a log's size before it was appended). Files only. */
void record_reader_skip(struct record_reader *r, uint64_t offset);
/* The same over bytes in memory, borrowed until close. */
int record_reader_over(struct cxd_bytes image, struct record_reader **ret_reader,
                       struct cxd_error *err);
/* 0 and the next good record, valid until the next call; or CXD_END; or CXD_IO, CXD_NOMEM. Bytes are BSON by framing only:
 * doc_check says whether they are well within. */
int record_next(struct record_reader *r, struct cxd_bytes *ret_bytes, struct cxd_error *err);
const struct record_tally *record_reader_tally(const struct record_reader *r);
void record_reader_close(struct record_reader *r); /* accepts NULL */

/* Appending. open makes the file (mode 0600) when absent, cuts a torn tail, and tells what it found (ret_tally may be NULL). */
struct record_log;
int record_log_open(const char *path, struct record_log **ret_log, struct record_tally *ret_tally,
                    struct cxd_error *err);
/* Written in one go; on failure the file is cut back to what it was. CXD_INVALID: not BSON; CXD_TOO_LARGE; CXD_FULL, CXD_IO. */
int record_log_append(struct record_log *log, struct cxd_bytes bson, struct cxd_error *err);
int record_log_sync(struct record_log *log, struct cxd_error *err); /* safe on the disk after 0 */
uint64_t record_log_size(const struct record_log *log);             /* bytes of the file */
void record_log_close(struct record_log *log); /* accepts NULL; does not sync */

/* Images: a whole file in a buffer. CXD_NOMEM, CXD_TOO_LARGE (the buffer's limit), CXD_INVALID (not BSON). */
int record_image_start(struct buf *image);
int record_image_add(struct buf *image, struct cxd_bytes bson);
