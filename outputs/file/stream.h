/*
 * stream.h: the file of one data stream: NAME.ndjson, appended to, never with a torn line at its end for longer than a call.
 *
 * Full files become NAME.ndjson.00000001 and so on. Beside it lies the journal of ids (ids.h). One owner, one thread.
 */
#pragma once

#include "ids.h"

enum stream_sync { STREAM_SYNC_BATCH, STREAM_SYNC_INTERVAL, STREAM_SYNC_NONE };

/* What the policy says; the same for all files of a folder. */
struct stream_rules {
    mode_t mode;
    int with_metadata;
    enum stream_sync sync;
    int64_t sync_interval_ms;
    uint64_t rotate_size;    /* bytes; 0: never */
    uint32_t files_max;      /* files kept, the current one included; 0: all */
    uint32_t remember_count; /* ids known again; 0: none */
};

struct stream {
    const struct cxd_host *host;
    struct cxd_self *self;
    const struct stream_rules *rules; /* borrowed */
    int folder;                       /* borrowed */
    int fd;                           /* -1: closed */
    uint64_t len;                     /* bytes, all whole lines */
    uint64_t used;                    /* number of the batch that used it last */
    int64_t unsynced_ms;              /* when the oldest unsynced write was; -1: none */
    struct ids ids;
    char name[208]; /* the data stream's */
    char file[256];
};

/* A document to write: where it stands in the batch, and whether its id was seen before. */
struct stream_pick {
    uint32_t doc;
    uint32_t is_known;
    uint64_t hash; /* 0: no id */
};

void stream_init(struct stream *s, const struct cxd_host *host, struct cxd_self *self,
                 const struct stream_rules *rules, int folder);
/* Opens or makes the file, cuts a torn line, reads the journal into seen. name is a checked one (line_is_name). */
int stream_open(struct stream *s, struct cxd_bytes name, struct seen *seen, struct cxd_error *err);
/* Before a batch: opens anew what somebody moved or cut. */
int stream_ready(struct stream *s, struct seen *seen, struct cxd_error *err);
/* Turns the file over when `more` bytes do not fit any longer; a file always takes one batch. */
int stream_turn(struct stream *s, uint64_t more, struct cxd_error *err);
/*
 * Appends the lines of the picks that are not known: all of them or none. After a failure the stream and seen must be thrown
 * away (stream_close, seen_clear) and opened anew: what is true then stands on the disk.
 */
int stream_write(struct stream *s, const struct cxd_batch *batch, const struct stream_pick *picks,
                 uint32_t count, struct ids_row *rows, struct cxd_error *err);
/* Syncs when the policy's interval is over, or now if forced. */
int stream_sync(struct stream *s, int64_t now_ms, int is_forced, struct cxd_error *err);
void stream_close(struct stream *s);
