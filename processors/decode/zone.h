/* zone.h: time zones by name, out of the system's files (TZif). Read once; afterwards pure, any thread. */
#pragma once

#include "lib/base.h"

struct zone;

/* "Europe/Berlin", or "Local": the machine's own. In the instance's memory. CXD_CONFIG: there is no such zone. */
int zone_read(struct base *b, struct cxd_bytes name, const struct zone **ret_zone,
              struct cxd_error *err);
/* Seconds east of UTC at that time of the zone's own clocks. An hour that comes twice counts as its first, one that is left out as if
 * the clocks had not been moved yet. */
int zone_offset_local(const struct zone *zone, int64_t local_seconds);
/* The same at a time in UTC. */
int zone_offset(const struct zone *zone, int64_t seconds);
