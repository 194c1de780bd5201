/*
 * import.h: what Filebeat had stored of a bucket, until a complete listing has told which objects that means.
 *
 * Its state is the greatest name and the youngest `updated` of the objects that it finished, and the names of those that failed. It goes on
 * with what is younger or has a greater name (elastic/beats, x-pack/filebeat/input/gcs, 2026); everything else counts as done. Objects
 * that it lost by that rule are lost here too: ours would read all that it has delivered a second time. Pure.
 */
#pragma once

#include "list.h"

#define IMPORT_MAX (1u << 20) /* bytes of its JSON */

struct import;

/* NULL in *ret_import: it had finished nothing. CXD_UNSUPPORTED: not a state that this version knows; CXD_NOMEM. */
int import_read(const struct heap *h, struct cxd_bytes json, struct import **ret_import,
                struct cxd_error *err);
/* Filebeat is done with it. */
bool import_has(const struct import *import, const struct object *object);
struct cxd_bytes import_json(const struct import *import); /* as it was read */
void import_free(struct import *import);                   /* accepts NULL */
