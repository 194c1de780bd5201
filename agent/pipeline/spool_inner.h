/* spool_inner.h: what the files of the spool share. Private to spool*.c. */
#pragma once

#include "io/file.h"
#include "io/record.h"
#include "pipeline/spool.h"
#include "pipeline/spool_item.h"

struct segment {
    uint32_t number;
    uint64_t first_seq;
    uint64_t bytes;
};

struct spool {
    char *folder;
    struct file_lock *lock;
    struct seal_key key;
    int has_key;
    uint64_t segment_bytes;
    struct segment *segments; /* by number; the last one is open for writing when log is there */
    size_t segment_count;
    size_t segment_cap;
    uint32_t next_number;
    struct record_log *log;
    struct batch_place end;    /* behind what is appended */
    struct batch_place synced; /* and durable */
    struct batch_place settled;
    struct cxd_builder *builder;
    struct buf packed;
    struct buf scratch;

    struct record_reader *reader;
    uint32_t read_number;       /* of the segment that is read, or was last */
    int has_read;               /* read_number says something */
    uint64_t read_offset;       /* where to begin in it; 0: at its start */
    struct batch_place read;    /* the next batch wanted, and documents before it */
    struct buf parts;           /* of the batch that is put together */
    struct spool_head assembly; /* its first part's head; bytes unused */
    uint32_t next_part;
    uint64_t seen_damages; /* of this reader */
    struct spool_loss loss;
};

/* "FOLDER/NUMBER-SEQUENCE.seg", malloc'ed; NULL: no memory. */
char *spool_segment_path(const struct spool *s, const struct segment *g);
/* Fills segments from the folder, by number, empty ones removed. */
int spool_segments_list(struct spool *s, struct cxd_error *err);
/* Room for one more. CXD_NOMEM. */
int spool_segment_add(struct spool *s, const struct segment *g);
/* Removes those that are settled as a whole. */
int spool_segments_prune(struct spool *s, struct cxd_error *err);
/* place.bson; absent or damaged: the start. */
int spool_place_load(struct spool *s, struct cxd_error *err);
int spool_place_save(const struct spool *s, struct batch_place place, struct cxd_error *err);
/* What the last good batch on the disk says about the end, and whether the key fits. */
int spool_end_find(struct spool *s, struct cxd_error *err);
/* The open segment is closed; the next append begins another. */
void spool_segment_close(struct spool *s);
void spool_reader_drop(struct spool *s);
