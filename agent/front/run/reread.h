/* reread.h: a policy that is read again while its agent runs: checked as a start would, and told what it would change. */
#pragma once

#include "front/run/agent.h"

struct reread_counts {
    int fresh;
    int changed;
    int gone;
    int same;
    const char *setting; /* of `agent` that differs; static; NULL: none */
};

/*
 * Everything that `path` asks for is built beside `running` and taken down again: no state, no network, nothing of `running` is
 * touched. What differs is logged, a line for each unit that does. options: those that running was opened with.
 * An error when a start with it would fail, for the reason in err. Control's thread, which waits for it.
 */
int reread_policy(const char *path, struct agent *running, const struct plan_settings *settings,
                  const struct agent_options *options, struct reread_counts *ret_counts,
                  struct cxd_error *err);
/* The same for a signal: the outcome is one line in the log. */
void reread_log(const char *path, struct agent *running, const struct plan_settings *settings,
                const struct agent_options *options);
