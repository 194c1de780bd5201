/*
 * trial.h: a host for one input that is tried out: replies come from a record, time passes only where the input waits, and
 * what it hands over is printed as JSON lines. Control's thread only.
 */
#pragma once

#include "front/try/replies.h"
#include "gate/self.h"

#include <stdio.h>

struct trial {
    struct cxd_self self; /* given to the module */
    struct cxd_host host; /* likewise */
    struct replies *replies;
    struct cxd_event *event;
    struct buf out;
    int64_t wall_ms;
    int64_t mono_ms;
    unsigned requests;
    int shows_requests;
    int has_failed; /* health was not good last */
    int is_broken;  /* standard output does not take it */
};

/* CXD_NOMEM. wall_ms: what the time is at the beginning. */
int trial_init(struct trial *t, struct replies *replies, int64_t wall_ms);
void trial_done(struct trial *t);
/* Lets time pass. */
void trial_wait(struct trial *t, int64_t ms);
