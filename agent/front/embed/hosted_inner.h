/* hosted_inner.h: what hosted.c, hosted_pull.c and hosted_status.c share; nobody else's. */
#pragma once

#include "front/embed/desk.h"
#include "front/embed/hosted.h"
#include "front/embed/items.h"
#include "front/run/agent.h"
#include "front/run/output.h"

#include <pthread.h>
#include <stdatomic.h>

#define HOSTED_FOR_EVER_MS                                                                         \
    ((int64_t)1000 * 86400 * 365) /* of waiting for a host; cxd_close cuts it short */

enum hosted_state {
    HOSTED_OPEN,
    HOSTED_STARTING,
    HOSTED_RUNNING,
    HOSTED_STOPPING,
    HOSTED_STOPPED,
    HOSTED_APPLYING
};

struct held;

struct hosted {
    struct arena *arena; /* of the settings */
    struct settings settings;
    struct desk_policy policy; /* the first */
    struct held *later;        /* those applied since that something points into */
    struct plan *plan;         /* that runs */
    struct agent *agent;
    struct agent_output *output; /* the desk: one and the same for all policies */
    struct queue *queue;
    struct items items;

    pthread_mutex_t lock;
    pthread_cond_t changed;
    enum hosted_state
        state;         /* while APPLYING, streams come and go: agent_has_ended is not for then */
    uint64_t revision; /* of the last policy that was applied */
    pthread_t closer;
    int has_closer;
    int is_abandoned; /* the closer frees all */
    int stop_result;
    struct cxd_error stop_error;

    atomic_int hurry;             /* of agent_stop */
    atomic_int is_closing;        /* calls come out */
    atomic_int have_inputs_ended; /* all that will come is in the queue */
    atomic_uint wakes;            /* counts */
    atomic_int is_woken;          /* nobody may have been waiting: the next pull's */
};

/* Log lines as options, or the plan that runs, want them. */
void hosted_level_choose(const struct hosted *h);
/* After agent_close. */
void hosted_policies_done(struct hosted *h);
/* Batches at the queue's front that have no documents are nobody's to acknowledge: settled. */
void hosted_cursors_settle(struct hosted *h);
