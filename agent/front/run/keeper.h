/*
 * keeper.h: cursors kept by an output's destination in place of the state folder (agent.state), for agents without a disk.
 *
 * Each stream's cursor is one document, in base64, written only over the version that was read: of two runs with the same stream one
 * moves the cursor, and the other's stream ends. What a run delivers twice, document ids keep from being stored twice.
 */
#pragma once

#include "front/run/output.h"

struct keeper;
struct registry;

/* plan->settings has state_output. Built, and its options checked; nothing is opened. */
int keeper_build(const struct plan *plan, const struct catalog *catalog, struct units *units,
                 struct keeper **ret_keeper, struct cxd_error *err);
/* Opens the instance, and a registry on it. CXD_CONFIG: this output keeps nothing. */
int keeper_open(struct keeper *k, int64_t flush_ms, struct dead *dead,
                struct registry **ret_registry, struct cxd_error *err);
/* Of the plan that keeper_build got: 1 while it points into it. */
int keeper_uses(const struct keeper *k, const struct plan *plan);
/* Ends a request that is under way; any thread. */
void keeper_interrupt(struct keeper *k);
void keeper_free(struct keeper *k); /* after registry_close; accepts NULL */
