/*
 * jsonpath.h: the part of JSONPath that chains use: $.a.b, ['a'], [3], [*], [:], [1:3] and .*; no filters, no recursion.
 */
#pragma once

#include "lib/tree.h"

/*
 * The scalars that path finds, as a list node of texts in r (numbers by their text). CXD_CONFIG: the path is not understood;
 * CXD_TOO_LARGE beyond `max` values.
 */
int jsonpath_values(struct region *r, struct tree *root, struct cxd_bytes path, size_t max,
                    struct tree **ret_list, struct cxd_error *err);
