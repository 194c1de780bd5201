/*
 * chain.h: event -> processors. Instances in order, each stream its own; the input's thread. Between them may stand tests and
 * jumps, which only lead forward: if COND then A else B is test, A, jump, B.
 */
#pragma once

#include "cxd/module.h"
#include "gate/self.h"
#include "pipeline/condition.h"

#include <stddef.h>

#define CHAIN_MAX 64
#define CHAIN_STEPS_MAX (6 * CHAIN_MAX)

struct chain_link {
    const struct cxd_module *module;
    const struct cxd_processor_ops *ops;
    struct cxd_self self;
    char subject[64];
    void *instance;
};

struct chain_step {
    struct chain_link *link;           /* runs it; NULL: a test or a jump */
    const struct condition *condition; /* of a test: where it does not hold, on to target */
    size_t target;
};

struct chain {
    struct chain_link *links;
    size_t count;
    struct chain_step *steps;
    size_t step_count;
    struct condition_pool *pool; /* NULL: no conditions yet */
    const struct cxd_host *host;
    const atomic_int *stopping;
};

void chain_init(struct chain *c, const struct cxd_host *host, const atomic_int *stopping);
/* Opens one more processor at the end. ops: health and counters of the stream, with their owner. */
int chain_add(struct chain *c, const struct cxd_module *module, struct cxd_bytes options,
              const struct self_ops *ops, void *owner, struct cxd_error *err);
/* Where the chain's conditions are made; NULL: no memory. */
struct condition_pool *chain_conditions(struct chain *c);
/* Adds a test (condition of the chain's pool) or, for NULL, a jump. Both lead nowhere before chain_land says where: behind what
 * is added last then. */
int chain_branch(struct chain *c, const struct condition *condition, size_t *ret_step,
                 struct cxd_error *err);
void chain_land(struct chain *c, size_t step);
/* CXD_KEEP, CXD_DISCARD, or negative: err says which processor and why; the event is then a dead letter. */
int chain_run(struct chain *c, struct cxd_event *ev, struct cxd_error *err);
void chain_done(struct chain *c);
