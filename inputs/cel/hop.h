/* hop.h: where a redirect leads. Pure; texts live in the pool. */
#pragma once

#include "lang/pool.h"

#include <cxd/abi.h>
#include <stdbool.h>

/* The URL that `location` means when found at `from`, with a NUL behind it; NULL: no memory. */
char *hop_url(struct pool *pool, const char *from, const char *location);
/* Another host or port, or from https to something else? */
bool hop_is_away(const char *from, const char *to);
