/* when.h: a condition of a policy, compiled into a chain's pool. */
#pragma once

#include "config/conf.h"
#include "pipeline/chain.h"

/* One condition: {equals: {...}}, {and: [...]}, .. dotted or nested. CXD_CONFIG: "file:line: ...". */
int when_read(struct chain *chain, const struct conf *node, const struct condition **ret_condition,
              struct cxd_error *err);
/* The `when` among a processor's options; untouched when there is none. options may be NULL. */
int when_read_options(struct chain *chain, const struct conf *options,
                      const struct condition **ret_condition, struct cxd_error *err);
