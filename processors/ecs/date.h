/*
 * date.h: points in time: epoch milliseconds and ISO 8601 in, one form out.
 *
 * Pure; any thread. Texts are not terminated. ret_ms is set on success only. Named time zones other than Z, UTC, UT and GMT
 * are not known here: that needs a time zone database.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DATE_ROOM 40

/* A signed decimal integer of milliseconds since 1970. */
bool date_parse_epoch(const char *text, size_t len, int64_t *ret_ms);
/* YYYY[-MM[-DD]][T[hh[:mm[:ss[.fraction]]]][zone]]; no zone is UTC; finer than milliseconds is cut. */
bool date_parse_iso(const char *text, size_t len, int64_t *ret_ms);
/* YYYY-MM-DDThh:mm:ss.mmmZ; years beyond 9999 with a sign. Returns the length. */
size_t date_print(int64_t ms, char *out);
