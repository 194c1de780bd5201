/* request.h: requests as maps, for those who make others of them. */
#pragma once

#include "../lang/services.h"
#include "catalog.h"

/* The map with one member set. */
struct value request_with(struct run *run, const struct dict *from, struct value key,
                          struct value v);
/* Method, URL, headers and body of a request's map, borrowed from it; headers has room for most. Null, or an error. */
struct value request_read(struct run *run, const struct dict *map, struct services_request *ret,
                          struct services_header *headers, size_t most);
