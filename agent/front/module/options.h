/* options.h: an option table for people and for programs. */
#pragma once

#include "base/buf.h"
#include "cxd/option.h"

/* A line for each option: name, type, meaning, default. Prints on standard output. */
void options_print(const struct cxd_option *table, int indent);
/* Appends [{name,type,help,default?,required?,secret?,advanced?,options?}..]. CXD_NOMEM, CXD_TOO_LARGE. */
int options_json(struct buf *out, const struct cxd_option *table);
