/*
 * desired.h: the units that Elastic Agent wants, as a policy that the agent's own reader takes: so they go through the same plan, checks and
 * changes as a file. Each input stands on a line of its own: places in errors and in the plan say which unit is meant.
 */
#pragma once

#include "front/component/expected.h"

#define DESIRED_NAME "elastic-agent" /* the policy's file name in places */

#define DESIRED_OUTPUT_LINE 2

struct desired_options {
    const char *data_path;
    int (*is_left_out)(void *owner, const char *id);
    void *owner;
};

/* Units without a configuration take it from `before`, where it was kept; before is emptied of those. They are put in order, as Elastic
 * Agent sends them in another one each time: the same units are the same policy. */
void desired_complete(struct expected *now, struct expected *before);
/*
 * The policy. lines[i]: the line of unit i, 0 when it is not in it (an output has one, too: DESIRED_OUTPUT_LINE). An input for which
 * is_left_out (may be NULL) says 1 is not in it. Without a wanted output there are no inputs in it; CXD_NOT_FOUND: nor was there ever one.
 */
int desired_write(const struct expected *e, const struct desired_options *options, struct buf *out,
                  int lines[EXPECTED_UNITS_MAX]);
