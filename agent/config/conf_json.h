/* conf_json.h: scalars of a policy as JSON. 0, CXD_NOMEM, CXD_TOO_LARGE. */
#pragma once

#include "base/buf.h"
#include "config/conf.h"

/* Appended as a JSON string. */
int conf_json_text(struct buf *out, const char *ptr, size_t len);
/* A plain scalar as YAML's core schema types it; a quoted one is a string. */
int conf_json_scalar(struct buf *out, const struct conf *c);
