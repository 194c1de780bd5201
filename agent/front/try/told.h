/* told.h: what a check of a policy found, as one line of JSON, for programs. Control's thread; all print on standard output. */
#pragma once

#include "base/buf.h"
#include "config/plan.h"
#include "cxd/status.h"

/* {"ok":true,"streams":[{"id","type","index","output","mapping"}],"outputs":[{"name","type","used"}]}. An exit code, as the next. */
int told_plan(const struct plan *plan);
/* {"ok":false,"error":"..."}; secrets are masked. */
int told_error(const struct cxd_error *err);
/* Appends "key":"text" with a comma before it when something stands there already. */
int told_text(struct buf *out, const char *key, const char *text);
/* Masks secrets, prints the line and frees its memory. */
int told_print(struct buf *line, int status);
