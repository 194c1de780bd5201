/*
 * turnover.h: the steps of a change: what is_leaving marks ends and goes, what the plan has and the lists have not is built. For
 * apply.c and agent.c; control's thread.
 */
#pragma once

#include "cxd/status.h"

struct agent;
struct plan;

/* The inputs that leave end; what they have on its way is waited for up to the shutdown_timeout of the plan that runs, or until the
 * agent stops. Then the outputs that leave are stopped. */
void turnover_stop(struct agent *a);
/* Out of the lists, and freed; a stream of which batches are still on their way to an output that stays is retired. */
void turnover_free(struct agent *a);
/* Builds and links what is missing, in the plan's order; not started. After an error the lists are whole, without some. */
int turnover_build(struct agent *a, const struct plan *plan, struct cxd_error *err);
/* Retired streams that nothing points to any more; is_end: all of them, when no worker runs any more. */
void turnover_retired_free(struct agent *a, int is_end);
