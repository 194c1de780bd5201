/* plan_pick.h: what of a policy is left out, and what is not known in it; for plan.c. */
#pragma once

#include "config/plan.h"

/* `enabled` of an input, stream or output: 1, 0, or CXD_CONFIG. */
int plan_is_enabled(const struct conf *map, struct cxd_error *err);
/*
 * Whether an input or a stream (with its input) takes part: 1; 0: it is disabled, its condition is false, or, of an input, a
 * variable in it has no value. CXD_CONFIG: its condition is none, with file and line.
 */
int plan_pick(const struct conf *node, const struct conf *input, struct arena *arena,
              struct cxd_error *err);
/* How many inputs are left out as a variable has no value: warn is called for each, err says it of the first. */
int plan_left_out(const struct conf *inputs, struct arena *arena, plan_warn_fn warn,
                  struct cxd_error *err);
/* Names every key that neither the agent nor Fleet knows, but for modules' options. */
void plan_unknown_warn(const struct conf *root, plan_warn_fn warn);
/* What a policy exported from Fleet can not bring along: a line for its secrets. */
void plan_secrets_warn(const struct conf *root, plan_warn_fn warn);
