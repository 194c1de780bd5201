/* output.h: one output of the plan as a running thing, for agent.c. */
#pragma once

#include "front/run/agent.h"
#include "pipeline/dead.h"
#include "pipeline/queue.h"
#include "pipeline/send.h"
#include "pipeline/spooler.h"
#include "pipeline/units.h"

struct agent_output {
    struct agent_output *next;
    const struct plan_output *plan;
    const struct cxd_module *module;
    struct cxd_builder *options;
    struct queue *queue;
    struct spooler *spooler; /* NULL: the queue is in memory */
    struct sender *sender;
    int is_started;
    int is_leaving;      /* turnover.h */
    int had_failed;      /* when it joined */
    unsigned turn;       /* of the agent, when it joined */
    int64_t found;       /* documents that the queue held when it was opened */
    struct unit *unit;   /* of the agent's units */
    atomic_int stopping; /* its streams, or the agent, are being stopped; its workers go on */
    char subject[64];
};

/* Finds the module, checks the options, makes the queue. Nothing runs and nothing is opened yet. */
int output_build(const struct plan_output *plan, const struct catalog *catalog, struct units *units,
                 struct agent_output **ret_output, struct cxd_error *err);
/* Opens the queue's folder below the state folder, or where the plan says, when the plan has one on disk; before output_open. */
int output_queue_open(struct agent_output *o, const char *data_path, struct dead *dead,
                      struct cxd_error *err);
/* Opens the instances; with options.setup.template.enabled the streams' templates are put in place by output_setup. */
int output_open(struct agent_output *o, struct dead *dead, const struct cxd_host *host,
                struct cxd_error *err);
/* One instance for the agent's own questions, without a queue and workers. */
int output_open_apart(struct agent_output *o, const struct cxd_host *host, struct cxd_error *err);
/* Asks the module to prepare the destination for the data stream, when the policy wants it. */
int output_setup(struct agent_output *o, const struct plan_stream *stream, struct cxd_error *err);
/* The same for a template of the agent's own documents, by the name of its data streams. */
int output_setup_own(struct agent_output *o, const char *name, const char *template_json,
                     struct cxd_error *err);
void output_free(struct agent_output *o); /* stops it; accepts NULL */
