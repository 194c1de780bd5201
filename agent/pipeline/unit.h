/*
 * unit.h: how a stream or an output is doing: health with its reason, and counters. Any thread.
 */
#pragma once

#include "cxd/host.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>

#define UNIT_COUNTERS 32
#define UNIT_REASON_MAX 400

struct unit_counter {
    const char *_Atomic name; /* static, a module's or ours */
    _Atomic int64_t value;
};

struct unit {
    const char *id;      /* borrowed; lives as long as the unit */
    const char *subject; /* "inputs.gcs" */
    pthread_mutex_t lock;
    int health; /* enum cxd_health */
    char reason[UNIT_REASON_MAX];
    int64_t since_ms; /* wall clock of the last change */
    struct unit_counter counters[UNIT_COUNTERS];
};

void unit_init(struct unit *u, const char *id, const char *subject);
void unit_done(struct unit *u);
/* Logs when something changed; a repeat costs a comparison. reason may be NULL. */
void unit_health(struct unit *u, int health, const char *reason);
/* What it was said to be is over: what counts for it has begun anew. Not logged. */
void unit_renew(struct unit *u);
int unit_health_get(struct unit *u,
                    char reason[UNIT_REASON_MAX]); /* the state; its reason copied */
int64_t unit_since_ms(struct unit *u);             /* wall clock of the last change of the state */
/* Adds to the counter of that name; past 32 names they fall under "other". */
void unit_count(struct unit *u, const char *name, int64_t delta);
int64_t unit_counter_get(struct unit *u, const char *name);
