/* store_open.h: the cursors where the policy keeps them (agent.state): as a registry, for commands. Control's thread. */
#pragma once

#include "front/policy.h"
#include "pipeline/registry.h"

struct command_common;
struct cursor_store;

/* 1: this policy's cursors lie in an output's destination. */
int cursor_store_is(const struct policy *policy);
/*
 * policy has a plan. The registry has the cursors of all the policy's streams; it is the store's, which must outlive it. Nothing of it is
 * written but by registry_flush. CXD_CONFIG and others: the policy is wrong, or the destination does not answer.
 */
int cursor_store_open(const struct command_common *common, const struct policy *policy,
                      struct cursor_store **ret_store, struct registry **ret_registry,
                      struct cxd_error *err);
void cursor_store_close(struct cursor_store *s); /* the registry too; accepts NULL */
