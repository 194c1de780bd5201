/* diagnose.h: what a person who looks for a fault wants to see of a component, as files; secrets are not in them. Control's thread. */
#pragma once

#include "front/component/action.h"
#include "front/component/component_inner.h"

/* The whole answer to an action, a refusal among them, appended to out. CXD_NOMEM, CXD_TOO_LARGE. */
int component_answer(struct component *c, const struct action *action, struct buf *out);
/* A configuration (JSON) as JSON without its secrets: values of names that sound secret, and values that are known as such. CXD_CONFIG and
 * others: it cannot be read. */
int diagnose_config(struct cxd_bytes source, struct buf *out);
