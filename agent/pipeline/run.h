/*
 * run.h: one input's thread: when it polls, waits, backs off and stops, as a table of states.
 */
#pragma once

#include "cxd/module.h"
#include "pipeline/intake.h"
#include "pipeline/registry.h"

enum run_state {
    RUN_STARTING,
    RUN_POLLING,
    RUN_NO_CREDIT,
    RUN_IDLE,
    RUN_BACKOFF,
    RUN_STOPPING,
    RUN_STATES
};

/* What a state came to. */
enum run_event {
    RUN_OPENED,   /* the instance is there */
    RUN_MORE,     /* poll: again at once */
    RUN_PAUSE,    /* poll: nothing before a time */
    RUN_RETRY,    /* open or poll failed; may work later */
    RUN_FAILED,   /* open or poll failed; a person can help */
    RUN_FINISHED, /* poll: never again */
    RUN_SHORT,    /* no credit */
    RUN_WAITED,   /* the wait is over */
    RUN_STOP,     /* control wants it */
    RUN_BROKEN,   /* an event was lost on our side: start again from the stored cursor */
    RUN_EVENTS
};

/* The next state; every pair has one. */
enum run_state run_next(enum run_state state, enum run_event event);

struct runner;

struct runner_spec {
    const char *id;
    const struct cxd_module *module;
    struct cxd_bytes options; /* borrowed */
    struct intake *intake;
    struct queue *queue;
    struct registry *registry;
    struct unit *unit;
    const struct cxd_host *host;
    const atomic_int *stopping;
    int64_t flush_ms;           /* how long a part-filled batch may wait */
    int is_once;                /* the first pause means: finished */
    unsigned once_tries;        /* with is_once: failures in a row before giving up */
    void (*ended)(void *owner); /* called by the thread as its last act */
    void *owner;
};

int runner_start(const struct runner_spec *spec, struct runner **ret_runner, struct cxd_error *err);
/* Unblocks whatever the input waits for; any thread. The stop flag must be set before. */
void runner_interrupt(struct runner *r);
/* 1 when its thread has ended; has_failed (may be NULL): it gave up. */
int runner_has_ended(struct runner *r, int *has_failed);
void runner_free(struct runner *r); /* joins; accepts NULL */
