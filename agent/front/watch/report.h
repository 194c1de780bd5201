/* report.h: one unit's state as JSON, for statistics and status. */
#pragma once

#include "base/buf.h"
#include "pipeline/unit.h"

/* Appends the text as a JSON string. */
int report_text(struct buf *out, const char *text);
/* Appends {"events_..": 1, ...}: all counters of the unit. */
int report_counters(struct buf *out, struct unit *u);
/* Appends {"id", "kind", "state", "message", "metrics"} to a list that was begun in out, with a comma when it is not the first. */
int report_unit(struct buf *out, struct unit *u, const char *kind);
