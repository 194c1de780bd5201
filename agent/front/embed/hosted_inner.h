/* hosted_inner.h: what hosted.c, hosted_pull.c and hosted_status.c share; nobody else's. */
#pragma once

#include "front/embed/desk.h"
#include "front/embed/hosted.h"
#include "front/embed/items.h"
#include "front/run/agent.h"
#include "front/run/output.h"

#include <pthread.h>
#include <stdatomic.h>

enum hosted_state { HOSTED_OPEN, HOSTED_STARTING, HOSTED_RUNNING, HOSTED_STOPPING, HOSTED_STOPPED };

struct hosted {
    struct arena *arena; /* of the settings */
    struct settings settings;
    struct desk_policy policy;
    struct agent *agent;
    struct agent_output *output;
    struct queue *queue;
    struct items items;

    pthread_mutex_t lock;
    pthread_cond_t changed;
    enum hosted_state state;
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

/* Batches at the queue's front that have no documents are nobody's to acknowledge: settled. */
void hosted_cursors_settle(struct hosted *h);
