/* policy.h: a policy file read for a command: tree and plan in one arena. */
#pragma once

#include "config/plan.h"
#include "config/provide.h"

struct policy {
    struct arena *arena;
    struct conf *root;
    struct plan *plan;
    struct providers *providers; /* of its variables; NULL: it was not read */
};

/* The two steps of policy_read: the file as a tree, and the plan of a tree. Likewise. */
int policy_tree_read(const char *path, struct policy *ret_policy, struct cxd_error *err);
int policy_plan_read(struct policy *policy, struct cxd_error *err);
/* A negative status when the file cannot be used: err says why, with file and line. policy_done in any case. */
int policy_read(const char *path, struct policy *ret_policy, struct cxd_error *err);
/* policy_read of a text; name stands for the file's in places. Variables are looked up by the usual providers, the keystore not among them. */
int policy_text_read(const char *name, struct cxd_bytes text, struct policy *ret_policy,
                     struct cxd_error *err);
/* Complains on standard error and gives a negative status when the file cannot be used. policy_done in any case. */
int policy_load(const char *path, struct policy *ret_policy);
/* The state folder: the one that was named, or that of the policy, whose tree is read for it into *policy (empty before).
 * policy_done in any case, when the folder is not needed any more. */
struct command_common;
int policy_folder(const struct command_common *common, struct policy *policy,
                  const char **ret_folder);
void policy_done(struct policy *p);
