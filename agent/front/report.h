/* report.h: one unit's state as JSON, for statistics and status. */
#pragma once

#include "base/buf.h"
#include "pipeline/unit.h"

/* Appends {"id", "kind", "state", "message", "metrics"} to a list that was begun in out, with a comma when it is not the first. */
int report_unit(struct buf *out, struct unit *u, const char *kind);
