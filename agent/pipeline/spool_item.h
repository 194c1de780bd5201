/*
 * spool_item.h: a batch as BSON records, and back. Pure: no files.
 *
 * Record: {s: sequence, p: part, l: last, b: documents before, n: documents, and "d": bytes}, or in place of "d": "e", the same
 * sealed, with "k": the mark of its key. Parts put together are
 * { u32 stream-length, stream, the same of index and pipeline, n * { u32 source-length, u32 id-length }, text }, little endian.
 */
#pragma once

#include "io/doc.h"
#include "io/seal.h"
#include "pipeline/batch.h"

enum { SPOOL_PART_MAX = 8 << 20 }; /* bytes of a batch in one record */

struct spool_head {
    uint64_t seq;
    uint64_t before;
    uint32_t count;
    uint32_t part;
    int is_last;
    int is_sealed;
    unsigned char mark[SEAL_MARK_LEN]; /* when sealed */
    struct cxd_bytes bytes;            /* sealed or not; borrowed from the record */
};

/* All that is in the batch, appended to out. The batch must be sealed (batch_seal). CXD_NOMEM, CXD_TOO_LARGE. */
int spool_item_pack(const struct batch *b, struct buf *out);
/*
 * Back into an empty batch, sealed again: its index and pipeline point into its text, and so does *ret_stream (a NUL follows). CXD_CORRUPT: not
 * what pack made. CXD_NOMEM.
 */
int spool_item_unpack(struct cxd_bytes packed, uint32_t count, struct batch *b,
                      struct cxd_bytes *ret_stream);
/* One record; head->bytes is a part of what pack gave. key: NULL, not sealed; scratch is for the sealed bytes. The record is
 * the builder's. CXD_NOMEM, CXD_TOO_LARGE, CXD_BUG. */
int spool_item_write(struct cxd_builder *b, const struct spool_head *head,
                     const struct seal_key *key, struct buf *scratch, struct cxd_bytes *ret_record);
/* Any bytes. CXD_CORRUPT: not such a record. */
int spool_item_read(struct cxd_bytes record, struct spool_head *ret_head);
/* The part's bytes in the clear, appended to out. CXD_CONFIG: sealed with another key than this (key may be NULL). CXD_CORRUPT. */
int spool_item_open(const struct spool_head *head, const struct seal_key *key, struct buf *out);
