/*
 * apply.h: another plan for an agent that runs: only what differs is stopped, built and started.
 *
 * A stream that goes, or changes, ends as at a stop; what it has on its way is waited for up to the plan's shutdown_timeout. What is
 * left after that is still delivered, but moves no cursor any more, and comes again under the new plan to the same document ids. A
 * stream changes with its output. An output that goes, or changes, gives up what its queue in memory could not deliver in that time:
 * that comes again, too; a queue on disk is kept for the next output of the name. Control's thread.
 */
#pragma once

#include "front/run/agent.h"

struct apply_counts {
    int fresh;
    int changed;
    int gone;
    int same;
    const char *
        setting; /* of `agent` that differs and takes effect at the next start; static; NULL: none */
    int is_broken; /* neither plan runs as a whole: the agent has to be stopped */
};

/*
 * plan is checked as a whole first, as a start would: an error then leaves everything as it was. CXD_UNSUPPORTED: it differs in what
 * can't change while the agent runs (state folder, folders of modules). CXD_STOPPED: agent_setup_end was called meanwhile. After any
 * other error the units are as before again, the plan before was put back; or that did not work either (is_broken). After
 * agent_start. plan is borrowed for as long as agent_uses says, whatever the result.
 */
int agent_apply(struct agent *a, const struct plan *plan, struct apply_counts *ret_counts,
                struct cxd_error *err);
/* 1: something of the agent still points into the plan. */
int agent_uses(const struct agent *a, const struct plan *plan);
/* The plan that runs. */
const struct plan *agent_plan(const struct agent *a);
/* What the last agent_apply started and a person must see to (its health is Failed, as it was not before): 1, and err says which and
 * why. 0: all of it is well so far. */
int agent_regrets(struct agent *a, struct cxd_error *err);
