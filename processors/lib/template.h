/* template.h: values of a policy as nodes of an instance: JSON text, with the members of objects beside it for merging. */
#pragma once

#include "lib/base.h"

#define TEMPLATE_DEPTH_MAX 32

/* Any option as content (see edit.h). splits: a dotted key is objects within each other. CXD_CONFIG. */
int template_read(struct base *b, const struct cxd_scalar *value, bool splits,
                  struct cxd_node *ret_content, struct cxd_error *err);
/* An object's leaves, each under its dotted name: {a: {b: 1}, c: [x]} is "a.b": 1, "c.0": x. */
int template_flatten(struct base *b, struct cxd_bytes doc, struct cxd_node *ret_content,
                     struct cxd_error *err);
