/*
 * zone.h: time zones by name (from the system's zone files) and by offset. Nothing is kept; a file is read for each look-up, at
 * most ZONE_FILE_MAX bytes of it.
 */
#pragma once

#include <cxd/abi.h>
#include <stdbool.h>
#include <stdint.h>

#define ZONE_FILE_MAX 65536

/* Seconds east of UTC that the zone has at the instant: "UTC", "Europe/Vienna", "02:00", "-09:30". False: unknown zone. */
bool zone_offset(struct cxd_bytes name, int64_t seconds, int32_t *ret_offset);
