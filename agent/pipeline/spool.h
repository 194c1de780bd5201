/*
 * spool.h: the queue on disk: batches appended to segments, read back in order, removed when settled. See decision 0013.
 *
 * Knows files and records; no thread, no queue. One thread at a time. Files, mode 0600, in a folder with mode 0700:
 *     spool.lock          one process at a time
 *     place.bson          what is settled
 *     NUMBER-SEQUENCE.seg records; both in hex, SEQUENCE that of the first batch
 * Errors name the path. CXD_FULL: no space; CXD_FORBIDDEN: no right; CXD_CONFIG: sealed with a key that is not given.
 */
#pragma once

#include "io/seal.h"
#include "pipeline/batch.h"

struct spool;

struct spool_spec {
    const char *folder;
    uint64_t segment_bytes;     /* a segment that has grown over this is closed */
    const struct seal_key *key; /* NULL: not sealed. Copied. */
};

/* What reading went over. Adds up over the life of the spool. */
struct spool_loss {
    uint64_t events;  /* documents that were written and cannot be read */
    uint64_t damages; /* stretches of bytes */
};

/* What a read gives beside the batch: borrowed until the next. */
struct spool_read {
    struct cxd_bytes stream;  /* its id, a NUL follows */
    struct batch_place after; /* true once this batch is settled and all before it are */
};

int spool_open(const struct spool_spec *spec, struct spool **ret_spool, struct cxd_error *err);
/* Writes the batch behind all others and notes in it where it lies. Not durable before spool_sync. On failure nothing of it
 * will be read. */
int spool_append(struct spool *s, struct batch *b, struct cxd_error *err);
/* After 0 all appended is durable. After a failure what lies behind spool_end is not and must be appended again. */
int spool_sync(struct spool *s, struct cxd_error *err);
/*
 * The next batch at or behind the reading place, into an empty one: sealed, its index within its text; track and stream are the
 * caller's to set. CXD_END: nothing more is on the disk. Damage is skipped and shows in spool_loss only.
 */
int spool_next(struct spool *s, struct batch *b, struct spool_read *ret_read,
               struct cxd_error *err);
/* A durable batch went to the workers out of memory: the reading place goes behind it. */
void spool_pass(struct spool *s, const struct batch *b);
/* A durable batch, and what follows, is to be read: the reading place goes there. */
void spool_seek(struct spool *s, const struct batch *b);
/* 1: spool_next would find nothing. */
int spool_is_read(const struct spool *s);
/* All before it is settled: saved durably, segments removed. */
int spool_settle(struct spool *s, struct batch_place place, struct cxd_error *err);
struct batch_place spool_settled(const struct spool *s); /* as saved last */
struct batch_place spool_end(const struct spool *s);     /* behind the last batch appended */
uint64_t spool_bytes(const struct spool *s);             /* of all segments */
const struct spool_loss *spool_losses(const struct spool *s);
void spool_close(struct spool *s); /* accepts NULL */
