/*
 * shape.h: what Beats' common keys do to an event's tree: a policy's fields laid over it, nulls taken out. The input's thread.
 */
#pragma once

#include "cxd/event.h"

/* Lays a JSON object over the document, objects into objects, all else replacing. json is borrowed as long as the event or a
 * stamp made from it lives, and its names hold no escapes. CXD_NOMEM, CXD_TOO_LARGE, CXD_MALFORMED, CXD_TOO_DEEP. */
int shape_lay(struct cxd_event *ev, struct cxd_bytes json);
/* Takes members that are null out of all objects; elements of lists stay. Members of the document before and including
 * `known` that are text hold none. CXD_NOMEM, CXD_TOO_LARGE, CXD_MALFORMED, CXD_TOO_DEEP. */
int shape_drop_nulls(struct cxd_event *ev, const struct cxd_node *known);
