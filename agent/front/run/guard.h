/*
 * guard.h: a stop has an end, whatever a module does. Each step of it is named here when it begins; one that does not come back
 * in time ends the process, and the log says which. What was not acknowledged by then comes again.
 */
#pragma once

#include <stdint.h>

#define GUARD_SPARE_MS 3000 /* beyond the wait for acknowledgements */

/* From now on no step may take longer than limit_ms; else the process ends with `code`. Once; without a thread there is no guard. */
void guard_on(int64_t limit_ms, int code);
/* The step that begins: "input", its id, its module. Any thread; costs nothing while no guard is on. */
void guard_at(const char *kind, const char *id, const char *module);
void guard_off(void);
