/* policy.h: a policy file read for a command: tree and plan in one arena. */
#pragma once

#include "config/plan.h"

struct policy {
    struct arena *arena;
    struct conf *root;
    struct plan *plan;
};

/* Complains on standard error and gives a negative status when the file cannot be used. policy_done in any case. */
int policy_load(const char *path, struct policy *ret_policy);
void policy_done(struct policy *p);
