/* policy_show.h: a policy's tree for `cortexd policy show`. What came from the keystore or a file is masked; all else that is secret is left
 * to the redactor. 0, CXD_NOMEM, CXD_TOO_LARGE. */
#pragma once

#include "base/buf.h"
#include "config/conf.h"

/* As YAML, a value a line. */
int policy_tree_show(const struct conf *root, struct buf *out);
/* As one line of JSON. */
int policy_tree_json(const struct conf *root, struct buf *out);
