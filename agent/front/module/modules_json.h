/* modules_json.h: the catalog as JSON, for programs. */
#pragma once

#include "base/buf.h"
#include "gate/catalog.h"

/*
 * {"abi":"1.1","modules":[{kind,name,version,summary,path,abi,aliases,options?}..],"refused":[{path,reason}..]} and a newline.
 * CXD_NOMEM, CXD_TOO_LARGE.
 */
int modules_json(struct buf *out, const struct catalog *catalog, int has_options);
