/*
 * reporter.h: which policy this agent runs, told to an output (agent.report): a document at the start, at each change, each period and
 * at the end. So one
 * search over all agents says who runs what. Reports are not kept: when the output is away the next one tells what is so then.
 */
#pragma once

#include "front/watch/metrics.h"

struct reporter;

/* Starts its thread when the policy wants reports; else *ret_reporter is NULL. from and what it points to are borrowed. */
int reporter_open(const struct metrics_source *from, int64_t period_ms,
                  struct reporter **ret_reporter, struct cxd_error *err);
/* Sends the last one, for which there are 2 s, then ends the thread. Accepts NULL. Before agent_close. */
void reporter_close(struct reporter *r);
/* One report as a document, appended to out; now_ms: wall clock. */
int reporter_document(const struct metrics_source *from, int64_t now_ms, struct buf *out);
