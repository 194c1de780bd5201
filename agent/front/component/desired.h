/*
 * desired.h: the units that Elastic Agent wants, as a policy that the agent's own reader takes: so they go through the same plan, checks and
 * changes as a file. Each input stands on a line of its own: places in errors and in the plan say which unit is meant.
 */
#pragma once

#include "front/component/expected.h"

#define DESIRED_NAME "elastic-agent" /* the policy's file name in places */

/* Units without a configuration take it from `before`, where it was kept; before is emptied of those. */
void desired_complete(struct expected *now, struct expected *before);
/* The policy. lines[i]: the line of unit i, 0 when it is not in it (an output has one, too). CXD_NOT_FOUND: no output is wanted. */
int desired_write(const struct expected *e, const char *data_path, struct buf *out,
                  int lines[EXPECTED_UNITS_MAX]);
