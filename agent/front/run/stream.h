/* stream.h: one stream of the plan as a running thing, for agent.c. */
#pragma once

#include "front/run/identity.h"
#include "front/run/output.h"
#include "pipeline/registry.h"
#include "pipeline/run.h"

#define STREAM_FIELDS 8

struct agent_stream {
    struct agent_stream *next;
    const struct plan_stream *plan;
    const struct cxd_module *module;
    struct agent_output *output;
    struct cxd_builder *options;
    struct intake_field fields[STREAM_FIELDS];
    size_t field_count;
    char *texts[STREAM_FIELDS]; /* what the fields point to, where it is ours */
    struct track *track;
    struct intake *intake;
    struct runner *runner;
    void (*wake)(void); /* called by its thread when it has ended; NULL: nobody waits */
    struct unit *unit;  /* of the agent's units */
    atomic_int stopping;
    struct index_name dated; /* used when the plan overrides the index with a date */
    struct cxd_bytes index;
    char index_text[INDEX_NAME_MAX];
    char subject[64];
    int is_lost;     /* registry.h */
    int is_leaving;  /* turnover.h */
    int had_failed;  /* when it joined */
    unsigned turn;   /* of the agent, when it joined */
    int has_mapping; /* some processor takes the raw record into the document */
};

/* Finds modules, checks all options, opens the processors: all that touches neither state nor network. */
int stream_build(const struct plan_stream *plan, const struct catalog *catalog,
                 struct agent_output *output, struct units *units, struct agent_stream **ret_stream,
                 struct cxd_error *err);
/* Once the state folder is open. */
int stream_link(struct agent_stream *s, const struct identity *identity, struct dead *dead,
                struct registry *registry, struct cxd_error *err);
int stream_start(struct agent_stream *s, struct registry *registry, int is_once,
                 void (*ended)(void *owner), struct cxd_error *err);
/* Asks its thread to end; stream_join waits for that, and then its last batch is in the queue. */
void stream_stop(struct agent_stream *s);
void stream_join(struct agent_stream *s);
void stream_free(struct agent_stream *s); /* joins its thread; accepts NULL */
