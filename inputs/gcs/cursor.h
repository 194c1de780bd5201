/*
 * cursor.h: what was collected of one bucket, and what that means for an object in its listing.
 *
 * The law: an object (name and generation) that was finished is never taken again, and one that was not finished is never
 * passed over, whatever its name and time. Reasons and limits: agent/decisions/0003-gcs-cursor.md.
 *
 *   done   fingerprints of finished objects that the last complete listing showed
 *   open   objects begun or failed, with the place to go on from
 *   mark   second up to which every created object is done unless it is in `open`; moves only when `done` grows too
 *          long, only over seconds that no unfinished object of a complete listing lies in, and never into the last
 *          CURSOR_SETTLE_S before that listing began
 *
 * One owner, one thread: the instance's.
 */
#pragma once

#include "done.h"
#include "import.h"

#define CURSOR_VERSION 1
#define CURSOR_SETTLE_S 3600   /* an object is listed this long after its creation at the latest */
#define CURSOR_DONE_SOFT 8192u /* done entries kept exact; more are folded into the mark */
#define CURSOR_OPEN_MAX 1024u  /* objects begun or failed */
#define CURSOR_BUCKETS_MAX 256u

enum cursor_data { CURSOR_DATA_UNKNOWN = 0, CURSOR_DATA_PLAIN, CURSOR_DATA_GZIP };

/* An object begun or failed. */
struct cursor_open {
    struct cursor_open *next;
    char *name;
    size_t name_len;
    int64_t generation;
    int64_t offset;      /* of the next record in the uncompressed stream */
    int64_t line;        /* that it begins in */
    int64_t retry_at_ms; /* wall clock; 0: now */
    uint32_t created_s;
    uint32_t rounds; /* times it was given up for a while */
    uint8_t form;    /* enum decode_form at offset */
    uint8_t data;    /* enum cursor_data */
    bool seen;       /* listed in this pass */
};

struct cursor {
    const struct heap *heap; /* borrowed */
    char *bucket;
    char *prefix;
    struct done_set done;
    struct cursor_open *open;
    size_t open_count;
    int64_t mark_s;     /* -1: none */
    int64_t newest_s;   /* creation of the youngest object of the last complete listing; -1: none */
    int64_t lookback_s; /* 0: list everything (the default) */
    struct text start;  /* with lookback: names below it are done and no longer listed */
    struct text lowest; /* of this pass: smallest name that must stay in the listing */
    int64_t pass_newest_s;
    struct import *import; /* owned; NULL: none, or its objects are all in `done` */
    bool is_import_kept;   /* some of this pass did not fit into `done` */
};

enum cursor_class {
    CURSOR_DONE,  /* finished before */
    CURSOR_NEW,   /* never begun */
    CURSOR_GO_ON, /* begun: *ret_open says where to go on */
    CURSOR_LATER  /* failed, and its time has not come */
};

/* What a complete listing found. */
struct cursor_pass {
    int64_t began_s;           /* wall clock when its first page was asked for */
    bool has_waiting;          /* unfinished objects that are not in `open` */
    uint32_t waiting_oldest_s; /* the oldest creation among all of them */
    size_t soft_max;           /* CURSOR_DONE_SOFT */
    int64_t settle_s;          /* CURSOR_SETTLE_S */
};

int cursor_init(struct cursor *c, const struct heap *h, struct cxd_bytes bucket,
                struct cxd_bytes prefix); /* CXD_NOMEM */
void cursor_done(struct cursor *c);       /* accepts a zeroed one */

void cursor_pass_begin(struct cursor *c);
/* An object of the listing. wanted false (filtered, empty): as if done unless it was begun. Negative: no memory. */
int cursor_classify(struct cursor *c, const struct object *object, bool wanted, int64_t now_ms,
                    struct cursor_open **ret_open);
/* The listing is complete: forgets what is gone, folds old entries into the mark. 1: the cursor changed; 0; CXD_NOMEM. */
int cursor_pass_end(struct cursor *c, const struct cursor_pass *pass);

/* Begun or finished since it was listed. */
bool cursor_is_known(const struct cursor *c, const struct object *object);
/* Begins an object. CXD_NOMEM, CXD_FULL. */
int cursor_begin(struct cursor *c, const struct object *object, struct cursor_open **ret_open);
/* Finished: into done, out of open (freed). On CXD_NOMEM and CXD_FULL it stays open, at its end. */
int cursor_finish(struct cursor *c, struct cursor_open *open);
void cursor_drop(struct cursor *c, struct cursor_open *open); /* gone from the bucket; freed */
size_t cursor_failed(const struct cursor *c); /* open ones that were given up for a while */
