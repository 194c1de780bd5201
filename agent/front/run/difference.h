/*
 * difference.h: what another policy would change in a running agent, unit by unit.
 *
 * Both agents are built (the other one with is_check), so that options are compared as their module gets them, defaults filled
 * in: how a policy is written makes no difference there. Processors are compared as written, in their order. Control's thread.
 */
#pragma once

#include "front/run/agent.h"

enum difference_what { DIFFERENCE_NEW, DIFFERENCE_CHANGED, DIFFERENCE_GONE, DIFFERENCE_SAME };

struct difference {
    enum difference_what what;
    const char *kind;   /* "output", "input" */
    const char *id;     /* of the policy */
    const char *aspect; /* of a changed one: the first thing that differs, "options"; static */
    struct agent_output *output; /* of the running agent, or NULL: it is new, or an input */
    struct agent_stream *stream; /* likewise */
};

/* Calls each for every output, then for every stream of either side. */
void difference_units(struct agent *now, struct agent *next,
                      void (*each)(void *owner, const struct difference *d), void *owner);
/* The first thing in which one output, or stream, differs from the other; static. NULL: they are the same. */
const char *difference_output(const struct agent_output *now, const struct agent_output *next);
const char *difference_stream(const struct agent_stream *now, const struct agent_stream *next);
/* "agent.path.data" or "agent.modules.path", which no running agent can change; is_path_given: somebody else chose the folder. */
const char *difference_fixed(const struct plan_settings *now, const struct plan_settings *next,
                             int is_path_given);
/* "agent.path.data" or another setting that differs and belongs to no unit, those first that a running agent can't change; static.
 * NULL: none does. */
const char *difference_setting(const struct plan_settings *now, const struct plan_settings *next);
