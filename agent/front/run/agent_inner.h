/* agent_inner.h: the agent's inside, for the files of this room that build, run, change and count it. Nobody else's. */
#pragma once

#include "front/run/agent.h"
#include "front/run/courier.h"
#include "front/run/dead_mail.h"
#include "front/run/identity.h"
#include "front/run/keeper.h"
#include "front/run/stream.h"
#include "io/file.h"
#include "pipeline/units.h"

#include <pthread.h>

struct agent {
    const struct plan
        *plan; /* the newest; streams and outputs that stayed point into an earlier one */
    struct agent_options options;
    struct catalog catalog;
    struct units units;
    pthread_rwlock_t
        watch; /* the lists: control changes them under it, others read them under it */
    struct agent_output *outputs;
    struct agent_stream *streams;
    struct agent_stream *retired; /* batches that are on their way point to them */
    struct agent_tally
        past; /* of outputs that have gone: what their queues on disk counted, and left */
    struct dead *dead;
    struct registry *registry;
    struct keeper *keeper;          /* what the registry stands on; NULL: the state folder */
    struct courier *dead_courier;   /* NULL: dead letters stay in the state folder */
    struct courier *report_courier; /* NULL: no reports */
    struct dead_mail *dead_mail;
    struct file_lock *lock;
    atomic_int stopping;
    void (*wake)(void); /* of agent_start */
    unsigned turn;      /* counts changes of the plan */
    char *data_path;
    struct identity identity;
};

/* build.c: all that touches neither state nor network, in the order of the plan; what was built is in the lists, even after an
 * error. */
int agent_build(struct agent *a, struct cxd_error *err);
/* Once the state folder is open: queues, tracks, the outputs' instances. */
int agent_link(struct agent *a, struct cxd_error *err);
/* One output, or one stream, of those that agent_link is for. */
int agent_link_output(struct agent *a, struct agent_output *o, struct cxd_error *err);
int agent_link_stream(struct agent *a, struct agent_stream *s, struct cxd_error *err);
struct agent_output *agent_output_named(const struct agent *a, const char *name); /* NULL: none */
struct agent_stream *agent_stream_named(const struct agent *a, const char *id);   /* NULL: none */
