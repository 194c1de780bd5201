/*
 * reload.h: other policies for an agent that runs, with the last good one to go back to.
 *
 * A policy is read, checked as a whole, and applied (apply.h). For the time of agent.policy.probation it is watched: when something
 * that it started ends up Failed, the last good policy is put back, and the log says why. Control's thread.
 */
#pragma once

#include "front/policy.h"
#include "front/run/apply.h"

struct reload;

enum reload_news {
    RELOAD_NOTHING,
    RELOAD_GOOD,  /* the newest policy has stood its time: it is the last good one now */
    RELOAD_BACK,  /* the last good one was put back; err says why */
    RELOAD_BROKEN /* neither runs as a whole: the agent has to be stopped */
};

/* first is what the agent runs, and good; it becomes this one's. CXD_NOMEM: it stays the caller's. */
int reload_open(struct agent *a, struct policy *first, struct reload **ret_reload,
                struct cxd_error *err);
/* policy becomes this one's, whatever the result; CXD_OK: it runs, on probation. */
int reload_policy(struct reload *r, struct policy *policy, struct apply_counts *ret_counts,
                  struct cxd_error *err);
/* The same with a file; the outcome is one line in the log that begins with `who`. */
int reload_file(struct reload *r, const char *path, const char *who, struct cxd_error *err);
/* 1: a file that the newest policy's variables come from (providers.filesource) has another content: read the policy again. One that went
 * away is one line in the log, and what was read of it stays. Looks once a second, however often it is called. */
int reload_is_stale(struct reload *r);
/* To be called about once a second. err: of RELOAD_BACK and RELOAD_BROKEN. */
enum reload_news reload_look(struct reload *r, struct cxd_error *err);
/* After agent_close. Accepts NULL. */
void reload_close(struct reload *r);
