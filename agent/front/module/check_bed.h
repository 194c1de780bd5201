/*
 * check_bed.h: a host for one module that is tried out by itself: memory is counted, events become lines, the cursor is kept.
 * Everything else is the agent's own. One at a time; control's thread.
 */
#pragma once

#include "base/buf.h"
#include "gate/self.h"

struct check_bed {
    struct cxd_self self; /* given to the module */
    struct cxd_host host; /* likewise */
    char subject[80];
    struct cxd_event *event;
    struct buf out;    /* documents, one JSON line each */
    struct buf cursor; /* the last that was marked; BSON */
    unsigned emitted;
    unsigned rejected;
    unsigned marks;
    char fault[200]; /* the first contract that the module broke; "" while none */
};

/* CXD_NOMEM. is_quiet: what the module logs is dropped. */
int check_bed_init(struct check_bed *bed, const char *name, int is_quiet);
/* An event for a processor: the members of a JSON object, and as message the text of its `message`, or all of it. line is
 * borrowed until the next call. CXD_MALFORMED and others. */
int check_bed_load(struct check_bed *bed, struct cxd_bytes line, struct cxd_error *err);
/* The event as it is now, as a further line of out. */
int check_bed_take(struct check_bed *bed);
/* Blocks, builders and expressions that the module has not given back. */
long check_bed_held(void);
void check_bed_done(struct check_bed *bed);
