/*
 * agent.h: a plan brought to life: modules loaded, options checked, state folder locked, outputs and inputs running.
 *
 * Everything is built before anything runs, so a policy that cannot work starts nothing. Control's thread only.
 */
#pragma once

#include "config/plan.h"
#include "gate/catalog.h"

#include <stdatomic.h>

struct agent;
struct agent_output;
struct agent_stream;
struct dead;
struct registry;
struct courier;
struct identity;
struct standing;
struct probe;
struct unit;

struct agent_options {
    const char *data_path;           /* overrides the policy's; NULL: do not */
    const char *const *module_paths; /* searched before all others; ends with NULL; or NULL */
    int is_once;                     /* streams end when they are drained */
    int is_check;                    /* build everything but take no lock and touch no state */
    int is_again; /* another agent of the process has said which modules were refused */
    const struct probe *
        probe; /* how modules from module_paths and the policy's folders are tried; NULL: they are not */
    /*
     * Somebody else takes the batches from the outputs' queues and settles them: this module is in the catalog before all others,
     * the outputs of its name are never opened, and no worker runs. NULL: no.
     */
    const struct cxd_module *desk;
    struct standing *
        standing; /* which policy it is that runs, for those who tell people; NULL: nobody keeps it */
    /* Not 0: a module that does not come back when its unit leaves (apply.h) ends the process with this code. 0: it is waited for. */
    int guard_code;
};

/* What streams and outputs came to, added up. */
struct agent_tally {
    int64_t collected;
    int64_t delivered; /* duplicates included */
    int64_t duplicates;
    int64_t dead;
    int64_t dropped; /* by processors, on purpose */
    int64_t bytes;   /* of delivered documents */
    int64_t held;    /* bytes in the queues now */
    int64_t queued;  /* documents in queues on disk now, safe and not settled */
    int64_t found;   /* documents that were in them at the start */
    int64_t lost;    /* documents in damaged places of queues on disk */
};

/* plan, and what options point to, are borrowed for the agent's life. CXD_CONFIG and others: err says what and where; nothing is left behind. */
int agent_open(const struct plan *plan, const struct agent_options *options,
               struct agent **ret_agent, struct cxd_error *err);
/* Prepares the destinations, before agent_start. It talks to them and may take its time; a failure is logged and no reason not
 * to start. */
void agent_setup(struct agent *a);
/* Ends agent_setup early, and all else that has begun: the agent is stopping from here on. Any thread, as often as wanted. */
void agent_setup_end(struct agent *a);
/* Starts outputs, then inputs, those that do not run yet. wake is called by an input's thread when it has ended. */
int agent_start(struct agent *a, void (*wake)(void), struct cxd_error *err);
/* For work that is not an input's (replay.h): the outputs alone are started; then agent_stop as ever. */
int agent_start_outputs(struct agent *a, struct cxd_error *err);
struct agent_stream *agent_streams(struct agent *a); /* the first; by next */
struct agent_output *agent_outputs(struct agent *a);
struct dead *agent_dead(struct agent *a);
struct registry *agent_registry(struct agent *a);
/* For reports of which policy runs; NULL: the policy wants none. Changes what it sends through, and stays. */
struct courier *agent_reporter(const struct agent *a);
const struct identity *agent_identity(const struct agent *a);
/* 1 when every stream has ended; *ret_failed: some gave up. Not while agent_stop_inputs runs. */
int agent_has_ended(struct agent *a, int *ret_failed);
/* 1 when every document is settled; else waits up to timeout_ms for it. */
int agent_is_settled(struct agent *a, int64_t timeout_ms);
/* The policy's shutdown_timeout. */
int64_t agent_patience_ms(const struct agent *a);
void agent_tally(struct agent *a, struct agent_tally *ret_tally);
/* A stream or an output, for those who tell people how it is doing. */
struct agent_unit {
    const char *kind;        /* "input", "output" */
    const char *id;          /* of the policy */
    const char *type;        /* name of the module */
    const char *data_stream; /* of an input: type-dataset-namespace; NULL */
    const char *output;      /* of an input: the output it goes to; NULL */
    struct unit *unit;
    int64_t lag_ms; /* of an input: age of the oldest document that is neither acknowledged nor on
                     * disk; of an output: of the oldest one that is not delivered; 0: none waits */
    int64_t queued; /* of an output: bytes in its queue */
    int64_t queue_max;
};
/* Calls each for every stream, then for every output. Any thread between agent_open and agent_close; what each gets is good for the
 * call, or up to agent_release. */
void agent_units(struct agent *a, void (*each)(void *owner, const struct agent_unit *unit),
                 void *owner);
/* Between these two agent_apply waits, and what agent_units gave is there. Any thread; may be nested. */
void agent_hold(struct agent *a);
void agent_release(struct agent *a);
const char *agent_folder(const struct agent *a);        /* of its state */
struct standing *agent_standing(const struct agent *a); /* of the options */
const char *agent_id(const struct agent *a);            /* of this installation */
const char *agent_ephemeral_id(const struct agent *a);  /* of this run */
/* One line per stream and output: JSON object with health and counters; malloc'ed, or NULL without memory. */
char *agent_report(struct agent *a);
/* The first step of agent_stop by itself: what the inputs have emitted is in the queues afterwards. */
void agent_stop_inputs(struct agent *a);
/*
 * Stops inputs, waits for acknowledgements up to the policy's shutdown_timeout (control may cut it short by a second signal:
 * *hurry not 0), saves cursors. 0, or CXD_TIMEOUT when documents were left unacknowledged (they come again).
 */
int agent_stop(struct agent *a, const atomic_int *hurry, struct cxd_error *err);
void agent_close(struct agent *a); /* accepts NULL */

/* The catalog of modules that options and policy ask for; settings may be NULL. Folders are searched in this order: options,
 * policy, the installed one. */
int agent_catalog(const struct plan_settings *settings, const struct agent_options *options,
                  struct catalog *ret_catalog, struct cxd_error *err);
