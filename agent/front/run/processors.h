/* processors.h: the processors of a policy as a chain: modules found, options checked, conditions and branches compiled. */
#pragma once

#include "config/plan.h"
#include "gate/catalog.h"
#include "pipeline/chain.h"

/* All borrowed. */
struct processors_spec {
    const struct catalog *catalog;
    struct chain *chain;
    const struct self_ops *ops; /* of the instances, with their owner */
    void *owner;
    int is_fqdn;           /* options named `fqdn` get this machine's fully qualified name */
    const struct conf *at; /* where to point when an item has no place of its own */
};

/* The list in its order. CXD_CONFIG: "file:line: ...". What was added before a failure stays, for chain_done. */
int processors_build(const struct processors_spec *spec, const struct plan_processor *first,
                     struct cxd_error *err);
/* The same from a list of items (or a single one) as it stands in a policy. */
int processors_read(const struct processors_spec *spec, const struct conf *items,
                    struct cxd_error *err);
/* One more at the end; conf: its options, or NULL. */
int processors_add(const struct processors_spec *spec, const char *type, const struct conf *conf,
                   struct cxd_error *err);
