/* stamp.h: RFC 3339 times as the storage API writes them. Pure. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* "2026-01-02T03:04:05.678Z" or with +hh:mm; finer digits are cut. Milliseconds since 1970; false when it is not one. */
bool stamp_parse(const char *ptr, size_t len, int64_t *ret_ms);
