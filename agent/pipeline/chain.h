/*
 * chain.h: event -> processors. Instances in order, each stream its own; the input's thread.
 */
#pragma once

#include "cxd/module.h"
#include "gate/self.h"

#include <stddef.h>

#define CHAIN_MAX 64

struct chain_link {
    const struct cxd_module *module;
    const struct cxd_processor_ops *ops;
    struct cxd_self self;
    char subject[64];
    void *instance;
};

struct chain {
    struct chain_link *links;
    size_t count;
    const struct cxd_host *host;
    const atomic_int *stopping;
};

void chain_init(struct chain *c, const struct cxd_host *host, const atomic_int *stopping);
/* Opens one more processor at the end. ops: health and counters of the stream, with their owner. */
int chain_add(struct chain *c, const struct cxd_module *module, struct cxd_bytes options,
              const struct self_ops *ops, void *owner, struct cxd_error *err);
/* CXD_KEEP, CXD_DISCARD, or negative: err says which processor and why; the event is then a dead letter. */
int chain_run(struct chain *c, struct cxd_event *ev, struct cxd_error *err);
void chain_done(struct chain *c);
