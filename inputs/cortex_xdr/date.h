/* date.h: the Date of a reply, from which the tenant's clock is known. Pure. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* "Sun, 06 Nov 1994 08:49:37 GMT" (the one form that is still sent) in ms since 1970; false: NULL, or anything else. */
bool date_parse(const char *text, int64_t *ret_ms);
