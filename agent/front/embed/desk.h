/*
 * desk.h: the policy as a host wants it: read from a text or a file, its outputs replaced by the host's desk, from which batches
 * are taken.
 */
#pragma once

#include "config/plan.h"
#include "config/provide.h"
#include "cxd/module.h"
#include "front/embed/settings.h"

struct desk_policy {
    struct arena *arena;
    struct conf *root;
    struct plan *plan;
    struct providers *providers;
};

/* The output module that stands for the host: it is never opened; it carries all that there is. */
extern const struct cxd_module desk_module;

/*
 * text.len 0: from settings->policy_path. All streams go to one output of type "host" with the queue of `default`, or of the first
 * output that is used; a policy without outputs has one. settings are read while this runs only. desk_policy_done in any case.
 * One thread at a time in the process.
 */
int desk_policy_read(struct cxd_bytes text, const struct settings *settings,
                     struct desk_policy *ret_policy, struct cxd_error *err);
/* Its desk becomes one with that of the running plan, which has to outlive it: name and queue are that one's. */
void desk_policy_fit(struct desk_policy *p, const struct plan_output *running);
void desk_policy_done(struct desk_policy *p); /* wipes what the policy said */
